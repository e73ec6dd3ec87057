//! What the classifier makes of a clause that no rule takes.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::text::Clause;
use super::{Classifier, GUESS, filler, is_polar, negation};

/// The share of known n-grams from which on a reply counts as made of familiar words.
const FAMILIAR: f32 = 0.35;

impl Classifier {
    /// What the classifier makes of a clause: class and probability.
    pub(super) fn guesses(&self, clause: &Clause, expected: &[bool]) -> Vec<(usize, f32)> {
        let Some(model) = &self.model else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let tokens = filler::stripped(&clause.tokens, self.lang);
        let (scores, known) = model.scores(tokens);
        // An expected intent's log-odds rise by ln 1.5, and it needs a little less likeness.
        let probabilities = model.probabilities(&scores, |c| if expected[c] { 0.405 } else { 0.0 });
        let negated = !negation::positions(&clause.tokens, self.lang).is_empty();
        let open_question = negation::asks(tokens, self.lang) || clause.question;
        let rhetorical = negation::is_rhetorical(&clause.tokens, self.lang)
            || negation::is_either_or(&clause.tokens, self.lang);
        for (class, &probability) in probabilities.iter().enumerate() {
            let need = model.threshold * if expected[class] { 0.85 } else { 1.0 };
            if scores[class] < need || probability < 0.15 {
                continue;
            }
            // Close to the threshold the softmax, which knows no "none of these", is too sure of itself.
            let near = (scores[class] / (1.6 * need.max(0.05))).clamp(0.6, 1.0);
            // Nor does it know the words that no intent has.
            let mut score = probability * near * (known / FAMILIAR).min(1.0);
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
