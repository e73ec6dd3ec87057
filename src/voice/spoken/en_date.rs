//! English dates, times, years and written fractions.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::en_number::{Half, MONTHS, cardinal, clock, date, ordinal, time_of_day, year};
use super::scan::{self, Date, Found, Number, before, digit, ends_word, has, starts_word, string};

#[rustfmt::skip]
const YEAR_WORDS: &[&str] = &[
    "in", "since", "of", "by", "from", "until", "till", "year", "to", "before", "after", "during", "and", "early",
    "late",
];

/// `Nov. 23rd, 2026`, `November 23`, `23 November 2026`.
pub(super) fn month_day(text: &[char], at: usize) -> Found {
    if !starts_word(text, at) {
        return None;
    }
    if digit(text, at) {
        let (day, i) = scan::small(text, at, 2)?;
        let i = ordinal_end(text, i).unwrap_or(i);
        let i = i + usize::from(has(text, i, " of")) * 3;
        if text.get(i) != Some(&' ') || !(1..=31).contains(&day) {
            return None;
        }
        let (month, end) = month(text, i + 1)?;
        let (tail, end) = year_behind(text, end);
        return Some((
            format!("{} of {}{tail}", ordinal(day.into()), MONTHS[month]),
            end,
        ));
    }
    let (month, i) = month(text, at)?;
    if text.get(i) != Some(&' ') {
        return None;
    }
    if let Some((value, end)) =
        scan::small(text, i + 1, 4).filter(|(value, _)| (1900..2100).contains(value))
    {
        return Some((format!("{} {}", MONTHS[month], year(value)), end));
    }
    let (day, end) = scan::small(text, i + 1, 2).filter(|(day, _)| (1..=31).contains(day))?;
    if matches!(text.get(end), Some(':' | '%'))
        || text.get(end) == Some(&'.') && digit(text, end + 1)
    {
        return None;
    }
    let end = ordinal_end(text, end).unwrap_or(end);
    if !ends_word(text, end) {
        return None;
    }
    let (tail, end) = year_behind(text, end);
    Some((
        format!("{} {}{tail}", MONTHS[month], ordinal(day.into())),
        end,
    ))
}

/// A month's name or its short form, and the position behind it.
fn month(text: &[char], at: usize) -> Option<(usize, usize)> {
    MONTHS.iter().enumerate().find_map(|(i, name)| {
        if has(text, at, name) && ends_word(text, at + name.len()) {
            return Some((i, at + name.len()));
        }
        let n = if *name == "September" && has(text, at, "Sept") {
            4
        } else {
            3
        };
        if !has(text, at, &name[..n]) || !ends_word(text, at + n) {
            return None;
        }
        Some((i, at + n + usize::from(text.get(at + n) == Some(&'.'))))
    })
}

fn year_behind(text: &[char], at: usize) -> (String, usize) {
    let from = at + usize::from(text.get(at) == Some(&','));
    if text.get(from) == Some(&' ')
        && let Some((value, end)) = scan::small(text, from + 1, 4)
        && (1500..2200).contains(&value)
        && ends_word(text, end)
    {
        return (format!(", {}", year(value)), end);
    }
    (String::new(), at)
}

/// Behind `st`, `nd`, `rd` or `th`.
pub(super) fn ordinal_end(text: &[char], at: usize) -> Option<usize> {
    let found = ["st", "nd", "rd", "th"].iter().any(|s| has(text, at, s));
    (found && ends_word(text, at + 2)).then_some(at + 2)
}

pub(super) fn iso(text: &[char], at: usize) -> Found {
    let (d, end) = scan::date(text, at)?;
    match scan::iso_time(text, end) {
        // A time of day means an appointment, soon enough to need no year.
        Some(((hour, minute), end)) => Some((
            format!("{} at {}", date(d, false), time_of_day(hour, minute)),
            end,
        )),
        None => Some((date(d, true), end)),
    }
}

/// `11/23/2026`, `11/23`, `1/2`, `24/7`.
pub(super) fn slashes(text: &[char], at: usize) -> Found {
    let (a, i) = scan::small(text, at, 2)?;
    if text.get(i) != Some(&'/') {
        return None;
    }
    let (b, end) = scan::small(text, i + 1, 2)?;
    if text.get(end) == Some(&'/')
        && let Some((mut y, end)) = scan::small(text, end + 1, 4)
    {
        if y < 100 {
            y += 2000;
        }
        let d = Date {
            year: y,
            month: a,
            day: b,
        };
        return scan::valid(y, a, b).then(|| (date(d, true), end));
    }
    if (a, b) == (24, 7) {
        return Some(("twenty-four seven".into(), end));
    }
    if a < b && (b <= 10 || matches!(b, 16 | 100)) {
        return Some((fraction(a, b), end));
    }
    if scan::valid(2000, a, b) {
        return Some((
            date(
                Date {
                    year: 2000,
                    month: a,
                    day: b,
                },
                false,
            ),
            end,
        ));
    }
    Some((
        format!("{} over {}", cardinal(a.into()), cardinal(b.into())),
        end,
    ))
}

fn fraction(a: u32, b: u32) -> String {
    let bottom = match b {
        2 => "half".into(),
        4 => "quarter".into(),
        _ => ordinal(b.into()),
    };
    let many = if a == 1 { "" } else { "s" };
    format!("{} {bottom}{many}", cardinal(a.into()))
}

/// `3:30 pm`, `3pm`, `15:00`, `10:00`.
pub(super) fn time(text: &[char], at: usize) -> Found {
    if let Some(((hour, minute), end)) = scan::clock(text, at) {
        let (half, end) = half(text, end);
        let said = match half {
            Half::Unsaid if hour >= 13 || text[at] == '0' => time_of_day(hour, minute),
            half => clock(hour, minute, half),
        };
        // "3:30 o'clock" does not occur, "10:00 o'clock" does.
        let end = if half == Half::Unsaid && has(text, end, " o'clock") {
            end + 8
        } else {
            end
        };
        return Some((said, end));
    }
    let (hour, i) = scan::small(text, at, 2).filter(|(h, _)| (1..=12).contains(h))?;
    let (found, end) = half(text, i);
    if found != Half::Unsaid {
        return Some((clock(hour, 0, found), end));
    }
    // "9-5pm", "2 to 4 pm": the first of a range has no half of its own.
    None
}

fn half(text: &[char], at: usize) -> (Half, usize) {
    let from = at + usize::from(text.get(at) == Some(&' '));
    for (half, forms) in [
        (Half::Am, ["a.m.", "am", "AM", "a.m"]),
        (Half::Pm, ["p.m.", "pm", "PM", "p.m"]),
    ] {
        for form in forms {
            let end = from + form.len();
            if has(text, from, form) && ends_word(text, end) {
                // The last point may also be the sentence's.
                let last = form.ends_with('.') && text[end..].iter().all(|c| c.is_whitespace());
                return (half, end - usize::from(last));
            }
        }
    }
    (Half::Unsaid, at)
}

/// `1990s`, `90s`.
pub(super) fn decade(text: &[char], at: usize, n: &Number, end: usize) -> Found {
    let from = end + usize::from(matches!(text.get(end), Some('\'' | '’')));
    if text.get(from) != Some(&'s')
        || !ends_word(text, from + 1)
        || !n.whole()
        || !n.int.ends_with('0')
        || !starts_word(text, at)
    {
        return None;
    }
    let said = match n.int.len() {
        4 => year(n.int.parse().ok()?),
        2 => cardinal(n.int.parse().ok()?),
        _ => return None,
    };
    let plural = match said.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{said}s"),
    };
    Some((plural, from + 1))
}

pub(super) fn is_year(text: &[char], at: usize, end: usize) -> bool {
    let head = string(text, at.saturating_sub(12), at).to_lowercase();
    let word = head
        .trim_end()
        .rsplit(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or("")
        .to_owned();
    let month = MONTHS.iter().any(|m| m.to_lowercase() == word);
    let range =
        matches!(before(text, at), Some('-' | '–')) || matches!(text.get(end), Some('-' | '–'));
    let value: u32 = string(text, at, end).parse().unwrap_or(0);
    let model =
        ["a", "the", "your", "our", "my"].contains(&word.as_str()) && (1950..2050).contains(&value);
    // "in 2000 homes" counts; "in 2019 we" does not.
    (YEAR_WORDS.contains(&word.as_str()) || month || range || model) && !counts_things(text, end)
}

fn counts_things(text: &[char], end: usize) -> bool {
    [
        "people",
        "homes",
        "houses",
        "customers",
        "families",
        "dollars",
        "square",
        "sq",
        "miles",
        "feet",
        "hours",
        "times",
        "units",
    ]
    .iter()
    .any(|w| has(text, end, &format!(" {w}")))
}
