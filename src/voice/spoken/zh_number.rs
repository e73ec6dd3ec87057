//! Mandarin numbers: cardinals with 二 and 两 in their places, digits one by one, clock times and dates.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::scan::{Date, Number, breaths};

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// 二 or 两?
#[derive(Copy, Clone, PartialEq)]
pub(super) enum Two {
    /// 二, also 二百: in order numbers, dates and names.
    Er,
    /// 二 alone but 两百, 两千, 两万: counting without a measure word.
    Plain,
    /// 两: before a measure word.
    Liang,
}

/// A number people count with.
pub(super) fn cardinal(value: u64, two: Two) -> String {
    if value == 2 {
        return if two == Two::Liang { "两" } else { "二" }.into();
    }
    if value == 0 {
        return "零".into();
    }
    let mut out = String::new();
    let mut higher = false;
    for (place, unit) in [
        (1_000_000_000_000, "万亿"),
        (100_000_000, "亿"),
        (10_000, "万"),
        (1, ""),
    ] {
        let group = value / place % 10_000;
        if group == 0 {
            continue;
        }
        if higher && group < 1000 {
            out.push('零');
        }
        if group == 2 && !unit.is_empty() && !higher && two != Two::Er {
            out.push('两');
        } else {
            four(&mut out, group, !higher && two != Two::Er, higher);
        }
        out.push_str(unit);
        higher = true;
    }
    out
}

/// Up to 9999 with 千, 百 and 十.
fn four(out: &mut String, group: u64, liang: bool, higher: bool) {
    let mut started = false;
    let mut gap = false;
    for (place, unit) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let d = (group / place % 10) as usize;
        if d == 0 {
            gap = started;
            continue;
        }
        if std::mem::take(&mut gap) {
            out.push('零');
        }
        if d == 2 && liang && !started && place >= 100 {
            out.push('两');
        } else if (d, place) != (1, 10) || started || higher {
            out.push(DIGITS[d]);
        }
        out.push_str(unit);
        started = true;
    }
}

/// A number with its decimals; too long ones digit by digit.
pub(super) fn number(n: &Number, two: Two) -> String {
    let Some(value) = n.value() else {
        return digits(&n.int);
    };
    if n.whole() {
        return cardinal(value, two);
    }
    format!("{}点{}", cardinal(value, Two::Plain), digits(&n.frac))
}

/// Digits one by one, as in a year.
pub(super) fn digits(text: &str) -> String {
    text.chars()
        .filter_map(|c| c.to_digit(10))
        .map(|d| DIGITS[d as usize])
        .collect()
}

/// Digits of a telephone or order number, 幺 for one, with a breath every three or four.
pub(super) fn code(text: &str) -> String {
    let said: Vec<String> = breaths(text)
        .into_iter()
        .map(|b| digits(b).replace('一', "幺"))
        .collect();
    said.join("，")
}

/// `一千二百八十元五角`; more than two decimals are no money and are said as decimals.
pub(super) fn yuan(n: &Number) -> String {
    let (jiao, fen) = match n.frac.as_bytes() {
        [j] => (j - b'0', 0),
        [j, f] => (j - b'0', f - b'0'),
        [] => (0, 0),
        _ => return format!("{}元", number(n, Two::Liang)),
    };
    let whole = n.value().unwrap_or(0);
    let mut out = String::new();
    if whole > 0 || (jiao, fen) == (0, 0) {
        out.push_str(
            &Number {
                frac: String::new(),
                ..n.clone()
            }
            .said_as_count(),
        );
        out.push('元');
    }
    if jiao > 0 {
        out.push_str(&cardinal(u64::from(jiao), Two::Liang));
        out.push('角');
    } else if fen > 0 && whole > 0 {
        out.push('零');
    }
    if fen > 0 {
        out.push_str(&cardinal(u64::from(fen), Two::Liang));
        out.push('分');
    }
    out
}

impl Number {
    fn said_as_count(&self) -> String {
        number(self, Two::Liang)
    }
}

/// Hour and minute as said after 上午 or 下午.
pub(super) fn clock(hour: u32, minute: u32) -> String {
    let two = Two::Liang;
    let minute = match minute {
        0 => String::new(),
        30 => "半".into(),
        m @ 1..10 => format!("零{}分", cardinal(m.into(), Two::Er)),
        m => format!("{}分", cardinal(m.into(), Two::Er)),
    };
    format!("{}点{minute}", cardinal(hour.into(), two))
}

/// A time of the 24-hour clock with its part of the day.
pub(super) fn time_of_day(hour: u32, minute: u32) -> String {
    let part = match hour % 24 {
        0..6 => "凌晨",
        6..9 => "早上",
        9..12 => "上午",
        12 => "中午",
        13..18 => "下午",
        _ => "晚上",
    };
    let hour = match hour % 24 {
        h @ 13.. => h - 12,
        h => h,
    };
    format!("{part}{}", clock(hour, minute))
}

/// `十一月二十三号`, with the year in front where it is wanted.
pub(super) fn date(d: Date, with_year: bool) -> String {
    let year = if with_year {
        format!("{}年", digits(&d.year.to_string()))
    } else {
        String::new()
    };
    let (month, day) = (
        cardinal(d.month.into(), Two::Er),
        cardinal(d.day.into(), Two::Er),
    );
    format!("{year}{month}月{day}号")
}
