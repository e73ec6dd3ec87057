//! Words as the search and the quality rules compare them: Chinese by character, other scripts by word.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// Scripts that put no spaces between words: each character is a word of its own for the search.
const fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// Full-width forms as their plain ones.
const fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => match char::from_u32(c as u32 - 0xFEE0) {
            Some(c) => c,
            None => c,
        },
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// The words of a text in small letters; a Chinese character is one word.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars().map(narrow) {
        if stands_alone(c) {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            words.push(c.to_string());
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if !word.is_empty() && !matches!(c, '\'' | '’') {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// True when `text` holds `wanted`, both from [`words`], as a whole run of words.
#[must_use]
pub fn holds(text: &[String], wanted: &[String]) -> bool {
    !wanted.is_empty() && text.windows(wanted.len()).any(|w| w == wanted)
}

/// What a person typed as an FTS5 query: each blank-separated part is a phrase, all must be there, and the last word of a
/// phrase may be a beginning. `None` when nothing in it can be searched for.
#[must_use]
pub fn query(typed: &str) -> Option<String> {
    let phrase = |part: &str| {
        let words = words(part);
        let last = words.last()?.chars().next_back()?;
        let more = if stands_alone(last) { "" } else { "*" };
        Some(format!("\"{}\"{more}", words.join(" ")))
    };
    let phrases: Vec<String> = typed.split_whitespace().filter_map(phrase).collect();
    (!phrases.is_empty()).then(|| phrases.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_cut_by_character_and_english_by_word() {
        assert_eq!(
            words("我要退款，OK？ Don't"),
            ["我", "要", "退", "款", "ok", "dont"]
        );
        assert_eq!(words("ＡＢＣ１２"), ["abc12"]);
        let said = words("这个要退 款吗");
        assert!(holds(&said, &words("退款")));
        assert!(!holds(&words("a refunded sum"), &words("refund")));
        assert!(!holds(&said, &[]));
    }

    #[test]
    fn what_people_type_becomes_phrases_and_never_query_language() {
        assert_eq!(
            query("退款 price").as_deref(),
            Some("\"退 款\" AND \"price\"*")
        );
        assert_eq!(
            query("\"a\" OR (b*").as_deref(),
            Some("\"a\"* AND \"or\"* AND \"b\"*")
        );
        assert_eq!(query("  \"*^ "), None);
    }
}
