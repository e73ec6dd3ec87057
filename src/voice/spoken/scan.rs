//! Recognising figures in text, the same for both languages. All functions look at position `at` of the text's characters
//! and give what they found with the position behind it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// A figure in words, and the position behind the figure.
pub(super) type Found = Option<(String, usize)>;

/// A written number: `1,280.50`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Digits before the point, without commas.
    pub(super) int: String,
    /// Digits behind the point; empty without one.
    pub(super) frac: String,
    /// It was written with commas, hence is an amount and no code.
    pub(super) grouped: bool,
}

impl Number {
    /// The part before the point; `None` when it is too long for a number anybody says.
    pub(super) fn value(&self) -> Option<u64> {
        if self.int.len() > 15 {
            None
        } else {
            self.int.parse().ok()
        }
    }

    pub(super) fn whole(&self) -> bool {
        self.frac.is_empty()
    }
}

/// A calendar date as computers write it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: u32,
    pub(super) month: u32,
    pub(super) day: u32,
}

/// Full-width digits and signs to plain ones.
pub(super) fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        '％' => '%',
        '＋' => '+',
        '－' => '-',
        '／' => '/',
        _ => c,
    }
}

pub(super) fn digit(text: &[char], at: usize) -> bool {
    text.get(at).is_some_and(char::is_ascii_digit)
}

pub(super) fn letter(text: &[char], at: usize) -> bool {
    text.get(at).is_some_and(char::is_ascii_alphabetic)
}

/// The character before `at`.
pub(super) fn before(text: &[char], at: usize) -> Option<char> {
    at.checked_sub(1).map(|i| text[i])
}

pub(super) fn starts_word(text: &[char], at: usize) -> bool {
    !before(text, at).is_some_and(|c| c.is_alphanumeric())
}

pub(super) fn ends_word(text: &[char], at: usize) -> bool {
    !text.get(at).is_some_and(|c| c.is_alphanumeric())
}

/// The end of the run of digits at `at`.
pub(super) fn digits_end(text: &[char], at: usize) -> usize {
    (at..text.len())
        .find(|i| !digit(text, *i))
        .unwrap_or(text.len())
}

pub(super) fn string(text: &[char], from: usize, to: usize) -> String {
    text[from..to].iter().collect()
}

/// Whether `word` stands at `at`.
pub(super) fn has(text: &[char], at: usize, word: &str) -> bool {
    let mut i = at;
    word.chars().all(|c| {
        let same = text.get(i) == Some(&c);
        i += 1;
        same
    })
}

/// Whether the text before `at` ends with `word`.
pub(super) fn ends(text: &[char], at: usize, word: &str) -> bool {
    let n = word.chars().count();
    at >= n && has(text, at - n, word)
}

pub(super) fn number(text: &[char], at: usize) -> Option<(Number, usize)> {
    let mut end = digits_end(text, at);
    if end == at {
        return None;
    }
    let mut int = string(text, at, end);
    let mut grouped = false;
    if int.len() <= 3 {
        // Groups of exactly three digits, or the comma is punctuation.
        while matches!(text.get(end), Some(',' | '，')) && digits_end(text, end + 1) == end + 4 {
            int.push_str(&string(text, end + 1, end + 4));
            end += 4;
            grouped = true;
        }
    }
    let mut frac = String::new();
    if text.get(end) == Some(&'.') && digit(text, end + 1) {
        let to = digits_end(text, end + 1);
        // 1.2.3 is a version, not a number.
        if text.get(to) != Some(&'.') || !digit(text, to + 1) {
            frac = string(text, end + 1, to);
            end = to;
        }
    }
    Some((Number { int, frac, grouped }, end))
}

/// Between one and `most` digits, as a number.
pub(super) fn small(text: &[char], at: usize, most: usize) -> Option<(u32, usize)> {
    let end = digits_end(text, at);
    if end == at || end - at > most {
        return None;
    }
    Some((string(text, at, end).parse().ok()?, end))
}

/// `2026-11-23`, `2026/11/23` or `2026.11.23`.
pub(super) fn date(text: &[char], at: usize) -> Option<(Date, usize)> {
    let (year, i) = small(text, at, 4).filter(|(_, i)| *i == at + 4)?;
    let sign = *text.get(i).filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (month, i) = small(text, i + 1, 2)?;
    if text.get(i) != Some(&sign) {
        return None;
    }
    let (day, end) = small(text, i + 1, 2)?;
    valid(year, month, day).then_some((Date { year, month, day }, end))
}

pub(super) fn valid(year: u32, month: u32, day: u32) -> bool {
    (1000..3000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// `15:00`, `9:30:00`: hour, minute.
pub(super) fn clock(text: &[char], at: usize) -> Option<((u32, u32), usize)> {
    let (hour, i) = small(text, at, 2)?;
    if !matches!(text.get(i), Some(':' | '：')) {
        return None;
    }
    let (minute, mut end) = small(text, i + 1, 2).filter(|(_, end)| *end == i + 3)?;
    if text.get(end) == Some(&':')
        && let Some((_, to)) = small(text, end + 1, 2)
    {
        end = to;
    }
    (hour <= 24 && minute < 60).then_some(((hour, minute), end))
}

/// The time of `2026-11-23T15:00`, and what may follow it of seconds' fractions and time zone.
pub(super) fn iso_time(text: &[char], at: usize) -> Option<((u32, u32), usize)> {
    if !matches!(text.get(at), Some('T' | ' ')) {
        return None;
    }
    let (time, mut end) = clock(text, at + 1)?;
    if text.get(end) == Some(&'.') && digit(text, end + 1) {
        end = digits_end(text, end + 1);
    }
    if text.get(at) == Some(&'T') {
        if text.get(end) == Some(&'Z') {
            end += 1;
        } else if matches!(text.get(end), Some('+' | '-'))
            && let Some((_, to)) = clock(text, end + 1)
        {
            end = to;
        }
    }
    Some((time, end))
}

/// Runs of digits with nothing between them but a space, a hyphen, a point or brackets, as telephone numbers are written.
pub(super) fn groups(text: &[char], at: usize) -> (Vec<String>, usize) {
    let (mut out, mut i, mut end) = (Vec::new(), at, at);
    loop {
        let to = digits_end(text, i);
        if to == i {
            return (out, end);
        }
        out.push(string(text, i, to));
        end = to;
        i = to;
        if text.get(i) == Some(&')') {
            i += 1;
        }
        while matches!(text.get(i), Some(' ' | '-' | '.' | '(')) && i < to + 3 {
            i += 1;
        }
        if i == to {
            return (out, end);
        }
    }
}

/// Long runs of digits are said three or four at a time, with a breath between.
pub(super) fn breaths(digits: &str) -> Vec<&str> {
    let n = digits.len();
    let sizes: &[usize] = match n {
        0..=4 => &[n],
        5 => &[3, 2],
        6 => &[3, 3],
        7 => &[3, 4],
        8 => &[4, 4],
        9 => &[3, 3, 3],
        10 => &[3, 3, 4],
        11 => &[3, 4, 4],
        _ => &[],
    };
    let mut out = Vec::new();
    let mut at = 0;
    for size in sizes {
        out.push(&digits[at..at + size]);
        at += size;
    }
    while at < n {
        let to = (at + 4).min(n);
        out.push(&digits[at..to]);
        at = to;
    }
    out
}
