//! Every line a dialplan can say, so that it can be rendered before it is needed.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::plan::{Action, Dialplan, Lead, Prompt, Retain, Variant};
use super::template::clean;
use crate::terms::{Lang, Line};
use std::collections::BTreeSet;

/// Lines without lead variables or slots: rendered when the dialplan loads.
#[must_use]
pub fn fixed_lines(plan: &Dialplan) -> Vec<Line> {
    lines(
        plan,
        plan.tongues.keys().copied(),
        Kind::Fixed,
        &|v, lang| plan.values.get(v).map(|w| w.in_lang(lang).to_string()),
    )
}

/// Lines with lead variables and no slots: rendered while the phone rings.
#[must_use]
pub fn lead_lines(plan: &Dialplan, lead: &Lead) -> Vec<Line> {
    let first = plan.first_lang(&lead.vars);
    lines(plan, [first].into_iter(), Kind::Lead, &|v, lang| {
        value(plan, lead, lang, v)
    })
}

/// The texts of lines with slots, the slots left out: rendered live, when the slot's value is known.
#[must_use]
pub fn slot_lines(plan: &Dialplan) -> Vec<String> {
    let fill = |v: &str, lang: Lang| {
        let known = plan.values.get(v).map(|w| w.in_lang(lang).to_string());
        Some(known.unwrap_or_else(|| format!("{{{v}}}")))
    };
    let all = lines(plan, plan.tongues.keys().copied(), Kind::Slot, &fill);
    all.into_iter().map(|l| l.text).collect()
}

/// A lead's or the file's value as it may be spoken: cleaned, with the column's default where the list has nothing.
#[must_use]
pub fn value(plan: &Dialplan, lead: &Lead, lang: Lang, name: &str) -> Option<String> {
    if let Some(field) = plan.lead.get(name) {
        let given = lead
            .vars
            .get(name)
            .map(|v| clean(v))
            .filter(|v| !v.is_empty());
        let default = || field.default.as_ref().map(|d| d.in_lang(lang).to_string());
        return Some(given.or_else(default).unwrap_or_default());
    }
    plan.values.get(name).map(|w| w.in_lang(lang).to_string())
}

/// The line of one variant, filled in.
pub(super) fn line(
    plan: &Dialplan,
    variant: &Variant,
    lang: Lang,
    value: &dyn Fn(&str) -> Option<String>,
) -> Line {
    Line {
        recording: variant.recording.clone(),
        ..plain_line(plan, variant.text.fill(value), lang)
    }
}

/// A line of these words, in the file's voice.
pub(super) fn plain_line(plan: &Dialplan, text: String, lang: Lang) -> Line {
    let voice = plan.tongue(lang).map(|t| &t.voice);
    Line {
        text,
        lang,
        voice: voice.map(|v| v.name.clone()).unwrap_or_default(),
        speed_percent: voice.map_or(100, |v| v.speed_percent),
        recording: None,
    }
}

/// Every prompt of the file, the built-in words among them.
#[must_use]
pub fn prompts(plan: &Dialplan) -> Vec<&Prompt> {
    let mut all = vec![&plan.disclosure, &plan.back, &plan.opt_out, &plan.goodbye];
    all.push(&plan.doubt);
    if let Some(llm) = &plan.llm {
        all.extend(llm.filler.as_ref());
        all.push(&llm.fallback);
    }
    all.extend([&plan.busy.say, &plan.busy.done, &plan.busy.unclear]);
    for ladder in [&plan.no_input, &plan.no_match] {
        all.extend(&ladder.lines);
        all.push(&ladder.end);
    }
    all.extend(plan.retention.iter().map(|r| &r.say));
    all.push(&plan.handoff.line);
    all.extend(&plan.handoff.while_waiting);
    all.push(&plan.handoff.nobody.say);
    for step in plan.steps.values() {
        all.extend(step.say.as_ref());
        if let Some(slot) = &step.slot {
            all.extend(slot.confirm.as_ref());
            all.extend(slot.reask.as_ref());
            all.extend(slot.invalid.as_ref());
        }
        all.extend(step.doubt.as_ref());
        all.extend(step.lookup.as_ref().and_then(|l| l.filler.as_ref()));
    }
    for action in actions(plan) {
        all.extend(action.say.as_ref());
        if let Retain::Own(p) = &action.retention {
            all.push(p);
        }
    }
    all
}

/// Every action of the file.
pub(super) fn actions(plan: &Dialplan) -> Vec<&Action> {
    let mut all = vec![&plan.robot_question, &plan.wrong_number, &plan.abuse];
    all.extend(plan.globals.values());
    for step in plan.steps.values() {
        all.extend(step.on.values());
        all.extend(step.keys.values());
        all.extend(step.otherwise.as_ref());
        all.extend(step.branch.iter().map(|b| &b.action));
        all.extend(step.lookup.as_ref().map(|l| &l.failed));
        all.push(&step.enter);
    }
    all
}

#[derive(PartialEq)]
enum Kind {
    Fixed,
    Lead,
    Slot,
}

fn kind(plan: &Dialplan, variant: &Variant) -> Kind {
    let mut kind = Kind::Fixed;
    for v in variant.text.vars() {
        if plan.lead.contains_key(v) {
            if kind == Kind::Fixed {
                kind = Kind::Lead;
            }
        } else if !plan.values.contains_key(v) {
            kind = Kind::Slot;
        }
    }
    kind
}

fn lines(
    plan: &Dialplan,
    langs: impl Iterator<Item = Lang>,
    wanted: Kind,
    value: &dyn Fn(&str, Lang) -> Option<String>,
) -> Vec<Line> {
    let mut seen = BTreeSet::new();
    let variants: Vec<&Variant> = prompts(plan)
        .into_iter()
        .flat_map(|p| &p.variants)
        .filter(|v| kind(plan, v) == wanted)
        .collect();
    langs
        .flat_map(|lang| {
            let here = variants
                .iter()
                .filter(move |v| v.lang.is_none_or(|l| l == lang));
            here.map(move |v| line(plan, v, lang, &|name| value(name, lang)))
        })
        .filter(|l| seen.insert(l.clone()))
        .collect()
}
