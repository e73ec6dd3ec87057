//! Prompts and other texts, which may be given by language.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::known;
use super::reader::Reader;
use crate::dialogue::defaults::{self, Defaults};
use crate::dialogue::diagnostic::{At, advise};
use crate::dialogue::plan::{Prompt, Variant, Worded};
use crate::dialogue::template::Template;
use crate::dialogue::yaml::{Kind, Node};
use crate::terms::Lang;
use std::collections::BTreeMap;

pub(super) const LANGS: [(&str, Lang); 2] = [("zh", Lang::Zh), ("en", Lang::En)];

/// A key under which a language's words stand.
pub(super) fn is_lang(key: &str) -> bool {
    LANGS.iter().any(|(code, _)| *code == key)
}

/// What the long form of a prompt says of its words.
#[derive(Clone, Default)]
struct Manner {
    recording: Option<String>,
    interruptible: bool,
    grace_ms: u64,
    when: Option<crate::dialogue::plan::When>,
}

impl Reader {
    /// A text, the long form, a list of these, or a mapping by language.
    pub(super) fn prompt(&mut self, node: &Node, what: &str) -> Prompt {
        let mut variants = Vec::new();
        self.variants(node, what, None, &mut variants);
        Prompt { variants }
    }

    /// A list of prompts, said one after the other as a ladder goes on. By language: the lists side by side.
    pub(super) fn prompts(&mut self, node: &Node, what: &str) -> Vec<Prompt> {
        match &node.kind {
            Kind::List(items) => items.iter().map(|i| self.prompt(i, what)).collect(),
            Kind::Map(_) if by_language(node) => {
                let mut all: Vec<Prompt> = Vec::new();
                for (lang, side) in self.tongues(node, what) {
                    let lines = match &side.kind {
                        Kind::List(items) => items.iter().collect(),
                        _ => vec![side],
                    };
                    for (i, line) in lines.into_iter().enumerate() {
                        if all.len() == i {
                            all.push(Prompt::default());
                        }
                        self.variants(line, what, Some(lang), &mut all[i].variants);
                    }
                }
                all
            }
            _ => vec![self.prompt(node, what)],
        }
    }

    fn variants(&mut self, node: &Node, what: &str, lang: Option<Lang>, out: &mut Vec<Variant>) {
        match &node.kind {
            Kind::List(items) => {
                if items.is_empty() {
                    self.error(node.at, format!("{what} has no text"), "write one");
                }
                for item in items {
                    match &item.kind {
                        Kind::List(_) => {
                            self.text(item, what);
                        }
                        _ => self.variants(item, what, lang, out),
                    }
                }
            }
            Kind::Map(_) if lang.is_none() && by_language(node) => {
                for (lang, side) in self.tongues(node, what) {
                    self.variants(side, what, Some(lang), out);
                }
            }
            Kind::Map(m)
                if m.iter()
                    .any(|(k, _)| known::PROMPT.contains(&k.text.as_str())) =>
            {
                self.long_form(node, what, lang, out);
            }
            _ => {
                let manner = Manner {
                    interruptible: true,
                    ..Manner::default()
                };
                out.extend(self.variant(node, what, lang, manner));
            }
        }
    }

    fn long_form(&mut self, node: &Node, what: &str, lang: Option<Lang>, out: &mut Vec<Variant>) {
        let f = self.fields(node, what, &known::PROMPT);
        let manner = Manner {
            recording: f.get("recording").and_then(|n| self.recording(n)),
            interruptible: f
                .get("interruptible")
                .is_none_or(|n| self.flag(n, "interruptible")),
            grace_ms: f
                .get("grace_ms")
                .and_then(|n| self.number(n, "grace_ms", 0..=5000))
                .unwrap_or(0),
            when: f.get("when").map(|n| self.when(n)),
        };
        let advice = if f.get("recording").is_some() {
            "a recording needs its words too, for the transcript"
        } else {
            "write the words under `text:`"
        };
        let Some(text) = self.need(&f, "text", advice) else {
            return;
        };
        if lang.is_none() && by_language(text) {
            for (lang, side) in self.tongues(text, what) {
                out.extend(self.variant(side, what, Some(lang), manner.clone()));
            }
        } else {
            out.extend(self.variant(text, what, lang, manner));
        }
    }

    fn variant(
        &mut self,
        node: &Node,
        what: &str,
        lang: Option<Lang>,
        manner: Manner,
    ) -> Option<Variant> {
        let text = self.text(node, what)?;
        if text.trim().is_empty() {
            self.error(
                node.at,
                format!("{what} has no words"),
                "write what is said, or remove the field",
            );
        }
        // A plain text in a file of several languages is in the file's own; one of variables only is in all.
        let own = self.langs.len() > 1 && has_words(&text);
        Some(Variant {
            text: self.template(node.at, text.trim(), what)?,
            recording: manner.recording,
            interruptible: manner.interruptible,
            grace_ms: manner.grace_ms,
            lang: lang.or(own.then_some(self.lang)),
            when: manner.when,
            at: node.at,
        })
    }

    pub(super) fn template(&mut self, at: At, text: &str, what: &str) -> Option<Template> {
        Template::parse(text)
            .map_err(|e| {
                let advice = format!(
                    "near {:?}: a variable is written {{name}}, and there is no other use of braces",
                    e.near
                );
                self.error(at, format!("{what}: {}", e.why), advice);
            })
            .ok()
    }

    fn recording(&mut self, node: &Node) -> Option<String> {
        let path = self.text(node, "recording")?;
        let bad = path.starts_with(['/', '\\', '~'])
            || path.contains(':')
            || path.split(['/', '\\']).any(|p| p == "..");
        if bad {
            self.error(
                node.at,
                format!("recording {path:?} leaves the dialplan's folder"),
                "give a path relative to the dialplan, without ..",
            );
            return None;
        }
        if !path.to_ascii_lowercase().ends_with(".wav") {
            self.error(
                node.at,
                format!("recording {path:?} is not a .wav file"),
                "convert it to WAV",
            );
        }
        Some(path)
    }

    /// The sides of a mapping by language; those that the file does not speak are noted and left out.
    pub(super) fn tongues<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(Lang, &'n Node)> {
        let mut sides = Vec::new();
        for (key, at, side) in self.entries(node, what) {
            match LANGS.iter().find(|(code, _)| *code == key) {
                Some((_, lang)) if self.langs.contains(lang) => sides.push((*lang, side)),
                Some(_) => self.error(
                    at,
                    format!("{what} has words in {key}, a language this file does not speak"),
                    format!("add `langs: {{ {key}: {{}} }}`, or take them out"),
                ),
                None => self.error(
                    at,
                    format!("{what}: {key:?} is not a language"),
                    advise(key, LANGS.iter().map(|(code, _)| *code)),
                ),
            }
        }
        sides
    }

    /// A text, or one for each language.
    pub(super) fn worded(&mut self, node: &Node, what: &str) -> Option<Worded> {
        if !by_language(node) {
            return self.text(node, what).map(|t| t.as_str().into());
        }
        let mut by = BTreeMap::new();
        for (lang, side) in self.tongues(node, what) {
            if let Some(text) = self.text(side, what) {
                by.insert(lang, text);
            }
        }
        for lang in self.langs.clone() {
            if !by.contains_key(&lang) {
                let advice = "give it in every language of the file";
                self.error(node.at, format!("{what} has no words in {lang}"), advice);
            }
        }
        Some(Worded {
            text: by.get(&self.lang)?.clone(),
            by,
        })
    }

    /// Texts by language; a plain text or list is in the file's own.
    pub(super) fn texts_by(&mut self, node: &Node, what: &str) -> Vec<(Lang, String, At)> {
        let sides = if by_language(node) {
            self.tongues(node, what)
        } else {
            vec![(self.lang, node)]
        };
        let mut out = Vec::new();
        for (lang, side) in sides {
            let texts = self.texts(side, what);
            out.extend(texts.into_iter().map(|(t, at)| (lang, t, at)));
        }
        out
    }

    /// A prompt of the program's own words, in each of the file's languages.
    pub(super) fn builtin(&self, pick: fn(&Defaults) -> &'static str) -> Prompt {
        self.builtin_texts(&|d| vec![pick(d).to_string()])
    }

    pub(super) fn builtin_texts(&self, pick: &dyn Fn(&'static Defaults) -> Vec<String>) -> Prompt {
        let several = self.langs.len() > 1;
        let mut variants = Vec::new();
        for lang in &self.langs {
            for text in pick(defaults::of(*lang)) {
                variants.push(Variant {
                    text: Template::parse(&text).unwrap_or_default(),
                    recording: None,
                    interruptible: true,
                    grace_ms: 0,
                    lang: several.then_some(*lang),
                    when: None,
                    at: At::default(),
                });
            }
        }
        Prompt { variants }
    }

    /// The program's own words for a ladder: one prompt a line, in each of the file's languages.
    pub(super) fn builtin_lines(
        &self,
        pick: fn(&Defaults) -> &'static [&'static str],
    ) -> Vec<Prompt> {
        let most = self
            .langs
            .iter()
            .map(|l| pick(defaults::of(*l)).len())
            .max();
        (0..most.unwrap_or(0))
            .map(|i| {
                self.builtin_texts(&|d| {
                    let lines = pick(d);
                    let line = lines.get(i).or(lines.last());
                    line.map(|l| (*l).to_string()).into_iter().collect()
                })
            })
            .collect()
    }
}

pub(super) fn by_language(node: &Node) -> bool {
    matches!(&node.kind, Kind::Map(m) if m.iter().any(|(k, _)| is_lang(&k.text)))
}

/// True when a text has letters besides its variables.
fn has_words(text: &str) -> bool {
    let mut inside = false;
    text.chars().any(|c| {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ => {}
        }
        !inside && c.is_alphanumeric()
    })
}
