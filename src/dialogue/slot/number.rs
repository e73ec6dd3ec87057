//! Counts, sizes and amounts of money.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::numeral::{self, Numeral};
use super::{Filled, correction};
use crate::dialogue::intent::text::{self, Token};
use crate::terms::Lang;

/// The first number within the bounds, or the one said after a correction.
pub(super) fn fill(
    tokens: &[Token],
    lang: Lang,
    min: Option<f64>,
    max: Option<f64>,
) -> Option<Filled> {
    let fits = |n: &(usize, Numeral)| {
        min.is_none_or(|m| n.1.value >= m) && max.is_none_or(|m| n.1.value <= m)
    };
    let found = all(tokens, lang);
    let corrected = correction::after(tokens, lang);
    let (begin, n) = found
        .iter()
        .filter(|n| fits(n))
        .find(|n| n.0 >= corrected)
        .or_else(|| found.iter().find(|n| fits(n)))?;
    let end =
        (n.end + usize::from(lang == Lang::Zh && is_measure(tokens.get(n.end)))).min(tokens.len());
    Some(Filled {
        value: plain(n.value),
        evidence: text::surface(&tokens[*begin..end]),
    })
}

/// 35000, 3.5: no exponent, no trailing zeros.
pub(super) fn plain(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else {
        format!("{value}")
    }
}

fn all(tokens: &[Token], lang: Lang) -> Vec<(usize, Numeral)> {
    let mut out: Vec<(usize, Numeral)> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let read = if is_empty_word(tokens, i, lang) {
            None
        } else {
            numeral::at(tokens, i, lang)
        };
        let Some(mut n) = read else {
            i += 1;
            continue;
        };
        if lang == Lang::Zh
            && is_measure(tokens.get(n.end))
            && tokens.get(n.end + 1).is_some_and(|t| t.form == "半")
        {
            n.value += 0.5;
            n.end += 2;
        }
        // 三到五万, twenty to thirty thousand: the first number has the second's multiplier.
        if let Some((_, before)) = out.last_mut()
            && before.end + 1 == i
            && matches!(
                tokens[i - 1].form.as_str(),
                "到" | "至" | "或" | "to" | "or"
            )
            && n.scale > before.scale
            && before.value < n.scale
            && n.scale >= 1000.0
        {
            before.value *= n.scale;
        }
        let begin = i;
        i = n.end.max(i + 1);
        out.push((begin, n));
    }
    out
}

fn is_measure(token: Option<&Token>) -> bool {
    token.is_some_and(|t| {
        matches!(
            t.form.as_str(),
            "岁" | "年" | "个" | "平" | "米" | "层" | "间" | "块" | "元" | "口" | "套" | "万"
        )
    })
}

/// A number word that counts nothing: 一下, 一般, `no one`, `one moment`.
fn is_empty_word(tokens: &[Token], at: usize, lang: Lang) -> bool {
    let next = tokens.get(at + 1).map_or("", |t| t.form.as_str());
    let before = at.checked_sub(1).map_or("", |b| tokens[b].form.as_str());
    match lang {
        Lang::Zh => {
            tokens[at].form == "一"
                && (matches!(
                    next,
                    "下" | "些"
                        | "般"
                        | "样"
                        | "起"
                        | "直"
                        | "定"
                        | "边"
                        | "点"
                        | "会"
                        | "旦"
                        | "切"
                        | "共"
                        | "家"
                        | "方"
                        | "遍"
                ) || matches!(before, "万" | "第"))
        }
        Lang::En => {
            tokens[at].form == "one"
                && (matches!(
                    before,
                    "no" | "that" | "the" | "this" | "any" | "another" | "which" | "every"
                ) || matches!(
                    next,
                    "moment" | "second" | "sec" | "minute" | "thing" | "question" | "more"
                ))
        }
    }
}
