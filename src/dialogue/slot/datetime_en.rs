//! English days and times: next Tuesday, the day after tomorrow at half past three, November 23rd, in an hour, after lunch.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::clock_en::{COUNTED, clock};
use super::moment::{Part, Said, month_day, month_from, plus_days, weekday_from};
use super::numeral::en_small;
use crate::dialogue::intent::filler;
use crate::dialogue::intent::text::Token;
use crate::terms::Lang;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const ORDINALS: [&str; 20] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];
/// Words before a bare number that make it an hour.
const BEFORE_HOUR: &[&str] = &[
    "at",
    "around",
    "about",
    "after",
    "by",
    "before",
    "like",
    "till",
    "until",
    "from",
    "between",
    "past",
    "say",
    "maybe",
    "approximately",
    "roughly",
];

/// Whether any word names a day, a part of the day or a clock time.
pub(super) fn names_a_time(tokens: &[Token]) -> bool {
    let today = Date::constant(2026, 1, 5);
    (0..tokens.len()).any(|i| {
        day(tokens, i, today).is_some()
            || part(tokens, i).is_some()
            || clock(tokens, i, false).is_some_and(|c| c.2)
    })
}

/// Everything a stretch says about its first moment.
pub(super) fn read(tokens: &[Token], today: Date) -> Said {
    let mut said = Said::default();
    // "three thirty" as the whole reply is a time without any preposition.
    let core = filler::stripped(tokens, Lang::En);
    let alone = clock(core, 0, true).is_some_and(|(end, ..)| end == core.len());
    let mut i = 0;
    while i < tokens.len() {
        if said.is_empty()
            && let Some((end, later)) = later(tokens, i, today)
        {
            match later {
                Later::Minutes(m) => said.later = Some(m),
                Later::Day(day) => said.day = day,
            }
            said.took(i, end);
            i = end;
        } else if let Some((end, day, part)) = day(tokens, i, today) {
            let refused =
                i > 0 && matches!(tokens[i - 1].form.as_str(), "not" | "except" | "besides");
            if said.day.is_some() && day.is_some() && said.day != day && !refused {
                break;
            }
            if !refused {
                said.day = said.day.or(day);
                said.part = said.part.or(part);
                said.took(i, end);
            }
            i = end;
        } else if let Some((end, part, usual)) = part(tokens, i) {
            if said.part.is_none() && said.usual.is_none() && said.clock.is_none_or(|c| !c.certain)
            {
                (said.part, said.usual) = (part, usual);
                said.took(i, end);
            }
            i = end;
        } else if said.clock.is_none()
            && let Some((end, time, sure)) = clock(tokens, i, alone)
            && (sure || believed(tokens, i, end, &said))
        {
            said.clock = Some(time);
            said.took(i, end);
            i = end;
        } else {
            i += 1;
        }
    }
    said
}

/// A bare number is an hour when a preposition, a day or a part of the day stands beside it.
fn believed(tokens: &[Token], at: usize, end: usize, said: &Said) -> bool {
    let next = tokens.get(end).map_or("", |t| t.form.as_str());
    if COUNTED.contains(&next) {
        return false;
    }
    let before = at.checked_sub(1).map_or("", |b| tokens[b].form.as_str());
    let beside_day = said.end == at && said.begin < said.end;
    let today = Date::constant(2026, 1, 5);
    let later = (end..tokens.len().min(end + 3))
        .any(|k| day(tokens, k, today).is_some() || part(tokens, k).is_some());
    BEFORE_HOUR.contains(&before) || beside_day || later
}

enum Later {
    Minutes(i64),
    Day(Option<Date>),
}

/// `in an hour`, `in half an hour`, `two days from now`, `an hour and a half from now`, `a week from today`.
fn later(tokens: &[Token], at: usize, today: Date) -> Option<(usize, Later)> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    let leads = matches!(word(at), "in" | "give" | "another");
    let mut i = at + usize::from(leads);
    while leads && matches!(word(i), "about" | "like" | "maybe" | "me" | "another") {
        i += 1;
    }
    let mut amount = match (word(i), word(i + 1)) {
        ("half", "an" | "a") => {
            i += 2;
            0.5
        }
        ("a", "couple") => {
            i += if word(i + 2) == "of" { 3 } else { 2 };
            2.0
        }
        ("a", "few") => {
            i += 2;
            3.0
        }
        ("a" | "an", "half") => {
            i += 2;
            0.5
        }
        ("a" | "an", _) => {
            i += 1;
            1.0
        }
        _ => {
            let (n, end) = en_small(tokens, i)?;
            i = end;
            f64::from(n)
        }
    };
    if (word(i), word(i + 1), word(i + 2)) == ("and", "a", "half") {
        amount += 0.5;
        i += 3;
    }
    let unit = match word(i) {
        "hour" | "hours" => 60,
        "minute" | "minutes" | "min" | "mins" => 1,
        "day" | "days" => -1,
        "week" | "weeks" => -7,
        "month" | "months" => -30,
        _ => return None,
    };
    i += 1;
    if (word(i), word(i + 1), word(i + 2)) == ("and", "a", "half") {
        amount += 0.5;
        i += 3;
    }
    let mut from = today;
    if word(i) == "from" {
        if word(i + 1) == "now" {
            i += 2;
        } else {
            let (end, day, _) = day(tokens, i + 1, today)?;
            (from, i) = (day?, end);
        }
    } else if word(i) == "later" {
        i += 1;
    } else if !leads {
        return None;
    }
    let later = match unit {
        -1 => Later::Day(plus_days(from, amount.round() as i32)),
        -7 => Later::Day(plus_days(from, (amount * 7.0).round() as i32)),
        -30 => Later::Day(from.checked_add((amount.round() as i32).months()).ok()),
        minutes => Later::Minutes((amount * f64::from(minutes)).round() as i64),
    };
    Some((i, later))
}

fn day(tokens: &[Token], at: usize, today: Date) -> Option<(usize, Option<Date>, Option<Part>)> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    match (word(at), word(at + 1), word(at + 2)) {
        ("day", "after", "tomorrow" | "tomorow") => {
            return Some((at + 3, plus_days(today, 2), None));
        }
        ("tomorrow" | "tomorow" | "tmrw", ..) => return Some((at + 1, plus_days(today, 1), None)),
        ("today", ..) => return Some((at + 1, Some(today), None)),
        ("tonight", ..) => return Some((at + 1, Some(today), Some(Part::Evening))),
        ("this", "morning" | "afternoon" | "evening", _) => {
            return Some((at + 1, Some(today), None));
        }
        ("end", "of", "the" | "this") if word(at + 3) == "week" => {
            return Some((at + 4, weekday_from(today, Weekday::Friday, None), None));
        }
        ("end", "of", "the" | "this") if word(at + 3) == "month" => {
            return Some((at + 4, Some(today.last_of_month()), None));
        }
        ("end", "of", "next") if word(at + 3) == "month" => {
            return Some((at + 4, month_from(today, 1).map(Date::last_of_month), None));
        }
        ("next", "week", _) => {
            return Some((at + 2, weekday_from(today, Weekday::Monday, Some(1)), None));
        }
        ("next", "month", _) => return Some((at + 2, month_from(today, 1), None)),
        ("christmas", ..) => return Some((at + 1, month_day(today, None, Some(12), 25), None)),
        _ => {}
    }
    let (i, weeks) = match word(at) {
        "next" | "following" => (at + 1, Some(1)),
        "this" | "the" | "coming" | "on" => (at + 1, None),
        _ => (at, None),
    };
    let i = if word(i) == "coming" || word(i) == "following" {
        i + 1
    } else {
        i
    };
    if matches!(word(i), "weekend" | "weekends") {
        let weekend = today.weekday() == Weekday::Sunday && weeks.is_none();
        let day = if weekend {
            Some(today)
        } else {
            weekday_from(today, Weekday::Saturday, weeks)
        };
        return Some((i + 1, day, None));
    }
    if let Some(day) = weekday(word(i)) {
        let (end, weeks) = match (word(i + 1), word(i + 2)) {
            ("next", "week") => (i + 3, Some(1)),
            ("week", _) => (i + 2, Some(1)),
            _ => (i + 1, weeks),
        };
        // "Monday the 23rd" and "Monday November 23rd": the date says it better.
        if let Some((end, Some(date))) = date(tokens, end, today) {
            return Some((end, Some(date), None));
        }
        return Some((end, weekday_from(today, day, weeks), None));
    }
    date(tokens, at, today).map(|(end, day)| (end, day, None))
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    let offset = match word
        .strip_suffix('s')
        .filter(|w| w.ends_with("day"))
        .unwrap_or(word)
    {
        "monday" | "mon" => 1,
        "tuesday" | "tues" | "tue" => 2,
        "wednesday" | "wed" | "wensday" => 3,
        "thursday" | "thurs" | "thur" | "thu" => 4,
        "friday" | "fri" => 5,
        "saturday" | "sat" => 6,
        "sunday" => 7,
        _ => return None,
    };
    Weekday::from_monday_one_offset(offset).ok()
}

/// `November 23rd`, `the 23rd of November`, `the 23rd`.
fn date(tokens: &[Token], at: usize, today: Date) -> Option<(usize, Option<Date>)> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    if let Some(month) = month(word(at)) {
        let i = at + 1 + usize::from(word(at + 1) == "the");
        let (day, end) = ordinal(tokens, i).or_else(|| {
            // "March at ten" is no day of March.
            let (n, end) = en_small(tokens, i)?;
            (1..=31).contains(&n).then_some((n as i8, end))
        })?;
        return Some((end, month_day(today, None, Some(month), day)));
    }
    let i = at + usize::from(word(at) == "the");
    if let Some((day, end)) = ordinal(tokens, i) {
        let of = end + usize::from(word(end) == "of");
        if let Some(month) = month(word(of)) {
            return Some((of + 1, month_day(today, None, Some(month), day)));
        }
        // "the second" alone may be a choice; "the 2nd", "the twenty third" and "on the second" are dates.
        let certain = word(i).starts_with(|c: char| c.is_ascii_digit())
            || end > i + 1
            || (at > 0 && word(at - 1) == "on")
            || day > 4;
        return (i > at && certain).then(|| (end, month_day(today, None, None, day)));
    }
    // "23 November"
    let (n, end) = en_small(tokens, i)?;
    let month = month(word(end)).filter(|_| (1..=31).contains(&n))?;
    Some((end + 1, month_day(today, None, Some(month), n as i8)))
}

fn month(word: &str) -> Option<i8> {
    if word.len() < 3 {
        return None;
    }
    let at = MONTHS.iter().position(|m| {
        *m == word || (word.len() <= 4 && m.starts_with(word) && word != "mar" && word != "may")
    });
    at.and_then(|m| i8::try_from(m + 1).ok())
}

/// `23rd`, `twenty third`, `third`: the day and its end.
fn ordinal(tokens: &[Token], at: usize) -> Option<(i8, usize)> {
    let form = tokens.get(at)?.form.as_str();
    for suffix in ["st", "nd", "rd", "th"] {
        if let Some(n) = form.strip_suffix(suffix).and_then(|d| d.parse::<i8>().ok()) {
            return (1..=31).contains(&n).then_some((n, at + 1));
        }
    }
    if let Some(n) = ORDINALS.iter().position(|o| *o == form) {
        return Some((n as i8 + 1, at + 1));
    }
    let tens = match form {
        "twenty" => 20,
        "thirty" => 30,
        "thirtieth" => return Some((30, at + 1)),
        _ => return None,
    };
    let unit = ORDINALS[..9]
        .iter()
        .position(|o| tokens.get(at + 1).is_some_and(|t| *o == t.form))? as i8
        + 1;
    (tens + unit <= 31).then_some((tens + unit, at + 2))
}

fn part(tokens: &[Token], at: usize) -> Option<(usize, Option<Part>, Option<u32>)> {
    let word = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    match (word(at), word(at + 1)) {
        ("first", "thing") => Some((
            at + if word(at + 2) == "in" { 5 } else { 2 },
            Some(Part::Morning),
            Some(9 * 60),
        ))
        .filter(|p| p.0 <= tokens.len()),
        ("after", "lunch") => Some((at + 2, Some(Part::Afternoon), Some(14 * 60))),
        ("before", "lunch" | "noon") => Some((at + 2, Some(Part::Morning), Some(11 * 60))),
        ("after", "work") => Some((at + 2, Some(Part::Dusk), None)),
        ("after", "school") => Some((at + 2, Some(Part::Afternoon), Some(16 * 60))),
        ("after", "dinner" | "supper") => Some((at + 2, Some(Part::Evening), None)),
        ("lunch", "time") => Some((at + 2, Some(Part::Noon), None)),
        ("morning" | "mornings", _) => Some((at + 1, Some(Part::Morning), None)),
        ("lunchtime" | "midday", _) => Some((at + 1, Some(Part::Noon), None)),
        ("afternoon" | "afternoons", _) => Some((at + 1, Some(Part::Afternoon), None)),
        ("evening" | "evenings" | "night", _) => Some((at + 1, Some(Part::Evening), None)),
        _ => None,
    }
}
