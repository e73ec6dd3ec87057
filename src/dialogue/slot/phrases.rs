//! How people say the values of a slot: phrases for a recogniser that can hold sound against them. Not what is accepted; that
//! is [`super::fill`]'s business.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::SlotKind;
use crate::terms::{Lang, Phrase};

/// The phrases, each with its value or itself as its meaning. Kinds without a list of values (amounts, free words) give none.
#[must_use]
pub fn expected(kind: &SlotKind, lang: Lang, name: Option<&String>) -> Vec<Phrase> {
    match kind {
        SlotKind::Choice(choices) => choices
            .iter()
            .flat_map(|c| c.phrases.iter().map(|p| phrase(p, &c.value)))
            .collect(),
        SlotKind::Name => name
            .into_iter()
            .flat_map(|n| match lang {
                Lang::Zh => [phrase(n, n), phrase(&format!("我叫{n}"), n)],
                Lang::En => [phrase(n, n), phrase(&format!("my name is {n}"), n)],
            })
            .collect(),
        SlotKind::DateTime => times(lang),
        SlotKind::YesNo
        | SlotKind::Number { .. }
        | SlotKind::Money
        | SlotKind::Phone
        | SlotKind::Digits { .. }
        | SlotKind::Free => Vec::new(),
    }
}

fn phrase(text: &str, meaning: &str) -> Phrase {
    Phrase {
        text: text.to_owned(),
        meaning: meaning.to_owned(),
    }
}

const ZH_DAYS: [&str; 14] = [
    "今天",
    "明天",
    "后天",
    "周一",
    "周二",
    "周三",
    "周四",
    "周五",
    "周六",
    "周日",
    "星期六",
    "星期天",
    "下周一",
    "这个周末",
];
const ZH_PARTS: [(&str, &[&str]); 3] = [
    ("上午", &["八点", "九点", "十点", "十点半", "十一点"]),
    (
        "下午",
        &["一点", "两点", "两点半", "三点", "三点半", "四点", "五点"],
    ),
    ("晚上", &["六点", "七点", "七点半", "八点"]),
];
const EN_DAYS: [&str; 13] = [
    "today",
    "tomorrow",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "next monday",
    "next tuesday",
    "next week",
    "this weekend",
];
const EN_TIMES: [&str; 14] = [
    "in the morning",
    "in the afternoon",
    "in the evening",
    "after lunch",
    "at nine",
    "at ten",
    "at eleven",
    "at noon",
    "at one",
    "at two",
    "at three",
    "at four",
    "at five",
    "at six",
];

/// Days, times, and each day with each time.
fn times(lang: Lang) -> Vec<Phrase> {
    let (days, times, between): (&[&str], Vec<String>, &str) = match lang {
        Lang::Zh => {
            let times = ZH_PARTS.iter().flat_map(|(part, hours)| {
                std::iter::once((*part).to_owned())
                    .chain(hours.iter().map(move |h| format!("{part}{h}")))
            });
            (&ZH_DAYS, times.collect(), "")
        }
        Lang::En => (
            &EN_DAYS,
            EN_TIMES.iter().map(|t| (*t).to_owned()).collect(),
            " ",
        ),
    };
    let both = days
        .iter()
        .flat_map(|d| times.iter().map(move |t| format!("{d}{between}{t}")));
    let alone = days
        .iter()
        .map(|d| (*d).to_owned())
        .chain(times.iter().cloned());
    alone.chain(both).map(|t| phrase(&t, &t)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::slot::fill;

    /// A phrase that the slot would not understand would only draw the recogniser to a useless answer.
    #[test]
    fn every_time_that_is_expected_is_one_that_fills_the_slot() {
        let now = jiff::civil::date(2026, 11, 20).at(0, 1, 0, 0);
        for lang in [Lang::Zh, Lang::En] {
            for p in expected(&SlotKind::DateTime, lang, None) {
                let whole = p.text.contains(" at ")
                    || (p.text.contains('点') && p.text.chars().count() > 5);
                let found = fill(&SlotKind::DateTime, &p.text, lang, now);
                assert!(found.is_some() || !whole, "{}", p.text);
            }
        }
    }
}
