//! Days and times: which of the moments somebody mentions is the one they mean, and how a moment is said.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::moment::{Said, plus_days};
use super::{Filled, correction, datetime_en, datetime_zh};
use crate::dialogue::intent::text::{self, Token, form_key};
use crate::terms::Lang;
use jiff::civil::{Date, DateTime};

/// Finds the moment that is offered: not one that is refused (明天不行，后天吧), after a correction the new one.
pub(super) fn fill(tokens: &[Token], lang: Lang, now: DateTime) -> Option<Filled> {
    let read = |stretch: &[Token]| match lang {
        Lang::Zh => datetime_zh::read(stretch, now.date()),
        Lang::En => datetime_en::read(stretch, now.date()),
    };
    let corrected = correction::after(tokens, lang);
    // A correction may change the time alone: the day named before it still holds.
    let named = (corrected > 0)
        .then(|| read(&tokens[..corrected]).day)
        .flatten();
    let after = (corrected > 0)
        .then(|| pick(&tokens[corrected..], lang, now, named, read))
        .flatten();
    after.or_else(|| pick(tokens, lang, now, None, read))
}

/// The first stretch that offers a moment. `day` holds for stretches that name none.
fn pick(
    tokens: &[Token],
    lang: Lang,
    now: DateTime,
    mut day: Option<Date>,
    read: impl Fn(&[Token]) -> Said,
) -> Option<Filled> {
    for (stretch, refused) in stretches(tokens, lang) {
        let mut said = read(stretch);
        if refused {
            // 明天上午不行下午可以: the day still holds when only its part was refused.
            if said.has_time() && said.day.is_some() {
                day = said.day;
            }
            continue;
        }
        if said.is_empty() {
            continue;
        }
        if said.later.is_none() && said.day.is_none() {
            said.day = day;
        }
        let words = text::surface(&stretch[said.begin..said.end]);
        let value = said.resolve(now).or_else(|| {
            // 周六上午十点, said on a Saturday afternoon, is the Saturday of next week; "today at ten" is gone.
            let next = said
                .day
                .filter(|day| *day == now.date() && names_a_weekday(&words, lang));
            let said = Said {
                day: plus_days(next?, 7),
                ..said.clone()
            };
            said.resolve(now)
        });
        if let Some(value) = value {
            return Some(Filled {
                value,
                evidence: words,
            });
        }
    }
    None
}

fn names_a_weekday(words: &str, lang: Lang) -> bool {
    match lang {
        Lang::Zh => ["周", "星期", "礼拜"].iter().any(|w| words.contains(w)),
        Lang::En => words
            .to_lowercase()
            .split_whitespace()
            .any(|w| datetime_en::weekday(w).is_some()),
    }
}

/// Cuts a reply after its refusals and before its turns; says which stretches are refused.
fn stretches(tokens: &[Token], lang: Lang) -> Vec<(&[Token], bool)> {
    const ZH: &[&str] = &[
        "不行",
        "不可以",
        "不太行",
        "没空",
        "没时间",
        "没有时间",
        "没有空",
        "不方便",
        "不太方便",
        "不在",
        "有事",
        "不能",
        "没法",
        "来不了",
        "去不了",
        "过不来",
        "过不去",
        "有课",
        "要上班",
        "很忙",
        "太忙",
        "出差",
        "不好",
        "排满",
        "来不及",
        "没戏",
        "不合适",
        "不成",
        "都忙",
        "要开会",
    ];
    const EN_VERBS: &[&str] = &[
        "work",
        "do",
        "good",
        "make",
        "suit",
        "free",
        "available",
        "possible",
        "come",
        "great",
        "convenient",
        "happen",
        "be",
    ];
    const EN_TURNS: &[&str] = &["but", "perhaps", "however", "though", "rather"];
    let mut out = Vec::new();
    let mut begin = 0;
    let mut i = 0;
    while i < tokens.len() {
        let cut = match lang {
            Lang::Zh => (2..=4).find_map(|n| {
                (i + n <= tokens.len() && ZH.contains(&form_key(&tokens[i..i + n]).as_str()))
                    .then_some((i + n, true))
            }),
            Lang::En => match tokens[i].form.as_str() {
                "not" | "never" => {
                    // The verb may stand a few words on (not going to work); what comes before the verb is refused with it.
                    let verb = (i + 1..tokens.len().min(i + 4))
                        .rev()
                        .find(|&k| EN_VERBS.contains(&tokens[k].form.as_str()));
                    // "can't do Saturday" refuses what follows, "Saturday doesn't work" what came before.
                    let before = datetime_en::names_a_time(&tokens[begin..i]);
                    match verb {
                        Some(v) if before => Some((v + 1, true)),
                        Some(v) => Some((next_time_end(tokens, v + 1), true)),
                        None => Some((next_time_end(tokens, i + 1), true)),
                    }
                }
                "busy" | "unavailable" | "booked" | "away" | "bad" => {
                    let before = datetime_en::names_a_time(&tokens[begin..i]);
                    Some((
                        if before {
                            i + 1
                        } else {
                            next_time_end(tokens, i + 1)
                        },
                        true,
                    ))
                }
                "no" if tokens.get(i + 1).is_some_and(|t| t.form == "good") => Some((i + 2, true)),
                w if EN_TURNS.contains(&w) && i > begin => Some((i, false)),
                _ => None,
            },
        };
        if let Some((end, refused)) = cut {
            out.push((&tokens[begin..end], refused));
            begin = end;
            i = end.max(i + 1);
        } else {
            i += 1;
        }
    }
    if begin < tokens.len() {
        out.push((&tokens[begin..], false));
    }
    out
}

/// The end of the first word after `from` that names a day or time, so that "not tomorrow" ends after tomorrow.
fn next_time_end(tokens: &[Token], from: usize) -> usize {
    (from..tokens.len().min(from + 3))
        .find(|&k| datetime_en::names_a_time(&tokens[k..=k]))
        .map_or(from, |k| k + 1)
}

/// 11月23号下午3点 / Monday November 23 at 3 pm; the value unchanged when it is no moment.
pub(super) fn say(value: &str, lang: Lang) -> String {
    let (day, time) = value
        .split_once('T')
        .map_or((value, None), |(d, t)| (d, Some(t)));
    let Ok(date) = day.parse::<Date>() else {
        return value.to_owned();
    };
    let clock = time.and_then(|t| {
        let (h, m) = t.split_once(':')?;
        Some((h.parse::<u32>().ok()?, m.get(..2)?.parse::<u32>().ok()?))
    });
    match lang {
        Lang::Zh => {
            let day = format!("{}月{}号", date.month(), date.day());
            clock.map_or_else(|| day.clone(), |(h, m)| format!("{day}{}", zh_clock(h, m)))
        }
        Lang::En => {
            let day = date.strftime("%A %B %-d").to_string();
            clock.map_or_else(
                || day.clone(),
                |(h, m)| format!("{day} at {}", en_clock(h, m)),
            )
        }
    }
}

fn zh_clock(hour: u32, minute: u32) -> String {
    let part = match hour {
        0..=5 => "凌晨",
        6..=11 => "上午",
        12 => "中午",
        13..=17 => "下午",
        _ => "晚上",
    };
    let hour = if hour > 12 { hour - 12 } else { hour };
    match minute {
        0 => format!("{part}{hour}点"),
        30 => format!("{part}{hour}点半"),
        1..=9 => format!("{part}{hour}点零{minute}分"),
        _ => format!("{part}{hour}点{minute}分"),
    }
}

fn en_clock(hour: u32, minute: u32) -> String {
    let part = if hour < 12 { "am" } else { "pm" };
    match (hour, minute) {
        (12, 0) => "noon".to_owned(),
        (0, 0) => "midnight".to_owned(),
        _ => {
            let hour = if hour.is_multiple_of(12) {
                12
            } else {
                hour % 12
            };
            if minute == 0 {
                format!("{hour} {part}")
            } else {
                format!("{hour}:{minute:02} {part}")
            }
        }
    }
}
