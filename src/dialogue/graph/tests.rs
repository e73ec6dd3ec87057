//! Graphs of a small file and of the shipped ones.

#![allow(clippy::disallowed_methods)]

use super::*;
use crate::dialogue::file::Sources;

const PLAN: &str = r#"
callsmith: 1
name: g
lang: en
company: Acme
lead: { name: { required: true } }
disclosure: Hello, this is Acme's automated assistant on a recorded line.
start: greet
intents:
  process: { examples: [how does it work, what happens next, what is the process, what are the steps, walk me through it] }
steps:
  bye: { say: Goodbye, hangup: { disposition: completed, result: done } }
  greet:
    say: "Hi {name}, is {company} welcome?"
    on:
      affirm: ask
      deny: { say: Pity., hangup: { disposition: completed, result: refused } }
      hesitate: ask
    keys: { "1": ask, "0": { handoff: sales } }
    else: bye
  ask:
    say: How many?
    slot: { name: many, type: number }
    then: sort
  sort:
    branch:
      - { when: { slots: { many: "< 5" } }, goto: bye }
      - { goto: bye }
  tour: { say: First this., goto: tour_end }
  tour_end: { say: Then that., return: true }
globals:
  process: { call: tour }
handoff: { nobody: { say: Nobody is here., disposition: transfer_failed } }
"#;

fn graph() -> Graph {
    Graph::of(&Dialplan::parse(PLAN, "g.yaml").unwrap_or_else(|e| panic!("{e:?}")))
}

fn edge<'g>(graph: &'g Graph, from: &str, to: &str) -> &'g Edge {
    let found = graph.edges.iter().find(|e| e.from == from && e.to == to);
    found.unwrap_or_else(|| panic!("no edge from {from} to {to}: {:#?}", graph.edges))
}

fn node<'g>(graph: &'g Graph, id: &str) -> &'g Node {
    let found = graph.nodes.iter().find(|n| n.id == id);
    found.unwrap_or_else(|| panic!("no node {id}"))
}

#[test]
fn every_way_of_a_step_is_drawn_and_those_to_one_place_are_one_edge() {
    let g = graph();
    assert_eq!(g.nodes[0].id, "greet");
    assert!(g.nodes[0].start && g.nodes[0].listens);
    assert_eq!(
        g.nodes[0].say.as_deref(),
        Some("Hi {name}, is Acme welcome?")
    );
    let on = edge(&g, "greet", "ask");
    assert_eq!(on.label, "yes / hesitates / key 1");
    assert_eq!(on.intents, ["affirm", "hesitate"]);
    assert_eq!(edge(&g, "greet", "end:completed:refused").label, "no");
    assert_eq!(
        node(&g, "end:completed:refused").say.as_deref(),
        Some("Pity.")
    );
    assert_eq!(edge(&g, "greet", "handoff:sales").label, "key 0");
    assert_eq!(
        edge(&g, "handoff:sales", "end:transfer_failed").label,
        "nobody comes"
    );
    assert_eq!(edge(&g, "greet", "bye").kind, EdgeKind::NoMatch);
    assert_eq!(edge(&g, "greet", "end:silence").kind, EdgeKind::NoInput);
    assert_eq!(edge(&g, "ask", "end:no_match").kind, EdgeKind::NoMatch);
    assert_eq!(edge(&g, "ask", "sort").label, "{many}");
    assert_eq!(edge(&g, "sort", "bye").label, "many < 5 / otherwise");
    assert_eq!(node(&g, "bye").kind, NodeKind::End);
}

#[test]
fn side_flows_are_marked_and_called_from_anywhere() {
    let g = graph();
    assert_eq!(edge(&g, ANYWHERE, "faq:process").kind, EdgeKind::Faq);
    assert_eq!(edge(&g, "faq:process", "tour").kind, EdgeKind::Call);
    for step in ["tour", "tour_end"] {
        assert_eq!(node(&g, step).flow.as_deref(), Some("tour"));
    }
    assert!(node(&g, "tour_end").returns);
    assert_eq!(node(&g, "ask").flow, None);
}

#[test]
fn counts_fall_on_their_steps_and_unknown_steps_are_passed_over() {
    let mut g = graph();
    let passed = Passed {
        entered: 9,
        left: 2,
    };
    g.count(
        &[("ask".into(), 3), ("gone".into(), 1)].into(),
        &[("ask".into(), passed), ("gone".into(), passed)].into(),
    );
    let ask = node(&g, "ask");
    assert_eq!((ask.live, ask.entered, ask.left), (3, 9, 2));
    assert_eq!(g.nodes.iter().map(|n| n.live).sum::<u64>(), 3);
}

struct Shipped;

impl Sources for Shipped {
    fn read(&self, path: &str) -> Result<String, String> {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans");
        std::fs::read_to_string(dir.join(path)).map_err(|e| e.to_string())
    }
}

#[test]
fn the_shipped_dialplans_draw_whole_graphs() {
    for name in [
        "appointment-reminder",
        "debt-reminder-zh",
        "ecommerce-repurchase-zh",
        "education-trial-zh",
        "home-renovation-en",
        "loan-offer-zh",
    ] {
        let text = Shipped.read(&format!("{name}.yaml")).unwrap();
        let plan = Dialplan::parse_with(&text, "p.yaml", &Shipped).unwrap();
        let g = Graph::of(&plan);
        assert_eq!(g, Graph::of(&plan), "{name}");
        let ids: BTreeSet<&str> = g.nodes.iter().map(|n| n.id.as_str()).collect();
        assert_eq!(ids.len(), g.nodes.len(), "{name}: a node twice");
        for e in &g.edges {
            assert!(ids.contains(e.from.as_str()), "{name}: {e:?}");
            assert!(ids.contains(e.to.as_str()), "{name}: {e:?}");
        }
        for step in plan.steps.keys() {
            assert!(ids.contains(step.as_str()), "{name}: {step}");
        }
        // Whoever looks at the drawing finds a way to everything.
        let mut seen: BTreeSet<&str> = [plan.start.name.as_str(), ANYWHERE].into();
        loop {
            let more: Vec<&str> = g
                .edges
                .iter()
                .filter(|e| seen.contains(e.from.as_str()) && !seen.contains(e.to.as_str()))
                .map(|e| e.to.as_str())
                .collect();
            if more.is_empty() {
                break;
            }
            seen.extend(more);
        }
        let lost: Vec<&&str> = ids.difference(&seen).collect();
        assert!(lost.is_empty(), "{name}: {lost:?}");
    }
}
