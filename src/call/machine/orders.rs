//! Orders of the desk, the web and the campaign: each is carried out or refused at once.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Machine, Phase};
use crate::call::command::{Answer, Command, Refused, Steer, WatchMode, Watcher};
use crate::call::effect::Effect;
use crate::call::handover::{Human, No};
use crate::terms::{Grade, Happening, Ms};

/// A line that a human writes for the robot is at most so many characters.
const LONGEST_LINE: usize = 500;

impl Machine {
    /// Carries an order out; `out` gets what is to be done, in order.
    ///
    /// # Errors
    /// Why it is refused; nothing has changed then.
    pub fn order(&mut self, now: Ms, command: &Command, out: &mut Vec<Effect>) -> Answer {
        if self.phase == Phase::Ended {
            return Err(Refused::new("no_such_call", "the call is over"));
        }
        let answer = match command {
            Command::RingAgent { agent, uri } => self.ring(agent, uri, out),
            Command::Offered { agents } => self.offered(now, agents, out),
            Command::Accept { agent, .. } => self.accept(now, agent, out),
            Command::Declined { agent } => self.declined(agent, out),
            Command::NoAgent { why, after_hours } => {
                let mut steps = Vec::new();
                self.handover.nobody(why, *after_hours, &mut steps);
                self.take_steps(now, steps, out);
                Ok(())
            }
            Command::Join { who, mode, line } => self.join(now, who, *mode, line.is_some(), out),
            Command::Leave { user } => self.watcher_leaves(now, *user, out),
            Command::Steer { by, what } => self.steer(now, by, what, out),
            Command::HandBack { by, step } => self.hand_back(now, by, step.as_deref(), out),
            Command::Hangup { by, reason } => self.hang_up(now, by, reason, out),
            Command::Grade { by, grade, reason } => {
                self.grade_by_hand(by, *grade, reason, out);
                Ok(())
            }
            Command::Card { by, fields } => {
                edit_card(by, fields, out);
                Ok(())
            }
        };
        self.leave_when_done(now);
        answer
    }

    fn ring(&mut self, agent: &str, uri: &str, out: &mut Vec<Effect>) -> Answer {
        if self.phase == Phase::Talking && self.handover.ring(agent) {
            let reason = self.want.as_ref().map_or("", |(reason, _)| reason);
            out.push(Effect::Prepare(self.dialogue.briefing(reason)));
            out.push(Effect::RingAgent {
                agent: agent.into(),
                uri: uri.into(),
            });
            return Ok(());
        }
        // Whoever sent the order without waiting for the answer learns it all the same.
        out.push(Effect::Happened(Happening::AgentGone {
            agent: agent.into(),
            why: "no longer wanted".into(),
        }));
        Err(not_wanted())
    }

    fn offered(&mut self, now: Ms, agents: &[String], out: &mut Vec<Effect>) -> Answer {
        let mut steps = Vec::new();
        for agent in agents {
            if self.phase == Phase::Talking && self.handover.ring(agent) {
                self.handover.rings(agent, &mut steps);
            }
        }
        let any = !steps.is_empty();
        self.take_steps(now, steps, out);
        if any { Ok(()) } else { Err(not_wanted()) }
    }

    fn accept(&mut self, now: Ms, agent: &str, out: &mut Vec<Effect>) -> Answer {
        if self.phase != Phase::Talking {
            return Err(not_wanted());
        }
        let mut steps = Vec::new();
        let answer = self.handover.answer(now, agent, false, &mut steps);
        answer.map_err(|no| match no {
            No::Taken(by) => taken(&by),
            No::NotWanted => not_wanted(),
        })?;
        out.push(Effect::Seat {
            agent: agent.into(),
        });
        self.take_steps(now, steps, out);
        Ok(())
    }

    fn declined(&mut self, agent: &str, out: &mut Vec<Effect>) -> Answer {
        if !self.handover.declined(agent) {
            return Err(Refused::new(
                "not_ringing",
                format!("the call does not ring at {agent}"),
            ));
        }
        out.push(Effect::Release {
            agent: agent.into(),
            reason: "declined".into(),
        });
        out.push(Effect::Happened(Happening::AgentDeclined {
            agent: agent.into(),
        }));
        Ok(())
    }

    fn join(
        &mut self,
        now: Ms,
        who: &Watcher,
        mode: WatchMode,
        has_line: bool,
        out: &mut Vec<Effect>,
    ) -> Answer {
        let may = match mode {
            WatchMode::Listen => {
                matches!(
                    self.phase,
                    Phase::Dialing | Phase::Talking | Phase::LastWords { .. }
                )
            }
            _ => self.phase == Phase::Talking,
        };
        if !may {
            return Err(Refused::new(
                "not_talking",
                "nobody talks on this call now; listen until the callee answers",
            ));
        }
        let before = self.watchers.get(&who.user).map(|(_, mode)| *mode);
        if before.is_none() && !has_line {
            return Err(Refused::new(
                "no_line",
                "there is no audio line of yours; open one first",
            ));
        }
        let mut steps = Vec::new();
        if mode == WatchMode::TakeOver {
            let took = self.handover.take_over(who.user, &who.name, &mut steps);
            if let Err(No::Taken(by)) = took {
                return Err(taken(&by));
            }
        }
        if has_line {
            out.push(Effect::Watch { user: who.user });
        }
        self.watchers.insert(who.user, (who.name.clone(), mode));
        if before != Some(mode) {
            out.push(Effect::Happened(Happening::Watching {
                user: who.user,
                name: who.name.clone(),
                mode,
            }));
        }
        if before == Some(WatchMode::TakeOver) && mode != WatchMode::TakeOver {
            self.taker_gives_back(now, &who.name, None, out);
        }
        self.take_steps(now, steps, out);
        if mode == WatchMode::TakeOver && before != Some(mode) {
            let taken = Happening::TakenOver {
                user: who.user,
                by: who.name.clone(),
            };
            self.human_has_the_callee(now, taken, out);
        }
        Ok(())
    }

    fn watcher_leaves(&mut self, now: Ms, user: i64, out: &mut Vec<Effect>) -> Answer {
        self.unwatch(now, user, "left", None, out)
    }

    fn unwatch(
        &mut self,
        now: Ms,
        user: i64,
        why: &str,
        step: Option<&str>,
        out: &mut Vec<Effect>,
    ) -> Answer {
        let Some((name, mode)) = self.watchers.remove(&user) else {
            return Err(Refused::new("not_there", "you are not on this call"));
        };
        out.push(Effect::Unwatch { user });
        if mode == WatchMode::TakeOver {
            self.taker_gives_back(now, &name, step, out);
        }
        self.rewire(out);
        out.push(Effect::Happened(Happening::WatchEnded {
            user,
            name,
            why: why.into(),
        }));
        Ok(())
    }

    /// The supervisor who took over stops: the agent has the callee again, else the robot.
    fn taker_gives_back(&mut self, now: Ms, by: &str, step: Option<&str>, out: &mut Vec<Effect>) {
        let had = matches!(self.handover.human(), Some(Human::Supervisor { .. }));
        let to = self.handover.taker_left();
        self.rewire(out);
        // One whose line was lost has given nothing back: others have it, or are sought.
        if !had {
            return;
        }
        out.push(Effect::Happened(Happening::HandedBack {
            by: by.into(),
            to: to.clone(),
            step: step.map(Into::into),
        }));
        match to {
            Some(agent) => out.push(Effect::Happened(Happening::Bridged { agent })),
            None => self.robot_goes_on(now, step, out),
        }
    }

    fn robot_goes_on(&mut self, now: Ms, step: Option<&str>, out: &mut Vec<Effect>) {
        out.push(Effect::Happened(Happening::Resumed {
            why: "handed back".into(),
        }));
        let mut wishes = Vec::new();
        self.dialogue.hand_back(now, step, &mut wishes);
        self.perform(now, wishes, out);
    }

    fn hand_back(
        &mut self,
        now: Ms,
        by: &str,
        step: Option<&str>,
        out: &mut Vec<Effect>,
    ) -> Answer {
        if let Some(step) = step {
            self.known_step(step)?;
        }
        match self.handover.human() {
            Some(Human::Supervisor { user, .. }) => {
                if let (Some(agent), true) = (self.handover.agent(), step.is_some()) {
                    return Err(Refused::new(
                        "agent_there",
                        format!("{agent} has the call back; leave the step out"),
                    ));
                }
                self.unwatch(now, user, "handed back", step, out)
            }
            Some(Human::Agent(agent)) => {
                self.handover.agent_leaves();
                self.rewire(out);
                out.push(Effect::Release {
                    agent: agent.clone(),
                    reason: "handed back".into(),
                });
                out.push(Effect::Happened(Happening::HandedBack {
                    by: by.into(),
                    to: None,
                    step: step.map(Into::into),
                }));
                out.push(Effect::Happened(Happening::AgentGone {
                    agent,
                    why: "handed back".into(),
                }));
                self.robot_goes_on(now, step, out);
                Ok(())
            }
            // On the line and not speaking yet: others may be tried.
            None => {
                let Some(agent) = self.handover.agent().map(str::to_string) else {
                    return Err(Refused::new(
                        "no_human",
                        "the robot has the call; there is nothing to hand back",
                    ));
                };
                let mut steps = Vec::new();
                self.handover.ended(now, &agent, true, &mut steps);
                self.take_steps(now, steps, out);
                Ok(())
            }
        }
    }

    fn steer(&mut self, now: Ms, by: &str, what: &Steer, out: &mut Vec<Effect>) -> Answer {
        if let Some(human) = self.handover.human() {
            return Err(Refused::new(
                "human_talks",
                format!("{} talks to the callee; hand back first", human.name()),
            ));
        }
        let not_now = |why: &str| Err(Refused::new("not_now", why));
        if self.phase != Phase::Talking || self.decided.is_some() {
            return not_now("the robot is not talking to anybody, or has said goodbye");
        }
        let mut wishes = Vec::new();
        let (say, step) = match what {
            Steer::Say(text) => {
                let text = text.trim();
                if text.is_empty() {
                    return Err(Refused::new("empty", "write what the robot is to say"));
                }
                if text.chars().count() > LONGEST_LINE {
                    return Err(Refused::new(
                        "too_long",
                        format!("at most {LONGEST_LINE} characters"),
                    ));
                }
                if !self.dialogue.say_for_human(now, text, &mut wishes) {
                    return not_now("the robot says nothing more");
                }
                (Some(text.to_string()), None)
            }
            Steer::Step(step) => {
                self.known_step(step)?;
                if self.dialogue.disclosing() {
                    return not_now("the first words, which the law asks for, come first");
                }
                if !self.dialogue.jump(now, step, &mut wishes) {
                    return not_now("the robot cannot go there now");
                }
                (None, Some(step.clone()))
            }
        };
        out.push(Effect::Happened(Happening::Steered {
            by: by.into(),
            say,
            step,
        }));
        self.perform(now, wishes, out);
        Ok(())
    }

    fn known_step(&self, step: &str) -> Answer {
        self.dialogue.find_step(step).map_err(|advice| {
            Refused::new(
                "unknown_step",
                format!("the dialplan has no step {step:?}; {advice}"),
            )
        })
    }

    fn hang_up(&mut self, now: Ms, by: &str, reason: &str, out: &mut Vec<Effect>) -> Answer {
        if !matches!(
            self.phase,
            Phase::Dialing | Phase::Talking | Phase::LastWords { .. }
        ) {
            return Err(Refused::new("not_now", "the call is ending already"));
        }
        out.push(Effect::Happened(Happening::HangupOrdered {
            by: by.into(),
            reason: reason.into(),
        }));
        self.leave(now, reason, out);
        Ok(())
    }

    fn grade_by_hand(&mut self, by: &str, grade: Grade, reason: &str, out: &mut Vec<Effect>) {
        self.dialogue.grade_by_hand(grade, reason);
        let reasons = vec![reason.to_string()];
        self.grade = Some((grade, reasons.clone()));
        out.push(Effect::Happened(Happening::Graded {
            grade,
            reasons,
            by: Some(by.into()),
        }));
    }
}

fn edit_card(by: &str, fields: &[(String, String)], out: &mut Vec<Effect>) {
    let names = fields.iter().map(|(field, _)| field.clone());
    out.push(Effect::Happened(Happening::CardEdited {
        by: by.into(),
        fields: names.collect(),
    }));
    for (field, value) in fields {
        out.push(Effect::Happened(Happening::Card {
            field: field.clone(),
            value: value.clone(),
        }));
    }
}

fn taken(by: &str) -> Refused {
    Refused::new("taken", format!("{by} has the call"))
}

fn not_wanted() -> Refused {
    Refused::new("not_wanted", "the call wants no agent now")
}
