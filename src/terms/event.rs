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

/// How a supervisor takes part in a live call.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchMode {
    /// Hears; is heard by nobody.
    Listen,
    /// Is heard by the agent only.
    Whisper,
    /// Is heard by everybody.
    Barge,
    /// Talks to the callee in the place of robot and agent.
    TakeOver,
}

impl WatchMode {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            WatchMode::Listen => "listen",
            WatchMode::Whisper => "whisper",
            WatchMode::Barge => "barge",
            WatchMode::TakeOver => "take_over",
        }
    }
}

impl std::fmt::Display for WatchMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
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
    /// The grade changed; `by` names the human who set it, the rules leave it out.
    Graded {
        grade: Grade,
        reasons: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
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
    /// This agent's phone rings, or the call is on offer in the agent's browser.
    AgentRinging {
        agent: String,
    },
    /// The agent does not want the call; others may.
    AgentDeclined {
        agent: String,
    },
    /// The call that rang at this agent went to another human.
    OfferLost {
        agent: String,
        to: String,
    },
    /// No agent came. After hours nobody was asked, and the callee was promised a call back.
    NobodyCame {
        why: String,
        after_hours: bool,
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
    /// The final words of the human who talks to the callee: an agent's id, or the name of the supervisor who took over.
    AgentSaid {
        agent: String,
        text: String,
        confidence: f32,
        began: Ms,
        ended: Ms,
    },
    /// The same, words that may still change.
    AgentPartial {
        agent: String,
        text: String,
    },
    /// Nothing comes any more from the human who had the callee, `user` where it is a supervisor. Silence of a line that is there
    /// does not count.
    LineLost {
        who: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<i64>,
    },
    /// The human whose line was lost has the callee again.
    LineBack {
        who: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<i64>,
    },
    /// The robot talks again after a human had the callee.
    Resumed {
        why: String,
    },
    /// A supervisor joined, or changed how.
    Watching {
        user: i64,
        name: String,
        mode: WatchMode,
    },
    WatchEnded {
        user: i64,
        name: String,
        why: String,
    },
    /// A supervisor has the callee now.
    TakenOver {
        user: i64,
        by: String,
    },
    /// A human gave the callee back: to this agent, or to the robot, which goes on at this step or where it was.
    HandedBack {
        by: String,
        #[serde(default)]
        to: Option<String>,
        #[serde(default)]
        step: Option<String>,
    },
    /// A human had the robot say a line or go to a step.
    Steered {
        by: String,
        #[serde(default)]
        say: Option<String>,
        #[serde(default)]
        step: Option<String>,
    },
    /// A human ends the call.
    HangupOrdered {
        by: String,
        reason: String,
    },
    /// A human edited these fields of the lead card; their values follow as `Card`.
    CardEdited {
        by: String,
        fields: Vec<String>,
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
