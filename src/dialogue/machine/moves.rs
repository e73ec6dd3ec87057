//! From step to step: entering, what a branch does, what is expected to be heard.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::phase::Phase;
use super::{KEYED, Machine, NO_INPUT};
use crate::dialogue::effect::Effect;
use crate::dialogue::plan::{Action, Hangup, Prompt, Retain, Step};
use crate::dialogue::slot::SlotKind;
use crate::terms::Ms;
use std::sync::Arc;

impl Machine {
    /// Goes to a step, unless a human is wanted and the callee has not been told: then that comes first.
    pub(super) fn go(&mut self, now: Ms, step: &str, out: &mut Vec<Effect>) {
        self.want_by_rule(out);
        if self.hand.unannounced() {
            self.announce(now, out);
        } else {
            self.enter(now, step, out);
        }
    }

    pub(super) fn enter(&mut self, now: Ms, name: &str, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let Some((name, step)) = plan.steps.get_key_value(name) else {
            return;
        };
        self.phase = Phase::Talking;
        self.step = Some(name.clone());
        self.memory.steps.insert(name.clone());
        self.speech.said_again = false;
        self.speech.question = None;
        self.no_match = 0;
        self.presence_check = false;
        self.doubted = false;
        self.branched = false;
        self.timer = None;
        out.push(Effect::Enter { step: name.clone() });
        if step.enter.opts_out() {
            return self.opted_out(now, &step.enter, step.say.as_ref(), out);
        }
        self.marks(&step.enter, out);
        if let Some(lang) = step.enter.lang {
            self.switch(lang, out);
        }
        if let Some(say) = &step.say {
            self.ask(now, &step_key(name), say, out);
        }
        if let Some(lookup) = &step.lookup {
            self.look_up(now, lookup, out);
        }
        self.expect(true, out);
    }

    /// The tags, values and grade of an action.
    pub(super) fn marks(&mut self, action: &Action, out: &mut Vec<Effect>) {
        let (evidence, score) = (self.memory.evidence.clone(), self.memory.score);
        for tag in &action.tag {
            self.tag(tag, score, &evidence, out);
        }
        for (name, value) in &action.set {
            self.keep_slot(name, SlotKind::Free, value, &evidence, out);
        }
        if let Some(grade) = action.grade {
            let step = self.step.clone().unwrap_or_default();
            self.memory.given = Some((grade, format!("{step}: {evidence}")));
            self.regrade(out);
        }
    }

    /// Does what a branch says.
    pub(super) fn act(&mut self, now: Ms, action: &Action, key: &str, out: &mut Vec<Effect>) {
        self.no_match = 0;
        self.presence_check = false;
        if action.opts_out() {
            return self.opted_out(now, action, action.say.as_ref(), out);
        }
        self.marks(action, out);
        if let Some(say) = &action.say {
            if action.stays() {
                self.ask(now, key, say, out);
            } else {
                self.say(now, key, say, out);
            }
        }
        if let Some(lang) = action.lang {
            self.switch(lang, out);
        }
        if action.returns {
            self.come_back(now, out);
        } else if let Some(flow) = &action.call {
            self.call(now, &flow.name, out);
        } else if let Some(skill) = &action.handoff {
            self.want(self.memory.evidence.clone(), skill.clone(), out);
            self.announce(now, out);
        } else if let Some(hangup) = &action.hangup {
            if action.callback {
                self.promise(out);
            }
            self.want_by_rule(out);
            if self.hand.unannounced() {
                self.announce(now, out);
            } else {
                self.phase = Phase::Closing(hangup.clone());
            }
        } else if let Some(goto) = &action.goto {
            if action.callback {
                self.promise(out);
            }
            self.go(now, &goto.name, out);
        } else if action.callback {
            self.ask_callback(now, out);
        } else {
            self.phase = Phase::Talking;
            if action.lang.is_some() && action.say.is_none() {
                return self.ask_anew(now, out);
            }
            self.expect(true, out);
        }
    }

    /// The retention line for this branch, when it is due.
    pub(super) fn retention(&mut self, intent: &str, action: &Action) -> Option<Prompt> {
        let plan = Arc::clone(&self.plan);
        let general = plan
            .retention
            .as_ref()
            .filter(|r| r.on.iter().any(|i| i == intent));
        let step = self.step.clone().unwrap_or_default();
        let line = match &action.retention {
            Retain::No => None,
            Retain::Own(p) => Some(p),
            Retain::Yes => plan.retention.as_ref().map(|r| &r.say),
            // A file that marks no branch means every step but the first, where a "no" is about who is speaking.
            Retain::Unsaid if marked(&plan.steps) || step == plan.start.name => None,
            Retain::Unsaid => general.map(|r| &r.say),
        }?;
        let once = plan.retention.as_ref().is_none_or(|r| r.once);
        let key = if once {
            "retained".to_string()
        } else {
            format!("retained at {step}")
        };
        self.memory.retained.insert(key).then(|| line.clone())
    }

    /// The current step has been spoken: listens, or goes on.
    pub(super) fn go_on(&mut self, now: Ms, out: &mut Vec<Effect>) -> bool {
        let plan = Arc::clone(&self.plan);
        let Some(step) = self.step.as_ref().and_then(|s| plan.steps.get(s)) else {
            return false;
        };
        if step.listens() {
            self.listen(now);
            return false;
        }
        let enter = &step.enter;
        if !std::mem::replace(&mut self.branched, true)
            && let Some(b) = step.branch.iter().find(|b| self.holds(&b.when))
        {
            self.act(now, &b.action, "branch", out);
            return true;
        }
        if enter.returns {
            self.come_back(now, out);
            return true;
        }
        if let Some(flow) = &enter.call {
            self.call(now, &flow.name, out);
            return true;
        }
        if let Some(skill) = &enter.handoff {
            self.want(self.memory.evidence.clone(), skill.clone(), out);
        }
        if self.hand.unannounced() {
            self.announce(now, out);
        } else if let Some(hangup) = &enter.hangup {
            if enter.callback {
                self.promise(out);
            }
            self.hang_up(hangup, out);
            return false;
        } else if let Some(goto) = &enter.goto {
            if enter.callback {
                self.promise(out);
            }
            self.enter(now, &goto.name, out);
        } else if enter.callback {
            self.ask_callback(now, out);
        } else {
            // A hand-off step whose agent did not come, with nowhere to go.
            self.close(
                now,
                "goodbye",
                &plan.goodbye,
                plan.handoff.nobody.hangup(),
                out,
            );
        }
        true
    }

    /// Last words, then the hang-up.
    pub(super) fn close(
        &mut self,
        now: Ms,
        key: &str,
        prompt: &Prompt,
        hangup: Hangup,
        out: &mut Vec<Effect>,
    ) {
        self.say(now, key, prompt, out);
        self.phase = Phase::Closing(hangup);
    }

    /// Waits for the callee.
    pub(super) fn listen(&mut self, now: Ms) {
        if self
            .timer
            .is_some_and(|(_, why)| why == NO_INPUT || why == KEYED)
        {
            return;
        }
        let quiet = now.after(self.plan.no_input_after_ms);
        // A callee who is speaking already is not silent, but does not speak for ever either.
        let speaking = self
            .callee_since
            .map_or(quiet, |since| since.after(super::LONGEST_TURN_MS));
        self.timer = Some((quiet.max(speaking), NO_INPUT));
    }

    /// The step that will listen: the current one, or the first one that the current one leads to without asking.
    pub(super) fn listening_step<'p>(
        &self,
        steps: &'p std::collections::BTreeMap<String, Step>,
    ) -> Option<(&'p String, &'p Step)> {
        let mut name = self.step.as_ref()?;
        for _ in 0..=steps.len() {
            let found = steps.get_key_value(name)?;
            if found.1.listens() {
                return Some(found);
            }
            let goto = found.1.enter.goto.as_ref()?;
            name = steps.get_key_value(&goto.name)?.0;
        }
        None
    }
}

/// Some branch of the file says which denials are answered with the retention line.
fn marked(steps: &std::collections::BTreeMap<String, Step>) -> bool {
    steps
        .values()
        .flat_map(|s| s.on.values().chain(s.otherwise.as_ref()))
        .any(|a| matches!(a.retention, Retain::Yes | Retain::Own(_)))
}

/// The key under which a step's line counts its alternatives.
pub(super) fn step_key(step: &str) -> String {
    format!("step {step}")
}
