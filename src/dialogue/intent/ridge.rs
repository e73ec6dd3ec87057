//! Class-weighted kernel ridge regression with closed-form leave-one-out scores (Rifkin & Lippert, "Notes on Regularized
//! Least Squares", 2007). No iteration, no seed, no held-out set: the same rows always give the same numbers. Works in
//! blocks on the one square matrix it is given, so that 2,400 rows take a fraction of a second and 15,000 a minute.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis, s};

/// What the regression found; `n` rows of `classes` each.
#[derive(Clone, Debug)]
pub struct Fit {
    /// Dual weights.
    pub alpha: Array2<f32>,
    /// The score each training row would have had, had it been left out.
    pub left_out: Array2<f32>,
}

/// Rows that are worked on at once.
const BLOCK: usize = 128;
const STRIP: usize = 512;

/// Solves `(K + λ·diag(size of class ÷ mean size)) A = Y` with `Y` one-hot. Of `kernel`, the likenesses between the training
/// rows, only the lower triangle is read.
#[must_use]
pub fn fit(mut kernel: Array2<f32>, labels: &[usize], classes: usize, lambda: f32) -> Fit {
    let n = labels.len();
    let mut sizes = vec![0f32; classes];
    labels.iter().for_each(|&c| sizes[c] += 1.0);
    let used = sizes.iter().filter(|s| **s > 0.0).count().max(1);
    let mean = n as f32 / used as f32;
    for (i, &c) in labels.iter().enumerate() {
        kernel[[i, i]] += lambda * sizes[c] / mean;
    }
    factorise(&mut kernel);
    invert(&mut kernel);
    // K⁻¹ = MᵀM with M the inverse of the Cholesky factor, so A = Mᵀ(MY) and the inverse's diagonal is M's column squares.
    let mut my = Array2::zeros((n, classes));
    let mut diagonal = vec![0f32; n];
    for i in 0..n {
        for (j, &m) in kernel.row(i).iter().take(i + 1).enumerate() {
            my[[i, labels[j]]] += m;
            diagonal[j] += m * m;
        }
    }
    let alpha = kernel.t().dot(&my);
    let mut left_out = Array2::zeros((n, classes));
    for i in 0..n {
        for c in 0..classes {
            let y = f32::from(u8::from(labels[i] == c));
            left_out[[i, c]] = y - alpha[[i, c]] / diagonal[i];
        }
    }
    Fit { alpha, left_out }
}

/// The lower triangle becomes the factor L of K = LLᵀ.
fn factorise(a: &mut Array2<f32>) {
    let n = a.nrows();
    for begin in (0..n).step_by(BLOCK) {
        let end = (begin + BLOCK).min(n);
        for i in begin..end {
            for j in begin..=i {
                let known: f32 = (begin..j).map(|k| a[[i, k]] * a[[j, k]]).sum();
                let rest = a[[i, j]] - known;
                // The ridge keeps the pivots positive; the floor only guards against rounding.
                a[[i, j]] = if i == j {
                    rest.max(1e-6).sqrt()
                } else {
                    rest / a[[j, j]]
                };
            }
        }
        if end == n {
            break;
        }
        let inverse = inverse_of_lower(a.slice(s![begin..end, begin..end]));
        let panel = a.slice(s![end.., begin..end]).dot(&inverse.t());
        a.slice_mut(s![end.., begin..end]).assign(&panel);
        for at in (end..n).step_by(STRIP) {
            let to = (at + STRIP).min(n);
            let below = panel.slice(s![at - end.., ..]);
            let beside = panel.slice(s![at - end..to - end, ..]);
            let mut rest = a.slice_mut(s![at.., at..to]);
            general_mat_mul(-1.0, &below, &beside.t(), 1.0, &mut rest);
        }
    }
}

/// A lower triangular matrix becomes its inverse, with zeros above the diagonal.
fn invert(a: &mut Array2<f32>) {
    let n = a.nrows();
    for begin in (0..n).step_by(BLOCK) {
        let end = (begin + BLOCK).min(n);
        let (above, mut rest) = a.view_mut().split_at(Axis(0), begin);
        let mut row = rest.slice_mut(s![..end - begin, ..]);
        let inverse = inverse_of_lower(row.slice(s![.., begin..end]));
        for at in (0..begin).step_by(STRIP) {
            let to = (at + STRIP).min(begin);
            let product = row
                .slice(s![.., at..begin])
                .dot(&above.slice(s![at..begin, at..to]));
            let mut here = row.slice_mut(s![.., at..to]);
            general_mat_mul(-1.0, &inverse, &product, 0.0, &mut here);
        }
        row.slice_mut(s![.., begin..end]).assign(&inverse);
        row.slice_mut(s![.., end..]).fill(0.0);
    }
}

fn inverse_of_lower(l: ArrayView2<'_, f32>) -> Array2<f32> {
    let n = l.nrows();
    let mut m = Array2::zeros((n, n));
    for i in 0..n {
        let pivot = 1.0 / l[[i, i]];
        for j in 0..i {
            let known: f32 = (j..i).map(|k| l[[i, k]] * m[[k, j]]).sum();
            m[[i, j]] = -known * pivot;
        }
        m[[i, i]] = pivot;
    }
    m
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMBDA: f32 = 0.3;

    fn toy() -> (Array2<f32>, Vec<usize>) {
        let x: [[f32; 2]; 5] = [[1.0, 0.0], [0.9, 0.1], [0.1, 0.9], [0.0, 1.0], [0.6, 0.4]];
        let kernel = Array2::from_shape_fn((5, 5), |(i, j)| x[i][0] * x[j][0] + x[i][1] * x[j][1]);
        (kernel, vec![0, 0, 1, 1, 0])
    }

    /// Points on three arms, more of them than fit in one block.
    fn star(n: usize) -> (Array2<f32>, Vec<usize>) {
        let point = |i: usize| {
            let (arm, t) = ((i % 3) as f32 * 2.1, (i as f32 * 0.37).sin());
            [arm.cos() + 0.4 * t, arm.sin() - 0.3 * t * t]
        };
        let kernel = Array2::from_shape_fn((n, n), |(i, j)| {
            let (a, b) = (point(i), point(j));
            (-(a[0] - b[0]).powi(2) - (a[1] - b[1]).powi(2)).exp()
        });
        (kernel, (0..n).map(|i| i % 3).collect())
    }

    fn check_system(kernel: &Array2<f32>, labels: &[usize], classes: usize) {
        let fit = fit(kernel.clone(), labels, classes, LAMBDA);
        let size = |c: usize| labels.iter().filter(|l| **l == c).count() as f32;
        let mean = labels.len() as f32 / classes as f32;
        for (i, &own) in labels.iter().enumerate() {
            for c in 0..classes {
                let mut got = LAMBDA * size(own) / mean * fit.alpha[[i, c]];
                for j in 0..labels.len() {
                    got += kernel[[i, j]] * fit.alpha[[j, c]];
                }
                let want = f32::from(u8::from(own == c));
                assert!(
                    (got - want).abs() < 2e-3,
                    "row {i} class {c}: {got} is not {want}"
                );
            }
        }
    }

    #[test]
    fn the_weights_solve_the_regularised_system() {
        let (kernel, labels) = toy();
        check_system(&kernel, &labels, 2);
    }

    #[test]
    fn so_they_do_when_the_rows_fill_several_blocks() {
        let (kernel, labels) = star(2 * BLOCK + 45);
        check_system(&kernel, &labels, 3);
        let (kernel, labels) = star(STRIP + 2 * BLOCK + 7);
        check_system(&kernel, &labels, 3);
    }

    #[test]
    fn leaving_a_row_out_in_closed_form_is_training_without_it() {
        let (kernel, labels) = star(24);
        let whole = fit(kernel.clone(), &labels, 3, LAMBDA);
        for out in 0..labels.len() {
            let kept: Vec<usize> = (0..labels.len()).filter(|i| *i != out).collect();
            // Each class's share of the ridge is the whole set's: the weights of the rows that stay do not move.
            let mean = labels.len() as f32 / 3.0;
            let rest_mean = kept.len() as f32 / 3.0;
            let size = |c: usize, of: &[usize]| of.iter().filter(|i| labels[**i] == c).count();
            let all: Vec<usize> = (0..labels.len()).collect();
            let mut rest = Array2::from_shape_fn((kept.len(), kept.len()), |(i, j)| {
                kernel[[kept[i], kept[j]]]
            });
            for (i, &row) in kept.iter().enumerate() {
                let c = labels[row];
                rest[[i, i]] +=
                    LAMBDA * (size(c, &all) as f32 / mean - size(c, &kept) as f32 / rest_mean);
            }
            let rest_labels: Vec<usize> = kept.iter().map(|i| labels[*i]).collect();
            let without = fit(rest, &rest_labels, 3, LAMBDA);
            for c in 0..3 {
                let score: f32 = kept
                    .iter()
                    .enumerate()
                    .map(|(i, &row)| kernel[[out, row]] * without.alpha[[i, c]])
                    .sum();
                let closed = whole.left_out[[out, c]];
                assert!(
                    (score - closed).abs() < 2e-3,
                    "row {out} class {c}: {score} and {closed}"
                );
            }
        }
    }

    #[test]
    fn a_row_left_out_still_leans_to_its_own_class() {
        let (kernel, labels) = toy();
        let fit = fit(kernel, &labels, 2, LAMBDA);
        for (i, &own) in labels.iter().enumerate().take(4) {
            assert!(
                fit.left_out[[i, own]] > fit.left_out[[i, 1 - own]],
                "row {i}"
            );
        }
    }
}
