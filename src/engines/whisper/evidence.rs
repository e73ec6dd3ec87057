//! From log-probabilities to confidences that mean what they say: of the answers given with 0.8, about eight in ten are
//! right. Logistic fits on human speech of speakers the model was not tuned on; `scripts/bench ear` prints the reliability
//! of both on any recordings.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::recipe::Style;

/// What speaks for an expected phrase.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Fit {
    /// Mean log-probability per token of the phrase.
    pub score: f32,
    /// The same of the freely chosen text.
    pub free: f32,
    /// Over the best phrase of another meaning.
    pub margin: f32,
    /// How alike the phrase and the free text sound, 0..=1.
    pub alike: f32,
}

impl Fit {
    /// How surely the phrase, and no other, is what was said.
    #[must_use]
    pub fn confidence(&self, style: Style) -> f32 {
        let w = match style {
            Style::Written => [1.0, 3.0, 1.5, 2.0],
            Style::Spoken => [1.0, 3.0, 1.5, 2.0],
        };
        let behind = (self.free - self.score).clamp(-0.5, 4.0);
        let margin = self.margin.clamp(0.0, 3.0);
        logistic(w[0] - w[1] * behind + w[2] * margin + w[3] * (self.alike - 0.5))
    }
}

/// How surely a free text is right, whole.
#[must_use]
pub fn free_confidence(mean_log_prob: f32, style: Style) -> f32 {
    match style {
        // Half at -0.8, where every second text holds a wrong word.
        Style::Written | Style::Spoken => logistic(4.0 * (mean_log_prob + 0.8)),
    }
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
