//! Where the conversation can go: steps nobody reaches, and steps that lead nowhere.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::file::reader::Reader;
use crate::dialogue::plan::{Action, Dialplan, Step};
use std::collections::BTreeSet;

pub(super) fn check(plan: &Dialplan, reader: &mut Reader<'_>) {
    unreachable(plan, reader);
    for (name, step) in &plan.steps {
        dead_end(name, step, reader);
        silent_loop(plan, name, step, reader);
    }
}

fn unreachable(plan: &Dialplan, reader: &mut Reader<'_>) {
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = vec![&plan.start.name];
    open.extend(
        plan.globals
            .values()
            .chain([&plan.robot_question, &plan.wrong_number, &plan.abuse])
            .filter_map(goto),
    );
    open.extend(plan.handoff.nobody.goto.iter().map(|g| g.name.as_str()));
    while let Some(name) = open.pop() {
        let Some(step) = plan.steps.get(name) else {
            continue;
        };
        if reached.insert(name) {
            open.extend(exits(step));
        }
    }
    // A wrong start makes every step unreachable; its own message is enough.
    if !plan.steps.contains_key(&plan.start.name) {
        return;
    }
    for (name, step) in plan
        .steps
        .iter()
        .filter(|(n, _)| !reached.contains(n.as_str()))
    {
        reader.error(
            step.at,
            format!("no way leads to step {name:?}"),
            "lead a branch, a `goto` or `else` to it, or remove it",
        );
    }
}

fn goto(action: &Action) -> Option<&str> {
    action.goto.as_ref().map(|g| g.name.as_str())
}

/// The steps that may follow this one.
fn exits(step: &Step) -> impl Iterator<Item = &str> {
    step.on
        .values()
        .chain(step.keys.values())
        .chain(step.otherwise.as_ref())
        .chain([&step.enter])
        .filter_map(goto)
        .chain(step.slot.iter().map(|s| s.then.name.as_str()))
}

fn dead_end(name: &str, step: &Step, reader: &mut Reader<'_>) {
    let enter = &step.enter;
    let goes = enter.goto.is_some() || enter.hangup.is_some() || enter.handoff.is_some();
    if !step.listens() && !goes && !enter.callback {
        reader.error(
            step.at,
            format!(
                "step {name:?} is a dead end: it neither listens, goes on, hands off nor hangs up"
            ),
            "add `on:`, `slot:`, `goto:`, `handoff:` or `hangup:`",
        );
    }
    if step.listens() && (enter.goto.is_some() || enter.hangup.is_some()) {
        reader.error(
            step.at,
            format!("step {name:?} both waits for an answer and goes on without one"),
            "keep the branches, or the `goto`/`hangup`",
        );
    }
    if step.listens() && step.say.is_none() {
        reader.warn(
            step.at,
            format!("step {name:?} waits for an answer and asks nothing"),
            "add `say:` with the question, or it is asked again with no words after a global question",
        );
    }
    for action in step
        .on
        .values()
        .chain(step.keys.values())
        .chain(step.otherwise.as_ref())
    {
        let ends = action.goto.is_some() || action.hangup.is_some();
        if !ends && action.say.is_none() && action.handoff.is_none() && !action.callback {
            reader.error(
                action.at,
                format!("this branch of step {name:?} does nothing the callee would notice"),
                "add `say`, `goto`, `handoff`, `callback` or `hangup`",
            );
        }
    }
}

/// Steps that go on without listening must come to an end.
fn silent_loop(plan: &Dialplan, name: &str, step: &Step, reader: &mut Reader<'_>) {
    let mut at = step;
    let mut passed = BTreeSet::new();
    while !at.listens() {
        let Some(next) = goto(&at.enter).and_then(|n| plan.steps.get_key_value(n)) else {
            return;
        };
        if next.0 == name {
            reader.error(
                step.at,
                format!("step {name:?} leads back to itself and never listens"),
                "let one step of the circle listen or hang up",
            );
            return;
        }
        if !passed.insert(next.0.as_str()) {
            return;
        }
        at = next.1;
    }
}
