//! Bringing a human: wanted once, announced once, talked through until the agent speaks or nobody comes.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::act::{Act, acts};
use super::phase::Phase;
use super::{Machine, WAITING};
use crate::dialogue::effect::Effect;
use crate::dialogue::intent::Reading;
use crate::dialogue::lines::line;
use crate::dialogue::plan::{Hangup, Nobody};
use crate::terms::{Disposition, Line, Ms};
use std::sync::Arc;

/// Between the lines said while an agent's phone rings.
const PAUSE_MS: u64 = 2500;
/// The same, once all of them have been said.
const LONG_PAUSE_MS: u64 = 8000;
/// An engine that says nothing of its agents for so long has none.
const PATIENCE_MS: u64 = 120_000;

#[derive(Debug, Default, PartialEq)]
enum State {
    #[default]
    Unwanted,
    Wanted,
    Failed,
    Joined,
}

#[derive(Debug, Default)]
pub(super) struct Hand {
    state: State,
    /// The callee was told.
    announced: Option<Ms>,
    /// Lines said while waiting.
    lines: usize,
    /// A human had the callee and gave him back: the file's rule wants none again, the callee may.
    had: bool,
}

impl Hand {
    /// Wanted, and the callee does not know yet.
    pub fn unannounced(&self) -> bool {
        self.state == State::Wanted && self.announced.is_none()
    }

    /// A human had the callee and gave him back.
    pub fn served(&mut self) {
        *self = Hand {
            had: true,
            lines: self.lines,
            ..Hand::default()
        };
    }

    /// The human's line was lost, and one is sought again.
    pub fn lost(&mut self, now: Ms) {
        self.state = State::Wanted;
        self.announced = Some(now);
    }

    /// Nobody will come; false when nobody was wanted.
    pub fn fail(&mut self) -> bool {
        let wanted = self.state == State::Wanted;
        if wanted {
            self.state = State::Failed;
        }
        wanted
    }
}

impl Machine {
    /// The callee asked for a person.
    pub(super) fn wants_human(&mut self, now: Ms, r: &Reading, out: &mut Vec<Effect>) {
        self.note_intent(&r.intent, r.score, &r.evidence, out);
        if self.hand.state == State::Failed {
            return self.say_nobody(now, out);
        }
        self.want(format!("asked for a person: {}", r.evidence), None, out);
        self.announce(now, out);
    }

    /// Rings the agents; once.
    pub(super) fn want(&mut self, reason: String, skill: Option<String>, out: &mut Vec<Effect>) {
        if self.hand.state == State::Unwanted {
            self.hand.state = State::Wanted;
            let skill = skill.or_else(|| self.plan.handoff.skill.clone());
            out.push(Effect::WantAgent { reason, skill });
        }
    }

    /// The file's hand-off rule.
    pub(super) fn want_by_rule(&mut self, out: &mut Vec<Effect>) {
        let open = matches!(self.phase, Phase::Talking | Phase::Confirming);
        if !open || self.hand.had || self.hand.state != State::Unwanted {
            return;
        }
        let plan = Arc::clone(&self.plan);
        let h = &plan.handoff;
        let by_grade = h.grade.and_then(|wanted| {
            let (grade, reasons) = self.memory.grade.as_ref()?;
            grade
                .at_least(wanted)
                .then(|| format!("grade {grade}: {}", reasons.join("; ")))
        });
        let by_tag = || {
            h.tags
                .iter()
                .find(|t| self.memory.tags.contains(*t))
                .map(|t| format!("tag {t}"))
        };
        let by_intent = || {
            h.intents
                .iter()
                .find(|i| self.memory.intents.contains(*i))
                .map(|i| format!("intent {i}"))
        };
        let by_mood = || {
            let upset = h.upset && self.memory.tags.contains("upset");
            upset.then(|| "the callee is upset".to_string())
        };
        let reason = by_grade.or_else(by_tag).or_else(by_intent).or_else(by_mood);
        if let Some(reason) = reason {
            self.want(reason, None, out);
        }
    }

    /// Tells the callee that a person is coming. With no agent to hope for, says that instead.
    pub(super) fn announce(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        match self.hand.state {
            State::Failed => self.say_nobody(now, out),
            State::Joined => {}
            _ if self.hand.announced.is_some() => self.wait_on(now, out),
            _ => {
                self.hand.announced = Some(now);
                self.phase = Phase::Waiting;
                self.say(now, "handoff", &plan.handoff.line, out);
                self.expect(true, out);
            }
        }
    }

    fn wait_on(&mut self, now: Ms, out: &mut Vec<Effect>) {
        self.phase = Phase::Waiting;
        self.talk_on(now, out);
    }

    /// The robot has said everything and the agent's phone still rings.
    pub(super) fn wait_for_agent(&mut self, now: Ms) {
        if self.timer.is_none_or(|(_, why)| why != WAITING) {
            let first_round = self.hand.lines < self.plan.handoff.while_waiting.len();
            let pause = if first_round { PAUSE_MS } else { LONG_PAUSE_MS };
            self.timer = Some((now.after(pause), WAITING));
        }
    }

    /// The next line for someone who waits.
    pub(super) fn talk_on(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if self
            .hand
            .announced
            .is_some_and(|at| now.since(at) > PATIENCE_MS)
        {
            return self.nobody_came(now, out);
        }
        let plan = Arc::clone(&self.plan);
        let lines = &plan.handoff.while_waiting;
        if lines.is_empty() {
            return;
        }
        let nth = self.hand.lines % lines.len();
        self.hand.lines += 1;
        self.say(now, &format!("waiting {nth}"), &lines[nth], out);
        self.expect(true, out);
    }

    /// Words while the agent's phone rings: questions are answered; nothing calls the agent off.
    pub(super) fn while_waiting(&mut self, now: Ms, readings: &[Reading], out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let Some(r) = readings.first() else { return };
        match acts(&plan, None, &r.evidence, &readings[..1]).first() {
            Some((_, Act::Global(action))) if action.goto.is_none() && action.hangup.is_none() => {
                self.note_intent(&r.intent, r.score, &r.evidence, out);
                if let Some(say) = &action.say {
                    self.say(now, &format!("global {}", r.intent), say, out);
                    self.expect(true, out);
                }
            }
            Some((_, Act::Human)) => {
                self.note_intent(&r.intent, r.score, &r.evidence, out);
                self.talk_on(now, out);
            }
            _ => out.push(Effect::Intent {
                intent: r.intent.clone(),
                score: r.score,
                evidence: r.evidence.clone(),
            }),
        }
    }

    /// An agent speaks: not another word from the robot.
    pub(super) fn agent_joined(&mut self, out: &mut Vec<Effect>) {
        if self.phase == Phase::Over {
            return;
        }
        self.stop(out);
        self.hand.state = State::Joined;
        self.phase = Phase::Human;
    }

    /// No agent came. The callee hears of it only if an agent was promised.
    pub(super) fn nobody_came(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if self.phase == Phase::Over || !self.hand.fail() {
            return;
        }
        if self.plan.handoff.nobody.callback {
            self.promise(out);
        }
        if self.phase == Phase::Waiting {
            self.say_nobody(now, out);
        }
    }

    fn say_nobody(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let nobody = &plan.handoff.nobody;
        self.timer = None;
        self.ask(now, "nobody", &nobody.say, out);
        let asks = self
            .speech
            .question
            .as_ref()
            .is_some_and(|q| q.line.text.trim_end().ends_with(['?', '？']));
        self.phase = match &nobody.goto {
            None if asks => Phase::NobodyAsked,
            _ => after_nobody(nobody),
        };
        self.expect(true, out);
    }

    /// The answer to "may we call you back": a time is kept, and the call ends either way.
    pub(super) fn nobody_answered(&mut self, now: Ms, text: &str, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        if let Some(filled) = self.time_in(text) {
            self.keep_callback_time(&filled, out);
        }
        self.close(
            now,
            "goodbye",
            &plan.goodbye,
            plan.handoff.nobody.hangup(),
            out,
        );
    }

    /// The first of the lines for those who wait.
    pub(super) fn first_waiting_line(&self) -> Option<Line> {
        let lines = &self.plan.handoff.while_waiting;
        let prompt = lines.get(self.hand.lines % lines.len().max(1))?;
        let variant = *self.variants(prompt).first()?;
        let value = |v: &str| self.spoken_value(v);
        Some(line(&self.plan, variant, self.lang, &value))
    }

    /// The agent hung up and the callee is still there.
    pub(super) fn agent_left(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if self.phase == Phase::Human {
            let plan = Arc::clone(&self.plan);
            let hangup = Hangup {
                disposition: Disposition::Transferred,
                result: None,
            };
            self.close(now, "goodbye", &plan.goodbye, hangup, out);
        }
    }
}

/// Where the conversation goes once the callee knows that nobody comes.
pub(super) fn after_nobody(nobody: &Nobody) -> Phase {
    match &nobody.goto {
        Some(goto) => Phase::Then(goto.name.clone()),
        None => Phase::Closing(nobody.hangup()),
    }
}
