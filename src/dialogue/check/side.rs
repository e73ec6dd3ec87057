//! Side flows: what is called must come back or end, and what comes back must have been called.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::graph::edges;
use crate::dialogue::file::reader::Reader;
use crate::dialogue::lines::actions;
use crate::dialogue::plan::{Action, Dialplan, Step};
use std::collections::BTreeSet;

/// The most side flows that are followed.
const MOST: usize = 200;

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    let called: BTreeSet<&str> = actions(plan)
        .into_iter()
        .filter_map(|a| a.call.as_ref())
        .map(|c| c.name.as_str())
        .collect();
    let inside = following(plan, called.iter().copied().collect());
    for (name, step) in &plan.steps {
        if let Some(action) = own(step).into_iter().find(|a| a.returns)
            && !inside.contains(name.as_str())
        {
            reader.error(
                action.at,
                format!("step {name:?} returns, and nothing calls the flow it is in"),
                "call its first step with `call:` instead of `goto:`, or lead on with `goto`",
            );
        }
    }
    for action in plan
        .globals
        .values()
        .chain([&plan.robot_question, &plan.wrong_number, &plan.abuse])
        .filter(|a| a.returns)
    {
        let message = "an answer given anywhere has nothing to return to";
        reader.error(
            action.at,
            message,
            "after its words the question is asked again without `return`",
        );
    }
    let mut seen = BTreeSet::new();
    for action in actions(plan) {
        let Some(call) = &action.call else { continue };
        // Each flow is looked at once; so many are in no real file.
        if !seen.insert(call.name.as_str()) || seen.len() > MOST {
            continue;
        }
        let flow = following(plan, vec![&call.name]);
        let over = |a: &&Action| a.returns || a.hangup.is_some() || a.handoff.is_some();
        let ends = flow
            .iter()
            .filter_map(|name| plan.steps.get(*name))
            .any(|s| own(s).iter().any(over));
        if !ends && !flow.is_empty() && flow.iter().all(|s| plan.steps.contains_key(*s)) {
            reader.error(
                call.at,
                format!(
                    "the side flow {:?} never returns, and never ends the call",
                    call.name
                ),
                "add `return: true` to its last step",
            );
        }
        let returns = flow
            .iter()
            .filter_map(|name| plan.steps.get(*name))
            .any(|s| own(s).iter().any(|a| a.returns));
        if ends && !returns {
            reader.warn(
                call.at,
                format!("the side flow {:?} never returns", call.name),
                "add `return: true` where it is to come back, or lead to it with `goto`",
            );
        }
    }
}

/// The actions that a step itself does.
fn own(step: &Step) -> Vec<&Action> {
    step.on
        .values()
        .chain(step.keys.values())
        .chain(step.otherwise.as_ref())
        .chain(step.branch.iter().map(|b| &b.action))
        .chain(step.lookup.as_ref().map(|l| &l.failed))
        .chain([&step.enter])
        .collect()
}

/// Every step that may follow these, and they themselves.
fn following<'p>(plan: &'p Dialplan, mut open: Vec<&'p str>) -> BTreeSet<&'p str> {
    let mut all = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some((name, step)) = plan.steps.get_key_value(name) else {
            continue;
        };
        if all.insert(name.as_str()) {
            open.extend(edges(step).iter().map(|e| e.to));
        }
    }
    all
}
