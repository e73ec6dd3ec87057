//! People correct themselves: 周三，不对，周四; three, no, four. What follows the correction counts.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::intent::text::{Token, form_key};
use crate::terms::Lang;

const ZH: &[&str] = &[
    "不对",
    "说错",
    "错了",
    "哦不",
    "应该是",
    "改成",
    "改到",
    "还是",
    "不是",
    "而是",
];
const EN: &[&str] = &[
    "no wait",
    "wait no",
    "actually",
    "i mean",
    "scratch that",
    "make it",
    "make that",
    "or rather",
    "sorry",
    "no",
    "but",
];

/// The first token after the last correction, 0 without one.
pub(super) fn after(tokens: &[Token], lang: Lang) -> usize {
    let words = match lang {
        Lang::Zh => ZH,
        Lang::En => EN,
    };
    (0..tokens.len())
        .rev()
        .find_map(|i| {
            (1..=3).find_map(|n| {
                (i + n <= tokens.len() && words.contains(&form_key(&tokens[i..i + n]).as_str()))
                    .then_some(i + n)
            })
        })
        .map(|i| after_is(tokens, i))
        .filter(|&i| i < tokens.len())
        .unwrap_or(0)
}

/// 不是三个是两个: the correction ends at the second 是.
fn after_is(tokens: &[Token], at: usize) -> usize {
    let denied = at >= 2 && form_key(&tokens[at - 2..at]) == "不是";
    let is = (at..tokens.len()).find(|&i| tokens[i].form == "是");
    if denied { is.map_or(at, |i| i + 1) } else { at }
}
