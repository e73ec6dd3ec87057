//! One pair of sessions, and what all decoding is made of: a sound is encoded once, then read by the decoder in rows.
//!
//! enc.onnx: audio f32 `[1, S]` at 8 kHz → cross_k, cross_v. dec.onnx: tokens, past_k, past_v, cross_k, cross_v, first → logits,
//! now_k, now_v. The features (and, in the published build, the bank of "silence after speech" that lets a short window end
//! cleanly) are inside enc.onnx.

use super::gates::{loop_start, token_limit};
use super::recipe::{Recipe, Style};
use super::vocab::{BLANK, END, NO_SPEECH, START, opening};
use crate::engines::runtime::{EngineError, session};
use crate::terms::Lang;
use ort::memory::Allocator;
use ort::session::Session;
use ort::value::{DynValue, Tensor};
use std::path::Path;

const RATE: usize = 8000;
const MOST_WINDOW: usize = 30 * RATE;
/// Layers, heads and head width of Whisper base.
const LAYERS: usize = 6;
const HEADS: usize = 8;
const HEAD: usize = 64;
/// Text tokens and the end token: what a text is chosen from.
pub(super) const CHOICE: usize = END as usize + 1;

/// What a greedy decode gave, before any gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub ids: Vec<i64>,
    /// Mean natural log-probability per token, the end token included.
    pub mean_log_prob: f32,
    /// Natural log-probability of the text's weakest token.
    pub weakest: f32,
    /// Probability that nobody speaks, by the model's own token; 0 where the model was not trained to tell.
    pub no_speech: f32,
    /// Stopped by the token limit, not by an end token.
    pub endless: bool,
}

/// A sound that was encoded, with the decoder's state after the opening: every way to read it starts here.
pub struct Sound {
    cross_k: DynValue,
    cross_v: DynValue,
    samples: usize,
    no_speech: f32,
    opened: State,
    /// What the first text token may be.
    pub(super) first: Vec<f32>,
}

/// The decoder's memory of `rows` token strings, each `past` tokens long.
pub(super) struct State {
    k: Vec<f32>,
    v: Vec<f32>,
    pub rows: usize,
    past: usize,
}

impl State {
    /// The memory of the rows named, in that order; a row may be named more than once.
    pub fn pick(&self, rows: &[usize]) -> State {
        let row = HEADS * self.past * HEAD;
        let gather = |from: &[f32]| {
            let mut out = Vec::with_capacity(LAYERS * rows.len() * row);
            for layer in from.chunks_exact((self.rows * row).max(1)) {
                for r in rows {
                    out.extend_from_slice(&layer[r * row..(r + 1) * row]);
                }
            }
            out
        };
        State {
            k: gather(&self.k),
            v: gather(&self.v),
            rows: rows.len(),
            past: self.past,
        }
    }
}

/// The scores of every token at some positions of some rows.
pub(super) struct Logits {
    values: DynValue,
    width: usize,
}

impl Logits {
    /// The scores at one position, counted over all rows.
    pub fn at(&self, position: usize) -> Result<&[f32], ort::Error> {
        let (_, all) = self.values.try_extract_tensor::<f32>()?;
        all.get(position * self.width..(position + 1) * self.width)
            .ok_or_else(|| {
                ort::Error::new("the decoder gave fewer positions than it was asked for")
            })
    }
}

/// The two graphs. A run needs it alone.
pub struct Model {
    enc: Session,
    dec: Session,
    pub(super) recipe: Recipe,
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
            recipe: Recipe::read(folder)?,
        })
    }

    /// Encodes `speech`, samples in -1..=1 at 8 kHz, for reading in `lang`; more than 29 s are cut.
    pub fn hear(&mut self, speech: &[f32], lang: Lang) -> Result<Sound, ort::Error> {
        let speech = &speech[..speech.len().min(MOST_WINDOW - RATE)];
        let window = self.recipe.window(speech.len());
        let mut audio = speech.to_vec();
        audio.resize(window, 0.0);
        let audio = Tensor::from_array(([1usize, window], audio))?;
        let mut out = self.enc.run(ort::inputs!["audio" => audio])?;
        let mut sound = Sound {
            cross_k: take(&mut out, "cross_k")?,
            cross_v: take(&mut out, "cross_v")?,
            samples: speech.len(),
            no_speech: 0.0,
            opened: State {
                k: Vec::new(),
                v: Vec::new(),
                rows: 1,
                past: 0,
            },
            first: Vec::new(),
        };
        drop(out);
        if self.recipe.style == Style::Written {
            let (logits, _) = self.step(&sound, &sound.opened, &[START], 1)?;
            let logits = logits.at(0)?;
            // Without a prompt in front, over the whole vocabulary.
            sound.no_speech = log_prob(logits, NO_SPEECH as usize, logits.len()).exp();
        }
        let opening = opening(lang, self.recipe.style);
        let (first, opened) = self.step(&sound, &sound.opened, &opening, 1)?;
        sound.first = first.at(0)?.to_vec();
        sound.opened = opened;
        Ok(sound)
    }

    /// The most likely tokens.
    pub fn greedy(&mut self, sound: &Sound) -> Result<Decoded, ort::Error> {
        let limit = token_limit(sound.samples);
        let mut logits = sound.first.clone();
        let mut state = sound.opened.pick(&[0]);
        let mut ids: Vec<i64> = Vec::new();
        let mut total = 0.0;
        let mut weakest = 0.0f32;
        let mut endless = true;
        // A tuned model says by an empty text that nobody spoke.
        let may_be_empty = self.recipe.style == Style::Spoken;
        for _ in 0..=limit {
            let best = argmax(&logits, ids.is_empty(), may_be_empty);
            let value = log_prob(&logits, best as usize, CHOICE);
            total += value;
            if best == END {
                endless = false;
                break;
            }
            weakest = weakest.min(value);
            ids.push(best);
            if let Some(cut) = loop_start(&ids) {
                ids.truncate(cut);
                endless = false;
                break;
            }
            let (next, grown) = self.step(sound, &state, &[best], 1)?;
            logits = next.at(0)?.to_vec();
            state = grown;
        }
        let tokens = ids.len() + usize::from(!endless);
        Ok(Decoded {
            mean_log_prob: total / tokens.max(1) as f32,
            weakest,
            ids,
            no_speech: sound.no_speech,
            endless,
        })
    }

    /// Where reading starts, once for each of `rows`.
    pub(super) fn opened(sound: &Sound, rows: usize) -> State {
        sound.opened.pick(&vec![0; rows])
    }

    /// One run of the decoder over `tokens`, row after row, all rows as long: the logits of the last `logits` positions of each
    /// row, and the grown memory.
    pub(super) fn step(
        &mut self,
        sound: &Sound,
        state: &State,
        tokens: &[i64],
        logits: usize,
    ) -> Result<(Logits, State), ort::Error> {
        let rows = state.rows;
        let count = tokens.len() / rows;
        let shape = [LAYERS, rows, HEADS, state.past, HEAD];
        let past = |values: &Vec<f32>| -> Result<DynValue, ort::Error> {
            if state.past == 0 {
                return Ok(Tensor::<f32>::new(&Allocator::default(), shape)?.into_dyn());
            }
            Ok(Tensor::from_array((shape, values.clone()))?.into_dyn())
        };
        let (past_k, past_v) = (past(&state.k)?, past(&state.v)?);
        let tokens = Tensor::from_array(([rows, count], tokens.to_vec()))?;
        let first = Tensor::from_array(([1usize], vec![(count - logits) as i64]))?;
        let mut out = self.dec.run(ort::inputs![
            "tokens" => tokens,
            "past_k" => &past_k,
            "past_v" => &past_v,
            "cross_k" => &sound.cross_k,
            "cross_v" => &sound.cross_v,
            "first" => first,
        ])?;
        let values = take(&mut out, "logits")?;
        let width = values.shape().last().map_or(0, |w| *w as usize);
        if width <= NO_SPEECH as usize {
            return Err(ort::Error::new("the decoder's vocabulary is too small"));
        }
        let logits = Logits { values, width };
        let mut memory = |name: &str| -> Result<Vec<f32>, ort::Error> {
            Ok(take(&mut out, name)?
                .try_extract_tensor::<f32>()?
                .1
                .to_vec())
        };
        let grown = State {
            k: memory("now_k")?,
            v: memory("now_v")?,
            rows,
            past: state.past + count,
        };
        Ok((logits, grown))
    }
}

fn take(out: &mut ort::session::SessionOutputs<'_>, name: &str) -> Result<DynValue, ort::Error> {
    out.remove(name)
        .ok_or_else(|| ort::Error::new(format!("the graph has no output {name:?}")))
}

/// Among text tokens and the end; a text begins with no lone space and, unless it may be empty, not with the end.
fn argmax(logits: &[f32], first: bool, may_be_empty: bool) -> i64 {
    let mut best = (END, f32::NEG_INFINITY);
    for (id, value) in logits[..CHOICE].iter().enumerate() {
        let id = id as i64;
        if *value > best.1 && !(first && (id == BLANK || (id == END && !may_be_empty))) {
            best = (id, *value);
        }
    }
    best.0
}

/// Natural log of the softmax of the first `among` logits at `id`.
pub(super) fn log_prob(logits: &[f32], id: usize, among: usize) -> f32 {
    logits[id] - log_sum(&logits[..among])
}

/// Natural log of the sum of the exponentials.
pub(super) fn log_sum(logits: &[f32]) -> f32 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    // What is 16 below the best adds less than 0.006 even if every token of the vocabulary stood there.
    let sum: f32 = logits
        .iter()
        .map(|l| l - most)
        .filter(|l| *l > -16.0)
        .map(f32::exp)
        .sum();
    most + sum.ln()
}
