//! English telephone numbers, and digits that name something instead of counting.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::en_date::ordinal_end;
use super::en_number::code;
use super::scan::{self, Found, before, digit, digits_end, ends_word, has, letter, string};

/// Digits behind these are a name, not an amount; at least this many of them.
#[rustfmt::skip]
const CODE_WORDS: &[(&str, usize)] = &[
    ("number", 3), ("order", 4), ("code", 3), ("id", 3), ("account", 3), ("extension", 2), ("ext", 2), ("reference", 3),
    ("ref", 3), ("confirmation", 3), ("pin", 3), ("ending in", 2), ("ends in", 2), ("box", 3), ("flight", 2), ("room", 3), ("invoice", 3),
    ("case", 3), ("ticket", 3), ("zip", 5), ("dial", 3), ("call", 3), ("policy", 4), ("suite", 3), ("apartment", 3),
    ("unit", 3), ("phone", 3), ("passcode", 3), ("no", 3), ("tracking", 4), ("apt", 3),
];

/// What may stand between such a word and its digits.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "is", "number", "at", "no", "code", "id", "was", "us at", "on", "ending in",
];

/// Written in groups with hyphens, spaces, points or brackets: 7 digits, or 10 and more.
pub(super) fn phone(text: &[char], at: usize) -> Found {
    let plus = usize::from(text[at] == '+');
    let open = usize::from(text.get(at + plus) == Some(&'('));
    let (groups, end) = scan::groups(text, at + plus + open);
    if groups.is_empty() || letter(text, end) {
        return None;
    }
    let sizes: Vec<usize> = groups.iter().map(String::len).collect();
    let known = matches!(
        sizes[..],
        [3, 4] | [3, 3, 4] | [1, 3, 3, 4] | [1 | 2, 3, 4, 4] | [5, 6] | [4, 3, 4] | [3, 4, 4]
    );
    let solid = sizes.len() == 1 && matches!(sizes[0], 10 | 11);
    let international = plus == 1 && sizes.iter().sum::<usize>() >= 8;
    // "300 4000" is two numbers; a hyphen, a point or a bracket makes it one.
    let joined = string(text, at, end).contains(['-', '.', '(', '+']) || sizes.len() > 2;
    if !(known && joined || solid && open == 0 || international) {
        return None;
    }
    let said: Vec<String> = groups.iter().map(|g| code(g)).collect();
    let said = said.join(", ");
    Some((
        if plus == 1 {
            format!("plus {said}")
        } else {
            said
        },
        end,
    ))
}

pub(super) fn named_code(text: &[char], at: usize) -> Found {
    let end = digits_end(text, at);
    let run = string(text, at, end);
    let decimal = text.get(end) == Some(&'.') && digit(text, end + 1);
    let grouped =
        text.get(end) == Some(&',') && digits_end(text, end + 1) == end + 4 && run.len() <= 3;
    if decimal || grouped || matches!(text.get(end), Some('%')) || ordinal_end(text, end).is_some()
    {
        return None;
    }
    let hash = before(text, at) == Some('#');
    let glued = run.len() >= 3 && before(text, at).is_some_and(|c| c.is_ascii_alphabetic());
    let zeros = run.len() > 1 && run.starts_with('0');
    let emergency = matches!(run.as_str(), "911" | "988" | "311" | "411");
    let named = announced(text, at, run.len());
    if run.len() >= 9 || glued || zeros || hash && run.len() > 2 || emergency && named {
        let gap = if glued { " " } else { "" };
        return Some((format!("{gap}{}", code(&run)), end));
    }
    // "call 500 customers", "order 2000 tiles": a plain word behind makes it an amount.
    let counted = text.get(end) == Some(&' ')
        && letter(text, end + 1)
        && ![
            "to", "for", "or", "and", "is", "has", "on", "at", "now", "if", "was", "in", "with",
            "when", "will", "please",
        ]
        .iter()
        .any(|w| has(text, end + 1, w) && ends_word(text, end + 1 + w.len()));
    let round = run.len() == 3 && run.ends_with("00");
    (!counted && (named && !round || run == "911")).then(|| (code(&run), end))
}

pub(super) fn announced(text: &[char], at: usize, length: usize) -> bool {
    // A code may begin with letters or continue behind a hyphen.
    let mut i = at;
    while i > 0 && (text[i - 1].is_ascii_alphanumeric() || matches!(text[i - 1], '-' | '#')) {
        i -= 1;
    }
    let mut head: String = string(text, i.saturating_sub(40), i).to_lowercase();
    for _ in 0..3 {
        head = head.trim_end_matches([' ', ':', '.']).to_owned();
        let at_end = |w: &str| {
            head.strip_suffix(w)
                .is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()))
        };
        if CODE_WORDS
            .iter()
            .any(|(w, least)| length >= *least && at_end(w))
        {
            return true;
        }
        let Some(filler) = FILLERS.iter().find(|f| at_end(f)) else {
            return false;
        };
        head.truncate(head.len() - filler.len());
    }
    false
}
