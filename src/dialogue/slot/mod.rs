//! What a question asked for, found in recognised text: numbers, money, phone numbers, dates and times, names, choices.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod choice;
mod clock_en;
mod correction;
mod datetime;
mod datetime_en;
mod datetime_zh;
mod moment;
mod name;
mod number;
pub mod numeral;
mod phone;
pub mod phrases;

use crate::dialogue::intent::text;
use crate::dialogue::short_answer;
use crate::terms::Lang;

/// What kind of value a question asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum SlotKind {
    YesNo,
    /// `min` and `max` are inclusive; a number outside is not taken.
    Number {
        min: Option<f64>,
        max: Option<f64>,
    },
    /// An amount in the currency's main unit.
    Money,
    Phone,
    /// An account or code number: so many digits, spoken or keyed.
    Digits {
        least: u8,
        most: u8,
    },
    DateTime,
    Name,
    Choice(Vec<Choice>),
    /// Whatever was said.
    Free,
}

/// One thing to choose, and how people say it.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub value: String,
    pub phrases: Vec<String>,
}

/// A value that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// `yes`/`no`, a plain number, digits, `2026-11-23` or `2026-11-23T15:00`, a name, a choice's value, or the text.
    pub value: String,
    /// The words that gave it.
    pub evidence: String,
}

/// Finds a value of this kind in a reply. `now` is the callee's local time: times that have passed are not taken.
#[must_use]
pub fn fill(kind: &SlotKind, text: &str, lang: Lang, now: jiff::civil::DateTime) -> Option<Filled> {
    let plain = without_thousands_commas(text);
    let tokens = text::tokens(&plain, lang);
    if tokens.is_empty() {
        return None;
    }
    match kind {
        SlotKind::YesNo => short_answer::yes_or_no(text, lang).map(|(yes, evidence)| Filled {
            value: if yes { "yes" } else { "no" }.to_owned(),
            evidence,
        }),
        SlotKind::Number { min, max } => number::fill(&tokens, lang, *min, *max),
        SlotKind::Money => number::fill(&tokens, lang, Some(0.0), None),
        SlotKind::Phone => phone::fill(&tokens, lang, 7..=15),
        SlotKind::Digits { least, most } => {
            phone::fill(&tokens, lang, usize::from(*least)..=usize::from(*most))
        }
        SlotKind::DateTime => datetime::fill(&tokens, lang, now),
        SlotKind::Name => name::fill(&tokens, lang),
        SlotKind::Choice(choices) => choice::fill(choices, &tokens, lang),
        SlotKind::Free => {
            let said = text.trim().to_owned();
            Some(Filled {
                value: said.clone(),
                evidence: said,
            })
        }
    }
}

/// How a value goes into a prompt: `2026-11-23T15:00` as 11月23号下午3点, or Monday November 23 at 3 pm. Digits stay digits;
/// the voice speaks them. Phone and code numbers are written out digit by digit, because a voice may read them as one number.
#[must_use]
pub fn say(kind: &SlotKind, value: &str, lang: Lang) -> String {
    match (kind, lang, value) {
        (SlotKind::DateTime, ..) => datetime::say(value, lang),
        (SlotKind::Phone, ..) => phone::say(value, lang),
        (SlotKind::Digits { .. }, ..) => phone::say_code(value, lang),
        (SlotKind::YesNo, Lang::Zh, "yes") => "是".to_owned(),
        (SlotKind::YesNo, Lang::Zh, "no") => "不是".to_owned(),
        (SlotKind::Choice(choices), ..) => choices
            .iter()
            .find(|c| c.value == value)
            .and_then(|c| c.phrases.first())
            .map_or_else(|| value.to_owned(), Clone::clone),
        _ => value.to_owned(),
    }
}

/// 35,000 → 35000, so that the comma is not taken for a clause mark.
fn without_thousands_commas(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    chars
        .iter()
        .enumerate()
        .filter(|&(i, c)| {
            !(*c == ',' && i > 0 && digit(i - 1) && (i + 1..i + 4).all(digit) && !digit(i + 4))
        })
        .map(|(_, c)| *c)
        .collect()
}

#[cfg(test)]
mod tests;
