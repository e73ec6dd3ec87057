//! Phone numbers as people write them, into E.164.

use crate::terms::Phone;
use phonenumber::{Mode, country};

/// Why a cell is not a number that can be called.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNumber {
    #[error("Excel has cut this number to a few digits")]
    Scientific,
    #[error("there are letters in this number")]
    Letters,
    #[error("this number has an extension")]
    Extension,
    #[error("this is a short or service number")]
    Short,
    #[error("this is not a number that can be called")]
    Invalid,
    #[error("the country of this number is not known")]
    Country,
}

impl BadNumber {
    /// What the owner of the list can do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            BadNumber::Scientific => {
                "format the column as text in Excel, enter the number again and save; the digits are lost in this file"
            }
            BadNumber::Letters => "write digits only, with + and the country code or without",
            BadNumber::Extension => "extensions cannot be dialled; give a direct number",
            BadNumber::Short => "give a full number; short and emergency numbers are never called",
            BadNumber::Country => "name it with two letters, such as CN, US or GB",
            BadNumber::Invalid => {
                "check for missing or additional digits; numbers of other countries need + and the country code"
            }
        }
    }
}

/// One number in E.164, from any usual way of writing it; `country` (ISO 3166 letters) is for numbers without a code.
///
/// # Errors
/// Why it cannot be called.
pub fn normalise(text: &str, country: &str) -> Result<Phone, BadNumber> {
    let country = country.parse().map_err(|_| BadNumber::Country)?;
    one(&plain(text), country)
}

/// The numbers of a cell: none, one, or several parted by `/`, `;`, `、`, `|` or a comma.
pub(super) fn numbers(text: &str, country: country::Id) -> Result<Vec<Phone>, BadNumber> {
    plain(text)
        .split(['/', ';', '、', '|', ','])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| one(part, country))
        .collect()
}

fn one(text: &str, country: country::Id) -> Result<Phone, BadNumber> {
    if is_scientific(text) {
        return Err(BadNumber::Scientific);
    }
    // A number column that went through a program as floating point: all digits are still there.
    let text = text.strip_suffix(".0").unwrap_or(text);
    let lower = text.to_lowercase();
    let has = |word: &str| lower.contains(word);
    if has("ext") || has("转") || has("分机") || has("#") || has("x") {
        return Err(BadNumber::Extension);
    }
    if text.chars().any(char::is_alphabetic) {
        return Err(BadNumber::Letters);
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let odd = |c: char| !(c.is_ascii_digit() || " +-().·".contains(c));
    if text.chars().any(odd) || digits > 18 {
        return Err(BadNumber::Invalid);
    }
    if digits <= 6 {
        return Err(if digits >= 3 {
            BadNumber::Short
        } else {
            BadNumber::Invalid
        });
    }
    let text: String = text.chars().filter(|c| *c != '·').collect();
    let parsed = valid(&text, country)
        // The country code without its +, as many systems export it.
        .or_else(|| valid(&format!("+{}", text.trim_start()), country))
        .ok_or(BadNumber::Invalid)?;
    Ok(Phone::new(parsed.format().mode(Mode::E164).to_string()))
}

fn valid(text: &str, country: country::Id) -> Option<phonenumber::PhoneNumber> {
    // A number that names its country is not read by another one's rules, which would take a leading 1 for a prefix.
    let country = (!text.starts_with('+')).then_some(country);
    let number = phonenumber::parse(country, text).ok()?;
    phonenumber::is_valid(&number).then_some(number)
}

/// Half-width, and without the marks that make text out of a number.
fn plain(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !super::value::is_invisible(*c))
        .map(half_width)
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let text = text.trim();
    let text = text.strip_prefix('\'').unwrap_or(text);
    text.strip_prefix("tel:").unwrap_or(text).trim().to_owned()
}

/// Full-width forms (U+FF01…U+FF5E) and the dashes of typography to ASCII.
pub(super) fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFF01 + 0x21).unwrap_or(c),
        c => c,
    }
}

fn is_scientific(text: &str) -> bool {
    let Some((head, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, part) = head.split_once('.').unwrap_or((head, "0"));
    digits(exponent) && digits(whole) && digits(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e164(text: &str, country: &str) -> Result<String, BadNumber> {
        normalise(text, country).map(|p| p.full().to_owned())
    }

    #[test]
    fn every_usual_way_to_write_a_number_is_understood() {
        let table = [
            ("13800138000", "CN", "+8613800138000"),
            ("013800138000", "CN", "+8613800138000"),
            ("138-0013-8000", "CN", "+8613800138000"),
            ("138 0013 8000", "CN", "+8613800138000"),
            ("+86 138 0013 8000", "CN", "+8613800138000"),
            ("8613800138000", "CN", "+8613800138000"),
            ("008613800138000", "CN", "+8613800138000"),
            ("１３８００１３８０００", "CN", "+8613800138000"),
            ("'13800138000", "CN", "+8613800138000"),
            ("\u{202D}13800138000\u{202C}", "CN", "+8613800138000"),
            ("13800138000.0", "CN", "+8613800138000"),
            ("（010）6552 9988", "CN", "+861065529988"),
            ("021-61234567", "CN", "+862161234567"),
            ("19912345678", "CN", "+8619912345678"),
            ("(415) 555-2671", "US", "+14155552671"),
            ("1-415-555-2671", "US", "+14155552671"),
            ("415.555.2671", "US", "+14155552671"),
            ("+44 20 7946 0958", "US", "+442079460958"),
            ("+8613800138000", "US", "+8613800138000"),
            ("+86 139 0013 9000", "US", "+8613900139000"),
            ("+1 415 555 2671", "CN", "+14155552671"),
            ("tel:+14155552671", "CN", "+14155552671"),
        ];
        for (text, country, want) in table {
            assert_eq!(e164(text, country).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_called_is_refused_with_a_reason() {
        let table = [
            ("1.38E+10", BadNumber::Scientific),
            ("1.38001e10", BadNumber::Scientific),
            ("110", BadNumber::Short),
            ("95588", BadNumber::Short),
            ("13800abc000", BadNumber::Letters),
            ("李雷", BadNumber::Letters),
            ("010-65529988转123", BadNumber::Extension),
            ("010-65529988 ext 123", BadNumber::Extension),
            ("1380013800", BadNumber::Invalid),
            ("138001380001", BadNumber::Invalid),
            ("+", BadNumber::Invalid),
            ("123456789012345678901234567890", BadNumber::Invalid),
            ("138;DROP", BadNumber::Letters),
        ];
        for (text, want) in table {
            assert_eq!(e164(text, "CN"), Err(want), "{text}");
        }
    }

    #[test]
    fn a_cell_may_hold_several_numbers() {
        let cn: country::Id = "CN".parse().expect("country");
        let found = numbers("13800138000/13900139000、", cn).expect("numbers");
        let full: Vec<&str> = found.iter().map(Phone::full).collect();
        assert_eq!(full, ["+8613800138000", "+8613900139000"]);
        assert_eq!(numbers("  ", cn), Ok(Vec::new()));
    }
}
