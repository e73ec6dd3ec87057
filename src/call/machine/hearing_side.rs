//! What was heard, before the answer and after it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Machine, Phase};
use crate::call::effect::Effect;
use crate::call::speech::Pending;
use crate::dialogue::event::Besides;
use crate::dialogue::event::Event as Told;
use crate::dialogue::intent::Candidate;
use crate::hearing::line_status::{self, LineStatus};
use crate::hearing::pipeline::HearingEvent;
use crate::hearing::traits::Candidate as Scored;
use crate::terms::{Happening, Ms};

impl Machine {
    pub(super) fn on_hearing(&mut self, now: Ms, heard: HearingEvent, out: &mut Vec<Effect>) {
        if let HearingEvent::Degraded(what) = heard {
            out.push(Effect::Happened(Happening::Degraded { what }));
            return;
        }
        match self.phase {
            Phase::Dialing => self.on_early_media(now, heard, out),
            Phase::Talking => self.on_talk(now, heard, out),
            _ => {}
        }
    }

    fn on_early_media(&mut self, now: Ms, heard: HearingEvent, out: &mut Vec<Effect>) {
        let HearingEvent::Heard { text, .. } = heard else {
            return;
        };
        if let Some(status) = line_status::from_words(&text) {
            self.on_line_status(now, status, text, out);
        }
    }

    /// Early media told why nobody answers. A clear status ends the attempt: waiting on costs a channel and changes nothing.
    pub(super) fn on_line_status(
        &mut self,
        now: Ms,
        status: LineStatus,
        words: String,
        out: &mut Vec<Effect>,
    ) {
        if self.phase != Phase::Dialing || self.line_status.is_some() {
            return;
        }
        let disposition = status.disposition;
        out.push(Effect::Happened(Happening::LineStatus {
            words: words.clone(),
            status: disposition.code().to_string(),
        }));
        self.line_status = Some((disposition, words));
        self.leave(now, "announcement", out);
    }

    pub(super) fn on_answering_machine(
        &mut self,
        now: Ms,
        evidence: String,
        out: &mut Vec<Effect>,
    ) {
        if self.phase != Phase::Talking || self.handover.busy() || self.opt_out {
            return;
        }
        self.machine_answered = true;
        out.push(Effect::Happened(Happening::Tag {
            tag: "voicemail".into(),
            evidence,
            score: 1.0,
        }));
        self.speaking.forget();
        out.push(Effect::StopSpeaking);
        self.leave(now, "answering machine", out);
    }

    fn on_talk(&mut self, now: Ms, heard: HearingEvent, out: &mut Vec<Effect>) {
        match heard {
            HearingEvent::SpeechStarted { .. } => {
                out.push(Effect::Happened(Happening::SpeechStarted));
                self.tell(now, Told::SpeechStarted, out);
            }
            HearingEvent::Partial { text } => {
                out.push(Effect::Happened(Happening::Partial { text }))
            }
            HearingEvent::TalkOver => {
                // A line that is not heard yet cannot be talked over.
                if self.speaking.playing() && self.hold(now, out) {
                    self.held_a_moment = Some(now);
                }
            }
            HearingEvent::GoOn => {
                if self.held_a_moment.is_some() {
                    self.resume(now, out);
                }
            }
            HearingEvent::Interrupt { speech_ms, .. } => {
                self.hold(Ms(now.0.saturating_sub(speech_ms)), out);
                self.held_a_moment = None;
            }
            HearingEvent::BackChannel { text } => {
                out.push(Effect::Happened(Happening::BackChannel { text }));
                self.resume(now, out);
            }
            HearingEvent::FalseStart => self.resume(now, out),
            HearingEvent::NotUnderstood { why, ended, .. } => {
                out.push(Effect::Happened(Happening::NotUnderstood { why }));
                if self.speaking.held {
                    self.resume(now, out);
                } else if self.speaking.idle() && !self.handover.bridged() {
                    self.owed_since = Some(ended);
                    self.tell(now, Told::NotUnderstood, out);
                }
            }
            HearingEvent::Heard {
                text,
                confidence,
                began,
                ended,
                scored,
                level_db,
                ..
            } => {
                self.heard_words = true;
                out.push(Effect::Happened(Happening::Heard {
                    text: text.clone(),
                    confidence,
                    began,
                    ended,
                }));
                // A hand-over changes nothing that is owed: the agent answers from then on.
                self.owed_since = (!self.handover.bridged()).then_some(ended);
                let more = Besides {
                    candidates: scored.into_iter().map(as_evidence).collect(),
                    vectors: self.meanings.take(),
                    louder_db: self.louder(level_db),
                };
                let words = Pending::Words {
                    text,
                    confidence,
                    more,
                };
                self.callee_said(now, began, words, out);
            }
            HearingEvent::Degraded(_) => {}
        }
    }

    /// How much louder these words are than the callee's turns so far (their median), dB; unknown for the first two.
    fn louder(&mut self, level_db: f32) -> Option<f32> {
        let mut before = self.levels.clone();
        self.levels.push(level_db);
        before.sort_unstable_by(f32::total_cmp);
        (before.len() >= 2).then(|| level_db - before[before.len() / 2])
    }

    /// Holds the running line; false when there is none that may be, or it is held already.
    fn hold(&mut self, began: Ms, out: &mut Vec<Effect>) -> bool {
        let may = self.speaking.may_be_interrupted(began)
            && !self.speaking.held
            && !self.handover.bridged();
        if may {
            self.speaking.held = true;
            out.push(Effect::HoldSpeaking);
        }
        may
    }

    pub(super) fn resume(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let a_moment = self.held_a_moment.take().is_some();
        if std::mem::take(&mut self.speaking.held) {
            out.push(Effect::ResumeSpeaking);
            if !a_moment {
                self.tell(now, Told::FalseInterruption, out);
            }
        }
    }
}

/// What the recogniser made of an expected phrase, as the dialogue weighs it.
fn as_evidence(scored: Scored) -> Candidate {
    Candidate {
        intent: scored.meaning,
        text: scored.phrase,
        confidence: scored.confidence,
    }
}
