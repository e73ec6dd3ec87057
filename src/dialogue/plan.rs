//! A dialplan as the machine reads it: every name resolved to something that [`check`](super::check) has seen exists.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::diagnostic::{At, Diagnostic};
use super::intent::{Classifier, Context, IntentSpec, Reading};
use super::slot::SlotKind;
use super::template::Template;
use crate::terms::{Disposition, Grade, Lang, TurnProfile};
use std::collections::BTreeMap;

/// One conversation, loaded and checked. Made only by [`Dialplan::parse`].
#[derive(Clone, Debug)]
pub struct Dialplan {
    pub name: String,
    pub version: String,
    pub lang: Lang,
    pub voice: Voice,
    /// `company` and everything under `values:`.
    pub values: BTreeMap<String, String>,
    /// Words the voice says in the file's own way.
    pub pronounce: BTreeMap<String, Pronounced>,
    /// The lead's columns this file uses.
    pub lead: BTreeMap<String, LeadField>,
    pub profile: Profile,
    /// The first words; never interruptible.
    pub disclosure: Prompt,
    pub start: Ref,
    /// Tags that an intent brings by being heard.
    pub intent_tags: BTreeMap<String, Vec<String>>,
    /// Built-in intents and the file's own, merged.
    pub intents: BTreeMap<String, IntentSpec>,
    pub steps: BTreeMap<String, Step>,
    /// Intent → answer, asked anywhere.
    pub globals: BTreeMap<String, Action>,
    /// Said between a global's answer and the question the callee is brought back to.
    pub back: Prompt,
    pub busy: Busy,
    pub opt_out: Prompt,
    pub no_input: Ladder,
    /// Silence after a question before the ladder speaks, ms.
    pub no_input_after_ms: u64,
    pub no_match: Ladder,
    pub robot_question: Action,
    pub wrong_number: Action,
    pub abuse: Action,
    /// Said when nothing else ends the call: too many turns, an agent who left.
    pub goodbye: Prompt,
    pub retention: Option<Retention>,
    pub handoff: Handoff,
    pub grade: Vec<GradeRule>,
    pub max_turns: u32,
    /// Trained last, when nothing else is wrong with the file.
    pub(super) classifier: Option<Classifier>,
    pub warnings: Vec<Diagnostic>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    pub name: String,
    pub speed_percent: u16,
}

/// How a word is said: pinyin with tone digits, the voice's symbols between slashes, or words that sound like it. What
/// can be said the voice knows; the place is for its complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pronounced {
    pub said: String,
    pub at: At,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadField {
    pub required: bool,
    pub default: Option<String>,
}

/// Whose law the call obeys.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Profile {
    Cn,
    Us,
    Uk,
    Eu,
    In,
}

/// A name that must exist elsewhere in the file, with its place.
#[derive(Clone, Debug, Default)]
pub struct Ref {
    pub name: String,
    pub at: At,
}

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
    /// Done on entering; its `say` is empty. `goto` here means the step goes on after speaking.
    pub enter: Action,
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
    /// Where to go when the slot is filled.
    pub then: Ref,
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
}

impl Action {
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hangup {
    pub disposition: Disposition,
    pub result: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Busy {
    pub say: Prompt,
    /// The slot that keeps the time.
    pub slot: String,
    pub done: Prompt,
    pub unclear: Prompt,
}

/// Lines for the first, second … time, then an end.
#[derive(Clone, Debug)]
pub struct Ladder {
    pub lines: Vec<Prompt>,
    pub end: Prompt,
    pub hangup: Hangup,
}

#[derive(Clone, Debug)]
pub struct Retention {
    /// The intents it answers.
    pub on: Vec<String>,
    pub say: Prompt,
    pub once: bool,
}

#[derive(Clone, Debug)]
pub struct Handoff {
    /// Any of these brings a human; the intent `human` always does.
    pub grade: Option<Grade>,
    pub tags: Vec<String>,
    pub intents: Vec<String>,
    pub skill: Option<String>,
    pub line: Prompt,
    pub while_waiting: Vec<Prompt>,
    pub nobody: Nobody,
}

/// What happens when no agent comes.
#[derive(Clone, Debug)]
pub struct Nobody {
    pub say: Prompt,
    pub callback: bool,
    pub disposition: Disposition,
    /// Go on with the conversation instead of ending it.
    pub goto: Option<Ref>,
}

#[derive(Clone, Debug)]
pub struct GradeRule {
    pub grade: Grade,
    pub when: When,
    pub reason: String,
}

/// A condition; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct When {
    pub all: Vec<Ref>,
    pub any: Vec<Ref>,
    pub none: Vec<Ref>,
    /// Slots that must be filled.
    pub slots: Vec<Ref>,
    /// Steps that must have been reached.
    pub steps: Vec<Ref>,
    pub turns_at_least: Option<u32>,
    pub turns_at_most: Option<u32>,
}

/// A lead, as far as the conversation needs it.
#[derive(Clone, Debug, Default)]
pub struct Lead {
    pub vars: BTreeMap<String, String>,
    /// The callee's civil time when the call began, for words like 后天.
    pub now_local: jiff::civil::DateTime,
}

impl Dialplan {
    /// What words may mean here, best first. `expected` are the intents that the open question waits for.
    #[must_use]
    pub fn read(&self, text: &str, expected: &[String]) -> Vec<Reading> {
        let context = Context {
            expected,
            ..Context::default()
        };
        self.classifier
            .as_ref()
            .map(|c| c.read(text, &context))
            .unwrap_or_default()
    }

    /// The file's own pronunciations: word → how it is said.
    #[must_use]
    pub fn words(&self) -> BTreeMap<String, String> {
        self.pronounce
            .iter()
            .map(|(word, p)| (word.clone(), p.said.clone()))
            .collect()
    }

    /// The required columns that `vars` lacks or leaves empty.
    #[must_use]
    pub fn missing(&self, vars: &BTreeMap<String, String>) -> Vec<String> {
        self.lead
            .iter()
            .filter(|(name, field)| {
                field.required
                    && field.default.is_none()
                    && vars.get(*name).is_none_or(|v| v.trim().is_empty())
            })
            .map(|(name, _)| name.clone())
            .collect()
    }
}
