//! Whether a string of digits is all there.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::{DigitField, Lang};

/// The digits in a text, in order, however they are written: figures, 一二三 and 幺, "one two oh", "double five".
#[must_use]
pub fn digits(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let mut times = 1;
    for c in text.to_lowercase().chars().chain([' ']) {
        if c.is_ascii_alphabetic() {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            match word.as_str() {
                "double" => times = 2,
                "triple" => times = 3,
                w => {
                    if let Some(d) = EN.iter().find(|(name, _)| *name == w).map(|(_, d)| *d) {
                        out.extend(std::iter::repeat_n(d, times));
                    }
                    times = 1;
                }
            }
            word.clear();
        }
        let digit = if c.is_ascii_digit() {
            Some(c)
        } else {
            ZH.iter().find(|(name, _)| *name == c).map(|(_, d)| *d)
        };
        out.extend(digit);
    }
    out
}

/// True when nothing more can follow: as many digits as the field takes, or as a telephone number of the language's main countries
/// has (11 for a Chinese mobile number, 10 or, behind a 1, 11 in North America).
#[must_use]
pub fn complete(digits: &str, field: DigitField, lang: Lang) -> bool {
    let n = digits.len();
    if n >= usize::from(field.most) {
        return true;
    }
    if n < usize::from(field.least) || field.least == field.most {
        return false;
    }
    match lang {
        Lang::Zh => n == 11 && digits.starts_with('1'),
        Lang::En => n == 10 && !digits.starts_with(['0', '1']),
    }
}

/// True when one digit is missing to a complete number of usual length.
#[must_use]
pub fn nearly(digits: &str, field: DigitField, lang: Lang) -> bool {
    let n = digits.len() + 1;
    if field.least == field.most {
        return n == usize::from(field.most);
    }
    match lang {
        Lang::Zh => n == 11,
        Lang::En => n == 10,
    }
}

const ZH: [(char, char); 13] = [
    ('零', '0'),
    ('〇', '0'),
    ('一', '1'),
    ('幺', '1'),
    ('二', '2'),
    ('两', '2'),
    ('三', '3'),
    ('四', '4'),
    ('五', '5'),
    ('六', '6'),
    ('七', '7'),
    ('八', '8'),
    ('九', '9'),
];

const EN: [(&str, char); 12] = [
    ("zero", '0'),
    ("oh", '0'),
    ("o", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
];

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: DigitField = DigitField { least: 7, most: 12 };

    #[test]
    fn digits_are_found_however_they_are_written() {
        for (text, want) in [
            ("一三八零零一三八零零零", "13800138000"),
            ("幺八六, 2210 3345", "18622103345"),
            ("two oh two, five five five 0100", "2025550100"),
            ("double five, triple seven", "55777"),
            ("我的号码是", ""),
        ] {
            assert_eq!(digits(text), want, "{text}");
        }
    }

    #[test]
    fn a_number_is_complete_when_no_more_can_follow() {
        let c = |d: &str, lang| complete(d, PHONE, lang);
        assert!(c("13800138000", Lang::Zh));
        assert!(!c("1380013", Lang::Zh), "four more may follow");
        assert!(!c("01062785566", Lang::Zh), "some have one more");
        assert!(c("010627855660", Lang::Zh));
        assert!(c("2025550100", Lang::En));
        assert!(!c("5550100", Lang::En));
        let nearly = |d: &str, lang| nearly(d, PHONE, lang);
        assert!(nearly("1380013800", Lang::Zh) && !nearly("1380013", Lang::Zh));
        assert!(nearly("202555010", Lang::En) && !nearly("202555", Lang::En));
        let code = DigitField { least: 6, most: 6 };
        assert!(complete("135790", code, Lang::En));
        assert!(!complete("13579", code, Lang::En));
    }
}
