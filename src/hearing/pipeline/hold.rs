//! Whether the callee seems to be talking over the robot right now. The robot then falls silent for a moment, long before it is known
//! whether these are words, and goes on where it was when they are none.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::audio::FRAME_MS;
use crate::hearing::gate::GateConfig;
use crate::terms::Ms;

/// What the robot should do.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Hold,
    GoOn,
}

/// One frame of the callee.
#[derive(Copy, Clone, Debug)]
pub(super) struct Heard {
    pub now: Ms,
    /// The endpointer takes it for voice.
    pub voice: bool,
    pub level_db: f32,
    pub floor_db: f32,
    /// Speech has started, and it is not known yet what it was: how long it was, and has been silent since, ms.
    pub speaking: bool,
    pub speech_ms: u64,
    pub silence_ms: u64,
    /// The robot's own voice may come back as an echo now.
    pub robot_sounds: bool,
    /// A line that may be talked over is being spoken or held.
    pub interruptible: bool,
}

/// Watches one call.
#[derive(Clone, Debug)]
pub(super) struct TalkOver {
    config: GateConfig,
    /// Milliseconds of voice and of loud sound; they leak away in gaps.
    voice_ms: u64,
    loud_ms: u64,
    held: Option<Hold>,
    /// Loud sound was voice so far.
    trusts_loudness: bool,
    echo: Echo,
}

#[derive(Copy, Clone, Debug)]
struct Hold {
    since: Ms,
    /// The VAD has agreed.
    by_voice: bool,
}

impl TalkOver {
    pub fn new(config: GateConfig) -> Self {
        TalkOver {
            config,
            voice_ms: 0,
            loud_ms: 0,
            held: None,
            trusts_loudness: true,
            echo: Echo::default(),
        }
    }

    /// Takes one frame.
    pub fn frame(&mut self, f: Heard) -> Option<Told> {
        if f.robot_sounds && self.held.is_none() {
            self.echo.take(f.level_db);
        }
        let over_echo = !f.robot_sounds || f.level_db >= self.echo.db() + self.config.above_echo_db;
        let loud =
            f.level_db >= (f.floor_db + self.config.loud_above_floor_db).max(self.config.loud_db);
        count(&mut self.voice_ms, f.voice && over_echo);
        count(&mut self.loud_ms, loud && over_echo);
        // What is fading away is no reason to hold a line that begins just now.
        let voice = f.voice && self.voice_ms >= self.config.hold_voice_ms;
        let Some(held) = &mut self.held else {
            let loud = loud && self.trusts_loudness && self.loud_ms >= self.config.hold_loud_ms;
            if f.interruptible && (voice || loud) {
                self.held = Some(Hold {
                    since: f.now,
                    by_voice: voice,
                });
                return Some(Told::Hold);
            }
            return None;
        };
        held.by_voice |= voice || f.speaking;
        let gone = !f.speaking && self.voice_ms == 0 && self.loud_ms == 0;
        // Long speech is worth waiting for a slow recogniser, a hum is not.
        let unknown = f.speaking
            && f.silence_ms >= self.config.hold_silence_ms
            && f.speech_ms < self.config.hold_short_ms;
        let only_loud = !held.by_voice && f.now.since(held.since) >= self.config.hold_loud_most_ms;
        if gone || unknown || only_loud {
            // A horn: the next one will not be believed.
            self.trusts_loudness &= held.by_voice;
            return self.nothing();
        }
        None
    }

    /// It is known now that it was nothing. `GoOn` when the robot waits for it.
    pub fn nothing(&mut self) -> Option<Told> {
        self.voice_ms = 0;
        self.loud_ms = 0;
        self.held.take().map(|_| Told::GoOn)
    }

    /// The robot waits for a verdict.
    pub fn held(&self) -> bool {
        self.held.is_some()
    }

    /// It is an interruption, or there is no line any more.
    pub fn settled(&mut self) {
        self.held = None;
        self.voice_ms = 0;
        self.loud_ms = 0;
    }
}

/// So much of a long sound is remembered, ms.
const COUNT_MOST: u64 = 200;

fn count(ms: &mut u64, yes: bool) {
    *ms = if yes {
        (*ms + FRAME_MS).min(COUNT_MOST)
    } else {
        ms.saturating_sub(FRAME_MS)
    };
}

/// How loud the line is while the robot speaks: on a line with echo, as loud as the echo.
#[derive(Clone, Debug)]
struct Echo {
    /// Frames by level, 1 dB each from -96 dBFS.
    frames: [u16; 97],
    total: u32,
    db: f32,
}

/// Frames before the echo is known: 1 s.
const KNOWN: u32 = 50;
/// Older frames count less: at 30 s all are halved.
const FORGET: u32 = 1500;
/// This share of the frames is at most as loud as the echo; a callee who talks over the robot is in the rest.
const SHARE: f32 = 0.8;

impl Default for Echo {
    fn default() -> Self {
        Echo {
            frames: [0; 97],
            total: 0,
            db: -96.0,
        }
    }
}

impl Echo {
    fn take(&mut self, level_db: f32) {
        let at = (level_db + 96.0).clamp(0.0, 96.0) as usize;
        self.frames[at] += 1;
        self.total += 1;
        if self.total >= FORGET {
            self.frames.iter_mut().for_each(|n| *n /= 2);
            self.total = self.frames.iter().map(|n| u32::from(*n)).sum();
        }
        if self.total >= KNOWN && self.total.is_multiple_of(10) {
            let wanted = (self.total as f32 * SHARE) as u32;
            let mut seen = 0;
            let at = self.frames.iter().position(|n| {
                seen += u32::from(*n);
                seen >= wanted
            });
            self.db = at.unwrap_or(0) as f32 - 96.0;
        }
    }

    fn db(&self) -> f32 {
        self.db
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Rig {
        talk: TalkOver,
        now: Ms,
        told: Vec<(u64, Told)>,
    }

    impl Rig {
        fn new() -> Self {
            Rig {
                talk: TalkOver::new(GateConfig::default()),
                now: Ms(0),
                told: Vec::new(),
            }
        }

        /// The robot speaks an interruptible line throughout.
        fn hear(&mut self, ms: u64, voice: bool, level_db: f32) {
            for _ in 0..ms / FRAME_MS {
                self.now = self.now.after(FRAME_MS);
                let told = self.talk.frame(Heard {
                    now: self.now,
                    voice,
                    level_db,
                    floor_db: -60.0,
                    speaking: false,
                    speech_ms: 0,
                    silence_ms: 0,
                    robot_sounds: true,
                    interruptible: true,
                });
                self.told.extend(told.map(|t| (self.now.0, t)));
            }
        }
    }

    #[test]
    fn eighty_milliseconds_of_voice_hold_the_line_and_a_click_does_not() {
        let mut r = Rig::new();
        r.hear(2000, false, -60.0);
        r.hear(60, true, -20.0);
        r.hear(200, false, -60.0);
        assert_eq!(r.told, []);
        r.hear(200, true, -20.0);
        assert_eq!(r.told, [(2340, Told::Hold)]);
    }

    #[test]
    fn what_vanishes_before_it_was_speech_lets_the_line_go_on_at_once() {
        let mut r = Rig::new();
        r.hear(2000, false, -60.0);
        r.hear(100, true, -20.0);
        r.hear(300, false, -60.0);
        assert_eq!(r.told, [(2080, Told::Hold), (2200, Told::GoOn)]);
    }

    #[test]
    fn a_horn_holds_the_line_once_and_not_again() {
        let mut r = Rig::new();
        r.hear(2000, false, -60.0);
        r.hear(1000, false, -20.0);
        assert_eq!(r.told, [(2120, Told::Hold), (2520, Told::GoOn)]);
        r.hear(1000, false, -60.0);
        r.hear(1000, false, -20.0);
        assert_eq!(r.told.len(), 2);
    }

    #[test]
    fn the_robot_s_own_echo_does_not_hold_it_and_a_louder_voice_does() {
        let mut r = Rig::new();
        // Learned while the first line, which nobody may talk over, is spoken.
        for _ in 0..150 {
            r.talk.echo.take(-35.0);
        }
        r.hear(3000, true, -36.0);
        assert_eq!(r.told, []);
        r.hear(200, true, -20.0);
        assert_eq!(r.told.len(), 1);
    }
}
