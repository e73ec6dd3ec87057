//! Streaming recognition through sherpa-onnx, for production models: one recogniser, one thread that decodes all calls' streams in
//! batches. An utterance is one stream, rough texts come by themselves while it is spoken. The text of a pause ([`Ear::decode`]) is
//! given once the model has heard [`SETTLED`] of sound behind it, when its last word must have come out, or at the utterance's end,
//! whichever is first.
//!
//! Where work piles up, rough texts go first; then [`Recognizer::overloaded`] keeps new calls away; at last sound is lost, counted.
//!
//! A file that is a valid ONNX graph of another kind makes the C library end the process: check models before loading them.

mod confidence;
mod config;
mod hotwords;
#[cfg(test)]
mod tests;
mod worker;

pub(in crate::engines) use config::find;
pub use config::{SETTINGS, StreamingConfig, StreamingKind, engine_of};

use super::runtime::EngineError;
use crate::audio::Frame;
use crate::audio::resample::to_f32;
use crate::hearing::traits::{DecodeId, Ear, Recognised, Recognizer, Shape};
use crate::terms::Expectation;
use sherpa_onnx::OnlineRecognizer;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use tokio::sync::mpsc;
use worker::{Order, Worker};

/// Orders that may wait for the thread; a full queue loses sound, which is counted.
const ROOM: usize = 8192;
/// Orders waiting that mean the machine is behind: about ten seconds of one call, or a second of forty.
const BEHIND: usize = 2048;
/// Orders that came while one round of decoding ran at which rough texts are left out.
const BUSY: usize = BEHIND / 4;
/// Sound behind a pause, in samples of 8 kHz, after which its text is as good as final: half a second, which holds the chunk and
/// the look-ahead of the published models.
pub const SETTLED: usize = 4000;

/// The recogniser that all calls share.
pub struct Streaming {
    orders: SyncSender<Order>,
    next: AtomicU64,
    load: Arc<Load>,
}

/// What the calls and the thread know of each other.
#[derive(Default)]
struct Load {
    waiting: AtomicUsize,
    lost: AtomicU64,
    left_out: AtomicU64,
    rounds: AtomicU64,
    streams: AtomicUsize,
    dead: AtomicBool,
}

/// Counters of a [`Streaming`].
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamingCounts {
    /// Pieces of sound and other orders lost because the thread was behind.
    pub lost: u64,
    /// Rounds in which no rough texts were given because the thread was behind.
    pub left_out: u64,
    /// Rounds of decoding, each of all streams that had sound.
    pub rounds: u64,
    /// Utterances that are being heard now.
    pub streams: usize,
}

impl Streaming {
    /// Loads the model and starts its thread.
    pub fn load(config: &StreamingConfig) -> Result<Arc<Streaming>, EngineError> {
        let sherpa = config.to_sherpa()?;
        let vocabulary = config.vocabulary()?;
        let recognizer =
            OnlineRecognizer::create(&sherpa).ok_or_else(|| EngineError::WrongModel {
                path: config.dir.clone(),
                why: "sherpa-onnx refuses it".into(),
            })?;
        let (orders, inbox) = sync_channel(ROOM);
        let load = Arc::new(Load::default());
        let worker = Worker::new(recognizer, config.model_rate, vocabulary, load.clone());
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

    #[must_use]
    pub fn counts(&self) -> StreamingCounts {
        StreamingCounts {
            lost: self.load.lost.load(Ordering::Relaxed),
            left_out: self.load.left_out.load(Ordering::Relaxed),
            rounds: self.load.rounds.load(Ordering::Acquire),
            streams: self.load.streams.load(Ordering::Relaxed),
        }
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
        self.load.dead.load(Ordering::Relaxed) || self.load.waiting.load(Ordering::Relaxed) > BEHIND
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
        self.order(Order::Expect(self.number, expectation.clone()));
    }
    fn begin(&mut self, utterance: u32, preroll: &[i16]) {
        self.order(Order::Begin(self.number, utterance, to_f32(preroll)));
    }
    fn audio(&mut self, frame: &Frame) {
        self.order(Order::Audio(self.number, to_f32(frame)));
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
