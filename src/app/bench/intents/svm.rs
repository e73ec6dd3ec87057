//! The baseline: a linear support vector machine on TF-IDF n-grams, one against the rest, C = 1, balanced. scikit-learn's where
//! Python has it, else one of our own over the very n-grams that callsmith uses: dual coordinate descent for the squared
//! hinge (Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM", 2008).

use super::noise::Chance;
use super::parts::{Part, Parts};
use crate::dialogue::intent::features::{Sparse, Use, Vocabulary};
use crate::dialogue::intent::text;
use crate::terms::Lang;
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// What the baseline reached.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
pub struct Figures {
    pub accuracy: f64,
    pub light: Option<f64>,
    pub noisy: f64,
    pub oos_recall: Option<f64>,
}

/// scikit-learn's, by the script that scripts/bench names.
pub fn by_python(
    python: &Path,
    script: &Path,
    parts: &Parts,
    lang: Lang,
    rows: &Path,
) -> Result<Figures> {
    let mut table = String::new();
    for (part, class, text) in parts.rows() {
        let tokens = text::tokens(text, lang);
        // The script knows no pinyin; it is told how a text sounds.
        let sounds = text::sound_key(&tokens);
        let text = text::form_key(&tokens);
        writeln!(table, "{}\t{class}\t{text}\t{sounds}", part.name())?;
    }
    std::fs::write(rows, table).with_context(|| rows.display().to_string())?;
    let done = Command::new(python)
        .arg(script)
        .arg(rows)
        .arg(lang.to_string())
        .output()
        .with_context(|| python.display().to_string())?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        bail!("{}: {}", script.display(), said.trim());
    }
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// Our own.
pub fn by_hand(parts: &Parts, lang: Lang, classes: usize) -> Figures {
    let tokens = |text: &str| text::tokens(text, lang);
    let train: Vec<(Vec<text::Token>, usize)> = parts
        .of(Part::Train)
        .map(|(text, class)| (tokens(text), class))
        .collect();
    let vocabulary = Vocabulary::learn(lang, Use::Alone, train.iter().map(|(t, _)| t.as_slice()));
    let vectors: Vec<Sparse> = train.iter().map(|(t, _)| vocabulary.vector(t)).collect();
    let labels: Vec<usize> = train.iter().map(|(_, c)| *c).collect();
    let planes: Vec<Vec<f32>> = (0..classes)
        .map(|c| plane(&vectors, &labels, c, classes, vocabulary.len()))
        .collect();
    parts.figures(|text| {
        let vector = vocabulary.vector(&tokens(text));
        planes.iter().map(|p| along(p, &vector)).collect()
    })
}

fn along(plane: &[f32], vector: &Sparse) -> f32 {
    let bias = plane.last().copied().unwrap_or_default();
    bias + vector
        .iter()
        .map(|&(f, w)| plane[f as usize] * w)
        .sum::<f32>()
}

/// The plane between a class and the rest; its last number is the bias.
fn plane(
    vectors: &[Sparse],
    labels: &[usize],
    class: usize,
    classes: usize,
    features: usize,
) -> Vec<f32> {
    const PASSES: usize = 60;
    let n = labels.len();
    let own = labels.iter().filter(|l| **l == class).count().max(1);
    // As LIBLINEAR weighs classes one against the rest: the class itself, not the rest.
    let cost = n as f32 / (classes * own) as f32;
    let slack: Vec<f32> = labels
        .iter()
        .map(|l| if *l == class { 0.5 / cost } else { 0.5 })
        .collect();
    let squares: Vec<f32> = vectors
        .iter()
        .map(|v| 1.0 + v.iter().map(|(_, w)| w * w).sum::<f32>())
        .collect();
    let mut plane = vec![0f32; features + 1];
    let mut alpha = vec![0f32; n];
    let mut order: Vec<usize> = (0..n).collect();
    let mut chance = Chance::new(class as u64);
    for _ in 0..PASSES {
        for i in (1..n).rev() {
            order.swap(i, chance.below(i + 1));
        }
        let mut worst = 0f32;
        for &i in &order {
            let y = if labels[i] == class { 1.0 } else { -1.0 };
            let gradient = y * along(&plane, &vectors[i]) - 1.0 + slack[i] * alpha[i];
            let projected = if alpha[i] == 0.0 {
                gradient.min(0.0)
            } else {
                gradient
            };
            worst = worst.max(projected.abs());
            if projected != 0.0 {
                let before = alpha[i];
                alpha[i] = (before - gradient / (squares[i] + slack[i])).max(0.0);
                let step = (alpha[i] - before) * y;
                for &(f, w) in &vectors[i] {
                    plane[f as usize] += step * w;
                }
                plane[features] += step;
            }
        }
        if worst < 0.02 {
            break;
        }
    }
    plane
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_baseline_tells_two_clear_intents_apart() {
        let row = |text: &str, class| (text.to_owned(), class);
        let parts = Parts {
            train: vec![
                row("how much is it", 0),
                row("what does it cost", 0),
                row("i am busy now", 1),
                row("call me later i am driving", 1),
            ],
            clean: vec![row("how much does it cost", 0), row("i am driving now", 1)],
            light: Vec::new(),
            noisy: vec![row("much cost", 0), row("busy driving", 1)],
            out_of_scope: vec!["zebra quartz".into()],
        };
        let figures = by_hand(&parts, Lang::En, 2);
        assert_eq!((figures.accuracy, figures.noisy), (1.0, 1.0));
        assert_eq!((figures.light, figures.oos_recall), (None, Some(1.0)));
    }
}
