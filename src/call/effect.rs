//! What the call's machine wants done.

use super::handover::Human;
use crate::dialogue::effect::Request;
use crate::media::bridge::Roster;
use crate::terms::{Disposition, Expectation, Grade, HangupCause, Happening, Line};

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Tell everybody above.
    Happened(Happening),
    Speak {
        say: u32,
        line: Line,
        interruptible: bool,
    },
    /// Fade out and wait: it may have been nothing.
    HoldSpeaking,
    /// Go on at the start of the clause that was held.
    ResumeSpeaking,
    /// Fade out and forget what is queued; answered by `LineStopped` when something was playing or held.
    StopSpeaking,
    Expect(Expectation),
    /// An HTTP request of the dialplan; answered by `Event::Answer`.
    Lookup {
        id: u32,
        request: Request,
    },
    /// A question for the language model; answered by `Event::Answer`.
    AskModel {
        id: u32,
        question: String,
        known: Vec<(String, String)>,
    },
    /// Who hears whom from now on, and which human's words are recognised beside the callee's.
    Bridge {
        roster: Roster,
        human: Option<Human>,
    },
    /// Ring this agent's SIP phone.
    RingAgent {
        agent: String,
        uri: String,
    },
    /// This agent's phone, or the line that came with the order, is the agent's place on the call.
    Seat {
        agent: String,
    },
    /// Speak this to the agent alone; answered by `Briefed`.
    Brief(Line),
    /// The agent's phone is cancelled or hung up, the line set free.
    Release {
        agent: String,
        reason: String,
    },
    /// The same for all of them.
    ReleaseAll {
        reason: String,
    },
    /// The line that came with the order is this supervisor's place on the call.
    Watch {
        user: i64,
    },
    Unwatch {
        user: i64,
    },
    /// Have this line ready as sound: it may have to be spoken at once.
    Prepare(Line),
    /// Hang up the callee.
    Hangup {
        reason: String,
    },
    /// Put the number on the do-not-call list; answered by `OptOutStored`.
    StoreOptOut {
        evidence: String,
    },
    /// The call is over; nothing follows.
    Finish(Outcome),
}

/// How a call ended, for the attempt's row.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub disposition: Disposition,
    pub result: Option<String>,
    pub cause: Option<HangupCause>,
    pub grade: Option<Grade>,
    pub reasons: Vec<String>,
    pub callback_at: Option<String>,
    /// The callee's phone rang, or more.
    pub rang: bool,
    pub answered: bool,
    pub bridged: bool,
    pub ring_ms: u64,
    pub talk_ms: u64,
    /// What early media said of the line.
    pub line_status: Option<String>,
}
