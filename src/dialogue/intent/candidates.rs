//! The recogniser's scored expected phrases as evidence. How well the sound fits a phrase tells something that the written
//! text does not, but the text remains what was said.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::text::{self, Token};
use super::{ACCEPT, GUESS, Reading, is_polar, negation};
use crate::terms::Lang;

/// One expected phrase as the recogniser scored it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub intent: String,
    /// The phrase.
    pub text: String,
    /// 0..=1, calibrated: the share of such phrases that were really said.
    pub confidence: f32,
}

/// From here on a phrase is an answer where the text was read as nothing.
const STRONG: f32 = 0.8;
/// How much of a candidate's log-odds is news: the text comes from the same sound.
const NEWS: f32 = 0.5;
/// The least a reading must score for evidence to lift it.
const PLAUSIBLE: f32 = 0.05;

/// Puts the candidates' evidence to the readings of a reply. `heard` is the reply, empty when no words were made out.
pub(super) fn weigh(
    readings: &mut Vec<Reading>,
    candidates: &[Candidate],
    heard: &[Token],
    names: &[String],
    lang: Lang,
) {
    let negated = |tokens: &[Token]| !negation::positions(tokens, lang).is_empty();
    let heard_negated = negated(heard);
    let agrees = |candidate: &Candidate| {
        // A yes for a no would be the worst of errors: sound alone may not overrule a negation that was written.
        let opposed = negated(&text::tokens(&candidate.text, lang)) != heard_negated;
        candidate.confidence.is_finite() && !(is_polar(&candidate.intent) && opposed)
    };
    let best = |intent: &str| {
        let own = candidates
            .iter()
            .filter(|c| c.intent == intent && (heard.is_empty() || agrees(c)));
        own.map(|c| c.confidence).fold(0.0, f32::max).min(0.99)
    };
    for reading in readings.iter_mut() {
        let confidence = best(&reading.intent);
        let kept_low = is_polar(&reading.intent) && heard_negated && reading.score <= GUESS;
        if confidence > 0.5 && reading.score >= PLAUSIBLE && !kept_low {
            reading.score = odds(log_odds(reading.score) + NEWS * log_odds(confidence));
        }
    }
    if readings.iter().all(|r| r.score < ACCEPT) {
        let strong = candidates
            .iter()
            .filter(|c| names.contains(&c.intent) && (heard.is_empty() || agrees(c)))
            .filter(|c| c.confidence >= STRONG)
            .max_by(|a, b| a.confidence.total_cmp(&b.confidence));
        if let Some(strong) = strong
            && (readings.is_empty() || heard.is_empty())
        {
            readings.push(Reading {
                intent: strong.intent.clone(),
                score: strong.confidence.min(0.95) * 0.9,
                evidence: if heard.is_empty() {
                    strong.text.clone()
                } else {
                    text::surface(heard)
                },
            });
        }
    }
    readings.sort_by(|a, b| b.score.total_cmp(&a.score));
}

fn log_odds(p: f32) -> f32 {
    let p = p.clamp(0.001, 0.999);
    (p / (1.0 - p)).ln()
}

fn odds(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
