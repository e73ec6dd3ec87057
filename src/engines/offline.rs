//! Recognisers of whole stretches of speech through sherpa-onnx: SenseVoice and Paraformer. They share the pool with all calls; the
//! library lets any number of threads decode at once with one set of weights.

use super::models::Engine;
use super::pool::{Job, Pool, Priority, Unrun};
use super::runtime::EngineError;
use super::streaming::{engine_of, find};
use super::text::normalise;
use crate::audio::Frame;
use crate::audio::resample::{convert, to_f32};
use crate::hearing::traits::{DecodeId, Ear, Recognised, RecognisedKind, Recognizer, Shape, Words};
use crate::terms::{Expectation, Lang};
use sherpa_onnx::{
    OfflineParaformerModelConfig, OfflineRecognizer, OfflineRecognizerConfig,
    OfflineSenseVoiceModelConfig,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// Older sound of an endless utterance is left out: half a minute of 8 kHz.
const MOST_SAMPLES: usize = 30 * 8000;
/// Both models hear 16 kHz.
const RATE: u32 = 16_000;
/// Room in the channel that rough texts leave to finals.
const RESERVED: usize = 4;
/// Nobody waits longer for a text.
const FINAL_PATIENCE: Duration = Duration::from_millis(2500);
const PARTIAL_PATIENCE: Duration = Duration::from_millis(600);
/// Neither model gives probabilities.
const UNKNOWN: f32 = 0.8;

/// The recogniser that all calls share.
pub struct Offline {
    engine: Arc<Loaded>,
    pool: Arc<Pool>,
}

struct Loaded {
    recognizer: OfflineRecognizer,
    name: &'static str,
}

impl Offline {
    /// Loads the model in a folder: `model*.onnx` and `tokens.txt`, and the settings that name its engine.
    pub fn load(dir: &Path, pool: Arc<Pool>) -> Result<Arc<Offline>, EngineError> {
        let tokens = dir.join("tokens.txt");
        if !tokens.is_file() {
            return Err(EngineError::Missing(tokens));
        }
        let wrong = |why: &str| EngineError::WrongModel {
            path: dir.to_owned(),
            why: why.to_owned(),
        };
        let model = Some(find(dir, "model")?.to_string_lossy().into_owned());
        let mut c = OfflineRecognizerConfig::default();
        c.model_config.tokens = Some(tokens.to_string_lossy().into_owned());
        // Calls share the cores; one decode may not take them all.
        c.model_config.num_threads = 1;
        c.decoding_method = Some("greedy_search".into());
        let name = match engine_of(dir)? {
            Some(Engine::SenseVoice) => {
                c.model_config.sense_voice = OfflineSenseVoiceModelConfig {
                    model,
                    language: Some("auto".into()),
                    use_itn: true,
                };
                "sense-voice"
            }
            Some(Engine::Paraformer) => {
                c.model_config.paraformer = OfflineParaformerModelConfig { model };
                "paraformer"
            }
            _ => {
                return Err(wrong(
                    "its settings name neither sense-voice nor paraformer",
                ));
            }
        };
        let recognizer =
            OfflineRecognizer::create(&c).ok_or_else(|| wrong("sherpa-onnx refuses it"))?;
        let engine = Arc::new(Loaded { recognizer, name });
        Ok(Arc::new(Offline { engine, pool }))
    }

    /// Recognises a whole piece of sound (8 kHz) on the calling thread.
    #[must_use]
    pub fn recognise(&self, samples: &[i16], lang: Lang) -> RecognisedKind {
        self.engine.recognise(samples, lang)
    }
}

impl Recognizer for Offline {
    fn name(&self) -> &'static str {
        self.engine.name
    }

    fn shape(&self) -> Shape {
        Shape::Segment
    }

    fn open(&self, tell: mpsc::Sender<Recognised>) -> Box<dyn Ear> {
        Box::new(OfflineEar {
            engine: self.engine.clone(),
            pool: self.pool.clone(),
            tell,
            lang: Lang::default(),
            samples: Vec::new(),
            withdrawn: Arc::default(),
        })
    }

    fn overloaded(&self) -> bool {
        self.pool.overloaded()
    }
}

impl Loaded {
    fn recognise(&self, samples: &[i16], lang: Lang) -> RecognisedKind {
        // The library would do it too, with a line on standard error for every stream.
        let speech = convert(&to_f32(samples), 8000, RATE);
        if speech.is_empty() {
            return RecognisedKind::Nothing("no sound");
        }
        let stream = self.recognizer.create_stream();
        stream.accept_waveform(RATE as i32, &speech);
        self.recognizer.decode(&stream);
        let Some(result) = stream.get_result() else {
            return RecognisedKind::Failed(format!("{} gave no result", self.name));
        };
        let text = normalise(&result.text, lang);
        if text.is_empty() {
            return RecognisedKind::Nothing("no words");
        }
        RecognisedKind::Final(Words {
            text,
            lang,
            confidence: UNKNOWN,
            candidates: Vec::new(),
            clear: false,
        })
    }
}

/// One call's sound on its way into the pool.
struct OfflineEar {
    engine: Arc<Loaded>,
    pool: Arc<Pool>,
    tell: mpsc::Sender<Recognised>,
    lang: Lang,
    samples: Vec<i16>,
    /// Decodes up to this one are not wanted any more, as a [`key`].
    withdrawn: Arc<AtomicU64>,
}

impl OfflineEar {
    fn submit(&self, id: DecodeId, priority: Priority) {
        let rough = priority >= Priority::Partial;
        if self.samples.is_empty() && rough {
            return;
        }
        let (engine, tell, withdrawn) = (
            self.engine.clone(),
            self.tell.clone(),
            self.withdrawn.clone(),
        );
        let (samples, lang) = (self.samples.clone(), self.lang);
        let failed = self.tell.clone();
        self.pool.submit(Job {
            priority,
            patience: if rough {
                PARTIAL_PATIENCE
            } else {
                FINAL_PATIENCE
            },
            run: Box::new(move || {
                if !rough && key(id) <= withdrawn.load(Ordering::Relaxed) {
                    return;
                }
                let kind = match engine.recognise(&samples, lang) {
                    RecognisedKind::Final(words) if rough => RecognisedKind::Partial(words),
                    _ if rough => return,
                    kind => kind,
                };
                send(&tell, Recognised { id, kind });
            }),
            unrun: Box::new(move |how| {
                if !rough {
                    let why = match how {
                        Unrun::Dropped => "recognition is overloaded",
                        Unrun::Panicked => "recognition crashed",
                    };
                    let kind = RecognisedKind::Failed(why.to_owned());
                    send(&failed, Recognised { id, kind });
                }
            }),
        });
    }
}

impl Ear for OfflineEar {
    fn expect(&mut self, expectation: &Arc<Expectation>) {
        self.lang = expectation.lang;
    }

    fn begin(&mut self, _utterance: u32, preroll: &[i16]) {
        self.samples.clear();
        self.samples.extend_from_slice(preroll);
    }

    fn audio(&mut self, frame: &Frame) {
        if self.samples.len() + frame.len() <= MOST_SAMPLES {
            self.samples.extend_from_slice(frame);
        }
    }

    fn partial(&mut self, id: DecodeId) {
        self.submit(id, Priority::Partial);
    }

    fn idle_partial(&mut self, id: DecodeId) {
        self.submit(id, Priority::Idle);
    }

    fn withdraw(&mut self, id: DecodeId) {
        self.withdrawn.fetch_max(key(id), Ordering::Relaxed);
    }

    fn decode(&mut self, id: DecodeId) {
        self.submit(id, Priority::Final);
    }

    fn end(&mut self) {
        self.samples.clear();
    }
}

fn key(id: DecodeId) -> u64 {
    (u64::from(id.utterance) << 32) | u64::from(id.attempt)
}

fn send(tell: &mpsc::Sender<Recognised>, result: Recognised) {
    let rough = matches!(result.kind, RecognisedKind::Partial(_));
    if rough && tell.capacity() <= RESERVED {
        return;
    }
    if let Err(mpsc::error::TrySendError::Full(r)) = tell.try_send(result) {
        tracing::error!(
            "a call does not take its results; the text of {:?} is lost",
            r.id
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::runtime::testing::installed;

    /// 500 Hz is 好, 1500 Hz 不 (scripts/models/tiny_streaming.py).
    fn whistle(hertz: &[f32]) -> Vec<i16> {
        let tone = |hz: f32| {
            (0..4000).map(move |i| {
                let phase = 2.0 * std::f32::consts::PI * hz * i as f32 / 8000.0;
                if i < 2800 {
                    (phase.sin() * 6000.0) as i16
                } else {
                    0
                }
            })
        };
        hertz.iter().flat_map(|hz| tone(*hz)).collect()
    }

    fn load(workers: usize) -> Option<Arc<Offline>> {
        let (_, dir) = installed("tiny-sense-voice")?;
        Some(Offline::load(&dir, Arc::new(Pool::new(workers))).unwrap())
    }

    fn text(kind: RecognisedKind) -> String {
        match kind {
            RecognisedKind::Final(words) => words.text,
            RecognisedKind::Nothing(_) => String::new(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_stretch_of_speech_becomes_words_and_silence_nothing() {
        let Some(engine) = load(1) else { return };
        assert_eq!(engine.name(), "sense-voice");
        let hear = |samples: &[i16]| text(engine.recognise(samples, Lang::Zh));
        assert_eq!(hear(&whistle(&[1500.0, 500.0])), "不好");
        assert_eq!(hear(&[0; 8000]), "");
        assert_eq!(hear(&[]), "");
        assert_eq!(hear(&[5; 3]), "");
    }

    #[test]
    fn many_calls_share_one_set_of_weights_and_get_their_own_words() {
        let Some(engine) = load(4) else { return };
        let scripts = [
            &[500.0][..],
            &[1500.0],
            &[1500.0, 500.0],
            &[500.0, 1500.0, 500.0],
        ];
        let mut calls: Vec<_> = (0..40)
            .map(|n| {
                let (tell, results) = mpsc::channel(8);
                let mut ear = engine.open(tell);
                let sound = whistle(scripts[n % 4]);
                let id = DecodeId {
                    utterance: 1,
                    attempt: 1,
                };
                ear.begin(1, &sound);
                ear.decode(id);
                ear.end();
                (ear, results)
            })
            .collect();
        for (n, (_, results)) in calls.iter_mut().enumerate() {
            let said = text(results.blocking_recv().unwrap().kind);
            assert_eq!(said, ["好", "不", "不好", "好不好"][n % 4]);
        }
    }

    #[test]
    fn a_folder_that_holds_something_else_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let said = || {
            let pool = Arc::new(Pool::new(1));
            Offline::load(dir.path(), pool).err().unwrap().to_string()
        };
        assert!(said().contains("tokens.txt"));
        std::fs::write(dir.path().join("tokens.txt"), "").unwrap();
        assert!(said().contains("model*.onnx"));
        std::fs::write(dir.path().join("model.onnx"), "").unwrap();
        assert!(said().contains("neither sense-voice nor paraformer"));
    }
}
