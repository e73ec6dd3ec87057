//! What the classifier makes of a clause that no rule takes.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::model::{Model, Scores};
use super::text::{self, Clause};
use super::vectors::Vectors;
use super::{Classifier, GUESS, filler, is_polar, negation};
use std::cell::RefCell;

/// The share of known n-grams from which on a reply counts as made of familiar words.
const FAMILIAR: f32 = 0.35;

/// What is known about a reply beside its words.
pub(super) struct Heard<'a> {
    /// Whether each intent is expected.
    pub expected: Vec<bool>,
    pub vectors: Option<&'a Vectors>,
    /// Where given, texts are only collected for embedding.
    pub wanted: Option<&'a RefCell<Vec<String>>>,
}

impl Classifier {
    /// What the classifier makes of a clause: class and probability.
    pub(super) fn guesses(&self, clause: &Clause, heard: &Heard<'_>) -> Vec<(usize, f32)> {
        let tokens = filler::stripped(&clause.tokens, self.lang);
        if let Some(wanted) = heard.wanted {
            let text = Vectors::key(&text::surface(tokens));
            if !text.is_empty() && !wanted.borrow().contains(&text) {
                wanted.borrow_mut().push(text);
            }
            return Vec::new();
        }
        let by_sense = self.fused.as_ref().and_then(|model| {
            let vector = heard.vectors?.get(&text::surface(tokens))?;
            Some((model, model.scores(tokens, Some(vector))?))
        });
        match by_sense {
            Some((model, scores)) => self.judged(model, &scores, clause, heard),
            None => self.guesses_by_words(clause, heard),
        }
    }

    /// The same from n-grams alone.
    pub(super) fn guesses_by_words(&self, clause: &Clause, heard: &Heard<'_>) -> Vec<(usize, f32)> {
        let tokens = filler::stripped(&clause.tokens, self.lang);
        let scored = self
            .grams
            .as_ref()
            .and_then(|m| Some((m, m.scores(tokens, None)?)));
        scored.map_or_else(Vec::new, |(model, scores)| {
            self.judged(model, &scores, clause, heard)
        })
    }

    fn judged(
        &self,
        model: &Model,
        scores: &Scores,
        clause: &Clause,
        heard: &Heard<'_>,
    ) -> Vec<(usize, f32)> {
        let tokens = filler::stripped(&clause.tokens, self.lang);
        // Words that no intent has say little by themselves; their vector knows what they mean.
        let familiar = if model.wants_vectors() {
            1.0
        } else {
            (scores.known / FAMILIAR).min(1.0)
        };
        let expected = &heard.expected;
        // An expected intent's log-odds rise by ln 1.5, and it needs a little less likeness.
        let prior = |c: usize| if expected[c] { 0.405 } else { 0.0 };
        let probabilities = model.probabilities(&scores.raw, prior);
        let negated = !negation::positions(&clause.tokens, self.lang).is_empty();
        let open_question = negation::asks(tokens, self.lang) || clause.question;
        let rhetorical = negation::is_rhetorical(&clause.tokens, self.lang)
            || negation::is_either_or(&clause.tokens, self.lang);
        let mut out = Vec::new();
        for (class, &probability) in probabilities.iter().enumerate() {
            let need = model.threshold * if expected[class] { 0.85 } else { 1.0 };
            if scores.raw[class] < need || probability < 0.15 {
                continue;
            }
            // Close to the threshold the softmax, which knows no "none of these", is too sure of itself.
            let near = (scores.raw[class] / (1.6 * need.max(0.05))).clamp(0.6, 1.0);
            let mut score = probability * near * familiar;
            let polar = is_polar(&self.names[class]);
            let strange = if negated {
                self.negated[class] < 0.15
            } else {
                self.negated[class] > 0.6
            };
            if (polar && (negated || rhetorical || open_question)) || (strange && !open_question) {
                score = score.min(GUESS);
            }
            out.push((class, score.min(0.95)));
        }
        out
    }
}
