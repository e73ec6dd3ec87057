//! Expected phrases as hotwords: which of them a model's tokens can spell, in the form that sherpa-onnx reads. One phrase it cannot
//! spell makes it drop the whole list, so they are sorted out here.

use crate::terms::expectation::Phrase;
use std::collections::BTreeSet;

/// More phrases than this slow every step of the search and help none of them.
const MOST: usize = 100;
/// A long phrase favours its first words long before it is likely.
const LONGEST: usize = 24;

/// What a transducer's tokens can spell.
#[derive(Clone, Debug)]
pub(super) struct Vocabulary {
    chars: Option<BTreeSet<char>>,
    pieces: bool,
}

impl Vocabulary {
    /// `tokens` is the text of tokens.txt; `chars`: Chinese is written character by character; `pieces`: there is a vocabulary
    /// of word pieces for English.
    pub fn new(tokens: &str, chars: bool, pieces: bool) -> Self {
        let single = |line: &str| {
            let mut symbol = line.split(' ').next()?.chars();
            symbol.next().filter(|_| symbol.next().is_none())
        };
        Vocabulary {
            chars: chars.then(|| tokens.lines().filter_map(single).collect()),
            pieces,
        }
    }

    /// sherpa-onnx's name for such tokens.
    pub fn unit(&self) -> &'static str {
        match (&self.chars, self.pieces) {
            (Some(_), true) => "cjkchar+bpe",
            (Some(_), false) => "cjkchar",
            (None, _) => "bpe",
        }
    }

    pub fn pieces(&self) -> bool {
        self.pieces
    }

    /// The phrases it can spell, parted by slashes; `None` where there is none.
    pub fn hotwords(&self, phrases: &[Phrase]) -> Option<String> {
        let mut said = BTreeSet::new();
        let lines: Vec<String> = phrases
            .iter()
            .filter_map(|p| self.spell(&p.text))
            .filter(|l| said.insert(l.clone()))
            .take(MOST)
            .collect();
        (!lines.is_empty()).then(|| lines.join("/"))
    }

    /// Upper case, as the tokens of the published models are; without marks, which nobody says.
    fn spell(&self, phrase: &str) -> Option<String> {
        let mut line = String::new();
        for c in phrase.chars() {
            if self.chars.as_ref().is_some_and(|chars| chars.contains(&c)) && !c.is_ascii() {
                line.push(c);
            } else if self.pieces && (c.is_ascii_alphabetic() || c == '\'') {
                line.push(c.to_ascii_uppercase());
            } else if c.is_alphanumeric() {
                return None;
            } else if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        }
        let line = line.trim_end();
        // A lone letter of a word piece or a lone blank says nothing.
        (!line.is_empty() && line.chars().count() <= LONGEST).then(|| line.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hotwords(vocabulary: &Vocabulary, phrases: &[&str]) -> Option<String> {
        let phrases: Vec<Phrase> = phrases
            .iter()
            .map(|t| Phrase {
                text: (*t).to_owned(),
                meaning: String::new(),
            })
            .collect();
        vocabulary.hotwords(&phrases)
    }

    const TOKENS: &str = "<blk> 0\n好 1\n不 2\n的 3\n\u{2581}HE 4\nA 5\n";

    #[test]
    fn only_phrases_that_the_tokens_can_spell_are_favoured() {
        let v = Vocabulary::new(TOKENS, true, false);
        assert_eq!(v.unit(), "cjkchar");
        let got = hotwords(
            &v,
            &["好的", "好，不好", "我不", "hello", "A", "好的。", ""],
        );
        assert_eq!(got.as_deref(), Some("好的/好 不好"));
        assert_eq!(hotwords(&v, &["我", "hello"]), None);
    }

    #[test]
    fn english_phrases_are_spelled_in_pieces_where_there_are_any() {
        let v = Vocabulary::new(TOKENS, true, true);
        let got = hotwords(&v, &["I don't know!", "好的 ok", "room 5"]);
        assert_eq!(got.as_deref(), Some("I DON'T KNOW/好的 OK"));
        let v = Vocabulary::new(TOKENS, false, true);
        assert_eq!(v.unit(), "bpe");
        assert_eq!(hotwords(&v, &["好的", "yes"]).as_deref(), Some("YES"));
    }
}
