//! What is wrong with a file, where, and what to do about it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use unicode_width::UnicodeWidthStr;

/// A place in a file: line and column count characters from 1, `len` is how many characters are meant.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// Which of the files that were read together: 0 is the dialplan itself, the others are included.
    pub file: u16,
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
    /// The line it is about, where the finder had it; empty otherwise.
    pub quoted: String,
}

/// The most characters of a source line that are shown.
const SHOWN: usize = 160;

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
            quoted: String::new(),
        }
    }

    /// With the line it is about, so that it can be shown without the file at hand.
    #[must_use]
    pub fn quoting(mut self, line: &str) -> Self {
        self.quoted = line.to_string();
        self
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
        let quoted = (!self.quoted.is_empty()).then_some(self.quoted.as_str());
        let line = quoted.or_else(|| source.lines().nth(self.line as usize - 1));
        if let Some(line) = line {
            s.push_str(&self.shown(line));
        }
        if !self.advice.is_empty() {
            s.push_str(&format!("  = help: {}\n", self.advice));
        }
        s
    }

    /// The line and the caret under it; of a long line the part around the caret.
    fn shown(&self, line: &str) -> String {
        let column = self.column as usize - 1;
        let skip = if line.chars().count() > SHOWN {
            column.saturating_sub(SHOWN / 2)
        } else {
            0
        };
        let text: String = line.chars().skip(skip).take(SHOWN).collect();
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        // A tab in the margin keeps its own width, so that the caret stays under the word.
        let pad: String = text
            .chars()
            .take(column - skip)
            .map(|c| match c {
                '\t' => "\t".to_string(),
                c => " ".repeat(c.to_string().width()),
            })
            .collect();
        let meant: String = text
            .chars()
            .skip(column - skip)
            .take(self.len as usize)
            .collect();
        let carets = "^".repeat(meant.width().max(1));
        format!("{margin} |\n{number} | {text}\n{margin} | {pad}{carets}\n")
    }
}

/// The known name most like `name`, when one is like it at all.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let longest = |k: &str| name.chars().count().max(k.chars().count());
    // A name has at most 64 characters; comparing anything longer costs time and helps nobody.
    known
        .into_iter()
        .filter(|k| longest(k) <= 64)
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
        None if known.len() > 40 => format!("known here: {}, …", known[..40].join(", ")),
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
            file: 0,
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
