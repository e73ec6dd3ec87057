//! Telephone, card and account numbers in words that leave the machine they were said on: the beginning and the last two
//! digits stay, zeros take the place of the rest, so that a masked number is still read as a number.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// A run of fewer digits is an amount, a date or an age, and stays.
const LEAST: usize = 7;
const HEAD: usize = 3;
const TAIL: usize = 2;

const WORDS: [&str; 11] = [
    "zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];
const HAN: [char; 12] = [
    '零', '〇', '一', '二', '三', '四', '五', '六', '七', '八', '九', '幺',
];

/// The text with every long run of digits masked: figures, 幺三八… and "one three eight …" alike.
#[must_use]
pub fn numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run: Vec<Piece> = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Other(ref s) if !is_joint(s) => {
                close(&mut run, &mut out);
                out.push_str(s);
            }
            piece => run.push(piece),
        }
    }
    close(&mut run, &mut out);
    out
}

/// True when masking changes the text.
#[must_use]
pub fn has_number(text: &str) -> bool {
    numbers(text) != text
}

enum Piece {
    /// One digit as it is written, and what stands for it when masked.
    Digit(String, &'static str),
    Other(String),
}

/// What may stand between two digits of one number.
fn is_joint(s: &str) -> bool {
    matches!(s, " " | "-" | "," | "，" | "." | "、" | "(" | ")" | "+")
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut word = String::new();
    let close = |word: &mut String, out: &mut Vec<Piece>| {
        if word.is_empty() {
            return;
        }
        let said = std::mem::take(word);
        if WORDS.contains(&said.to_ascii_lowercase().as_str()) {
            out.push(Piece::Digit(said, "zero"));
        } else {
            out.push(Piece::Other(said));
        }
    };
    for c in text.chars() {
        if c.is_ascii_alphabetic() {
            word.push(c);
            continue;
        }
        close(&mut word, &mut out);
        if c.is_ascii_digit() {
            out.push(Piece::Digit(c.to_string(), "0"));
        } else if HAN.contains(&c) {
            out.push(Piece::Digit(c.to_string(), "零"));
        } else {
            out.push(Piece::Other(c.to_string()));
        }
    }
    close(&mut word, &mut out);
    out
}

fn close(run: &mut Vec<Piece>, out: &mut String) {
    let count = run.iter().filter(|p| matches!(p, Piece::Digit(..))).count();
    let whole: String = run
        .iter()
        .map(|p| match p {
            Piece::Digit(s, _) | Piece::Other(s) => s.as_str(),
        })
        .collect();
    let is_date = whole.trim().parse::<jiff::civil::Date>().is_ok() && whole.contains('-');
    let mut nth = 0;
    for piece in run.drain(..) {
        match piece {
            Piece::Other(s) => out.push_str(&s),
            Piece::Digit(said, masked) => {
                let open = is_date || count < LEAST || nth < HEAD || nth + TAIL >= count;
                out.push_str(if open { &said } else { masked });
                nth += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_name_a_person_are_masked_and_amounts_are_not() {
        for (text, masked) in [
            ("我电话是13812345678", "我电话是13800000078"),
            ("幺三八幺二三四五六七八，对", "幺三八零零零零零零七八，对"),
            (
                "it is five five five one two three four",
                "it is five five five zero zero three four",
            ),
            ("call 202-555-0143 please", "call 202-000-0043 please"),
            ("大概35000块", "大概35000块"),
            ("2026年11月23号下午三点", "2026年11月23号下午三点"),
            ("2026-11-23T15:00", "2026-11-23T15:00"),
            ("someone phoned", "someone phoned"),
        ] {
            assert_eq!(numbers(text), masked, "{text}");
        }
        assert!(has_number("+8613812345678") && !has_number("三点半"));
    }
}
