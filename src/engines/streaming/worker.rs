//! The thread behind all streams: takes what the calls order, decodes whatever is ready in batches, tells what came out.

use super::confidence::{self, Hypothesis};
use super::hotwords::Vocabulary;
use super::{BUSY, Load, SETTLED};
use crate::audio::resample::Resampler;
use crate::engines::text::normalise;
use crate::hearing::traits::{DecodeId, Recognised, RecognisedKind, Words};
use crate::terms::Expectation;
use sherpa_onnx::{OnlineRecognizer, OnlineStream};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use tokio::sync::mpsc;

/// Silence behind an utterance, so that the model's look-ahead sees its last word.
const TAIL: usize = 8000 * 6 / 10;
/// Room in a call's channel that rough texts leave to finals.
const RESERVED: usize = 4;
/// Streams in one batch; more cost memory and win nothing on a core.
const BATCH: usize = 32;

pub(super) enum Order {
    Open(u64, mpsc::Sender<Recognised>),
    Expect(u64, Arc<Expectation>),
    Begin(u64, u32, Vec<f32>),
    Audio(u64, Vec<f32>),
    Decode(u64, DecodeId),
    Withdraw(u64, DecodeId),
    End(u64),
    Close(u64),
    /// Holds the thread until the sender is gone, or breaks it.
    #[cfg(test)]
    Hold(Receiver<()>),
    #[cfg(test)]
    Panic,
}

pub(super) struct Worker {
    recognizer: OnlineRecognizer,
    rate: i32,
    vocabulary: Option<Vocabulary>,
    ears: BTreeMap<u64, Open>,
    /// Utterances that are over and still to be decoded to their end.
    ending: Vec<(Utterance, Listener)>,
    load: Arc<Load>,
}

/// One call's side of the thread.
struct Open {
    listener: Listener,
    hotwords: Option<String>,
    current: Option<Utterance>,
}

#[derive(Clone)]
struct Listener {
    tell: mpsc::Sender<Recognised>,
    expectation: Arc<Expectation>,
}

struct Utterance {
    stream: OnlineStream,
    /// The model's rate in Hz, and what brings the call's 8 kHz to it. sherpa-onnx would do it too, with a line on standard error
    /// for every stream.
    rate: i32,
    resampler: Option<Resampler>,
    id: DecodeId,
    /// The decode that waits for its text, and how much sound had come when it was asked for.
    wanted: Option<(DecodeId, usize)>,
    /// Samples so far.
    fed: usize,
    shown: String,
    /// Decoded since its text was last looked at.
    moved: Cell<bool>,
}

impl Worker {
    pub fn new(
        recognizer: OnlineRecognizer,
        rate: i32,
        vocabulary: Option<Vocabulary>,
        load: Arc<Load>,
    ) -> Self {
        Worker {
            recognizer,
            rate,
            vocabulary,
            ears: BTreeMap::new(),
            ending: Vec::new(),
            load,
        }
    }

    pub fn work(mut self, inbox: &Receiver<Order>) {
        while let Ok(first) = inbox.recv() {
            let round = catch_unwind(AssertUnwindSafe(|| self.round(first, inbox)));
            if round.is_err() {
                tracing::error!("streaming recognition panicked; the running utterances are lost");
                self.give_up();
            }
            self.count();
        }
        self.load.dead.store(true, Ordering::Relaxed);
    }

    fn round(&mut self, first: Order, inbox: &Receiver<Order>) {
        self.take(first);
        let mut taken = 1;
        while let Ok(more) = inbox.try_recv() {
            self.take(more);
            taken += 1;
        }
        self.decode_ready();
        let rough = taken < BUSY;
        if !rough {
            self.load.left_out.fetch_add(1, Ordering::Relaxed);
        }
        for (utterance, listener) in std::mem::take(&mut self.ending) {
            listener.finish(utterance, &self.recognizer);
        }
        for ear in self.ears.values_mut() {
            if let Some(u) = &mut ear.current {
                ear.listener.progress(u, &self.recognizer, rough);
            }
        }
    }

    fn take(&mut self, order: Order) {
        self.load.waiting.fetch_sub(1, Ordering::Relaxed);
        match order {
            Order::Open(n, tell) => {
                let listener = Listener {
                    tell,
                    expectation: Arc::default(),
                };
                let ear = Open {
                    listener,
                    hotwords: None,
                    current: None,
                };
                self.ears.insert(n, ear);
            }
            Order::Close(n) => {
                self.ears.remove(&n);
            }
            Order::Expect(n, expectation) => {
                let spell = |v: &Vocabulary| v.hotwords(&expectation.phrases);
                let hotwords = self.vocabulary.as_ref().and_then(spell);
                self.with(n, |e| {
                    e.hotwords = hotwords;
                    e.listener.expectation = expectation;
                });
            }
            Order::Begin(n, utterance, samples) => self.begin(n, utterance, &samples),
            Order::Audio(n, samples) => self.running(n, |u| u.hear(&samples)),
            Order::Decode(n, id) => self.running(n, |u| {
                u.id = id;
                u.wanted = Some((id, u.fed));
            }),
            Order::Withdraw(n, id) => self.running(n, |u| {
                u.wanted.take_if(|(wanted, _)| *wanted == id);
            }),
            Order::End(n) => {
                let over = self
                    .ears
                    .get_mut(&n)
                    .and_then(|e| Some((e.current.take()?, e.listener.clone())));
                // Nobody waits for an utterance that was never asked for.
                if let Some((mut u, listener)) = over.filter(|(u, _)| u.wanted.is_some()) {
                    u.hear(&[0.0; TAIL]);
                    u.stream.input_finished();
                    self.ending.push((u, listener));
                }
            }
            #[cfg(test)]
            Order::Hold(until) => {
                let _ = until.recv();
            }
            #[cfg(test)]
            Order::Panic => panic!("on purpose"),
        }
    }

    fn begin(&mut self, number: u64, utterance: u32, preroll: &[f32]) {
        let Some(ear) = self.ears.get_mut(&number) else {
            return;
        };
        // A CTC recogniser asked for hotwords ends the process; it never has a vocabulary.
        let stream = match &ear.hotwords {
            Some(hotwords) => self.recognizer.create_stream_with_hotwords(hotwords),
            None => self.recognizer.create_stream(),
        };
        let mut u = Utterance {
            stream,
            rate: self.rate,
            resampler: (self.rate != 8000).then(|| Resampler::new(8000, self.rate.unsigned_abs())),
            id: DecodeId {
                utterance,
                attempt: 0,
            },
            wanted: None,
            fed: 0,
            shown: String::new(),
            moved: Cell::new(false),
        };
        u.hear(preroll);
        ear.current = Some(u);
    }

    fn with(&mut self, number: u64, change: impl FnOnce(&mut Open)) {
        if let Some(ear) = self.ears.get_mut(&number) {
            change(ear);
        }
    }

    fn running(&mut self, number: u64, change: impl FnOnce(&mut Utterance)) {
        self.with(number, |e| {
            if let Some(u) = &mut e.current {
                change(u);
            }
        });
    }

    fn decode_ready(&self) {
        loop {
            let running = self.ears.values().filter_map(|e| e.current.as_ref());
            let ready: Vec<&OnlineStream> = running
                .chain(self.ending.iter().map(|(u, _)| u))
                .filter(|u| self.recognizer.is_ready(&u.stream))
                .inspect(|u| u.moved.set(true))
                .map(|u| &u.stream)
                .collect();
            if ready.is_empty() {
                return;
            }
            for batch in ready.chunks(BATCH) {
                self.recognizer.decode_multiple_streams(batch);
            }
        }
    }

    /// Streams that were decoded when something panicked are in no known state.
    fn give_up(&mut self) {
        let running = self
            .ears
            .values_mut()
            .filter_map(|e| Some((e.current.take()?, e.listener.clone())));
        for (u, listener) in running.chain(std::mem::take(&mut self.ending)) {
            if let Some((id, _)) = u.wanted {
                let kind = RecognisedKind::Failed("recognition crashed".into());
                listener.send(id, kind);
            }
        }
    }

    fn count(&self) {
        let running = self.ears.values().filter(|e| e.current.is_some()).count();
        let streams = running + self.ending.len();
        self.load.streams.store(streams, Ordering::Relaxed);
        self.load.rounds.fetch_add(1, Ordering::Release);
    }
}

impl Utterance {
    fn hear(&mut self, samples: &[f32]) {
        self.fed += samples.len();
        let mut resampled = Vec::new();
        let samples = match &mut self.resampler {
            Some(resampler) => {
                resampler.push(samples, &mut resampled);
                &resampled
            }
            None => samples,
        };
        if !samples.is_empty() {
            self.stream.accept_waveform(self.rate, samples);
        }
    }
}

impl Listener {
    /// What a running utterance has to tell: the text of a pause that has settled, or a rough text that changed.
    fn progress(&self, u: &mut Utterance, recognizer: &OnlineRecognizer, rough: bool) {
        if let Some((id, _)) = u.wanted.take_if(|(_, at)| u.fed >= *at + SETTLED) {
            self.send(id, self.judge(confidence::read(recognizer, &u.stream)));
            return;
        }
        if !rough || !u.moved.take() || self.tell.capacity() <= RESERVED {
            return;
        }
        let Some(words) = confidence::read(recognizer, &u.stream).map(|h| self.words(&h)) else {
            return;
        };
        if words.text.is_empty() || words.text == u.shown {
            return;
        }
        u.shown.clone_from(&words.text);
        self.send(u.id, RecognisedKind::Partial(words));
    }

    fn finish(&self, u: Utterance, recognizer: &OnlineRecognizer) {
        if let Some((id, _)) = u.wanted {
            self.send(id, self.judge(confidence::read(recognizer, &u.stream)));
        }
    }

    fn judge(&self, hypothesis: Option<Hypothesis>) -> RecognisedKind {
        match hypothesis.map(|h| self.words(&h)) {
            Some(w) if w.text.is_empty() => RecognisedKind::Nothing("no words"),
            Some(w) => RecognisedKind::Final(w),
            None => RecognisedKind::Failed("sherpa-onnx gave no result".into()),
        }
    }

    fn words(&self, hypothesis: &Hypothesis) -> Words {
        let lang = self.expectation.lang;
        Words {
            text: normalise(&hypothesis.text, lang),
            lang,
            confidence: hypothesis.confidence,
            candidates: Vec::new(),
            clear: false,
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
