//! Mandarin dates and times of day.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::scan::{self, Found, ends};
use super::zh_number::{Two, cardinal, clock, date, time_of_day};

#[rustfmt::skip]
const DAY_PARTS: &[&str] = &[
    "上午", "下午", "晚上", "早上", "中午", "凌晨", "傍晚", "夜里", "今晚", "明晚", "明早", "早", "晚",
];

pub(super) fn iso(text: &[char], at: usize) -> Found {
    let (d, end) = scan::date(text, at)?;
    match scan::iso_time(text, end) {
        // A time of day means an appointment, soon enough to need no year.
        Some(((hour, minute), end)) => Some((date(d, false) + &time_of_day(hour, minute), end)),
        None => Some((date(d, true), end)),
    }
}

/// `15:00`, `3点`, `3点05`, `10点30分`.
pub(super) fn time(text: &[char], at: usize) -> Found {
    let told = DAY_PARTS
        .iter()
        .any(|p| ends(text, at, p) || ends(text, at, &format!("{p} ")));
    if let Some(((hour, minute), end)) = scan::clock(text, at) {
        let spoken = match (told, hour) {
            (true, 13..24) => clock(hour - 12, minute),
            (true, _) => clock(hour, minute),
            (false, 13..24) => time_of_day(hour, minute),
            // A leading zero is the 24-hour clock's.
            (false, _) if text[at] == '0' => time_of_day(hour, minute),
            (false, _) => clock(hour, minute),
        };
        return Some((spoken, end));
    }
    let (hour, i) = scan::small(text, at, 2)?;
    if text.get(i) != Some(&'点') || hour > 24 {
        return None;
    }
    let hour = if told && (13..24).contains(&hour) {
        hour - 12
    } else {
        hour
    };
    let head = format!("{}点", cardinal(hour.into(), Two::Liang));
    match scan::small(text, i + 1, 2) {
        Some((minute, end)) if minute < 60 => {
            let zero = if text[i + 1] == '0' && minute > 0 {
                "零"
            } else {
                ""
            };
            let said = if minute == 0 {
                String::new()
            } else {
                cardinal(minute.into(), Two::Er)
            };
            let skip = usize::from(minute == 0 && text.get(end) == Some(&'分'));
            Some((format!("{head}{zero}{said}"), end + skip))
        }
        _ => Some((head, i + 1)),
    }
}
