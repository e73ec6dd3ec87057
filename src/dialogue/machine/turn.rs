//! The callee's turn: what their words are taken for, and what follows.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::act::{Act, act_of, acts, apart};
use super::phase::Phase;
use super::speech::Spoken;
use super::{Machine, doubt};
use crate::dialogue::effect::Effect;
use crate::dialogue::intent::{ACCEPT, Reading};
use crate::dialogue::plan::{Action, Hangup, Step};
use crate::dialogue::slot::SlotKind;
use crate::terms::{Disposition, Ms};
use std::sync::Arc;

impl Machine {
    /// The callee's final words.
    pub(super) fn heard(&mut self, now: Ms, text: &str, over_prompt: bool, out: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Before | Phase::Over) {
            return;
        }
        self.memory.turns += 1;
        self.memory.words = text.to_string();
        let plan = Arc::clone(&self.plan);
        let weighed = plan.weigh(text, self.lang, &self.expected(), &self.besides);
        let strong = |r: &&Reading| r.score >= ACCEPT;
        let readings: Vec<Reading> = weighed.iter().filter(strong).cloned().collect();
        self.doubt = doubt::of(&weighed);
        self.notice_mood(text, &readings, out);
        if let Some(r) = readings.iter().find(|r| r.intent == "opt_out") {
            return self.opt_out(now, &r.evidence, r.score, out);
        }
        if self.phase == Phase::Human {
            if let Some(r) = readings.first() {
                self.note_intent(&r.intent, r.score, &r.evidence, out);
            }
            return;
        }
        if self.speech.speaking() && !over_prompt {
            // The robot was not stopped: what is being said cannot be, or the words came too late to stop it.
            self.stash = Some(text.to_string());
            return;
        }
        let cut = self.yield_floor(out);
        self.no_input = 0;
        if self.memory.turns > plan.max_turns
            && !matches!(self.phase, Phase::Closing(_) | Phase::Waiting)
        {
            let hangup = Hangup {
                disposition: Disposition::Completed,
                result: Some("max_turns".into()),
            };
            return self.close(now, "goodbye", &plan.goodbye, hangup, out);
        }
        match self.phase {
            Phase::Disclosing => {
                self.stash = Some(text.to_string());
                self.speak_again(now, cut, out);
            }
            Phase::Talking => self.talk(now, text, &readings, cut, out),
            Phase::Confirming => self.confirmed(now, text, &readings, cut, out),
            // Words while another machine is asked wait until the next question is known.
            Phase::Asking => self.stash = Some(text.to_string()),
            Phase::AskingCallback => self.callback_time(now, text, &readings, out),
            Phase::NobodyAsked => self.nobody_answered(now, text, out),
            Phase::Waiting => self.while_waiting(now, &readings, out),
            Phase::Closing(_) | Phase::Then(_) => {
                if let Some(r) = readings.iter().find(|r| r.intent == "human") {
                    self.wants_human(now, r, out);
                }
            }
            Phase::Before | Phase::Human | Phase::Over => {}
        }
    }

    /// Speech that did not become words.
    pub(super) fn not_understood(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if self.speech.speaking() {
            return;
        }
        let cut = self.yield_floor(out);
        match self.phase {
            Phase::Talking | Phase::Confirming | Phase::AskingCallback => {
                self.misfit(now, None, cut, out)
            }
            Phase::Disclosing => self.speak_again(now, cut, out),
            _ => {}
        }
    }

    /// Words said while the robot could not be stopped: questions and wishes count, answers to a question not yet asked do not.
    pub(super) fn belated(&mut self, now: Ms, text: &str, out: &mut Vec<Effect>) -> bool {
        let plan = Arc::clone(&self.plan);
        if !matches!(
            self.phase,
            Phase::Disclosing | Phase::Talking | Phase::Confirming
        ) {
            return false;
        }
        let mut readings = plan.weigh(text, self.lang, &[], &self.besides);
        readings.retain(|r| r.score >= ACCEPT);
        let Some(r) = readings.first() else {
            return false;
        };
        match act_of(&plan, None, &r.intent) {
            Some(Act::Global(a)) => {
                if !self.answer(now, r, a, out) && self.phase != Phase::Disclosing {
                    self.resume(now, out);
                }
                true
            }
            Some(Act::Repeat | Act::Branch(_)) | None => false,
            Some(act) => {
                self.follow(now, r, act, out);
                true
            }
        }
    }

    /// Words at a step.
    fn talk(
        &mut self,
        now: Ms,
        text: &str,
        readings: &[Reading],
        cut: Vec<Spoken>,
        out: &mut Vec<Effect>,
    ) {
        let plan = Arc::clone(&self.plan);
        let listening = self.listening_step(&plan.steps);
        let here = listening.is_some_and(|(name, _)| Some(name) == self.step.as_ref());
        let step = listening.map(|(_, s)| s);
        let acts = acts(&plan, step, text, readings);
        if let Some(ask) = step.and_then(|s| s.slot.as_ref()).filter(|_| here) {
            let eager = !matches!(ask.kind, SlotKind::Free | SlotKind::Name);
            let human = acts.iter().any(|(_, a)| matches!(a, Act::Human));
            if !human
                && (eager || acts.is_empty())
                && let Some(filled) = self.fill(ask, text, readings)
            {
                for (r, act) in &acts {
                    if let Act::Global(a) = act
                        && apart(text, &r.evidence, &filled.evidence)
                        && self.answer(now, r, a, out)
                    {
                        return;
                    }
                }
                return self.accept(now, ask, &filled, out);
            }
        }
        if self.presence_check && acts.first().is_none_or(|(r, _)| r.intent == "affirm") {
            // "Yes" to "can you hear me" says nothing about the question.
            self.presence_check = false;
            return self.repeat_question(now, out);
        }
        if acts.is_empty() {
            if let Some(r) = readings.first() {
                out.push(Effect::Intent {
                    intent: r.intent.clone(),
                    score: r.score,
                    evidence: r.evidence.clone(),
                });
            }
            return self.misfit(now, Some(text), cut, out);
        }
        self.follow_all(now, &acts, out);
    }

    /// Answers what was asked, then follows what was said besides; with nothing besides, comes back to the open question.
    pub(super) fn follow_all(
        &mut self,
        now: Ms,
        acts: &[(&Reading, Act<'_>)],
        out: &mut Vec<Effect>,
    ) {
        let mut answered = false;
        if let Some((r, Act::Global(a))) = acts.iter().find(|(_, a)| matches!(a, Act::Global(_))) {
            if self.answer(now, r, a, out) {
                return;
            }
            answered = true;
        }
        let rest = acts.iter().filter(|(_, a)| !matches!(a, Act::Global(_)));
        match rest.max_by_key(|(_, a)| a.rank()) {
            Some((_, Act::Repeat)) if answered => self.resume(now, out),
            Some((r, act)) => self.follow(now, r, *act, out),
            None => self.resume(now, out),
        }
    }

    fn follow(&mut self, now: Ms, r: &Reading, act: Act<'_>, out: &mut Vec<Effect>) {
        match act {
            Act::Branch(action) => {
                if let Some(line) = self.retention(&r.intent, action) {
                    self.note_intent(&r.intent, r.score, &r.evidence, out);
                    self.ask(now, "retention", &line, out);
                    return self.expect(true, out);
                }
                self.note_intent(&r.intent, r.score, &r.evidence, out);
                let key = format!("{} at {}", r.intent, self.step.clone().unwrap_or_default());
                self.act(now, action, &key, out);
            }
            Act::Global(action) => {
                self.answer(now, r, action, out);
            }
            Act::Leave(action) => {
                self.note_intent(&r.intent, r.score, &r.evidence, out);
                self.act(now, action, &r.intent, out);
            }
            Act::Human => self.wants_human(now, r, out),
            Act::Busy => self.is_busy(now, r, out),
            Act::Language => self.other_language(now, r, out),
            Act::Repeat => {
                self.note_intent(&r.intent, r.score, &r.evidence, out);
                self.repeat_question(now, out);
            }
        }
    }

    /// Answers a global question; true when the answer leads away from the open one.
    pub(super) fn answer(
        &mut self,
        now: Ms,
        r: &Reading,
        action: &Action,
        out: &mut Vec<Effect>,
    ) -> bool {
        self.note_intent(&r.intent, r.score, &r.evidence, out);
        let key = format!("global {}", r.intent);
        if !action.stays() {
            self.act(now, action, &key, out);
            return true;
        }
        self.no_match = 0;
        self.presence_check = false;
        self.marks(action, out);
        if let Some(say) = &action.say {
            self.say(now, &key, say, out);
        }
        false
    }

    /// Back to the very point left: the pull-back line and the open question.
    pub(super) fn resume(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let listens = self
            .step
            .as_ref()
            .and_then(|s| plan.steps.get(s))
            .is_some_and(Step::listens);
        if listens && self.speech.question.is_some() {
            self.say(now, "back", &plan.back, out);
        }
        self.repeat_question(now, out);
    }

    /// A key on the callee's phone.
    pub(super) fn key(&mut self, now: Ms, key: char, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        if self.phase != Phase::Talking {
            return;
        }
        if self.key_in(now, key, out) {
            return;
        }
        let Some((_, step)) = self.listening_step(&plan.steps) else {
            return;
        };
        if let Some(action) = step.keys.get(&key) {
            self.memory.turns += 1;
            self.no_input = 0;
            self.stop(out);
            self.memory.evidence = format!("key {key}");
            self.memory.score = 1.0;
            self.act(now, action, &format!("key {key}"), out);
        } else if !step.keys.is_empty() && self.speech.silent() {
            self.misfit(now, None, Vec::new(), out);
        }
    }
}
