//! What the current step expects to hear. The dialogue makes it, the hearing uses it; neither knows the other.

use super::Lang;
use serde::{Deserialize, Serialize};

/// How long a pause ends the callee's turn.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnProfile {
    /// An open question: 700 ms of silence.
    #[default]
    Open,
    /// Yes, no, or one of a few short choices: 400 ms.
    YesNo,
    /// Digits, numbers, dates and addresses, said with gaps: 1200 ms.
    Digits,
}

impl TurnProfile {
    /// Milliseconds of silence that end a turn, the product's default.
    #[must_use]
    pub const fn silence_ms(self) -> u64 {
        match self {
            TurnProfile::Open => 700,
            TurnProfile::YesNo => 400,
            TurnProfile::Digits => 1200,
        }
    }
}

/// A phrase that may be said now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    pub text: String,
    /// What it amounts to: the intent or choice it stands for. Phrases of one meaning never compete with each other.
    pub meaning: String,
}

/// A field of digits that is asked for now.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigitField {
    /// Fewest and most digits, inclusive.
    pub least: u8,
    pub most: u8,
}

/// What may be said now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    pub lang: Lang,
    pub profile: TurnProfile,
    /// Overrides the profile's silence when the dialplan sets its own.
    pub silence_ms: Option<u64>,
    /// Example phrases of every branch, the slot's choices, the globals and the opt-out, for engines that can score candidates
    /// or take hotwords; the open question's own come first.
    pub phrases: Vec<Phrase>,
    /// The question asks for a string of digits.
    pub digits: Option<DigitField>,
    /// The callee may talk over what is being said now.
    pub interruptible: bool,
}

impl Expectation {
    /// Milliseconds of silence that end this turn.
    #[must_use]
    pub fn end_silence_ms(&self) -> u64 {
        self.silence_ms.unwrap_or(self.profile.silence_ms())
    }
}
