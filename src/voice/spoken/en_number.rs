//! English numbers in words: cardinals, ordinals, years, digits one by one, clock times and dates.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::scan::{Date, Number, breaths};

#[rustfmt::skip]
const SMALL: [&str; 20] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
];
#[rustfmt::skip]
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
#[rustfmt::skip]
pub(super) const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
];

pub(super) fn cardinal(value: u64) -> String {
    if value == 0 {
        return "zero".into();
    }
    let mut words: Vec<String> = Vec::new();
    for (place, name) in [
        (1_000_000_000_000, "trillion"),
        (1_000_000_000, "billion"),
        (1_000_000, "million"),
        (1000, "thousand"),
        (1, ""),
    ] {
        let group = (value / place % 1000) as usize;
        if group >= 100 {
            words.push(format!("{} hundred", SMALL[group / 100]));
        }
        let rest = group % 100;
        if rest > 0 {
            words.push(below_hundred(rest));
        }
        if group > 0 && !name.is_empty() {
            words.push(name.into());
        }
    }
    words.join(" ")
}

fn below_hundred(n: usize) -> String {
    match (n / 10, n % 10) {
        (0 | 1, _) => SMALL[n].into(),
        (tens, 0) => TENS[tens].into(),
        (tens, ones) => format!("{}-{}", TENS[tens], SMALL[ones]),
    }
}

pub(super) fn ordinal(value: u64) -> String {
    let said = cardinal(value);
    let cut = said.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (head, last) = said.split_at(cut);
    let last = match last {
        "one" => "first".into(),
        "two" => "second".into(),
        "three" => "third".into(),
        "five" => "fifth".into(),
        "eight" => "eighth".into(),
        "nine" => "ninth".into(),
        "twelve" => "twelfth".into(),
        y if y.ends_with('y') => format!("{}ieth", &y[..y.len() - 1]),
        other => format!("{other}th"),
    };
    format!("{head}{last}")
}

/// A number with its decimals; too long ones digit by digit.
pub(super) fn number(n: &Number) -> String {
    match n.value() {
        None => code(&n.int),
        Some(value) if n.whole() => cardinal(value),
        Some(value) => format!("{} point {}", cardinal(value), digits(&n.frac)),
    }
}

/// `twenty twenty-six`, `two thousand five`, `nineteen oh five`.
pub(super) fn year(value: u32) -> String {
    let (century, rest) = (u64::from(value / 100), u64::from(value % 100));
    match (century, rest) {
        (20, 0..10) => cardinal(value.into()),
        (_, 0) => format!("{} hundred", cardinal(century)),
        (_, 1..10) => format!("{} oh {}", cardinal(century), cardinal(rest)),
        _ => format!("{} {}", cardinal(century), cardinal(rest)),
    }
}

pub(super) fn digits(text: &str) -> String {
    let words: Vec<&str> = text
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|d| SMALL[d as usize])
        .collect();
    words.join(" ")
}

/// Digits of a telephone or order number, with a breath every three or four.
pub(super) fn code(text: &str) -> String {
    let said: Vec<String> = breaths(text).into_iter().map(digits).collect();
    said.join(", ")
}

/// Which half of the day, when it is known.
#[derive(Copy, Clone, PartialEq)]
pub(super) enum Half {
    Am,
    Pm,
    Unsaid,
}

/// `three thirty P M`, `nine oh five`, `ten o'clock`. The letters stand apart so that they are read as letters.
pub(super) fn clock(hour: u32, minute: u32, half: Half) -> String {
    let hour12 = match hour % 24 {
        0 => 12,
        h @ 13.. => h - 12,
        h => h,
    };
    let hour = cardinal(hour12.into());
    let mut said = match minute {
        0 => hour,
        1..10 => format!("{hour} oh {}", cardinal(minute.into())),
        _ => format!("{hour} {}", cardinal(minute.into())),
    };
    match half {
        Half::Am => said.push_str(" A M"),
        Half::Pm => said.push_str(" P M"),
        Half::Unsaid if minute == 0 => said.push_str(" o'clock"),
        Half::Unsaid => {}
    }
    said
}

/// A time of the 24-hour clock.
pub(super) fn time_of_day(hour: u32, minute: u32) -> String {
    match (hour % 24, minute) {
        (12, 0) => "noon".into(),
        (0, 0) => "midnight".into(),
        (h, m) => clock(h, m, if h < 12 { Half::Am } else { Half::Pm }),
    }
}

/// `November twenty-third`, with the year behind where it is wanted.
pub(super) fn date(d: Date, with_year: bool) -> String {
    let month = MONTHS[(d.month as usize).clamp(1, 12) - 1];
    let said = format!("{month} {}", ordinal(d.day.into()));
    if with_year {
        format!("{said}, {}", year(d.year))
    } else {
        said
    }
}

/// `one thousand two hundred eighty dollars and fifty cents`. More than two decimals are no money.
pub(super) fn money(n: &Number, one: &str, many: &str, cent: &str, cents: &str) -> String {
    let small = match n.frac.as_bytes() {
        [] => 0,
        [d] => u64::from(d - b'0') * 10,
        [d, u] => u64::from(d - b'0') * 10 + u64::from(u - b'0'),
        _ => return format!("{} {many}", number(n)),
    };
    if cents.is_empty() && small > 0 {
        return format!("{} {many}", number(n));
    }
    let Some(whole) = n.value() else {
        return format!("{} {many}", code(&n.int));
    };
    let name = |value: u64, one: &str, many: &str| {
        format!(
            "{} {}",
            cardinal(value),
            if value == 1 { one } else { many }
        )
    };
    match (whole, small) {
        (_, 0) => name(whole, one, many),
        (0, _) => name(small, cent, cents),
        _ => format!(
            "{} and {}",
            name(whole, one, many),
            name(small, cent, cents)
        ),
    }
}
