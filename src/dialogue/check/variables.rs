//! `{name}` in prompts: names that exist, and that have values when the words are said.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::graph::{self, present};
use super::names::kept;
use crate::dialogue::diagnostic::{At, advise};
use crate::dialogue::file::reader::Reader;
use crate::dialogue::lines::prompts;
use crate::dialogue::plan::{Action, Dialplan, Prompt, Retain, Step, Variant};
use crate::dialogue::template::Template;
use std::collections::{BTreeMap, BTreeSet};

/// The most variables whose ways are followed.
const MOST: usize = 200;
/// What a lookup may send besides: the callee's own number.
const PHONE: &str = "phone";

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    let kept = kept(plan);
    let mut known = kept.clone();
    known.extend(plan.values.keys().map(String::as_str));
    known.extend(plan.lead.keys().map(String::as_str));
    twice(plan, reader, &kept);
    for variant in prompts(plan).into_iter().flat_map(|p| &p.variants) {
        exist(reader, &variant.text, variant.at, &known);
    }
    for (field, text) in &plan.card {
        let at = reader.places.get(&format!("card.{field}")).copied();
        exist(reader, text, at.unwrap_or_default(), &known);
    }
    let mut sent = known.clone();
    sent.insert(PHONE);
    for lookup in plan.steps.values().filter_map(|s| s.lookup.as_ref()) {
        let texts = [&lookup.url]
            .into_iter()
            .chain(lookup.body.iter().map(|(_, t)| t));
        for text in texts {
            exist(reader, text, lookup.at, &sent);
        }
    }
    Filled {
        plan,
        kept: &kept,
        reader,
        done: BTreeSet::new(),
        ways: BTreeMap::new(),
    }
    .run();
}

fn twice(plan: &Dialplan, reader: &mut Reader, kept: &BTreeSet<&str>) {
    for name in kept {
        if !plan.values.contains_key(*name) && !plan.lead.contains_key(*name) {
            continue;
        }
        let filled = |s: &Step| s.slot.as_ref().is_some_and(|s| s.name == *name);
        let saved = |s: &Step| {
            s.lookup
                .as_ref()
                .is_some_and(|l| l.save.contains_key(*name))
        };
        let step = plan.steps.values().find(|s| filled(s) || saved(s));
        reader.error(
            step.map_or(At::default(), |s| s.at),
            format!("{name:?} is both a slot and a value or lead column"),
            "give the slot a name of its own",
        );
    }
}

fn exist(reader: &mut Reader, text: &Template, at: At, known: &BTreeSet<&str>) {
    for var in text.vars().filter(|v| !known.contains(v)) {
        if reader.full() {
            return;
        }
        let at = find(reader.source(at), at, &format!("{{{var}}}"));
        reader.error(
            at,
            format!("{{{var}}} is not known"),
            format!(
                "declare it under `lead:` or `values:`, or fill a slot of that name; {}",
                advise(var, known.iter().copied())
            ),
        );
    }
}

/// Whether variables have values when the words with them are said.
struct Filled<'a> {
    plan: &'a Dialplan,
    kept: &'a BTreeSet<&'a str>,
    reader: &'a mut Reader,
    /// Variable and place of what has been reported.
    done: BTreeSet<(String, u32, u32, u16)>,
    /// The ways on which a variable stays empty, by variable.
    ways: BTreeMap<String, graph::Ways<'a>>,
}

impl Filled<'_> {
    fn run(&mut self) {
        let plan = self.plan;
        // Said before anything else, or on any way out.
        for (prompt, when) in [
            (&plan.disclosure, "when the call begins"),
            (&plan.opt_out, "when somebody opts out"),
        ] {
            self.anywhere(prompt, when, true);
        }
        let anywhere = [
            (&plan.back, "after any answer"),
            (&plan.goodbye, "when the call ends"),
            (&plan.doubt, "after any question"),
            (&plan.busy.say, "at any time"),
            (&plan.busy.unclear, "at any time"),
            (&plan.handoff.line, "at any time"),
            (&plan.handoff.nobody.say, "at any time"),
        ];
        for (prompt, when) in anywhere {
            self.anywhere(prompt, when, false);
        }
        let more = plan
            .no_input
            .lines
            .iter()
            .chain(&plan.no_match.lines)
            .chain([&plan.no_input.end, &plan.no_match.end])
            .chain(&plan.handoff.while_waiting)
            .chain(plan.retention.iter().map(|r| &r.say));
        for prompt in more {
            self.anywhere(prompt, "at any time", false);
        }
        for action in
            plan.globals
                .values()
                .chain([&plan.robot_question, &plan.wrong_number, &plan.abuse])
        {
            let set: Vec<&str> = action.set.keys().map(String::as_str).collect();
            for variant in action.say.iter().flat_map(|p| &p.variants) {
                self.said(variant, &set, None, "it is heard anywhere");
            }
        }
        for (name, step) in &plan.steps {
            self.step(name, step);
        }
    }

    fn anywhere(&mut self, prompt: &Prompt, when: &str, strict: bool) {
        for v in &prompt.variants {
            if !strict {
                self.said(v, &[], None, when);
                continue;
            }
            for var in v.text.vars().filter(|v| self.kept.contains(v)) {
                let at = find(self.reader.source(v.at), v.at, &format!("{{{var}}}"));
                self.reader.error(
                    at,
                    format!("{{{var}}} is a slot, and nothing has filled it here"),
                    "use a value or a lead column",
                );
            }
            self.said(
                v,
                &self.kept.iter().copied().collect::<Vec<_>>(),
                None,
                when,
            );
        }
    }

    fn step(&mut self, name: &str, step: &Step) {
        let set: Vec<&str> = step.enter.set.keys().map(String::as_str).collect();
        let slot = step.slot.as_ref();
        let asked: Vec<&Prompt> = step
            .say
            .iter()
            .chain(&step.doubt)
            .chain(slot.and_then(|s| s.reask.as_ref()))
            .chain(slot.and_then(|s| s.invalid.as_ref()))
            .chain(step.lookup.as_ref().and_then(|l| l.filler.as_ref()))
            .collect();
        for v in asked.into_iter().flat_map(|p| &p.variants) {
            self.said(v, &set, Some(name), "");
        }
        if let Some(slot) = slot {
            let mut known = set.clone();
            known.push(&slot.name);
            for v in slot.confirm.iter().flat_map(|p| &p.variants) {
                self.said(v, &known, Some(name), "");
            }
        }
        let plain = step
            .on
            .values()
            .chain(step.keys.values())
            .chain(&step.otherwise)
            .chain(step.lookup.as_ref().map(|l| &l.failed));
        for action in plain {
            self.action(name, action, &set);
        }
        for branch in &step.branch {
            let known = [set.clone(), present(&branch.when)].concat();
            self.action(name, &branch.action, &known);
        }
        if let Some(lookup) = &step.lookup {
            let texts = [&lookup.url]
                .into_iter()
                .chain(lookup.body.iter().map(|(_, t)| t));
            for text in texts {
                self.unfilled(text, lookup.at, &set, Some(name), "");
            }
        }
    }

    fn action(&mut self, step: &str, action: &Action, known: &[&str]) {
        let set = action.set.keys().map(String::as_str);
        let known: Vec<&str> = known.iter().copied().chain(set).collect();
        let own = match &action.retention {
            Retain::Own(prompt) => Some(prompt),
            _ => None,
        };
        for v in action.say.iter().chain(own).flat_map(|p| &p.variants) {
            self.said(v, &known, Some(step), "");
        }
    }

    fn said(&mut self, v: &Variant, known: &[&str], step: Option<&str>, when: &str) {
        let mut known = known.to_vec();
        known.extend(v.when.iter().flat_map(present));
        self.unfilled(&v.text, v.at, &known, step, when);
    }

    /// Notes the variables of `text` that may have no value, with the way on which they have none.
    fn unfilled(
        &mut self,
        text: &Template,
        at: At,
        known: &[&str],
        step: Option<&str>,
        when: &str,
    ) {
        let plan = self.plan;
        for var in text.vars().filter(|v| !known.contains(v)) {
            let optional = plan
                .lead
                .get(var)
                .map(|field| !field.required && field.default.is_none());
            let what = match optional {
                Some(true) => "the list need not have",
                None if self.kept.contains(var) => "nothing may have filled",
                _ => continue,
            };
            let way = match step {
                Some(step) => {
                    // So many variables are in no real file; each costs a walk over all steps.
                    if self.ways.len() >= MOST && !self.ways.contains_key(var) {
                        continue;
                    }
                    let ways = self
                        .ways
                        .entry(var.to_string())
                        .or_insert_with(|| graph::ways(plan, &|e| !e.fills.contains(&var)));
                    match ways.to(step) {
                        Some(way) => format!("on the way {}", short(&way)),
                        None => continue,
                    }
                }
                None => when.to_string(),
            };
            let place = find(self.reader.source(at), at, &format!("{{{var}}}"));
            let key = (var.to_string(), place.line, place.column, place.file);
            if !self.done.insert(key) {
                continue;
            }
            let advice = if optional.is_some() {
                format!(
                    "say `required: true` or give a default under `lead:`, or add a variant for it with `when: {{ lead: {{ {var}: present }} }}`"
                )
            } else {
                format!(
                    "say these words only where it is known (`when: {{ slot: [{var}] }}`), or ask for it before"
                )
            };
            self.reader
                .warn(place, format!("{{{var}}}, which {what} {way}",), advice);
        }
    }
}

/// `a → b → … → z`.
fn short(way: &[String]) -> String {
    if way.len() <= 5 {
        return way.join(" → ");
    }
    format!(
        "{} → … → {}",
        way[..2].join(" → "),
        way[way.len() - 2..].join(" → ")
    )
}

/// Where `needle` stands at or soon after `at`.
pub(super) fn find(source: &str, at: At, needle: &str) -> At {
    let first = (at.line as usize).saturating_sub(1);
    for (i, line) in source.lines().enumerate().skip(first).take(12) {
        // Before the place itself on its own line stands something else.
        let skip = if i == first {
            let column = (at.column as usize).saturating_sub(1);
            line.char_indices().nth(column).map_or(0, |(b, _)| b)
        } else {
            0
        };
        if let Some(byte) = line[skip..].find(needle) {
            return At {
                file: at.file,
                line: i as u32 + 1,
                column: line[..skip + byte].chars().count() as u32 + 1,
                len: needle.chars().count() as u32,
            };
        }
    }
    at
}
