//! What humans have the robot do, and the robot's words around them: a line or a step chosen by a supervisor, a callee given
//! back, a colleague whose line was lost.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::phase::Phase;
use super::{Machine, handoff};
use crate::dialogue::diagnostic::advise;
use crate::dialogue::effect::Effect;
use crate::dialogue::lines::{plain_line, value};
use crate::dialogue::template::clean;
use crate::terms::{Grade, Lang, Line, Ms};
use std::sync::Arc;

/// Said when the human who talked to the callee is suddenly gone and the file has no words for those who wait.
const fn one_moment(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "不好意思，线路断了一下，请您稍等。",
        Lang::En => "I am sorry, the line dropped for a moment. Please stay with me.",
    }
}

/// Said where a person was asked for after hours and the file promises no call back.
const fn after_hours(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "不好意思，同事现在已经下班了，上班以后会给您回电话。",
        Lang::En => {
            "I am sorry, my colleagues are off now. They will call you back in working hours."
        }
    }
}

impl Machine {
    /// Whether the file has this step; else the names like it.
    pub fn find_step(&self, step: &str) -> Result<(), String> {
        if self.plan.steps.contains_key(step) {
            return Ok(());
        }
        Err(advise(step, self.plan.steps.keys().map(String::as_str)))
    }

    /// The first words, which say who calls and that it is a machine, are being said or still to be said.
    #[must_use]
    pub fn disclosing(&self) -> bool {
        matches!(self.phase, Phase::Before | Phase::Disclosing)
    }

    /// Nothing is said any more but what is being said.
    #[must_use]
    pub fn closing(&self) -> bool {
        matches!(self.phase, Phase::Closing(_) | Phase::Over)
    }

    /// Says a line that a human wrote, after what is being said. False when the robot says nothing more.
    pub fn say_for_human(&mut self, now: Ms, text: &str, out: &mut Vec<Effect>) -> bool {
        if matches!(self.phase, Phase::Before | Phase::Human | Phase::Over) {
            return false;
        }
        self.say_words(now, "steered", clean(text), out);
        true
    }

    /// The human who talked to the callee gave him back: goes on at this step, or where it was.
    pub fn hand_back(&mut self, now: Ms, step: Option<&str>, out: &mut Vec<Effect>) {
        if self.phase != Phase::Human {
            return;
        }
        self.hand.served();
        if self.memory.tags.contains("opt_out") {
            self.phase = Phase::Human;
            self.agent_left(now, out);
            return self.settle(now, out);
        }
        self.phase = Phase::Talking;
        let plan = Arc::clone(&self.plan);
        let here = self.step.clone();
        match (step, here) {
            (Some(step), _) => self.enter(now, step, out),
            (None, Some(_)) if self.speech.question.is_some() => self.resume(now, out),
            (None, Some(here)) => self.enter(now, &here, out),
            (None, None) => self.enter(now, &plan.start.name, out),
        }
        self.settle(now, out);
    }

    /// A human's grade; the rules change it no more.
    pub fn grade_by_hand(&mut self, grade: Grade, reason: &str) {
        let given = (grade, vec![reason.to_string()]);
        self.memory.by_hand = Some(given.clone());
        self.memory.grade = Some(given);
    }

    /// What a callee hears whose human is suddenly gone, where the file has no words for it: to be rendered ahead.
    #[must_use]
    pub fn holding_line(&self) -> Line {
        match self.first_waiting_line() {
            Some(line) => line,
            None => plain_line(&self.plan, one_moment(self.lang).into(), self.lang),
        }
    }

    /// What an agent hears who picks up a phone: whom it is about, and why.
    #[must_use]
    pub fn briefing(&self, reason: &str) -> Line {
        let name = value(&self.plan, &self.lead, self.lang, "name")
            .or_else(|| self.lead.vars.get("name").map(|n| clean(n)))
            .filter(|n| !n.is_empty());
        let reason = clean(reason);
        let text = match (self.lang, name) {
            (Lang::Zh, Some(name)) => format!("客户，{name}。{reason}。"),
            (Lang::Zh, None) => format!("客户来电。{reason}。"),
            (Lang::En, Some(name)) => format!("A call with {name}. {reason}."),
            (Lang::En, None) => format!("A call for you. {reason}."),
        };
        plain_line(&self.plan, text, self.lang)
    }

    /// The line of the human who has the callee is lost: not two seconds of silence.
    pub(super) fn agent_lost(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if self.phase != Phase::Human {
            return;
        }
        if self.memory.tags.contains("opt_out") {
            return self.agent_left(now, out);
        }
        self.hand.lost(now);
        self.phase = Phase::Waiting;
        if self.plan.handoff.while_waiting.is_empty() {
            let words = one_moment(self.lang);
            self.say_words(now, "waiting", words.into(), out);
            self.expect(true, out);
        } else {
            self.talk_on(now, out);
        }
    }

    /// Nobody works at this hour. A callee who was promised a person is promised a call back instead.
    pub(super) fn nobody_works(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let nobody = &plan.handoff.nobody;
        if nobody.callback || self.phase != Phase::Waiting {
            return self.nobody_came(now, out);
        }
        if !self.hand.fail() {
            return;
        }
        self.promise(out);
        self.timer = None;
        self.say_words(now, "nobody", after_hours(self.lang).into(), out);
        self.phase = handoff::after_nobody(nobody);
        self.expect(true, out);
    }
}
