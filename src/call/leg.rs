//! One leg as the call's task holds it: signalling and media together.

use super::event::LegNews;
use crate::media::port::Port;
use crate::sip::leg::{Leg, LegCommand, LegEvent};
use crate::terms::{CallId, LegId};
use tracing::{debug, warn};

/// Signalling and media of one party.
pub struct LiveLeg {
    pub who: LegId,
    signalling: Leg,
    pub port: Port,
    pub answered: bool,
    /// The far end's media was lost once and told.
    pub lost: bool,
    over: bool,
}

impl LiveLeg {
    #[must_use]
    pub fn new(who: LegId, signalling: Leg, port: Port) -> Self {
        LiveLeg {
            who,
            signalling,
            port,
            answered: false,
            lost: false,
            over: false,
        }
    }

    /// The next thing the far end does; waits for ever once the leg is over.
    pub async fn next(&mut self) -> Option<LegEvent> {
        if self.over {
            return std::future::pending().await;
        }
        let event = self.signalling.events.recv().await;
        if event.is_none() {
            self.over = true;
        }
        event
    }

    /// Asks for CANCEL or BYE. A leg that is over needs neither.
    pub fn hang_up(&mut self, reason: &str) {
        if self
            .signalling
            .commands
            .try_send(LegCommand::Hangup {
                reason: reason.to_string(),
            })
            .is_err()
        {
            debug!(leg = ?self.who, "hang-up of a leg that is already over");
        }
    }

    /// Applies an event to the media and says what the machine should know of it.
    pub fn take(&mut self, call: &CallId, event: LegEvent) -> Option<LegNews> {
        match event {
            LegEvent::Trying => None,
            LegEvent::Progress { code, sdp } => {
                let early_media = sdp.is_some_and(|sdp| self.answer_arrived(call, &sdp));
                Some(LegNews::Progress { code, early_media })
            }
            LegEvent::Answered { sdp } => {
                if !sdp.is_empty() && !self.answer_arrived(call, &sdp) {
                    self.hang_up("unusable SDP answer");
                }
                self.answered = true;
                Some(LegNews::Answered)
            }
            LegEvent::Offer { sdp, answer } => {
                let was_held = self.port.held();
                let reply = match self.port.answer(sdp.as_deref()) {
                    Ok(reply) => Some(reply),
                    Err(e) => {
                        warn!(%call, "offer refused: {e}");
                        None
                    }
                };
                // The far end gave up on its offer when nobody takes the answer.
                let _ = answer.send(reply);
                let held = self.port.held();
                (held != was_held).then_some(LegNews::Held(held))
            }
            LegEvent::AnswerInAck { sdp } => {
                let was_held = self.port.held();
                self.answer_arrived(call, &sdp);
                let held = self.port.held();
                (held != was_held).then_some(LegNews::Held(held))
            }
            LegEvent::Key(digit) => Some(LegNews::Key(digit)),
            LegEvent::Ended(cause) => {
                self.over = true;
                Some(LegNews::Ended(cause))
            }
        }
    }

    fn answer_arrived(&mut self, call: &CallId, sdp: &[u8]) -> bool {
        match self.port.set_answer(sdp) {
            Ok(_) => {
                // Some trunks withhold early media until they hear from us.
                self.port.send_first();
                true
            }
            Err(e) => {
                warn!(%call, "SDP answer refused: {e}");
                false
            }
        }
    }
}
