//! Steps and what they are made of: prompts, branches, slots, lookups.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::rules::When;
use super::{Hangup, Ref};
use crate::dialogue::diagnostic::At;
use crate::dialogue::slot::SlotKind;
use crate::dialogue::template::Template;
use crate::terms::{Disposition, Grade, Lang, TurnProfile};
use std::collections::BTreeMap;

/// Something said: alternatives, chosen in turn.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    pub variants: Vec<Variant>,
}

#[derive(Clone, Debug)]
pub struct Variant {
    pub text: Template,
    /// A WAV beside the dialplan.
    pub recording: Option<String>,
    pub interruptible: bool,
    /// An interruption that begins within so many milliseconds of the line is ignored.
    pub grace_ms: u64,
    /// Said in this language only; `None` in any.
    pub lang: Option<Lang>,
    /// Said only where it holds, and then before those without.
    pub when: Option<When>,
    pub at: At,
}

/// One node of the conversation.
#[derive(Clone, Debug)]
pub struct Step {
    pub at: At,
    pub say: Option<Prompt>,
    pub listen: TurnProfile,
    pub silence_ms: Option<u64>,
    pub on: BTreeMap<String, Action>,
    pub keys: BTreeMap<char, Action>,
    pub otherwise: Option<Action>,
    pub slot: Option<SlotAsk>,
    /// After speaking: the first whose condition holds is done.
    pub branch: Vec<Branch>,
    pub lookup: Option<Lookup>,
    /// Asked here when a yes or no stays doubtful, instead of the file's own.
    pub doubt: Option<Prompt>,
    /// Done on entering; its `say` is empty. `goto` here means the step goes on after speaking.
    pub enter: Action,
}

#[derive(Clone, Debug, Default)]
pub struct Branch {
    pub when: When,
    pub action: Action,
}

impl Step {
    /// True when the step waits for the callee's words.
    #[must_use]
    pub fn listens(&self) -> bool {
        !self.on.is_empty()
            || !self.keys.is_empty()
            || self.slot.is_some()
            || self.otherwise.is_some()
    }
}

#[derive(Clone, Debug)]
pub struct SlotAsk {
    pub name: String,
    pub kind: SlotKind,
    /// Read back for a yes.
    pub confirm: Option<Prompt>,
    /// Said when the words held no such value.
    pub reask: Option<Prompt>,
    pub valid: Valid,
    /// Said when a value was understood and is not allowed.
    pub invalid: Option<Prompt>,
    /// Where to go when the slot is filled.
    pub then: Ref,
}

/// What a slot's value must satisfy besides its type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Valid {
    /// Of numbers and amounts, inclusive.
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Of dates: at most so many days from today.
    pub within_days: Option<u32>,
    /// Of dates: 1 is Monday, 7 Sunday; empty means any.
    pub weekdays: Vec<i8>,
    /// Of times: minutes since midnight, first and last.
    pub hours: Option<(u16, u16)>,
    /// Of digits and phone numbers: how many, at least and at most.
    pub digits: Option<(u8, u8)>,
}

/// A question to another machine in the middle of the call.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub at: At,
    /// Variables in it are percent-encoded.
    pub url: Template,
    pub post: bool,
    pub headers: Vec<(String, HeaderValue)>,
    /// A JSON object of texts.
    pub body: Vec<(String, Template)>,
    pub timeout_ms: u64,
    pub filler: Option<Prompt>,
    /// Variable → JSON pointer (RFC 6901) into the answer.
    pub save: BTreeMap<String, String>,
    pub then: Ref,
    pub failed: Action,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderValue {
    Text(String),
    /// A secret: the environment variable's value after the prefix. It never stands in a file or a log.
    Env {
        prefix: String,
        name: String,
    },
}

/// What a branch does, in this order: tag, set, grade, say, then hand-off, hang-up or the next step.
#[derive(Clone, Debug, Default)]
pub struct Action {
    pub at: At,
    pub say: Option<Prompt>,
    pub tag: Vec<String>,
    pub set: BTreeMap<String, String>,
    pub grade: Option<Grade>,
    pub goto: Option<Ref>,
    pub hangup: Option<Hangup>,
    /// Wants a human; the skill asked for, if any.
    pub handoff: Option<Option<String>>,
    /// Keeps a callback, or asks for a time when the branch neither goes on nor hangs up.
    pub callback: bool,
    pub retention: Retain,
    /// Goes on in this language.
    pub lang: Option<Lang>,
    /// A side flow: goes there, and `returns` comes back to the very point left.
    pub call: Option<Ref>,
    pub returns: bool,
}

impl Action {
    /// It neither goes on, nor ends the call, nor asks anything: the callee answers at the same step.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.goto.is_none()
            && self.hangup.is_none()
            && self.handoff.is_none()
            && self.call.is_none()
            && !self.callback
            && !self.returns
    }

    /// It ends the call because the callee wants no more calls: the engine then does what an opt-out takes.
    #[must_use]
    pub fn opts_out(&self) -> bool {
        self.tag.iter().any(|t| t == "opt_out")
            || self
                .hangup
                .as_ref()
                .is_some_and(|h| h.disposition == Disposition::OptOut)
    }
}

/// What a branch says about the retention line (挽留).
#[derive(Clone, Debug, Default)]
pub enum Retain {
    /// As the file's `retention:` says.
    #[default]
    Unsaid,
    Yes,
    No,
    /// Its own line.
    Own(Prompt),
}
