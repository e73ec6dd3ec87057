//! How one build of the model wants to be used: what stands in `info.json` beside it.

use crate::engines::runtime::EngineError;
use serde::Deserialize;
use std::path::Path;

/// In which form the model writes.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// As published: figures, capitals, sentence marks; Mandarin needs a prompt to come out simplified.
    #[default]
    Written,
    /// As tuned for telephone turns: every word as it is spoken, no marks, no prompt, nothing at all for what is no speech.
    Spoken,
}

/// The window and the form.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Recipe {
    /// Shortest window, milliseconds.
    pub window_min_ms: usize,
    /// Silence behind the speech, milliseconds.
    pub window_pad_ms: usize,
    /// The window is a multiple of this, in samples.
    pub step_samples: usize,
    #[serde(default)]
    pub style: Style,
}

impl Recipe {
    pub fn read(folder: &Path) -> Result<Recipe, EngineError> {
        let path = folder.join("info.json");
        let text = std::fs::read_to_string(&path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => EngineError::Missing(path.clone()),
            _ => EngineError::Unreadable {
                path: path.clone(),
                why: e.to_string(),
            },
        })?;
        let recipe: Recipe = serde_json::from_str(&text).map_err(|e| EngineError::WrongModel {
            path: path.clone(),
            why: e.to_string(),
        })?;
        if recipe.step_samples == 0 || recipe.window_min_ms > 30_000 {
            return Err(EngineError::WrongModel {
                path,
                why: "its window makes no sense".into(),
            });
        }
        Ok(recipe)
    }

    /// Samples at 8 kHz that the encoder is given for so much speech.
    #[must_use]
    pub fn window(&self, speech: usize) -> usize {
        (speech + self.window_pad_ms * 8)
            .max(self.window_min_ms * 8)
            .next_multiple_of(self.step_samples)
    }
}
