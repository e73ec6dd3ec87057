//! The steps as a graph: where each may lead, and which variables have values on the way.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::plan::{Action, Dialplan, Step, Test, When};
use std::collections::BTreeMap;

/// A way from one step to another.
pub(super) struct Edge<'p> {
    pub to: &'p str,
    /// Variables that surely have values after it.
    pub fills: Vec<&'p str>,
    /// The callee is listened to before it is taken.
    pub heard: bool,
}

/// All ways out of a step.
pub(super) fn edges(step: &Step) -> Vec<Edge<'_>> {
    let mut edges = Vec::new();
    let heard = step
        .on
        .values()
        .chain(step.keys.values())
        .chain(step.otherwise.as_ref());
    for action in heard {
        push(&mut edges, action, step, &[], true);
    }
    for branch in &step.branch {
        push(
            &mut edges,
            &branch.action,
            step,
            &present(&branch.when),
            false,
        );
    }
    if let Some(slot) = &step.slot {
        edges.push(Edge {
            to: &slot.then.name,
            fills: entered(step).chain([slot.name.as_str()]).collect(),
            heard: true,
        });
    }
    if let Some(lookup) = &step.lookup {
        edges.push(Edge {
            to: &lookup.then.name,
            fills: entered(step)
                .chain(lookup.save.keys().map(String::as_str))
                .collect(),
            heard: false,
        });
        push(&mut edges, &lookup.failed, step, &[], false);
    }
    push(&mut edges, &step.enter, step, &[], false);
    edges
}

fn push<'p>(
    edges: &mut Vec<Edge<'p>>,
    action: &'p Action,
    step: &'p Step,
    known: &[&'p str],
    heard: bool,
) {
    for to in targets(action) {
        edges.push(Edge {
            to,
            fills: entered(step)
                .chain(action.set.keys().map(String::as_str))
                .chain(known.iter().copied())
                .collect(),
            heard,
        });
    }
}

/// The steps an action leads to: by `goto` and by `call`.
pub(super) fn targets(action: &Action) -> impl Iterator<Item = &str> {
    action
        .goto
        .iter()
        .chain(action.call.iter())
        .map(|r| r.name.as_str())
}

fn entered(step: &Step) -> impl Iterator<Item = &str> {
    step.enter.set.keys().map(String::as_str)
}

/// The variables that surely have values where a condition holds.
pub(super) fn present(when: &When) -> Vec<&str> {
    let tested = when.lead.iter().chain(&when.values);
    let filled = tested.filter(|(_, test)| !matches!(test, Test::Absent | Test::NoneOf(_)));
    when.slots
        .iter()
        .chain(filled.map(|(r, _)| r))
        .map(|r| r.name.as_str())
        .collect()
}

/// Where the conversation may be without having come from a step: the start, and the steps that answers given anywhere lead to.
/// Each with the words for it.
pub(super) fn roots(plan: &Dialplan) -> BTreeMap<&str, String> {
    let mut roots = BTreeMap::new();
    let fixed = [
        ("robot_question", &plan.robot_question),
        ("wrong_number", &plan.wrong_number),
        ("abuse", &plan.abuse),
    ];
    let globals = plan.globals.iter().map(|(name, a)| (name.as_str(), a));
    for (name, action) in globals.chain(fixed) {
        for to in targets(action) {
            roots.insert(to, format!("{name} (heard anywhere)"));
        }
    }
    if let Some(goto) = &plan.handoff.nobody.goto {
        roots.insert(&goto.name, "no agent comes".to_string());
    }
    roots.insert(&plan.start.name, String::new());
    roots
}

/// The steps that can be reached, each with the one before it on a shortest way.
pub(super) struct Ways<'p> {
    from: BTreeMap<&'p str, Option<&'p str>>,
    roots: BTreeMap<&'p str, String>,
}

/// The ways over the edges that `open` lets through.
pub(super) fn ways<'p>(plan: &'p Dialplan, open: &dyn Fn(&Edge<'p>) -> bool) -> Ways<'p> {
    let mut from: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::new();
    let roots = roots(plan);
    // The start first: a way from there is the easiest to follow.
    let start = plan.start.name.as_str();
    for root in [start].into_iter().chain(roots.keys().copied()) {
        if !from.contains_key(root) {
            from.insert(root, None);
            queue.push_back(root);
        }
    }
    while let Some(name) = queue.pop_front() {
        let Some(step) = plan.steps.get(name) else {
            continue;
        };
        for edge in edges(step).iter().filter(|e| open(e)) {
            if let Some((next, _)) = plan.steps.get_key_value(edge.to)
                && !from.contains_key(next.as_str())
            {
                from.insert(next, Some(name));
                queue.push_back(next);
            }
        }
    }
    Ways { from, roots }
}

impl Ways<'_> {
    /// The steps passed on the way to `step`; first the root's words where it is not the start.
    pub fn to(&self, step: &str) -> Option<Vec<String>> {
        let mut at = *self.from.get_key_value(step)?.0;
        let mut way = vec![at.to_string()];
        while let Some(Some(before)) = self.from.get(at) {
            way.push((*before).to_string());
            at = before;
        }
        way.extend(self.roots.get(at).filter(|w| !w.is_empty()).cloned());
        way.reverse();
        Some(way)
    }
}
