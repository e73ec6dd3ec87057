//! The call's machine: signalling, hearing, speaking, hand-over and dialogue in, effects out. Pure: see `.clippy.toml`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::command::WatchMode;
use super::effect::Effect;
use super::event::{Event, LegNews};
use super::handover::{Handover, Human};
use super::speech::{Pending, Speaking};
use crate::dialogue;
use crate::dialogue::event::Event as Told;
use crate::dialogue::intent::vectors::Vectors;
use crate::media::bridge::Roster;
use crate::terms::{
    CauseKind, Disposition, EndedBy, Grade, HangupCause, Happening, LegId, Ms, Why,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// After the last word is on its way, the far end's jitter buffer still holds some of it, ms.
const LAST_WORDS_MS: u64 = 300;
/// A BYE that nobody answers ends the call all the same, ms (RFC 3261 timer F, 64·T1).
const BYE_GUARD_MS: u64 = 32_000;
/// A line that is held for a moment goes on after this whatever happens, ms: longer than any recogniser may take.
const HOLD_GUARD_MS: u64 = 5000;
/// Nobody talks to a robot longer than this, ms.
const MAX_TALK_MS: u64 = 15 * 60_000;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Phase {
    Dialing,
    Talking,
    /// Everything was said; the line is kept a moment for the last words.
    LastWords {
        since: Ms,
    },
    /// BYE or CANCEL is on its way.
    Leaving {
        since: Ms,
    },
    /// The callee's leg is over; the opt-out is not on disk yet.
    Settling,
    Ended,
}

/// One call.
pub struct Machine {
    dialogue: dialogue::Machine,
    phase: Phase,
    handover: Handover,
    /// Why an agent was wanted last, and with what skill.
    want: Option<(String, Option<String>)>,
    /// Supervisors by user: name and how they take part.
    watchers: BTreeMap<i64, (String, WatchMode)>,
    /// Who hears whom as it was told last.
    wired: Option<(Roster, Option<Human>)>,
    speaking: Speaking,
    rang_at: Option<Ms>,
    answered_at: Option<Ms>,
    ended_at: Option<Ms>,
    early_media: bool,
    line_status: Option<(Disposition, String)>,
    machine_answered: bool,
    opt_out: bool,
    opt_out_pending: bool,
    callback_at: Option<Option<String>>,
    bridged_ever: bool,
    nobody_came: bool,
    robot_failed: bool,
    media_lost: bool,
    heard_words: bool,
    /// How loud the callee's turns were, dBFS.
    levels: Vec<f32>,
    /// What the next words mean as vectors.
    meanings: Option<Arc<Vectors>>,
    decided: Option<(Disposition, Option<String>)>,
    cause: Option<HangupCause>,
    grade: Option<(Grade, Vec<String>)>,
    /// Since when the line is held only because there is voice over it; the dialogue knows nothing of it.
    held_a_moment: Option<Ms>,
    /// When the callee's last speech frame was, until the robot's answer leaves.
    owed_since: Option<Ms>,
}

impl Machine {
    #[must_use]
    pub fn new(dialogue: dialogue::Machine) -> Self {
        Machine {
            dialogue,
            phase: Phase::Dialing,
            handover: Handover::default(),
            want: None,
            watchers: BTreeMap::new(),
            wired: None,
            speaking: Speaking::default(),
            rang_at: None,
            answered_at: None,
            ended_at: None,
            early_media: false,
            line_status: None,
            machine_answered: false,
            opt_out: false,
            opt_out_pending: false,
            callback_at: None,
            bridged_ever: false,
            nobody_came: false,
            robot_failed: false,
            media_lost: false,
            heard_words: false,
            levels: Vec::new(),
            meanings: None,
            decided: None,
            cause: None,
            grade: None,
            held_a_moment: None,
            owed_since: None,
        }
    }

    /// Feeds one event; `out` gets what is to be done, in order.
    pub fn on(&mut self, now: Ms, event: Event, out: &mut Vec<Effect>) {
        if self.phase == Phase::Ended {
            return;
        }
        match event {
            Event::Placed => {}
            Event::Callee(news) => self.on_callee(now, news, out),
            Event::Agent { agent, news } => self.on_agent(now, &agent, news, out),
            Event::Hearing(heard) => self.on_hearing(now, heard, out),
            Event::Meanings(vectors) => self.meanings = Some(vectors),
            Event::AnsweringMachine { evidence } => self.on_answering_machine(now, evidence, out),
            Event::LineTone(status) => {
                let words = status.evidence.clone();
                self.on_line_status(now, status, words, out);
            }
            Event::LineStarted(say) => self.on_line_started(now, say, out),
            Event::LineFinished { say, spoken_ms } => {
                self.on_line_finished(now, say, spoken_ms, out)
            }
            Event::LineStopped {
                say,
                clause,
                spoken_ms,
            } => self.on_line_stopped(now, say, clause, spoken_ms, out),
            Event::LineFailed { say, why } => self.on_line_failed(now, say, why, out),
            Event::Briefed => self.on_briefed(now, out),
            Event::AgentSpoke => self.on_agent_spoke(now, out),
            Event::Human { who, heard } => self.on_human(who, heard, out),
            Event::LineLost(place) => self.on_line_lost(now, place, out),
            Event::LineBack(place) => self.on_line_back(now, place, out),
            Event::MediaLost => self.on_media_lost(now, out),
            Event::OptOutStored(result) => self.on_opt_out_stored(now, result, out),
            Event::Answer(told) => {
                if let Told::LookedUp { result, .. } = &told {
                    out.push(Effect::Happened(Happening::Lookup {
                        ok: result.is_ok(),
                        why: result.as_ref().err().cloned(),
                    }));
                }
                self.tell(now, told, out);
            }
            Event::Degraded(what) => out.push(Effect::Happened(Happening::Degraded { what })),
        }
        self.leave_when_done(now);
    }

    /// When [`Machine::wake`] must be called at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<(Ms, Why)> {
        let own = match self.phase {
            Phase::LastWords { since } => Some((since.after(LAST_WORDS_MS), "last words")),
            Phase::Leaving { since } => Some((since.after(BYE_GUARD_MS), "no answer to BYE")),
            Phase::Talking => self
                .answered_at
                .filter(|_| !self.handover.bridged())
                .map(|at| (at.after(MAX_TALK_MS), "longest call")),
            _ => None,
        };
        let talking = self.phase == Phase::Talking;
        let dialogue = self
            .dialogue
            .deadline()
            .filter(|_| talking && !self.handover.bridged());
        let handover = self.handover.deadline().filter(|_| talking);
        let held = self
            .held_a_moment
            .map(|since| (since.after(HOLD_GUARD_MS), "nobody said what held the line"));
        [own, dialogue, handover, held]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at)
    }

    pub fn wake(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if self
            .held_a_moment
            .is_some_and(|since| now >= since.after(HOLD_GUARD_MS))
        {
            self.resume(now, out);
        }
        match self.phase {
            Phase::LastWords { since } if now >= since.after(LAST_WORDS_MS) => {
                self.phase = Phase::Leaving { since: now };
                out.push(Effect::Hangup {
                    reason: "conversation over".into(),
                });
            }
            Phase::Leaving { since } if now >= since.after(BYE_GUARD_MS) => {
                let cause = HangupCause::new(
                    CauseKind::NoResponse,
                    EndedBy::Us,
                    "the far end did not answer our BYE",
                );
                self.on_callee(now, LegNews::Ended(cause), out);
            }
            Phase::Talking => {
                if self
                    .answered_at
                    .is_some_and(|at| now >= at.after(MAX_TALK_MS))
                    && !self.handover.bridged()
                {
                    self.leave(now, "longest call", out);
                    return;
                }
                let mut steps = Vec::new();
                self.handover.wake(now, &mut steps);
                self.take_steps(now, steps, out);
                if !self.handover.bridged()
                    && self.dialogue.deadline().is_some_and(|(at, _)| now >= at)
                {
                    let mut effects = Vec::new();
                    self.dialogue.wake(now, &mut effects);
                    self.perform(now, effects, out);
                }
            }
            _ => {}
        }
        self.leave_when_done(now);
    }

    /// The callee can be talked to.
    #[must_use]
    pub fn talking(&self) -> bool {
        self.phase == Phase::Talking
    }

    #[must_use]
    pub fn ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    fn on_callee(&mut self, now: Ms, news: LegNews, out: &mut Vec<Effect>) {
        match news {
            LegNews::Progress { code, early_media } => {
                if self.rang_at.is_none() {
                    self.rang_at = Some(now);
                    out.push(Effect::Happened(Happening::Ringing { code }));
                }
                if early_media && !self.early_media {
                    self.early_media = true;
                    out.push(Effect::Happened(Happening::EarlyMedia));
                }
            }
            LegNews::Answered if self.phase == Phase::Dialing => {
                self.phase = Phase::Talking;
                self.answered_at = Some(now);
                out.push(Effect::Happened(Happening::Answered));
                self.rewire(out);
                self.tell(now, Told::Answered, out);
            }
            LegNews::Answered => {}
            LegNews::Held(held) => {
                out.push(Effect::Happened(Happening::Held { held }));
                if self.speaking.playing() {
                    out.push(if held {
                        Effect::HoldSpeaking
                    } else {
                        Effect::ResumeSpeaking
                    });
                }
            }
            LegNews::Key(digit) => {
                out.push(Effect::Happened(Happening::Key { digit }));
                self.callee_said(now, now, Pending::Key(digit), out);
            }
            LegNews::Ended(cause) => {
                if self.ended_at.is_some() {
                    return;
                }
                self.ended_at = Some(now);
                out.push(Effect::Happened(Happening::LegEnded {
                    leg: LegId::Callee,
                    cause: cause.clone(),
                }));
                self.cause.get_or_insert(cause);
                if self.handover.busy() {
                    out.push(Effect::ReleaseAll {
                        reason: "the callee is gone".into(),
                    });
                }
                if self.answered_at.is_some() {
                    self.tell(now, Told::HungUp, out);
                }
                self.phase = Phase::Settling;
                self.settle(now, out);
            }
        }
    }

    fn on_media_lost(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if self.phase == Phase::Talking {
            self.media_lost = true;
            self.cause = Some(HangupCause::new(
                CauseKind::MediaTimeout,
                EndedBy::Trunk,
                "no RTP from the far end for the RTP timeout",
            ));
            self.leave(now, "RTP timeout", out);
        }
    }

    fn on_opt_out_stored(&mut self, now: Ms, result: Result<(), String>, out: &mut Vec<Effect>) {
        self.opt_out_pending = false;
        if let Err(why) = result {
            out.push(Effect::Happened(Happening::Degraded {
                what: format!("the opt-out could not be stored: {why}"),
            }));
        }
        if self.phase == Phase::Settling {
            self.settle(now, out);
        }
    }

    /// Tells the dialogue and performs what it wants.
    pub(super) fn tell(&mut self, now: Ms, told: Told, out: &mut Vec<Effect>) {
        let mut effects = Vec::new();
        self.dialogue.on(now, told, &mut effects);
        self.perform(now, effects, out);
    }

    fn leave(&mut self, now: Ms, reason: &str, out: &mut Vec<Effect>) {
        if matches!(
            self.phase,
            Phase::Dialing | Phase::Talking | Phase::LastWords { .. }
        ) {
            self.phase = Phase::Leaving { since: now };
            out.push(Effect::Hangup {
                reason: reason.into(),
            });
        }
    }

    /// Hangs up once the dialogue is through, everything was spoken, and an opt-out is on disk.
    fn leave_when_done(&mut self, now: Ms) {
        let done = self.decided.is_some() && self.speaking.idle() && !self.opt_out_pending;
        if self.phase == Phase::Talking && done && !self.handover.bridged() {
            self.phase = Phase::LastWords { since: now };
        }
    }
}

mod ending;
mod hearing_side;
mod humans_side;
mod orders;
mod speaking_side;
#[cfg(test)]
mod tests;
