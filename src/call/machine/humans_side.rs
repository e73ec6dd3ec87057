//! Agents and supervisors: what the hand-over learned, lines lost and found again, and what humans say.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use crate::call::command::WatchMode;
use crate::call::effect::Effect;
use crate::call::event::{LegNews, Place};
use crate::call::handover::{Human, Step};
use crate::dialogue::event::{AgentNews, Event as Told};
use crate::hearing::pipeline::HearingEvent;
use crate::media::bridge::Roster;
use crate::terms::{CauseKind, Happening, LegId, Ms};

impl Machine {
    pub(super) fn on_agent(&mut self, now: Ms, agent: &str, news: LegNews, out: &mut Vec<Effect>) {
        let mut steps = Vec::new();
        match news {
            LegNews::Progress { code, .. } if code >= 180 => self.handover.rings(agent, &mut steps),
            LegNews::Answered => {
                match self.handover.answer(now, agent, true, &mut steps) {
                    Ok(()) => out.push(Effect::Seat {
                        agent: agent.into(),
                    }),
                    // Two picked up in the same moment, or the CANCEL crossed the answer.
                    Err(_) => out.push(Effect::Release {
                        agent: agent.into(),
                        reason: "another agent was first".into(),
                    }),
                }
            }
            LegNews::Ended(cause) => {
                let meant = cause.kind == CauseKind::Normal;
                out.push(Effect::Happened(Happening::LegEnded {
                    leg: LegId::Agent,
                    cause,
                }));
                self.handover.ended(now, agent, meant, &mut steps);
            }
            LegNews::Progress { .. } | LegNews::Held(_) | LegNews::Key(_) => {}
        }
        self.take_steps(now, steps, out);
    }

    pub(super) fn on_briefed(&mut self, now: Ms, out: &mut Vec<Effect>) {
        self.handover.briefed(now);
        self.rewire(out);
    }

    pub(super) fn on_agent_spoke(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let mut steps = Vec::new();
        self.handover.spoke(&mut steps);
        self.take_steps(now, steps, out);
    }

    pub(super) fn on_line_lost(&mut self, now: Ms, place: Place, out: &mut Vec<Effect>) {
        let mut steps = Vec::new();
        match place {
            Place::Agent => self.handover.agent_lost(now, &mut steps),
            Place::Supervisor(user) if self.took_over(user) => {
                self.handover.taker_lost(now, &mut steps);
            }
            // Nobody waits for the voice of who only listens or advises.
            Place::Supervisor(_) => {}
        }
        self.take_steps(now, steps, out);
    }

    pub(super) fn on_line_back(&mut self, now: Ms, place: Place, out: &mut Vec<Effect>) {
        let mut steps = Vec::new();
        match place {
            Place::Agent => self.handover.agent_back(&mut steps),
            Place::Supervisor(user) if self.took_over(user) => {
                self.handover.taker_back(&mut steps);
            }
            Place::Supervisor(_) => {}
        }
        self.take_steps(now, steps, out);
    }

    /// The words of the human who has the callee: recorded, and nothing follows from them.
    pub(super) fn on_human(&mut self, who: String, heard: HearingEvent, out: &mut Vec<Effect>) {
        let what = match heard {
            HearingEvent::Partial { text } => Happening::AgentPartial { agent: who, text },
            HearingEvent::Heard {
                text,
                confidence,
                began,
                ended,
                ..
            } => Happening::AgentSaid {
                agent: who,
                text,
                confidence,
                began,
                ended,
            },
            HearingEvent::Degraded(what) => Happening::Degraded { what },
            _ => return,
        };
        out.push(Effect::Happened(what));
    }

    /// Performs what the hand-over learned, in order.
    pub(super) fn take_steps(&mut self, now: Ms, steps: Vec<Step>, out: &mut Vec<Effect>) {
        self.rewire(out);
        for step in steps {
            self.take_step(now, step, out);
        }
        self.rewire(out);
    }

    fn take_step(&mut self, now: Ms, step: Step, out: &mut Vec<Effect>) {
        match step {
            Step::Ringing(agent) => {
                out.push(Effect::Happened(Happening::AgentRinging { agent }));
                self.tell(now, Told::Agent(AgentNews::Ringing), out);
            }
            Step::OnLine { agent, phone } => {
                out.push(Effect::Happened(Happening::AgentAnswered { agent }));
                if phone {
                    let reason = self.want.as_ref().map_or("", |(reason, _)| reason);
                    out.push(Effect::Brief(self.dialogue.briefing(reason)));
                }
            }
            Step::OfferLost { agent, to } => {
                out.push(Effect::Release {
                    agent: agent.clone(),
                    reason: "another agent was first".into(),
                });
                out.push(Effect::Happened(Happening::OfferLost { agent, to }));
            }
            Step::Gone { agent, why } => {
                out.push(Effect::Release {
                    agent: agent.clone(),
                    reason: why.into(),
                });
                out.push(Effect::Happened(Happening::AgentGone {
                    agent,
                    why: why.into(),
                }));
            }
            Step::Bridged(agent) => {
                self.human_has_the_callee(now, Happening::Bridged { agent }, out);
            }
            Step::Left(agent) => {
                out.push(Effect::Happened(Happening::AgentGone {
                    agent,
                    why: "left".into(),
                }));
                self.tell(now, Told::Agent(AgentNews::Left), out);
            }
            Step::Lost(human) => self.robot_holds(now, &human, out),
            Step::Fallen { from, agent } => {
                out.push(Effect::Happened(lost(&from)));
                out.push(Effect::Happened(Happening::Bridged { agent }));
            }
            Step::Back(human) => {
                let back = Happening::LineBack {
                    who: human.name().into(),
                    user: human.user(),
                };
                self.human_has_the_callee(now, back, out);
            }
            Step::Forfeited(user) => {
                if let Some((name, mode)) = self.watchers.get_mut(&user) {
                    *mode = WatchMode::Listen;
                    out.push(Effect::Happened(Happening::Watching {
                        user,
                        name: name.clone(),
                        mode: *mode,
                    }));
                }
            }
            Step::Nobody { why, after_hours } => {
                self.nobody_came = true;
                out.push(Effect::Happened(Happening::NobodyCame { why, after_hours }));
                let news = if after_hours {
                    AgentNews::Closed
                } else {
                    AgentNews::Nobody
                };
                self.tell(now, Told::Agent(news), out);
            }
        }
    }

    /// The robot is silent from here on.
    pub(super) fn human_has_the_callee(&mut self, now: Ms, what: Happening, out: &mut Vec<Effect>) {
        self.bridged_ever = true;
        self.owed_since = None;
        self.held_a_moment = None;
        self.speaking.forget();
        out.push(Effect::StopSpeaking);
        out.push(Effect::Happened(what));
        self.tell(now, Told::Agent(AgentNews::Joined), out);
        out.push(Effect::Prepare(self.dialogue.holding_line()));
    }

    /// The human's line is lost: an agent is wanted again, and the robot talks until one has the callee.
    fn robot_holds(&mut self, now: Ms, human: &Human, out: &mut Vec<Effect>) {
        out.push(Effect::Happened(lost(human)));
        if self.opt_out || self.decided.is_some() {
            // There is nothing left to talk about.
            self.handover
                .nobody("the conversation is over", false, &mut Vec::new());
        } else {
            let (before, skill) = self.want.clone().unwrap_or_default();
            let mut reason = format!("the line of {} was lost", human.name());
            if !before.is_empty() {
                reason = format!("{reason}; before: {before}");
            }
            out.push(Effect::Happened(Happening::AgentWanted { reason, skill }));
        }
        out.push(Effect::Happened(Happening::Resumed {
            why: "line lost".into(),
        }));
        self.tell(now, Told::Agent(AgentNews::Lost), out);
    }

    /// Tells who hears whom when that has changed.
    pub(super) fn rewire(&mut self, out: &mut Vec<Effect>) {
        let human = self.handover.human();
        let supervisors = self.watchers.iter();
        let roster = Roster {
            robot: human.is_none(),
            agent: self.handover.part(),
            supervisors: supervisors
                .map(|(user, (_, mode))| (*user, *mode))
                .collect(),
        };
        let wired = Some((roster, human));
        if wired != self.wired {
            self.wired = wired;
            if let Some((roster, human)) = self.wired.clone() {
                out.push(Effect::Bridge { roster, human });
            }
        }
    }

    pub(super) fn took_over(&self, user: i64) -> bool {
        let mode = self.watchers.get(&user).map(|(_, mode)| *mode);
        mode == Some(WatchMode::TakeOver)
    }
}

fn lost(human: &Human) -> Happening {
    Happening::LineLost {
        who: human.name().into(),
        user: human.user(),
    }
}
