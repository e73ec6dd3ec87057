//! Where lines become sound before anybody waits for them: fixed prompts when a dialplan loads, lines with variables while
//! the phone rings. What was said once is never synthesised again.

mod live;
mod queue;
#[cfg(test)]
mod tests;

use super::cache::Key;
use super::clause::{self, Piece};
use super::phonemes::{PhonemeError, Phonemizer};
use super::prompt::{ClauseSpan, Prompt};
use super::spoken;
use super::traits::Synthesizer;
use crate::terms::Line;
pub use live::Clauses;
use queue::{Job, Queue, Task};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// How much the studio may use.
#[derive(Clone, Debug)]
pub struct StudioConfig {
    /// Threads for work nobody waits for, at lower priority; one more, at normal priority, serves urgent lines only.
    pub workers: usize,
    /// Sound kept in memory, MiB; an hour of speech is 55.
    pub memory_mib: usize,
}

impl Default for StudioConfig {
    fn default() -> Self {
        StudioConfig {
            workers: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_mib: 64,
        }
    }
}

/// Why a line did not become sound. Cloned to everybody who waits for the same clause.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VoiceError {
    #[error("voice {voice:?} is not installed; installed are {installed}")]
    UnknownVoice { voice: String, installed: String },
    #[error("voice {voice:?}: {why}")]
    BadVoice { voice: String, why: String },
    #[error("{text:?} holds nothing that can be spoken")]
    NothingToSay { text: String },
    #[error(
        "{text:?} leads to the symbol {symbol:?}, which the voice does not have; check the user dictionary"
    )]
    UnknownSymbol { text: String, symbol: char },
    #[error("the voice engine failed: {0}")]
    Engine(String),
    #[error("recording {path}: {why}")]
    Recording { path: String, why: String },
    #[error("the studio is closed")]
    Closed,
}

/// Renders lines. Dropping the last of its kind lets running work end and forgets the rest.
pub struct Studio {
    inner: Arc<Inner>,
    phonemizer: Phonemizer,
}

/// What studios with different dictionaries share.
struct Inner {
    voice: Arc<dyn Synthesizer>,
    queue: Arc<Queue>,
}

/// How a text is cut: the text, and how many symbols the voice needs for a stretch of it.
type Cut = fn(&str, &dyn Fn(&str) -> usize) -> Vec<Piece>;

impl Studio {
    /// Starts the worker threads. `cache_dir` need not exist.
    #[must_use]
    pub fn new(
        voice: Arc<dyn Synthesizer>,
        phonemizer: Phonemizer,
        cache_dir: PathBuf,
        config: StudioConfig,
    ) -> Studio {
        let queue = Queue::start(voice.clone(), cache_dir, &config);
        Studio {
            inner: Arc::new(Inner { voice, queue }),
            phonemizer,
        }
    }

    /// The same studio, with a campaign's own way to say some words (see [`Phonemizer::with_words`]).
    pub fn with_words(&self, words: &BTreeMap<String, String>) -> Result<Studio, PhonemeError> {
        Ok(Studio {
            inner: self.inner.clone(),
            phonemizer: self.phonemizer.clone().with_words(words)?,
        })
    }

    /// The line as sound, from the cache where it is there. `base_dir` is the folder a recording's name starts from.
    /// Urgent lines overtake the others; a line that is being rendered already is waited for, not rendered twice.
    pub async fn render(
        &self,
        line: &Line,
        base_dir: &Path,
        urgent: bool,
    ) -> Result<Arc<Prompt>, VoiceError> {
        if let Some(name) = &line.recording {
            let job = recording_job(base_dir, name);
            let sound = self.inner.queue.submit(job, urgent).await?;
            return Ok(Arc::new(one_clause(sound.to_vec(), line.text.clone())));
        }
        let pieces = self.script(line, clause::cut)?;
        let waiting: Vec<_> = pieces
            .iter()
            .map(|(_, job)| self.inner.queue.submit(job.clone(), urgent))
            .collect();
        let mut prompt = Prompt::default();
        for ((piece, _), sound) in pieces.into_iter().zip(waiting) {
            prompt.add(&sound.await?, piece.text, piece.pause_ms);
        }
        Ok(Arc::new(prompt))
    }

    /// The line as sound, made on this thread and kept nowhere: for many lines that are wanted once. Blocks for about a
    /// third of the sound's length. A recording in its place is not looked at.
    pub fn render_once(&self, line: &Line) -> Result<Prompt, VoiceError> {
        let mut prompt = Prompt::default();
        for (piece, job) in self.script(line, clause::cut)? {
            let Task::Clause(clause) = &job.task else {
                continue;
            };
            let sound = queue::synthesise(self.inner.voice.as_ref(), clause)?;
            prompt.add(&sound, piece.text, piece.pause_ms);
        }
        Ok(prompt)
    }

    /// The one spelling of a voice's name or formula, or why it cannot be used.
    pub fn resolve(&self, voice: &str) -> Result<String, VoiceError> {
        use super::traits::SynthesisError;
        self.inner.voice.resolve(voice).map_err(|e| match e {
            SynthesisError::UnknownVoice(voice) => VoiceError::UnknownVoice {
                voice,
                installed: self.inner.voice.voices().join(", "),
            },
            SynthesisError::BadVoice { voice, why } => VoiceError::BadVoice { voice, why },
            SynthesisError::NoSound(why) => VoiceError::Engine(why),
        })
    }

    /// What [`Studio::render`] would have the voice say, as words: figures written out, one string a clause.
    #[must_use]
    pub fn words(&self, line: &Line) -> Vec<String> {
        self.cut(line, clause::cut)
            .into_iter()
            .map(|p| p.text)
            .collect()
    }

    fn cut(&self, line: &Line, cut: Cut) -> Vec<Piece> {
        let text = spoken::in_words(&line.text, line.lang);
        cut(&text, &|t| self.phonemizer.symbols(t).chars().count())
    }

    /// The clauses of a line with what the voice must do for each.
    fn script(&self, line: &Line, cut: Cut) -> Result<Vec<(Piece, Job)>, VoiceError> {
        let voice = self.resolve(&line.voice)?;
        let pieces = self.cut(line, cut);
        if pieces.is_empty() && !line.text.trim().is_empty() {
            return Err(VoiceError::NothingToSay {
                text: line.text.clone(),
            });
        }
        pieces
            .into_iter()
            .map(|piece| {
                let phonemes = self.phonemizer.symbols(&piece.text);
                if let Some(symbol) = phonemes.chars().find(|c| !self.inner.voice.knows(*c)) {
                    return Err(VoiceError::UnknownSymbol {
                        text: piece.text,
                        symbol,
                    });
                }
                let speed = line.speed_percent;
                let job = Job {
                    key: Key::of_clause(self.inner.voice.fingerprint(), &voice, speed, &phonemes),
                    task: Task::Clause(super::traits::Clause {
                        phonemes,
                        voice: voice.clone(),
                        speed: f32::from(speed) / 100.0,
                    }),
                };
                Ok((piece, job))
            })
            .collect()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

fn recording_job(base_dir: &Path, name: &str) -> Job {
    let path = base_dir.join(name);
    Job {
        key: Key::of(&["recording", &path.to_string_lossy()]),
        task: Task::Recording(path),
    }
}

fn one_clause(samples: Vec<i16>, text: String) -> Prompt {
    let clauses = vec![ClauseSpan {
        start: 0,
        end: samples.len(),
        text,
    }];
    Prompt { samples, clauses }
}
