//! One party's leg as the call's task holds it: a SIP phone with its signalling and media, or a headset's line, which is up
//! as soon as it is there.

use super::event::LegNews;
use super::headset::Tap;
use crate::audio::Frame;
use crate::media::port::{Incoming, Port};
use crate::sip::leg::{Leg, LegCommand, LegEvent};
use crate::terms::{CallId, CauseKind, EndedBy, HangupCause, Ms};
use std::task::{Context, Poll};
use std::time::Duration;
use tracing::{debug, warn};

/// A browser sends all the time; after this much nothing it is gone.
const HEADSET_PATIENCE: Duration = Duration::from_secs(1);
/// The same for a phone that has sent all the time so far.
const PHONE_PATIENCE: Duration = Duration::from_millis(1500);
/// A browser in the callee's place gets longer: a rehearsal hurries nobody.
const CALLEE_PATIENCE: Duration = Duration::from_secs(5);
/// A pause in the packets, 400 ms, that ended by itself: this phone sends nothing when nobody speaks.
const PAUSE_MS: u64 = 400;
/// Ticks of packets without a pause, 1 s, that make a phone one that sends all the time.
const STEADY: u32 = 50;

/// One party's signalling and media.
pub enum LiveLeg {
    Sip(Box<SipLeg>),
    Headset(Box<HeadsetLeg>),
}

impl LiveLeg {
    #[must_use]
    pub fn sip(signalling: Leg, port: Port) -> LiveLeg {
        LiveLeg::Sip(Box::new(SipLeg {
            signalling,
            port,
            answered: false,
            over: false,
            steady: 0,
            silent_ms: 0,
            pauses: false,
        }))
    }

    /// A headset that is called: it answers at once.
    #[must_use]
    pub fn called(tap: Tap) -> LiveLeg {
        LiveLeg::Headset(Box::new(HeadsetLeg {
            tap,
            answered: false,
            news: Some(LegEvent::Answered { sdp: Vec::new() }),
        }))
    }

    /// A headset whose human took the call.
    #[must_use]
    pub fn headset(tap: Tap) -> LiveLeg {
        LiveLeg::Headset(Box::new(HeadsetLeg {
            tap,
            answered: true,
            news: None,
        }))
    }

    /// The next thing the far end does; waits for ever once the leg is over.
    pub async fn next(&mut self) -> Option<LegEvent> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<LegEvent>> {
        match self {
            LiveLeg::Sip(leg) if leg.over => Poll::Pending,
            LiveLeg::Sip(leg) => {
                let event = leg.signalling.events.poll_recv(cx);
                leg.over |= matches!(event, Poll::Ready(None));
                event
            }
            // Its news are its own doing, so nobody has to be woken for them.
            LiveLeg::Headset(leg) => match leg.news.take() {
                Some(event) => Poll::Ready(Some(event)),
                None => Poll::Pending,
            },
        }
    }

    /// Ends the leg: CANCEL or BYE on the phone. A leg that is over needs neither.
    pub fn hang_up(&mut self, reason: &str) {
        match self {
            LiveLeg::Sip(leg) => leg.hang_up(reason),
            LiveLeg::Headset(leg) => {
                let cause = HangupCause::new(CauseKind::Normal, EndedBy::Us, reason);
                leg.news = Some(LegEvent::Ended(cause));
            }
        }
    }

    /// What the machine should know of the leg's next event; a leg that ended without a word counts as ended.
    pub fn news(&mut self, call: &CallId, event: Option<LegEvent>) -> Option<LegNews> {
        match event {
            Some(event) => self.take(call, event),
            // The endpoint ended the leg's task; treat it as the transport gone.
            None => Some(LegNews::Ended(HangupCause::new(
                CauseKind::NoResponse,
                EndedBy::Trunk,
                "signalling stopped",
            ))),
        }
    }

    /// Applies an event to the media and says what the machine should know of it.
    fn take(&mut self, call: &CallId, event: LegEvent) -> Option<LegNews> {
        match self {
            LiveLeg::Sip(leg) => leg.take(call, event),
            LiveLeg::Headset(leg) => match event {
                LegEvent::Answered { .. } => {
                    leg.answered = true;
                    Some(LegNews::Answered)
                }
                LegEvent::Ended(cause) => Some(LegNews::Ended(cause)),
                _ => None,
            },
        }
    }

    /// What came in the last 20 ms.
    pub fn tick(&mut self, now: Ms, incoming: &mut Incoming) {
        match self {
            LiveLeg::Sip(leg) => {
                leg.port.tick(now, incoming);
                leg.watch(incoming.silent_ms);
            }
            LiveLeg::Headset(leg) => leg.tap.tick(now, incoming),
        }
    }

    pub fn send(&mut self, frame: &Frame) {
        match self {
            LiveLeg::Sip(leg) => leg.port.send(frame),
            LiveLeg::Headset(leg) => leg.tap.send(frame),
        }
    }

    /// Notes what a leg did whose call has no more use for it.
    pub fn ended(&mut self, event: &Option<LegEvent>) {
        if let (LiveLeg::Sip(leg), None | Some(LegEvent::Ended(_))) = (self, event) {
            leg.over = true;
        }
    }

    /// Nothing more comes of it.
    #[must_use]
    pub fn over(&self) -> bool {
        matches!(self, LiveLeg::Sip(leg) if leg.over)
    }

    #[must_use]
    pub fn answered(&self) -> bool {
        match self {
            LiveLeg::Sip(leg) => leg.answered,
            LiveLeg::Headset(leg) => leg.answered,
        }
    }

    /// The far end holds: it need not send.
    #[must_use]
    pub fn held(&self) -> bool {
        match self {
            LiveLeg::Sip(leg) => leg.port.held(),
            LiveLeg::Headset(_) => false,
        }
    }

    /// A callee of whom nothing came for so long is gone.
    #[must_use]
    pub fn callee_patience(&self, rtp_timeout: Duration) -> Duration {
        match self {
            LiveLeg::Sip(_) => rtp_timeout,
            LiveLeg::Headset(_) => rtp_timeout.min(CALLEE_PATIENCE),
        }
    }

    /// An agent of whom nothing came for so long is gone: the callee must not sit in silence.
    #[must_use]
    pub fn agent_patience(&self, rtp_timeout: Duration) -> Duration {
        match self {
            LiveLeg::Sip(leg) if leg.sends_always() => rtp_timeout.min(PHONE_PATIENCE),
            LiveLeg::Sip(_) => rtp_timeout,
            LiveLeg::Headset(_) => rtp_timeout.min(HEADSET_PATIENCE),
        }
    }
}

/// A phone.
pub struct SipLeg {
    signalling: Leg,
    port: Port,
    answered: bool,
    over: bool,
    /// Ticks with packets since the last pause.
    steady: u32,
    silent_ms: u64,
    /// It has paused and gone on.
    pauses: bool,
}

/// A browser's line.
pub struct HeadsetLeg {
    tap: Tap,
    answered: bool,
    news: Option<LegEvent>,
}

impl HeadsetLeg {
    #[must_use]
    pub fn tap(&self) -> &Tap {
        &self.tap
    }
}

impl SipLeg {
    fn watch(&mut self, silent_ms: u64) {
        if silent_ms < self.silent_ms && self.silent_ms >= PAUSE_MS {
            self.pauses |= self.answered && !self.port.held();
        }
        self.silent_ms = silent_ms;
        self.steady = if silent_ms < PAUSE_MS {
            self.steady.saturating_add(1)
        } else {
            // What it was stays known while it says nothing.
            self.steady
        };
    }

    fn sends_always(&self) -> bool {
        self.steady >= STEADY && !self.pauses
    }

    fn hang_up(&mut self, reason: &str) {
        if self
            .signalling
            .commands
            .try_send(LegCommand::Hangup {
                reason: reason.to_string(),
            })
            .is_err()
        {
            debug!("hang-up of a leg that is already over");
        }
    }

    fn take(&mut self, call: &CallId, event: LegEvent) -> Option<LegNews> {
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
