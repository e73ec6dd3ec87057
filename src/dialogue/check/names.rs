//! Names that must exist elsewhere in the file.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::conditions;
use crate::dialogue::diagnostic::{At, advise, nearest};
use crate::dialogue::file::BUILTIN_TAGS;
use crate::dialogue::file::reader::Reader;
use crate::dialogue::lines::actions;
use crate::dialogue::plan::{Dialplan, Due, Ref, When};
use crate::dialogue::slot::SlotKind;
use std::collections::BTreeSet;

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    steps(plan, reader);
    intents(plan, reader);
    let names = Names::of(plan);
    for when in conditions(plan) {
        if reader.full() {
            return;
        }
        condition(plan, reader, &names, when);
    }
    let tag_exists = |t: &String| names.tags.contains(t.as_str());
    if let Some(tag) = plan.handoff.tags.iter().find(|t| !tag_exists(t)) {
        reader.error(
            place(reader, "handoff.tag"),
            format!("handoff waits for the tag {tag:?}, which nothing gives"),
            advise(tag, names.tags.iter().copied()),
        );
    }
    upset(plan, reader);
    follow_ups(plan, reader);
    last_grade(plan, reader);
}

fn place(reader: &Reader, key: &str) -> At {
    reader.places.get(key).copied().unwrap_or_default()
}

fn step(plan: &Dialplan, reader: &mut Reader, r: &Ref) {
    if !plan.steps.contains_key(&r.name) && !reader.full() {
        reader.error(
            r.at,
            format!("step {:?} does not exist", r.name),
            advise(&r.name, plan.steps.keys().map(String::as_str)),
        );
    }
}

fn steps(plan: &Dialplan, reader: &mut Reader) {
    step(plan, reader, &plan.start);
    for action in actions(plan) {
        for r in action.goto.iter().chain(&action.call) {
            step(plan, reader, r);
        }
    }
    for s in plan.steps.values() {
        let slot = s.slot.iter().map(|s| &s.then);
        for r in slot.chain(s.lookup.iter().map(|l| &l.then)) {
            step(plan, reader, r);
        }
    }
    if let Some(goto) = &plan.handoff.nobody.goto {
        step(plan, reader, goto);
    }
}

fn intents(plan: &Dialplan, reader: &mut Reader) {
    for s in plan.steps.values() {
        for (intent, action) in &s.on {
            known_intent(plan, reader, intent, action.at);
        }
    }
    for (intent, action) in &plan.globals {
        known_intent(plan, reader, intent, action.at);
    }
    let at = place(reader, "retention.on");
    for intent in plan.retention.iter().flat_map(|r| &r.on) {
        known_intent(plan, reader, intent, at);
    }
    let at = place(reader, "handoff.intent");
    for intent in &plan.handoff.intents {
        known_intent(plan, reader, intent, at);
    }
}

fn known_intent(plan: &Dialplan, reader: &mut Reader, intent: &str, at: At) {
    let known = || plan.tongues.values().flat_map(|t| t.intents.keys());
    let exists = plan
        .tongues
        .values()
        .any(|t| t.intents.contains_key(intent));
    if !exists && !reader.full() {
        let all: BTreeSet<&str> = known().map(String::as_str).collect();
        reader.error(
            at,
            format!("intent {intent:?} does not exist"),
            advise(intent, all),
        );
    }
}

/// What conditions may speak of.
struct Names<'p> {
    /// Tags that the call or an earlier one may give.
    tags: BTreeSet<&'p str>,
    kept: BTreeSet<&'p str>,
}

impl Names<'_> {
    fn of(plan: &Dialplan) -> Names<'_> {
        let mut tags: BTreeSet<&str> = BUILTIN_TAGS.into_iter().collect();
        let given = actions(plan).into_iter().flat_map(|a| &a.tag);
        tags.extend(given.map(String::as_str));
        tags.extend(plan.intent_tags.values().flatten().map(String::as_str));
        let lasting = plan.remember.iter().filter(|r| !r.forget);
        let named_anew = |r: &&crate::dialogue::plan::Lasting| {
            r.when.all.len() != 1 || r.when.all[0].name != r.tag.name
        };
        tags.extend(lasting.filter(named_anew).map(|r| r.tag.name.as_str()));
        Names {
            tags,
            kept: kept(plan),
        }
    }
}

/// Variables that the call itself fills: slots, `set` names, what lookups save.
pub(super) fn kept(plan: &Dialplan) -> BTreeSet<&str> {
    let mut kept: BTreeSet<&str> = BTreeSet::from([plan.busy.slot.as_str()]);
    for s in plan.steps.values() {
        kept.extend(s.slot.iter().map(|s| s.name.as_str()));
        let saved = s.lookup.iter().flat_map(|l| l.save.keys());
        kept.extend(saved.map(String::as_str));
    }
    let set = actions(plan).into_iter().flat_map(|a| a.set.keys());
    kept.extend(set.map(String::as_str));
    kept
}

fn condition(plan: &Dialplan, reader: &mut Reader, names: &Names<'_>, w: &When) {
    for r in w.all.iter().chain(&w.any).chain(&w.none) {
        if !names.tags.contains(r.name.as_str()) {
            let advice = advise(&r.name, names.tags.iter().copied());
            reader.error(
                r.at,
                format!("no branch, step or intent gives the tag {:?}", r.name),
                format!("{advice}; a tag that only earlier campaigns give stands under `contact:`"),
            );
        }
    }
    for r in w.contact.iter().chain(&w.contact_none) {
        if !names.tags.contains(r.name.as_str())
            && let Some(like) = nearest(&r.name, names.tags.iter().copied())
        {
            reader.warn(
                r.at,
                format!(
                    "the contact's tag {:?} is like {like:?}, and not the same",
                    r.name
                ),
                "write it as the campaign that gives it does",
            );
        }
    }
    let values = w.values.iter().map(|(r, _)| r);
    for r in w.slots.iter().chain(values) {
        if !names.kept.contains(r.name.as_str()) {
            let advice = if plan.lead.contains_key(&r.name) {
                format!(
                    "{:?} is a column of the list: test it under `lead:`",
                    r.name
                )
            } else {
                advise(&r.name, names.kept.iter().copied())
            };
            reader.error(r.at, format!("no step fills the slot {:?}", r.name), advice);
        }
    }
    for (r, _) in &w.lead {
        if !plan.lead.contains_key(&r.name) {
            reader.error(
                r.at,
                format!("{:?} is not a column of the list", r.name),
                format!(
                    "declare it under `lead:`; {}",
                    advise(&r.name, plan.lead.keys().map(String::as_str))
                ),
            );
        }
    }
    for r in &w.steps {
        step(plan, reader, r);
    }
    if let Some(lang) = w.lang
        && !plan.tongues.contains_key(&lang)
    {
        let at = first_place(w);
        let message = format!("a condition waits for {lang}, which this file does not speak");
        reader.error(at, message, format!("add `langs: {{ {lang}: {{}} }}`"));
    }
    if w.all
        .iter()
        .any(|r| w.none.iter().any(|n| n.name == r.name))
    {
        let message = "this condition never holds: it wants a tag and wants it away";
        reader.error(first_place(w), message, "take one of the two out");
    }
    if let (Some(least), Some(most)) = (w.turns_at_least, w.turns_at_most)
        && least > most
    {
        let message = format!("no call has at least {least} and at most {most} turns");
        reader.error(first_place(w), message, "swap the two");
    }
}

fn first_place(w: &When) -> At {
    let tests = w.lead.iter().chain(&w.values).map(|(r, _)| r);
    let refs = w.all.iter().chain(&w.any).chain(&w.none).chain(&w.contact);
    let first = refs.chain(&w.contact_none).chain(&w.slots).chain(&w.steps);
    first.chain(tests).next().map_or(At::default(), |r| r.at)
}

/// `upset` is known only where `emotion: true` looks for it.
fn upset(plan: &Dialplan, reader: &mut Reader) {
    if plan.emotion {
        return;
    }
    let advice = "add `emotion: true` where the profile allows it, or take `upset` out";
    if plan.handoff.upset {
        let at = place(reader, "handoff.upset");
        reader.error(
            at,
            "handoff waits for an upset callee, and nothing looks for one",
            advice,
        );
    }
    for w in conditions(plan)
        .into_iter()
        .filter(|w| w.upset == Some(true))
    {
        let message = "a condition waits for an upset callee, and nothing looks for one";
        reader.error(first_place(w), message, advice);
    }
}

fn follow_ups(plan: &Dialplan, reader: &mut Reader) {
    for rule in &plan.follow_ups {
        let Due::Slot(name) = &rule.due else { continue };
        let dated = *name == plan.busy.slot
            || plan
                .steps
                .values()
                .filter_map(|s| s.slot.as_ref())
                .any(|s| s.name == *name && s.kind == SlotKind::DateTime);
        if !dated {
            reader.error(
                place(reader, &format!("follow_up.{name}")),
                format!("no step fills {name:?} with a date and time"),
                "name a slot of type datetime, or write `tomorrow 10:00`",
            );
        }
    }
}

fn last_grade(plan: &Dialplan, reader: &mut Reader) {
    if let Some(last) = plan.grade.last()
        && (!last.when.all.is_empty() || !last.when.any.is_empty())
    {
        let any = last.when.all.iter().chain(&last.when.any).next();
        reader.warn(
            any.map_or(At::default(), |r| r.at),
            "some calls get no grade",
            "end the list with a rule that always fits: `when: {}`",
        );
    }
}
