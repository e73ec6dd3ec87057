//! Whisper's tokens: ids of the control tokens, and the bytes behind the text tokens.

use super::recipe::Style;
use crate::engines::runtime::EngineError;
use crate::terms::Lang;
use std::path::Path;

pub const END: i64 = 50257;
pub const START: i64 = 50258;
pub const TRANSCRIBE: i64 = 50359;
pub const PREVIOUS: i64 = 50361;
pub const NO_SPEECH: i64 = 50362;
pub const NO_TIMESTAMPS: i64 = 50363;
/// A lone space; never a first token.
pub const BLANK: i64 = 220;

/// "以下是普通话的句子。": in front of Mandarin it turns most traditional output into simplified.
pub const ZH_PROMPT: &str = "以下是普通话的句子。";
/// The tokens of [`ZH_PROMPT`]; loading a vocabulary checks that they spell it.
const ZH_PROMPT_IDS: [i64; 10] = [
    3588, 4438, 1541, 29993, 19550, 21596, 1546, 34592, 7626, 1543,
];

/// Text tokens by id.
#[derive(Debug)]
pub struct Vocab {
    bytes: Vec<Vec<u8>>,
}

impl Vocab {
    /// Reads `tokens.txt`: one token a line, its bytes in base64, a space, its id.
    pub fn read(path: &Path) -> Result<Self, EngineError> {
        let text = std::fs::read_to_string(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => EngineError::Missing(path.to_owned()),
            _ => EngineError::Unreadable {
                path: path.to_owned(),
                why: e.to_string(),
            },
        })?;
        Self::parse(&text).map_err(|why| EngineError::WrongModel {
            path: path.to_owned(),
            why,
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut bytes = vec![Vec::new(); END as usize];
        for (i, line) in text.lines().enumerate() {
            let bad = || {
                format!(
                    "line {}: expected base64, a space and an id below {END}",
                    i + 1
                )
            };
            let (code, id) = line.rsplit_once(' ').ok_or_else(bad)?;
            let id: usize = id.parse().map_err(|_| bad())?;
            *bytes.get_mut(id).ok_or_else(bad)? = base64(code).ok_or_else(bad)?;
        }
        let vocab = Vocab { bytes };
        let spelled = vocab.text(&ZH_PROMPT_IDS);
        if spelled != ZH_PROMPT {
            return Err(format!(
                "the prompt's tokens spell {spelled:?}, not {ZH_PROMPT:?}"
            ));
        }
        Ok(vocab)
    }

    /// Every text token with its bytes.
    pub fn all(&self) -> impl Iterator<Item = (i64, &[u8])> {
        (0i64..).zip(self.bytes.iter().map(Vec::as_slice))
    }

    /// The text of a whole token string. Single tokens may be parts of a character.
    #[must_use]
    pub fn text(&self, ids: &[i64]) -> String {
        let bytes: Vec<u8> = ids
            .iter()
            .filter_map(|id| self.bytes.get(usize::try_from(*id).ok()?))
            .flatten()
            .copied()
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// What stands before the text.
#[must_use]
pub fn opening(lang: Lang, style: Style) -> Vec<i64> {
    let mut ids = Vec::with_capacity(16);
    if lang == Lang::Zh && style == Style::Written {
        ids.push(PREVIOUS);
        ids.extend(ZH_PROMPT_IDS);
    }
    let language = match lang {
        Lang::En => 50259,
        Lang::Zh => 50260,
    };
    ids.extend([START, language, TRANSCRIBE, NO_TIMESTAMPS]);
    ids
}

/// RFC 4648 base64 with padding; the empty token is written as a lone `=`.
fn base64(code: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(code.len() * 3 / 4);
    let (mut word, mut bits) = (0u32, 0);
    for c in code.bytes().take_while(|c| *c != b'=') {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        word = (word << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_written_in_the_rfc() {
        assert_eq!(base64("Zm9vYmFy").unwrap(), b"foobar");
        assert_eq!(base64("Zm9vYg==").unwrap(), b"foob");
        assert_eq!(base64("=").unwrap(), b"");
        assert!(base64("*").is_none());
    }

    #[test]
    fn a_broken_token_file_is_refused_with_its_line() {
        let e = Vocab::parse("IQ== 0\nnonsense\n").unwrap_err();
        assert!(e.starts_with("line 2"), "{e}");
        let e = Vocab::parse("IQ== 0\n").unwrap_err();
        assert!(e.contains("spell"), "{e}");
    }
}
