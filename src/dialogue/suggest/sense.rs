//! How alike wordings are, by their meaning too where there is a sentence model.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::ngram_likeness;
use crate::dialogue::intent::Vectors;
use crate::terms::Lang;

/// Vectors of multilingual-e5-small for unrelated short sentences have a cosine about here, …
const APART: f32 = 0.80;
/// … and those of paraphrases from about here on.
const SAME: f32 = 0.95;

/// The likeness of texts, by letters and, for those that have a vector, by meaning; whichever is more.
#[must_use]
pub fn likeness(texts: &[String], lang: Lang, vectors: &Vectors) -> Vec<Vec<f32>> {
    let mut rows = ngram_likeness(texts, lang, texts.len());
    let known: Vec<Option<&[f32]>> = texts.iter().map(|t| vectors.get(t)).collect();
    for (i, row) in rows.iter_mut().enumerate() {
        for (j, like) in row.iter_mut().enumerate() {
            if let (Some(a), Some(b)) = (known[i], known[j]) {
                let cosine: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
                let by_sense = ((cosine - APART) / (SAME - APART)).clamp(0.0, 1.0);
                *like = like.max(by_sense);
            }
        }
    }
    rows
}
