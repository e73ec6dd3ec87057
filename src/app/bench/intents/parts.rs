//! The rows of a set as they are measured, clean and misheard, and what any classifier's scores of them are worth.

use super::noise::{Chance, Noise};
use super::sets::Set;
use super::svm::Figures;
use crate::terms::Lang;

/// What a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Train,
    Clean,
    Light,
    Noisy,
    OutOfScope,
}

impl Part {
    pub fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Clean => "clean",
            Part::Light => "light",
            Part::Noisy => "noisy",
            Part::OutOfScope => "oos",
        }
    }
}

type Row = (String, usize);

pub struct Parts {
    pub train: Vec<Row>,
    pub clean: Vec<Row>,
    /// English with 10 % word errors; empty for Mandarin.
    pub light: Vec<Row>,
    /// English with 20 % word errors, Mandarin with 15 % homophones.
    pub noisy: Vec<Row>,
    pub out_of_scope: Vec<String>,
}

impl Parts {
    pub fn of_set(set: &Set) -> Parts {
        let noise = Noise::new(set.lang, set.train.iter().map(|(text, _)| text.as_str()));
        let misheard = |percent: usize| -> Vec<Row> {
            let mut chance = Chance::new(20 + percent as u64);
            let hear = |(text, class): &Row| (noise.over(text, percent, &mut chance), *class);
            set.test.iter().map(hear).collect()
        };
        let (light, noisy) = match set.lang {
            Lang::En => (misheard(10), misheard(20)),
            Lang::Zh => (Vec::new(), misheard(15)),
        };
        Parts {
            train: set.train.clone(),
            clean: set.test.clone(),
            light,
            noisy,
            out_of_scope: set.out_of_scope.clone(),
        }
    }

    /// All rows; those out of scope have no class.
    pub fn rows(&self) -> impl Iterator<Item = (Part, i64, &str)> {
        let parts = [Part::Train, Part::Clean, Part::Light, Part::Noisy];
        let inside = parts.into_iter().flat_map(|part| {
            let rows = self.of(part);
            rows.map(move |(text, class)| (part, class as i64, text))
        });
        let outside = self.out_of_scope.iter();
        inside.chain(outside.map(|text| (Part::OutOfScope, -1, text.as_str())))
    }

    pub fn of(&self, part: Part) -> impl Iterator<Item = (&str, usize)> {
        let rows = match part {
            Part::Train => &self.train[..],
            Part::Clean => &self.clean,
            Part::Light => &self.light,
            Part::Noisy => &self.noisy,
            Part::OutOfScope => &[],
        };
        rows.iter().map(|(text, class)| (text.as_str(), *class))
    }

    /// What `scores` (one a class) are worth.
    pub fn figures(&self, mut scores: impl FnMut(&str) -> Vec<f32>) -> Figures {
        let mut tops = Vec::new();
        let mut accuracy = |part: Part| {
            let (mut right, mut all) = (0usize, 0usize);
            for (text, class) in self.of(part) {
                let (best, top) = best(&scores(text));
                right += usize::from(best == class);
                all += 1;
                if part == Part::Clean {
                    tops.push(top);
                }
            }
            right as f64 / all.max(1) as f64
        };
        let clean = accuracy(Part::Clean);
        let light = (!self.light.is_empty()).then(|| accuracy(Part::Light));
        let noisy = accuracy(Part::Noisy);
        Figures {
            accuracy: clean,
            light,
            noisy,
            oos_recall: (!self.out_of_scope.is_empty()).then(|| {
                let outside = self.out_of_scope.iter();
                let outside: Vec<f32> = outside.map(|text| best(&scores(text)).1).collect();
                recall(&mut tops, &outside)
            }),
        }
    }
}

/// The best class and its score.
pub fn best(scores: &[f32]) -> (usize, f32) {
    let scores = scores.iter().copied().enumerate();
    scores.fold(
        (0, f32::NEG_INFINITY),
        |top, (c, s)| {
            if s > top.1 { (c, s) } else { top }
        },
    )
}

/// The share of `outside` that scores less than all but 5 % of `inside`.
fn recall(inside: &mut [f32], outside: &[f32]) -> f64 {
    inside.sort_unstable_by(f32::total_cmp);
    let threshold = inside.get(inside.len() / 20).copied().unwrap_or(f32::MIN);
    let caught = outside.iter().filter(|s| **s < threshold).count();
    caught as f64 / outside.len().max(1) as f64
}

/// Expected calibration error in ten bins: how far the best class's probability is from how often it is right.
pub fn calibration_error(said: &[(f32, bool)]) -> f64 {
    let mut bins = [(0usize, 0f64, 0f64); 10];
    for &(p, right) in said {
        let bin = &mut bins[((p * 10.0) as usize).min(9)];
        bin.0 += 1;
        bin.1 += f64::from(p);
        bin.2 += f64::from(u8::from(right));
    }
    let gap: f64 = bins.iter().map(|(_, p, right)| (p - right).abs()).sum();
    gap / said.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_is_perfect_when_each_bin_is_right_as_often_as_it_says() {
        let mut said = vec![(0.75, true); 3];
        said.push((0.75, false));
        assert!(calibration_error(&said) < 1e-6);
        assert!((calibration_error(&[(0.95, false)]) - 0.95).abs() < 1e-6);
    }

    #[test]
    fn what_scores_below_nearly_all_known_replies_counts_as_caught() {
        let mut inside: Vec<f32> = (0..100).map(|i| i as f32).collect();
        assert_eq!(recall(&mut inside, &[1.0, 4.0, 5.0, 80.0]), 0.5);
    }
}
