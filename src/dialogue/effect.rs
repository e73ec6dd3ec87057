//! What the dialogue wants done.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::plan::HeaderValue;
use crate::terms::{Disposition, Expectation, Grade, Lang, Line};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Speak this line after whatever is being spoken; `Event::Said` or `Event::Interrupted` answers with the number.
    Say {
        say: u32,
        step: String,
        line: Line,
        interruptible: bool,
        /// An interruption that begins within so many milliseconds of the line is ignored.
        grace_ms: u64,
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
    /// Ask another machine; `Event::LookedUp` answers with the number.
    Lookup {
        id: u32,
        request: Request,
    },
    /// Ask the language model; `Event::ModelSaid` answers with the number.
    AskModel {
        id: u32,
        question: String,
        /// What the file knows: intent → answer.
        known: Vec<(String, String)>,
    },
    /// A field of the lead card has this value now.
    Card {
        field: String,
        value: String,
    },
    /// A lasting tag of the contact.
    Remember {
        tag: String,
        /// Take it away.
        forget: bool,
    },
    /// Something to do about this lead later. `at` is local civil time of the callee, `2026-11-23T15:00`.
    FollowUp {
        at: String,
        campaign: Option<String>,
        reason: String,
    },
    /// The conversation goes on in this language.
    Language(Lang),
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

/// An HTTP request of a `lookup:` step, variables filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    pub post: bool,
    pub headers: Vec<(String, HeaderValue)>,
    /// JSON text.
    pub body: Option<String>,
    pub timeout_ms: u64,
    /// Variable → JSON pointer into the answer.
    pub save: BTreeMap<String, String>,
}
