//! What a stretch of speech amounts to, once its words are known.

use super::Pipeline;
use super::event::HearingEvent;
use super::utterance::Utterance;
use crate::hearing::expectation::{Scored, closest};
use crate::hearing::gate::{GateConfig, asks_for_silence, is_back_channel};
use crate::hearing::traits::{Candidate, RecognisedKind, Words};
use crate::terms::Expectation;

/// How alike a doubtful text must be to an expected phrase to count: the same syllables, the same words.
const EXPECTED: f32 = 0.95;
/// How alike short words over a prompt must be to an expected phrase.
const LIKELY: f32 = 0.75;
/// Below this confidence even the expected word is no word: noises that Whisper wrote as 对 or 啊 had up to 0.10.
const LEAST_EXPECTED: f32 = 0.12;

/// Whether words over a prompt are believed. What is over in a moment is more often a hum than a word, and a recogniser makes
/// words of hums: it must be a word that may be said now, or one that asks for silence.
pub(super) fn believed(
    gate: &GateConfig,
    expectation: &Expectation,
    speech_ms: u64,
    words: &Words,
) -> bool {
    let alike = |s: &Scored| s.confidence >= LIKELY;
    gate.believes(speech_ms, words.confidence)
        && (speech_ms >= gate.short_ms
            || expectation.phrases.is_empty()
            || asks_for_silence(&words.text)
            || words
                .candidates
                .first()
                .is_some_and(|c| c.confidence >= Candidate::ACCEPT)
            || closest(&words.text, &expectation.phrases, 1)
                .first()
                .is_some_and(alike))
}

impl Pipeline {
    /// A stretch of speech has its answer.
    pub(super) fn finish(
        &mut self,
        u: Utterance,
        answer: RecognisedKind,
        out: &mut Vec<HearingEvent>,
    ) {
        // Whatever it was, the events below say what becomes of a held line.
        self.talk_over.settled();
        // A sign given while the robot speaks, or that cut it short, is a sign; given to a silent robot it is the answer.
        let over_prompt = u.interrupted || (u.over.is_some() && self.robot.is_some());
        match answer {
            RecognisedKind::Final(words) | RecognisedKind::Partial(words) => {
                if words.text.trim().is_empty() {
                    self.nothing(&u, over_prompt, "no words", out);
                } else if over_prompt && is_back_channel(&words.text, words.lang) {
                    out.push(HearingEvent::BackChannel { text: words.text });
                } else if over_prompt && !self.sure_enough(&u, &words) {
                    self.nothing(&u, over_prompt, "too unsure", out);
                } else {
                    self.heard(&u, words, out);
                }
            }
            RecognisedKind::Unsure(words) => {
                if !over_prompt && self.expected(&words) {
                    self.heard(&u, words, out);
                } else {
                    self.nothing(&u, over_prompt, "too unsure", out);
                }
            }
            RecognisedKind::Nothing(why) => self.nothing(&u, over_prompt, why, out),
            RecognisedKind::Failed(why) => {
                out.push(HearingEvent::Degraded(why));
                self.nothing(&u, over_prompt, "recognition failed", out);
            }
        }
    }

    /// Whether words over a prompt are believed. A real 不要 or "stop" is short as well, but the recogniser is sure of it.
    fn sure_enough(&self, u: &Utterance, words: &Words) -> bool {
        let speech_ms = u.ended.since(u.began);
        if u.interrupted {
            // So much was said that it stopped the line before its words were known: any words will do, a guess will not.
            return self.config.gate.believes(speech_ms, words.confidence);
        }
        believed(&self.config.gate, &self.expectation, speech_ms, words)
    }

    /// The step asked for just these words, or they are a plain sign of assent.
    fn expected(&self, words: &Words) -> bool {
        let sure = |s: &Scored| s.confidence >= EXPECTED;
        if words.confidence < LEAST_EXPECTED {
            return false;
        }
        is_back_channel(&words.text, words.lang)
            || closest(&words.text, &self.expectation.phrases, 1)
                .first()
                .is_some_and(sure)
    }

    fn heard(&self, u: &Utterance, words: Words, out: &mut Vec<HearingEvent>) {
        if self.robot.is_some_and(|r| r.interruptible) && !u.interrupted {
            out.push(HearingEvent::Interrupt {
                text: words.text.clone(),
                speech_ms: u.ended.since(u.began),
            });
        }
        let candidates = if words.candidates.is_empty() {
            closest(
                &words.text,
                &self.expectation.phrases,
                self.config.candidates,
            )
        } else {
            words
                .candidates
                .iter()
                .take(self.config.candidates)
                .map(|c| Scored {
                    phrase: c.phrase.clone(),
                    confidence: c.confidence,
                })
                .collect()
        };
        out.push(HearingEvent::Heard {
            text: words.text,
            confidence: words.confidence,
            candidates,
            scored: words.candidates,
            level_db: u.level_db(),
            lang: words.lang,
            began: u.began,
            ended: u.ended,
        });
    }

    fn nothing(&self, u: &Utterance, over_prompt: bool, why: &str, out: &mut Vec<HearingEvent>) {
        out.push(if over_prompt {
            HearingEvent::FalseStart
        } else {
            HearingEvent::NotUnderstood {
                why: why.to_owned(),
                began: u.began,
                ended: u.ended,
            }
        });
    }
}
