//! Mandarin: the most probable cut into words, then each word's own reading. Words are separated by a space and keep their
//! dictionary tones, as in the text the voices were trained on; tone sandhi is the voice's own doing.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::PhonemeError;
use super::table::Table;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A user's word is taken wherever it occurs, hence as likely as the commonest ones.
const USER_FREQUENCY: f64 = 1e6;

#[derive(Clone)]
pub(super) struct Mandarin {
    words: Table,
    pinyin: Table,
    /// Word → symbols.
    own: Arc<BTreeMap<String, String>>,
    log_total: f64,
}

impl Mandarin {
    pub(super) fn new(words: Table, pinyin: Table) -> Result<Mandarin, PhonemeError> {
        let mut total: u64 = 0;
        for (i, line) in words.lines().enumerate() {
            total += frequency(line).ok_or_else(|| {
                words.bad(i + 1, "wanted word, frequency and pinyin between tabs")
            })?;
        }
        Ok(Mandarin {
            words,
            pinyin,
            own: Arc::default(),
            log_total: (total as f64).ln(),
        })
    }

    pub(super) fn add(&mut self, word: &str, symbols: String) {
        Arc::make_mut(&mut self.own).insert(word.to_owned(), symbols);
    }

    /// The symbols of a run of Chinese characters.
    pub(super) fn speak(&self, run: &str) -> String {
        let mut out = String::new();
        for word in self.segment(run) {
            let symbols = self.word(word);
            if !symbols.is_empty() {
                super::add_word(&mut out, &symbols);
            }
        }
        out
    }

    /// The symbols of `ni3 hao3`; `None` when something in it is not a syllable.
    pub(super) fn syllables(&self, pinyin: &str) -> Option<String> {
        pinyin
            .split_whitespace()
            .map(|syllable| self.pinyin.get(syllable))
            .collect()
    }

    /// The cut whose words' probabilities multiply to the most; between equals the one with the shorter first word.
    fn segment<'t>(&self, run: &'t str) -> Vec<&'t str> {
        // Byte offsets of the characters, with the end.
        let at: Vec<usize> = run
            .char_indices()
            .map(|(i, _)| i)
            .chain([run.len()])
            .collect();
        let n = at.len() - 1;
        let mut best = vec![(0.0_f64, n); n + 1];
        for i in (0..n).rev() {
            let mut choice: Option<(f64, usize)> = None;
            for j in i + 1..=n {
                let (found, longer) = self.look_up(&run[at[i]..at[j]]);
                if found.is_some() || j == i + 1 {
                    let score = found.unwrap_or(0.0) - self.log_total + best[j].0;
                    if choice.is_none_or(|(top, _)| score > top) {
                        choice = Some((score, j));
                    }
                }
                if !longer {
                    break;
                }
            }
            best[i] = choice.unwrap_or((0.0, i + 1));
        }
        let mut words = Vec::new();
        let mut i = 0;
        while i < n {
            words.push(&run[at[i]..at[best[i].1]]);
            i = best[i].1;
        }
        words
    }

    /// The logarithm of a word's frequency, and whether longer words may begin with it.
    fn look_up(&self, word: &str) -> (Option<f64>, bool) {
        let line = self.words.at_or_after(word).filter(|l| l.starts_with(word));
        let mut found = line
            .filter(|l| l.as_bytes().get(word.len()) == Some(&b'\t'))
            .and_then(|l| frequency(l.as_bytes()))
            .map(|f| (f as f64).ln());
        let mut longer = line.is_some();
        if let Some((own, _)) = self.own.range(word.to_owned()..).next()
            && own.starts_with(word)
        {
            longer = true;
            if own == word {
                found = Some(USER_FREQUENCY.ln());
            }
        }
        (found, longer)
    }

    fn word(&self, word: &str) -> String {
        if let Some(symbols) = self.own.get(word) {
            return symbols.clone();
        }
        let pinyin = self.words.get(word).and_then(|rest| rest.split_once('\t'));
        pinyin
            .map(|(_, pinyin)| {
                pinyin
                    .split(' ')
                    .filter_map(|syllable| self.pinyin.get(syllable))
                    .collect()
            })
            .unwrap_or_default()
    }
}

/// The number between the first and the second tab.
fn frequency(line: &[u8]) -> Option<u64> {
    let from = line.iter().position(|b| *b == b'\t')? + 1;
    let to = from + line[from..].iter().position(|b| *b == b'\t')?;
    std::str::from_utf8(&line[from..to]).ok()?.parse().ok()
}
