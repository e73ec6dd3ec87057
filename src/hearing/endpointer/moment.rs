//! Whether words that answer "when" are all there: a day alone is often followed by an hour.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::Lang;

/// What a text says of a point in time.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It names an hour: nothing is missing.
    Whole,
    /// It ends with a day or a part of the day, and an hour may follow.
    DayOnly,
    /// Nothing of the kind.
    None,
}

/// What this text says of a point in time.
#[must_use]
pub fn moment(text: &str, lang: Lang) -> Moment {
    let clean: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let clean = clean.trim();
    match lang {
        Lang::Zh => zh(&clean.replace(' ', "")),
        Lang::En => en(clean),
    }
}

fn zh(text: &str) -> Moment {
    // A bare 点 hides in 有点; the hour stands before it.
    let hour = text
        .char_indices()
        .any(|(at, c)| c == '点' && text[..at].chars().next_back().is_some_and(numeral));
    if hour && !text.ends_with("过") {
        return Moment::Whole;
    }
    if ZH_DAY.iter().any(|d| text.ends_with(d)) || weekday(text) {
        return Moment::DayOnly;
    }
    Moment::None
}

fn weekday(text: &str) -> bool {
    let last = text.chars().next_back();
    let head: String = text.chars().rev().skip(1).take(2).collect();
    last.is_some_and(|c| numeral(c) || matches!(c, '日' | '天'))
        && ["期星", "拜礼"].iter().any(|w| head == *w)
        || last.is_some_and(numeral) && head.starts_with('周')
}

fn numeral(c: char) -> bool {
    c.is_ascii_digit() || "一二两三四五六七八九十".contains(c)
}

fn en(text: &str) -> Moment {
    let words: Vec<&str> = text.split_whitespace().collect();
    let last = words.last().copied().unwrap_or_default();
    if EN_OPEN.contains(&last) || (last == "half" || text.ends_with("half past")) {
        return Moment::DayOnly;
    }
    let number = |w: &str| w.starts_with(|c: char| c.is_ascii_digit()) || EN_HOURS.contains(&w);
    let hour = words
        .windows(2)
        .any(|w| matches!(w[0], "at" | "past" | "to" | "around" | "about") && number(w[1]));
    let named = words
        .iter()
        .any(|w| matches!(*w, "o" | "oclock" | "am" | "pm" | "noon" | "midnight"));
    if hour || named {
        return Moment::Whole;
    }
    Moment::None
}

const ZH_DAY: [&str; 20] = [
    "今天",
    "明天",
    "后天",
    "大后天",
    "周末",
    "周日",
    "周天",
    "上午",
    "下午",
    "晚上",
    "早上",
    "中午",
    "号",
    "日",
    "下周",
    "这周",
    "下个月",
    "月",
    "傍晚",
    "白天",
];

const EN_OPEN: [&str; 19] = [
    "today",
    "tomorrow",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "week",
    "weekend",
    "next",
    "on",
    "at",
    "the",
    "around",
    "about",
    "past",
    "of",
];

const EN_HOURS: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_waits_for_its_hour_and_an_hour_for_nothing() {
        for t in [
            "星期六",
            "下周一",
            "二十五号",
            "明天下午",
            "礼拜天",
            "周三",
            "周末",
        ] {
            assert_eq!(moment(t, Lang::Zh), Moment::DayOnly, "{t}");
        }
        for t in ["明天下午三点", "上午9点半", "后天十点吧"] {
            assert_eq!(moment(t, Lang::Zh), Moment::Whole, "{t}");
        }
        for t in ["有点远", "都可以", "随便"] {
            assert_eq!(moment(t, Lang::Zh), Moment::None, "{t}");
        }
        for t in [
            "next monday",
            "on friday",
            "the day after tomorrow",
            "at half past",
        ] {
            assert_eq!(moment(t, Lang::En), Moment::DayOnly, "{t}");
        }
        for t in [
            "tomorrow at three",
            "saturday at 10",
            "half past nine",
            "five o'clock",
            "3 pm",
        ] {
            assert_eq!(moment(t, Lang::En), Moment::Whole, "{t}");
        }
        assert_eq!(moment("any time is fine", Lang::En), Moment::None);
    }
}
