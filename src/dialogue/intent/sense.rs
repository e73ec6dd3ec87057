//! The part of the scorer that knows meaning: sentence vectors, centred on the mean of the examples (uncentred ones all lie
//! close together), compared by exp(γ(cosine − 1)), so that near examples count for much and far ones for little.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView1, Axis};

/// γ: how fast likeness falls with the angle.
const FALL: f32 = 2.0;
/// Rows of the kernel that are worked out at once.
const STRIP: usize = 512;

#[derive(Clone, Debug)]
pub(super) struct Sense {
    mean: Array1<f32>,
    /// One centred vector of unit length a training row.
    rows: Array2<f32>,
    /// What each row adds to each class, per unit of likeness.
    weights: Array2<f32>,
    /// `width` rows of `classes`: the directions of the classes' centroids.
    centroids: Array2<f32>,
}

impl Sense {
    /// Of the training rows' vectors, all of one length.
    pub(super) fn new(vectors: &[&[f32]], labels: &[usize], classes: usize) -> Sense {
        let width = vectors.first().map_or(0, |v| v.len());
        let mut rows = Array2::zeros((vectors.len(), width));
        for (mut row, vector) in rows.outer_iter_mut().zip(vectors) {
            row.iter_mut().zip(*vector).for_each(|(r, v)| *r = *v);
        }
        let mean = rows
            .mean_axis(Axis(0))
            .unwrap_or_else(|| Array1::zeros(width));
        for mut row in rows.outer_iter_mut() {
            row -= &mean;
            let length = row.dot(&row).sqrt().max(1e-6);
            row /= length;
        }
        let mut centroids = Array2::zeros((width, classes));
        for (row, &c) in rows.outer_iter().zip(labels) {
            let mut centroid = centroids.column_mut(c);
            centroid += &row;
        }
        Sense {
            mean,
            weights: Array2::zeros((vectors.len(), classes)),
            rows,
            centroids,
        }
    }

    /// Adds `share` of the likeness between the rows to the kernel's lower triangle.
    pub(super) fn add_to(&self, kernel: &mut Array2<f32>, share: f32) {
        let n = self.rows.nrows();
        for begin in (0..n).step_by(STRIP) {
            let end = (begin + STRIP).min(n);
            let mut strip = Array2::zeros((end - begin, end));
            let some = self.rows.slice(ndarray::s![begin..end, ..]);
            let before = self.rows.slice(ndarray::s![..end, ..]);
            general_mat_mul(1.0, &some, &before.t(), 0.0, &mut strip);
            for (i, row) in strip.outer_iter().enumerate() {
                let cells = kernel.row_mut(begin + i);
                for (cell, cosine) in cells.into_iter().zip(row).take(begin + i + 1) {
                    *cell += share * likeness(*cosine);
                }
            }
        }
    }

    /// Each row's likeness to the centroid of each class, its own without itself, and turns the sums into directions.
    pub(super) fn left_out_cosines(&mut self, labels: &[usize]) -> Array2<f32> {
        let mut out = self.rows.dot(&self.centroids);
        let squares: Vec<f32> = self
            .centroids
            .columns()
            .into_iter()
            .map(|c| c.dot(&c))
            .collect();
        cosines_without_self(&mut out, &squares, labels);
        for (mut centroid, square) in self.centroids.columns_mut().into_iter().zip(&squares) {
            centroid /= square.sqrt().max(1e-6);
        }
        out
    }

    /// What the regression found, and how much this part of the kernel and the centroids count.
    pub(super) fn weigh(&mut self, alpha: &Array2<f32>, share: f32, centroid: f32) {
        self.weights = alpha * share;
        self.centroids *= centroid;
    }

    /// The scores of a text's vector; None when it is of another length than the examples'.
    pub(super) fn scores(&self, vector: &[f32]) -> Option<Array1<f32>> {
        if vector.len() != self.mean.len() {
            return None;
        }
        let mut v = &ArrayView1::from(vector) - &self.mean;
        let length = v.dot(&v).sqrt().max(1e-6);
        v /= length;
        let mut out = v.dot(&self.centroids);
        // Row by row: the weights of a row lie together.
        for (row, weights) in self.rows.outer_iter().zip(self.weights.outer_iter()) {
            out.scaled_add(likeness(row.dot(&v)), &weights);
        }
        Some(out)
    }
}

fn likeness(cosine: f32) -> f32 {
    (FALL * (cosine - 1.0)).exp()
}

/// From the products of unit rows with the sums of the classes' rows (and those sums' squared lengths) to cosines, where a
/// row's own class is taken without it.
pub(super) fn cosines_without_self(products: &mut Array2<f32>, squares: &[f32], labels: &[usize]) {
    for (mut row, &own) in products.outer_iter_mut().zip(labels) {
        for (c, product) in row.iter_mut().enumerate() {
            *product = if c == own {
                let rest = squares[c] - 2.0 * *product + 1.0;
                if rest > 1e-4 {
                    (*product - 1.0) / rest.sqrt()
                } else {
                    0.0
                }
            } else {
                *product / squares[c].sqrt().max(1e-6)
            };
        }
    }
}
