//! Prompts with `{name}` in them. What is filled in is data: it is cleaned, and never read as a template again.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// The most characters a lead's value may bring into a prompt.
pub const MAX_VALUE_CHARS: usize = 80;

/// A text with places to fill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Var(String),
}

/// Why a text is not a template; `near` is the piece of it that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct TemplateError {
    pub near: String,
    pub why: String,
}

impl Template {
    /// # Errors
    /// A brace that is doubled, unclosed, unopened or holds no plain name.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let wrong = |near: &str, why: String| {
            Err(TemplateError {
                near: near.to_string(),
                why,
            })
        };
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(open);
            if from.starts_with('}') {
                return wrong("}", "a } without its {".to_string());
            }
            if from.starts_with("{{") {
                return wrong(
                    "{{",
                    "{{ is not used here: a variable is {name}".to_string(),
                );
            }
            let Some(close) = from.find('}') else {
                return wrong("{", "a { without its }".to_string());
            };
            let name = &from[1..close];
            if !is_name(name) {
                return wrong(
                    &from[..=close],
                    format!("{{{name}}} is not a variable's name"),
                );
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_string()));
            }
            parts.push(Part::Var(name.to_string()));
            rest = &from[close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_string()));
        }
        Ok(Template { parts })
    }

    /// The names it uses.
    pub fn vars(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|p| match p {
            Part::Var(v) => Some(v.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with every place filled; a name that `value` does not know leaves nothing.
    #[must_use]
    pub fn fill(&self, value: &dyn Fn(&str) -> Option<String>) -> String {
        self.parts
            .iter()
            .map(|p| match p {
                Part::Text(t) => t.clone(),
                Part::Var(v) => value(v).unwrap_or_default(),
            })
            .collect()
    }
}

/// A value from a list as words that can be spoken: no control characters, braces or angle brackets, single spaces, at
/// most [`MAX_VALUE_CHARS`] characters.
#[must_use]
pub fn clean(value: &str) -> String {
    let spaced: String = value
        .chars()
        .filter(|c| !matches!(c, '{' | '}' | '<' | '>' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().take(MAX_VALUE_CHARS).collect()
}

/// What a language model wrote, as it may be spoken: one line of plain words without markup and addresses, cut at the end
/// of a sentence when it is longer than `most` characters.
#[must_use]
pub fn spoken(text: &str, most: usize) -> String {
    let plain: String = text
        .chars()
        .filter(|c| {
            !matches!(
                c,
                '*' | '#' | '`' | '_' | '{' | '}' | '<' | '>' | '[' | ']' | '|' | '~'
            )
        })
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words = plain
        .split_whitespace()
        .filter(|w| !w.contains("://") && !w.starts_with("www."));
    let line = words.collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let cut: String = line.chars().take(most).collect();
    let end = cut.rfind(['。', '！', '？', '.', '!', '?', '；', ';']);
    let end = end.or_else(|| cut.rfind(['，', ',', ' ']));
    end.map_or(cut.clone(), |at| {
        cut[..at].to_string()
            + cut[at..]
                .chars()
                .next()
                .map_or("", |c| if c == ' ' { "" } else { "." })
    })
}

/// True for names usable as variables, slots, tags, steps and intents: letters (of any script), digits, `_` and `-`.
#[must_use]
pub fn is_name(s: &str) -> bool {
    !s.is_empty()
        && s.chars().count() <= 64
        && s.chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_value_that_looks_like_a_template_is_spoken_as_plain_words() {
        let t = Template::parse("您好{name}，我是{company}").unwrap();
        let said = t.fill(&|v| (v == "name").then(|| clean("{{company}}<break/>\n李")));
        assert_eq!(said, "您好companybreak/ 李，我是");
        assert_eq!(clean(&"长".repeat(500)).chars().count(), MAX_VALUE_CHARS);
    }

    #[test]
    fn broken_braces_are_refused_with_the_piece_that_is_wrong() {
        for (text, near) in [
            ("a {{b}}", "{{"),
            ("a {b", "{"),
            ("a b}", "}"),
            ("a {b c}", "{b c}"),
            ("a {}", "{}"),
        ] {
            assert_eq!(Template::parse(text).unwrap_err().near, near, "{text}");
        }
    }
}
