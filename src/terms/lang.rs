use serde::{Deserialize, Serialize};

/// A language the robot speaks and hears.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }

    /// The language that a list's cell names: a code, or the language's name in either language.
    #[must_use]
    pub fn named(word: &str) -> Option<Lang> {
        let word = word.trim().to_lowercase();
        match word.split(['-', '_']).next().unwrap_or_default() {
            "zh" | "cn" | "cmn" | "chinese" | "mandarin" | "中文" | "汉语" | "普通话" | "国语" => {
                Some(Lang::Zh)
            }
            "en" | "eng" | "english" | "英文" | "英语" => Some(Lang::En),
            _ => None,
        }
    }
}

impl std::fmt::Display for Lang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for Lang {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "zh" => Ok(Lang::Zh),
            "en" => Ok(Lang::En),
            other => Err(format!("language {other:?} is not known; use zh or en")),
        }
    }
}
