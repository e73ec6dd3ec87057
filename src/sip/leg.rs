//! One party's signalling as two channels: events come up, commands go down. The real leg ([`super::endpoint`]) and the
//! scripted one of the tests hold the other ends.

use crate::terms::HangupCause;
use tokio::sync::{mpsc, oneshot};

/// What the far end did.
#[derive(Debug)]
pub enum LegEvent {
    /// 100.
    Trying,
    /// 18x. `sdp` when it carries early media.
    Progress { code: u16, sdp: Option<Vec<u8>> },
    /// 200 to our INVITE (the ACK is already on its way).
    Answered { sdp: Vec<u8> },
    /// A re-INVITE or UPDATE. `None` is an offerless re-INVITE: answer with our offer. Send `Some(sdp)` to accept, `None` for 488.
    Offer {
        sdp: Option<Vec<u8>>,
        answer: oneshot::Sender<Option<Vec<u8>>>,
    },
    /// The ACK carried the answer to the offer that we made in an offerless re-INVITE.
    AnswerInAck { sdp: Vec<u8> },
    /// DTMF by SIP INFO.
    Key(char),
    /// The leg is over; nothing follows.
    Ended(HangupCause),
}

/// What we ask of the leg. Sending fails when the leg is over.
#[derive(Debug)]
pub enum LegCommand {
    /// CANCEL before an answer, BYE after it. `reason` goes into a Reason header (RFC 3326).
    Hangup { reason: String },
}

/// Our end of a leg.
#[derive(Debug)]
pub struct Leg {
    pub events: mpsc::Receiver<LegEvent>,
    pub commands: mpsc::Sender<LegCommand>,
}

/// The far side's end of a leg, for the endpoint and for scripted tests.
#[derive(Debug)]
pub struct LegDriver {
    pub events: mpsc::Sender<LegEvent>,
    pub commands: mpsc::Receiver<LegCommand>,
}

/// A leg and its driver.
#[must_use]
pub fn pair() -> (Leg, LegDriver) {
    let (event_tx, events) = mpsc::channel(32);
    let (commands, command_rx) = mpsc::channel(8);
    (
        Leg { events, commands },
        LegDriver {
            events: event_tx,
            commands: command_rx,
        },
    )
}
