//! What the dialogue wants done, and how its lines fare.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Machine, Phase};
use crate::call::effect::Effect;
use crate::call::speech::{Part, Pending, Saying, Spoken};
use crate::dialogue::effect::Effect as Wish;
use crate::dialogue::event::Event as Told;
use crate::terms::{Disposition, Happening, Ms};

impl Machine {
    pub(super) fn perform(&mut self, now: Ms, wishes: Vec<Wish>, out: &mut Vec<Effect>) {
        for wish in wishes {
            match wish {
                Wish::Say {
                    say,
                    step,
                    line,
                    interruptible,
                    grace_ms,
                } => {
                    let text = line.text.clone();
                    self.speaking.push(Saying {
                        say,
                        step,
                        text,
                        interruptible,
                        grace_ms,
                        started: None,
                        spoken: Spoken::default(),
                    });
                    out.push(Effect::Speak {
                        say,
                        line,
                        interruptible,
                    });
                }
                Wish::StopSpeaking => {
                    self.speaking.forget();
                    out.push(Effect::StopSpeaking);
                }
                Wish::Expect(expectation) => out.push(Effect::Expect(expectation)),
                Wish::Enter { step } => out.push(Effect::Happened(Happening::Step { step })),
                Wish::Intent {
                    intent,
                    score,
                    evidence,
                } => {
                    out.push(Effect::Happened(Happening::Intent {
                        intent,
                        score,
                        evidence,
                    }));
                }
                Wish::Tag {
                    tag,
                    score,
                    evidence,
                } => {
                    out.push(Effect::Happened(Happening::Tag {
                        tag,
                        evidence,
                        score,
                    }));
                }
                Wish::Slot {
                    name,
                    value,
                    evidence,
                } => {
                    out.push(Effect::Happened(Happening::Slot {
                        name,
                        value,
                        evidence,
                    }));
                }
                Wish::Graded { grade, reasons } => {
                    self.grade = Some((grade, reasons.clone()));
                    out.push(Effect::Happened(Happening::Graded {
                        grade,
                        reasons,
                        by: None,
                    }));
                }
                Wish::NoInput { count } => out.push(Effect::Happened(Happening::NoInput { count })),
                Wish::NoMatch { count } => out.push(Effect::Happened(Happening::NoMatch { count })),
                Wish::Card { field, value } => {
                    out.push(Effect::Happened(Happening::Card { field, value }))
                }
                Wish::Remember { tag, forget } => {
                    out.push(Effect::Happened(Happening::ContactTag { tag, forget }))
                }
                Wish::FollowUp {
                    at,
                    campaign,
                    reason,
                } => out.push(Effect::Happened(Happening::FollowUp {
                    at,
                    campaign,
                    reason,
                })),
                Wish::Language(lang) => out.push(Effect::Happened(Happening::Language { lang })),
                Wish::Lookup { id, request } => out.push(Effect::Lookup { id, request }),
                Wish::AskModel {
                    id,
                    question,
                    known,
                } => out.push(Effect::AskModel {
                    id,
                    question,
                    known,
                }),
                Wish::OptOut { evidence } => {
                    self.opt_out = true;
                    self.opt_out_pending = true;
                    out.push(Effect::Happened(Happening::OptOut {
                        evidence: evidence.clone(),
                    }));
                    out.push(Effect::StoreOptOut { evidence });
                }
                Wish::Callback { evidence, at } => {
                    self.callback_at = Some(at.clone());
                    out.push(Effect::Happened(Happening::Callback { evidence, at }));
                }
                Wish::WantAgent { reason, skill } => {
                    if self.handover.want(now) {
                        self.want = Some((reason.clone(), skill.clone()));
                        out.push(Effect::Happened(Happening::AgentWanted { reason, skill }));
                    }
                }
                Wish::Hangup {
                    disposition,
                    result,
                } => {
                    self.decided.get_or_insert((disposition, result));
                }
            }
        }
    }

    pub(super) fn on_line_started(&mut self, now: Ms, say: u32, out: &mut Vec<Effect>) {
        // A later part of a line that was told of when its first part began changes nothing.
        let Some(line) = self.speaking.start(now, Part::numbered(say).say) else {
            return;
        };
        let saying = Happening::Saying {
            step: line.step.clone(),
            text: line.text.clone(),
        };
        out.push(Effect::Happened(saying));
        if let Some(since) = self.owed_since.take() {
            out.push(Effect::Happened(Happening::TurnLatency {
                ms: now.since(since),
            }));
        }
    }

    pub(super) fn on_line_finished(
        &mut self,
        now: Ms,
        say: u32,
        spoken_ms: u64,
        out: &mut Vec<Effect>,
    ) {
        let part = Part::numbered(say);
        if part.more {
            self.speaking.part_done(part, spoken_ms);
            return;
        }
        let Some(line) = self.speaking.finish(say) else {
            return;
        };
        out.push(Effect::Happened(Happening::Said {
            spoken_ms: line.spoken.ms + spoken_ms,
            interrupted: false,
        }));
        self.tell(now, Told::Said { say }, out);
        if !self.speaking.stopping
            && let Some(key) = self.speaking.pending.take()
        {
            self.callee_said(now, now, key, out);
        }
    }

    pub(super) fn on_line_stopped(
        &mut self,
        now: Ms,
        say: u32,
        clause: usize,
        spoken_ms: u64,
        out: &mut Vec<Effect>,
    ) {
        if !self.speaking.stopping {
            return;
        }
        let pending = self.speaking.pending.take();
        let say = Part::numbered(say).say;
        let before = self.speaking.spoken(say);
        let clause = before.clauses + clause;
        self.speaking.forget();
        out.push(Effect::Happened(Happening::Said {
            spoken_ms: before.ms + spoken_ms,
            interrupted: true,
        }));
        self.tell(now, Told::Interrupted { say, clause }, out);
        if let Some(pending) = pending {
            self.deliver(now, pending, true, out);
        }
    }

    pub(super) fn on_line_failed(&mut self, now: Ms, say: u32, why: String, out: &mut Vec<Effect>) {
        let disclosed = say > 0 || self.heard_words;
        if self.speaking.finish(say).is_none() {
            return;
        }
        out.push(Effect::Happened(Happening::Degraded {
            what: format!("a line could not be spoken: {why}"),
        }));
        if disclosed {
            self.tell(now, Told::Said { say }, out);
        } else {
            // Without the first words (who calls, that it is a machine) the call may not go on.
            self.robot_failed = true;
            self.decided = Some((Disposition::RobotFailure, None));
        }
    }

    /// The callee, from `began` on, said or pressed something: now, or when the running line lets go.
    pub(super) fn callee_said(&mut self, now: Ms, began: Ms, what: Pending, out: &mut Vec<Effect>) {
        if self.phase != Phase::Talking {
            return;
        }
        if self.speaking.idle() || self.handover.bridged() {
            self.deliver(now, what, false, out);
        } else if self.speaking.may_be_interrupted(began) {
            self.speaking.pending = Some(what);
            if !self.speaking.stopping {
                self.speaking.stopping = true;
                out.push(Effect::StopSpeaking);
            }
        } else if matches!(what, Pending::Key(_)) {
            // A key says the same after the line as during it, and must not be lost.
            self.speaking.pending = Some(what);
        } else {
            // What cannot be interrupted goes on; the dialogue hears it all the same, because an opt-out acts at once.
            self.deliver(now, what, false, out);
        }
    }

    fn deliver(&mut self, now: Ms, what: Pending, over_prompt: bool, out: &mut Vec<Effect>) {
        match what {
            Pending::Words {
                text,
                confidence,
                more,
            } => {
                self.tell(
                    now,
                    Told::Heard {
                        text,
                        confidence,
                        over_prompt,
                        more,
                    },
                    out,
                );
            }
            Pending::Key(digit) => self.tell(now, Told::Key(digit), out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::event::{Event, LegNews};
    use crate::call::speech::Part;
    use crate::dialogue::{self, Dialplan};
    use std::sync::Arc;

    const PLAN: &str = include_str!("../../../tests/data/dialplans/good/call-machine.yaml");

    /// A call that was just answered.
    fn answered() -> Machine {
        let plan = Dialplan::parse(PLAN, "call-machine.yaml").unwrap_or_else(|e| panic!("{e:?}"));
        let lead = dialogue::Lead::default();
        let mut machine = Machine::new(dialogue::Machine::new(Arc::new(plan), lead));
        machine.on(Ms(0), Event::Placed, &mut Vec::new());
        let answer = Event::Callee(LegNews::Answered);
        machine.on(Ms(100), answer, &mut Vec::new());
        machine
    }

    fn said(out: &[Effect]) -> Vec<(u64, bool)> {
        out.iter()
            .filter_map(|e| match e {
                Effect::Happened(Happening::Said {
                    spoken_ms,
                    interrupted,
                }) => Some((*spoken_ms, *interrupted)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_line_in_parts_begins_once_and_is_said_once_with_all_its_time() {
        let mut machine = answered();
        let mut out = Vec::new();
        let parts = [Part::first(0, 0), Part::first(0, 1), Part::last(0)];
        for (i, part) in parts.iter().enumerate() {
            let (say, at) = (part.number(), Ms(200 + 1000 * i as u64));
            machine.on(at, Event::LineStarted(say), &mut out);
            assert_eq!(said(&out), [], "part {i}");
            let finished = Event::LineFinished {
                say,
                spoken_ms: 900,
            };
            machine.on(at.after(900), finished, &mut out);
        }
        assert_eq!(said(&out), [(2700, false)]);
        let begun = |e: &&Effect| matches!(e, Effect::Happened(Happening::Saying { .. }));
        assert_eq!(out.iter().filter(begun).count(), 1);
    }

    #[test]
    fn a_line_cut_in_its_second_part_counts_the_first() {
        let mut machine = answered();
        let mut out = Vec::new();
        let first = Part::first(0, 1).number();
        machine.on(Ms(200), Event::LineStarted(first), &mut out);
        let finished = Event::LineFinished {
            say: first,
            spoken_ms: 900,
        };
        machine.on(Ms(1100), finished, &mut out);
        machine.speaking.stopping = true;
        let stopped = Event::LineStopped {
            say: Part::last(0).number(),
            clause: 0,
            spoken_ms: 300,
        };
        machine.on(Ms(1500), stopped, &mut out);
        assert_eq!(said(&out), [(1200, true)]);
    }
}
