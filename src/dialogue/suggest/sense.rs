//! How alike wordings are, by their meaning too where there is a sentence model.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{ALIKE, ngram_likeness};
use crate::dialogue::intent::Vectors;
use crate::terms::Lang;

/// From this cosine on two short questions mean about the same to multilingual-e5-small, whose cosines are all high. Measured
/// on questions callees ask: unlike ones stay below 0.834 (English) and 0.867 (Mandarin), like ones begin at 0.849 and 0.872.
const fn same(lang: Lang) -> f32 {
    match lang {
        Lang::En => 0.845,
        Lang::Zh => 0.875,
    }
}

/// So far below, nothing is alike any more.
const APART: f32 = 0.1;

/// A cosine on the scale of the n-grams' likeness: [`ALIKE`] where texts begin to mean the same.
fn by_sense(cosine: f32, lang: Lang) -> f32 {
    let over = cosine - same(lang);
    let step = if over < 0.0 {
        ALIKE * over / APART
    } else {
        (1.0 - ALIKE) * over / (1.0 - same(lang))
    };
    (ALIKE + step).clamp(0.0, 1.0)
}

/// The likeness of texts, by letters and, for those that have a vector, by meaning; whichever is more.
#[must_use]
pub fn likeness(texts: &[String], lang: Lang, vectors: &Vectors) -> Vec<Vec<f32>> {
    let mut rows = ngram_likeness(texts, lang, texts.len());
    let known: Vec<Option<&[f32]>> = texts.iter().map(|t| vectors.get(t)).collect();
    for (i, row) in rows.iter_mut().enumerate() {
        for (j, like) in row.iter_mut().enumerate() {
            if let (Some(a), Some(b)) = (known[i], known[j]) {
                let cosine: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
                *like = like.max(by_sense(cosine, lang));
            }
        }
    }
    rows
}
