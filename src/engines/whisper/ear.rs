//! One call's sound on its way into the pool.

use super::engine::{Effort, Engine};
use crate::audio::Frame;
use crate::engines::pool::{Job, Load, Pool, Priority, Unrun};
use crate::hearing::traits::{DecodeId, Ear, Recognised, RecognisedKind, Words};
use crate::terms::Expectation;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// Whisper's window; older sound of an endless utterance is left out.
const MOST_SAMPLES: usize = 29 * 8000;
/// Room in the channel that rough texts leave to finals.
const RESERVED: usize = 4;
/// Nobody waits longer for a text; the pipeline has given up by then.
const FINAL_PATIENCE: Duration = Duration::from_millis(2500);
const PARTIAL_PATIENCE: Duration = Duration::from_millis(600);

pub(super) struct WhisperEar {
    engine: Arc<Engine>,
    pool: Arc<Pool>,
    tell: mpsc::Sender<Recognised>,
    expectation: Arc<Expectation>,
    samples: Vec<i16>,
    wanted: Arc<Wanted>,
}

/// Which decodes are still worth their time, as [`key`]s.
#[derive(Default)]
struct Wanted {
    /// The newest decode asked for.
    newest: AtomicU64,
    /// Up to here nothing is wanted any more.
    withdrawn: AtomicU64,
}

impl WhisperEar {
    pub fn new(engine: Arc<Engine>, pool: Arc<Pool>, tell: mpsc::Sender<Recognised>) -> Self {
        WhisperEar {
            engine,
            pool,
            tell,
            expectation: Arc::default(),
            samples: Vec::new(),
            wanted: Arc::default(),
        }
    }

    fn submit(&self, id: DecodeId, priority: Priority) {
        if self.samples.is_empty() {
            return;
        }
        let rough = priority >= Priority::Partial;
        let (engine, tell, wanted) = (self.engine.clone(), self.tell.clone(), self.wanted.clone());
        let (samples, expectation) = (self.samples.clone(), self.expectation.clone());
        let failed = self.tell.clone();
        // A machine that is behind gives the text and leaves the expected phrases unscored.
        let effort = if rough || self.pool.load() == Load::Full {
            Effort::Free
        } else {
            Effort::Whole
        };
        self.pool.submit(Job {
            priority,
            patience: if rough {
                PARTIAL_PATIENCE
            } else {
                FINAL_PATIENCE
            },
            run: Box::new(move || {
                if wanted.stale(id, rough) {
                    return;
                }
                let kind = engine.recognise(&samples, &expectation, effort);
                let kind = match kind {
                    RecognisedKind::Final(words) if rough => RecognisedKind::Partial(Words {
                        text: settled(&words.text),
                        ..words
                    }),
                    // A rough text that is nothing says nothing yet.
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

impl Ear for WhisperEar {
    fn expect(&mut self, expectation: &Arc<Expectation>) {
        self.expectation = expectation.clone();
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
        self.wanted.withdrawn.fetch_max(key(id), Ordering::Relaxed);
    }

    fn decode(&mut self, id: DecodeId) {
        self.wanted.newest.fetch_max(key(id), Ordering::Relaxed);
        self.submit(id, Priority::Final);
    }

    fn end(&mut self) {
        self.samples.clear();
    }
}

impl Wanted {
    fn stale(&self, id: DecodeId, rough: bool) -> bool {
        let newest = self.newest.load(Ordering::Relaxed);
        let overtaken = newest > key(id) && (rough || newest >> 32 == key(id) >> 32);
        overtaken || (!rough && key(id) <= self.withdrawn.load(Ordering::Relaxed))
    }
}

fn key(id: DecodeId) -> u64 {
    (u64::from(id.utterance) << 32) | u64::from(id.attempt)
}

/// A rough text without its last word or character, which may be cut off by the end of the sound; a single one stands.
fn settled(text: &str) -> String {
    let end = text.trim_end();
    let cut = match end.char_indices().next_back() {
        Some((at, c)) if !c.is_ascii() => at,
        _ => end.rfind(' ').unwrap_or(0),
    };
    let kept = end[..cut].trim_end_matches(['，', ',', ' ']);
    if kept.is_empty() { end } else { kept }.to_owned()
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

    #[test]
    fn a_rough_text_leaves_out_what_may_be_cut_off() {
        assert_eq!(settled("我们不需"), "我们不");
        assert_eq!(settled("好的，我"), "好的");
        assert_eq!(settled("call me tomor"), "call me");
        assert_eq!(settled("不"), "不");
        assert_eq!(settled("yes"), "yes");
    }

    #[test]
    fn superseded_and_withdrawn_decodes_are_skipped_and_older_turns_are_not() {
        let id = |utterance, attempt| DecodeId { utterance, attempt };
        let w = Wanted::default();
        w.newest.store(key(id(1, 1)), Ordering::Relaxed);
        assert!(!w.stale(id(1, 1), false));
        w.newest.store(key(id(1, 2)), Ordering::Relaxed);
        assert!(w.stale(id(1, 1), false), "speech went on");
        assert!(w.stale(id(1, 1), true), "a decode follows the rough text");
        w.newest.store(key(id(2, 1)), Ordering::Relaxed);
        assert!(
            !w.stale(id(1, 2), false),
            "the turn before is still waited for"
        );
        w.withdrawn.store(key(id(2, 1)), Ordering::Relaxed);
        assert!(w.stale(id(2, 1), false));
        assert!(
            !w.stale(id(2, 1), true),
            "rough texts of the going speech are wanted"
        );
    }
}
