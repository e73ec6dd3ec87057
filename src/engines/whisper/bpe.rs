//! Text to tokens: byte-pair encoding by rank. In this vocabulary a token's id is the rank of the merge that made it, so the
//! token list alone is enough (the scheme of GPT-2's tokenizer, as Whisper uses it).

use super::vocab::Vocab;
use std::collections::HashMap;

/// From bytes to ids.
#[derive(Debug)]
pub struct Encoder {
    ids: HashMap<Vec<u8>, i64>,
}

impl Encoder {
    #[must_use]
    pub fn new(vocab: &Vocab) -> Encoder {
        let ids = vocab
            .all()
            .filter(|(_, bytes)| !bytes.is_empty())
            .map(|(id, bytes)| (bytes.to_vec(), id))
            .collect();
        Encoder { ids }
    }

    /// The tokens of a text as the model was trained to write it. A byte that no token holds (there is none in the real
    /// vocabulary) is left out.
    #[must_use]
    pub fn encode(&self, text: &str) -> Vec<i64> {
        words(text).iter().flat_map(|w| self.merge(w)).collect()
    }

    fn merge(&self, word: &str) -> Vec<i64> {
        if let Some(id) = self.ids.get(word.as_bytes()) {
            return vec![*id];
        }
        let mut parts: Vec<Vec<u8>> = word.bytes().map(|b| vec![b]).collect();
        loop {
            let best = parts
                .windows(2)
                .enumerate()
                .filter_map(|(i, pair)| Some((*self.ids.get(&pair.concat())?, i)))
                .min();
            let Some((_, at)) = best else { break };
            let right = parts.remove(at + 1);
            parts[at].extend(right);
        }
        parts
            .iter()
            .filter_map(|p| self.ids.get(p).copied())
            .collect()
    }
}

/// Cuts as GPT-2's pattern does: runs of letters, of digits or of marks, each with one space in front of it; English
/// contractions apart. Merges never cross these borders.
fn words(text: &str) -> Vec<String> {
    #[derive(PartialEq, Clone, Copy)]
    enum Kind {
        Letter,
        Digit,
        Mark,
        Space,
    }
    let kind = |c: char| match c {
        c if c.is_whitespace() => Kind::Space,
        c if c.is_numeric() => Kind::Digit,
        c if c.is_alphabetic() => Kind::Letter,
        _ => Kind::Mark,
    };
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        let rest: String = chars[at..].iter().take(3).collect();
        if let Some(c) = ["'re", "'ve", "'ll", "'s", "'t", "'m", "'d"]
            .iter()
            .find(|c| rest.starts_with(**c))
        {
            at += c.len();
        } else {
            // One plain space belongs to the word behind it.
            if chars[at] == ' ' && chars.get(at + 1).is_some_and(|c| kind(*c) != Kind::Space) {
                at += 1;
            }
            let run = kind(chars[at]);
            while at < chars.len() && kind(chars[at]) == run {
                at += 1;
            }
            // The last space of a longer gap goes to the next word.
            if run == Kind::Space && at < chars.len() && at - start > 1 && chars[at - 1] == ' ' {
                at -= 1;
            }
        }
        out.push(chars[start..at].iter().collect());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_where_merges_must_stop() {
        assert_eq!(
            words(" I'm at 3pm, ok"),
            [" I", "'m", " at", " 3", "pm", ",", " ok"]
        );
        assert_eq!(words("以下是普通话的句子。"), ["以下是普通话的句子", "。"]);
        assert_eq!(words("a  b"), ["a", " ", " b"]);
    }
}
