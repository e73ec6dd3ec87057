//! What the dialogue wants done.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::{Disposition, Expectation, Grade, Line};

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Speak this line after whatever is being spoken; `Event::Said` or `Event::Interrupted` answers with the number.
    Say {
        say: u32,
        step: String,
        line: Line,
        interruptible: bool,
    },
    /// Stop speaking at once (fade out); unspoken lines are dropped without an answer.
    StopSpeaking,
    /// What may be heard from now on.
    Expect(Expectation),
    /// The conversation is now at this step.
    Enter {
        step: String,
    },
    Intent {
        intent: String,
        score: f32,
        evidence: String,
    },
    Tag {
        tag: String,
        score: f32,
        evidence: String,
    },
    Slot {
        name: String,
        value: String,
        evidence: String,
    },
    Graded {
        grade: Grade,
        reasons: Vec<String>,
    },
    NoInput {
        count: u32,
    },
    NoMatch {
        count: u32,
    },
    /// Put the number on the do-not-call list. The engine keeps a hang-up back until that is on disk.
    OptOut {
        evidence: String,
    },
    /// `at` is local civil time of the callee, `2026-11-23T15:00`, when it could be resolved.
    Callback {
        evidence: String,
        at: Option<String>,
    },
    /// Put a human on the line while the conversation goes on.
    WantAgent {
        reason: String,
        skill: Option<String>,
    },
    /// Hang up once everything said so far was spoken.
    Hangup {
        disposition: Disposition,
        result: Option<String>,
    },
}
