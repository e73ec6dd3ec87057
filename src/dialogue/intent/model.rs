//! The trained scorer: kernel ridge over n-grams and, where the examples have them, sentence vectors, plus half the cosine
//! to each class's centroid; a temperature and a reject threshold from leave-one-out scores.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::features::{Sparse, Use, Vocabulary};
use super::ridge;
use super::sense::{Sense, cosines_without_self};
use super::text::Token;
use crate::terms::Lang;
use ndarray::{Array2, Axis};
use std::sync::Arc;

/// How much the cosine to the centroid counts beside the ridge's score.
const CENTROID: f32 = 0.5;
/// Strength of the ridge for n-grams alone, and with sentence vectors.
const LAMBDA: f32 = 0.3;
const LAMBDA_FUSED: f32 = 0.1;
/// The share of in-scope replies that the threshold may cost.
const REJECTED: f32 = 0.1;

/// Up to this many rows, leave-one-out has a say in how much sentence vectors count.
const FEW: usize = 1600;

/// Training rows with their n-grams counted.
#[derive(Clone, Debug)]
pub struct Rows {
    lang: Lang,
    vocabulary: Arc<Vocabulary>,
    sparse: Vec<Sparse>,
    labels: Vec<usize>,
    classes: usize,
}

impl Rows {
    /// Of token rows with their class numbers, all below `classes`. None without rows.
    #[must_use]
    pub fn new(
        lang: Lang,
        usage: Use,
        rows: &[(Vec<Token>, usize)],
        classes: usize,
    ) -> Option<Rows> {
        let vocabulary = Vocabulary::learn(lang, usage, rows.iter().map(|(row, _)| row.as_slice()));
        (!rows.is_empty()).then(|| Rows {
            lang,
            sparse: rows.iter().map(|(row, _)| vocabulary.vector(row)).collect(),
            vocabulary: Arc::new(vocabulary),
            labels: rows.iter().map(|(_, c)| *c).collect(),
            classes,
        })
    }

    /// The class of each row.
    #[must_use]
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// How much sentence vectors count beside n-grams, before the rows are asked: the more classes, the less their words alone
    /// tell them apart. Mandarin leans more on n-grams, whose syllables survive a wrongly written character.
    fn usual_share(&self) -> f32 {
        let by_classes = 0.4 + 0.165 * (self.classes as f32 / 10.0).ln();
        let by_lang = if self.lang == Lang::Zh { 0.1 } else { 0.0 };
        by_classes.clamp(0.4, 0.85) - by_lang
    }

    /// The share with the least loss on left-out rows, half way back to the usual one: the rows are well written, what is
    /// heard is not.
    fn share(&self, grams: &Array2<f32>, sense: &Sense, cosines: &Array2<f32>) -> f32 {
        if self.labels.len() > FEW {
            return self.usual_share();
        }
        let mut near = Array2::zeros(grams.raw_dim());
        sense.add_to(&mut near, 1.0);
        let loss = |share: f32| {
            let kernel = grams * (1.0 - share) + &near * share;
            let fit = ridge::fit(kernel, &self.labels, self.classes, LAMBDA_FUSED);
            temperature(&(fit.left_out + cosines * CENTROID), &self.labels).1
        };
        let tried = [0.3, 0.45, 0.6, 0.75, 0.9].map(|share| (loss(share), share));
        let best = tried.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let best = best.map_or(self.usual_share(), |(_, share)| share);
        (best + self.usual_share()) / 2.0
    }
}

#[derive(Clone, Debug)]
pub struct Model {
    vocabulary: Arc<Vocabulary>,
    classes: usize,
    /// One row of `classes` weights per n-gram.
    weights: Array2<f32>,
    sense: Option<Sense>,
    temperature: f32,
    /// Top scores below this are not one of the classes.
    pub threshold: f32,
}

/// What a model makes of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// One raw score a class, to be compared with [`Model::threshold`].
    pub raw: Vec<f32>,
    /// From n-grams alone: the share (0..=1) of the text that is made of n-grams seen in training.
    pub known: f32,
}

impl Model {
    /// From n-grams alone.
    #[must_use]
    pub fn of_grams(rows: &Rows) -> Model {
        let mut weights = Array2::zeros((rows.vocabulary.len(), rows.classes));
        for (vector, &c) in rows.sparse.iter().zip(&rows.labels) {
            vector
                .iter()
                .for_each(|&(f, w)| weights[[f as usize, c]] += w);
        }
        let squares: Vec<f32> = weights.columns().into_iter().map(|c| c.dot(&c)).collect();
        let mut cosines = Array2::zeros((rows.labels.len(), rows.classes));
        for (vector, mut row) in rows.sparse.iter().zip(cosines.outer_iter_mut()) {
            for &(f, w) in vector {
                row.scaled_add(w, &weights.row(f as usize));
            }
        }
        cosines_without_self(&mut cosines, &squares, &rows.labels);
        for (mut column, square) in weights.axis_iter_mut(Axis(1)).zip(&squares) {
            column *= CENTROID / square.sqrt().max(1e-6);
        }
        let mut kernel = Array2::zeros((rows.labels.len(), rows.labels.len()));
        add_grams(&mut kernel, rows);
        let fit = ridge::fit(kernel, &rows.labels, rows.classes, LAMBDA);
        add_weights(&mut weights, rows, &fit.alpha, 1.0);
        Model::settled(rows, weights, None, &fit.left_out, &cosines)
    }

    /// From n-grams and sentence vectors, one for each row, all of one length; None when they are not.
    #[must_use]
    pub fn fused(rows: &Rows, vectors: &[&[f32]]) -> Option<Model> {
        let width = vectors.first()?.len();
        if vectors.len() != rows.labels.len() || vectors.iter().any(|v| v.len() != width) {
            return None;
        }
        let mut sense = Sense::new(vectors, &rows.labels, rows.classes);
        let cosines = sense.left_out_cosines(&rows.labels);
        let mut kernel = Array2::zeros((vectors.len(), vectors.len()));
        add_grams(&mut kernel, rows);
        let share = rows.share(&kernel, &sense, &cosines);
        kernel *= 1.0 - share;
        sense.add_to(&mut kernel, share);
        let fit = ridge::fit(kernel, &rows.labels, rows.classes, LAMBDA_FUSED);
        sense.weigh(&fit.alpha, share, CENTROID);
        let mut weights = Array2::zeros((rows.vocabulary.len(), rows.classes));
        add_weights(&mut weights, rows, &fit.alpha, 1.0 - share);
        let left_out = &fit.left_out;
        Some(Model::settled(
            rows,
            weights,
            Some(sense),
            left_out,
            &cosines,
        ))
    }

    fn settled(
        rows: &Rows,
        weights: Array2<f32>,
        sense: Option<Sense>,
        left_out: &Array2<f32>,
        cosines: &Array2<f32>,
    ) -> Model {
        let left_out = left_out + &(cosines * CENTROID);
        Model {
            temperature: temperature(&left_out, &rows.labels).0,
            threshold: threshold(&left_out),
            vocabulary: rows.vocabulary.clone(),
            classes: rows.classes,
            weights,
            sense,
        }
    }

    /// Whether it wants a text's vector.
    #[must_use]
    pub fn wants_vectors(&self) -> bool {
        self.sense.is_some()
    }

    /// The scores of all classes. None when the model wants a vector and there is none of the right length.
    #[must_use]
    pub fn scores(&self, row: &[Token], vector: Option<&[f32]>) -> Option<Scores> {
        let grams = self.vocabulary.vector(row);
        let mut raw = match &self.sense {
            Some(sense) => sense.scores(vector?)?.to_vec(),
            None => vec![0.0; self.classes],
        };
        let known = grams.iter().map(|(_, w)| w * w).sum();
        for (f, w) in grams {
            let weights = self.weights.row(f as usize);
            raw.iter_mut().zip(weights).for_each(|(r, v)| *r += w * v);
        }
        Some(Scores { raw, known })
    }

    /// Probabilities of raw scores; `prior` adds to a class's log-odds.
    #[must_use]
    pub fn probabilities(&self, raw: &[f32], prior: impl Fn(usize) -> f32) -> Vec<f32> {
        let logits: Vec<f32> = raw
            .iter()
            .enumerate()
            .map(|(c, s)| self.temperature * s + prior(c))
            .collect();
        softmax(&logits)
    }
}

/// Adds the n-gram likeness between the rows to the kernel's lower triangle.
fn add_grams(kernel: &mut Array2<f32>, rows: &Rows) {
    // Who has an n-gram, among the rows so far: most pairs of rows share few.
    let mut holders: Vec<Vec<(u32, f32)>> = vec![Vec::new(); rows.vocabulary.len()];
    for ((i, vector), mut cells) in (0u32..).zip(&rows.sparse).zip(kernel.outer_iter_mut()) {
        for &(f, w) in vector {
            let holders = &mut holders[f as usize];
            holders.push((i, w));
            for &(j, other) in holders.iter() {
                cells[j as usize] += w * other;
            }
        }
    }
}

/// Folds the dual weights into one weight per n-gram and class.
fn add_weights(weights: &mut Array2<f32>, rows: &Rows, alpha: &Array2<f32>, share: f32) {
    for (vector, alpha) in rows.sparse.iter().zip(alpha.outer_iter()) {
        for &(f, w) in vector {
            weights.row_mut(f as usize).scaled_add(share * w, &alpha);
        }
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let top = logits.iter().fold(f32::NEG_INFINITY, |m, l| m.max(*l));
    let mut out: Vec<f32> = logits.iter().map(|l| (l - top).exp()).collect();
    let sum: f32 = out.iter().sum();
    out.iter_mut().for_each(|p| *p /= sum);
    out
}

/// The temperature with the least log loss on the left-out scores, and that loss.
fn temperature(left_out: &Array2<f32>, labels: &[usize]) -> (f32, f32) {
    let mut best = (f32::INFINITY, 5.0);
    let mut t = 0.5f32;
    while t <= 80.0 {
        let loss: f32 = left_out
            .outer_iter()
            .zip(labels)
            .map(|(row, &own)| {
                let top = row.fold(f32::NEG_INFINITY, |m, s| m.max(*s));
                let sum: f32 = row.iter().map(|s| ((s - top) * t).exp()).sum();
                let p = ((row[own] - top) * t).exp() / sum;
                -p.max(1e-6).ln()
            })
            .sum();
        if loss < best.0 {
            best = (loss, t);
        }
        t *= 1.2;
    }
    (best.1, best.0)
}

fn threshold(left_out: &Array2<f32>) -> f32 {
    let mut tops: Vec<f32> = left_out
        .outer_iter()
        .map(|row| row.fold(f32::NEG_INFINITY, |m, s| m.max(*s)))
        .collect();
    tops.sort_unstable_by(f32::total_cmp);
    tops[(tops.len() as f32 * REJECTED) as usize]
}
