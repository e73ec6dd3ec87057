//! What a rehearsal may look at and turn, beyond what a call does.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use crate::dialogue::effect::Effect;
use crate::dialogue::plan::{Order, Test, When};
use crate::dialogue::slot::SlotKind;
use crate::terms::{Grade, Ms};

/// A grade rule as it stands now.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleState {
    pub grade: Grade,
    pub reason: String,
    pub holds: bool,
    /// Each condition of the rule in words, and whether it holds.
    pub parts: Vec<(String, bool)>,
}

impl Machine {
    /// The tags given so far.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.memory.tags.iter().map(String::as_str)
    }

    /// The slots filled so far.
    pub fn slots(&self) -> impl Iterator<Item = (&str, &str)> {
        let slots = self.memory.slots.iter();
        slots.map(|(name, kept)| (name.as_str(), kept.value.as_str()))
    }

    /// Goes to a step at once, whatever is being said or asked; false when there is no such step.
    pub fn jump(&mut self, now: Ms, step: &str, out: &mut Vec<Effect>) -> bool {
        if !self.plan.steps.contains_key(step) {
            return false;
        }
        self.stop(out);
        self.enter(now, step, out);
        self.settle(now, out);
        true
    }

    /// Sets a column of the lead when the dialplan has it, else a slot.
    pub fn set(&mut self, now: Ms, name: &str, value: &str, out: &mut Vec<Effect>) {
        if self.plan.lead.contains_key(name) {
            self.lead.vars.insert(name.to_string(), value.to_string());
        } else {
            let kind = self
                .plan
                .steps
                .values()
                .filter_map(|s| s.slot.as_ref())
                .find(|s| s.name == name)
                .map_or(SlotKind::Free, |s| s.kind.clone());
            self.keep_slot(name, kind, value, "set by hand", out);
        }
        self.settle(now, out);
    }

    /// The grade rules in their order, with what of each holds.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleState> {
        let rules = self.plan.grade.iter();
        rules
            .map(|rule| RuleState {
                grade: rule.grade,
                reason: rule.reason.clone(),
                holds: self.holds(&rule.when),
                parts: parts(&rule.when)
                    .into_iter()
                    .map(|(words, part)| (words, self.holds(&part)))
                    .collect(),
            })
            .collect()
    }
}

/// A condition taken apart: each piece in words and as a condition of its own.
fn parts(when: &When) -> Vec<(String, When)> {
    let mut out: Vec<(String, When)> = Vec::new();
    let mut part = |words: String, fill: &dyn Fn(&mut When)| {
        let mut one = When::default();
        fill(&mut one);
        out.push((words, one));
    };
    for r in &when.all {
        part(format!("tag {}", r.name), &|w| w.all = vec![r.clone()]);
    }
    if !when.any.is_empty() {
        let names: Vec<&str> = when.any.iter().map(|r| r.name.as_str()).collect();
        part(format!("tag {}", names.join(" or ")), &|w| {
            w.any = when.any.clone();
        });
    }
    for r in &when.none {
        part(format!("no tag {}", r.name), &|w| w.none = vec![r.clone()]);
    }
    for r in &when.contact {
        part(format!("contact tag {}", r.name), &|w| {
            w.contact = vec![r.clone()];
        });
    }
    for r in &when.contact_none {
        part(format!("no contact tag {}", r.name), &|w| {
            w.contact_none = vec![r.clone()];
        });
    }
    for r in &when.slots {
        part(format!("slot {} filled", r.name), &|w| {
            w.slots = vec![r.clone()];
        });
    }
    for r in &when.steps {
        part(format!("step {} reached", r.name), &|w| {
            w.steps = vec![r.clone()];
        });
    }
    for (r, test) in &when.lead {
        part(format!("lead {} {}", r.name, words(test)), &|w| {
            w.lead = vec![(r.clone(), test.clone())];
        });
    }
    for (r, test) in &when.values {
        part(format!("{} {}", r.name, words(test)), &|w| {
            w.values = vec![(r.clone(), test.clone())];
        });
    }
    if let Some(n) = when.turns_at_least {
        part(format!("at least {n} turn(s)"), &|w| {
            w.turns_at_least = Some(n);
        });
    }
    if let Some(n) = when.turns_at_most {
        part(format!("at most {n} turn(s)"), &|w| {
            w.turns_at_most = Some(n);
        });
    }
    if let Some(lang) = when.lang {
        part(format!("speaking {lang}"), &|w| w.lang = Some(lang));
    }
    if let Some(upset) = when.upset {
        let what = if upset { "upset" } else { "not upset" };
        part(what.to_string(), &|w| w.upset = Some(upset));
    }
    out
}

fn words(test: &Test) -> String {
    match test {
        Test::Present => "present".into(),
        Test::Absent => "absent".into(),
        Test::OneOf(list) => format!("= {}", list.join(" or ")),
        Test::NoneOf(list) => format!("!= {}", list.join(" and ")),
        Test::Compare(order, bound) => {
            let sign = match order {
                Order::Less => "<",
                Order::AtMost => "<=",
                Order::AtLeast => ">=",
                Order::More => ">",
            };
            format!("{sign} {bound}")
        }
    }
}
