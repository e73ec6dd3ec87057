//! What one decode does: the free text, then whatever the step expects held against the same sound, then the gates.

use super::bpe::Encoder;
use super::digits::Spelling;
use super::evidence::{Fit, free_confidence};
use super::gates;
use super::model::{Decoded, Model, Sound};
use super::recipe::Style;
use super::spelling::{digit_words, spellings};
use super::vocab::Vocab;
use crate::engines::runtime::EngineError;
use crate::engines::text::normalise;
use crate::hearing::expectation::{shortlist, tokens};
use crate::hearing::traits::{Candidate, RecognisedKind, Words};
use crate::terms::{DigitField, Expectation, Lang};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard};

/// Expected phrases that are held against the sound, at most: those that sound most like the free text.
const SHORTLIST: usize = 12;
/// Scored spellings of them, at most.
const MOST_ROWS: usize = 24;
/// Phrases of up to so many syllables or words are always worth a look.
const SHORT: usize = 4;
/// A longer phrase less alike than this to the free text, or so much less than the most alike one, is not what was said.
const UNLIKE: f32 = 0.3;
const BEHIND_BEST: f32 = 0.4;
/// A string of digits this much less likely per token than the free text is not what was said.
const DIGITS_BEHIND: f32 = 1.5;
/// A candidate this sure, with nothing of another meaning near, closes a turn early.
const CLEAR: f32 = 0.9;

/// How much a decode may cost.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Effort {
    /// The free text and the expected phrases.
    Whole,
    /// The free text only: for rough texts, and when the machine is behind.
    Free,
}

/// The models and their vocabulary; a job takes a model, uses it alone and gives it back.
pub struct Engine {
    vocab: Vocab,
    encoder: Encoder,
    pub(super) style: Style,
    free: Mutex<Vec<Model>>,
    given_back: Condvar,
}

impl Engine {
    pub fn load(folder: &Path, sessions: usize) -> Result<Engine, EngineError> {
        let vocab = Vocab::read(&folder.join("tokens.txt"))?;
        let models = (0..sessions.max(1))
            .map(|_| Model::load(folder))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Engine {
            encoder: Encoder::new(&vocab),
            vocab,
            style: models
                .first()
                .map_or_else(Style::default, |m| m.recipe.style),
            free: Mutex::new(models),
            given_back: Condvar::new(),
        })
    }

    pub fn recognise(
        &self,
        samples: &[i16],
        expectation: &Expectation,
        effort: Effort,
    ) -> RecognisedKind {
        let speech: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32768.0).collect();
        let mut lent = self.lend();
        let Some(model) = &mut lent.model else {
            return RecognisedKind::Failed("whisper: no model".into());
        };
        self.read(model, &speech, expectation, effort)
            .unwrap_or_else(|e| RecognisedKind::Failed(format!("whisper: {e}")))
    }

    fn read(
        &self,
        model: &mut Model,
        speech: &[f32],
        expectation: &Expectation,
        effort: Effort,
    ) -> Result<RecognisedKind, ort::Error> {
        let lang = expectation.lang;
        let sound = model.hear(speech, lang)?;
        let free = model.greedy(&sound)?;
        let raw = self.vocab.text(&free.ids);
        let text = normalise(&raw, lang);
        if effort == Effort::Whole {
            if let Some(field) = expectation.digits
                && let Some(words) = self.digits(model, &sound, &free, field, lang)?
            {
                return Ok(RecognisedKind::Final(words));
            }
            let candidates = self.candidates(model, &sound, &free, &text, expectation)?;
            // The set is asked before any gate: 嗯 may come out as "(1)" and still be the 嗯 that was expected.
            if let Some(best) = candidates.first()
                && best.confidence >= Candidate::ACCEPT
            {
                return Ok(RecognisedKind::Final(Words {
                    text: normalise(&best.phrase, lang),
                    lang,
                    confidence: best.confidence,
                    clear: best.confidence >= CLEAR,
                    candidates,
                }));
            }
            return Ok(self.gated(&free, raw, text, lang, candidates));
        }
        Ok(self.gated(&free, raw, text, lang, Vec::new()))
    }

    /// The free text through the gates.
    fn gated(
        &self,
        free: &Decoded,
        raw: String,
        text: String,
        lang: Lang,
        candidates: Vec<Candidate>,
    ) -> RecognisedKind {
        if free.endless {
            return RecognisedKind::Nothing("ran into the token limit");
        }
        if let Some(why) = gates::not_speech(&raw, &text, free.no_speech) {
            return RecognisedKind::Nothing(why);
        }
        let words = Words {
            text,
            lang,
            confidence: free_confidence(
                free.mean_log_prob,
                free.weakest,
                free.ids.len(),
                self.style,
            ),
            candidates,
            clear: false,
        };
        if gates::is_doubtful(free.mean_log_prob) {
            return RecognisedKind::Unsure(words);
        }
        RecognisedKind::Final(words)
    }

    /// The expected phrases that sound most like the free text, scored, best first; the best one's confidence says whether it
    /// is what was said.
    fn candidates(
        &self,
        model: &mut Model,
        sound: &Sound,
        free: &Decoded,
        text: &str,
        expectation: &Expectation,
    ) -> Result<Vec<Candidate>, ort::Error> {
        let near = worth_scoring(
            shortlist(text, &expectation.phrases, SHORTLIST),
            expectation,
        );
        // (place in the short list, tokens)
        let mut rows: Vec<(usize, Vec<i64>)> = Vec::new();
        for (at, (i, _)) in near.iter().enumerate() {
            for s in spellings(&expectation.phrases[*i].text, expectation.lang, self.style) {
                rows.push((at, self.tokens(&s, expectation.lang)));
            }
        }
        rows.truncate(MOST_ROWS);
        let texts: Vec<&[i64]> = rows.iter().map(|r| r.1.as_slice()).collect();
        let scores = model.score(sound, &texts)?;
        let mut found: Vec<(usize, f32)> = Vec::new();
        for ((at, _), score) in rows.iter().zip(scores) {
            match found.iter_mut().find(|f| f.0 == *at) {
                Some(f) => f.1 = f.1.max(score),
                None => found.push((*at, score)),
            }
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        let meaning = |at: usize| &expectation.phrases[near[at].0].meaning;
        Ok(found
            .iter()
            .map(|(at, score)| {
                let rival = found
                    .iter()
                    .filter(|(other, _)| meaning(*other) != meaning(*at))
                    .map(|(_, s)| *s)
                    .fold(-6.0, f32::max);
                let fit = Fit {
                    score: *score,
                    free: free.mean_log_prob,
                    margin: score - rival,
                    alike: near[*at].1,
                };
                Candidate {
                    phrase: expectation.phrases[near[*at].0].text.clone(),
                    meaning: meaning(*at).clone(),
                    score: *score,
                    confidence: fit.confidence(self.style),
                }
            })
            .collect())
    }

    /// The digits that were asked for, where the sound fits some.
    fn digits(
        &self,
        model: &mut Model,
        sound: &Sound,
        free: &Decoded,
        field: DigitField,
        lang: Lang,
    ) -> Result<Option<Words>, ort::Error> {
        let spellings: Vec<Spelling> = ('0'..='9')
            .flat_map(|digit| {
                digit_words(digit, lang, self.style)
                    .into_iter()
                    .map(move |word| (digit, word))
            })
            .map(|(digit, word)| Spelling {
                digit,
                tokens: match self.style {
                    // Figures follow each other without a space.
                    Style::Written => self.encoder.encode(word),
                    Style::Spoken => self.tokens(word, lang),
                },
            })
            .collect();
        let Some(found) = model.digits(sound, &spellings, field)? else {
            return Ok(None);
        };
        if found.mean_log_prob < free.mean_log_prob - DIGITS_BEHIND {
            return Ok(None);
        }
        let whole = found.digits.chars().count() == usize::from(field.most);
        // The second best string tells how sure the best one is: as likely, each is right half the time.
        let confidence = 1.0 - 0.5 * (-found.margin.max(0.0)).exp();
        Ok(Some(Words {
            text: found.digits,
            lang,
            confidence,
            candidates: Vec::new(),
            clear: whole && confidence >= CLEAR,
        }))
    }

    fn tokens(&self, text: &str, lang: Lang) -> Vec<i64> {
        match lang {
            Lang::Zh => self.encoder.encode(text),
            Lang::En => self.encoder.encode(&format!(" {text}")),
        }
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

/// Drops long phrases that sound nothing like the text: a recogniser may write anything for one word, not for ten.
fn worth_scoring(near: Vec<(usize, f32)>, expectation: &Expectation) -> Vec<(usize, f32)> {
    let best = near.first().map_or(0.0, |n| n.1);
    let short = |i: usize| tokens(&expectation.phrases[i].text).len() <= SHORT;
    near.into_iter()
        .filter(|(i, alike)| *alike >= UNLIKE.max(best - BEHIND_BEST) || short(*i))
        .collect()
}

/// A model that goes back when dropped, also by a panic.
struct Lent<'a> {
    engine: &'a Engine,
    model: Option<Model>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(model) = self.model.take() {
            self.engine.lock().push(model);
            self.engine.given_back.notify_one();
        }
    }
}
