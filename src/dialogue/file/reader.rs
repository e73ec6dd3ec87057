//! Takes typed values out of the YAML tree, and notes everything that is wrong on the way.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::diagnostic::{At, Diagnostic, Severity, advise};
use crate::dialogue::template::is_name;
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::Lang;
use std::collections::BTreeMap;

/// Findings beyond this many are not noted: the first ones are what helps.
const MAX_FOUND: usize = 200;

/// Collects findings while files are read, and what only the checks need to know of them.
#[derive(Debug, Default)]
pub(in crate::dialogue) struct Reader {
    /// The dialplan, then what it includes: [`At::file`] counts them.
    pub files: Vec<Source>,
    pub found: Vec<Diagnostic>,
    /// The language the dialplan begins in, and all that it speaks.
    pub lang: Lang,
    pub langs: Vec<Lang>,
    /// Where each intent of the files stands.
    pub intents: BTreeMap<String, At>,
    /// The phrases of the files' intents.
    pub phrases: Vec<Phrase>,
    /// Other places that the plan does not keep: `handoff.tag`, `retention.on` and the like.
    pub places: BTreeMap<String, At>,
}

/// A file that was read.
#[derive(Debug)]
pub(in crate::dialogue) struct Source {
    pub name: String,
    pub text: String,
}

/// A phrase under an intent, with its place.
#[derive(Debug)]
pub(in crate::dialogue) struct Phrase {
    pub lang: Lang,
    pub intent: String,
    pub text: String,
    pub at: At,
    pub kind: PhraseKind,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(in crate::dialogue) enum PhraseKind {
    Example,
    Exact,
    Pattern,
}

/// A mapping whose keys are all known.
pub(in crate::dialogue) struct Fields<'n> {
    pub at: At,
    entries: Vec<(&'n str, &'n Node)>,
}

impl<'n> Fields<'n> {
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|(k, _)| *k == key)
            .map(|(_, n)| *n)
    }
}

impl Reader {
    pub fn error(&mut self, at: At, message: impl Into<String>, advice: impl Into<String>) {
        self.note(at, Severity::Error, message.into(), advice.into());
    }

    pub fn warn(&mut self, at: At, message: impl Into<String>, advice: impl Into<String>) {
        self.note(at, Severity::Warning, message.into(), advice.into());
    }

    /// An error about a secret in the file. The line is not shown from there on: findings go to terminals and CI logs.
    pub fn leak(&mut self, at: At, message: impl Into<String>, advice: impl Into<String>) {
        let before = self.found.len();
        self.error(at, message, advice);
        if let Some(found) = self.found.get_mut(before) {
            let known = found.quoted.chars().take(found.column as usize - 1);
            found.quoted = known.chain(['…']).collect();
            found.len = 1;
        }
    }

    fn note(&mut self, at: At, severity: Severity, message: String, advice: String) {
        if self.full() {
            return;
        }
        let (message, advice) = (shortened(message), shortened(advice));
        let (name, line) = self
            .files
            .get(usize::from(at.file))
            .map(|f| {
                let line = f.text.lines().nth((at.line.max(1) - 1) as usize);
                (f.name.as_str(), line.unwrap_or_default())
            })
            .unwrap_or_default();
        let found = Diagnostic::new(name, at, severity, message, advice).quoting(line);
        self.found.push(found);
    }

    /// True when nothing found so far keeps the file from being used.
    pub fn usable(&self) -> bool {
        self.found.iter().all(|d| d.severity == Severity::Warning)
    }

    /// True when nothing more is noted, so that looking further is lost time.
    pub fn full(&self) -> bool {
        self.found.len() >= MAX_FOUND
    }

    /// The text of the file that a place is in.
    pub fn source(&self, at: At) -> &str {
        self.files
            .get(usize::from(at.file))
            .map_or("", |f| f.text.as_str())
    }

    /// A mapping with only `known` keys. `what` names it in messages.
    pub fn fields<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Fields<'n> {
        let mut entries = Vec::new();
        for (key, at, value) in self.entries(node, what) {
            if known.contains(&key) {
                entries.push((key, value));
            } else {
                self.error(
                    at,
                    format!("{what} has no field {key:?}"),
                    advise(key, known.iter().copied()),
                );
            }
        }
        Fields {
            at: node.at,
            entries,
        }
    }

    /// A mapping with names of the author's own.
    pub fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n str, At, &'n Node)> {
        match &node.kind {
            Kind::Map(m) => m.iter().map(|(k, v)| (k.text.as_str(), k.at, v)).collect(),
            Kind::Null => Vec::new(),
            _ => {
                self.error(
                    node.at,
                    format!(
                        "{what} must be a mapping (name: value), and is {}",
                        node.is()
                    ),
                    "write `name: value` lines, indented below it",
                );
                Vec::new()
            }
        }
    }

    /// Like [`Reader::entries`], each key checked to be usable as a name.
    pub fn named<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n str, At, &'n Node)> {
        let all = self.entries(node, what);
        for (key, at, _) in &all {
            if !is_name(key) {
                self.error(
                    *at,
                    format!("{key:?} cannot be a name"),
                    "names are letters, digits, _ and -, at most 64",
                );
            }
        }
        all
    }

    pub fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        match &node.kind {
            Kind::Text(t) => Some(t.clone()),
            Kind::Map(m) if m.iter().any(|(k, _)| super::prompt::is_lang(&k.text)) => {
                self.error(
                    node.at,
                    format!("{what} cannot be given by language"),
                    "write one text for all languages",
                );
                None
            }
            Kind::Map(_) => {
                self.error(
                    node.at,
                    format!("{what} must be text, and is a mapping"),
                    "a text that begins with {name} must stand in quotes",
                );
                None
            }
            _ => {
                self.error(
                    node.at,
                    format!("{what} must be text, and is {}", node.is()),
                    "write the text after the colon",
                );
                None
            }
        }
    }

    /// A text, or a list of texts.
    pub fn texts(&mut self, node: &Node, what: &str) -> Vec<(String, At)> {
        let items: Vec<&Node> = match &node.kind {
            Kind::List(items) => items.iter().collect(),
            Kind::Null => Vec::new(),
            _ => vec![node],
        };
        items
            .into_iter()
            .filter_map(|n| self.text(n, what).map(|t| (t, n.at)))
            .collect()
    }

    pub fn flag(&mut self, node: &Node, what: &str) -> bool {
        match &node.kind {
            Kind::Text(t) if t == "true" => true,
            Kind::Text(t) if t == "false" => false,
            _ => {
                let advice = "write `true` or `false`, without quotes";
                self.error(node.at, format!("{what} must be true or false"), advice);
                false
            }
        }
    }

    pub fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
        &mut self,
        node: &Node,
        what: &str,
        range: std::ops::RangeInclusive<T>,
    ) -> Option<T> {
        let value = match &node.kind {
            Kind::Text(t) => t.parse::<T>().ok(),
            _ => None,
        };
        let fits = value.filter(|v| range.contains(v));
        if fits.is_none() {
            self.error(
                node.at,
                format!(
                    "{what} must be a number from {} to {}",
                    range.start(),
                    range.end()
                ),
                "write a number in that range, in digits",
            );
        }
        fits
    }

    /// One of a few words.
    pub fn word<T: Copy>(&mut self, node: &Node, what: &str, table: &[(&str, T)]) -> Option<T> {
        let text = self.text(node, what)?;
        let hit = table.iter().find(|(w, _)| *w == text).map(|(_, v)| *v);
        if hit.is_none() {
            self.error(
                node.at,
                format!("{what} cannot be {text:?}"),
                advise(&text, table.iter().map(|(w, _)| *w)),
            );
        }
        hit
    }

    /// A field that must be there.
    pub fn need<'n>(&mut self, f: &Fields<'n>, key: &str, advice: &str) -> Option<&'n Node> {
        let got = f.get(key).filter(|n| !matches!(n.kind, Kind::Null));
        if got.is_none() {
            self.error(f.at, format!("{key:?} is missing"), advice);
        }
        got
    }
}

/// A message with a name in it stays readable whatever the name is.
fn shortened(text: String) -> String {
    const MOST: usize = 400;
    match text.char_indices().nth(MOST) {
        Some((i, _)) => format!("{}…", &text[..i]),
        None => text,
    }
}
