//! The dialplan as people draw it: a node for every step, answer, hand-off and end, an edge for every way between them.
//!
//! Built from the checked file alone and always in the same order, so that a drawing stays where it was; the counts of calls
//! are put in afterwards ([`Graph::count`]).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod labels;
mod ways;

use super::plan::Dialplan;
use super::wording::wording;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Graph {
    /// The start first, then the steps in the order of the file, the answers given anywhere, hand-offs and ends.
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Node {
    /// A step's name; else with a colon in it: `end:completed:booked`, `handoff:sales`, `faq:price`; or `anywhere`.
    pub id: String,
    pub kind: NodeKind,
    pub title: String,
    /// The first wording, variables that only a call knows as `{name}`.
    pub say: Option<String>,
    /// The side flow the step belongs to: the step that a `call` enters.
    pub flow: Option<String>,
    /// Calls that are here now.
    pub live: u64,
    /// Calls that came here in the time counted.
    pub entered: u64,
    /// Of these, calls that ended here.
    pub left: u64,
    /// Calls begin here.
    pub start: bool,
    /// It waits for the callee's words.
    pub listens: bool,
    /// From here the conversation goes back to the point that a side flow was called from.
    pub returns: bool,
    /// Where it stands in the dialplan's text, counted from 1; `None` in an included file and where nothing is written.
    pub line: Option<u32>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    Step,
    /// The call ends here: a step that hangs up, or a way that does.
    End,
    /// A human is brought.
    Handoff,
    /// An answer to a question asked anywhere.
    Faq,
    /// Stands for all steps: what may be heard at any of them leads out of it.
    Anywhere,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Edge {
    pub from: String,
    pub to: String,
    /// In the dialplan's language; several ways between the same two nodes are one edge.
    pub label: String,
    pub kind: EdgeKind,
    /// The intents that are heard for it, as the file names them.
    pub intents: Vec<String>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// Words, keys, values, conditions, or nothing more than going on.
    Branch,
    /// The callee stays silent.
    NoInput,
    /// Nothing that was said fits, or `else`.
    NoMatch,
    /// Asked anywhere.
    Faq,
    /// Into a side flow, which comes back.
    Call,
}

/// How many calls came to a step and how many ended there.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    pub entered: u64,
    pub left: u64,
}

/// The node for what may be heard at any step.
pub const ANYWHERE: &str = "anywhere";

impl Graph {
    #[must_use]
    pub fn of(plan: &Dialplan) -> Graph {
        let mut draw = ways::Draw::new(plan);
        draw.steps();
        draw.anywhere();
        let ways::Draw { edges, extra, .. } = draw;
        let flows = flows(plan);
        let mut nodes: Vec<Node> = in_order(plan)
            .into_iter()
            .map(|name| step_node(plan, name, flows.get(name).copied()))
            .collect();
        nodes.extend(extra);
        Graph { nodes, edges }
    }

    /// Puts in how many calls are at each step now, and how many came and ended there. Steps that the graph does not have,
    /// from an older version of the file, are passed over.
    pub fn count(&mut self, live: &BTreeMap<String, u64>, past: &BTreeMap<String, Passed>) {
        for node in &mut self.nodes {
            node.live = live.get(&node.id).copied().unwrap_or_default();
            let passed = past.get(&node.id).copied().unwrap_or_default();
            node.entered = passed.entered;
            node.left = passed.left;
        }
    }
}

/// The steps' names: the start, then as the file has them, included files after it.
fn in_order(plan: &Dialplan) -> Vec<&str> {
    let mut names: Vec<&str> = plan.steps.keys().map(String::as_str).collect();
    names.sort_by_key(|name| {
        let at = plan.steps[*name].at;
        (*name != plan.start.name, at.file, at.line, at.column, *name)
    });
    names
}

fn step_node(plan: &Dialplan, name: &str, flow: Option<&str>) -> Node {
    let step = &plan.steps[name];
    let kind = match &step.enter {
        enter if enter.hangup.is_some() => NodeKind::End,
        enter if enter.handoff.is_some() => NodeKind::Handoff,
        _ => NodeKind::Step,
    };
    Node {
        id: name.to_string(),
        kind,
        title: name.to_string(),
        say: step.say.as_ref().and_then(|p| wording(plan, p, plan.lang)),
        flow: flow.map(str::to_string),
        live: 0,
        entered: 0,
        left: 0,
        start: name == plan.start.name,
        listens: step.listens(),
        returns: step.enter.returns,
        line: (step.at.file == 0).then_some(step.at.line),
    }
}

/// Which side flow a step belongs to: those that only a `call` leads to, by the step it enters.
fn flows(plan: &Dialplan) -> BTreeMap<&str, &str> {
    let mut called: BTreeSet<&str> = BTreeSet::new();
    let mut roots: BTreeSet<&str> = [plan.start.name.as_str()].into();
    let anywhere = plan.globals.values();
    let fixed = [&plan.robot_question, &plan.wrong_number, &plan.abuse];
    for action in anywhere.chain(fixed) {
        called.extend(action.call.iter().map(|r| r.name.as_str()));
        roots.extend(action.goto.iter().map(|r| r.name.as_str()));
    }
    roots.extend(plan.handoff.nobody.goto.iter().map(|r| r.name.as_str()));
    for step in plan.steps.values() {
        for action in ways::actions(step) {
            called.extend(action.call.iter().map(|r| r.name.as_str()));
        }
    }
    let main = reached(plan, &roots);
    let mut flows = BTreeMap::new();
    for entry in called {
        for step in reached(plan, &[entry].into()) {
            if !main.contains(step) {
                flows.entry(step).or_insert(entry);
            }
        }
    }
    flows
}

/// The steps that going on leads to from these, themselves among them; a `call` is not followed.
fn reached<'p>(plan: &'p Dialplan, from: &BTreeSet<&'p str>) -> BTreeSet<&'p str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = from.iter().copied().collect();
    while let Some(name) = open.pop() {
        let Some((name, step)) = plan.steps.get_key_value(name) else {
            continue;
        };
        if !seen.insert(name.as_str()) {
            continue;
        }
        open.extend(ways::onward(step));
    }
    seen
}

#[cfg(test)]
mod tests;
