//! How well a sound fits given texts: each text is read under teacher forcing, all in one batch, and scored by its mean
//! log-probability per token, the end token included.

use super::model::{CHOICE, Model, Sound, log_prob, log_sum};
use super::vocab::END;

/// Rows of one decoder run; more cost no less each and only hold memory.
const BATCH: usize = 16;

impl Model {
    /// One score a text, as token strings; an empty string scores the end alone.
    pub fn score(&mut self, sound: &Sound, texts: &[&[i64]]) -> Result<Vec<f32>, ort::Error> {
        // Texts of like length share a run, so that little is computed for padding.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|i| texts[*i].len());
        let mut scores = vec![f32::NEG_INFINITY; texts.len()];
        let first_sum = log_sum(&sound.first[..CHOICE]);
        for rows in order.chunks(BATCH) {
            let longest = rows.iter().map(|i| texts[*i].len()).max().unwrap_or(0);
            if longest == 0 {
                for i in rows {
                    scores[*i] = sound.first[END as usize] - first_sum;
                }
                continue;
            }
            let mut tokens = Vec::with_capacity(rows.len() * longest);
            for i in rows {
                tokens.extend_from_slice(texts[*i]);
                tokens.extend(std::iter::repeat_n(END, longest - texts[*i].len()));
            }
            let state = Model::opened(sound, rows.len());
            let (logits, _) = self.step(sound, &state, &tokens, longest)?;
            for (row, i) in rows.iter().enumerate() {
                let text = texts[*i];
                let Some(first) = text.first() else {
                    scores[*i] = sound.first[END as usize] - first_sum;
                    continue;
                };
                let mut total = sound.first[*first as usize] - first_sum;
                for at in 0..text.len() {
                    let here = logits.at(row * longest + at)?;
                    let next = text.get(at + 1).copied().unwrap_or(END);
                    total += log_prob(here, next as usize, CHOICE);
                }
                scores[*i] = total / (text.len() + 1) as f32;
            }
        }
        Ok(scores)
    }
}
