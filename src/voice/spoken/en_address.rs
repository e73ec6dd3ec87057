//! English street addresses: `128 Main St., Apt 4`, house numbers as people say them.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::en_number::year;
use super::scan::{Found, digit, ends_word, has, starts_word};

/// Written (a point may follow), said; behind a house number and a name.
#[rustfmt::skip]
const STREETS: &[(&str, &str)] = &[
    ("Street", "Street"), ("St", "Street"), ("Avenue", "Avenue"), ("Ave", "Avenue"), ("Road", "Road"), ("Rd", "Road"),
    ("Boulevard", "Boulevard"), ("Blvd", "Boulevard"), ("Drive", "Drive"), ("Dr", "Drive"), ("Lane", "Lane"), ("Ln", "Lane"),
    ("Court", "Court"), ("Ct", "Court"), ("Place", "Place"), ("Pl", "Place"), ("Parkway", "Parkway"), ("Pkwy", "Parkway"),
];
/// Before a number.
const PARTS: &[(&str, &str)] = &[("Apt", "apartment"), ("Ste", "suite"), ("Bldg", "building")];
/// A street's name has no more words than this.
const NAME_WORDS: usize = 3;

/// A house number and its street up to the kind of street. The figures before it must have been read as a whole number
/// that ends at `end`.
pub(super) fn house(text: &[char], value: u64, end: usize) -> Option<String> {
    // 2200 is twenty-two hundred on a street, 2005 two thousand five.
    let said = (1000..10_000).contains(&value) && street_follows(text, end);
    said.then(|| year(value as u32))
}

/// A short form of a street or of a part of a house.
pub(super) fn short_form(text: &[char], at: usize) -> Found {
    if !starts_word(text, at) {
        return None;
    }
    let part = PARTS.iter().find_map(|(written, name)| {
        let end = whole(text, at, written)?;
        (text.get(end) == Some(&' ') && digit(text, end + 1)).then_some((*name, end))
    });
    let street = || {
        STREETS.iter().find_map(|(written, name)| {
            let end = whole(text, at, written)?;
            behind_house(text, at).then_some((*name, end))
        })
    };
    let (name, end) = part.or_else(street)?;
    // At the end of a sentence the point also ends the sentence.
    let pointed = text.get(end - 1) == Some(&'.');
    let last = pointed && text[end..].iter().all(|c| c.is_whitespace());
    Some((format!("{name}{}", if last { "." } else { "" }), end))
}

/// Where the word ends that begins at `at`, its point with it.
fn whole(text: &[char], at: usize, written: &str) -> Option<usize> {
    let end = at + written.chars().count();
    (has(text, at, written) && ends_word(text, end))
        .then(|| end + usize::from(text.get(end) == Some(&'.')))
}

/// ` Lake Ave` and the like.
fn street_follows(text: &[char], at: usize) -> bool {
    let mut at = at;
    for words in 0..=NAME_WORDS {
        if text.get(at) != Some(&' ') {
            return false;
        }
        at += 1;
        if words > 0 && STREETS.iter().any(|(w, _)| whole(text, at, w).is_some()) {
            return true;
        }
        if !text.get(at).is_some_and(char::is_ascii_uppercase) {
            return false;
        }
        while text.get(at).is_some_and(char::is_ascii_alphabetic) {
            at += 1;
        }
    }
    false
}

/// A house number and a name of one to three capitalised words stand before.
fn behind_house(text: &[char], at: usize) -> bool {
    let line: String = text[..at].iter().collect();
    let mut words = line.trim_end().rsplit(' ');
    for i in 0..=NAME_WORDS {
        let Some(word) = words.next() else {
            return false;
        };
        let mut chars = word.chars();
        match chars.next() {
            Some(c) if c.is_ascii_digit() => {
                return i > 0 && chars.all(|c| c.is_ascii_digit());
            }
            Some(c) if c.is_ascii_uppercase() && chars.all(|c| c.is_ascii_alphabetic()) => {}
            _ => return false,
        }
    }
    false
}
