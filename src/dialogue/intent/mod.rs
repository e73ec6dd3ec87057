//! Which intent a reply has. In this order: a table of whole replies, patterns, and a classifier (character, syllable and
//! word n-grams under kernel ridge) for everything else. Deterministic; trained in well under a second from the dialplan.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod features;
pub mod filler;
mod guess;
mod merge;
pub mod model;
pub mod negation;
pub mod opt_out;
pub mod pattern;
mod polarity;
pub mod ridge;
mod rules;
pub mod table;
pub mod text;
pub mod vectors;

use crate::terms::Lang;
use merge::Merge;
use model::Model;
use pattern::Pattern;
use std::collections::{BTreeMap, BTreeSet};
use table::Table;
use text::Token;

/// How an intent is recognised.
#[derive(Default, Clone, Debug, PartialEq)]
pub struct IntentSpec {
    /// What people say; each is a training example and a whole reply at once.
    pub examples: Vec<String>,
    /// Whole replies that mean this and nothing else, too short or too odd to learn from.
    pub exact: Vec<String>,
    /// See [`pattern`].
    pub patterns: Vec<String>,
}

/// One intent found in a reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub intent: String,
    /// 0..=1, a probability; below [`ACCEPT`] it is better to ask again than to act.
    pub score: f32,
    /// The words that earned it.
    pub evidence: String,
}

/// A phrase that the recogniser was told to expect and scored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidate {
    pub intent: String,
    pub text: String,
    /// 0..=1, calibrated.
    pub confidence: f32,
}

/// Readings at or above this may be acted on.
pub const ACCEPT: f32 = 0.5;
/// The most that a guess about a negated reply may score: always below [`ACCEPT`].
pub const GUESS: f32 = 0.42;

/// Why a set of intents cannot be trained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntentError {
    #[error("there is no intent to listen for; add one under `intents:`")]
    NoIntents,
    #[error("intent `{0}` has no words; give it `examples`, `exact` or `patterns`")]
    Empty(String),
    #[error("intent `{intent}`: {why}")]
    BadPattern { intent: String, why: String },
}

/// Reads replies.
#[derive(Clone, Debug)]
pub struct Classifier {
    lang: Lang,
    names: Vec<String>,
    table: Table,
    patterns: Vec<(usize, Pattern)>,
    model: Option<Model>,
    /// Share of each class's examples that hold a negation.
    negated: Vec<f32>,
}

impl Classifier {
    /// Trains on the intents of a dialplan (its own merged with [`crate::dialogue::builtin::specs`]).
    ///
    /// # Errors
    /// No intents, an intent without words, or a pattern that cannot be read.
    pub fn train(
        lang: Lang,
        specs: &BTreeMap<String, IntentSpec>,
    ) -> Result<Classifier, IntentError> {
        if specs.is_empty() {
            return Err(IntentError::NoIntents);
        }
        let mut table = Table::new(lang);
        let mut patterns = Vec::new();
        let mut rows: Vec<(Vec<Token>, usize)> = Vec::new();
        let mut negated = Vec::new();
        for (class, (name, spec)) in specs.iter().enumerate() {
            if spec.examples.is_empty() && spec.exact.is_empty() && spec.patterns.is_empty() {
                return Err(IntentError::Empty(name.clone()));
            }
            for source in &spec.patterns {
                let pattern =
                    Pattern::parse(source, lang).map_err(|why| IntentError::BadPattern {
                        intent: name.clone(),
                        why,
                    })?;
                patterns.push((class, pattern));
            }
            let (mut count, mut with_negation) = (0usize, 0usize);
            let mut seen = BTreeSet::new();
            spec.exact
                .iter()
                .for_each(|phrase| table.add(phrase, class));
            for phrase in &spec.examples {
                table.add(phrase, class);
                let tokens = text::tokens(phrase, lang);
                let row = filler::stripped(&tokens, lang).to_vec();
                if row.is_empty() || !seen.insert(text::form_key(&row)) {
                    continue;
                }
                count += 1;
                with_negation += usize::from(!negation::positions(&tokens, lang).is_empty());
                rows.push((row, class));
            }
            negated.push(with_negation as f32 / count.max(1) as f32);
        }
        polarity::prepare(lang);
        let model = Model::train(lang, &rows, specs.len());
        Ok(Classifier {
            lang,
            names: specs.keys().cloned().collect(),
            table,
            patterns,
            model,
            negated,
        })
    }

    /// The intents of a reply that may be acted on, best first, at most three. `expected` intents (the branches of the open
    /// question) weigh a little more.
    #[must_use]
    pub fn read(&self, text: &str, expected: &[String]) -> Vec<Reading> {
        let mut readings = self.weigh(text, expected);
        readings.retain(|r| r.score >= ACCEPT);
        readings
    }

    /// As [`Classifier::read`], with the guesses too weak to act on: for reports on what was not understood.
    #[must_use]
    pub fn weigh(&self, text: &str, expected: &[String]) -> Vec<Reading> {
        let clauses = text::clauses(text, self.lang);
        let all: Vec<Token> = clauses
            .iter()
            .flat_map(|c| c.tokens.iter().cloned())
            .collect();
        if all.is_empty() {
            return Vec::new();
        }
        let expected: Vec<bool> = self.names.iter().map(|n| expected.contains(n)).collect();
        let mut merge = Merge::new(&self.names, &expected);
        if !self.by_table(&all, &mut merge) {
            merge.polarity(polarity::verdict(&clauses, self.lang));
            let mut cut = Vec::new();
            for clause in &clauses {
                cut.extend(rules::pieces(clause, self.lang));
            }
            for piece in &cut {
                self.by_piece(piece, &expected, &mut merge);
            }
        }
        if opt_out::is_only_for_now(&all, self.lang) {
            merge.opt_out_is_busy();
        }
        merge.finish()
    }
}

fn is_polar(name: &str) -> bool {
    matches!(name, "affirm" | "deny")
}

#[cfg(test)]
mod tests;
