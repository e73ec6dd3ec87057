//! The trained scorer: n-gram kernel ridge plus half the cosine to each class's centroid, folded into one weight per
//! feature and class; a temperature and a reject threshold from leave-one-out scores.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::features::{Sparse, Vocabulary};
use super::ridge::{self, Kernel};
use super::text::Token;
use crate::terms::Lang;

/// How much the cosine to the centroid counts beside the ridge's score.
const CENTROID: f32 = 0.5;
/// The share of in-scope replies that the threshold may cost.
const REJECTED: f32 = 0.1;

#[derive(Clone, Debug)]
pub struct Model {
    vocabulary: Vocabulary,
    classes: usize,
    /// One row of `classes` weights per feature.
    weights: Vec<f32>,
    temperature: f32,
    /// Top scores below this are not one of the classes.
    pub threshold: f32,
}

impl Model {
    /// Trains on rows of tokens with their class numbers. None without rows.
    #[must_use]
    pub fn train(lang: Lang, rows: &[(Vec<Token>, usize)], classes: usize) -> Option<Model> {
        if rows.is_empty() {
            return None;
        }
        let vocabulary = Vocabulary::learn(lang, rows.iter().map(|(row, _)| row.as_slice()));
        let vectors: Vec<Sparse> = rows.iter().map(|(row, _)| vocabulary.vector(row)).collect();
        let labels: Vec<usize> = rows.iter().map(|(_, c)| *c).collect();
        let (n, features) = (rows.len(), vocabulary.len());

        let fit = ridge::fit(kernel(&vectors, features), &labels, classes);
        let mut sums = vec![0f32; features * classes];
        let mut weights = vec![0f32; features * classes];
        for (i, vector) in vectors.iter().enumerate() {
            for &(f, w) in vector {
                let at = f as usize * classes;
                sums[at + labels[i]] += w;
                for c in 0..classes {
                    weights[at + c] += w * fit.alpha[i * classes + c];
                }
            }
        }
        let mut squares = vec![0f32; classes];
        sums.iter()
            .enumerate()
            .for_each(|(k, s)| squares[k % classes] += s * s);
        for (k, (weight, sum)) in weights.iter_mut().zip(&sums).enumerate() {
            let length = squares[k % classes].sqrt();
            if length > 0.0 {
                *weight += CENTROID * sum / length;
            }
        }

        let mut left_out = fit.left_out;
        for i in 0..n {
            let to_sums = product(&vectors[i], &sums, classes);
            for c in 0..classes {
                let cosine = if labels[i] == c {
                    let rest = squares[c] - 2.0 * to_sums[c] + 1.0;
                    if rest > 1e-4 {
                        (to_sums[c] - 1.0) / rest.sqrt()
                    } else {
                        0.0
                    }
                } else {
                    to_sums[c] / squares[c].sqrt().max(1e-6)
                };
                left_out[i * classes + c] += CENTROID * cosine;
            }
        }
        Some(Model {
            temperature: temperature(&left_out, &labels, classes),
            threshold: threshold(&left_out, classes),
            vocabulary,
            classes,
            weights,
        })
    }

    /// Raw scores of all classes, to be compared with [`Model::threshold`], and the share of the row (0..=1) that is made
    /// of n-grams seen in training.
    #[must_use]
    pub fn scores(&self, row: &[Token]) -> (Vec<f32>, f32) {
        let vector = self.vocabulary.vector(row);
        let known = vector.iter().map(|(_, w)| w * w).sum();
        (product(&vector, &self.weights, self.classes), known)
    }

    /// Probabilities of raw scores; `prior` adds to a class's log-odds.
    #[must_use]
    pub fn probabilities(&self, scores: &[f32], prior: impl Fn(usize) -> f32) -> Vec<f32> {
        let logits: Vec<f32> = scores
            .iter()
            .enumerate()
            .map(|(c, s)| self.temperature * s + prior(c))
            .collect();
        softmax(&logits)
    }
}

fn kernel(vectors: &[Sparse], features: usize) -> Kernel {
    let n = vectors.len();
    let mut cells = vec![0f32; n * n];
    let mut dense = vec![0f32; features];
    for i in 0..n {
        vectors[i].iter().for_each(|&(f, w)| dense[f as usize] = w);
        for j in 0..=i {
            let likeness: f32 = vectors[j].iter().map(|&(f, w)| w * dense[f as usize]).sum();
            cells[i * n + j] = likeness;
            cells[j * n + i] = likeness;
        }
        vectors[i]
            .iter()
            .for_each(|&(f, _)| dense[f as usize] = 0.0);
    }
    Kernel { n, cells }
}

fn product(vector: &Sparse, weights: &[f32], classes: usize) -> Vec<f32> {
    let mut out = vec![0f32; classes];
    for &(f, w) in vector {
        let row = &weights[f as usize * classes..(f as usize + 1) * classes];
        out.iter_mut().zip(row).for_each(|(o, r)| *o += w * r);
    }
    out
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let top = logits.iter().fold(f32::NEG_INFINITY, |m, l| m.max(*l));
    let mut out: Vec<f32> = logits.iter().map(|l| (l - top).exp()).collect();
    let sum: f32 = out.iter().sum();
    out.iter_mut().for_each(|p| *p /= sum);
    out
}

/// The temperature with the least log loss on the left-out scores.
fn temperature(left_out: &[f32], labels: &[usize], classes: usize) -> f32 {
    let mut best = (f32::INFINITY, 5.0);
    let mut t = 0.5f32;
    while t <= 60.0 {
        let loss: f32 = labels
            .iter()
            .enumerate()
            .map(|(i, &c)| {
                let logits: Vec<f32> = left_out[i * classes..(i + 1) * classes]
                    .iter()
                    .map(|s| s * t)
                    .collect();
                -softmax(&logits)[c].max(1e-6).ln()
            })
            .sum();
        if loss < best.0 {
            best = (loss, t);
        }
        t *= 1.25;
    }
    best.1
}

fn threshold(left_out: &[f32], classes: usize) -> f32 {
    let mut tops: Vec<f32> = left_out
        .chunks(classes)
        .map(|row| row.iter().fold(f32::NEG_INFINITY, |m, s| m.max(*s)))
        .collect();
    tops.sort_unstable_by(f32::total_cmp);
    tops[(tops.len() as f32 * REJECTED) as usize]
}
