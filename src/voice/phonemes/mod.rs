//! Text to the symbols Kokoro was trained on (misaki's scheme for v1.0): Mandarin by words and pinyin, English by
//! dictionary and rules, both in one sentence. Figures must be words already (see [`super::spoken`]).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod en;
mod table;
mod zh;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use table::Table;
use thiserror::Error;

/// The three tables of a voice's `g2p` folder, as bytes.
#[derive(Clone)]
pub struct Tables {
    /// `word TAB frequency TAB pinyin pinyin…`, sorted by bytes.
    pub zh_words: Arc<[u8]>,
    /// `pinyin TAB symbols`, sorted by bytes.
    pub zh_pinyin: Arc<[u8]>,
    /// `word TAB symbols TAB symbols before a pause or nothing`, sorted by bytes.
    pub en_words: Arc<[u8]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PhonemeError {
    #[error(
        "{table}, line {line}: {what}; the voice's folder is damaged, let scripts/demo build it again"
    )]
    BadTable {
        table: &'static str,
        line: usize,
        what: &'static str,
    },
    #[error("user dictionary: {word:?}: {what}")]
    BadEntry { word: String, what: String },
}

/// Turns text into symbols. Cheap to clone.
#[derive(Clone)]
pub struct Phonemizer {
    zh: zh::Mandarin,
    en: en::English,
}

impl Phonemizer {
    /// Checks the tables once, which takes about 20 ms.
    pub fn new(tables: Tables) -> Result<Phonemizer, PhonemeError> {
        let zh_words = Table::new("zh-words.tsv", tables.zh_words)?;
        let zh_pinyin = Table::new("zh-pinyin.tsv", tables.zh_pinyin)?;
        let en_words = Table::new("en-words.tsv", tables.en_words)?;
        Ok(Phonemizer {
            zh: zh::Mandarin::new(zh_words, zh_pinyin)?,
            en: en::English::new(en_words),
        })
    }

    /// Adds words that a campaign says its own way: the word, and pinyin with tone digits (`ren2 zi5`), or symbols between
    /// slashes (`/hwˈɑwˌA/`), or words that sound like it (`hwah way`, `仁子`). A Mandarin word is Chinese characters only,
    /// an English one a single word.
    pub fn with_words(
        mut self,
        words: &BTreeMap<String, String>,
    ) -> Result<Phonemizer, PhonemeError> {
        for (word, said) in words {
            let symbols = self.reading(word, said)?;
            if !word.is_empty() && word.chars().all(is_han) {
                self.zh.add(word, symbols);
            } else if en::is_word(word) {
                self.en.add(word, symbols);
            } else {
                return Err(PhonemeError::BadEntry {
                    word: word.clone(),
                    what: "give Chinese characters only, or one English word without spaces".into(),
                });
            }
        }
        Ok(self)
    }

    /// The symbols of a text; empty when nothing in it can be said.
    #[must_use]
    pub fn symbols(&self, text: &str) -> String {
        let tokens = tokens(text);
        let english = self.en.speak(&tokens);
        let mut out = String::new();
        for (token, english) in tokens.iter().zip(english) {
            match token {
                Token::Han(run) => add_word(&mut out, &self.zh.speak(run)),
                Token::Latin(_) => add_word(&mut out, &english),
                Token::Mark(mark) => {
                    out.truncate(out.trim_end_matches(' ').len());
                    out.push(*mark);
                    out.push(' ');
                }
                Token::Other => {}
            }
        }
        out.trim_matches(' ').to_owned()
    }

    fn reading(&self, word: &str, said: &str) -> Result<String, PhonemeError> {
        if let Some(symbols) = said.strip_prefix('/').and_then(|s| s.strip_suffix('/'))
            && !symbols.is_empty()
        {
            return Ok(symbols.to_owned());
        }
        let sounds_like = || {
            let plain = |c: char| c.is_ascii_alphabetic() || is_han(c) || " '-".contains(c);
            let symbols = said.chars().all(plain).then(|| self.symbols(said))?;
            // One word, however many it was spelled with.
            Some(symbols.replace(' ', ""))
        };
        self.zh
            .syllables(said)
            .filter(|s| !s.is_empty())
            .or_else(sounds_like)
            .filter(|s| !s.is_empty())
            .ok_or_else(|| PhonemeError::BadEntry {
                word: word.to_owned(),
                what: format!(
                    "{said:?} is neither pinyin with tone digits (ni3 hao3) nor symbols between slashes nor words that sound like it"
                ),
            })
    }
}

/// A stretch of text of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Han(String),
    Latin(String),
    /// Punctuation, already the voice's own sign.
    Mark(char),
    /// Nothing that can be said.
    Other,
}

fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text
        .chars()
        .map(|c| if c == '’' { '\'' } else { c })
        .collect();
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let from = i;
        if is_han(chars[i]) {
            while i < chars.len() && is_han(chars[i]) {
                i += 1;
            }
            out.push(Token::Han(chars[from..i].iter().collect()));
        } else if chars[i].is_ascii_alphabetic() {
            while i < chars.len()
                && (chars[i].is_ascii_alphabetic() || matches!(chars[i], '\'' | '-'))
            {
                i += 1;
            }
            out.push(Token::Latin(chars[from..i].iter().collect()));
            // The point in "U.S.A" is not the end of a sentence.
            let next_is_letter = chars.get(i + 1).is_some_and(char::is_ascii_alphabetic);
            if chars.get(i) == Some(&'.') && next_is_letter {
                i += 1;
            }
        } else {
            if !chars[i].is_whitespace() {
                out.push(mark(chars[i]).map_or(Token::Other, Token::Mark));
            }
            i += 1;
        }
    }
    out
}

fn mark(c: char) -> Option<char> {
    Some(match c {
        '，' | '、' | ',' => ',',
        '。' | '．' | '.' => '.',
        '！' | '!' => '!',
        '？' | '?' => '?',
        '；' | ';' => ';',
        '：' | ':' => ':',
        '（' | '(' => '(',
        '）' | ')' => ')',
        '…' | '—' | '“' | '”' => c,
        _ => return None,
    })
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn add_word(out: &mut String, symbols: &str) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
    out.push_str(symbols);
}
