//! What the callee hears: when the robot speaks, and which tones are on the line.

use super::report::{Span, Tone};
use super::wav::{FRAME, RATE, is_voiced, rms};
use std::collections::VecDeque;

/// Voiced stretches closer than this are one.
const MERGE_MS: u64 = 100;
/// A tone counts when it carries this share of the energy …
const TONE_SHARE: f64 = 0.25;
/// … for this long.
const TONE_MS: u64 = 100;

/// The robot's voice as it comes in.
#[derive(Debug)]
pub(super) struct Ears {
    tones: Vec<ToneEar>,
    spans: Vec<Span>,
    pub(super) voiced_ms: u64,
    /// Voiced time since [`Ears::mark`].
    since_mark: u64,
    last_voiced: Option<u64>,
    /// Samples for the recording, taken by the 20 ms tick.
    waiting: VecDeque<i16>,
}

#[derive(Debug)]
struct ToneEar {
    hz: u32,
    run_ms: u64,
    total_ms: u64,
    first: Option<u64>,
    last: u64,
    longest_ms: u64,
}

impl Ears {
    pub(super) fn new(tones_hz: &[u32]) -> Self {
        let tones = tones_hz
            .iter()
            .map(|hz| ToneEar {
                hz: *hz,
                run_ms: 0,
                total_ms: 0,
                first: None,
                last: 0,
                longest_ms: 0,
            })
            .collect();
        Ears {
            tones,
            spans: Vec::new(),
            voiced_ms: 0,
            since_mark: 0,
            last_voiced: None,
            waiting: VecDeque::new(),
        }
    }

    /// The audio of one packet.
    pub(super) fn hear(&mut self, now: u64, samples: &[i16]) {
        let length = samples.len() as u64 * 1000 / u64::from(RATE);
        let level = rms(samples);
        for tone in &mut self.tones {
            tone.hear(now, samples, level, length);
        }
        if is_voiced(samples) {
            self.voiced_ms += length;
            self.since_mark += length;
            self.last_voiced = Some(now);
            match self.spans.last_mut() {
                Some(span) if now <= span.to_ms + MERGE_MS => span.to_ms = now,
                _ => self.spans.push(Span {
                    from_ms: now,
                    to_ms: now,
                }),
            }
        }
        self.waiting.extend(samples);
        // 200 ms is more than a recording may lag.
        let excess = self.waiting.len().saturating_sub(FRAME * 10);
        self.waiting.drain(..excess);
    }

    /// From here on the robot's speech counts anew.
    pub(super) fn mark(&mut self) {
        self.since_mark = 0;
    }

    /// Voiced milliseconds since the mark.
    pub(super) fn spoken_since_mark(&self) -> u64 {
        self.since_mark
    }

    /// How long the robot has been quiet.
    pub(super) fn quiet_for(&self, now: u64) -> u64 {
        self.last_voiced
            .map_or(u64::MAX, |last| now.saturating_sub(last))
    }

    /// Whether the tone has been on the line for `min_ms` without a break, now or before.
    pub(super) fn heard_tone(&self, hz: u32, min_ms: u64) -> bool {
        self.tones
            .iter()
            .any(|tone| tone.hz == hz && tone.longest_ms >= min_ms)
    }

    pub(super) fn spans(&self) -> &[Span] {
        &self.spans
    }

    pub(super) fn tones(&self) -> Vec<Tone> {
        let heard = self.tones.iter().filter(|tone| tone.longest_ms >= TONE_MS);
        heard
            .map(|tone| Tone {
                hz: tone.hz,
                first_ms: tone.first.unwrap_or(0),
                last_ms: tone.last,
                total_ms: tone.total_ms,
            })
            .collect()
    }

    /// The next 20 ms for the recording.
    pub(super) fn take_frame(&mut self) -> [i16; FRAME] {
        let mut frame = [0; FRAME];
        for slot in &mut frame {
            *slot = self.waiting.pop_front().unwrap_or(0);
        }
        frame
    }
}

impl ToneEar {
    fn hear(&mut self, now: u64, samples: &[i16], level: f64, length: u64) {
        let share = goertzel(samples, self.hz) / (level * level).max(1.0);
        if share < TONE_SHARE || !is_voiced(samples) {
            self.run_ms = 0;
            return;
        }
        self.run_ms += length;
        self.longest_ms = self.longest_ms.max(self.run_ms);
        if self.run_ms >= TONE_MS {
            // The whole run counts once it is long enough to be no accident of speech.
            self.total_ms += if self.run_ms - length < TONE_MS {
                self.run_ms
            } else {
                length
            };
            self.first.get_or_insert(now.saturating_sub(self.run_ms));
            self.last = now;
        }
    }
}

/// Mean power at one frequency (Goertzel 1958).
fn goertzel(samples: &[i16], hz: u32) -> f64 {
    let step = 2.0 * std::f64::consts::PI * f64::from(hz) / f64::from(RATE);
    let factor = 2.0 * step.cos();
    let (mut one, mut two) = (0.0, 0.0);
    for sample in samples {
        (one, two) = (f64::from(*sample) + factor * one - two, one);
    }
    let count = samples.len().max(1) as f64;
    2.0 * (one * one + two * two - factor * one * two) / (count * count)
}

#[cfg(test)]
mod tests {
    use super::super::wav::Clip;
    use super::*;

    fn hear(ears: &mut Ears, now: &mut u64, clip: &Clip) {
        for frame in &clip.frames {
            *now += 20;
            ears.hear(*now, frame);
        }
    }

    #[test]
    fn two_mixed_tones_are_both_heard_and_a_third_is_not() {
        let (low, high) = (Clip::tone(440, 400, -15.0), Clip::tone(1000, 400, -15.0));
        let mixed: Vec<i16> = std::iter::zip(low.frames.concat(), high.frames.concat())
            .map(|(a, b)| a + b)
            .collect();
        let mut ears = Ears::new(&[440, 700, 1000]);
        hear(&mut ears, &mut 0, &Clip::new(&mixed));
        let heard: Vec<u32> = ears.tones().iter().map(|tone| tone.hz).collect();
        assert_eq!(heard, [440, 1000]);
        assert!(ears.heard_tone(440, 300) && !ears.heard_tone(700, 20));
    }

    #[test]
    fn speech_makes_spans_and_quiet_is_counted_from_its_last_voiced_frame() {
        let mut ears = Ears::new(&[]);
        let mut now = 0;
        for _ in 0..2 {
            hear(&mut ears, &mut now, &Clip::tone(300, 200, -20.0));
            hear(&mut ears, &mut now, &Clip::new(&[8; 3200]));
        }
        let spans = ears.spans();
        assert_eq!(spans.len(), 2);
        assert_eq!((spans[1].from_ms, spans[1].to_ms), (620, 800));
        assert_eq!((ears.voiced_ms, ears.quiet_for(now)), (400, 400));
    }
}
