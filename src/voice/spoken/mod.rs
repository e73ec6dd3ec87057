//! Figures as people say them: numbers, money, per cent, dates, times, telephone and order numbers, in both languages.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod en;
mod en_address;
mod en_code;
mod en_date;
mod en_number;
mod scan;
mod zh;
mod zh_code;
mod zh_number;
mod zh_time;

#[cfg(test)]
mod tests;

use crate::terms::Lang;

/// `text` with every figure written out in words of `lang`; everything else stays as it is.
#[must_use]
pub fn in_words(text: &str, lang: Lang) -> String {
    let chars: Vec<char> = text.chars().map(scan::half_width).collect();
    match lang {
        Lang::Zh => zh::in_words(&chars),
        Lang::En => en::in_words(&chars),
    }
}
