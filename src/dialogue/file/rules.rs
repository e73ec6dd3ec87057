//! Rules over what a call has shown: grades, the lead card, lasting tags, follow-ups.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::action::GRADES;
use super::known;
use super::reader::{Fields, Reader};
use crate::dialogue::diagnostic::At;
use crate::dialogue::plan::{Due, FollowUp, GradeRule, Lasting, Ref, Unit, When};
use crate::dialogue::template::{Template, is_name};
use crate::dialogue::yaml::{Kind, Node};

const UNITS: [(&str, Unit, u32); 5] = [
    ("minute", Unit::Minutes, 525_600),
    ("hour", Unit::Hours, 8760),
    ("day", Unit::Days, 1095),
    ("week", Unit::Weeks, 156),
    ("month", Unit::Months, 36),
];

impl Reader {
    /// The items of a list section.
    fn rules<'n>(&mut self, f: &Fields<'n>, key: &str, example: &str) -> &'n [Node] {
        match f.get(key).map(|n| (&n.kind, n)) {
            None | Some((Kind::Null, _)) => &[],
            Some((Kind::List(items), _)) => items,
            Some((_, node)) => {
                self.error(
                    node.at,
                    format!("{key} must be a list of rules"),
                    format!("write `- {example}` lines"),
                );
                &[]
            }
        }
    }

    pub(super) fn grades(&mut self, f: &Fields<'_>) -> Vec<GradeRule> {
        self.rules(f, "grade", "{ grade: A, when: { all: [tag] }, reason: … }")
            .iter()
            .filter_map(|i| self.grade_rule(i))
            .collect()
    }

    fn grade_rule(&mut self, node: &Node) -> Option<GradeRule> {
        let f = self.fields(node, "a grade rule", &known::GRADE_RULE);
        let grade = self
            .need(&f, "grade", "one of A to F")
            .and_then(|n| self.word(n, "grade", &GRADES));
        let advice = "say in words why: people read it beside the grade";
        let reason = self
            .need(&f, "reason", advice)
            .and_then(|n| self.text(n, "reason"));
        let when = f.get("when").map(|n| self.when(n)).unwrap_or_default();
        Some(GradeRule {
            grade: grade?,
            when,
            reason: reason?,
        })
    }

    pub(super) fn card(&mut self, f: &Fields<'_>) -> Vec<(String, Template)> {
        let mut card = Vec::new();
        let Some(node) = f.get("card") else {
            return card;
        };
        for (field, at, value) in self.entries(node, "card") {
            if field.trim().is_empty() || field.chars().count() > 64 {
                self.error(
                    at,
                    "a field of the card has 1 to 64 characters",
                    "shorten it",
                );
            }
            if let Some(text) = self.text(value, "a card field")
                && let Some(text) = self.template(value.at, &text, "card")
            {
                self.places.insert(format!("card.{field}"), value.at);
                card.push((field.to_string(), text));
            }
        }
        card
    }

    pub(super) fn remember(&mut self, f: &Fields<'_>) -> Vec<Lasting> {
        self.rules(
            f,
            "remember",
            "{ tag: prospect, when: { all: [interested] } }",
        )
        .iter()
        .filter_map(|i| self.lasting(i))
        .collect()
    }

    /// A tag that lasts when the call gives it, or `{tag|forget, when}`.
    fn lasting(&mut self, node: &Node) -> Option<Lasting> {
        if let Kind::Text(tag) = &node.kind {
            let tag = Ref {
                name: self.tag(tag.clone(), node.at)?,
                at: node.at,
            };
            return Some(Lasting {
                when: When {
                    all: vec![tag.clone()],
                    ..When::default()
                },
                tag,
                forget: false,
            });
        }
        let f = self.fields(node, "remember", &known::REMEMBER);
        let (node, forget) = match (f.get("tag"), f.get("forget")) {
            (Some(n), None) => (n, false),
            (None, Some(n)) => (n, true),
            _ => {
                let advice = "one of `tag:` (kept) and `forget:` (taken away)";
                self.error(f.at, "this rule names no tag, or two", advice);
                return None;
            }
        };
        let name = self.text(node, "tag")?;
        Some(Lasting {
            tag: Ref {
                name: self.tag(name, node.at)?,
                at: node.at,
            },
            forget,
            when: f.get("when").map(|n| self.when(n)).unwrap_or_default(),
        })
    }

    pub(super) fn follow_ups(&mut self, f: &Fields<'_>) -> Vec<FollowUp> {
        let example = "{ when: { all: [interested] }, at: tomorrow 10:00, reason: … }";
        self.rules(f, "follow_up", example)
            .iter()
            .filter_map(|i| self.follow_up(i))
            .collect()
    }

    fn follow_up(&mut self, node: &Node) -> Option<FollowUp> {
        let f = self.fields(node, "a follow-up", &known::FOLLOW_UP);
        let due = match (f.get("at"), f.get("in")) {
            (Some(n), None) => self.text(n, "at").and_then(|t| self.due_at(n.at, &t)),
            (None, Some(n)) => self.text(n, "in").and_then(|t| self.due_in(n.at, &t)),
            _ => {
                let advice = "one of `at: tomorrow 10:00` and `in: 6 months`";
                self.error(f.at, "this follow-up has no time, or two", advice);
                None
            }
        };
        if let Some(Due::Slot(name)) = &due {
            let at = f.get("at").map_or(f.at, |n| n.at);
            self.places.insert(format!("follow_up.{name}"), at);
        }
        let advice = "say in words why: people read it beside the time";
        let reason = self
            .need(&f, "reason", advice)
            .and_then(|n| self.text(n, "reason"));
        Some(FollowUp {
            when: f.get("when").map(|n| self.when(n)).unwrap_or_default(),
            campaign: f.get("campaign").and_then(|n| self.text(n, "campaign")),
            also: f.get("also").is_some_and(|n| self.flag(n, "also")),
            due: due?,
            reason: reason?,
        })
    }

    /// `tomorrow 10:00`, `+3 days 10:00`, `{slot}`.
    fn due_at(&mut self, at: At, text: &str) -> Option<Due> {
        let due = due_at(text.trim());
        if due.is_none() {
            self.error(
                at,
                format!("{text:?} is not a time to come back"),
                "write `tomorrow 10:00`, `+3 days 10:00`, or one slot of type datetime: \"{callback_at}\"",
            );
        }
        due
    }

    /// `6 months`.
    fn due_in(&mut self, at: At, text: &str) -> Option<Due> {
        let parsed = text.trim().split_once(' ').and_then(|(count, unit)| {
            let count = count.parse::<u32>().ok()?;
            let unit = unit.trim().strip_suffix('s').unwrap_or(unit.trim());
            let (_, unit, most) = UNITS.iter().find(|(name, ..)| *name == unit)?;
            (1..=*most)
                .contains(&count)
                .then_some(Due::In { count, unit: *unit })
        });
        if parsed.is_none() {
            self.error(
                at,
                format!("{text:?} is not a time to wait"),
                "a number and minutes, hours, days, weeks or months, at most three years: `in: 6 months`",
            );
        }
        parsed
    }
}

fn due_at(text: &str) -> Option<Due> {
    if let Some(slot) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
        return is_name(slot).then(|| Due::Slot(slot.to_string()));
    }
    let (day, time) = text.rsplit_once(' ')?;
    let minute = super::slots::minute(time).filter(|m| *m < 24 * 60)?;
    let days = match day.trim() {
        "tomorrow" => 1,
        day => {
            let (count, unit) = day.strip_prefix('+')?.trim().split_once(' ')?;
            let count = count
                .parse::<u32>()
                .ok()
                .filter(|c| (1..=1095).contains(c))?;
            match unit.trim() {
                "day" | "days" => count,
                _ => return None,
            }
        }
    };
    Some(Due::Day { days, minute })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follow_up_is_due_on_a_day_or_at_a_slots_time() {
        assert_eq!(
            due_at("tomorrow 10:00"),
            Some(Due::Day {
                days: 1,
                minute: 600
            })
        );
        assert_eq!(
            due_at("+3 days 9:05"),
            Some(Due::Day {
                days: 3,
                minute: 545
            })
        );
        assert_eq!(
            due_at("{callback_at}"),
            Some(Due::Slot("callback_at".into()))
        );
        for wrong in [
            "tomorrow",
            "+0 days 10:00",
            "tomorrow 25:00",
            "+2 weeks 10:00",
            "{a b}",
            "10:00",
            "",
        ] {
            assert_eq!(due_at(wrong), None, "{wrong}");
        }
    }
}
