//! Conditions.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::known;
use super::prompt::LANGS;
use super::reader::{Fields, Reader};
use crate::dialogue::diagnostic::At;
use crate::dialogue::plan::{Order, Ref, Test, When};
use crate::dialogue::yaml::{Kind, Node};

impl Reader {
    pub(super) fn when(&mut self, node: &Node) -> When {
        let f = self.fields(node, "when", &known::WHEN);
        let mut refs = |key: &str| f.get(key).map(|n| self.refs(n, key)).unwrap_or_default();
        let (all, any, none) = (refs("all"), refs("any"), refs("none"));
        let (slots, steps) = (refs("slot"), refs("step"));
        let (contact, contact_none) = (refs("contact"), refs("contact_none"));
        When {
            all,
            any,
            none,
            slots,
            steps,
            turns_at_least: self.turns(&f, "turns_at_least"),
            turns_at_most: self.turns(&f, "turns_at_most"),
            contact,
            contact_none,
            lead: self.tests(&f, "lead"),
            values: self.tests(&f, "slots"),
            lang: f.get("lang").and_then(|n| self.word(n, "lang", &LANGS)),
            upset: f.get("upset").map(|n| self.flag(n, "upset")),
        }
    }

    fn turns(&mut self, f: &Fields<'_>, key: &str) -> Option<u32> {
        f.get(key).and_then(|n| self.number(n, key, 0..=1000))
    }

    fn tests(&mut self, f: &Fields<'_>, key: &str) -> Vec<(Ref, Test)> {
        let Some(node) = f.get(key) else {
            return Vec::new();
        };
        let mut tests = Vec::new();
        for (name, at, value) in self.named(node, key) {
            if let Some(test) = self.test(value, name) {
                let name = name.to_string();
                tests.push((Ref { name, at }, test));
            }
        }
        tests
    }

    /// `上海`, `[gold, vip]`, `present`, `absent`, `!= en`, `>= 1000`, `< 2026-12-01`.
    fn test(&mut self, node: &Node, name: &str) -> Option<Test> {
        if let Kind::List(items) = &node.kind {
            if items.is_empty() {
                self.error(
                    node.at,
                    format!("{name:?} has nothing to be"),
                    "name values",
                );
                return None;
            }
            let all = self.texts(node, name);
            return Some(Test::OneOf(all.into_iter().map(|(t, _)| t).collect()));
        }
        let text = self.text(node, name)?;
        let text = text.trim();
        match text {
            "present" => return Some(Test::Present),
            "absent" => return Some(Test::Absent),
            "" => {
                let advice = "`present`, `absent`, a value, or a comparison such as \">= 1000\"";
                self.error(
                    node.at,
                    format!("{name:?} is compared with nothing"),
                    advice,
                );
                return None;
            }
            _ => {}
        }
        let signs = [
            (">=", Some(Order::AtLeast)),
            ("<=", Some(Order::AtMost)),
            ("!=", None),
            (">", Some(Order::More)),
            ("<", Some(Order::Less)),
        ];
        for (sign, order) in signs {
            let Some(rest) = text.strip_prefix(sign) else {
                continue;
            };
            let rest = rest.trim();
            return match order {
                None => self
                    .no_sign(node.at, rest)
                    .then(|| Test::NoneOf(vec![rest.into()])),
                Some(order) => self
                    .has_order(node.at, rest)
                    .then(|| Test::Compare(order, rest.to_string())),
            };
        }
        if let Some(rest) = text
            .strip_prefix('=')
            .filter(|r| !r.starts_with(['=', '<', '>', '~']))
        {
            return Some(Test::OneOf(vec![rest.trim().to_string()]));
        }
        self.no_sign(node.at, text)
            .then(|| Test::OneOf(vec![text.to_string()]))
    }

    /// A value that looks like another language's comparison or like a regular expression is a mistake.
    fn no_sign(&mut self, at: At, value: &str) -> bool {
        const ADVICE: &str =
            "comparisons are >=, <=, >, <, !=; several values stand in a list: [gold, vip]";
        let pattern = value.starts_with(['^', '~'])
            || value.ends_with('$') && value.len() > 1
            || [".*", ".+", "\\d", "\\w", "(?", "[^"]
                .iter()
                .any(|p| value.contains(p));
        let sign = ["==", "=>", "=<", "<>", "≥", "≤", "≠", "！="]
            .iter()
            .any(|p| value.starts_with(p));
        let several = value.contains('|') || value.contains("||") || value.contains("&&");
        if value.is_empty() {
            self.error(at, "a comparison without a value", ADVICE);
        } else if sign {
            self.error(
                at,
                format!("{value:?} begins with a sign that is not known"),
                ADVICE,
            );
        } else if pattern {
            let message = format!(
                "{value:?} looks like a regular expression, and values are compared as they stand"
            );
            self.error(at, message, ADVICE);
        } else if several {
            self.error(at, format!("{value:?} looks like several values"), ADVICE);
        } else {
            return true;
        }
        false
    }

    /// Numbers and dates have an order; other words have none.
    fn has_order(&mut self, at: At, value: &str) -> bool {
        let plain = value.replace([',', '_'], "");
        let number = plain.parse::<f64>().is_ok_and(f64::is_finite);
        let date = value.parse::<jiff::civil::Date>().is_ok()
            || value.parse::<jiff::civil::DateTime>().is_ok()
            || value.parse::<jiff::civil::Time>().is_ok();
        if !number && !date {
            self.error(
                at,
                format!("{value:?} is neither a number nor a date, and cannot be more or less than anything"),
                "compare with a number (\">= 1000\") or a date (\"< 2026-12-01\")",
            );
        }
        number || date
    }
}
