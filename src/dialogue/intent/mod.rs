//! Which intent a reply has. In this order: a table of whole replies, patterns, and a classifier for everything else:
//! character, syllable and word n-grams and, where they are given, sentence vectors under kernel ridge. Deterministic; trained
//! in about a second from the dialplan.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod candidates;
pub mod features;
pub mod filler;
mod guess;
mod merge;
pub mod model;
pub mod negation;
pub mod opt_out;
pub mod pattern;
mod polarity;
mod replies;
pub mod ridge;
mod rules;
mod sense;
pub mod table;
pub mod text;
pub mod vectors;

pub use candidates::Candidate;
pub use replies::Replies;
pub use vectors::Vectors;

use crate::terms::Lang;
use features::Use;
use guess::Heard;
use merge::Merge;
use model::{Model, Rows};
use pattern::Pattern;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use table::Table;
use text::{Clause, Token};

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

/// What is known about a reply beside its words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The branches of the open question: they weigh a little more.
    pub expected: &'a [String],
    /// Of the texts that [`Classifier::wants`] named; a text without one is read by its n-grams alone.
    pub vectors: Option<&'a Vectors>,
    /// What the recogniser made of the phrases that were expected.
    pub candidates: &'a [Candidate],
}

/// Readings at or above this may be acted on.
pub const ACCEPT: f32 = 0.5;
/// The most that a guess about a negated reply may score: always below [`ACCEPT`].
pub const GUESS: f32 = 0.42;
/// Below this a reading is as good as none.
const NOTHING: f32 = 0.3;

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
    /// None where no intent has examples.
    grams: Option<Model>,
    /// None where the examples came without vectors.
    fused: Option<Model>,
    /// Share of each class's examples that hold a negation.
    negated: Vec<f32>,
    /// A second opinion on short replies.
    replies: Option<Arc<Replies>>,
}

impl Classifier {
    /// The texts whose vectors [`Classifier::train`] looks for.
    #[must_use]
    pub fn texts(lang: Lang, specs: &BTreeMap<String, IntentSpec>) -> Vec<String> {
        let examples = specs.values().flat_map(|spec| &spec.examples);
        let texts = examples.filter_map(|phrase| {
            let tokens = text::tokens(phrase, lang);
            let text = Vectors::key(&text::surface(filler::stripped(&tokens, lang)));
            (!text.is_empty()).then_some(text)
        });
        texts.collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// Trains on the intents of a dialplan (its own merged with [`crate::dialogue::builtin::specs`]). Unless `vectors` has
    /// every text of [`Classifier::texts`], n-grams alone decide.
    ///
    /// # Errors
    /// No intents, an intent without words, or a pattern that cannot be read.
    pub fn train(
        lang: Lang,
        specs: &BTreeMap<String, IntentSpec>,
        vectors: &Vectors,
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
        let own: Option<Vec<&[f32]>> = rows
            .iter()
            .map(|(row, _)| vectors.get(&text::surface(row)))
            .collect();
        let counted = |usage| Rows::new(lang, usage, &rows, specs.len());
        Ok(Classifier {
            lang,
            names: specs.keys().cloned().collect(),
            table,
            patterns,
            grams: counted(Use::Alone).as_ref().map(Model::of_grams),
            fused: own.and_then(|own| Model::fused(&counted(Use::BesideSense)?, &own)),
            negated,
            replies: None,
        })
    }

    /// With a second opinion on short replies.
    #[must_use]
    pub fn advised(mut self, replies: Option<Arc<Replies>>) -> Classifier {
        self.replies = replies.filter(|r| r.speaks(self.lang));
        self
    }

    /// Whether sentence vectors help it.
    #[must_use]
    pub fn wants_vectors(&self) -> bool {
        self.fused.is_some()
    }

    /// The texts to embed before a reply is read: what the tables and patterns leave over, piece by piece, and the whole.
    #[must_use]
    pub fn wants(&self, text: &str) -> Vec<String> {
        if !self.wants_vectors() {
            return Vec::new();
        }
        let clauses = text::clauses(text, self.lang);
        let wanted = RefCell::new(Vec::new());
        let heard = Heard {
            expected: vec![false; self.names.len()],
            vectors: None,
            wanted: Some(&wanted),
        };
        let mut merge = Merge::new(&self.names, &heard.expected);
        let pieces = self.by_rules(&clauses, &heard, &mut merge);
        if pieces > 1 && !wanted.borrow().is_empty() {
            self.guesses(&whole(&clauses), &heard);
        }
        let mut wanted = wanted.into_inner();
        if pieces > 0
            && let Some(replies) = &self.replies
        {
            wanted.extend(replies.wants(&whole(&clauses).tokens));
        }
        wanted
    }

    /// The intents of a reply that may be acted on, best first, at most three.
    #[must_use]
    pub fn read(&self, text: &str, context: &Context<'_>) -> Vec<Reading> {
        let mut readings = self.weigh(text, context);
        readings.retain(|r| r.score >= ACCEPT);
        readings
    }

    /// As [`Classifier::read`], with the guesses too weak to act on: for reports on what was not understood.
    #[must_use]
    pub fn weigh(&self, text: &str, context: &Context<'_>) -> Vec<Reading> {
        let clauses = text::clauses(text, self.lang);
        let all = whole(&clauses);
        let named = |name| context.expected.contains(name);
        let heard = Heard {
            expected: self.names.iter().map(named).collect(),
            vectors: context.vectors,
            wanted: None,
        };
        let mut readings = Vec::new();
        let mut pieces = 0;
        if !all.tokens.is_empty() {
            let mut merge = Merge::new(&self.names, &heard.expected);
            pieces = self.by_rules(&clauses, &heard, &mut merge);
            if opt_out::is_only_for_now(&all.tokens, self.lang) {
                merge.opt_out_is_busy();
            }
            readings = merge.finish();
            // Cut in pieces it may be about nothing that is, taken together, about something.
            let in_vain = readings.iter().all(|r| r.score < NOTHING);
            if in_vain && pieces > 1 && self.wants_vectors() && context.vectors.is_some() {
                let mut merge = Merge::new(&self.names, &heard.expected);
                merge.polarity(polarity::verdict(&clauses, self.lang));
                for (class, score) in self.guesses(&all, &heard) {
                    merge.guess(class, score, text::surface(&all.tokens));
                }
                readings = merge.finish();
            }
        }
        if let (Some(replies), Some(vectors), true) = (&self.replies, context.vectors, pieces > 0) {
            replies.weigh_in(&all.tokens, vectors, &self.names, &mut readings);
        }
        if !context.candidates.is_empty() {
            let candidates = context.candidates;
            candidates::weigh(
                &mut readings,
                candidates,
                &all.tokens,
                &self.names,
                self.lang,
            );
        }
        readings
    }

    /// All intents by how like their examples these words are, the likest first, however little that is.
    #[must_use]
    pub fn rank(&self, text: &str, vectors: Option<&Vectors>) -> Vec<&str> {
        let all = whole(&text::clauses(text, self.lang));
        let bare = filler::stripped(&all.tokens, self.lang);
        let vector = vectors.and_then(|v| v.get(&text::surface(bare)));
        let by_sense = || self.fused.as_ref()?.scores(bare, Some(vector?));
        let by_letters = || self.grams.as_ref()?.scores(bare, None);
        let Some(scores) = by_sense().or_else(by_letters) else {
            return Vec::new();
        };
        let mut order: Vec<usize> = (0..self.names.len().min(scores.raw.len())).collect();
        order.sort_by(|a, b| scores.raw[*b].total_cmp(&scores.raw[*a]));
        order.into_iter().map(|c| self.names[c].as_str()).collect()
    }

    /// Reads a reply piece by piece; the number of pieces.
    fn by_rules(&self, clauses: &[Clause], heard: &Heard<'_>, merge: &mut Merge) -> usize {
        let all = whole(clauses).tokens;
        if all.is_empty() || self.by_table(&all, merge) {
            return 0;
        }
        merge.polarity(polarity::verdict(clauses, self.lang));
        let mut cut = Vec::new();
        for clause in clauses {
            cut.extend(rules::pieces(clause, self.lang));
        }
        // 等一下，你们在哪: what only holds the floor says nothing beside what does.
        let says = |c: &Clause| !filler::is_only_filler(&c.tokens, self.lang);
        if cut.iter().any(says) {
            cut.retain(says);
        }
        for piece in &cut {
            self.by_piece(piece, heard, merge);
        }
        cut.len()
    }
}

/// All clauses as one.
fn whole(clauses: &[Clause]) -> Clause {
    Clause {
        tokens: clauses.iter().flat_map(|c| c.tokens.clone()).collect(),
        question: clauses.last().is_some_and(|c| c.question),
    }
}

fn is_polar(name: &str) -> bool {
    matches!(name, "affirm" | "deny")
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod with_vectors;
