//! Phone numbers said digit by digit: 幺三八…, 三个八, oh, double five.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Filled, numeral};
use crate::dialogue::intent::text::{self, Token};
use crate::terms::Lang;

/// The longest run of 7 to 15 digits (ITU-T E.164 allows 15).
pub(super) fn fill(tokens: &[Token], lang: Lang) -> Option<Filled> {
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
    (7..=15).contains(&digits.len()).then(|| Filled {
        value: digits,
        evidence: text::surface(&tokens[begin..end]),
    })
}

/// 1 3 8，0 0 1 3，8 0 0 0 in the language's digits, with the pauses people make.
pub(super) fn say(value: &str, lang: Lang) -> String {
    const ZH: [char; 10] = ['零', '幺', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digits: Vec<u32> = value.chars().filter_map(|c| c.to_digit(10)).collect();
    // 3 + 4 + 4 for eleven digits, 3 + 3 + 4 for ten, else from the end in fours.
    let head = if digits.len().is_multiple_of(4) {
        4
    } else {
        digits.len() % 4
    };
    let cuts: Vec<usize> = if digits.len() == 10 {
        vec![3, 6]
    } else {
        (head..digits.len()).step_by(4).collect()
    };
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
