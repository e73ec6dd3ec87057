//! Steps that nobody reaches.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::graph::{edges, roots};
use crate::dialogue::file::reader::Reader;
use crate::dialogue::plan::Dialplan;
use std::collections::BTreeSet;

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    // A wrong start makes every step unreachable; its own message is enough.
    if !plan.steps.contains_key(&plan.start.name) {
        return;
    }
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let roots = roots(plan);
    let mut open: Vec<&str> = roots.keys().copied().collect();
    while let Some(name) = open.pop() {
        let Some(step) = plan.steps.get(name) else {
            continue;
        };
        if reached.insert(name) {
            open.extend(edges(step).iter().map(|e| e.to));
        }
    }
    for (name, step) in &plan.steps {
        if !reached.contains(name.as_str()) {
            reader.error(
                step.at,
                format!("no way leads to step {name:?}"),
                "lead a branch, a `goto` or `else` to it, or remove it",
            );
        }
    }
}
