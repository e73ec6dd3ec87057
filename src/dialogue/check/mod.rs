//! What a readable dialplan may still get wrong: names that do not exist, steps nobody reaches, dead ends, words that cannot
//! be filled, languages left out, intents that cannot be told apart, a law that is not kept.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod disclosure;
mod flow;
mod graph;
mod languages;
mod law;
mod names;
mod overlap;
mod phrases;
mod reach;
mod side;
mod variables;
mod wire;

use super::file::reader::Reader;
use super::lines::prompts;
use super::plan::{Dialplan, When};

/// Looks at everything but the trained classifiers; findings go to `reader`.
pub(super) fn run(plan: &Dialplan, reader: &mut Reader) {
    names::check(plan, reader);
    variables::check(plan, reader);
    reach::check(plan, reader);
    flow::check(plan, reader);
    side::check(plan, reader);
    languages::check(plan, reader);
    phrases::check(plan, reader);
    wire::check(plan, reader);
    disclosure::check(plan, reader);
    law::check(plan, reader);
}

/// Looks at what training showed.
pub(super) fn trained(plan: &Dialplan, reader: &mut Reader) {
    overlap::check(plan, reader);
}

/// Every condition of the file.
fn conditions(plan: &Dialplan) -> Vec<&When> {
    let variants = prompts(plan).into_iter().flat_map(|p| &p.variants);
    let mut all: Vec<&When> = variants.filter_map(|v| v.when.as_ref()).collect();
    for step in plan.steps.values() {
        all.extend(step.branch.iter().map(|b| &b.when));
    }
    all.extend(plan.grade.iter().map(|r| &r.when));
    all.extend(plan.remember.iter().map(|r| &r.when));
    all.extend(plan.follow_ups.iter().map(|r| &r.when));
    all
}
