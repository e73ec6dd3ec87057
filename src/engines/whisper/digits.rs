//! A string of digits of a known length: the beam may only go where digits lead.

use super::model::{CHOICE, Model, Sound, State, log_sum};
use super::vocab::END;
use crate::terms::DigitField;

/// Hypotheses kept at each step.
const BEAM: usize = 6;

/// How a digit may be written: its value and its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    pub digit: char,
    pub tokens: Vec<i64>,
}

/// The best string of digits.
#[derive(Clone, Debug, PartialEq)]
pub struct Digits {
    pub digits: String,
    /// Mean natural log-probability per token under the free model, the end token included.
    pub mean_log_prob: f32,
    /// How much better than the second best string, in natural log-probability of the whole.
    pub margin: f32,
}

#[derive(Clone)]
struct Hypothesis {
    digits: String,
    /// Tokens of the digit that is being written.
    open: Vec<i64>,
    tokens: usize,
    total: f32,
}

impl Model {
    /// The most likely string of `field.least..=field.most` digits, or `None` when none could be finished.
    pub fn digits(
        &mut self,
        sound: &Sound,
        spellings: &[Spelling],
        field: DigitField,
    ) -> Result<Option<Digits>, ort::Error> {
        let (least, most) = (usize::from(field.least), usize::from(field.most));
        let mut beam = vec![Hypothesis {
            digits: String::new(),
            open: Vec::new(),
            tokens: 0,
            total: 0.0,
        }];
        let mut logits = vec![sound.first.clone()];
        let mut state: State = Model::opened(sound, 1);
        let mut done: Vec<Hypothesis> = Vec::new();
        let longest = spellings.iter().map(|s| s.tokens.len()).max().unwrap_or(1);
        // One more than the digits: the end is a token too.
        for _ in 0..=most * longest {
            let mut next: Vec<(usize, i64, Hypothesis)> = Vec::new();
            for (row, h) in beam.iter().enumerate() {
                let here = &logits[row];
                let sum = log_sum(&here[..CHOICE]);
                let with = |token: i64| Hypothesis {
                    total: h.total + here[token as usize] - sum,
                    tokens: h.tokens + 1,
                    ..h.clone()
                };
                let count = h.digits.chars().count();
                if h.open.is_empty() && count >= least {
                    done.push(with(END));
                }
                if count == most {
                    continue;
                }
                for s in spellings {
                    let Some(token) = s
                        .tokens
                        .strip_prefix(h.open.as_slice())
                        .and_then(|rest| rest.first())
                    else {
                        continue;
                    };
                    let mut longer = with(*token);
                    if s.tokens.len() == h.open.len() + 1 {
                        longer.open.clear();
                        longer.digits.push(s.digit);
                    } else {
                        longer.open.push(*token);
                    }
                    next.push((row, *token, longer));
                }
            }
            // Two spellings of one digit may begin alike; the better one stands for both.
            next.sort_by(|a, b| b.2.total.total_cmp(&a.2.total));
            let mut kept: Vec<(usize, i64, Hypothesis)> = Vec::new();
            for n in next {
                let twin =
                    |k: &(usize, i64, Hypothesis)| k.2.digits == n.2.digits && k.2.open == n.2.open;
                if kept.len() < BEAM && !kept.iter().any(twin) {
                    kept.push(n);
                }
            }
            if kept.is_empty() {
                break;
            }
            let rows: Vec<usize> = kept.iter().map(|k| k.0).collect();
            let tokens: Vec<i64> = kept.iter().map(|k| k.1).collect();
            let (next, grown) = self.step(sound, &state.pick(&rows), &tokens, 1)?;
            logits = (0..rows.len())
                .map(|row| next.at(row).map(<[f32]>::to_vec))
                .collect::<Result<_, _>>()?;
            state = grown;
            beam = kept.into_iter().map(|k| k.2).collect();
        }
        let mean = |h: &Hypothesis| h.total / h.tokens as f32;
        done.sort_by(|a, b| mean(b).total_cmp(&mean(a)));
        Ok(done.first().map(|best| Digits {
            digits: best.digits.clone(),
            mean_log_prob: mean(best),
            margin: done
                .iter()
                .find(|h| h.digits != best.digits)
                .map_or(f32::INFINITY, |h| best.total - h.total),
        }))
    }
}
