//! A callee who has no time now: when may we call again?
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use super::act::{Act, acts};
use super::phase::Phase;
use crate::dialogue::effect::Effect;
use crate::dialogue::intent::Reading;
use crate::dialogue::plan::Hangup;
use crate::dialogue::slot::{self, Filled, SlotKind};
use crate::terms::{Disposition, Ms};
use std::sync::Arc;

impl Machine {
    /// The built-in intent `busy`. A time said in the same breath is taken.
    pub(super) fn is_busy(&mut self, now: Ms, r: &Reading, out: &mut Vec<Effect>) {
        self.note_intent(&r.intent, r.score, &r.evidence, out);
        if self.hand.unannounced() {
            return self.announce(now, out);
        }
        if let Some(filled) = self.time_in(&self.memory.words) {
            return self.callback_at(now, &filled, out);
        }
        self.ask_callback(now, out);
    }

    pub(super) fn ask_callback(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let (evidence, score) = (self.memory.evidence.clone(), self.memory.score);
        self.tag("callback", score, &evidence, out);
        self.phase = Phase::AskingCallback;
        self.ask(now, "busy", &plan.busy.say, out);
        self.expect(true, out);
    }

    /// Words after "when may I call you".
    pub(super) fn callback_time(
        &mut self,
        now: Ms,
        text: &str,
        readings: &[Reading],
        out: &mut Vec<Effect>,
    ) {
        let plan = Arc::clone(&self.plan);
        if let Some(filled) = self.time_in(text) {
            return self.callback_at(now, &filled, out);
        }
        let acts = acts(&plan, None, text, readings);
        let other = acts.iter().any(|(_, a)| !matches!(a, Act::Busy));
        if other {
            return self.follow_all(now, &acts, out);
        }
        if acts.is_empty()
            && let Some(r) = readings.first().filter(|r| r.intent == "deny")
        {
            self.note_intent("deny", r.score, &r.evidence, out);
            let hangup = Hangup {
                disposition: Disposition::Completed,
                result: Some("busy".into()),
            };
            return self.close(now, "goodbye", &plan.goodbye, hangup, out);
        }
        self.memory.evidence = text.to_string();
        self.callback_unclear(now, out);
    }

    pub(super) fn callback_unclear(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        out.push(Effect::Callback {
            evidence: self.memory.evidence.clone(),
            at: None,
        });
        let hangup = Hangup {
            disposition: Disposition::Callback,
            result: None,
        };
        self.close(now, "busy unclear", &plan.busy.unclear, hangup, out);
    }

    fn callback_at(&mut self, now: Ms, filled: &Filled, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        self.keep_callback_time(filled, out);
        let hangup = Hangup {
            disposition: Disposition::Callback,
            result: None,
        };
        self.close(now, "busy done", &plan.busy.done, hangup, out);
    }

    /// Keeps the time in the busy section's slot and promises the call.
    pub(super) fn keep_callback_time(&mut self, filled: &Filled, out: &mut Vec<Effect>) {
        let name = self.plan.busy.slot.clone();
        self.keep_slot(
            &name,
            SlotKind::DateTime,
            &filled.value,
            &filled.evidence,
            out,
        );
        out.push(Effect::Callback {
            evidence: filled.evidence.clone(),
            at: Some(filled.value.clone()),
        });
    }

    /// A callback is owed, at the time kept so far if there is one.
    pub(super) fn promise(&mut self, out: &mut Vec<Effect>) {
        let (evidence, score) = (self.memory.evidence.clone(), self.memory.score);
        self.tag("callback", score, &evidence, out);
        let at = self
            .memory
            .slots
            .get(&self.plan.busy.slot)
            .map(|s| s.value.clone());
        out.push(Effect::Callback { evidence, at });
    }

    pub(super) fn time_in(&self, text: &str) -> Option<Filled> {
        slot::fill(&SlotKind::DateTime, text, self.lang, self.lead.now_local)
    }
}
