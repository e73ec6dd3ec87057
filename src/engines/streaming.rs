//! Streaming recognition through sherpa-onnx, for production models: one recogniser, one thread that decodes all calls' streams in
//! batches. An utterance is one stream; its final text comes when the utterance ends (by then all its sound but the last chunk has
//! been decoded), so a speculative [`Ear::decode`] only says which id the text will carry.
//!
//! A file that is a valid ONNX graph of another kind makes the C library end the process: check models before loading them.

use super::runtime::EngineError;
use super::text::normalise;
use crate::audio::Frame;
use crate::hearing::traits::{DecodeId, Ear, Recognised, RecognisedKind, Recognizer, Shape, Words};
use crate::terms::{Expectation, Lang};
use sherpa_onnx::{OnlineRecognizer, OnlineRecognizerConfig, OnlineStream};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::mpsc;

/// Which family of model a folder holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum StreamingKind {
    /// encoder*.onnx, decoder*.onnx, joiner*.onnx.
    Transducer,
    /// One model*.onnx (zipformer2 CTC).
    Ctc,
}

/// A model on disk. Where a folder holds several, the int8 files are taken; `tokens.txt` must lie beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamingConfig {
    pub dir: PathBuf,
    pub kind: StreamingKind,
    /// Rate of the model's features in Hz; 8 kHz sound is resampled where it differs.
    pub model_rate: i32,
    /// Mel bands.
    pub features: i32,
    pub threads: i32,
}

impl StreamingConfig {
    /// The usual 16 kHz model with 80 mel bands.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, kind: StreamingKind) -> Self {
        StreamingConfig {
            dir: dir.into(),
            kind,
            model_rate: 16_000,
            features: 80,
            threads: 1,
        }
    }

    fn to_sherpa(&self) -> Result<OnlineRecognizerConfig, EngineError> {
        let tokens = self.dir.join("tokens.txt");
        if !tokens.is_file() {
            return Err(EngineError::Missing(tokens));
        }
        let file =
            |stem: &str| find(&self.dir, stem).map(|p| Some(p.to_string_lossy().into_owned()));
        let mut c = OnlineRecognizerConfig::default();
        c.feat_config.sample_rate = self.model_rate;
        c.feat_config.feature_dim = self.features;
        c.decoding_method = Some("greedy_search".into());
        c.model_config.num_threads = self.threads;
        c.model_config.tokens = Some(tokens.to_string_lossy().into_owned());
        match self.kind {
            StreamingKind::Transducer => {
                c.model_config.transducer.encoder = file("encoder")?;
                c.model_config.transducer.decoder = file("decoder")?;
                c.model_config.transducer.joiner = file("joiner")?;
            }
            StreamingKind::Ctc => c.model_config.zipformer2_ctc.model = file("model")?,
        }
        Ok(c)
    }
}

/// The recogniser that all calls share.
pub struct Streaming {
    orders: SyncSender<Order>,
    next: AtomicU64,
    load: Arc<Load>,
}

#[derive(Default)]
struct Load {
    waiting: AtomicUsize,
    lost: AtomicU64,
}

/// Orders that may wait for the thread; a full queue loses sound, which is counted.
const ROOM: usize = 8192;
/// Orders waiting that mean the machine is behind.
const BEHIND: usize = 2048;
/// Silence behind an utterance, so that the model's look-ahead sees its last word.
const TAIL: usize = 8000 * 6 / 10;
/// Room in a call's channel that rough texts leave to finals.
const RESERVED: usize = 4;
/// sherpa-onnx gives no probabilities for greedy search.
const FLAT_CONFIDENCE: f32 = 0.8;

enum Order {
    Open(u64, mpsc::Sender<Recognised>),
    Language(u64, Lang),
    Begin(u64, u32, Vec<f32>),
    Audio(u64, Vec<f32>),
    Decode(u64, DecodeId),
    Withdraw(u64, DecodeId),
    End(u64),
    Close(u64),
}

impl Streaming {
    /// Loads the model and starts its thread.
    pub fn load(config: &StreamingConfig) -> Result<Arc<Streaming>, EngineError> {
        let sherpa = config.to_sherpa()?;
        let recognizer =
            OnlineRecognizer::create(&sherpa).ok_or_else(|| EngineError::WrongModel {
                path: config.dir.clone(),
                why: "sherpa-onnx refuses it".into(),
            })?;
        let (orders, inbox) = sync_channel(ROOM);
        let load = Arc::new(Load::default());
        let worker = Worker {
            recognizer,
            ears: BTreeMap::new(),
            load: load.clone(),
        };
        std::thread::Builder::new()
            .name("ear-stream".into())
            .spawn(move || worker.work(&inbox))
            .map_err(|e| EngineError::Unreadable {
                path: config.dir.clone(),
                why: format!("no thread for it: {e}"),
            })?;
        Ok(Arc::new(Streaming {
            orders,
            next: AtomicU64::new(0),
            load,
        }))
    }

    /// Pieces of sound lost because the thread was behind.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.load.lost.load(Ordering::Relaxed)
    }
}

impl Recognizer for Streaming {
    fn name(&self) -> &'static str {
        "sherpa-streaming"
    }

    fn shape(&self) -> Shape {
        Shape::Streaming
    }

    fn open(&self, tell: mpsc::Sender<Recognised>) -> Box<dyn Ear> {
        let ear = StreamingEar {
            number: self.next.fetch_add(1, Ordering::Relaxed),
            orders: self.orders.clone(),
            load: self.load.clone(),
        };
        ear.order(Order::Open(ear.number, tell));
        Box::new(ear)
    }

    fn overloaded(&self) -> bool {
        self.load.waiting.load(Ordering::Relaxed) > BEHIND
    }
}

struct StreamingEar {
    number: u64,
    orders: SyncSender<Order>,
    load: Arc<Load>,
}

impl StreamingEar {
    fn order(&self, order: Order) {
        self.load.waiting.fetch_add(1, Ordering::Relaxed);
        if self.orders.try_send(order).is_err() {
            self.load.waiting.fetch_sub(1, Ordering::Relaxed);
            self.load.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Ear for StreamingEar {
    fn expect(&mut self, expectation: &Arc<Expectation>) {
        self.order(Order::Language(self.number, expectation.lang));
    }
    fn begin(&mut self, utterance: u32, preroll: &[i16]) {
        self.order(Order::Begin(self.number, utterance, floats(preroll)));
    }
    fn audio(&mut self, frame: &Frame) {
        self.order(Order::Audio(self.number, floats(frame)));
    }
    /// Rough texts come by themselves.
    fn partial(&mut self, _id: DecodeId) {}
    fn withdraw(&mut self, id: DecodeId) {
        self.order(Order::Withdraw(self.number, id));
    }
    fn decode(&mut self, id: DecodeId) {
        self.order(Order::Decode(self.number, id));
    }
    fn end(&mut self) {
        self.order(Order::End(self.number));
    }
}

impl Drop for StreamingEar {
    fn drop(&mut self) {
        self.order(Order::Close(self.number));
    }
}

struct Worker {
    recognizer: OnlineRecognizer,
    ears: BTreeMap<u64, Open>,
    load: Arc<Load>,
}

/// One call's side of the thread.
struct Open {
    tell: mpsc::Sender<Recognised>,
    lang: Lang,
    stream: Option<OnlineStream>,
    id: DecodeId,
    wanted: Option<DecodeId>,
    shown: String,
}

impl Worker {
    fn work(mut self, inbox: &Receiver<Order>) {
        while let Ok(first) = inbox.recv() {
            self.take(first);
            while let Ok(more) = inbox.try_recv() {
                self.take(more);
            }
            self.decode_ready();
            for ear in self.ears.values_mut() {
                ear.show(&self.recognizer);
            }
        }
    }

    fn take(&mut self, order: Order) {
        self.load.waiting.fetch_sub(1, Ordering::Relaxed);
        let recognizer = &self.recognizer;
        match order {
            Order::Open(n, tell) => {
                let ear = Open {
                    tell,
                    lang: Lang::default(),
                    stream: None,
                    id: DecodeId::default(),
                    wanted: None,
                    shown: String::new(),
                };
                self.ears.insert(n, ear);
            }
            Order::Close(n) => {
                self.ears.remove(&n);
            }
            Order::Language(n, lang) => self.with(n, |e| e.lang = lang),
            Order::Begin(n, utterance, samples) => {
                let stream = recognizer.create_stream();
                stream.accept_waveform(8000, &samples);
                self.with(n, |e| {
                    e.stream = Some(stream);
                    e.id = DecodeId {
                        utterance,
                        attempt: 0,
                    };
                    e.wanted = None;
                    e.shown.clear();
                });
            }
            Order::Audio(n, samples) => self.with(n, |e| {
                if let Some(s) = &e.stream {
                    s.accept_waveform(8000, &samples);
                }
            }),
            Order::Decode(n, id) => self.with(n, |e| {
                e.id = id;
                e.wanted = Some(id);
            }),
            Order::Withdraw(n, id) => self.with(n, |e| {
                if e.wanted == Some(id) {
                    e.wanted = None;
                }
            }),
            Order::End(n) => {
                if let Some(ear) = self.ears.get_mut(&n) {
                    ear.finish(&self.recognizer);
                }
            }
        }
    }

    fn with(&mut self, number: u64, change: impl FnOnce(&mut Open)) {
        if let Some(ear) = self.ears.get_mut(&number) {
            change(ear);
        }
    }

    fn decode_ready(&self) {
        loop {
            let ready: Vec<&OnlineStream> = self
                .ears
                .values()
                .filter_map(|e| e.stream.as_ref())
                .filter(|s| self.recognizer.is_ready(s))
                .collect();
            if ready.is_empty() {
                return;
            }
            self.recognizer.decode_multiple_streams(&ready);
        }
    }
}

impl Open {
    fn words(&self, recognizer: &OnlineRecognizer) -> Option<Words> {
        let raw = recognizer.get_result(self.stream.as_ref()?)?.text;
        Some(Words {
            text: normalise(&raw, self.lang),
            lang: self.lang,
            confidence: FLAT_CONFIDENCE,
            candidates: Vec::new(),
            clear: false,
        })
    }

    /// Tells a rough text that changed.
    fn show(&mut self, recognizer: &OnlineRecognizer) {
        let Some(words) = self.words(recognizer) else {
            return;
        };
        if words.text.is_empty() || words.text == self.shown || self.tell.capacity() <= RESERVED {
            return;
        }
        self.shown.clone_from(&words.text);
        self.send(self.id, RecognisedKind::Partial(words));
    }

    fn finish(&mut self, recognizer: &OnlineRecognizer) {
        if let Some(stream) = &self.stream {
            stream.accept_waveform(8000, &vec![0.0; TAIL]);
            stream.input_finished();
            while recognizer.is_ready(stream) {
                recognizer.decode(stream);
            }
        }
        let words = self.words(recognizer);
        self.stream = None;
        if let Some(id) = self.wanted.take() {
            let kind = match words {
                Some(w) if w.text.is_empty() => RecognisedKind::Nothing("no words"),
                Some(w) => RecognisedKind::Final(w),
                None => RecognisedKind::Failed("sherpa-onnx gave no result".into()),
            };
            self.send(id, kind);
        }
    }

    fn send(&self, id: DecodeId, kind: RecognisedKind) {
        if let Err(mpsc::error::TrySendError::Full(r)) = self.tell.try_send(Recognised { id, kind })
        {
            tracing::error!(
                "a call does not take its results; the text of {:?} is lost",
                r.id
            );
        }
    }
}

fn floats(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|s| f32::from(*s) / 32768.0).collect()
}

/// The file that begins with `stem`, int8 before others.
fn find(dir: &Path, stem: &str) -> Result<PathBuf, EngineError> {
    let missing = || EngineError::Missing(dir.join(format!("{stem}*.onnx")));
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .map_err(|_| missing())?
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| {
            let name = p.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(stem) && name.ends_with(".onnx")
        })
        .collect();
    found.sort_by_key(|p| (!p.to_string_lossy().contains("int8"), p.clone()));
    found.into_iter().next().ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_its_files_is_an_error_that_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let config = StreamingConfig::new(dir.path(), StreamingKind::Transducer);
        let said = |c: &StreamingConfig| Streaming::load(c).err().map(|e| e.to_string());
        assert!(said(&config).unwrap().contains("tokens.txt"));
        std::fs::write(dir.path().join("tokens.txt"), "<blk> 0\n").unwrap();
        assert!(said(&config).unwrap().contains("encoder*.onnx"));
        let ctc = StreamingConfig::new(dir.path(), StreamingKind::Ctc);
        assert!(said(&ctc).unwrap().contains("model*.onnx"));
    }

    #[test]
    fn int8_files_are_preferred() {
        let dir = tempfile::tempdir().unwrap();
        for f in [
            "encoder-1.onnx",
            "encoder-1.int8.onnx",
            "decoder.onnx",
            "joiner.onnx",
            "tokens.txt",
        ] {
            std::fs::write(dir.path().join(f), "").unwrap();
        }
        let c = StreamingConfig::new(dir.path(), StreamingKind::Transducer)
            .to_sherpa()
            .unwrap();
        let t = c.model_config.transducer;
        assert!(t.encoder.unwrap().ends_with("encoder-1.int8.onnx"));
        assert!(t.joiner.unwrap().ends_with("joiner.onnx"));
    }
}
