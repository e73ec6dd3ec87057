//! What is wrong with a file, where, and what to do about it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use unicode_width::UnicodeWidthStr;

/// A place in a file: line and column count characters from 1, `len` is how many characters are meant.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct At {
    pub line: u32,
    pub column: u32,
    pub len: u32,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used; its author should look.
    Warning,
}

/// One finding about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// How many characters the caret underlines.
    pub len: u32,
    pub message: String,
    /// What to do.
    pub advice: String,
    pub severity: Severity,
}

impl Diagnostic {
    #[must_use]
    pub fn new(
        file: &str,
        at: At,
        severity: Severity,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Diagnostic {
            file: file.to_string(),
            line: at.line.max(1),
            column: at.column.max(1),
            len: at.len.max(1),
            message: message.into(),
            advice: advice.into(),
            severity,
        }
    }

    /// The finding with the line of `source` it is about and a caret under the words meant.
    #[must_use]
    pub fn render(&self, source: &str) -> String {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut s = format!(
            "{word}: {}\n  --> {}:{}:{}\n",
            self.message, self.file, self.line, self.column
        );
        if let Some(text) = source.lines().nth(self.line as usize - 1) {
            let number = self.line.to_string();
            let margin = " ".repeat(number.len());
            let before: String = text.chars().take(self.column as usize - 1).collect();
            let meant: String = text
                .chars()
                .skip(self.column as usize - 1)
                .take(self.len as usize)
                .collect();
            // A tab in the margin keeps its own width, so that the caret stays under the word.
            let pad: String = before
                .chars()
                .map(|c| {
                    if c == '\t' {
                        "\t".to_string()
                    } else {
                        " ".repeat(c.to_string().width())
                    }
                })
                .collect();
            let carets = "^".repeat(meant.width().max(1));
            s.push_str(&format!(
                "{margin} |\n{number} | {text}\n{margin} | {pad}{carets}\n"
            ));
        }
        if !self.advice.is_empty() {
            s.push_str(&format!("  = help: {}\n", self.advice));
        }
        s
    }
}

/// The known name most like `name`, when one is like it at all.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let longest = |k: &str| name.chars().count().max(k.chars().count());
    known
        .into_iter()
        .map(|k| (edits(name, k), k))
        .filter(|(d, k)| *d * 5 <= longest(k) * 2)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// "did you mean …" when a known name is near, else the list of known names.
#[must_use]
pub fn advise<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(k) => format!("did you mean {k:?}?"),
        None if known.is_empty() => "there is none to choose from".to_string(),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// Edits from `a` to `b`: characters put in, left out, replaced, or swapped with their neighbour (optimal string alignment).
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            if i == 0 || j == 0 {
                d[i][j] = i + j;
                continue;
            }
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (d[i - 1][j - 1] + same)
                .min(d[i - 1][j] + 1)
                .min(d[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(d[i - 2][j - 2] + 1);
            }
            d[i][j] = best;
        }
    }
    d[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_wrong_word_even_after_chinese() {
        let at = At {
            line: 2,
            column: 4,
            len: 2,
        };
        let d = Diagnostic::new("a.yaml", at, Severity::Error, "bad", "fix it");
        let shown = d.render("x\n好的:错误\n");
        assert_eq!(
            shown,
            "error: bad\n  --> a.yaml:2:4\n  |\n2 | 好的:错误\n  |      ^^^^\n  = help: fix it\n"
        );
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest_known_one() {
        assert_eq!(nearest("pich", ["bye", "pitch"]), Some("pitch"));
        assert_eq!(nearest("zebra", ["bye", "pitch"]), None);
    }
}
