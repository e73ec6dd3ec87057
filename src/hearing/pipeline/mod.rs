//! The callee's sound of one call, from frames to words.
//!
//! Two paths. The *ears* path (cleaned when the line is noisy) feeds VAD and endpointer; the *words* path (raw by default, because
//! denoising costs the recogniser words) feeds the ear. Decoding begins at the first pause and is thrown away when speech goes on, so
//! that the text is usually there when the turn closes. Whatever the engine does, every stretch of speech ends in an event.

use super::endpointer::{EndpointEvent, Endpointer, NoiseFloor, level_db};
use super::expectation::{Scored, closest};
use super::gate::{Verdict, is_back_channel, judge};
use super::traits::{DecodeId, Denoiser, Ear, Recognised, RecognisedKind, Vad, Words};
use crate::audio::{FRAME_MS, Frame};
use crate::terms::{Expectation, Ms, Why};
use std::collections::VecDeque;
use std::sync::Arc;
use utterance::{Over, Utterance};

mod config;
mod event;
mod utterance;

pub use config::PipelineConfig;
pub use event::HearingEvent;

#[cfg(test)]
mod tests;

/// How alike a doubtful text must be to an expected phrase to count: the same syllables, the same words.
const EXPECTED: f32 = 0.95;
/// Below this confidence even the expected word is no word: noises that Whisper wrote as 对 or 啊 had up to 0.10.
const LEAST_EXPECTED: f32 = 0.12;

/// One call's hearing. Not a task: the call's loop feeds it.
pub struct Pipeline {
    config: PipelineConfig,
    denoiser: Option<Box<dyn Denoiser>>,
    vad: Box<dyn Vad>,
    ear: Box<dyn Ear>,
    endpointer: Endpointer,
    /// Noise of the raw line, which decides about the denoiser.
    raw_noise: NoiseFloor,
    denoising: bool,
    expectation: Arc<Expectation>,
    /// The robot speaks, and whether what it says may be interrupted.
    robot: Option<Over>,
    preroll: VecDeque<Frame>,
    last_frame: Ms,
    utterances: u32,
    current: Option<Utterance>,
    /// Ended, text not there yet.
    waiting: VecDeque<Utterance>,
    found: Vec<EndpointEvent>,
}

impl Pipeline {
    #[must_use]
    pub fn new(
        config: PipelineConfig,
        denoiser: Option<Box<dyn Denoiser>>,
        vad: Box<dyn Vad>,
        ear: Box<dyn Ear>,
    ) -> Self {
        let endpointer = Endpointer::new(config.endpointer.clone());
        Pipeline {
            config,
            denoiser,
            vad,
            ear,
            endpointer,
            raw_noise: NoiseFloor::default(),
            denoising: false,
            expectation: Arc::default(),
            robot: None,
            preroll: VecDeque::new(),
            last_frame: Ms(0),
            utterances: 0,
            current: None,
            waiting: VecDeque::new(),
            found: Vec::new(),
        }
    }

    /// What may be said from now on. Takes effect on the running turn's silence at once.
    pub fn expect(&mut self, expectation: Arc<Expectation>) {
        self.ear.expect(&expectation);
        self.expectation = expectation;
    }

    /// The robot began (`true`) or ended a line; `interruptible` says whether this line may be talked over.
    pub fn robot_speaking(&mut self, speaking: bool, interruptible: bool) {
        self.robot = speaking.then_some(Over { interruptible });
        // Who is already talking when a line begins talks over it.
        if let (Some(over), Some(u)) = (self.robot, &mut self.current) {
            u.over.get_or_insert(over);
        }
    }

    /// True while the callee speaks.
    #[must_use]
    pub fn callee_speaking(&self) -> bool {
        self.endpointer.speaking()
    }

    /// True when the last frame was voice (for the answering-machine detector).
    #[must_use]
    pub fn voice(&self) -> bool {
        self.endpointer.voice()
    }

    /// Takes the callee's frame that ends at `now`.
    pub fn frame(&mut self, now: Ms, frame: &Frame, out: &mut Vec<HearingEvent>) {
        self.last_frame = now;
        let (ears, words) = self.split(frame);
        if self.current.is_some() {
            self.ear.audio(&words);
        }
        self.keep_preroll(&words);
        let probability = self.vad.probability(&ears);
        let mut found = std::mem::take(&mut self.found);
        self.endpointer.frame(
            now,
            probability,
            level_db(&ears),
            self.expectation.end_silence_ms(),
            &mut found,
        );
        for event in found.drain(..) {
            self.endpoint(now, event, out);
        }
        self.found = found;
        self.ask_partial(now);
        self.judge_running(out);
        self.expire(now, out);
    }

    /// Takes a result of the ear.
    pub fn recognised(&mut self, now: Ms, result: Recognised, out: &mut Vec<HearingEvent>) {
        let id = result.id;
        if let Some(at) = self.waiting.iter().position(|u| u.asked == Some(id)) {
            if matches!(result.kind, RecognisedKind::Partial(_)) {
                return;
            }
            if let Some(u) = self.waiting.remove(at) {
                self.finish(u, result.kind, out);
            }
            return;
        }
        let Some(u) = &mut self.current else { return };
        if u.number != id.utterance {
            return;
        }
        match result.kind {
            RecognisedKind::Partial(words)
                if !words.text.is_empty() && u.rough.as_deref() != Some(words.text.as_str()) =>
            {
                out.push(HearingEvent::Partial {
                    text: words.text.clone(),
                });
                // What is hardly a guess must not stop a prompt.
                let speech_ms = self.last_frame.since(u.began);
                if self.config.gate.believes(speech_ms, words.confidence) {
                    u.rough = Some(words.text);
                }
            }
            RecognisedKind::Partial(_) => {}
            kind if u.asked == Some(id) => {
                // Over a prompt the words of a pause decide at once whether it stops; the turn itself waits for its silence.
                let speech_ms = self.last_frame.since(u.began);
                if let RecognisedKind::Final(words) = &kind
                    && self.config.gate.believes(speech_ms, words.confidence)
                {
                    u.rough = Some(words.text.clone());
                }
                u.answer = Some(kind);
            }
            _ => {}
        }
        self.judge_running(out);
        self.expire(now, out);
    }

    /// When [`Pipeline::wake`] must be called at the latest, should no frame or result come before.
    #[must_use]
    pub fn deadline(&self) -> Option<(Ms, Why)> {
        let late = self
            .waiting
            .iter()
            .map(|u| (u.give_up, "recognition is late"))
            .min();
        let gone = self.current.as_ref().map(|_| {
            (
                self.last_frame.after(self.config.frames_gone_ms),
                "the callee's sound stopped in mid-speech",
            )
        });
        match (late, gone) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// The deadline came.
    pub fn wake(&mut self, now: Ms, out: &mut Vec<HearingEvent>) {
        if self.current.is_some() && now.since(self.last_frame) >= self.config.frames_gone_ms {
            let mut found = Vec::new();
            self.endpointer.give_up(&mut found);
            for event in found {
                self.endpoint(now, event, out);
            }
        }
        self.expire(now, out);
    }

    /// The frame for the ears and the frame for the words.
    fn split(&mut self, frame: &Frame) -> (Frame, Frame) {
        self.raw_noise.take(level_db(frame));
        let Some(denoiser) = &mut self.denoiser else {
            return (*frame, *frame);
        };
        if !self.config.denoise_ears && !self.config.denoise_words {
            return (*frame, *frame);
        }
        // 3 dB of hysteresis, so that a line at the border does not flap.
        let border = self.config.denoise_above_db + if self.denoising { -3.0 } else { 0.0 };
        self.denoising = self.raw_noise.db() > border;
        if !self.denoising && !self.config.denoise_words {
            return (*frame, *frame);
        }
        let mut clean = *frame;
        denoiser.clean(&mut clean);
        let ears = if self.config.denoise_ears && self.denoising {
            clean
        } else {
            *frame
        };
        let words = if self.config.denoise_words {
            clean
        } else {
            *frame
        };
        (ears, words)
    }

    fn keep_preroll(&mut self, words: &Frame) {
        // What made the endpointer sure of speech is itself part of the utterance.
        let keep = (self.config.preroll_ms + self.config.endpointer.start_ms * 2) / FRAME_MS;
        self.preroll.push_back(*words);
        while self.preroll.len() as u64 > keep.max(1) {
            self.preroll.pop_front();
        }
    }

    fn endpoint(&mut self, now: Ms, event: EndpointEvent, out: &mut Vec<HearingEvent>) {
        match event {
            EndpointEvent::SpeechStarted { began } => {
                self.utterances += 1;
                let frames = (now.since(began) + self.config.preroll_ms) / FRAME_MS;
                let skip = self.preroll.len().saturating_sub(frames as usize);
                let sound: Vec<i16> = self.preroll.iter().skip(skip).flatten().copied().collect();
                self.ear.begin(self.utterances, &sound);
                self.current = Some(Utterance::new(
                    self.utterances,
                    began,
                    self.robot,
                    began.after(self.config.first_partial_ms),
                ));
                out.push(HearingEvent::SpeechStarted { at: began });
            }
            EndpointEvent::Pause { ended } => {
                if let Some(u) = &mut self.current {
                    u.ended = ended;
                    let id = u.ask();
                    self.ear.decode(id);
                }
            }
            EndpointEvent::Resumed => {
                if let Some(u) = &mut self.current {
                    u.answer = None;
                    if let Some(id) = u.asked.take() {
                        self.ear.withdraw(id);
                    }
                }
            }
            EndpointEvent::SpeechEnded { ended, .. } => {
                let Some(mut u) = self.current.take() else {
                    return;
                };
                u.ended = ended;
                if u.asked.is_none() {
                    let id = u.ask();
                    self.ear.decode(id);
                }
                self.ear.end();
                match u.answer.take() {
                    Some(answer) => self.finish(u, answer, out),
                    None => {
                        u.give_up = now.after(self.config.late_ms);
                        self.waiting.push_back(u);
                    }
                }
            }
        }
    }

    fn ask_partial(&mut self, now: Ms) {
        let Some(u) = &mut self.current else { return };
        // A pause has a decode on its way already.
        if now < u.next_partial || u.asked.is_some() {
            return;
        }
        u.next_partial = now.after(self.config.partial_every_ms);
        let id = DecodeId {
            utterance: u.number,
            attempt: u.attempt,
        };
        match u.over {
            Some(over) if over.interruptible && !u.interrupted => self.ear.partial(id),
            _ if self.config.idle_partials => self.ear.idle_partial(id),
            _ => {}
        }
    }

    /// Speech over an interruptible prompt that still plays: stop it?
    fn judge_running(&mut self, out: &mut Vec<HearingEvent>) {
        let speech_ms = self.endpointer.speech_ms();
        let Some(u) = &mut self.current else { return };
        if u.interrupted || !self.robot.is_some_and(|r| r.interruptible) {
            return;
        }
        let lang = self.expectation.lang;
        if judge(&self.config.gate, speech_ms, u.rough.as_deref(), lang) == Verdict::Interrupt {
            u.interrupted = true;
            out.push(HearingEvent::Interrupt {
                text: u.rough.clone().unwrap_or_default(),
                speech_ms,
            });
        }
    }

    /// A stretch of speech has its answer.
    fn finish(&mut self, u: Utterance, answer: RecognisedKind, out: &mut Vec<HearingEvent>) {
        // A sign given while the robot speaks, or that cut it short, is a sign; given to a silent robot it is the answer.
        let over_prompt = u.interrupted || (u.over.is_some() && self.robot.is_some());
        match answer {
            RecognisedKind::Final(words) | RecognisedKind::Partial(words) => {
                if words.text.trim().is_empty() {
                    self.nothing(&u, over_prompt, "no words", out);
                } else if over_prompt && is_back_channel(&words.text, words.lang) {
                    out.push(HearingEvent::BackChannel { text: words.text });
                } else if over_prompt && !u.interrupted && !self.sure_enough(&u, &words) {
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
        let gate = &self.config.gate;
        gate.believes(u.ended.since(u.began), words.confidence)
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

    /// Gives up on texts that are too late.
    fn expire(&mut self, now: Ms, out: &mut Vec<HearingEvent>) {
        while let Some(at) = self.waiting.iter().position(|u| u.give_up <= now) {
            let Some(u) = self.waiting.remove(at) else {
                return;
            };
            if let Some(id) = u.asked {
                self.ear.withdraw(id);
            }
            let late = now.since(u.ended);
            let why = format!("no text {late} ms after the speech");
            self.finish(u, RecognisedKind::Failed(why), out);
        }
    }
}
