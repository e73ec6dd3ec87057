//! Whisper base as a segment recogniser: the embedded default for Mandarin and English.

mod bpe;
mod digits;
mod ear;
mod engine;
mod evidence;
pub mod gates;
pub mod model;
mod recipe;
mod score;
mod spelling;
pub mod vocab;

#[cfg(test)]
mod tests;

use super::pool::Pool;
use super::runtime::{self, EngineError};
use crate::hearing::traits::{Ear, Recognised, RecognisedKind, Recognizer, Shape};
use crate::terms::Expectation;
use ear::WhisperEar;
use engine::{Effort, Engine};
use recipe::Style;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The recogniser that all calls share.
pub struct Whisper {
    engine: Arc<Engine>,
    pool: Arc<Pool>,
}

impl Whisper {
    /// Loads `enc.onnx`, `dec.onnx` and `tokens.txt` of `folder` `sessions` times (about 90 MB each), on the runtime `library`.
    /// More sessions than `pool` has workers are never used at once.
    pub fn load(
        folder: &Path,
        library: &Path,
        pool: Arc<Pool>,
        sessions: usize,
    ) -> Result<Arc<Whisper>, EngineError> {
        runtime::load(library)?;
        Ok(Arc::new(Whisper {
            engine: Arc::new(Engine::load(folder, sessions)?),
            pool,
        }))
    }

    /// Recognises a whole piece of sound (8 kHz) on the calling thread, through all gates. Blocks for as long as it takes.
    #[must_use]
    pub fn recognise(&self, samples: &[i16], expectation: &Expectation) -> RecognisedKind {
        self.engine.recognise(samples, expectation, Effort::Whole)
    }
}

impl Recognizer for Whisper {
    fn name(&self) -> &'static str {
        match self.engine.style {
            Style::Written => "whisper-base",
            Style::Spoken => "whisper-base-tuned",
        }
    }

    fn shape(&self) -> Shape {
        Shape::Segment
    }

    fn open(&self, tell: mpsc::Sender<Recognised>) -> Box<dyn Ear> {
        Box::new(WhisperEar::new(
            self.engine.clone(),
            self.pool.clone(),
            tell,
        ))
    }

    fn overloaded(&self) -> bool {
        self.pool.overloaded()
    }
}
