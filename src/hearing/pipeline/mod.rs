//! The callee's sound of one call, from frames to words.
//!
//! Two paths. The *ears* path (cleaned when the line is noisy) feeds VAD and endpointer; the *words* path (raw by default, because
//! denoising costs the recogniser words) feeds the ear. Decoding begins at the first pause and is thrown away when speech goes on, so
//! that the text is usually there when the turn closes. Whatever the engine does, every stretch of speech ends in an event.

use super::endpointer::{
    EndVoter, EndpointEvent, Endpointer, NoiseFloor, TextVoter, Vote, keenly, level_db, silence_ms,
};
use super::gate::{Verdict, is_back_channel, judge};
use super::traits::{DecodeId, Denoiser, Ear, Recognised, RecognisedKind, Vad};
use crate::audio::{FRAME_MS, Frame, SILENCE};
use crate::terms::{Expectation, Ms, Why};
use hold::{TalkOver, Told};
use std::collections::VecDeque;
use std::sync::Arc;
use utterance::{Over, Utterance};
use verdict::believed;

mod config;
mod event;
mod hold;
mod utterance;
mod verdict;

pub use config::PipelineConfig;
pub use event::HearingEvent;

#[cfg(test)]
mod tests;

/// An echo of the robot's voice comes back within this, ms.
const ECHO_MS: u64 = 300;
/// So many ticks without a packet, and the far end is silent on purpose.
const DRY_TICKS: u32 = 3;
/// Frames that are heard of what a stalled network delivers at once.
const FRESH_MOST: usize = 25;

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
    /// The robot speaks or holds a line, and whether what it says may be interrupted.
    robot: Option<Over>,
    /// Its voice may come back as an echo until then.
    robot_sounds: Ms,
    talk_over: TalkOver,
    voter: Option<Box<dyn EndVoter>>,
    /// Ticks without any sound for the ears.
    dry: u32,
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
        let talk_over = TalkOver::new(config.gate.clone());
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
            robot_sounds: Ms(0),
            talk_over,
            voter: Some(Box::new(TextVoter)),
            dry: 0,
            preroll: VecDeque::new(),
            last_frame: Ms(0),
            utterances: 0,
            current: None,
            waiting: VecDeque::new(),
            found: Vec::new(),
        }
    }

    /// Has somebody else vote on whether a pause ends the turn, or nobody: then the step's silence alone decides, unless the
    /// words are just what was expected.
    pub fn vote_by(&mut self, voter: Option<Box<dyn EndVoter>>) {
        self.voter = voter;
    }

    /// What may be said from now on. Takes effect on the running turn's silence at once.
    pub fn expect(&mut self, expectation: Arc<Expectation>) {
        self.ear.expect(&expectation);
        self.expectation = expectation;
    }

    /// The robot began (`true`) or ended a line; `interruptible` says whether this line may be talked over. A line that is held
    /// is not ended.
    pub fn robot_speaking(&mut self, speaking: bool, interruptible: bool) {
        self.robot = speaking.then_some(Over { interruptible });
        if !speaking {
            self.talk_over.settled();
        }
        // Who is already talking when a line begins talks over it.
        if let (Some(over), Some(u)) = (self.robot, &mut self.current) {
            u.over.get_or_insert(over);
        }
    }

    /// The robot's voice is on the line at `now`.
    pub fn robot_sounds(&mut self, now: Ms) {
        self.robot_sounds = now.after(ECHO_MS);
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
        self.hear(now, frame, &[*frame], out);
    }

    /// Takes one tick's sound: `words` has waited in the jitter buffer and is whole, `fresh` is what came since the last tick, at once
    /// and with its gaps. VAD, endpointer and interruption hear the fresh sound, so that no buffer delays them.
    pub fn hear(&mut self, now: Ms, words: &Frame, fresh: &[Frame], out: &mut Vec<HearingEvent>) {
        self.last_frame = now;
        let mut words = *words;
        let both = self.config.denoise_words && self.denoiser.is_some();
        if both {
            self.raw_noise.take(level_db(&words));
            self.clean(&mut words);
        }
        if self.current.is_some() {
            self.ear.audio(&words);
        }
        self.keep_preroll(&words);
        if both {
            self.listen(now, words, out);
        } else {
            self.dry = if fresh.is_empty() { self.dry + 1 } else { 0 };
            // Late packets are waited for; a far end that sends nothing when nobody speaks is silent.
            if self.dry > DRY_TICKS {
                self.listen(now, SILENCE, out);
            }
            let few = fresh.len().min(FRESH_MOST);
            for (i, frame) in fresh[fresh.len() - few..].iter().enumerate() {
                let mut frame = *frame;
                self.raw_noise.take(level_db(&frame));
                if self.config.denoise_ears {
                    self.clean(&mut frame);
                }
                let age = (few - 1 - i) as u64 * FRAME_MS;
                self.listen(Ms(now.0.saturating_sub(age)), frame, out);
            }
        }
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
                // The prompt is held already: a rough text makes it an interruption only when much was said.
                let speech_ms = self.last_frame.since(u.began);
                let much = speech_ms >= self.config.gate.short_ms
                    && self.config.gate.believes(speech_ms, words.confidence);
                if much || is_back_channel(&words.text, self.expectation.lang) {
                    u.rough = Some(words.text);
                }
            }
            RecognisedKind::Partial(_) => {}
            kind if u.asked == Some(id) => {
                // Over a prompt the words of a pause decide at once whether it stops; the turn itself waits for its silence.
                let speech_ms = u.ended.since(u.began);
                if let RecognisedKind::Final(words) = &kind
                    && believed(&self.config.gate, &self.expectation, speech_ms, words)
                {
                    u.rough = Some(words.text.clone());
                }
                if let RecognisedKind::Final(words) = &kind {
                    let vote = match &mut self.voter {
                        Some(voter) => voter.vote(&words.text, words.lang),
                        None => Vote::Unknown,
                    };
                    let closing = &self.config.closing;
                    u.close_ms = Some(silence_ms(closing, &self.expectation, words, vote));
                }
                let words = match &kind {
                    RecognisedKind::Final(words) => words.text.trim(),
                    _ => "",
                };
                let nothing = words.is_empty()
                    || is_back_channel(words, self.expectation.lang)
                    || u.rough.as_deref().map(str::trim) != Some(words);
                if nothing && !u.interrupted && self.talk_over.nothing().is_some() {
                    out.push(HearingEvent::GoOn);
                }
                u.answer = Some(kind);
            }
            _ => {}
        }
        self.judge_running(out);
        self.close_early(now, out);
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

    /// Takes one frame of the ears path, that ends at `at`.
    fn listen(&mut self, at: Ms, frame: Frame, out: &mut Vec<HearingEvent>) {
        let level = level_db(&frame);
        let probability = self.vad.probability(&frame);
        // A robot that waits for an answer listens more keenly than one that talks: one loud short word is answer enough.
        let probability = match self.robot {
            None => keenly(probability, level - self.raw_noise.db()),
            Some(_) => probability,
        };
        let mut found = std::mem::take(&mut self.found);
        let silence = self.end_silence_ms();
        self.endpointer.hurry(self.talk_over.held());
        self.endpointer
            .frame(at, probability, level, silence, &mut found);
        if let Some(u) = self.current.as_mut().filter(|_| probability >= 0.5) {
            u.voice(level);
        }
        if let (Some(voter), Some(_)) = (&mut self.voter, &self.current) {
            voter.audio(&frame);
        }
        for event in found.drain(..) {
            self.endpoint(at, event, out);
        }
        self.found = found;
        let waits = self.waiting.back();
        let told = self.talk_over.frame(hold::Heard {
            now: at,
            voice: self.endpointer.voice(),
            level_db: level,
            floor_db: self.endpointer.noise_db(),
            speaking: self.endpointer.speaking() || waits.is_some(),
            speech_ms: waits.map_or(self.endpointer.speech_ms(), |u| u.ended.since(u.began)),
            silence_ms: waits.map_or(self.endpointer.silence_ms(at), |u| at.since(u.ended)),
            robot_sounds: self.robot_sounds >= at,
            interruptible: self.robot.is_some_and(|r| r.interruptible)
                && !self.current.as_ref().is_some_and(|u| u.interrupted),
        });
        out.extend(told.map(|told| match told {
            Told::Hold => HearingEvent::TalkOver,
            Told::GoOn => HearingEvent::GoOn,
        }));
    }

    /// The silence that ends the running turn.
    fn end_silence_ms(&self) -> u64 {
        let most = self.expectation.end_silence_ms();
        let known = self.current.as_ref().and_then(|u| u.close_ms);
        known.map_or(most, |ms| ms.min(most))
    }

    /// Ends the running turn when its words, just learned, need no more silence than there was.
    fn close_early(&mut self, now: Ms, out: &mut Vec<HearingEvent>) {
        let mut found = std::mem::take(&mut self.found);
        let silence = self.end_silence_ms();
        self.endpointer.settle(now, silence, &mut found);
        for event in found.drain(..) {
            self.endpoint(now, event, out);
        }
        self.found = found;
    }

    /// Cleans a frame when the line is noisy, or always where the words path is cleaned.
    fn clean(&mut self, frame: &mut Frame) {
        let Some(denoiser) = &mut self.denoiser else {
            return;
        };
        // 3 dB of hysteresis, so that a line at the border does not flap.
        let border = self.config.denoise_above_db + if self.denoising { -3.0 } else { 0.0 };
        self.denoising = self.raw_noise.db() > border;
        if self.denoising || self.config.denoise_words {
            denoiser.clean(frame);
        }
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
                if let Some(voter) = &mut self.voter {
                    voter.begin();
                }
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
                    u.close_ms = None;
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
        // A pause has a decode on its way already, and what falls silent will have one in a moment.
        if now < u.next_partial || u.asked.is_some() || !self.endpointer.voice() {
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
            self.talk_over.settled();
            out.push(HearingEvent::Interrupt {
                text: u.rough.clone().unwrap_or_default(),
                speech_ms,
            });
        }
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
