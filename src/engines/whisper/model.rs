//! One pair of sessions, and greedy decoding through them.
//!
//! enc.onnx: audio f32 `[1, S]` at 8 kHz → cross_k, cross_v. dec.onnx: tokens, past_k, past_v, cross_k, cross_v, first → logits,
//! now_k, now_v. The features and the bank of "silence after speech" that lets a short window end cleanly are inside enc.onnx.

use super::gates::{loop_start, token_limit};
use super::vocab::{BLANK, END, NO_SPEECH, START, opening};
use crate::engines::runtime::{EngineError, session};
use crate::terms::Lang;
use ort::memory::Allocator;
use ort::session::Session;
use ort::value::{DynValue, Tensor};
use std::path::Path;

const RATE: usize = 8000;
/// The bank holds its own speech up to 3 s; a shorter window would leak it.
const LEAST_WINDOW: usize = 4 * RATE;
const MOST_WINDOW: usize = 30 * RATE;
const STEP: usize = 160;
/// Layers, heads and head width of Whisper base.
const EMPTY_PAST: [usize; 5] = [6, 1, 8, 0, 64];

/// What a decode gave, before any gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub ids: Vec<i64>,
    /// Mean natural log-probability per token, the end token included.
    pub mean_log_prob: f32,
    pub no_speech: f32,
    /// Stopped by the token limit, not by an end token.
    pub endless: bool,
}

/// The two graphs. A run needs it alone.
pub struct Model {
    enc: Session,
    dec: Session,
}

impl Model {
    pub fn load(folder: &Path) -> Result<Self, EngineError> {
        let open = |file: &str, inputs: &[&str]| {
            let path = folder.join(file);
            let session = session(&path)?;
            for want in inputs {
                if !session.inputs().iter().any(|i| i.name() == *want) {
                    return Err(EngineError::WrongModel {
                        path,
                        why: format!("it has no input {want:?}"),
                    });
                }
            }
            Ok(session)
        };
        Ok(Model {
            enc: open("enc.onnx", &["audio"])?,
            dec: open(
                "dec.onnx",
                &["tokens", "past_k", "past_v", "cross_k", "cross_v", "first"],
            )?,
        })
    }

    /// The most likely tokens of `speech`, samples in -1..=1 at 8 kHz; more than 29 s are cut.
    pub fn greedy(&mut self, speech: &[f32], lang: Lang) -> Result<Decoded, ort::Error> {
        let speech = &speech[..speech.len().min(MOST_WINDOW - RATE)];
        let limit = token_limit(speech.len());
        let (cross_k, cross_v) = self.encode(speech)?;
        let no_speech = {
            let (logits, _, _) = self.step(&[START], &cross_k, &cross_v, None)?;
            // Without a prompt in front, over the whole vocabulary.
            log_prob(&logits, NO_SPEECH as usize, logits.len()).exp()
        };
        let mut next = opening(lang);
        let mut past = None;
        let mut ids: Vec<i64> = Vec::new();
        let mut total = 0.0;
        let mut endless = true;
        for _ in 0..=limit {
            let (logits, k, v) = self.step(&next, &cross_k, &cross_v, past.take())?;
            let best = argmax(&logits, ids.is_empty());
            total += log_prob(&logits, best as usize, END as usize + 1);
            if best == END {
                endless = false;
                break;
            }
            ids.push(best);
            if let Some(cut) = loop_start(&ids) {
                ids.truncate(cut);
                endless = false;
                break;
            }
            past = Some((k, v));
            next = vec![best];
        }
        let tokens = ids.len() + usize::from(!endless);
        Ok(Decoded {
            mean_log_prob: total / tokens.max(1) as f32,
            ids,
            no_speech,
            endless,
        })
    }

    fn encode(&mut self, speech: &[f32]) -> Result<(DynValue, DynValue), ort::Error> {
        let window = (speech.len() + RATE)
            .max(LEAST_WINDOW)
            .next_multiple_of(STEP);
        let mut audio = speech.to_vec();
        audio.resize(window, 0.0);
        let audio = Tensor::from_array(([1usize, window], audio))?;
        let mut out = self.enc.run(ort::inputs!["audio" => audio])?;
        Ok((take(&mut out, "cross_k")?, take(&mut out, "cross_v")?))
    }

    /// One run of the decoder: the logits after the last of `tokens`, and the grown cache.
    fn step(
        &mut self,
        tokens: &[i64],
        cross_k: &DynValue,
        cross_v: &DynValue,
        past: Option<(DynValue, DynValue)>,
    ) -> Result<(Vec<f32>, DynValue, DynValue), ort::Error> {
        let (past_k, past_v) = match past {
            Some(past) => past,
            None => (empty_past()?, empty_past()?),
        };
        let count = tokens.len();
        let tokens = Tensor::from_array(([1usize, count], tokens.to_vec()))?;
        let first = Tensor::from_array(([1usize], vec![count as i64 - 1]))?;
        let mut out = self.dec.run(ort::inputs![
            "tokens" => tokens,
            "past_k" => &past_k,
            "past_v" => &past_v,
            "cross_k" => cross_k,
            "cross_v" => cross_v,
            "first" => first,
        ])?;
        let logits = {
            let value = take(&mut out, "logits")?;
            value.try_extract_tensor::<f32>()?.1.to_vec()
        };
        if logits.len() <= NO_SPEECH as usize {
            return Err(ort::Error::new("the decoder's vocabulary is too small"));
        }
        Ok((logits, take(&mut out, "now_k")?, take(&mut out, "now_v")?))
    }
}

fn take(out: &mut ort::session::SessionOutputs<'_>, name: &str) -> Result<DynValue, ort::Error> {
    out.remove(name)
        .ok_or_else(|| ort::Error::new(format!("the graph has no output {name:?}")))
}

fn empty_past() -> Result<DynValue, ort::Error> {
    Ok(Tensor::<f32>::new(&Allocator::default(), EMPTY_PAST)?.into_dyn())
}

/// Among text tokens and the end; a text begins with neither the end nor a lone space.
fn argmax(logits: &[f32], first: bool) -> i64 {
    let mut best = (0, f32::NEG_INFINITY);
    for (id, value) in logits[..=END as usize].iter().enumerate() {
        let id = id as i64;
        if *value > best.1 && !(first && (id == BLANK || id == END)) {
            best = (id, *value);
        }
    }
    best.0
}

/// Natural log of the softmax of the first `among` logits at `id`.
fn log_prob(logits: &[f32], id: usize, among: usize) -> f32 {
    let most = logits[..among]
        .iter()
        .copied()
        .fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits[..among].iter().map(|l| (l - most).exp()).sum();
    logits[id] - most - sum.ln()
}
