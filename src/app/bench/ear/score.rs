//! Errors between what was said and what was heard.

use crate::hearing::expectation::tokens;
use crate::terms::Lang;
use crate::voice::spoken;

/// Wrong and wanted symbols.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    pub wrong: usize,
    pub wanted: usize,
}

impl Errors {
    #[must_use]
    pub fn rate(self) -> f64 {
        self.wrong as f64 / self.wanted.max(1) as f64
    }

    pub fn add(&mut self, other: Errors) {
        self.wrong += other.wrong;
        self.wanted += other.wanted;
    }
}

/// The symbols of one form that errors are counted in: Han characters and English words in Mandarin, words in English. Numbers
/// are words in both (一九八 and 198, nine and 9 are one), marks are nothing, 幺 is 一.
#[must_use]
pub fn symbols(text: &str, lang: Lang) -> Vec<String> {
    split(&spoken::in_words(&text.to_lowercase(), lang), lang)
}

/// The same with every figure read by itself: 39 as three nine.
fn figure_by_figure(text: &str, lang: Lang) -> Vec<String> {
    let apart: String = text
        .to_lowercase()
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(d) => match lang {
                Lang::Zh => ZH[d as usize].to_owned(),
                Lang::En => format!(" {} ", EN[d as usize]),
            },
            None => c.to_string(),
        })
        .collect();
    split(&apart, lang)
}

fn split(said: &str, lang: Lang) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in said.chars() {
        let han = matches!(c, '\u{3400}'..='\u{9fff}');
        if (c.is_alphanumeric() && !han) || (c == '\'' && !word.is_empty()) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if han {
            out.push(if c == '幺' { '一' } else { c }.to_string());
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    if lang == Lang::En {
        out = out.iter().flat_map(|w| english(w)).collect();
    }
    out
}

const ZH: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
const EN: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

/// Spellings of one word that no listener tells apart.
fn english(word: &str) -> Vec<String> {
    let word = word.trim_matches('\'');
    match word {
        "oh" => vec!["zero".into()],
        "ok" => vec!["okay".into()],
        "mr" => vec!["mister".into()],
        "mrs" => vec!["missus".into()],
        "dr" => vec!["doctor".into()],
        w => vec![w.replace('\'', "")],
    }
}

/// Errors by character (Mandarin) or word (English).
#[must_use]
pub fn text_errors(said: &str, heard: &str, lang: Lang) -> Errors {
    let want = symbols(said, lang);
    // 39 may stand for thirty-nine and for three nine; which was said the figures do not tell.
    let whole = between(&want, &symbols(heard, lang));
    let apart = between(&want, &figure_by_figure(heard, lang));
    if apart.wrong < whole.wrong {
        apart
    } else {
        whole
    }
}

/// Errors by syllable without its tone; Mandarin.
#[must_use]
pub fn syllable_errors(said: &str, heard: &str) -> Errors {
    let sounds = |symbols: Vec<String>| tokens(&symbols.concat());
    let want = sounds(symbols(said, Lang::Zh));
    let whole = between(&want, &sounds(symbols(heard, Lang::Zh)));
    let apart = between(&want, &sounds(figure_by_figure(heard, Lang::Zh)));
    if apart.wrong < whole.wrong {
        apart
    } else {
        whole
    }
}

/// The digits of a text that is nothing but digits, at least four.
#[must_use]
pub fn digit_string(text: &str, lang: Lang) -> Option<String> {
    let digits: Option<String> = figure_by_figure(text, lang)
        .iter()
        .map(|w| digit(w, lang))
        .collect();
    digits.filter(|d| d.len() >= 4)
}

fn digit(word: &str, lang: Lang) -> Option<char> {
    let value = match lang {
        Lang::Zh => ZH.iter().position(|c| *c == word),
        Lang::En => EN.iter().position(|w| *w == word),
    }?;
    char::from_digit(value as u32, 10)
}

fn between(want: &[String], got: &[String]) -> Errors {
    let mut row: Vec<usize> = (0..=got.len()).collect();
    for (i, w) in want.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, g) in got.iter().enumerate() {
            let change = diagonal + usize::from(w != g);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    Errors {
        wrong: row[got.len()],
        wanted: want.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_marks_and_spellings_are_no_errors_and_wrong_words_are() {
        for (said, heard, lang, wrong) in [
            (
                "RUBOUT G M E F THREE NINE",
                "rubout g m e f 39",
                Lang::En,
                0,
            ),
            ("three nine", "3 9", Lang::En, 0),
            ("OH TWO", "zero two", Lang::En, 0),
            ("don't stop", "Dont stop.", Lang::En, 0),
            ("三点半", "三点半。", Lang::Zh, 0),
            ("幺二", "一二", Lang::Zh, 0),
            ("不需要", "不要", Lang::Zh, 1),
        ] {
            assert_eq!(
                text_errors(said, heard, lang).wrong,
                wrong,
                "{said} / {heard}"
            );
        }
        assert_eq!(syllable_errors("是听", "试听").wrong, 0);
    }

    #[test]
    fn only_digits_are_a_string_of_digits() {
        assert_eq!(digit_string("四二五八", Lang::Zh).as_deref(), Some("4258"));
        assert_eq!(
            digit_string("four oh two one", Lang::En).as_deref(),
            Some("4021")
        );
        assert_eq!(digit_string("四二五八号", Lang::Zh), None);
        assert_eq!(digit_string("four", Lang::En), None);
    }
}
