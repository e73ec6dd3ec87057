//! Names that must exist elsewhere in the file.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::diagnostic::{At, advise};
use crate::dialogue::file::BUILTIN_TAGS;
use crate::dialogue::file::reader::Reader;
use crate::dialogue::lines::{actions, prompts};
use crate::dialogue::plan::{Dialplan, Ref};
use std::collections::BTreeSet;

pub(super) fn check(plan: &Dialplan, reader: &mut Reader<'_>) {
    let step = |reader: &mut Reader<'_>, r: &Ref| {
        if !plan.steps.contains_key(&r.name) {
            reader.error(
                r.at,
                format!("step {:?} does not exist", r.name),
                advise(&r.name, plan.steps.keys().map(String::as_str)),
            );
        }
    };
    step(reader, &plan.start);
    for action in actions(plan) {
        if let Some(goto) = &action.goto {
            step(reader, goto);
        }
    }
    for s in plan.steps.values() {
        if let Some(slot) = &s.slot {
            step(reader, &slot.then);
        }
        for (intent, action) in &s.on {
            known_intent(plan, reader, intent, action.at);
        }
    }
    if let Some(goto) = &plan.handoff.nobody.goto {
        step(reader, goto);
    }
    for (intent, action) in &plan.globals {
        known_intent(plan, reader, intent, action.at);
    }
    for intent in plan
        .retention
        .iter()
        .flat_map(|r| &r.on)
        .chain(&plan.handoff.intents)
    {
        let at = plan
            .retention
            .iter()
            .flat_map(|r| &r.say.variants)
            .next()
            .map_or(At::default(), |v| v.at);
        known_intent(plan, reader, intent, at);
    }
    rules(plan, reader);
}

fn known_intent(plan: &Dialplan, reader: &mut Reader<'_>, intent: &str, at: At) {
    let known = || plan.tongues.values().flat_map(|t| t.intents.keys());
    if !known().any(|k| k == intent) {
        reader.error(
            at,
            format!("intent {intent:?} does not exist"),
            advise(intent, known().map(String::as_str)),
        );
    }
}

/// Tags, slots and steps that grade rules speak of.
fn rules(plan: &Dialplan, reader: &mut Reader<'_>) {
    let mut tags: BTreeSet<&str> = BUILTIN_TAGS.into_iter().collect();
    tags.extend(
        actions(plan)
            .iter()
            .flat_map(|a| &a.tag)
            .map(String::as_str),
    );
    tags.extend(plan.intent_tags.values().flatten().map(String::as_str));
    let slots = slots(plan);
    for rule in &plan.grade {
        let w = &rule.when;
        for r in w.all.iter().chain(&w.any).chain(&w.none) {
            if !tags.contains(r.name.as_str()) {
                reader.error(
                    r.at,
                    format!("no branch, step or intent gives the tag {:?}", r.name),
                    advise(&r.name, tags.iter().copied()),
                );
            }
        }
        for r in w.slots.iter().filter(|r| !slots.contains(r.name.as_str())) {
            reader.error(
                r.at,
                format!("no step fills the slot {:?}", r.name),
                advise(&r.name, slots.iter().copied()),
            );
        }
        for r in w.steps.iter().filter(|r| !plan.steps.contains_key(&r.name)) {
            reader.error(
                r.at,
                format!("step {:?} does not exist", r.name),
                advise(&r.name, plan.steps.keys().map(String::as_str)),
            );
        }
    }
    let tag_exists = |t: &String| tags.contains(t.as_str());
    if let Some(tag) = plan.handoff.tags.iter().find(|t| !tag_exists(t)) {
        let at = plan
            .handoff
            .line
            .variants
            .first()
            .map_or(At::default(), |v| v.at);
        reader.error(
            at,
            format!("handoff waits for the tag {tag:?}, which nothing gives"),
            advise(tag, tags.iter().copied()),
        );
    }
    if let Some(last) = plan.grade.last()
        && (!last.when.all.is_empty() || !last.when.any.is_empty())
    {
        let at = last
            .when
            .all
            .iter()
            .chain(&last.when.any)
            .next()
            .map_or(At::default(), |r| r.at);
        reader.warn(
            at,
            "some calls get no grade",
            "end the list with a rule that always fits: `when: {}`",
        );
    }
}

/// Slots that some step or action fills.
fn slots(plan: &Dialplan) -> BTreeSet<&str> {
    let mut slots: BTreeSet<&str> = plan
        .steps
        .values()
        .filter_map(|s| s.slot.as_ref())
        .map(|s| s.name.as_str())
        .collect();
    slots.extend(
        actions(plan)
            .iter()
            .flat_map(|a| a.set.keys())
            .map(String::as_str),
    );
    slots.insert(plan.busy.slot.as_str());
    slots
}

/// `{name}` in prompts.
pub(super) fn variables(plan: &Dialplan, reader: &mut Reader<'_>, source: &str) {
    let mut known = slots(plan);
    known.extend(plan.values.keys().map(String::as_str));
    known.extend(plan.lead.keys().map(String::as_str));
    for name in slots(plan) {
        if plan.values.contains_key(name) || plan.lead.contains_key(name) {
            let at = plan
                .steps
                .values()
                .find(|s| s.slot.as_ref().is_some_and(|s| s.name == name))
                .map_or(At::default(), |s| s.at);
            reader.error(
                at,
                format!("{name:?} is both a slot and a value or lead column"),
                "give the slot a name of its own",
            );
        }
    }
    for variant in prompts(plan).into_iter().flat_map(|p| &p.variants) {
        for var in variant.text.vars().filter(|v| !known.contains(v)) {
            let at = find(source, variant.at, &format!("{{{var}}}"));
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
    for v in plan
        .disclosure
        .variants
        .iter()
        .chain(&plan.opt_out.variants)
    {
        for var in v.text.vars().filter(|v| slots(plan).contains(v)) {
            let at = find(source, v.at, &format!("{{{var}}}"));
            reader.error(
                at,
                format!("{{{var}}} is a slot, and nothing has filled it here"),
                "use a value or a lead column",
            );
        }
    }
}

/// Where `needle` stands at or soon after `at`.
fn find(source: &str, at: At, needle: &str) -> At {
    let first = (at.line as usize).saturating_sub(1);
    for (i, line) in source.lines().enumerate().skip(first).take(12) {
        if let Some(byte) = line.find(needle) {
            return At {
                line: i as u32 + 1,
                column: line[..byte].chars().count() as u32 + 1,
                len: needle.chars().count() as u32,
            };
        }
    }
    at
}
