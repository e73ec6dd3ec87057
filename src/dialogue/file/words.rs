//! What the file understands: intents and the knowledge base.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::known;
use super::reader::{Fields, Phrase, PhraseKind, Reader};
use crate::dialogue::builtin;
use crate::dialogue::diagnostic::At;
use crate::dialogue::intent::IntentSpec;
use crate::dialogue::plan::Action;
use crate::terms::Lang;
use std::collections::BTreeMap;

/// What is understood in each language, and the tags that intents bring.
#[derive(Default)]
pub(super) struct Words {
    pub specs: BTreeMap<Lang, BTreeMap<String, IntentSpec>>,
    pub tags: BTreeMap<String, Vec<String>>,
}

impl Reader {
    /// The built-in intents, and the file's own over them.
    pub(super) fn intents(&mut self, f: &Fields<'_>) -> Words {
        let specs = self.langs.iter().map(|l| (*l, builtin::specs(*l)));
        let mut words = Words {
            specs: specs.collect(),
            tags: BTreeMap::new(),
        };
        let Some(n) = f.get("intents") else {
            return words;
        };
        for (name, at, node) in self.named(n, "intents") {
            let i = self.fields(node, "an intent", &known::INTENT);
            self.intents.insert(name.to_string(), at);
            self.phrases(&mut words, name, at, &i, "examples");
            if let Some(n) = i.get("tag") {
                words.tags.insert(name.to_string(), self.tags(n));
            }
        }
        words
    }

    /// The knowledge base: each entry is an intent and its answer anywhere.
    pub(super) fn faq(
        &mut self,
        f: &Fields<'_>,
        words: &mut Words,
        globals: &mut BTreeMap<String, Action>,
    ) {
        let Some(n) = f.get("faq") else {
            return;
        };
        for (name, at, node) in self.named(n, "faq") {
            let entry = self.fields(node, "a faq entry", &known::FAQ);
            self.intents.entry(name.to_string()).or_insert(at);
            self.phrases(words, name, at, &entry, "ask");
            let mut action = self.spoken(&entry);
            action.at = at;
            if action.say.is_none() && action.goto.is_none() && action.call.is_none() {
                let message = format!("faq {name:?} has no answer");
                self.error(at, message, "write it under `say:`");
            }
            if globals.contains_key(name) {
                let message = format!("{name:?} is answered under `globals` as well");
                self.error(at, message, "keep one answer");
            }
            globals.insert(name.to_string(), action);
        }
    }

    /// Adds an entry's phrases to the intent `name`.
    fn phrases(&mut self, words: &mut Words, name: &str, at: At, f: &Fields<'_>, key: &str) {
        for (key, kind) in [
            (key, PhraseKind::Example),
            ("exact", PhraseKind::Exact),
            ("patterns", PhraseKind::Pattern),
        ] {
            let Some(n) = f.get(key) else { continue };
            for (lang, text, at) in self.texts_by(n, key) {
                let Some(specs) = words.specs.get_mut(&lang) else {
                    continue;
                };
                let spec = specs.entry(name.to_string()).or_default();
                match kind {
                    PhraseKind::Example => spec.examples.push(text.clone()),
                    PhraseKind::Exact => spec.exact.push(text.clone()),
                    PhraseKind::Pattern => spec.patterns.push(text.clone()),
                }
                let intent = name.to_string();
                self.phrases.push(Phrase {
                    lang,
                    intent,
                    text,
                    at,
                    kind,
                });
            }
        }
        let known = |lang: &Lang| words.specs.get(lang).is_some_and(|s| s.contains_key(name));
        if !self.langs.iter().any(known) {
            self.error(
                at,
                format!("intent {name:?} has no examples"),
                "give a few phrases that callees say",
            );
            return;
        }
        for lang in self.langs.clone().iter().filter(|l| !known(l)) {
            let silenced = f.get(key).is_some_and(|n| says_nothing(n, *lang));
            if !silenced {
                self.warn(
                    at,
                    format!("intent {name:?} has no words in {lang}"),
                    format!("add `{lang}: [phrases]`, or `{lang}: []` where it is not heard in that language"),
                );
            }
        }
    }
}

/// A language's words are given as an empty list on purpose.
fn says_nothing(node: &crate::dialogue::yaml::Node, lang: Lang) -> bool {
    use crate::dialogue::yaml::Kind;
    let Kind::Map(sides) = &node.kind else {
        return false;
    };
    sides.iter().any(|(k, n)| {
        k.text == lang.code() && matches!(&n.kind, Kind::List(items) if items.is_empty())
    })
}
