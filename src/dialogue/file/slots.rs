//! Slots of a file.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::reader::{Fields, Reader};
use crate::dialogue::diagnostic::advise;
use crate::dialogue::plan::SlotAsk;
use crate::dialogue::slot::{Choice, SlotKind};
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::TurnProfile;

impl Reader<'_> {
    pub(super) fn slot(&mut self, node: &Node, then: Option<&Node>) -> Option<SlotAsk> {
        let f = self.fields(
            node,
            "slot",
            &[
                "name", "type", "confirm", "reask", "min", "max", "choices", "then",
            ],
        );
        let name_node = self.need(
            &f,
            "name",
            "name the slot: `slot: { name: visit_time, type: datetime }`",
        )?;
        let name = self.text(name_node, "slot name")?;
        if !crate::dialogue::template::is_name(&name) {
            self.error(
                name_node.at,
                format!("{name:?} cannot be a name"),
                "names are letters, digits, _ and -",
            );
        }
        let kind = match f.get("type") {
            Some(n) => self.slot_kind(n, &f)?,
            None => {
                self.error(
                    node.at,
                    format!("slot {name:?} has no type"),
                    format!("add `type:` with one of {}", TYPES.join(", ")),
                );
                return None;
            }
        };
        let Some(then) = then
            .or(f.get("then"))
            .and_then(|n| self.reference(n, "then"))
        else {
            self.error(
                node.at,
                format!("slot {name:?} leads nowhere"),
                "add `then:` with the step that follows when the slot is filled",
            );
            return None;
        };
        Some(SlotAsk {
            name,
            kind,
            confirm: f.get("confirm").map(|n| self.prompt(n, "confirm")),
            reask: f.get("reask").map(|n| self.prompt(n, "reask")),
            valid: crate::dialogue::plan::Valid::default(),
            invalid: None,
            then,
        })
    }

    fn slot_kind(&mut self, node: &Node, f: &Fields<'_>) -> Option<SlotKind> {
        let word = self.text(node, "slot type")?;
        let bound =
            |r: &mut Self, key: &str| f.get(key).and_then(|n| r.number(n, key, -1e12..=1e12));
        Some(match word.as_str() {
            "yes_no" => SlotKind::YesNo,
            "number" => SlotKind::Number {
                min: bound(self, "min"),
                max: bound(self, "max"),
            },
            "money" => SlotKind::Money,
            "phone" => SlotKind::Phone,
            "datetime" => SlotKind::DateTime,
            "name" => SlotKind::Name,
            "free" => SlotKind::Free,
            "choice" => SlotKind::Choice(self.choices(f)),
            other => {
                self.error(
                    node.at,
                    format!("there is no slot type {other:?}"),
                    advise(other, TYPES.iter().copied()),
                );
                return None;
            }
        })
    }

    /// `choices: [a, b]`, or `{value: [phrases]}`.
    fn choices(&mut self, f: &Fields<'_>) -> Vec<Choice> {
        let Some(node) = f.get("choices") else {
            self.error(
                f.at,
                "a choice slot without choices",
                "add `choices: { value: [phrases] }`",
            );
            return Vec::new();
        };
        if let Kind::List(_) = node.kind {
            return self
                .texts(node, "a choice")
                .into_iter()
                .map(|(t, _)| Choice {
                    value: t.clone(),
                    phrases: vec![t],
                })
                .collect();
        }
        let mut out = Vec::new();
        for (value, _, phrases) in self.entries(node, "choices") {
            let mut phrases: Vec<String> = self
                .texts(phrases, "a phrase")
                .into_iter()
                .map(|(t, _)| t)
                .collect();
            if phrases.is_empty() {
                phrases.push(value.to_string());
            }
            out.push(Choice {
                value: value.to_string(),
                phrases,
            });
        }
        out
    }
}

const TYPES: [&str; 8] = [
    "yes_no", "number", "money", "phone", "datetime", "name", "choice", "free",
];

/// The endpoint profile that suits a slot when the step names none.
pub(super) fn profile(kind: &SlotKind) -> TurnProfile {
    match kind {
        SlotKind::YesNo => TurnProfile::YesNo,
        SlotKind::Number { .. } | SlotKind::Money | SlotKind::Phone | SlotKind::DateTime => {
            TurnProfile::Digits
        }
        SlotKind::Name | SlotKind::Choice(_) | SlotKind::Free => TurnProfile::Open,
    }
}
