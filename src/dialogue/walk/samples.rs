//! Values that a dialplan's conditions ask about, so that a walk meets both sides of each.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::dice::Dice;
use crate::dialogue::plan::{Dialplan, Lead, Order, SlotAsk, Test, When};
use crate::dialogue::slot::SlotKind;
use crate::terms::Lang;
use std::collections::BTreeSet;

/// Every condition of the file.
fn conditions(plan: &Dialplan) -> Vec<&When> {
    let mut all: Vec<&When> = plan.grade.iter().map(|r| &r.when).collect();
    all.extend(plan.remember.iter().map(|r| &r.when));
    all.extend(plan.follow_ups.iter().map(|r| &r.when));
    all.extend(plan.steps.values().flat_map(|s| &s.branch).map(|b| &b.when));
    let variants = crate::dialogue::lines::prompts(plan);
    let variants = variants.into_iter().flat_map(|p| &p.variants);
    all.extend(variants.filter_map(|v| v.when.as_ref()));
    all
}

/// Values for a column of the lead; the empty one leaves it out.
fn of_column(plan: &Dialplan, name: &str) -> Vec<String> {
    let tests = conditions(plan).into_iter().flat_map(|w| &w.lead);
    let tests = tests.filter(|(r, _)| r.name == name);
    let mut values: BTreeSet<String> = tests.flat_map(|(_, t)| around(t)).collect();
    if plan.lang_from.as_deref() == Some(name) {
        values.extend(plan.tongues.keys().map(ToString::to_string));
    }
    let field = plan.lead.get(name);
    let default = field.and_then(|f| f.default.as_ref());
    values.insert(match (default, plan.lang) {
        (Some(d), lang) => d.in_lang(lang).to_string(),
        (None, Lang::Zh) => "李雷".into(),
        (None, Lang::En) => "Alice".into(),
    });
    if field.is_some_and(|f| !f.required) {
        values.insert(String::new());
    }
    values.into_iter().collect()
}

/// Values for a variable that another machine gives; never none.
pub(super) fn of_value(plan: &Dialplan, name: &str) -> Vec<String> {
    let tests = conditions(plan).into_iter().flat_map(|w| &w.values);
    let tests = tests.filter(|(r, _)| r.name == name);
    let mut values: BTreeSet<String> = tests.flat_map(|(_, t)| around(t)).collect();
    values.insert("3".into());
    values.into_iter().filter(|v| !v.is_empty()).collect()
}

/// Words for a slot that conditions ask about, as a callee may say them.
pub(super) fn of_slot(plan: &Dialplan, slot: &SlotAsk) -> Vec<String> {
    let counts = matches!(slot.kind, SlotKind::Number { .. } | SlotKind::Money);
    let mut values = of_value(plan, &slot.name);
    // Limits of the slot itself are met on both sides as well.
    if counts {
        let limits = [slot.valid.min, slot.valid.max].into_iter().flatten();
        values.extend(limits.flat_map(|n| [n - 1.0, n, n + 1.0].map(|n| n.max(0.0).to_string())));
    }
    values.retain(|v| counts && v.parse::<f64>().is_ok());
    values
}

/// Values on both sides of a test.
fn around(test: &Test) -> Vec<String> {
    match test {
        Test::Present | Test::Absent => vec![String::new()],
        Test::OneOf(list) | Test::NoneOf(list) => {
            let mut values = list.clone();
            values.push("other".into());
            values
        }
        Test::Compare(order, bound) => {
            let step = match order {
                Order::Less | Order::AtLeast => -1.0,
                Order::AtMost | Order::More => 1.0,
            };
            let plain: String = bound.chars().filter(|c| *c != ',').collect();
            match plain.trim().parse::<f64>() {
                Ok(n) => vec![n.to_string(), (n + step).to_string()],
                Err(_) => vec![bound.clone()],
            }
        }
    }
}

/// A lead for the n-th call: the plain one first, then columns and contact tags by chance.
pub(super) fn lead(plan: &Dialplan, n: u32, dice: &mut Dice) -> Lead {
    let mut lead = Lead {
        phone: "+8613800000000".into(),
        now_local: jiff::civil::date(2026, 11, 21).at(10, 0, 0, 0),
        ..Lead::default()
    };
    for (name, field) in &plan.lead {
        let values = of_column(plan, name);
        let plain = field.default.as_ref().map(|d| d.in_lang(plan.lang));
        let value = match (n, plain) {
            (0, Some(plain)) => plain.to_string(),
            _ => dice.pick(&values).cloned().unwrap_or_default(),
        };
        if !value.is_empty() {
            lead.vars.insert(name.clone(), value);
        }
    }
    if n > 0 {
        let tags = conditions(plan);
        let tags = tags
            .into_iter()
            .flat_map(|w| w.contact.iter().chain(&w.contact_none));
        let tags: BTreeSet<&str> = tags.map(|r| r.name.as_str()).collect();
        let kept = tags.into_iter().filter(|_| dice.percent(50));
        lead.contact = kept.map(str::to_string).collect();
    }
    lead
}
