//! Orders for a live call, from the desk, the web or the campaign. Every one is answered; see [`Registry::ask`].
//!
//! [`Registry::ask`]: super::registry::Registry::ask

use super::headset::Line;
use crate::terms::Grade;
pub use crate::terms::event::WatchMode;
use thiserror::Error;

/// A supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watcher {
    pub user: i64,
    pub name: String,
}

/// What the robot is to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steer {
    /// Say these words in the dialplan's voice, then go on.
    Say(String),
    /// Go to this step of the dialplan.
    Step(String),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Ring this agent's SIP phone. Several may ring at once, browsers among them; the first to answer has the call, the
    /// others are cancelled and told by `OfferLost`.
    RingAgent { agent: String, uri: String },
    /// The call is being offered to these agents in their browsers.
    Offered { agents: Vec<String> },
    /// An agent takes the offer in the browser and talks on this line. Refused: `taken`, `not_wanted`, `line_busy`.
    Accept {
        agent: String,
        name: String,
        line: Line,
    },
    /// An agent does not want the offer, or let it time out.
    Declined { agent: String },
    /// Nobody is free, or everybody was tried; after hours the callee is promised a call back.
    NoAgent { why: String, after_hours: bool },
    /// A supervisor joins on this line; the same one again changes the mode, and needs the line no more. Refused: `no_line`,
    /// `line_busy`, `taken` (take over while another supervisor has), `not_talking`.
    Join {
        who: Watcher,
        mode: WatchMode,
        line: Option<Line>,
    },
    /// A supervisor leaves. One who took over gives the callee back.
    Leave { user: i64 },
    /// Refused: `human_talks`, `unknown_step` (the message names those like it), `empty`, `too_long`, `not_now`.
    Steer { by: String, what: Steer },
    /// The human who has the callee leaves: to the agent who was taken over, else to the robot, which goes on at this step or
    /// where it was. Refused: `no_human`, `unknown_step`, `agent_there` (a step, and an agent who has the call back).
    HandBack { by: String, step: Option<String> },
    /// End the call now. `reason` goes to the record and into the Reason header.
    Hangup { by: String, reason: String },
    /// Sets the grade; the rules change it no more.
    Grade {
        by: String,
        grade: Grade,
        reason: String,
    },
    /// Edits fields of the lead card.
    Card {
        by: String,
        fields: Vec<(String, String)>,
    },
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Refused {
    /// For programs: `taken`, `no_such_call`, `busy`, …
    pub code: &'static str,
    /// For people: what is wrong and what to do.
    pub message: String,
}

impl Refused {
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Refused {
        Refused {
            code,
            message: message.into(),
        }
    }
}

/// What a command came to.
pub type Answer = Result<(), Refused>;
