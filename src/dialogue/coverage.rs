//! How much of a dialplan conversations have been through: steps, branches, ladder rungs, answers, grade rules.
//!
//! What can be covered is read off the [`Dialplan`]; what was, off the log of a [`Rehearsal`](super::rehearse::Rehearsal).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub(in crate::dialogue) mod follow;

use super::diagnostic::At;
use super::plan::{Dialplan, Step};
use super::rehearse::Told;
use std::collections::BTreeMap;

/// What kind of thing is covered.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A step entered.
    Step,
    /// A way out of a step: an intent, a key, `else`, a slot filled, asked again or read back.
    Branch,
    /// A line of the silence or no-match ladder, or its end.
    Rung,
    /// A question answered anywhere.
    Global,
    /// What every dialplan answers: opt-out, a wish for a person, a callback, the hand-off.
    Builtin,
    /// A grade rule that gave or explained the grade.
    Rule,
    /// What a call leaves behind: card fields, lasting tags, follow-ups.
    Outcome,
}

impl Kind {
    pub const ALL: [Kind; 7] = [
        Kind::Step,
        Kind::Branch,
        Kind::Rung,
        Kind::Global,
        Kind::Builtin,
        Kind::Rule,
        Kind::Outcome,
    ];

    /// The plural, for tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Step => "steps",
            Kind::Branch => "branches",
            Kind::Rung => "ladder rungs",
            Kind::Global => "globals",
            Kind::Builtin => "built-in",
            Kind::Rule => "grade rules",
            Kind::Outcome => "outcomes",
        }
    }
}

/// One thing that may be covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    /// As in `greet on affirm`.
    pub name: String,
    /// Where it stands in the file; 0 when it is the program's own.
    pub line: u32,
    /// How often it was gone through.
    pub times: u32,
}

/// The coverage of one dialplan.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    items: BTreeMap<(Kind, String), Item>,
}

impl Coverage {
    /// Nothing covered yet.
    #[must_use]
    pub fn of(plan: &Dialplan) -> Coverage {
        let mut c = Coverage::default();
        for (name, step) in &plan.steps {
            c.item(Kind::Step, name.clone(), step.at);
            c.branches(name, step);
        }
        for (what, ladder) in [("no_input", &plan.no_input), ("no_match", &plan.no_match)] {
            for (n, line) in ladder.lines.iter().enumerate() {
                let at = line.variants.first().map_or(At::default(), |v| v.at);
                c.item(Kind::Rung, format!("{what} {}", n + 1), at);
            }
            let at = ladder.end.variants.first().map_or(At::default(), |v| v.at);
            c.item(Kind::Rung, format!("{what} end"), at);
        }
        for (intent, action) in &plan.globals {
            c.item(Kind::Global, intent.clone(), action.at);
        }
        for name in follow::BUILTIN {
            if !plan.globals.contains_key(*name) {
                c.item(Kind::Builtin, (*name).to_string(), At::default());
            }
        }
        if plan.tongues.len() > 1 {
            c.item(Kind::Builtin, "language".into(), At::default());
        }
        if plan.llm.is_some() {
            c.item(Kind::Builtin, "model".into(), At::default());
        }
        if plan.retention.is_some() {
            c.item(Kind::Builtin, "retention".into(), At::default());
        }
        for (n, rule) in plan.grade.iter().enumerate() {
            let refs = rule.when.all.iter().chain(&rule.when.any);
            let at = refs.chain(&rule.when.none).next().map(|r| r.at);
            c.item(
                Kind::Rule,
                follow::rule_name(n, rule),
                at.unwrap_or_default(),
            );
        }
        for (name, at) in follow::outcomes(plan) {
            c.item(Kind::Outcome, name, at);
        }
        c
    }

    fn branches(&mut self, name: &str, step: &Step) {
        for (intent, action) in &step.on {
            self.item(Kind::Branch, format!("{name} on {intent}"), action.at);
        }
        for (key, action) in &step.keys {
            self.item(Kind::Branch, format!("{name} key {key}"), action.at);
        }
        if let Some(action) = &step.otherwise {
            self.item(Kind::Branch, format!("{name} else"), action.at);
        }
        for (n, branch) in step.branch.iter().enumerate() {
            let at = branch.action.at;
            self.item(Kind::Branch, format!("{name} branch {}", n + 1), at);
        }
        if let Some(lookup) = &step.lookup {
            for way in ["then", "failed"] {
                self.item(Kind::Branch, format!("{name} lookup {way}"), lookup.at);
            }
        }
        if let Some(slot) = &step.slot {
            let mut ways = vec!["then"];
            if slot.invalid.is_some() {
                ways.push("invalid");
            }
            if slot.reask.is_some() {
                ways.push("reask");
            }
            if slot.confirm.is_some() {
                ways.extend(["confirm", "confirm denied"]);
            }
            for way in ways {
                let what = format!("{name} slot {} {way}", slot.name);
                self.item(Kind::Branch, what, step.at);
            }
        }
    }

    fn item(&mut self, kind: Kind, name: String, at: At) {
        let item = Item {
            kind,
            name: name.clone(),
            line: at.line,
            times: 0,
        };
        self.items.insert((kind, name), item);
    }

    /// Takes a conversation in.
    pub fn add(&mut self, plan: &Dialplan, log: &[Told]) {
        for (kind, name) in follow::passed(plan, log) {
            self.pass(kind, name, 1);
        }
    }

    fn pass(&mut self, kind: Kind, name: String, times: u32) {
        if let Some(item) = self.items.get_mut(&(kind, name)) {
            item.times += times;
        }
    }

    /// Takes in what other conversations over the same dialplan covered.
    pub fn merge(&mut self, other: &Coverage) {
        for ((kind, name), item) in &other.items {
            self.pass(*kind, name.clone(), item.times);
        }
    }

    /// Covered and existing, of one kind or of all.
    #[must_use]
    pub fn share(&self, kind: Option<Kind>) -> (usize, usize) {
        let of = self.items.values();
        let of = of.filter(|i| kind.is_none_or(|k| k == i.kind));
        of.fold((0, 0), |(done, all), i| {
            (done + usize::from(i.times > 0), all + 1)
        })
    }

    /// Percent of everything covered, rounded down, so that 100 is all of it.
    #[must_use]
    pub fn percent(&self) -> u32 {
        percent(self.share(None))
    }

    /// What no conversation went through, in the order of the kinds and then of the file.
    #[must_use]
    pub fn missed(&self) -> Vec<&Item> {
        let mut missed: Vec<&Item> = self.items.values().filter(|i| i.times == 0).collect();
        // What stands in no line comes last.
        missed.sort_by_key(|i| (i.kind, i.line.wrapping_sub(1)));
        missed
    }

    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }
}

/// Percent, rounded down; of nothing, all of it.
#[must_use]
pub fn percent((done, all): (usize, usize)) -> u32 {
    (done * 100).checked_div(all).unwrap_or(100) as u32
}

#[cfg(test)]
mod tests;
