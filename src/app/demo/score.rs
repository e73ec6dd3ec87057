//! How far what was heard is from what was said: character error rate for Mandarin, word error rate for English.
//! Both texts are brought to one form first: no punctuation, lower case, single digits as figures, English number words
//! as figures.

use crate::terms::Lang;

/// Edit operations and the length of what was said, so that turns can be added up.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    pub edits: usize,
    pub length: usize,
}

impl Errors {
    pub fn add(&mut self, other: Errors) {
        self.edits += other.edits;
        self.length += other.length;
    }

    /// Errors per said unit, or nothing when nothing was said.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.length > 0).then(|| self.edits as f64 / self.length as f64)
    }
}

#[must_use]
pub fn errors(said: &str, heard: &str, lang: Lang) -> Errors {
    let (said, heard) = (units(said, lang), units(heard, lang));
    Errors {
        edits: edit_distance(&said, &heard),
        length: said.len(),
    }
}

fn units(text: &str, lang: Lang) -> Vec<String> {
    match lang {
        Lang::Zh => text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .map(|c| figure(c).unwrap_or(c).to_lowercase().to_string())
            .collect(),
        Lang::En => text
            .to_lowercase()
            .replace(['-', '–'], " ")
            .split_whitespace()
            .map(|w| {
                w.chars()
                    .filter(|c| c.is_alphanumeric() || *c == '\'')
                    .collect::<String>()
            })
            .filter(|w| !w.is_empty())
            .map(|w| number_word(&w).map_or(w, |n| n.to_string()))
            .collect(),
    }
}

fn figure(c: char) -> Option<char> {
    Some(match c {
        '零' => '0',
        '一' | '幺' => '1',
        '二' | '两' => '2',
        '三' => '3',
        '四' => '4',
        '五' => '5',
        '六' => '6',
        '七' => '7',
        '八' => '8',
        '九' => '9',
        _ => return None,
    })
}

fn number_word(word: &str) -> Option<u32> {
    const WORDS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS.iter().position(|w| *w == word).map(|n| n as u32)
}

fn edit_distance(a: &[String], b: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_of_numbers_and_punctuation_is_no_error() {
        assert_eq!(errors("后天下午三点。", "后天下午3点", Lang::Zh).edits, 0);
        assert_eq!(
            errors(
                "Saturday at ten, please.",
                "saturday at 10 please",
                Lang::En
            )
            .edits,
            0
        );
    }

    #[test]
    fn a_wrong_a_missing_and_an_extra_unit_count_one_each() {
        assert_eq!(
            errors("我要上课", "我药上课", Lang::Zh),
            Errors {
                edits: 1,
                length: 4
            }
        );
        assert_eq!(
            errors("yes that works", "yes works", Lang::En),
            Errors {
                edits: 1,
                length: 3
            }
        );
        assert_eq!(
            errors("yes", "oh yes", Lang::En),
            Errors {
                edits: 1,
                length: 1
            }
        );
        assert_eq!(errors("yes", "", Lang::En).rate(), Some(1.0));
    }
}
