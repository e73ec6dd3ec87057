//! Where a conversation is.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::plan::Hangup;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    /// Not answered yet.
    Before,
    /// The first words, which cannot be interrupted.
    Disclosing,
    /// At the current step.
    Talking,
    /// Another machine was asked, and the answer decides what follows.
    Asking,
    /// The current step's slot is being read back.
    Confirming,
    /// Asked when to call again.
    AskingCallback,
    /// An agent's phone rings, and the callee knows.
    Waiting,
    /// Nobody came, and the callee was asked something about it.
    NobodyAsked,
    /// Goes to this step after the line that is being said.
    Then(String),
    /// Hangs up after the line that is being said.
    Closing(Hangup),
    /// An agent speaks.
    Human,
    Over,
}
