//! What a rehearsal may look at and turn, beyond what a call does.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use crate::dialogue::effect::Effect;
use crate::dialogue::plan::{Ref, When};
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
    let one = |r: &Ref| vec![r.clone()];
    let mut out = Vec::new();
    for r in &when.all {
        let all = one(r);
        out.push((
            format!("tag {}", r.name),
            When {
                all,
                ..When::default()
            },
        ));
    }
    if !when.any.is_empty() {
        let names: Vec<&str> = when.any.iter().map(|r| r.name.as_str()).collect();
        let any = when.any.clone();
        out.push((
            format!("tag {}", names.join(" or ")),
            When {
                any,
                ..When::default()
            },
        ));
    }
    for r in &when.none {
        let none = one(r);
        out.push((
            format!("no tag {}", r.name),
            When {
                none,
                ..When::default()
            },
        ));
    }
    for r in &when.slots {
        let slots = one(r);
        out.push((
            format!("slot {} filled", r.name),
            When {
                slots,
                ..When::default()
            },
        ));
    }
    for r in &when.steps {
        let steps = one(r);
        out.push((
            format!("step {} reached", r.name),
            When {
                steps,
                ..When::default()
            },
        ));
    }
    if let Some(n) = when.turns_at_least {
        out.push((
            format!("at least {n} turn(s)"),
            When {
                turns_at_least: Some(n),
                ..When::default()
            },
        ));
    }
    if let Some(n) = when.turns_at_most {
        out.push((
            format!("at most {n} turn(s)"),
            When {
                turns_at_most: Some(n),
                ..When::default()
            },
        ));
    }
    out
}
