//! Who may say that a turn is over, or that it is not, beside silence.
//!
//! A voter never ends a turn by itself: [`super::closing`] turns its vote into the silence that is waited for, and the step's
//! profile stays the upper bound. An acoustic model of turn ends (Smart Turn and its like) would implement the same trait; none is
//! shipped, because none has beaten the words on the bench.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::ending::{Ending, ending};
use crate::audio::Frame;
use crate::terms::Lang;

/// What a voter thinks of a pause.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Vote {
    /// The callee will go on.
    GoesOn,
    Unknown,
    /// The callee has finished.
    Done,
}

/// Judges pauses of one call.
pub trait EndVoter: Send {
    fn name(&self) -> &'static str;
    /// A new stretch of speech.
    fn begin(&mut self) {}
    /// More of its sound, ears path.
    fn audio(&mut self, _frame: &Frame) {}
    /// The callee paused after these words.
    fn vote(&mut self, text: &str, lang: Lang) -> Vote;
}

/// Votes by the last words alone.
#[derive(Copy, Clone, Debug, Default)]
pub struct TextVoter;

impl EndVoter for TextVoter {
    fn name(&self) -> &'static str {
        "words"
    }

    fn vote(&mut self, text: &str, lang: Lang) -> Vote {
        match ending(text, lang) {
            Ending::Unfinished => Vote::GoesOn,
            Ending::Plain => Vote::Unknown,
            Ending::Finished => Vote::Done,
        }
    }
}
