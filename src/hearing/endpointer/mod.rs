//! Decides when speech started, paused and ended, from a speech probability and a level per 20 ms frame.
//!
//! A frame counts as voice when the VAD says so *and* it stands out of the noise floor, which is the smallest smoothed
//! level of the last three seconds (minimum statistics, Martin 2001): a fan that a VAD takes for speech is its own floor.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::audio::FRAME_MS;
use crate::terms::Ms;

mod closing;
mod ending;
mod floor;
mod moment;
mod numbers;
mod voter;

pub use closing::{ClosingConfig, silence_ms, stands_out};
pub use ending::{Ending, ending};
pub use floor::{NoiseFloor, level_db};
pub use voter::{EndVoter, TextVoter, Vote};

/// The numbers behind the decisions; the defaults are the product's.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointerConfig {
    /// Milliseconds of voice before speech counts as started.
    pub start_ms: u64,
    /// Milliseconds of silence after which it is worth guessing that the turn is over. The end of voice is seen some 40 ms late, so a
    /// decode begins at 200 ms of real silence.
    pub pause_ms: u64,
    /// The same while somebody waits for the verdict: a line is held.
    pub pause_in_a_hurry_ms: u64,
    /// Speech longer than this is cut, in milliseconds.
    pub max_speech_ms: u64,
    /// Probability that begins a voice run.
    pub on: f32,
    /// Probability below which a running voice falls silent.
    pub off: f32,
    /// How far a frame must stand out of the noise floor, in dB.
    pub above_floor_db: f32,
    /// No frame under this level is voice, in dBFS.
    pub quietest_db: f32,
    /// Sound so far under the loudest of the running speech is its dying away, in dB.
    pub below_speech_db: f32,
}

impl Default for EndpointerConfig {
    fn default() -> Self {
        EndpointerConfig {
            start_ms: 120,
            pause_ms: 160,
            pause_in_a_hurry_ms: 120,
            max_speech_ms: 20_000,
            on: 0.5,
            off: 0.35,
            above_floor_db: 5.0,
            quietest_db: -54.0,
            below_speech_db: 32.0,
        }
    }
}

/// A VAD's probability, believed sooner where the sound stands far out of the line's noise: 20 dB above it 0.2 is enough. A
/// detector that judges by what came before is slow to believe a single short word; what is no word after all the
/// recogniser drops.
#[must_use]
pub fn keenly(probability: f32, above_noise_db: f32) -> f32 {
    let gain = 1.0 + 1.5 * ((above_noise_db - 10.0) / 10.0).clamp(0.0, 1.0);
    (probability * gain).min(1.0)
}

/// What the endpointer noticed. Times are the start of the first and the end of the last frame of voice.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum EndpointEvent {
    SpeechStarted {
        began: Ms,
    },
    /// Silence long enough to begin a speculative decode.
    Pause {
        ended: Ms,
    },
    /// Speech went on after a pause: what was guessed is wrong.
    Resumed,
    SpeechEnded {
        began: Ms,
        ended: Ms,
        /// Cut because it grew too long, not because of silence.
        cut: bool,
    },
}

#[derive(Copy, Clone, Debug, PartialEq)]
enum State {
    /// `voiced` milliseconds of voice so far (it leaks away in gaps), the first of them at `since`.
    Quiet { voiced: u64, since: Ms },
    Speech {
        began: Ms,
        last_voice: Ms,
        paused: bool,
    },
}

/// One callee's endpointer.
#[derive(Clone, Debug)]
pub struct Endpointer {
    config: EndpointerConfig,
    floor: NoiseFloor,
    state: State,
    in_voice: bool,
    /// The loudest frames of the running speech, dBFS; sinks slowly.
    loudest_db: f32,
    hurry: bool,
}

impl Endpointer {
    #[must_use]
    pub fn new(config: EndpointerConfig) -> Self {
        Endpointer {
            config,
            floor: NoiseFloor::default(),
            state: QUIET,
            in_voice: false,
            loudest_db: LEVEL_LEAST_DB,
            hurry: false,
        }
    }

    /// Whether somebody waits for what the callee says now.
    pub fn hurry(&mut self, hurry: bool) {
        self.hurry = hurry;
    }

    /// Takes the frame that ends at `now`. `end_silence_ms` is the silence that ends a turn under the present expectation.
    pub fn frame(
        &mut self,
        now: Ms,
        probability: f32,
        level_db: f32,
        end_silence_ms: u64,
        out: &mut Vec<EndpointEvent>,
    ) {
        let voice = self.is_voice(probability, level_db);
        let frame_began = Ms(now.0.saturating_sub(FRAME_MS));
        match &mut self.state {
            State::Quiet { voiced, since } => {
                if !voice {
                    *voiced = voiced.saturating_sub(FRAME_MS);
                    if *voiced == 0 {
                        self.loudest_db = LEVEL_LEAST_DB;
                    }
                    return;
                }
                if *voiced == 0 {
                    *since = frame_began;
                }
                *voiced += FRAME_MS;
                if *voiced >= self.config.start_ms {
                    let began = *since;
                    self.state = State::Speech {
                        began,
                        last_voice: now,
                        paused: false,
                    };
                    out.push(EndpointEvent::SpeechStarted { began });
                }
            }
            State::Speech {
                began,
                last_voice,
                paused,
            } => {
                if voice {
                    *last_voice = now;
                    if std::mem::take(paused) {
                        out.push(EndpointEvent::Resumed);
                    }
                }
                let (began, ended) = (*began, *last_voice);
                let silence = now.since(ended);
                let pause_ms = match self.hurry {
                    true => self.config.pause_in_a_hurry_ms,
                    false => self.config.pause_ms,
                };
                let pause_ms = pause_ms.min(end_silence_ms);
                if !voice && !*paused && silence >= pause_ms {
                    *paused = true;
                    out.push(EndpointEvent::Pause { ended });
                }
                let cut = now.since(began) >= self.config.max_speech_ms;
                if silence >= end_silence_ms.max(FRAME_MS) || cut {
                    self.end(began, ended, cut, out);
                }
            }
        }
    }

    /// Ends the running speech when it has been silent at `now` for `end_silence_ms` already: what ends a turn was learned between
    /// two frames.
    pub fn settle(&mut self, now: Ms, end_silence_ms: u64, out: &mut Vec<EndpointEvent>) {
        if let State::Speech {
            began,
            last_voice,
            paused: true,
        } = self.state
            && now.since(last_voice) >= end_silence_ms
        {
            self.end(began, last_voice, false, out);
        }
    }

    /// Ends a running stretch of speech because no more sound comes.
    pub fn give_up(&mut self, out: &mut Vec<EndpointEvent>) {
        if let State::Speech {
            began, last_voice, ..
        } = self.state
        {
            self.end(began, last_voice, true, out);
        }
    }

    /// True between `SpeechStarted` and `SpeechEnded`.
    #[must_use]
    pub fn speaking(&self) -> bool {
        matches!(self.state, State::Speech { .. })
    }

    /// Milliseconds of voice that are no speech yet; 0 once speech has started.
    #[must_use]
    pub fn rising_ms(&self) -> u64 {
        match self.state {
            State::Quiet { voiced, .. } => voiced,
            State::Speech { .. } => 0,
        }
    }

    /// Milliseconds since the last voice of the running speech at `now`; 0 when quiet.
    #[must_use]
    pub fn silence_ms(&self, now: Ms) -> u64 {
        match self.state {
            State::Speech { last_voice, .. } => now.since(last_voice),
            State::Quiet { .. } => 0,
        }
    }

    /// Milliseconds from the first to the last voice of the running speech; 0 when quiet.
    #[must_use]
    pub fn speech_ms(&self) -> u64 {
        match self.state {
            State::Speech {
                began, last_voice, ..
            } => last_voice.since(began),
            State::Quiet { .. } => 0,
        }
    }

    /// True when the last frame was voice.
    #[must_use]
    pub fn voice(&self) -> bool {
        self.in_voice
    }

    /// The noise floor in dBFS.
    #[must_use]
    pub fn noise_db(&self) -> f32 {
        self.floor.db()
    }

    fn end(&mut self, began: Ms, ended: Ms, cut: bool, out: &mut Vec<EndpointEvent>) {
        self.state = QUIET;
        self.loudest_db = LEVEL_LEAST_DB;
        out.push(EndpointEvent::SpeechEnded { began, ended, cut });
    }

    fn is_voice(&mut self, probability: f32, level_db: f32) -> bool {
        self.floor.take(level_db);
        let threshold = if self.in_voice {
            self.config.off
        } else {
            self.config.on
        };
        // A running voice may sink a little nearer to the floor: word ends are soft.
        let margin = if self.in_voice {
            self.config.above_floor_db * 0.6
        } else {
            self.config.above_floor_db
        };
        self.in_voice = probability >= threshold
            && level_db >= self.config.quietest_db
            && level_db >= self.floor.db() + margin
            && level_db >= self.loudest_db - self.config.below_speech_db;
        if self.in_voice {
            self.loudest_db = level_db.max(self.loudest_db - LOUDEST_SINKS_DB);
        }
        self.in_voice
    }
}

/// Digital silence.
const LEVEL_LEAST_DB: f32 = -96.0;
/// How fast the memory of loud speech fades, dB a frame of voice: who goes on more softly is heard.
const LOUDEST_SINKS_DB: f32 = 0.2;

const QUIET: State = State::Quiet {
    voiced: 0,
    since: Ms(0),
};

#[cfg(test)]
mod tests {
    use super::EndpointEvent::*;
    use super::*;

    struct Rig {
        endpointer: Endpointer,
        now: Ms,
        events: Vec<EndpointEvent>,
    }

    impl Rig {
        fn new() -> Self {
            Rig {
                endpointer: Endpointer::new(EndpointerConfig::default()),
                now: Ms(0),
                events: Vec::new(),
            }
        }

        fn run(&mut self, ms: u64, probability: f32, level: f32, end: u64) {
            for _ in 0..ms / FRAME_MS {
                self.now = self.now.after(FRAME_MS);
                self.endpointer
                    .frame(self.now, probability, level, end, &mut self.events);
            }
        }
    }

    #[test]
    fn speech_starts_pauses_and_ends_with_the_times_of_the_voice_itself() {
        let mut r = Rig::new();
        r.run(1000, 0.02, -60.0, 700);
        r.run(500, 0.9, -20.0, 700);
        r.run(800, 0.02, -60.0, 700);
        assert_eq!(
            r.events,
            [
                SpeechStarted { began: Ms(1000) },
                Pause { ended: Ms(1500) },
                SpeechEnded {
                    began: Ms(1000),
                    ended: Ms(1500),
                    cut: false
                }
            ]
        );
    }

    #[test]
    fn a_click_is_not_speech() {
        let mut r = Rig::new();
        r.run(500, 0.02, -60.0, 700);
        r.run(60, 0.95, -15.0, 700);
        r.run(500, 0.02, -60.0, 700);
        assert!(r.events.is_empty(), "{:?}", r.events);
    }

    #[test]
    fn a_pause_that_speech_breaks_is_taken_back() {
        let mut r = Rig::new();
        r.run(400, 0.9, -20.0, 700);
        r.run(400, 0.02, -60.0, 700);
        r.run(400, 0.9, -20.0, 700);
        r.run(700, 0.02, -60.0, 700);
        assert_eq!(
            r.events,
            [
                SpeechStarted { began: Ms(0) },
                Pause { ended: Ms(400) },
                Resumed,
                Pause { ended: Ms(1200) },
                SpeechEnded {
                    began: Ms(0),
                    ended: Ms(1200),
                    cut: false
                }
            ]
        );
    }

    #[test]
    fn a_shorter_profile_ends_the_same_turn_earlier() {
        let end_of = |silence| {
            let mut r = Rig::new();
            r.run(400, 0.9, -20.0, silence);
            while r.endpointer.speaking() {
                r.run(20, 0.02, -60.0, silence);
            }
            r.now
        };
        assert_eq!(end_of(400), Ms(800));
        assert_eq!(end_of(700), Ms(1100));
        assert_eq!(end_of(1200), Ms(1600));
    }

    #[test]
    fn steady_noise_that_the_vad_takes_for_speech_ends_by_itself() {
        let mut r = Rig::new();
        r.run(2000, 0.02, -60.0, 700);
        r.run(6000, 0.9, -30.0, 700);
        assert!(!r.endpointer.speaking());
        let before = r.events.len();
        r.run(5000, 0.9, -30.0, 700);
        assert_eq!(r.events.len(), before, "noise started speech again");
        // A voice over that noise is still heard.
        r.run(400, 0.9, -15.0, 700);
        assert!(r.endpointer.speaking());
    }

    #[test]
    fn the_dying_away_of_a_loud_voice_is_no_voice() {
        let mut r = Rig::new();
        r.run(400, 0.9, -16.0, 700);
        r.run(100, 0.6, -50.0, 700);
        r.run(700, 0.02, -60.0, 700);
        let ended = SpeechEnded {
            began: Ms(0),
            ended: Ms(400),
            cut: false,
        };
        assert_eq!(r.events.last(), Some(&ended));
        // A soft voice is heard all the same.
        r.run(300, 0.9, -48.0, 700);
        assert!(r.endpointer.speaking());
    }

    #[test]
    fn what_is_learned_in_a_pause_may_end_the_turn_at_once() {
        let mut r = Rig::new();
        r.run(400, 0.9, -20.0, 700);
        r.run(300, 0.02, -60.0, 700);
        let mut events = Vec::new();
        r.endpointer.settle(r.now, 320, &mut events);
        assert_eq!(events, [], "not silent long enough");
        r.endpointer.settle(r.now, 260, &mut events);
        assert!(matches!(events[..], [SpeechEnded { ended: Ms(400), .. }]));
        assert!(!r.endpointer.speaking());
    }

    #[test]
    fn endless_speech_is_cut() {
        let mut r = Rig::new();
        for _ in 0..60 {
            r.run(300, 0.9, -20.0, 700);
            r.run(100, 0.1, -45.0, 700);
        }
        assert!(
            r.events
                .iter()
                .any(|e| matches!(e, SpeechEnded { cut: true, .. }))
        );
    }
}
