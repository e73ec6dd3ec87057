//! English clock times: 3 pm, three thirty, half past three, quarter to four, noon.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::moment::ClockTime;
use super::numeral::en_small;
use crate::dialogue::intent::text::Token;

/// Nouns that are counted: a number before one is no hour.
pub(super) const COUNTED: &[&str] = &[
    "hour",
    "hours",
    "minute",
    "minutes",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "people",
    "kids",
    "children",
    "rooms",
    "bedrooms",
    "room",
    "bedroom",
    "bathrooms",
    "dollars",
    "pounds",
    "percent",
    "hundred",
    "thousand",
    "million",
    "of",
    "times",
    "floors",
    "second",
    "seconds",
    "square",
    "k",
    "grand",
    "more",
    "person",
    "thing",
    "things",
    "story",
    "stories",
];

/// A clock time at `at`: its end, the time, and whether the words themselves say that it is one. `alone`: a bare hour with
/// minutes is one too.
pub(super) fn clock(tokens: &[Token], at: usize, alone: bool) -> Option<(usize, ClockTime, bool)> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    let guess = |minutes: u32| ClockTime {
        minutes,
        certain: false,
    };
    match (word(at), word(at + 1)) {
        ("noon", _) => {
            return Some((
                at + 1,
                ClockTime {
                    minutes: 12 * 60,
                    certain: true,
                },
                true,
            ));
        }
        ("midnight", _) => {
            return Some((
                at + 1,
                ClockTime {
                    minutes: 24 * 60,
                    certain: true,
                },
                true,
            ));
        }
        ("half", "past") => {
            let (hour, end) = hour(tokens, at + 2)?;
            return Some(half_day(tokens, end, hour * 60 + 30, true));
        }
        ("half", _) => {
            let (hour, end) = hour(tokens, at + 1)?;
            return (!COUNTED.contains(&word(end)))
                .then(|| half_day(tokens, end, hour * 60 + 30, true));
        }
        _ => {}
    }
    if let Some((end, minutes)) = past_or_to(tokens, at) {
        return Some(half_day(tokens, end, minutes, true));
    }
    if let Some((digits, suffix)) = word(at)
        .find(|c: char| c.is_ascii_alphabetic())
        .map(|k| word(at).split_at(k))
    {
        // 3pm, 3:30pm
        if matches!(suffix, "am" | "pm") {
            let minutes = colon(digits).or_else(|| {
                digits
                    .parse()
                    .ok()
                    .filter(|h| (1..=12).contains(h))
                    .map(|h: u32| h * 60)
            })?;
            return Some((
                at + 1,
                ClockTime {
                    minutes: apply(minutes, suffix),
                    certain: true,
                },
                true,
            ));
        }
        if suffix == "ish" {
            return digits
                .parse()
                .ok()
                .filter(|h| (1..=12).contains(h))
                .map(|h: u32| (at + 1, guess(h * 60), true));
        }
    }
    if let Some(minutes) = colon(word(at)) {
        return Some(half_day(tokens, at + 1, minutes, true));
    }
    // 330 for three thirty
    if let Some(n) = word(at)
        .parse::<u32>()
        .ok()
        .filter(|n| (100..=1259).contains(n) && n % 100 < 60 && n % 5 == 0)
    {
        let found = half_day(tokens, at + 1, n / 100 * 60 + n % 100, false);
        let sure = found.2 || alone;
        return Some((found.0, found.1, sure));
    }
    let (hour, end) = hour(tokens, at)?;
    if word(end) == "oclock" || (word(end), word(end + 1)) == ("o", "clock") {
        return Some(half_day(
            tokens,
            end + if word(end) == "o" { 2 } else { 1 },
            hour * 60,
            true,
        ));
    }
    if word(end) == "ish" {
        return Some((end + 1, guess(hour * 60), true));
    }
    let minutes = match word(end) {
        "oh" | "o" => en_small(tokens, end + 1).filter(|(n, _)| *n < 10),
        _ => en_small(tokens, end).filter(|(n, _)| (10..60).contains(n)),
    };
    if let Some((minute, end)) = minutes
        && !COUNTED.contains(&word(end))
    {
        return Some(half_day(tokens, end, hour * 60 + minute, true));
    }
    let found = half_day(tokens, end, hour * 60, false);
    let sure = found.2 || alone;
    Some((found.0, found.1, sure))
}

/// `quarter past three`, `ten to four`, `twenty after two`.
fn past_or_to(tokens: &[Token], at: usize) -> Option<(usize, u32)> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    let i = at + usize::from(word(at) == "a");
    let (minutes, mut i) = if word(i) == "quarter" {
        (15, i + 1)
    } else {
        en_small(tokens, i)?
    };
    i += usize::from(matches!(word(i), "minutes" | "minute"));
    let to = match word(i) {
        "past" | "after" => false,
        "to" | "till" | "of" | "before" => true,
        _ => return None,
    };
    // "ten to twelve" may be a range; a quarter, five, ten, twenty and twenty five are what people say.
    if !matches!(minutes, 5 | 10 | 15 | 20 | 25) {
        return None;
    }
    let (hour, end) = hour(tokens, i + 1)?;
    let minutes = if to {
        (hour * 60).checked_sub(minutes)?
    } else {
        hour * 60 + minutes
    };
    Some((end, minutes))
}

/// Reads `am`, `pm`, `a m`, `p m` after a time.
fn half_day(tokens: &[Token], end: usize, minutes: u32, sure: bool) -> (usize, ClockTime, bool) {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    let (half, to) = match (word(end), word(end + 1)) {
        ("am", _) => ("am", end + 1),
        ("pm", _) => ("pm", end + 1),
        ("a", "m") => ("am", end + 2),
        ("p", "m") => ("pm", end + 2),
        _ => {
            return (
                end,
                ClockTime {
                    minutes,
                    certain: false,
                },
                sure,
            );
        }
    };
    (
        to,
        ClockTime {
            minutes: apply(minutes, half),
            certain: true,
        },
        true,
    )
}

fn apply(minutes: u32, half: &str) -> u32 {
    let of_half = minutes % (12 * 60);
    if half == "pm" {
        of_half + 12 * 60
    } else {
        of_half
    }
}

fn hour(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    en_small(tokens, at).filter(|(n, _)| (1..=12).contains(n))
}

fn colon(word: &str) -> Option<u32> {
    let (hour, minute) = word.split_once([':', '.'])?;
    let (hour, minute): (u32, u32) = (
        hour.parse().ok()?,
        (minute.len() == 2).then(|| minute.parse().ok()).flatten()?,
    );
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}
