//! What the voice room needs from an engine.

use thiserror::Error;

/// One clause to be spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Phonemes in the engine's own symbols.
    pub phonemes: String,
    /// As [`Synthesizer::resolve`] gives it.
    pub voice: String,
    /// 1.0 is normal.
    pub speed: f32,
}

/// A neural voice. Calls block for about a third of the sound's length: call it from a worker, never from the runtime.
pub trait Synthesizer: Send + Sync {
    /// Changes when the same phonemes would sound different: part of every cache key.
    fn fingerprint(&self) -> &str;
    /// Samples a second of what [`Synthesizer::speak`] returns.
    fn rate(&self) -> u32;
    fn voices(&self) -> &[String];
    /// The one spelling of a voice that may be asked for by a name or as a blend (`0.5*zf_xiaobei+0.5*zf_xiaoyi`), or why
    /// it cannot be asked for.
    fn resolve(&self, voice: &str) -> Result<String, SynthesisError> {
        if self.voices().iter().any(|v| v == voice) {
            return Ok(voice.to_owned());
        }
        Err(SynthesisError::UnknownVoice(voice.to_owned()))
    }
    /// Symbols it can speak; others would be dropped silently.
    fn knows(&self, symbol: char) -> bool;
    /// Mono samples, untrimmed, in -1..=1 though peaks may go over.
    fn speak(&self, clause: &Clause) -> Result<Vec<f32>, SynthesisError>;
}

#[derive(Debug, Error)]
pub enum SynthesisError {
    #[error("voice {0:?} is not among the installed voices")]
    UnknownVoice(String),
    #[error("voice {voice:?}: {why}")]
    BadVoice { voice: String, why: String },
    #[error("the voice engine gave no sound for {0:?}")]
    NoSound(String),
}
