//! Slots of a file.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::known;
use super::reader::{Fields, Reader};
use crate::dialogue::diagnostic::advise;
use crate::dialogue::plan::{SlotAsk, Valid};
use crate::dialogue::slot::{Choice, SlotKind};
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::TurnProfile;

/// The longest code a caller is asked for.
const MOST_DIGITS: u8 = 32;

impl Reader {
    pub(super) fn slot(&mut self, node: &Node, then: Option<&Node>) -> Option<SlotAsk> {
        let f = self.fields(node, "slot", &known::SLOT);
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
                    format!("add `type:` with one of {}", known::SLOT_TYPES.join(", ")),
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
            confirm: f.get("confirm").map(|n| self.prompt(n, "confirm")),
            reask: f.get("reask").map(|n| self.prompt(n, "reask")),
            valid: self.valid(&f, &kind),
            invalid: f.get("invalid").map(|n| self.prompt(n, "invalid")),
            kind,
            then,
        })
    }

    /// What a value must satisfy besides its type.
    fn valid(&mut self, f: &Fields<'_>, kind: &SlotKind) -> Valid {
        let mut valid = Valid::default();
        if *kind == SlotKind::Money {
            let mut bound = |key: &str| f.get(key).and_then(|n| self.number(n, key, -1e12..=1e12));
            (valid.min, valid.max) = (bound("min"), bound("max"));
        }
        let Some(node) = f.get("valid") else {
            return valid;
        };
        let v = self.fields(node, "valid", &known::VALID);
        let dated = *kind == SlotKind::DateTime;
        let counted = matches!(kind, SlotKind::Number { .. } | SlotKind::Money);
        let dialled = matches!(kind, SlotKind::Digits { .. } | SlotKind::Phone);
        for (key, fits, types) in [
            ("min", counted, "number or money"),
            ("max", counted, "number or money"),
            ("within_days", dated, "datetime"),
            ("weekdays", dated, "datetime"),
            ("hours", dated, "datetime"),
            ("digits", dialled, "digits or phone"),
        ] {
            if let Some(n) = v.get(key).filter(|_| !fits) {
                let advice = format!("{key} is for slots of type {types}");
                self.error(
                    n.at,
                    format!("{key} says nothing about this type of slot"),
                    advice,
                );
            }
        }
        let mut bound = |key: &str| v.get(key).and_then(|n| self.number(n, key, -1e12..=1e12));
        let (min, max) = (bound("min"), bound("max"));
        valid.min = min.or(valid.min);
        valid.max = max.or(valid.max);
        if let (Some(min), Some(max)) = (valid.min, valid.max)
            && min > max
        {
            self.error(
                v.at,
                format!("nothing is both at least {min} and at most {max}"),
                "swap them",
            );
        }
        valid.within_days = v
            .get("within_days")
            .and_then(|n| self.number(n, "within_days", 0..=3650));
        valid.weekdays = v
            .get("weekdays")
            .map(|n| self.weekdays(n))
            .unwrap_or_default();
        valid.hours = v.get("hours").and_then(|n| self.hours(n));
        valid.digits = v.get("digits").and_then(|n| self.digits(n));
        valid
    }

    /// `[mon, wed]`, `mon-fri`.
    fn weekdays(&mut self, node: &Node) -> Vec<i8> {
        let day = |word: &str| {
            let place = known::WEEKDAYS.iter().position(|d| *d == word.trim());
            place.map(|i| i as i8 + 1)
        };
        let mut days = std::collections::BTreeSet::new();
        for (text, at) in self.texts(node, "weekdays") {
            let (first, last) = text.split_once('-').unwrap_or((&text, &text));
            match (day(first), day(last)) {
                (Some(first), Some(last)) if first <= last => days.extend(first..=last),
                (Some(first), Some(last)) => {
                    days.extend(first..=7);
                    days.extend(1..=last);
                }
                _ => {
                    let advice = advise(&text, known::WEEKDAYS.iter().copied());
                    self.error(at, format!("{text:?} is not a day of the week"), advice);
                }
            }
        }
        days.into_iter().collect()
    }

    /// `"09:00-18:00"`.
    fn hours(&mut self, node: &Node) -> Option<(u16, u16)> {
        let text = self.text(node, "hours")?;
        let hours = text
            .split_once(['-', '–', '~'])
            .and_then(|(first, last)| Some((minute(first)?, minute(last)?)))
            .filter(|(first, last)| first < last);
        if hours.is_none() {
            let message = format!("{text:?} is not a time of day from earlier to later");
            self.error(node.at, message, "write `hours: \"09:00-18:00\"`");
        }
        hours
    }

    /// `6`, or `"4-8"`.
    fn digits(&mut self, node: &Node) -> Option<(u8, u8)> {
        let text = self.text(node, "digits")?;
        let (least, most) = text.split_once('-').unwrap_or((&text, &text));
        let range = least
            .trim()
            .parse()
            .ok()
            .zip(most.trim().parse().ok())
            .filter(|(least, most)| 1 <= *least && least <= most && *most <= MOST_DIGITS);
        if range.is_none() {
            let message = format!("{text:?} is not a number of digits from 1 to {MOST_DIGITS}");
            self.error(node.at, message, "write `digits: 6` or `digits: 4-8`");
        }
        range
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
            "digits" => {
                let mut count = |key: &str, default: u8| {
                    let given = f
                        .get(key)
                        .and_then(|n| self.number(n, key, 1..=MOST_DIGITS));
                    given.unwrap_or(default)
                };
                let (least, most) = (count("min", 1), count("max", MOST_DIGITS));
                if least > most {
                    let message =
                        format!("nothing has both at least {least} and at most {most} digits");
                    self.error(f.at, message, "swap min and max");
                }
                SlotKind::Digits { least, most }
            }
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
                    advise(other, known::SLOT_TYPES.iter().copied()),
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
                .texts_by(phrases, "a phrase")
                .into_iter()
                .map(|(_, t, _)| t)
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

/// `9:00` as minutes since midnight.
pub(super) fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once([':', '：'])?;
    let digits = |s: &str| (1..=2).contains(&s.len()) && s.chars().all(|c| c.is_ascii_digit());
    if !digits(hour) || minute.len() != 2 || !digits(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some(hour * 60 + minute)
}

/// The endpoint profile that suits a slot when the step names none.
pub(super) fn profile(kind: &SlotKind) -> TurnProfile {
    match kind {
        SlotKind::YesNo => TurnProfile::YesNo,
        SlotKind::Number { .. }
        | SlotKind::Digits { .. }
        | SlotKind::Money
        | SlotKind::Phone
        | SlotKind::DateTime => TurnProfile::Digits,
        SlotKind::Name | SlotKind::Choice(_) | SlotKind::Free => TurnProfile::Open,
    }
}
