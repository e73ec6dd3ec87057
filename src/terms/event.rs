//! What happened in a call, as data that travels upward: to the journal, the terminal, the desk and the web.

use super::{CallId, Disposition, Grade, HangupCause, Lang, LegId, Ms};
use serde::{Deserialize, Serialize};

/// One thing that happened, with the call and the time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallEvent {
    pub call: CallId,
    pub at: Ms,
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened. Serialised with a `kind` field; the journal keeps it so, hence names never change meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    Dialing {
        trunk: String,
        caller_id: String,
    },
    Ringing {
        code: u16,
    },
    EarlyMedia,
    /// Words heard before the answer (an announcement), with what they were taken for.
    LineStatus {
        words: String,
        status: String,
    },
    Answered,
    Step {
        step: String,
    },
    /// The robot began a line.
    Saying {
        step: String,
        text: String,
    },
    /// The robot finished a line, or was cut off after `spoken_ms`.
    Said {
        spoken_ms: u64,
        interrupted: bool,
    },
    SpeechStarted,
    /// Words that may still change.
    Partial {
        text: String,
    },
    /// The callee's final words. `latency_ms` runs from the callee's last speech frame to this text.
    Heard {
        text: String,
        confidence: f32,
        began: Ms,
        ended: Ms,
    },
    /// Speech that did not become words.
    NotUnderstood {
        why: String,
    },
    /// Speech over a prompt that was only a back-channel (嗯, uh-huh) and did not stop it.
    BackChannel {
        text: String,
    },
    Key {
        digit: char,
    },
    Intent {
        intent: String,
        score: f32,
        evidence: String,
    },
    Tag {
        tag: String,
        evidence: String,
        score: f32,
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
    /// The callee's turn ended and the robot's first frame left `ms` later.
    TurnLatency {
        ms: u64,
    },
    OptOut {
        evidence: String,
    },
    /// `at` is written as `due`, because every event has an `at` of its own.
    Callback {
        evidence: String,
        #[serde(rename = "due")]
        at: Option<String>,
    },
    /// A field of the lead card.
    Card {
        field: String,
        value: String,
    },
    /// A lasting tag given to the contact, or taken from it.
    ContactTag {
        tag: String,
        forget: bool,
    },
    /// `at` is written as `due`, the callee's local civil time.
    FollowUp {
        #[serde(rename = "due")]
        at: String,
        campaign: Option<String>,
        reason: String,
    },
    /// The conversation goes on in this language.
    Language {
        lang: Lang,
    },
    /// The dialplan asked another machine.
    Lookup {
        ok: bool,
        why: Option<String>,
    },
    AgentWanted {
        reason: String,
        skill: Option<String>,
    },
    AgentRinging {
        agent: String,
    },
    AgentAnswered {
        agent: String,
    },
    AgentGone {
        agent: String,
        why: String,
    },
    Bridged {
        agent: String,
    },
    Held {
        held: bool,
    },
    /// Something works worse than it should, and the call went on.
    Degraded {
        what: String,
    },
    LegEnded {
        leg: LegId,
        cause: HangupCause,
    },
    /// The last event of every call.
    Ended {
        disposition: Disposition,
        result: Option<String>,
        cause: Option<HangupCause>,
        ring_ms: u64,
        talk_ms: u64,
    },
}
