//! How a phrase is written where it is held against sound: as the model writes it, figures in every spelling it may choose.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::recipe::Style;
use crate::terms::Lang;
use crate::voice::spoken;

/// The spellings of one phrase, the likeliest first; empty for a phrase that says nothing.
#[must_use]
pub fn spellings(phrase: &str, lang: Lang, style: Style) -> Vec<String> {
    let said = as_said(phrase, lang);
    if said.is_empty() {
        return Vec::new();
    }
    if style == Style::Spoken {
        return vec![said];
    }
    let written = plain(phrase, lang);
    let mut all = vec![written];
    for other in [said, figures(phrase, lang)] {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all
}

/// Every word as it is spoken: figures in words, no marks, 幺 as 一.
#[must_use]
pub fn as_said(text: &str, lang: Lang) -> String {
    plain(&spoken::in_words(text, lang), lang).replace('幺', "一")
}

/// A digit in all its words, for a field of digits.
#[must_use]
pub fn digit_words(digit: char, lang: Lang, style: Style) -> Vec<&'static str> {
    const FIGURES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    // English figures may begin a group: 555 1234.
    const APART: [&str; 10] = [" 0", " 1", " 2", " 3", " 4", " 5", " 6", " 7", " 8", " 9"];
    const ZH: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    const EN: [&str; 10] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let Some(value) = digit.to_digit(10).map(|d| d as usize) else {
        return Vec::new();
    };
    match (style, lang) {
        (Style::Written, Lang::Zh) => vec![FIGURES[value]],
        (Style::Written, Lang::En) => vec![FIGURES[value], APART[value]],
        (Style::Spoken, Lang::Zh) => vec![ZH[value]],
        (Style::Spoken, Lang::En) if value == 0 => vec![EN[0], "oh"],
        (Style::Spoken, Lang::En) => vec![EN[value]],
    }
}

/// Letters, figures and single spaces between words of letters.
fn plain(text: &str, lang: Lang) -> String {
    let kept: String = text
        .to_lowercase()
        .chars()
        .map(|c| match c {
            '’' => '\'',
            c if c.is_alphanumeric() || c == '\'' => c,
            _ => ' ',
        })
        .collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    match lang {
        Lang::En => words.join(" "),
        // 中文 has no spaces; two English words in it keep theirs.
        Lang::Zh => words.iter().fold(String::new(), |mut out, word| {
            let between = out.ends_with(|c: char| c.is_ascii_alphanumeric())
                && word.starts_with(|c: char| c.is_ascii_alphanumeric());
            if between {
                out.push(' ');
            }
            out + word
        }),
    }
}

/// 三点 as 3点, 十点 as 10点: single numerals and those up to 十二, as the published model likes to write them.
fn figures(text: &str, lang: Lang) -> String {
    let text = plain(text, lang);
    if lang == Lang::En {
        return text;
    }
    [
        ("十二点", "12点"),
        ("十一点", "11点"),
        ("十点", "10点"),
        ("九点", "9点"),
        ("八点", "8点"),
        ("七点", "7点"),
        ("六点", "6点"),
        ("五点", "5点"),
        ("四点", "4点"),
        ("三点", "3点"),
        ("两点", "2点"),
        ("一点", "1点"),
    ]
    .iter()
    .fold(text, |t, (from, to)| t.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_held_against_sound_in_every_spelling_it_may_take() {
        let of = |t, s| spellings(t, Lang::Zh, s);
        assert_eq!(of("下午三点。", Style::Written), ["下午三点", "下午3点"]);
        assert_eq!(of("下午3点", Style::Spoken), ["下午三点"]);
        assert_eq!(
            spellings("Yes, please!", Lang::En, Style::Spoken),
            ["yes please"]
        );
        assert!(of("……", Style::Spoken).is_empty());
    }

    #[test]
    fn telephone_digits_are_spoken_one_by_one() {
        assert_eq!(as_said("13800138000", Lang::Zh), "一三八零零一三八零零零");
        assert_eq!(as_said("VIP 会员", Lang::Zh), "vip会员");
    }
}
