use serde::{Deserialize, Serialize};

/// The running lead grade, 意向等级: A is a hot lead, F is never call again.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    A,
    B,
    C,
    D,
    E,
    F,
}

impl Grade {
    /// True when `self` is at least as good as `other`.
    #[must_use]
    pub fn at_least(self, other: Grade) -> bool {
        self <= other
    }
}

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}
