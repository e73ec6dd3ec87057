//! One of several things: by its phrases, by their sound, by its place (第二个, the first one), at last by likeness of sound.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Choice, Filled};
use crate::dialogue::intent::negation;
use crate::dialogue::intent::text::{self, Token};
use crate::terms::Lang;

pub(super) fn fill(choices: &[Choice], tokens: &[Token], lang: Lang) -> Option<Filled> {
    let found =
        by_phrase(choices, tokens, lang, false).or_else(|| by_phrase(choices, tokens, lang, true));
    let (choice, begin, end) = found
        .or_else(|| by_place(choices, tokens, lang))
        .or_else(|| by_likeness(choices, tokens, lang))?;
    Some(Filled {
        value: choices[choice].value.clone(),
        evidence: text::surface(&tokens[begin..end]),
    })
}

/// The longest phrase that stands in the reply and is not refused there (不要A要B).
fn by_phrase(
    choices: &[Choice],
    tokens: &[Token],
    lang: Lang,
    sound: bool,
) -> Option<(usize, usize, usize)> {
    let mut best: Option<(usize, usize, usize)> = None;
    for (c, choice) in choices.iter().enumerate() {
        for phrase in choice.phrases.iter().chain([&choice.value]) {
            let want = text::tokens(phrase, lang);
            if want.is_empty() || want.len() > tokens.len() || (sound && want.len() < 2) {
                continue;
            }
            for begin in 0..=tokens.len() - want.len() {
                let end = begin + want.len();
                let fits = tokens[begin..end]
                    .iter()
                    .zip(&want)
                    .all(|(t, w)| t.form == w.form || (sound && t.sound == w.sound));
                let refused = tokens[begin.saturating_sub(2)..begin]
                    .iter()
                    .any(|t| negation::negates(t, lang))
                    && !want.iter().any(|w| negation::negates(w, lang));
                if fits && !refused && best.is_none_or(|(_, b, e)| want.len() > e - b) {
                    best = Some((c, begin, end));
                }
            }
        }
    }
    best
}

fn by_place(choices: &[Choice], tokens: &[Token], lang: Lang) -> Option<(usize, usize, usize)> {
    let zh: &[(&str, usize)] = &[
        ("第一", 0),
        ("第二", 1),
        ("第三", 2),
        ("第四", 3),
        ("前者", 0),
        ("前一个", 0),
        ("前面那个", 0),
        ("后者", 1),
        ("后一个", 1),
        ("后面那个", 1),
        ("第1", 0),
        ("第2", 1),
        ("第3", 2),
    ];
    let en: &[(&str, usize)] = &[
        ("first", 0),
        ("second", 1),
        ("third", 2),
        ("fourth", 3),
        ("former", 0),
        ("latter", 1),
        ("number one", 0),
        ("number two", 1),
        ("number three", 2),
    ];
    let list = match lang {
        Lang::Zh => zh,
        Lang::En => en,
    };
    if let Some(last) = place(tokens, if lang == Lang::Zh { "最后" } else { "last" }, lang) {
        return choices.len().checked_sub(1).map(|c| (c, last.0, last.1));
    }
    list.iter().find_map(|(word, c)| {
        let (begin, end) = place(tokens, word, lang)?;
        (*c < choices.len()).then_some((*c, begin, end))
    })
}

fn place(tokens: &[Token], word: &str, lang: Lang) -> Option<(usize, usize)> {
    let want = text::tokens(word, lang);
    (0..(tokens.len() + 1).saturating_sub(want.len()))
        .find(|&b| {
            tokens[b..b + want.len()]
                .iter()
                .zip(&want)
                .all(|(t, w)| t.form == w.form)
        })
        .map(|b| (b, b + want.len()))
}

/// A misheard phrase: letters of the sounds, three quarters alike, and clearly more alike than any other choice's.
fn by_likeness(choices: &[Choice], tokens: &[Token], lang: Lang) -> Option<(usize, usize, usize)> {
    const ALIKE: f32 = 0.74;
    const AHEAD: f32 = 0.1;
    let mut best = vec![(0f32, 0usize, 0usize); choices.len()];
    for (c, choice) in choices.iter().enumerate() {
        for phrase in &choice.phrases {
            let want = text::tokens(phrase, lang);
            let sound = text::sound_key(&want);
            if sound.len() < 5 {
                continue;
            }
            for len in want.len().saturating_sub(1).max(1)..=want.len() + 1 {
                for begin in 0..(tokens.len() + 1).saturating_sub(len) {
                    let stretch = &tokens[begin..begin + len];
                    if stretch.iter().any(|t| negation::negates(t, lang)) {
                        continue;
                    }
                    let likeness = likeness(&sound, &text::sound_key(stretch));
                    if likeness > best[c].0 {
                        best[c] = (likeness, begin, begin + len);
                    }
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..choices.len()).collect();
    order.sort_by(|a, b| best[*b].0.total_cmp(&best[*a].0));
    let first = *order.first()?;
    let second = order.get(1).map_or(0.0, |s| best[*s].0);
    (best[first].0 >= ALIKE && best[first].0 - second >= AHEAD)
        .then(|| (first, best[first].1, best[first].2))
}

/// One minus the edit distance over the longer length.
fn likeness(a: &str, b: &str) -> f32 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    1.0 - row[b.len()] as f32 / a.len().max(b.len()).max(1) as f32
}
