//! Mandarin days and times: 后天下午三点, 下周三上午, 3月15号, 月底, 半小时后, 差一刻八点.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::moment::{ClockTime, Part, Said, month_day, month_from, plus_days, weekday_from};
use super::numeral;
use crate::dialogue::intent::text::Token;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// Everything a stretch says about its first moment.
pub(super) fn read(tokens: &[Token], today: Date) -> Said {
    let mut said = Said::default();
    let mut i = 0;
    while i < tokens.len() {
        if said.later.is_none()
            && let Some((end, later)) = later(tokens, i, today)
        {
            match later {
                Later::Minutes(m) => said.later = Some(m),
                Later::Day(day) => said.day = said.day.or(day),
            }
            said.took(i, end);
            i = end;
        } else if let Some((end, day, part)) = day(tokens, i, today) {
            let refused = i > 0 && before(tokens, i, &["不要", "别", "不是", "除了", "不"]);
            if said.day.is_some() && day.is_some() && said.day != day && !refused {
                // A second day begins a second offer; the first one counts.
                break;
            }
            if !refused {
                said.day = said.day.or(day);
                said.part = said.part.or(part);
                said.took(i, end);
            }
            i = end;
        } else if let Some((end, part, usual)) = part(tokens, i) {
            if said.part.is_none() && said.usual.is_none() {
                (said.part, said.usual) = (part, usual);
                said.took(i, end);
            } else if said.clock.is_none() && part != said.part {
                break;
            }
            i = end;
        } else if let Some((end, minutes)) =
            clock(tokens, i, said.day.is_some() || said.part.is_some())
        {
            if said.clock.is_none() {
                said.clock = Some(ClockTime {
                    minutes,
                    certain: false,
                });
                said.took(i, end);
            }
            i = end;
        } else {
            i += 1;
        }
    }
    said
}

enum Later {
    Minutes(i64),
    Day(Option<Date>),
}

/// 半小时后, 过一个小时, 两天以后, 一周后.
fn later(tokens: &[Token], at: usize, today: Date) -> Option<(usize, Later)> {
    let waits = ["再过", "再等", "过", "等", "隔"]
        .into_iter()
        .find_map(|w| starts(tokens, at, w));
    let mut i = waits.unwrap_or(at);
    let mut amount = if let Some(end) = starts(tokens, i, "半") {
        i = end;
        0.5
    } else {
        let n = numeral::zh(tokens, i, false)?;
        i = n.end;
        n.value
    };
    if let Some(end) = starts(tokens, i, "个") {
        i = end;
        if let Some(end) = starts(tokens, i, "半") {
            amount += 0.5;
            i = end;
        }
    }
    let units = [
        ("小时", 60),
        ("钟头", 60),
        ("分钟", 1),
        ("分", 1),
        ("刻钟", 15),
        ("天", -1),
        ("星期", -7),
        ("礼拜", -7),
        ("周", -7),
        ("月", -30),
    ];
    let (end, unit) = units
        .into_iter()
        .find_map(|(w, size)| starts(tokens, i, w).map(|end| (end, size)))?;
    let after = ["以后", "之后", "过后", "后"]
        .into_iter()
        .find_map(|w| starts(tokens, end, w));
    let end = match (after, waits) {
        (Some(end), _) => end,
        (None, Some(_)) => end,
        _ => return None,
    };
    let whole = amount.round() as i32;
    let later = match unit {
        -1 => Later::Day(plus_days(today, whole)),
        -7 => Later::Day(plus_days(today, (amount * 7.0).round() as i32)),
        -30 => Later::Day(today.checked_add(whole.months()).ok()),
        minutes => Later::Minutes((amount * f64::from(minutes)).round() as i64),
    };
    Some((end, later))
}

/// A day, with the part of the day when one word says both (今晚).
fn day(tokens: &[Token], at: usize, today: Date) -> Option<(usize, Option<Date>, Option<Part>)> {
    const RELATIVE: &[(&str, i32)] = &[
        ("大后天", 3),
        ("后天", 2),
        ("明天", 1),
        ("明儿", 1),
        ("明日", 1),
        ("今天", 0),
        ("今儿", 0),
        ("今日", 0),
        ("次日", 1),
        ("第二天", 1),
        ("隔天", 1),
    ];
    for (word, days) in RELATIVE {
        if let Some(end) = sounds(tokens, at, word) {
            return Some((end, plus_days(today, *days), None));
        }
    }
    for (word, days) in [("今", 0), ("明", 1)] {
        if let Some(end) = starts(tokens, at, word) {
            let part = match tokens.get(end)?.form.as_str() {
                "晚" => Some(Part::Evening),
                "早" => Some(Part::Morning),
                "上" | "下" | "中" if part(tokens, end).is_some() => None,
                _ => continue,
            };
            return Some((
                end + usize::from(part.is_some()),
                plus_days(today, days),
                part,
            ));
        }
    }
    week(tokens, at, today)
        .or_else(|| date(tokens, at, today))
        .map(|(end, day)| (end, day, None))
}

/// 周三, 下周三, 这个礼拜天, 下下周一, 周末, 下周.
fn week(tokens: &[Token], at: usize, today: Date) -> Option<(usize, Option<Date>)> {
    let leads = [
        ("下下个", 2),
        ("下下", 2),
        ("下个", 1),
        ("下", 1),
        ("这个", 0),
        ("这", 0),
        ("本", 0),
        ("今", 0),
    ];
    let lead = leads
        .into_iter()
        .find_map(|(w, n)| starts(tokens, at, w).map(|end| (end, n)));
    let (i, weeks) = lead.map_or((at, None), |(end, n)| (end, Some(n)));
    // 两周 counts weeks; it names none.
    let counted =
        at > 0 && (numeral::zh_digit(&tokens[at - 1]).is_some() || tokens[at - 1].form == "个");
    let after_weekday = at > 1 && matches!(tokens[at - 2].form.as_str(), "周" | "期" | "拜");
    if lead.is_none() && counted && !after_weekday {
        return None;
    }
    let end = sounds(tokens, i, "星期")
        .or_else(|| sounds(tokens, i, "礼拜"))
        .or_else(|| {
            let token = tokens.get(i)?;
            let named = token.form == "周"
                || (token.sound == "zhou" && weekday(tokens.get(i + 1)?).is_some());
            named.then_some(i + 1)
        })?;
    let Some(next) = tokens.get(end).and_then(weekday) else {
        // 下周 alone: its Monday.
        return weeks
            .filter(|w| *w > 0)
            .map(|w| (end, weekday_from(today, Weekday::Monday, Some(w))));
    };
    let day = match next {
        Named::Day(day) => weekday_from(today, day, weeks),
        Named::Weekend if today.weekday() == Weekday::Sunday && weeks.unwrap_or(0) == 0 => {
            Some(today)
        }
        Named::Weekend => weekday_from(today, Weekday::Saturday, weeks),
    };
    Some((end + 1, day))
}

enum Named {
    Day(Weekday),
    Weekend,
}

fn weekday(token: &Token) -> Option<Named> {
    let offset = match token.form.as_str() {
        "一" | "1" => 1,
        "二" | "2" => 2,
        "三" | "3" => 3,
        "四" | "4" => 4,
        "五" | "5" => 5,
        "六" | "6" => 6,
        "日" | "天" | "7" => 7,
        "末" => return Some(Named::Weekend),
        _ => return None,
    };
    Weekday::from_monday_one_offset(offset).ok().map(Named::Day)
}

/// 3月15号, 15号, 下个月3号, 月底, 国庆.
fn date(tokens: &[Token], at: usize, today: Date) -> Option<(usize, Option<Date>)> {
    for (word, month, day) in [
        ("元旦", 1, 1),
        ("劳动节", 5, 1),
        ("国庆", 10, 1),
        ("圣诞", 12, 25),
    ] {
        if let Some(end) = starts(tokens, at, word) {
            return Some((end, month_day(today, None, Some(month), day)));
        }
    }
    let months = [
        ("下个月", 1),
        ("下月", 1),
        ("这个月", 0),
        ("这月", 0),
        ("本月", 0),
        ("当月", 0),
    ];
    if let Some((end, n)) = months
        .into_iter()
        .find_map(|(w, n)| starts(tokens, at, w).map(|end| (end, n)))
    {
        let first = month_from(today, n)?;
        return match in_month(tokens, end, first) {
            Some((end, day)) => Some((end, day.filter(|d| *d >= today))),
            None => (n > 0).then_some((end, Some(first))),
        };
    }
    if let Some(end) = starts(tokens, at, "月")
        && matches!(tokens.get(end)?.form.as_str(), "底" | "末" | "初" | "中")
    {
        let (to, this) = in_month(tokens, end, today.first_of_month())?;
        let next = || in_month(tokens, end, month_from(today, 1)?).and_then(|(_, d)| d);
        return Some((to, this.filter(|d| *d >= today).or_else(next)));
    }
    let mut i = at;
    let mut year = None;
    let mut n = numeral::zh(tokens, i, false)?;
    if let Some(end) = starts(tokens, n.end, "年") {
        year = Some(n.value as i16).map(|y| if y < 100 { y + 2000 } else { y });
        i = end;
        n = numeral::zh(tokens, i, false)?;
    }
    let number = n.value;
    if let Some(end) = starts(tokens, n.end, "月") {
        if !(1.0..=12.0).contains(&number) {
            return None;
        }
        let month = number as i8;
        let first = month_day(today, year, Some(month), 1)?;
        // Without a year, a month already over is next year's; the current one is this year's.
        let first = if year.is_none() && month == today.month() {
            today.first_of_month()
        } else {
            first
        };
        return Some(match in_month(tokens, end, first) {
            Some((end, Some(day))) if year.is_none() => {
                (end, month_day(today, None, Some(month), day.day()))
            }
            Some((end, day)) => (end, day),
            None => (end, Some(first.max(today))),
        });
    }
    let end = starts(tokens, n.end, "号").or_else(|| starts(tokens, n.end, "日"))?;
    let building = tokens.get(end).is_some_and(|t| {
        matches!(
            t.form.as_str(),
            "楼" | "线" | "门" | "院" | "店" | "厅" | "厂"
        )
    });
    let day = number as i8;
    (!building && (1.0..=31.0).contains(&number)).then(|| (end, month_day(today, None, None, day)))
}

/// The day within a month that begins at `first`.
fn in_month(tokens: &[Token], at: usize, first: Date) -> Option<(usize, Option<Date>)> {
    let fixed = [
        ("底", first.last_of_month().day()),
        ("末", first.last_of_month().day()),
        ("初", 1),
        ("中旬", 15),
        ("中", 15),
    ];
    if let Some((end, day)) = fixed
        .into_iter()
        .find_map(|(w, d)| starts(tokens, at, w).map(|end| (end, d)))
    {
        return Some((end, Date::new(first.year(), first.month(), day).ok()));
    }
    let n = numeral::zh(tokens, at, false)?;
    // The recogniser may write 好 for 号.
    let end = ["号", "日", "好", "浩"]
        .into_iter()
        .find_map(|w| starts(tokens, n.end, w))
        .unwrap_or(n.end);
    (1.0..=31.0).contains(&n.value).then(|| {
        (
            end,
            Date::new(first.year(), first.month(), n.value as i8).ok(),
        )
    })
}

fn part(tokens: &[Token], at: usize) -> Option<(usize, Option<Part>, Option<u32>)> {
    const WORDS: &[(&str, Part)] = &[
        ("上午", Part::Morning),
        ("早上", Part::Morning),
        ("早晨", Part::Morning),
        ("清早", Part::Morning),
        ("一早", Part::Morning),
        ("大早", Part::Morning),
        ("中午", Part::Noon),
        ("正午", Part::Noon),
        ("下午", Part::Afternoon),
        ("午后", Part::Afternoon),
        ("傍晚", Part::Dusk),
        ("晚上", Part::Evening),
        ("夜里", Part::Evening),
        ("晚间", Part::Evening),
        ("夜晚", Part::Evening),
    ];
    const USUAL: &[(&str, u32)] = &[
        ("下班以后", 18 * 60 + 30),
        ("下班之后", 18 * 60 + 30),
        ("下班后", 18 * 60 + 30),
        ("下了班", 18 * 60 + 30),
        ("放学以后", 17 * 60),
        ("放学后", 17 * 60),
        ("午饭后", 13 * 60),
        ("吃完午饭", 13 * 60),
        ("晚饭后", 19 * 60),
        ("吃完晚饭", 19 * 60),
    ];
    if let Some((end, minutes)) = USUAL
        .iter()
        .find_map(|(w, m)| starts(tokens, at, w).map(|end| (end, *m)))
    {
        return Some((end, None, Some(minutes)));
    }
    WORDS
        .iter()
        .find_map(|(w, p)| sounds(tokens, at, w).map(|end| (end, Some(*p), None)))
}

/// 三点, 三点半, 三点一刻, 15:30, 差十分八点. `known`: a day or part came before, so a homophone of 点 is believed.
fn clock(tokens: &[Token], at: usize, known: bool) -> Option<(usize, u32)> {
    if let Some((hour, minute)) = tokens[at].form.split_once(':') {
        let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
        return (hour < 24 && minute < 60).then_some((at + 1, hour * 60 + minute));
    }
    if let Some(i) = starts(tokens, at, "差") {
        let (i, short) = minutes_word(tokens, i)?;
        let i = starts(tokens, i, "到").unwrap_or(i);
        let (end, hour) = hour(tokens, i, true)?;
        return Some((end, (hour * 60).checked_sub(short)?));
    }
    // 晚一点, 有一点: a bit, not one o'clock.
    let bit = before(
        tokens,
        at,
        &[
            "晚", "早", "快", "慢", "有", "大", "小", "多", "少", "好", "近",
        ],
    ) && !before(tokens, at, &["今晚", "明晚"]);
    if (bit && matches!(tokens[at].form.as_str(), "一" | "1")) || before(tokens, at, &["第"]) {
        return None;
    }
    let (mut end, hour) = hour(tokens, at, known)?;
    let mut minutes = 0;
    if let Some((to, m)) = minutes_word(tokens, end) {
        (end, minutes) = (to, m);
    } else if let Some(to) = starts(tokens, end, "钟").or_else(|| starts(tokens, end, "整")) {
        end = to;
    }
    Some((end, hour * 60 + minutes))
}

fn hour(tokens: &[Token], at: usize, known: bool) -> Option<(usize, u32)> {
    let n = numeral::zh(tokens, at, false)?;
    let token = tokens.get(n.end)?;
    let is_hour = matches!(token.form.as_str(), "点" | "时") || (known && token.sound == "dian");
    (is_hour && (0.0..=24.0).contains(&n.value) && n.value.fract() == 0.0)
        .then(|| (n.end + 1, n.value as u32 % 24))
}

/// 半, 一刻, 三刻, 零五分, 四十.
fn minutes_word(tokens: &[Token], at: usize) -> Option<(usize, u32)> {
    for (word, minutes) in [
        ("半", 30),
        ("一刻", 15),
        ("1刻", 15),
        ("三刻", 45),
        ("3刻", 45),
    ] {
        if let Some(end) = starts(tokens, at, word) {
            return Some((end, minutes));
        }
    }
    let zero = starts(tokens, at, "零").or_else(|| starts(tokens, at, "过"));
    let n = numeral::zh(tokens, zero.unwrap_or(at), false)?;
    let unit = starts(tokens, n.end, "分");
    // A bare digit after the hour is another number (三点五个人), unless 零 or 分 says otherwise.
    let said = unit.is_some() || zero.is_some() || n.value >= 10.0;
    let other_hour = tokens.get(n.end).is_some_and(|t| t.form == "点");
    (said && !other_hour && n.value < 60.0).then(|| {
        let end = unit.unwrap_or(n.end);
        (starts(tokens, end, "钟").unwrap_or(end), n.value as u32)
    })
}

/// The end of `word` when it stands at `at`.
fn starts(tokens: &[Token], at: usize, word: &str) -> Option<usize> {
    let mut rest = word;
    let mut i = at;
    while !rest.is_empty() {
        rest = rest.strip_prefix(tokens.get(i)?.form.as_str())?;
        i += 1;
    }
    Some(i)
}

/// As [`starts`], but homophones count for words of two syllables and more.
fn sounds(tokens: &[Token], at: usize, word: &str) -> Option<usize> {
    starts(tokens, at, word).or_else(|| {
        let want = crate::dialogue::intent::text::tokens(word, crate::terms::Lang::Zh);
        let got = tokens.get(at..at + want.len())?;
        let alike = want.len() > 1
            && want.iter().zip(got).all(|(w, g)| w.sound == g.sound)
            && want.iter().zip(got).any(|(w, g)| w.form == g.form);
        alike.then_some(at + want.len())
    })
}

fn before(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    words.iter().any(|w| {
        let n = w.chars().count();
        at >= n && starts(tokens, at - n, w) == Some(at)
    })
}
