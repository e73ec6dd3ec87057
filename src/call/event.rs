//! What the call's machine is told.

use crate::dialogue::event::Event as Told;
use crate::dialogue::intent::vectors::Vectors;
use crate::hearing::line_status::LineStatus;
use crate::hearing::pipeline::HearingEvent;
use crate::terms::HangupCause;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The INVITE is on its way.
    Placed,
    /// News of the callee's leg.
    Callee(LegNews),
    /// News of an agent's SIP phone.
    Agent {
        agent: String,
        news: LegNews,
    },
    /// The callee's side, heard; before the answer it is early media.
    Hearing(HearingEvent),
    /// What the words that follow mean, as vectors.
    Meanings(Arc<Vectors>),
    /// A machine answered, with the reason.
    AnsweringMachine {
        evidence: String,
    },
    /// A tone in early media told the line's status.
    LineTone(LineStatus),
    /// The line with this number left its first frame on the wire.
    LineStarted(u32),
    LineFinished {
        say: u32,
        spoken_ms: u64,
    },
    /// The line was stopped after so many whole clauses.
    LineStopped {
        say: u32,
        clause: usize,
        spoken_ms: u64,
    },
    /// The line could not be made into sound.
    LineFailed {
        say: u32,
        why: String,
    },
    /// The agent was told what the call is about, or could not be.
    Briefed,
    /// The agent's voice was heard.
    AgentSpoke,
    /// The human who has the callee, heard. `who` is the agent's id or the supervisor's name.
    Human {
        who: String,
        heard: HearingEvent,
    },
    /// Nothing comes any more on this human's line.
    LineLost(Place),
    /// Something comes again.
    LineBack(Place),
    /// No RTP from the callee for the RTP timeout.
    MediaLost,
    /// The opt-out is on disk, or could not be put there.
    OptOutStored(Result<(), String>),
    /// What the dialogue had asked of another machine.
    Answer(Told),
    /// Something of the shell works worse than it should.
    Degraded(String),
}

/// Whose line it is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Agent,
    Supervisor(i64),
}

/// News of a leg, stripped of what only the shell needs.
#[derive(Clone, Debug, PartialEq)]
pub enum LegNews {
    Progress { code: u16, early_media: bool },
    Answered,
    Held(bool),
    Key(char),
    Ended(HangupCause),
}
