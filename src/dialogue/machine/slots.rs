//! Slots: filled from words, read back, corrected.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use super::act::{Act, acts};
use super::phase::Phase;
use super::speech::Spoken;
use crate::dialogue::effect::Effect;
use crate::dialogue::intent::Reading;
use crate::dialogue::plan::SlotAsk;
use crate::dialogue::slot::{self, Filled, SlotKind};
use crate::terms::Ms;
use jiff::ToSpan;
use jiff::civil::Date;
use std::sync::Arc;

impl Machine {
    pub(super) fn fill(&self, ask: &SlotAsk, text: &str, readings: &[Reading]) -> Option<Filled> {
        let filled = slot::fill(&ask.kind, text, self.lang, self.lead.now_local);
        if filled.is_some() || ask.kind != SlotKind::YesNo {
            return filled;
        }
        readings.iter().find_map(|r| {
            let value = match r.intent.as_str() {
                "affirm" => "yes",
                "deny" => "no",
                _ => return None,
            };
            Some(Filled {
                value: value.into(),
                evidence: r.evidence.clone(),
            })
        })
    }

    /// The value after one was read back: 不对，下午三点 keeps the day that was named before.
    fn corrected(&self, ask: &SlotAsk, text: &str, readings: &[Reading]) -> Option<Filled> {
        let filled = self.fill(ask, text, readings)?;
        let kept = self.memory.slots.get(&ask.name);
        let day: Option<Date> = kept.and_then(|k| k.value.get(..10)?.parse().ok());
        let named = ["今天", "今日", "今晚", "today", "tonight", "this"]
            .iter()
            .any(|w| text.to_lowercase().contains(w));
        let Some(day) = day.filter(|_| ask.kind == SlotKind::DateTime && !named) else {
            return Some(filled);
        };
        // Words without a day follow the day they are read on, whichever that is.
        let read_on = |day: Date| {
            let read = slot::fill(&ask.kind, text, self.lang, day.at(0, 0, 0, 0))?;
            read.value.starts_with(&day.to_string()).then_some(read)
        };
        let another = day.checked_add(3.days()).ok()?;
        match (read_on(day), read_on(another)) {
            (Some(on_that_day), Some(_)) => Some(on_that_day),
            _ => Some(filled),
        }
    }

    /// A slot has its value: reads it back, or goes on.
    pub(super) fn accept(
        &mut self,
        now: Ms,
        ask: &SlotAsk,
        filled: &Filled,
        out: &mut Vec<Effect>,
    ) {
        self.presence_check = false;
        self.memory.evidence = filled.evidence.clone();
        self.memory.score = 1.0;
        if !self.valid(ask, &filled.value) {
            return self.not_allowed(now, ask, out);
        }
        self.keep_slot(
            &ask.name,
            ask.kind.clone(),
            &filled.value,
            &filled.evidence,
            out,
        );
        self.no_match = 0;
        match &ask.confirm {
            Some(confirm) => {
                self.phase = Phase::Confirming;
                self.ask(now, &format!("confirm {}", ask.name), confirm, out);
                self.expect(true, out);
            }
            None => self.go(now, &ask.then.name, out),
        }
    }

    /// Words after a value was read back.
    pub(super) fn confirmed(
        &mut self,
        now: Ms,
        text: &str,
        readings: &[Reading],
        cut: Vec<Spoken>,
        out: &mut Vec<Effect>,
    ) {
        let plan = Arc::clone(&self.plan);
        let step = self.step.as_ref().and_then(|s| plan.steps.get_key_value(s));
        let Some((name, step)) = step else { return };
        let Some(ask) = step.slot.as_ref() else {
            return;
        };
        let said = |intent: &str| readings.iter().find(|r| r.intent == intent);
        let first = readings.first().map(|r| r.intent.as_str());
        if first == Some("affirm")
            && let Some(r) = said("affirm")
        {
            self.note_intent("affirm", r.score, &r.evidence, out);
            self.phase = Phase::Talking;
            return self.go(now, &ask.then.name, out);
        }
        let mut acts = acts(&plan, None, text, readings);
        let eager = !matches!(ask.kind, SlotKind::Free | SlotKind::Name | SlotKind::YesNo);
        // Another time, said where a time is read back, corrects it and asks for no callback.
        let corrects = |act: &Act<'_>| ask.kind == SlotKind::DateTime && matches!(act, Act::Busy);
        if acts.iter().all(|(_, a)| corrects(a)) && self.fill(ask, text, readings).is_some() {
            acts.clear();
        }
        if eager
            && acts.is_empty()
            && let Some(filled) = self.corrected(ask, text, readings)
        {
            return self.accept(now, ask, &filled, out);
        }
        if acts.is_empty()
            && let Some(r) = said("deny")
        {
            self.note_intent("deny", r.score, &r.evidence, out);
            self.memory.slots.remove(&ask.name);
            self.phase = Phase::Talking;
            if let Some(again) = ask.reask.as_ref().or(step.say.as_ref()) {
                self.ask(now, &super::moves::step_key(name), again, out);
            }
            return self.expect(true, out);
        }
        if self.presence_check && acts.is_empty() {
            self.presence_check = false;
            return self.repeat_question(now, out);
        }
        if acts.is_empty() {
            return self.misfit(now, Some(text), cut, out);
        }
        self.follow_all(now, &acts, out);
    }
}
