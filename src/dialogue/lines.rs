//! Every line a dialplan can say, so that it can be rendered before it is needed.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::plan::{Action, Dialplan, Lead, Prompt, Retain, Variant};
use super::template::clean;
use crate::terms::Line;
use std::collections::BTreeSet;

/// Lines without lead variables or slots: rendered when the dialplan loads.
#[must_use]
pub fn fixed_lines(plan: &Dialplan) -> Vec<Line> {
    lines(plan, Kind::Fixed, &|v| plan.values.get(v).cloned())
}

/// Lines with lead variables and no slots: rendered while the phone rings.
#[must_use]
pub fn lead_lines(plan: &Dialplan, lead: &Lead) -> Vec<Line> {
    lines(plan, Kind::Lead, &|v| value(plan, lead, v))
}

/// The texts of lines with slots, the slots left out: rendered live, when the slot's value is known.
#[must_use]
pub fn slot_lines(plan: &Dialplan) -> Vec<String> {
    let fill = |v: &str| {
        Some(
            plan.values
                .get(v)
                .cloned()
                .unwrap_or_else(|| format!("{{{v}}}")),
        )
    };
    let all = lines(plan, Kind::Slot, &fill);
    all.into_iter().map(|l| l.text).collect()
}

/// A lead's or the file's value as it may be spoken: cleaned, with the column's default where the list has nothing.
#[must_use]
pub fn value(plan: &Dialplan, lead: &Lead, name: &str) -> Option<String> {
    if let Some(field) = plan.lead.get(name) {
        let given = lead
            .vars
            .get(name)
            .map(|v| clean(v))
            .filter(|v| !v.is_empty());
        return Some(given.or_else(|| field.default.clone()).unwrap_or_default());
    }
    plan.values.get(name).cloned()
}

/// The line of one variant, filled in.
pub(super) fn line(
    plan: &Dialplan,
    variant: &Variant,
    value: &dyn Fn(&str) -> Option<String>,
) -> Line {
    Line {
        text: variant.text.fill(value),
        lang: plan.lang,
        voice: plan.voice.name.clone(),
        speed_percent: plan.voice.speed_percent,
        recording: variant.recording.clone(),
    }
}

/// Every prompt of the file, the built-in words among them.
#[must_use]
pub fn prompts(plan: &Dialplan) -> Vec<&Prompt> {
    let mut all = vec![&plan.disclosure, &plan.back, &plan.opt_out, &plan.goodbye];
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
        }
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

fn lines(plan: &Dialplan, wanted: Kind, value: &dyn Fn(&str) -> Option<String>) -> Vec<Line> {
    let mut seen = BTreeSet::new();
    prompts(plan)
        .into_iter()
        .flat_map(|p| &p.variants)
        .filter(|v| kind(plan, v) == wanted)
        .map(|v| line(plan, v, value))
        .filter(|l| seen.insert(l.clone()))
        .collect()
}
