//! Whisper base as a segment recogniser: the embedded default for Mandarin and English.

mod ear;
pub mod gates;
pub mod model;
pub mod vocab;

#[cfg(test)]
mod tests;

use super::pool::Pool;
use super::runtime::{self, EngineError};
use super::text::normalise;
use crate::hearing::traits::{Ear, Recognised, RecognisedKind, Recognizer, Shape, Words};
use crate::terms::Lang;
use ear::WhisperEar;
use model::Model;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use tokio::sync::mpsc;
use vocab::Vocab;

/// The recogniser that all calls share.
pub struct Whisper {
    engine: Arc<Engine>,
    pool: Arc<Pool>,
}

/// The models and their vocabulary; a job takes a model, uses it alone and gives it back.
struct Engine {
    vocab: Vocab,
    free: Mutex<Vec<Model>>,
    given_back: Condvar,
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
        let vocab = Vocab::read(&folder.join("tokens.txt"))?;
        let models = (0..sessions.max(1))
            .map(|_| Model::load(folder))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(Whisper {
            engine: Arc::new(Engine {
                vocab,
                free: Mutex::new(models),
                given_back: Condvar::new(),
            }),
            pool,
        }))
    }

    /// Recognises a whole piece of sound (8 kHz) on the calling thread, through all gates. Blocks for as long as it takes.
    #[must_use]
    pub fn recognise(&self, samples: &[i16], lang: Lang) -> RecognisedKind {
        self.engine.recognise(samples, lang)
    }
}

impl Recognizer for Whisper {
    fn name(&self) -> &'static str {
        "whisper-base"
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

impl Engine {
    fn recognise(&self, samples: &[i16], lang: Lang) -> RecognisedKind {
        let speech: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32768.0).collect();
        let decoded = {
            let mut lent = self.lend();
            match lent.greedy(&speech, lang) {
                Ok(d) => d,
                Err(e) => return RecognisedKind::Failed(format!("whisper: {e}")),
            }
        };
        if decoded.endless {
            return RecognisedKind::Nothing("ran into the token limit");
        }
        let raw = self.vocab.text(&decoded.ids);
        let text = normalise(&raw, lang);
        if let Some(why) = gates::not_speech(&raw, &text, decoded.no_speech) {
            return RecognisedKind::Nothing(why);
        }
        let words = Words {
            text,
            lang,
            confidence: gates::confidence(decoded.mean_log_prob),
            candidates: Vec::new(),
            clear: false,
        };
        if gates::is_doubtful(decoded.mean_log_prob) {
            return RecognisedKind::Unsure(words);
        }
        RecognisedKind::Final(words)
    }

    fn lend(&self) -> Lent<'_> {
        let mut free = self.lock();
        loop {
            if let Some(model) = free.pop() {
                return Lent {
                    engine: self,
                    model: Some(model),
                };
            }
            free = self
                .given_back
                .wait(free)
                .unwrap_or_else(|e| e.into_inner());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Model>> {
        self.free.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// A model that goes back when dropped, also by a panic.
struct Lent<'a> {
    engine: &'a Engine,
    model: Option<Model>,
}

impl Lent<'_> {
    fn greedy(&mut self, speech: &[f32], lang: Lang) -> Result<model::Decoded, String> {
        match &mut self.model {
            Some(m) => m.greedy(speech, lang).map_err(|e| e.to_string()),
            None => Err("no model".into()),
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(model) = self.model.take() {
            self.engine.lock().push(model);
            self.engine.given_back.notify_one();
        }
    }
}
