//! Steps and their branches.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::known;
use super::reader::Reader;
use crate::dialogue::diagnostic::At;
use crate::dialogue::plan::{Action, Branch, Step};
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::TurnProfile;
use std::collections::BTreeMap;

const PROFILES: [(&str, TurnProfile); 3] = [
    ("open", TurnProfile::Open),
    ("yes_no", TurnProfile::YesNo),
    ("digits", TurnProfile::Digits),
];

impl Reader {
    pub(super) fn step(&mut self, node: &Node, at: At) -> Step {
        let f = self.fields(node, "a step", &known::STEP);
        let mut on = BTreeMap::new();
        if let Some(n) = f.get("on") {
            for (intent, key_at, value) in self.named(n, "on") {
                let mut action = self.action(value, "a branch");
                action.at = key_at;
                on.insert(intent.to_string(), action);
            }
        }
        let slot = f.get("slot").and_then(|n| self.slot(n, f.get("then")));
        let lookup = f.get("lookup").and_then(|n| self.lookup(n, f.get("then")));
        if let (None, None, Some(then)) = (f.get("slot"), f.get("lookup"), f.get("then")) {
            self.error(
                then.at,
                "`then` without a slot",
                "`then` says where a filled slot or a lookup leads: use `goto` here",
            );
        }
        if let (Some(_), Some(n)) = (&slot, f.get("lookup")) {
            let advice = "look up in a step of its own, to which the slot's `then` leads";
            self.error(n.at, "a step asks or looks up, not both", advice);
        }
        Step {
            at,
            say: f.get("say").map(|n| self.prompt(n, "say")),
            listen: f
                .get("listen")
                .and_then(|n| self.word(n, "listen", &PROFILES))
                .unwrap_or_else(|| {
                    slot.as_ref()
                        .map_or(TurnProfile::Open, |s| super::slots::profile(&s.kind))
                }),
            silence_ms: f
                .get("silence_ms")
                .and_then(|n| self.number(n, "silence_ms", 100..=5000)),
            on,
            keys: f.get("keys").map(|n| self.keys(n)).unwrap_or_default(),
            otherwise: f.get("else").map(|n| self.action(n, "else")),
            slot,
            branch: f
                .get("branch")
                .map(|n| self.branches(n))
                .unwrap_or_default(),
            lookup,
            doubt: f.get("doubt").map(|n| self.say_of(n, "doubt")),
            enter: Action {
                at,
                ..self.deeds(&f)
            },
        }
    }

    fn keys(&mut self, node: &Node) -> BTreeMap<char, Action> {
        let mut keys = BTreeMap::new();
        for (key, key_at, value) in self.entries(node, "keys") {
            let mut chars = key.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) if c.is_ascii_digit() || c == '*' || c == '#' => {
                    let mut action = self.action(value, "a key");
                    action.at = key_at;
                    keys.insert(c, action);
                }
                _ => self.error(
                    key_at,
                    format!("there is no key {key:?}"),
                    "keys are \"0\" to \"9\", \"*\" and \"#\", each alone and in quotes",
                ),
            }
        }
        keys
    }

    fn branches(&mut self, node: &Node) -> Vec<Branch> {
        let Kind::List(items) = &node.kind else {
            self.error(
                node.at,
                format!("branch must be a list, and is {}", node.is()),
                "write `- { when: { … }, goto: step }` lines; the first that holds counts",
            );
            return Vec::new();
        };
        let mut branches = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let f = self.fields(item, "a branch", &known::BRANCH);
            let always = f.get("when").is_none();
            if always && i + 1 < items.len() {
                self.error(
                    item.at,
                    "the branches after this one are never looked at",
                    "a branch without `when` always holds: put it last",
                );
            }
            branches.push(Branch {
                when: f.get("when").map(|n| self.when(n)).unwrap_or_default(),
                action: self.spoken(&f),
            });
        }
        branches
    }
}
