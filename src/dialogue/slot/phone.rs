//! Phone and code numbers said digit by digit: 幺三八…, 三个八, oh, double five.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Filled, numeral};
use crate::dialogue::intent::text::{self, Token};
use crate::terms::Lang;

/// The longest run of digits, if it is as long as wanted: 7 to 15 for a phone number (ITU-T E.164 allows 15).
pub(super) fn fill(
    tokens: &[Token],
    lang: Lang,
    wanted: std::ops::RangeInclusive<usize>,
) -> Option<Filled> {
    let mut best: Option<(String, usize, usize)> = None;
    let mut i = 0;
    while i < tokens.len() {
        let begin = i;
        let mut digits = String::new();
        while let Some((some, end)) = step(tokens, i, lang) {
            digits.push_str(&some);
            i = end;
        }
        if best.as_ref().is_none_or(|(b, ..)| digits.len() > b.len()) {
            best = Some((digits, begin, i));
        }
        i = i.max(begin + 1);
    }
    let (digits, begin, end) = best?;
    wanted.contains(&digits.len()).then(|| Filled {
        value: digits,
        evidence: text::surface(&tokens[begin..end]),
    })
}

/// A phone number in the groups that people say it in.
pub(super) fn say(value: &str, lang: Lang) -> String {
    let digits = digits(value);
    grouped(&digits, &phone_groups(&digits, lang), lang)
}

/// An account or code number: threes where they come out even, else fours.
pub(super) fn say_code(value: &str, lang: Lang) -> String {
    let digits = digits(value);
    let groups: &[usize] = match digits.len() {
        0..=4 => &[],
        5..=7 => &[3],
        9 => &[3, 3],
        10 => &[3, 3],
        _ => &[4; 8],
    };
    grouped(&digits, groups, lang)
}

fn digits(value: &str) -> Vec<u32> {
    value.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// The lengths of all groups but the last. In China 3-4-4 for a mobile phone, the area code and then fours for a landline
/// (010 and 02x have three digits, the others four); in English 3-3-4 with the country code before it.
fn phone_groups(digits: &[u32], lang: Lang) -> Vec<usize> {
    let n = digits.len();
    let fours = |mut rest: usize| {
        let mut groups = Vec::new();
        while rest > 4 {
            let head = if rest.is_multiple_of(4) { 4 } else { rest % 4 };
            groups.push(head);
            rest -= head;
        }
        groups
    };
    match (lang, digits) {
        (Lang::Zh, [8, 6, 1, ..]) if n == 13 => vec![2, 3, 4],
        (Lang::Zh, [0, second, ..]) if n >= 10 => {
            let area = if *second <= 2 { 3 } else { 4 };
            [vec![area], fours(n - area)].concat()
        }
        (Lang::Zh, _) if n != 10 => fours(n),
        // North American: neither area code nor exchange begins with 0 or 1.
        (Lang::En, [1, 2..=9, _, _, 2..=9, ..]) if n == 11 => vec![1, 3, 3],
        (Lang::En, _) if n == 7 => vec![3],
        _ if n == 10 => vec![3, 3],
        _ => fours(n),
    }
}

/// 幺三八，零零幺三，八零零零; 1 3 8, 0 0 1 3, 8 0 0 0: with the pauses people make.
fn grouped(digits: &[u32], groups: &[usize], lang: Lang) -> String {
    const ZH: [char; 10] = ['零', '幺', '二', '三', '四', '五', '六', '七', '八', '九'];
    let cuts: Vec<usize> = groups
        .iter()
        .scan(0, |at, group| {
            *at += group;
            Some(*at)
        })
        .collect();
    let mut out = String::new();
    for (i, d) in digits.iter().enumerate() {
        match lang {
            Lang::Zh => {
                if cuts.contains(&i) {
                    out.push('，');
                }
                out.push(ZH[*d as usize]);
            }
            Lang::En => {
                if i > 0 {
                    out.push_str(if cuts.contains(&i) { ", " } else { " " });
                }
                out.push_str(&d.to_string());
            }
        }
    }
    out
}

fn step(tokens: &[Token], at: usize, lang: Lang) -> Option<(String, usize)> {
    let token = tokens.get(at)?;
    if token.form.chars().all(|c| c.is_ascii_digit()) {
        // 3个8
        if lang == Lang::Zh
            && tokens.get(at + 1).is_some_and(|t| t.form == "个")
            && let (Ok(times @ 2..=9), Some((digit, end))) =
                (token.form.parse::<usize>(), one(tokens, at + 2, lang))
        {
            return Some((digit.repeat(times), end));
        }
        return Some((token.form.clone(), at + 1));
    }
    match lang {
        Lang::Zh => {
            let (digit, end) = one(tokens, at, lang)?;
            if tokens.get(end).is_some_and(|t| t.form == "个")
                && let (Ok(times @ 2..=9), Some((digit, end))) =
                    (digit.parse::<usize>(), one(tokens, end + 1, lang))
            {
                return Some((digit.repeat(times), end));
            }
            Some((digit, end))
        }
        Lang::En => match token.form.as_str() {
            "double" => one(tokens, at + 1, lang).map(|(d, end)| (d.repeat(2), end)),
            "triple" => one(tokens, at + 1, lang).map(|(d, end)| (d.repeat(3), end)),
            "dash" | "hyphen" | "area" | "code" | "plus" => step(tokens, at + 1, lang),
            _ => {
                let (digit, end) = one(tokens, at, lang)?;
                // eight hundred
                if tokens.get(end).is_some_and(|t| t.form == "hundred") {
                    Some((digit + "00", end + 1))
                } else {
                    Some((digit, end))
                }
            }
        },
    }
}

fn one(tokens: &[Token], at: usize, lang: Lang) -> Option<(String, usize)> {
    let token = tokens.get(at)?;
    if token.form.chars().all(|c| c.is_ascii_digit()) {
        return Some((token.form.clone(), at + 1));
    }
    match lang {
        Lang::Zh => numeral::zh_digit(token).map(|d| (d.to_string(), at + 1)),
        Lang::En if matches!(token.form.as_str(), "oh" | "o") => Some(("0".to_owned(), at + 1)),
        Lang::En => numeral::en_small(tokens, at).map(|(n, end)| (n.to_string(), end)),
    }
}
