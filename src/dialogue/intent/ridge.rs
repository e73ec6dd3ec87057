//! Class-weighted kernel ridge regression with closed-form leave-one-out scores (Rifkin & Lippert, "Notes on Regularized
//! Least Squares", 2007). No iteration, no seed, no held-out set: the same rows always give the same numbers. It is given
//! any kernel, so that further kernels (sentence vectors) can be added to the n-gram one.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// The square matrix of likenesses between training rows, row-major.
#[derive(Clone, Debug)]
pub struct Kernel {
    pub n: usize,
    pub cells: Vec<f32>,
}

/// What the regression found.
#[derive(Clone, Debug)]
pub struct Fit {
    /// Dual weights, `n` rows of `classes`.
    pub alpha: Vec<f32>,
    /// The score each training row would have had, had it been left out; `n` rows of `classes`.
    pub left_out: Vec<f32>,
}

/// Regression strength on the diagonal, scaled by each class's share of the rows.
const LAMBDA: f32 = 0.3;

/// Solves `(K + λ·diag(size of class ÷ mean size)) A = Y` with `Y` one-hot.
#[must_use]
pub fn fit(mut kernel: Kernel, labels: &[usize], classes: usize) -> Fit {
    let n = kernel.n;
    let mut sizes = vec![0f32; classes];
    labels.iter().for_each(|&c| sizes[c] += 1.0);
    let used = sizes.iter().filter(|s| **s > 0.0).count().max(1);
    let mean = n as f32 / used as f32;
    for (i, &c) in labels.iter().enumerate() {
        kernel.cells[i * n + i] += LAMBDA * sizes[c] / mean;
    }
    let inverse = invert_lower(&cholesky(&kernel), n);
    // K⁻¹ = MᵀM with M the inverse of the Cholesky factor, so A = Mᵀ(MY) and the inverse's diagonal is M's column squares.
    let mut my = vec![0f32; n * classes];
    let mut diagonal = vec![0f32; n];
    for i in 0..n {
        for j in 0..=i {
            let m = inverse[i * n + j];
            my[i * classes + labels[j]] += m;
            diagonal[j] += m * m;
        }
    }
    let mut alpha = vec![0f32; n * classes];
    for i in 0..n {
        let row = &my[i * classes..(i + 1) * classes];
        for j in 0..=i {
            axpy(
                inverse[i * n + j],
                row,
                &mut alpha[j * classes..(j + 1) * classes],
            );
        }
    }
    let mut left_out = vec![0f32; n * classes];
    for i in 0..n {
        for c in 0..classes {
            let y = f32::from(u8::from(labels[i] == c));
            left_out[i * classes + c] = y - alpha[i * classes + c] / diagonal[i];
        }
    }
    Fit { alpha, left_out }
}

/// The lower factor L of K = LLᵀ, row-major.
fn cholesky(kernel: &Kernel) -> Vec<f32> {
    let n = kernel.n;
    let mut l = vec![0f32; n * n];
    for i in 0..n {
        let (above, row) = l.split_at_mut(i * n);
        for j in 0..i {
            let other = &above[j * n..j * n + j + 1];
            row[j] = (kernel.cells[i * n + j] - dot(&row[..j], &other[..j])) / other[j];
        }
        // The ridge keeps the pivots positive; the floor only guards against rounding.
        row[i] = (kernel.cells[i * n + i] - dot(&row[..i], &row[..i]))
            .max(1e-6)
            .sqrt();
    }
    l
}

fn invert_lower(l: &[f32], n: usize) -> Vec<f32> {
    let mut m = vec![0f32; n * n];
    for i in 0..n {
        let (above, rest) = m.split_at_mut(i * n);
        let row = &mut rest[..n];
        let pivot = 1.0 / l[i * n + i];
        for k in 0..i {
            axpy(
                -l[i * n + k] * pivot,
                &above[k * n..k * n + k + 1],
                &mut row[..=k],
            );
        }
        row[i] = pivot;
    }
    m
}

/// Eight running sums, which the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f32 = a8
        .remainder()
        .iter()
        .zip(b8.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a8.zip(b8) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f32>() + tail
}

fn axpy(factor: f32, from: &[f32], to: &mut [f32]) {
    if factor != 0.0 {
        for (t, f) in to.iter_mut().zip(from) {
            *t += factor * f;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toy() -> (Kernel, Vec<usize>) {
        let x: [[f32; 2]; 5] = [[1.0, 0.0], [0.9, 0.1], [0.1, 0.9], [0.0, 1.0], [0.6, 0.4]];
        let cells = x
            .iter()
            .flat_map(|a| x.iter().map(move |b| a[0] * b[0] + a[1] * b[1]))
            .collect();
        (Kernel { n: 5, cells }, vec![0, 0, 1, 1, 0])
    }

    #[test]
    fn the_weights_solve_the_regularised_system() {
        let (kernel, labels) = toy();
        let fit = fit(kernel.clone(), &labels, 2);
        for (i, &own) in labels.iter().enumerate() {
            for c in 0..2 {
                let mean = 2.5;
                let size = if own == 0 { 3.0 } else { 2.0 };
                let mut got = LAMBDA * size / mean * fit.alpha[i * 2 + c];
                for j in 0..5 {
                    got += kernel.cells[i * 5 + j] * fit.alpha[j * 2 + c];
                }
                let want = f32::from(u8::from(own == c));
                assert!(
                    (got - want).abs() < 1e-3,
                    "row {i} class {c}: {got} is not {want}"
                );
            }
        }
    }

    #[test]
    fn a_row_left_out_still_leans_to_its_own_class() {
        let (kernel, labels) = toy();
        let fit = fit(kernel, &labels, 2);
        for (i, &own) in labels.iter().enumerate().take(4) {
            assert!(
                fit.left_out[i * 2 + own] > fit.left_out[i * 2 + 1 - own],
                "row {i}"
            );
        }
    }
}
