//! Leaving the line of steps and coming back: side flows, and going on in another language.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use super::moves::step_key;
use super::phase::Phase;
use super::speech::Spoken;
use crate::dialogue::effect::Effect;
use crate::dialogue::intent::Reading;
use crate::terms::{Lang, Ms};
use std::sync::Arc;

/// Side flows inside side flows; deeper ones go on without coming back that far.
const DEEPEST: usize = 8;

/// A point that a side flow comes back to.
#[derive(Clone, Debug)]
pub(super) struct Point {
    step: String,
    question: Option<Spoken>,
}

impl Machine {
    /// Goes to a side flow and keeps the point it is left at.
    pub(super) fn call(&mut self, now: Ms, step: &str, out: &mut Vec<Effect>) {
        if let Some(here) = self.step.clone().filter(|_| self.points.len() < DEEPEST) {
            self.points.push(Point {
                step: here,
                question: self.speech.question.clone(),
            });
        }
        self.go(now, step, out);
    }

    /// The side flow is over: back to the very point left, with a pull-back line.
    pub(super) fn come_back(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let Some(point) = self.points.pop() else {
            // The check lets no such file through.
            let hangup = plan.handoff.nobody.hangup();
            return self.close(now, "goodbye", &plan.goodbye, hangup, out);
        };
        self.phase = Phase::Talking;
        self.no_match = 0;
        out.push(Effect::Enter {
            step: point.step.clone(),
        });
        self.step = Some(point.step);
        self.speech.question = point.question;
        self.resume(now, out);
    }

    /// From here on in this language.
    pub(super) fn switch(&mut self, lang: Lang, out: &mut Vec<Effect>) {
        if lang != self.lang && self.plan.tongues.contains_key(&lang) {
            self.lang = lang;
            // What was asked in the other language is not repeated in it.
            self.speech.question = None;
            out.push(Effect::Language(lang));
        }
    }

    /// The callee asks for the file's other language.
    pub(super) fn other_language(&mut self, now: Ms, r: &Reading, out: &mut Vec<Effect>) {
        self.note_intent(&r.intent, r.score, &r.evidence, out);
        let other = self.plan.tongues.keys().find(|l| **l != self.lang);
        if let Some(lang) = other.copied() {
            self.switch(lang, out);
        }
        self.ask_anew(now, out);
    }

    /// The open question, in the language spoken now.
    pub(super) fn ask_anew(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let here = self.step.as_ref().and_then(|s| plan.steps.get_key_value(s));
        let Some((name, step)) = here else {
            return self.repeat_question(now, out);
        };
        let confirm = step.slot.as_ref().and_then(|s| s.confirm.as_ref());
        match (&self.phase, confirm) {
            (Phase::AskingCallback, _) => self.ask(now, "busy", &plan.busy.say, out),
            (Phase::Confirming, Some(c)) => self.ask(now, "confirm", c, out),
            _ => {
                if let Some(say) = &step.say {
                    self.ask(now, &step_key(name), say, out);
                }
            }
        }
        self.expect(true, out);
    }
}
