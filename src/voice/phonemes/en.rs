//! English: the dictionary first, then endings, compounds, spelling out, and plain letter-to-sound rules as a last resort.
//! No part of speech is known, so "use", "live" and "record" take the commoner reading.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Token;
use super::table::Table;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A capital here is one of misaki's diphthongs: A as in day, I my, O go, Q (British go), W how, Y boy.
const VOWELS: &str = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐ";

/// Longest spellings first where one begins with another.
const LETTER_SOUNDS: &[(&str, &str)] = &[
    ("tion", "ʃᵊn"),
    ("sion", "ʒᵊn"),
    ("igh", "I"),
    ("tch", "ʧ"),
    ("sch", "ʃ"),
    ("ch", "ʧ"),
    ("sh", "ʃ"),
    ("th", "θ"),
    ("ph", "f"),
    ("wh", "w"),
    ("ck", "k"),
    ("ng", "ŋ"),
    ("qu", "kw"),
    ("oo", "u"),
    ("ee", "i"),
    ("ea", "i"),
    ("ou", "W"),
    ("ow", "O"),
    ("ai", "A"),
    ("ay", "A"),
    ("oi", "Y"),
    ("oy", "Y"),
    ("au", "ɔ"),
    ("aw", "ɔ"),
    ("ar", "ɑɹ"),
    ("er", "əɹ"),
    ("or", "ɔɹ"),
    ("ir", "ɜɹ"),
    ("ur", "ɜɹ"),
    ("ie", "i"),
    ("a", "æ"),
    ("b", "b"),
    ("c", "k"),
    ("d", "d"),
    ("e", "ɛ"),
    ("f", "f"),
    ("g", "ɡ"),
    ("h", "h"),
    ("i", "ɪ"),
    ("j", "ʤ"),
    ("k", "k"),
    ("l", "l"),
    ("m", "m"),
    ("n", "n"),
    ("o", "O"),
    ("p", "p"),
    ("r", "ɹ"),
    ("s", "s"),
    ("t", "t"),
    ("u", "ʌ"),
    ("v", "v"),
    ("w", "w"),
    ("x", "ks"),
    ("y", "i"),
    ("z", "z"),
];

#[derive(Clone)]
pub(super) struct English {
    words: Table,
    /// Lower-case word → symbols.
    own: Arc<BTreeMap<String, String>>,
}

/// One English word, as the dictionary may hold it.
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphabetic() || matches!(c, '\'' | '-'))
}

impl English {
    pub(super) fn new(words: Table) -> English {
        English {
            words,
            own: Arc::default(),
        }
    }

    pub(super) fn add(&mut self, word: &str, symbols: String) {
        Arc::make_mut(&mut self.own).insert(word.to_ascii_lowercase(), symbols);
    }

    /// One entry for each token: a Latin word's symbols, nothing for others. A word's sound depends on what follows it.
    pub(super) fn speak(&self, tokens: &[Token]) -> Vec<String> {
        let mut out = vec![String::new(); tokens.len()];
        let mut next = String::new();
        for (slot, token) in out.iter_mut().zip(tokens).rev() {
            next = match token {
                Token::Latin(word) => self.word(word, &next),
                _ => String::new(),
            };
            slot.clone_from(&next);
        }
        out
    }

    /// `next` is the sound of the word behind, empty before a pause.
    fn word(&self, word: &str, next: &str) -> String {
        let lower = word.to_ascii_lowercase();
        if let Some(symbols) = self.own.get(&lower) {
            return symbols.clone();
        }
        let before_vowel = next
            .trim_start_matches(['ˈ', 'ˌ'])
            .starts_with(|c| VOWELS.contains(c));
        match lower.as_str() {
            "the" => return if before_vowel { "ði" } else { "ðə" }.into(),
            "a" if word == "a" => return "ɐ".into(),
            "an" => return "ɐn".into(),
            "to" if !next.is_empty() => return if before_vowel { "tʊ" } else { "tə" }.into(),
            "i" => return "ˌI".into(),
            _ => {}
        }
        if self.is_initials(word, &lower) {
            return self.spell(word);
        }
        if let Some((usual, before_pause)) = self.entry(word) {
            let strong = next.is_empty() && !before_pause.is_empty();
            return if strong { before_pause } else { usual }.to_owned();
        }
        if let Some(symbols) = self.with_ending(&lower) {
            return symbols;
        }
        if word.contains('-') {
            let parts: Vec<String> = word
                .split('-')
                .filter(|part| !part.is_empty())
                .map(|part| self.word(part, "a"))
                .collect();
            return parts.join(" ");
        }
        if let Some(symbols) = self.compound(&lower) {
            return symbols;
        }
        let has_vowel = lower.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        if !has_vowel && lower.len() <= 5 {
            return self.spell(word);
        }
        by_rules(&lower)
    }

    /// Short capitals that are not a word of their own are read letter by letter.
    fn is_initials(&self, word: &str, lower: &str) -> bool {
        let capitals = word.contains(|c: char| c.is_ascii_uppercase())
            && !word.contains(|c: char| c.is_ascii_lowercase());
        capitals
            && (2..=5).contains(&word.len())
            && self.words.get(word).is_none()
            && (word.len() <= 3 || self.entry(lower).is_none())
    }

    /// The usual sound and the one before a pause (may be empty).
    fn entry(&self, word: &str) -> Option<(&str, &str)> {
        let lower = word.to_ascii_lowercase();
        let capital: String = lower
            .char_indices()
            .map(|(i, c)| if i == 0 { c.to_ascii_uppercase() } else { c })
            .collect();
        [word, &lower, &capital]
            .into_iter()
            .filter(|key| key.len() > 1 || *key == word)
            .find_map(|key| self.words.get(key))
            .map(|value| value.split_once('\t').unwrap_or((value, "")))
    }

    /// Letters one by one, the main stress on the last.
    fn spell(&self, word: &str) -> String {
        let letters: String = word
            .chars()
            .filter_map(|c| {
                let symbols = self
                    .words
                    .get(c.to_ascii_uppercase().encode_utf8(&mut [0; 4]))?;
                Some(symbols.split('\t').next()?.replace('ˈ', "ˌ"))
            })
            .collect();
        match letters.rfind('ˌ') {
            Some(at) => format!("{}ˈ{}", &letters[..at], &letters[at + 'ˌ'.len_utf8()..]),
            None => letters,
        }
    }

    /// A known stem with -s, -ed, -ing, -ly, -er or a genitive.
    fn with_ending(&self, lower: &str) -> Option<String> {
        /// How a stem may have been changed: something put back, or a doubled letter halved.
        enum Stem {
            Plus(&'static str),
            Undouble,
        }
        use Stem::{Plus, Undouble};
        type Join = fn(&str) -> String;
        let endings: [(&str, &[Stem], Join); 9] = [
            ("'s", &[Plus("")], plural),
            ("ies", &[Plus("y")], plural),
            ("es", &[Plus(""), Plus("e")], plural),
            ("s", &[Plus("")], plural),
            ("ied", &[Plus("y")], past),
            ("ed", &[Plus(""), Plus("e"), Undouble], past),
            ("ing", &[Plus(""), Plus("e"), Undouble], progressive),
            ("ly", &[Plus("")], |x| format!("{x}li")),
            ("er", &[Plus(""), Plus("e"), Undouble], |x| format!("{x}əɹ")),
        ];
        if lower.ends_with("ss") {
            return None;
        }
        for (ending, stems, join) in endings {
            let Some(cut) = lower.strip_suffix(ending) else {
                continue;
            };
            if cut.len() < 2 {
                continue;
            }
            for stem in stems {
                let stem = match stem {
                    Plus(letter) => format!("{cut}{letter}"),
                    Undouble => match cut.as_bytes() {
                        [.., a, b] if a == b && cut.len() > 2 => cut[..cut.len() - 1].to_owned(),
                        _ => continue,
                    },
                };
                if let Some((symbols, _)) = self.entry(&stem) {
                    return Some(join(symbols));
                }
            }
        }
        None
    }

    /// Two known words of at least three letters written as one.
    fn compound(&self, lower: &str) -> Option<String> {
        (3..lower.len().saturating_sub(2)).find_map(|at| {
            let (head, tail) = (lower.get(..at)?, lower.get(at..)?);
            let (head, tail) = (self.entry(head)?.0, self.entry(tail)?.0);
            Some(format!("{head}{}", tail.replace('ˈ', "ˌ")))
        })
    }
}

fn plural(stem: &str) -> String {
    let ending = match stem.chars().next_back() {
        Some('p' | 't' | 'k' | 'f' | 'θ') => "s",
        Some('s' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ') => "ᵻz",
        _ => "z",
    };
    format!("{stem}{ending}")
}

fn past(stem: &str) -> String {
    match stem.chars().next_back() {
        Some('p' | 'k' | 'f' | 'θ' | 'ʃ' | 's' | 'ʧ') => format!("{stem}t"),
        Some('d') => format!("{stem}ᵻd"),
        Some('t') => format!("{}ᵻd", tapped(stem)),
        _ => format!("{stem}d"),
    }
}

fn progressive(stem: &str) -> String {
    format!("{}ɪŋ", tapped(stem))
}

/// American t between vowels.
fn tapped(stem: &str) -> String {
    let mut before = stem.chars().rev();
    let is_t = before.next() == Some('t');
    let after_vowel = before
        .next()
        .is_some_and(|c| c == 'ɹ' || VOWELS.contains(c));
    if is_t && after_vowel {
        format!("{}ɾ", &stem[..stem.len() - 1])
    } else {
        stem.to_owned()
    }
}

/// Plain letter-to-sound for words nobody knows, stressed on the first vowel.
fn by_rules(lower: &str) -> String {
    let mut word = String::new();
    for c in lower.chars() {
        let double = word.ends_with(c) && c.is_ascii_lowercase() && !"aeiou".contains(c);
        if !double {
            word.push(c);
        }
    }
    if word.len() > 3 && word.ends_with('e') {
        word.pop();
    }
    let mut out = String::new();
    let mut rest = word.as_str();
    while let Some(c) = rest.chars().next() {
        let known = LETTER_SOUNDS.iter().find(|(k, _)| rest.starts_with(k));
        if let Some((_, sound)) = known {
            out.push_str(sound);
        }
        rest = &rest[known.map_or(c.len_utf8(), |(k, _)| k.len())..];
    }
    if let Some(at) = out.find(|c| VOWELS.contains(c)) {
        out.insert(at, 'ˈ');
    }
    out
}
