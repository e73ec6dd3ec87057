use super::Lang;
use serde::{Deserialize, Serialize};

/// One line to be spoken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// What is said, variables filled in.
    pub text: String,
    pub lang: Lang,
    pub voice: String,
    /// Hundredths of the voice's normal speed (100 is normal), an integer so that lines can be compared.
    pub speed_percent: u16,
    /// A WAV beside the dialplan that is played instead of the voice.
    pub recording: Option<String>,
}
