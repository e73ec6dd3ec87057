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
            Style::Written => [1.0, 1.59, 1.55, 1.25],
            Style::Spoken => [-0.43, 2.03, 1.59, 3.33],
        };
        let behind = (self.free - self.score).clamp(-0.5, 4.0);
        let margin = self.margin.clamp(0.0, 3.0);
        logistic(w[0] - w[1] * behind + w[2] * margin + w[3] * (self.alike - 0.5))
    }
}

/// How surely a free text is right, whole: from the mean log-probability of its tokens, the weakest one's, and their number.
#[must_use]
pub fn free_confidence(mean: f32, weakest: f32, tokens: usize, style: Style) -> f32 {
    let w = match style {
        Style::Written => [3.49, 0.81, 1.93, 1.22],
        Style::Spoken => [4.27, 1.85, 3.00, 1.08],
    };
    logistic(w[0] + w[1] * mean.max(-3.0) + w[2] * weakest.max(-3.0) - w[3] * tokens as f32 / 10.0)
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_and_stands_alone_is_sure_and_each_doubt_costs() {
        let fit = Fit {
            score: -0.1,
            free: -0.1,
            margin: 2.0,
            alike: 1.0,
        };
        for style in [Style::Written, Style::Spoken] {
            assert!(fit.confidence(style) > 0.95);
            let far = Fit {
                score: -2.5,
                margin: 0.3,
                alike: 0.2,
                ..fit
            };
            assert!(far.confidence(style) < 0.2);
            let contested = Fit { margin: 0.0, ..fit };
            assert!(contested.confidence(style) < fit.confidence(style));
            assert!(free_confidence(-0.1, -0.2, 4, style) > free_confidence(-0.6, -1.5, 4, style));
            assert!(free_confidence(-0.1, -0.5, 4, style) > free_confidence(-0.1, -0.5, 20, style));
        }
    }
}
