//! The intents every outbound call hears, in both languages, so that a dialplan need not list them.
//! A dialplan may add words to them under the same name.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod en;
mod zh;

use super::intent::IntentSpec;
use crate::terms::Lang;
use std::collections::BTreeMap;

/// Built-in intent names: affirm, deny, opt_out, human, robot_question, repeat, busy, wrong_number, abuse, hesitate,
/// price (asked about or objected to), language (another one is wanted), complaint (words of anger that end nothing by themselves).
#[must_use]
pub fn specs(lang: Lang) -> BTreeMap<String, IntentSpec> {
    let table = match lang {
        Lang::Zh => zh::INTENTS,
        Lang::En => en::INTENTS,
    };
    table
        .iter()
        .map(|row| (row.name.to_owned(), row.spec()))
        .collect()
}

/// One intent's words: phrases are separated by `/`, patterns stand one each.
struct Row {
    name: &'static str,
    examples: &'static str,
    exact: &'static str,
    patterns: &'static [&'static str],
}

impl Row {
    fn spec(&self) -> IntentSpec {
        IntentSpec {
            examples: phrases(self.examples),
            exact: phrases(self.exact),
            patterns: self.patterns.iter().map(|&p| p.to_owned()).collect(),
        }
    }
}

fn phrases(list: &str) -> Vec<String> {
    list.split('/')
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::intent::{Classifier, Context, Vectors};

    #[test]
    fn both_languages_have_the_same_intents_with_words_enough() {
        let (zh, en) = (specs(Lang::Zh), specs(Lang::En));
        assert_eq!(zh.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        for (lang, specs) in [("zh", &zh), ("en", &en)] {
            for (name, spec) in specs {
                let least = if matches!(name.as_str(), "affirm" | "deny" | "opt_out" | "busy") {
                    25
                } else {
                    12
                };
                assert!(
                    spec.examples.len() >= least,
                    "{lang} {name}: {} examples",
                    spec.examples.len()
                );
            }
        }
    }

    #[test]
    fn every_built_in_example_is_read_as_its_own_intent() {
        let mut wrong = Vec::new();
        for lang in [Lang::Zh, Lang::En] {
            let specs = specs(lang);
            let classifier = Classifier::train(lang, &specs, &Vectors::default()).unwrap();
            for (name, spec) in &specs {
                for phrase in spec.examples.iter().chain(&spec.exact) {
                    let best = classifier
                        .read(phrase, &Context::default())
                        .into_iter()
                        .next()
                        .map(|r| r.intent)
                        .unwrap_or_default();
                    if best != *name {
                        wrong.push(format!("{lang} {phrase}: {best}, not {name}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
