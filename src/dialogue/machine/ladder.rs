//! Silence, and words that fit nothing: help a little more each time, then an end.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use super::phase::Phase;
use super::speech::Spoken;
use crate::dialogue::effect::Effect;
use crate::dialogue::plan::Step;
use crate::terms::Ms;
use std::sync::Arc;

impl Machine {
    /// The callee has said nothing for as long as the file allows.
    pub(super) fn silence(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        match self.phase {
            Phase::AskingCallback => return self.callback_unclear(now, out),
            Phase::NobodyAsked => {
                return self.close(
                    now,
                    "goodbye",
                    &plan.goodbye,
                    plan.handoff.nobody.hangup(),
                    out,
                );
            }
            Phase::Talking | Phase::Confirming => {}
            _ => return,
        }
        self.no_input += 1;
        out.push(Effect::NoInput {
            count: self.no_input,
        });
        let nth = self.no_input as usize;
        let Some(line) = plan.no_input.lines.get(nth - 1) else {
            return self.close(
                now,
                "no_input end",
                &plan.no_input.end,
                plan.no_input.hangup.clone(),
                out,
            );
        };
        self.say(now, &format!("no_input {nth}"), line, out);
        // The first line only asks whether they are there; from the second on the question comes with it.
        self.presence_check = nth == 1;
        if nth > 1 {
            self.repeat_question(now, out);
        } else {
            self.expect(true, out);
        }
    }

    /// Words that fit nothing here (`None`: speech without words). Lines that the callee cut off are said again, once.
    pub(super) fn misfit(
        &mut self,
        now: Ms,
        text: Option<&str>,
        cut: Vec<Spoken>,
        out: &mut Vec<Effect>,
    ) {
        let plan = Arc::clone(&self.plan);
        if text.is_some() && self.ask_doubt(now, out) {
            return;
        }
        if !cut.is_empty() && !self.speech.said_again {
            self.speech.said_again = true;
            self.speak_again(now, cut, out);
            return self.expect(true, out);
        }
        let step = self.step.as_ref().and_then(|s| plan.steps.get(s));
        let slot = step.and_then(|s| s.slot.as_ref());
        if self.phase == Phase::Talking {
            if !step.is_some_and(Step::listens) {
                return;
            }
            if let (Some(text), Some(otherwise)) = (text, step.and_then(|s| s.otherwise.as_ref()))
                && (slot.is_none() || self.no_match > 0)
            {
                self.memory.evidence = text.to_string();
                self.memory.score = 0.0;
                let key = format!("else at {}", self.step.clone().unwrap_or_default());
                return self.act(now, otherwise, &key, out);
            }
        }
        if text.is_some_and(|t| self.off_script(now, t, out)) {
            return;
        }
        self.no_match += 1;
        out.push(Effect::NoMatch {
            count: self.no_match,
        });
        let nth = self.no_match as usize;
        let Some(line) = plan.no_match.lines.get(nth - 1) else {
            return self.close(
                now,
                "no_match end",
                &plan.no_match.end,
                plan.no_match.hangup.clone(),
                out,
            );
        };
        let reask = slot
            .and_then(|s| s.reask.as_ref())
            .filter(|_| self.phase == Phase::Talking);
        if let Some(reask) = reask {
            self.ask(now, &format!("reask {nth}"), reask, out);
            return self.expect(true, out);
        }
        self.say(now, &format!("no_match {nth}"), line, out);
        if nth > 1 {
            self.repeat_question(now, out);
        } else {
            self.expect(true, out);
        }
    }
}
