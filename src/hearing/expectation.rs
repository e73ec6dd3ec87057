//! Which expected phrases a recognised text comes close to. A hint that stands beside the free text and never replaces it:
//! a text that fits nothing yields nothing.
//!
//! Mandarin is compared by syllables without tones, since half of a recogniser's character errors are homophones; English
//! by words, each by its letters. The cost of a wrong syllable is smaller for pairs that telephone and accent confuse.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::Phrase;
use pinyin::ToPinyin;

/// An expected phrase and how surely the text is it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    pub phrase: String,
    /// 0..=1. 1 means the same words; under [`LEAST`] a phrase is not reported.
    pub confidence: f32,
}

/// Phrases less alike than this are not candidates.
pub const LEAST: f32 = 0.3;

/// The closest phrases, best first, at most `at_most`. Ties keep the order of `phrases`.
#[must_use]
pub fn closest(text: &str, phrases: &[Phrase], at_most: usize) -> Vec<Scored> {
    let heard = tokens(text);
    if heard.is_empty() {
        return Vec::new();
    }
    let mut scored: Vec<Scored> = phrases
        .iter()
        .map(|p| Scored {
            phrase: p.text.clone(),
            confidence: confidence(&heard, &tokens(&p.text)),
        })
        .filter(|s| s.confidence >= LEAST)
        .collect();
    scored.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    scored.truncate(at_most);
    scored
}

/// The phrases that sound most like the text, as their places in `phrases` with how alike they sound (0..=1), best first, at
/// most `at_most`: those worth holding against the sound itself. Nothing is left out for being unlike: a recogniser may
/// write anything for one short word.
#[must_use]
pub fn shortlist(text: &str, phrases: &[Phrase], at_most: usize) -> Vec<(usize, f32)> {
    let heard = tokens(text);
    let mut found: Vec<(usize, f32)> = phrases
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let phrase = tokens(&p.text);
            let longer = heard.len().max(phrase.len()).max(1);
            (i, 1.0 - distance(&heard, &phrase, false) / longer as f32)
        })
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.truncate(at_most);
    found
}

/// The sounds of a text: one toneless syllable per Han character, one lower-case word per run of other letters, one digit each.
#[must_use]
pub fn tokens(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        let syllable = c.to_pinyin().map(|p| p.plain().to_owned());
        let digit = c.is_ascii_digit();
        // don't and dont are one word.
        if c == '\'' {
            continue;
        }
        if syllable.is_none() && !digit && c.is_alphanumeric() {
            word.extend(c.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if let Some(s) = syllable {
            out.push(s);
        } else if digit {
            out.push(DIGITS[(c as u8 - b'0') as usize].to_owned());
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// Digits sound alike however they are written, in the language that spells them out by characters.
const DIGITS: [&str; 10] = [
    "ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu",
];

fn confidence(heard: &[String], phrase: &[String]) -> f32 {
    if phrase.is_empty() {
        return 0.0;
    }
    let whole = 1.0 - distance(heard, phrase, false) / heard.len().max(phrase.len()) as f32;
    // The phrase inside a longer sentence: worth less the more is said around it, and nothing for one-syllable phrases,
    // which hide everywhere (好 in 不好).
    let inside = if phrase.len() >= 2 && heard.len() > phrase.len() {
        let alike = 1.0 - distance(heard, phrase, true) / phrase.len() as f32;
        let cover = phrase.len() as f32 / heard.len() as f32;
        alike * (0.7 + 0.25 * cover)
    } else {
        0.0
    };
    // Half alike is chance; below it there is no evidence at all.
    ((whole.max(inside) - 0.4) / 0.6).clamp(0.0, 1.0)
}

/// Edit distance in tokens; `anywhere` lets the phrase begin and end anywhere in what was heard.
fn distance(heard: &[String], phrase: &[String], anywhere: bool) -> f32 {
    let mut row: Vec<f32> = (0..=phrase.len()).map(|j| j as f32).collect();
    let mut best = row[phrase.len()];
    for (i, h) in heard.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = if anywhere { 0.0 } else { (i + 1) as f32 };
        for (j, p) in phrase.iter().enumerate() {
            let change = diagonal + substitution(h, p);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1.0).min(row[j] + 1.0);
        }
        best = best.min(row[phrase.len()]);
    }
    if anywhere { best } else { row[phrase.len()] }
}

/// 0 for the same sound, 1 for a wholly different one.
fn substitution(a: &str, b: &str) -> f32 {
    if a == b {
        return 0.0;
    }
    if blur(a) == blur(b) {
        return 0.25;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let letters = letter_distance(&a, &b) as f32 / a.len().max(b.len()) as f32;
    // A letter or two of a long word may be wrong; short syllables differ by one letter and mean other things.
    if a.len().min(b.len()) >= 5 {
        letters
    } else {
        (0.4 + letters).min(1.0)
    }
}

/// Folds what accents and telephones confuse: zh/z, ch/c, sh/s, n/l, f/h, -ng/-n.
fn blur(syllable: &str) -> String {
    let mut s = syllable
        .replace("zh", "z")
        .replace("ch", "c")
        .replace("sh", "s");
    if let Some(stem) = s.strip_suffix("ng") {
        s = format!("{stem}n");
    }
    if let Some(tail) = s.strip_prefix('l') {
        s = format!("n{tail}");
    }
    s
}

fn letter_distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(text: &str, phrases: &[&str]) -> Option<(String, f32)> {
        let p: Vec<Phrase> = phrases
            .iter()
            .map(|s| Phrase {
                text: (*s).to_owned(),
                meaning: (*s).to_owned(),
            })
            .collect();
        closest(text, &p, 1).pop().map(|s| (s.phrase, s.confidence))
    }

    #[test]
    fn homophones_are_the_phrase_itself() {
        let (p, c) = best("是听课", &["试听课", "没有时间", "不需要"]).unwrap();
        assert_eq!(p, "试听课");
        assert!(c > 0.99, "{c}");
    }

    #[test]
    fn a_phrase_inside_a_sentence_is_found_with_less_confidence() {
        let phrases = ["没有时间", "不需要", "多少钱"];
        let (p, c) = best("我最近真的没有时间", &phrases).unwrap();
        assert_eq!(p, "没有时间");
        assert!((0.4..0.95).contains(&c), "{c}");
    }

    #[test]
    fn what_fits_nothing_yields_nothing() {
        assert_eq!(
            best("今天天气预报说会下雨", &["试听课", "不需要", "多少钱"]),
            None
        );
        assert_eq!(
            best(
                "the weather is nice today",
                &["call me back", "not interested"]
            ),
            None
        );
        assert_eq!(best("", &["好"]), None);
        assert_eq!(best("不好", &["好"]).map(|b| b.1 > 0.5), None);
    }

    #[test]
    fn english_stands_a_wrong_letter() {
        let (p, c) = best("im not intrested", &["I'm not interested", "call me back"]).unwrap();
        assert_eq!(p, "I'm not interested");
        assert!(c > 0.7, "{c}");
    }

    #[test]
    fn digits_match_however_they_are_written() {
        assert!(best("三点", &["3点", "5点"]).unwrap().1 > 0.99);
    }
}
