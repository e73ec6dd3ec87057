//! Call-progress tones by frequency and cadence, and the beep of an answering machine.
//!
//! China (YD/T, GB 3380): 450 Hz; ringback 1 s on 4 s off, busy 0.35/0.35, congestion 0.7/0.7. North America (Precise Tone Plan):
//! ringback 440+480 Hz 2 s on 4 s off, busy 480+620 Hz 0.5/0.5, reorder the same tones 0.25/0.25. The cadence tells them apart; the
//! frequencies only tell a tone from speech and music.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::endpointer::level_db;
use crate::audio::{FRAME_MS, Frame, RATE};

/// A tone of the network.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Tone {
    Ringback,
    Busy,
    /// No circuit (congestion, reorder).
    Congestion,
}

/// Finds network tones in early media, frame by frame.
#[derive(Clone, Debug, Default)]
pub struct ToneDetector {
    on: bool,
    /// Milliseconds in the present on or off.
    run: u64,
    /// Frames that contradict `on`; one odd frame at an edge does not end a run.
    odd: u64,
    /// Finished (on, off) pairs of the same kind, for the repeating tones.
    repeats: Option<(Tone, u32)>,
    last_on: u64,
}

impl ToneDetector {
    /// Takes the next frame; answers when a cadence is sure. Ringback answers once per ring, the others from the second cycle.
    pub fn frame(&mut self, frame: &Frame) -> Option<Tone> {
        let tonal = is_network_tone(frame);
        if tonal == self.on {
            self.run += FRAME_MS + std::mem::take(&mut self.odd);
            return self.while_running();
        }
        self.odd += FRAME_MS;
        if self.odd < 2 * FRAME_MS {
            return None;
        }
        let finished = std::mem::replace(&mut self.run, std::mem::take(&mut self.odd));
        self.on = tonal;
        if tonal {
            self.off_ended(finished)
        } else {
            self.last_on = finished;
            None
        }
    }

    /// A long off after a ring-sized on is ringback before the next ring comes.
    fn while_running(&mut self) -> Option<Tone> {
        let ring = (850..=1300).contains(&self.last_on) || (1750..=2300).contains(&self.last_on);
        if !self.on && ring && self.run >= 1400 {
            self.last_on = 0;
            self.repeats = None;
            return Some(Tone::Ringback);
        }
        if self.run > 6000 {
            self.repeats = None;
        }
        None
    }

    fn off_ended(&mut self, off: u64) -> Option<Tone> {
        let on = self.last_on;
        let kind = match (on, off) {
            (290..=420, 290..=420) | (440..=580, 440..=580) => Tone::Busy,
            (180..=289, 180..=289) | (620..=800, 620..=800) => Tone::Congestion,
            _ => {
                self.repeats = None;
                return None;
            }
        };
        let count = match self.repeats {
            Some((k, n)) if k == kind => n + 1,
            _ => 1,
        };
        self.repeats = Some((kind, count));
        (count >= 2).then_some(kind)
    }
}

/// Finds one steady tone of any pitch (an answering machine's beep), at least 160 ms long.
#[derive(Clone, Debug, Default)]
pub struct BeepDetector {
    hz: u32,
    run: u64,
}

/// Milliseconds of one steady pitch that make a beep.
const BEEP_MS: u64 = 160;

impl BeepDetector {
    /// Takes the next frame; answers the pitch in Hz once, when the beep is long enough to be one.
    pub fn frame(&mut self, frame: &Frame) -> Option<u32> {
        let Some(hz) = steady_pitch(frame) else {
            self.run = 0;
            return None;
        };
        if self.run > 0 && hz.abs_diff(self.hz) <= 50 {
            self.run += FRAME_MS;
        } else {
            self.run = FRAME_MS;
        }
        self.hz = hz;
        (self.run == BEEP_MS).then_some(hz)
    }
}

/// Share of the frame's energy at `hz`, 0..=1 (Goertzel).
#[must_use]
pub fn share(frame: &Frame, hz: f32) -> f32 {
    let energy: f32 = frame.iter().map(|s| f32::from(*s) * f32::from(*s)).sum();
    if energy < 1.0 {
        return 0.0;
    }
    let k = 2.0 * (2.0 * std::f32::consts::PI * hz / RATE as f32).cos();
    let (mut a, mut b) = (0.0f32, 0.0f32);
    for s in frame {
        let c = f32::from(*s) + k * a - b;
        b = a;
        a = c;
    }
    let power = a * a + b * b - k * a * b;
    (2.0 * power / (frame.len() as f32 * energy)).clamp(0.0, 1.0)
}

const QUIETEST_TONE_DB: f32 = -45.0;

fn is_network_tone(frame: &Frame) -> bool {
    if level_db(frame) < QUIETEST_TONE_DB {
        return false;
    }
    let ring = [425.0, 450.0, 460.0]
        .iter()
        .map(|f| share(frame, *f))
        .fold(0.0, f32::max);
    // Two tones 40 Hz apart beat: a frame on the null of the beat holds both sidebands and nothing between.
    let (low, high) = (share(frame, 440.0), share(frame, 480.0));
    let beat = low >= 0.35 && high >= 0.35 && low + high >= 0.8;
    ring >= 0.75 || beat || share(frame, 480.0) + share(frame, 620.0) >= 0.75
}

fn steady_pitch(frame: &Frame) -> Option<u32> {
    if level_db(frame) < QUIETEST_TONE_DB {
        return None;
    }
    (350..=2300)
        .step_by(25)
        .map(|hz| (hz, share(frame, hz as f32)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|(_, s)| *s >= 0.85)
        .map(|(hz, _)| hz)
}

#[cfg(test)]
pub(super) fn tone_frames(hz: &[f32], ms: u64, start: &mut usize) -> Vec<Frame> {
    (0..ms / FRAME_MS)
        .map(|_| {
            let mut f = crate::audio::SILENCE;
            for s in &mut f {
                let t = *start as f32 / RATE as f32;
                *s = hz
                    .iter()
                    .map(|h| 4000.0 * (2.0 * std::f32::consts::PI * h * t).sin())
                    .sum::<f32>() as i16;
                *start += 1;
            }
            f
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(hz: &[f32], on: u64, off: u64, cycles: usize) -> Vec<Tone> {
        let (mut d, mut t) = (ToneDetector::default(), 0);
        let mut out = Vec::new();
        for _ in 0..cycles {
            let mut frames = tone_frames(hz, on, &mut t);
            frames.extend(tone_frames(&[], off, &mut t));
            out.extend(frames.iter().filter_map(|f| d.frame(f)));
        }
        out
    }

    #[test]
    fn the_tones_of_both_countries_are_told_apart_by_their_cadence() {
        assert_eq!(heard(&[450.0], 1000, 4000, 2), [Tone::Ringback; 2]);
        assert_eq!(heard(&[440.0, 480.0], 2000, 4000, 2), [Tone::Ringback; 2]);
        assert_eq!(heard(&[450.0], 360, 340, 5).first(), Some(&Tone::Busy));
        assert_eq!(
            heard(&[480.0, 620.0], 500, 500, 5).first(),
            Some(&Tone::Busy)
        );
        assert_eq!(
            heard(&[480.0, 620.0], 240, 260, 6).first(),
            Some(&Tone::Congestion)
        );
        assert_eq!(
            heard(&[450.0], 700, 700, 5).first(),
            Some(&Tone::Congestion)
        );
    }

    #[test]
    fn other_sounds_are_no_network_tone() {
        assert!(heard(&[1000.0], 360, 340, 6).is_empty());
        assert!(heard(&[300.0, 450.0, 700.0, 1100.0], 360, 340, 6).is_empty());
    }

    #[test]
    fn a_beep_is_one_steady_pitch_and_a_key_is_not() {
        let (mut d, mut t) = (BeepDetector::default(), 0);
        let found: Vec<u32> = tone_frames(&[1000.0], 400, &mut t)
            .iter()
            .filter_map(|f| d.frame(f))
            .collect();
        assert_eq!(found, [1000]);
        let mut d = BeepDetector::default();
        assert!(
            tone_frames(&[770.0, 1336.0], 400, &mut t)
                .iter()
                .all(|f| d.frame(f).is_none())
        );
    }
}
