//! Steps that lead nowhere, that contradict themselves, or that go round without ever listening.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::graph::edges;
use crate::dialogue::file::reader::Reader;
use crate::dialogue::plan::{Action, Dialplan, Step, When};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    for (name, step) in &plan.steps {
        dead_end(name, step, reader);
        torn(name, step, reader);
        idle(name, step, reader);
    }
    circles(plan, reader);
    for action in plan.globals.values() {
        if !noticed(action) {
            let message = "this answer does nothing the callee would notice";
            reader.error(action.at, message, "add `say`, `goto`, `call` or `hangup`");
        }
    }
    endless(plan, reader);
}

/// The step goes on without hearing anything, whatever its conditions say.
fn goes_on(step: &Step) -> bool {
    let enter = &step.enter;
    enter.goto.is_some()
        || enter.hangup.is_some()
        || enter.handoff.is_some()
        || enter.call.is_some()
        || enter.returns
        || enter.callback
        || step.lookup.is_some()
        || step.branch.iter().any(|b| always(&b.when))
}

/// A condition without any test in it.
pub(super) fn always(when: &When) -> bool {
    let tags = when.all.len() + when.any.len() + when.none.len();
    let contact = when.contact.len() + when.contact_none.len();
    let values = when.slots.len() + when.steps.len() + when.lead.len() + when.values.len();
    tags + contact + values == 0
        && when.turns_at_least.is_none_or(|n| n == 0)
        && when.turns_at_most.is_none()
        && when.lang.is_none()
        && when.upset.is_none()
}

fn dead_end(name: &str, step: &Step, reader: &mut Reader) {
    if step.listens() || goes_on(step) {
        return;
    }
    if step.branch.is_empty() {
        reader.error(
            step.at,
            format!(
                "step {name:?} is a dead end: it neither listens, goes on, hands off nor hangs up"
            ),
            "add `on:`, `slot:`, `goto:`, `branch:`, `handoff:` or `hangup:`",
        );
    } else {
        let last = step.branch.last().map_or(step.at, |b| b.action.at);
        reader.error(
            last,
            format!("step {name:?} is a dead end where none of its branches holds"),
            "end the list with one that always holds: `- { goto: step }`",
        );
    }
}

fn torn(name: &str, step: &Step, reader: &mut Reader) {
    let enter = &step.enter;
    if step.listens() && (enter.goto.is_some() || enter.hangup.is_some()) {
        reader.error(
            step.at,
            format!("step {name:?} both waits for an answer and goes on without one"),
            "keep the branches, or the `goto`/`hangup`",
        );
    } else if step.listens() && (!step.branch.is_empty() || enter.call.is_some() || enter.returns) {
        let first = step.branch.first().map_or(step.at, |b| b.action.at);
        reader.error(
            first,
            format!("step {name:?} waits for an answer, and its branch, call or return is never looked at"),
            "let a step before this one branch, or lead its answers to a step that does",
        );
    }
    if step.lookup.is_some() {
        let other = step.listens() || enter.goto.is_some() || enter.hangup.is_some();
        if other || enter.call.is_some() || enter.returns || !step.branch.is_empty() {
            reader.error(
                step.at,
                format!("step {name:?} looks something up, and does something else as well"),
                "a lookup leads on by `then` and `failed`: give the rest a step of its own",
            );
        }
    } else if !step.listens() && enter.call.is_some() {
        reader.error(
            step.at,
            format!("step {name:?} calls a side flow, which comes back to it and is called again"),
            "call side flows from `on:`, `else:` or `globals:`, or use `goto`",
        );
    }
    if step.listens() && step.say.is_none() {
        reader.warn(
            step.at,
            format!("step {name:?} waits for an answer and asks nothing"),
            "add `say:` with the question, or it is asked again with no words after a global question",
        );
    }
}

fn idle(name: &str, step: &Step, reader: &mut Reader) {
    let heard = step
        .on
        .values()
        .chain(step.keys.values())
        .chain(step.otherwise.as_ref())
        .chain(step.lookup.as_ref().map(|l| &l.failed));
    for action in heard {
        if !noticed(action) {
            reader.error(
                action.at,
                format!("this branch of step {name:?} does nothing the callee would notice"),
                "add `say`, `goto`, `handoff`, `callback` or `hangup`",
            );
        }
    }
    // Nobody is being listened to here: what does not lead on ends the conversation in silence.
    let unheard = step.branch.iter().map(|b| &b.action);
    for action in unheard.chain(step.lookup.as_ref().map(|l| &l.failed)) {
        if noticed(action) && !leads(action) {
            reader.error(
                action.at,
                format!("this branch of step {name:?} leads nowhere"),
                "add `goto`, `call`, `return`, `handoff`, `callback` or `hangup`",
            );
        }
    }
    for branch in &step.branch {
        if !noticed(&branch.action) {
            reader.error(
                branch.action.at,
                format!("this branch of step {name:?} does nothing the callee would notice"),
                "add `goto`, `call`, `return`, `handoff` or `hangup`",
            );
        }
    }
}

fn noticed(action: &Action) -> bool {
    leads(action) || action.say.is_some() || action.lang.is_some()
}

fn leads(action: &Action) -> bool {
    action.goto.is_some()
        || action.hangup.is_some()
        || action.call.is_some()
        || action.returns
        || action.handoff.is_some()
        || action.callback
}

/// Steps that go on without listening must come to an end. What is left when all steps are taken away, again and again, that
/// lead to none of the others or that none of the others leads to, goes round in circles.
fn circles(plan: &Dialplan, reader: &mut Reader) {
    let silent: BTreeMap<&str, &Step> = plan
        .steps
        .iter()
        .filter(|(_, step)| !step.listens())
        .map(|(name, step)| (name.as_str(), step))
        .collect();
    let mut on: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut back: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, step) in &silent {
        for edge in edges(step)
            .iter()
            .filter(|e| !e.heard && silent.contains_key(e.to))
        {
            on.entry(name).or_default().push(edge.to);
            back.entry(edge.to).or_default().push(name);
        }
    }
    let mut left: BTreeSet<&str> = silent.keys().copied().collect();
    peel(&mut left, &on, &back);
    peel(&mut left, &back, &on);
    for name in left {
        reader.error(
            silent[name].at,
            format!("step {name:?} leads back to itself and never listens"),
            "let one step of the circle listen or hang up",
        );
    }
}

/// Takes away what has no way `on` to anything left.
fn peel<'p>(
    left: &mut BTreeSet<&'p str>,
    on: &BTreeMap<&'p str, Vec<&'p str>>,
    back: &BTreeMap<&'p str, Vec<&'p str>>,
) {
    let none = Vec::new();
    let among = |left: &BTreeSet<&str>, name: &str| {
        let all = on.get(name).unwrap_or(&none);
        all.iter().filter(|n| left.contains(*n)).count()
    };
    let mut ways: BTreeMap<&str, usize> = left.iter().map(|n| (*n, among(left, n))).collect();
    let mut open: Vec<&str> = left.iter().copied().filter(|n| ways[n] == 0).collect();
    while let Some(name) = open.pop() {
        left.remove(name);
        for before in back.get(name).unwrap_or(&none) {
            if let Some(count) = ways.get_mut(before).filter(|c| **c > 0) {
                *count -= 1;
                if *count == 0 && left.contains(before) {
                    open.push(before);
                }
            }
        }
    }
}

/// Steps that are heard and answered for ever: a step from which no way leads to an end.
fn endless(plan: &Dialplan, reader: &mut Reader) {
    let ends = |a: &Action| a.hangup.is_some() || a.handoff.is_some() || a.returns || a.callback;
    let mut good: BTreeSet<&str> = BTreeSet::new();
    for (name, step) in &plan.steps {
        let heard = step.on.values().chain(step.keys.values());
        let unheard = step.branch.iter().map(|b| &b.action);
        let rest = step.lookup.as_ref().map(|l| &l.failed);
        let mut all = heard
            .chain(unheard)
            .chain(rest)
            .chain(&step.otherwise)
            .chain([&step.enter]);
        if all.any(ends) {
            good.insert(name);
        }
    }
    let mut back: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, step) in &plan.steps {
        for edge in edges(step) {
            back.entry(edge.to).or_default().push(name);
        }
    }
    let mut open: Vec<&str> = good.iter().copied().collect();
    while let Some(name) = open.pop() {
        for before in back.get(name).into_iter().flatten() {
            if good.insert(before) {
                open.push(before);
            }
        }
    }
    // Steps with a fault of their own have been reported; so has one whose names do not exist.
    let stuck: Vec<&String> = plan
        .steps
        .iter()
        .filter(|(name, step)| {
            !good.contains(name.as_str())
                && !edges(step).is_empty()
                && edges(step).iter().all(|e| plan.steps.contains_key(e.to))
        })
        .map(|(name, _)| name)
        .collect();
    if let Some(first) = stuck.first()
        && reader.usable()
    {
        let at = plan.steps[*first].at;
        let names: Vec<&str> = stuck.iter().take(6).map(|s| s.as_str()).collect();
        reader.error(
            at,
            format!("no end can be reached from {}", names.join(", ")),
            "let one of these steps hang up, hand off, or lead to a step that does",
        );
    }
}
