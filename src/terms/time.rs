//! Time. Inside a call it is [`Ms`], milliseconds since the call's first INVITE; wall time comes only from [`Clock`].

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds since the call's first INVITE.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Ms(pub u64);

impl Ms {
    #[must_use]
    pub const fn after(self, ms: u64) -> Ms {
        Ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to here; 0 when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Ms) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl std::fmt::Display for Ms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

/// Why a machine asked to be woken, for the log.
pub type Why = &'static str;

/// The one source of wall time. Tests hold a fixed one and move it by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Clock(None)
    }

    /// A clock that stands still until [`Clock::set`] moves it.
    #[must_use]
    pub fn fixed(unix_ms: i64) -> Self {
        Clock(Some(Arc::new(AtomicI64::new(unix_ms))))
    }

    /// Moves a fixed clock; the system's clock ignores it.
    pub fn set(&self, unix_ms: i64) {
        if let Some(t) = &self.0 {
            t.store(unix_ms, Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn unix_ms(&self) -> i64 {
        match &self.0 {
            Some(t) => t.load(Ordering::SeqCst),
            None => jiff::Timestamp::now().as_millisecond(),
        }
    }
}
