//! Tones: made to prove who hears whom, and found again.

use super::level::SILENT_DBFS;
use super::{FRAME, Frame, RATE};
use std::f64::consts::TAU;

/// A sine of one frequency that goes on from frame to frame.
#[derive(Clone, Debug)]
pub struct Tone {
    phase: f64,
    step: f64,
    amplitude: f64,
}

impl Tone {
    /// `hz` below 4000, `dbfs` as [`super::level::rms_dbfs`] measures it (−3 is the loudest undistorted sine).
    #[must_use]
    pub fn new(hz: f64, dbfs: f64) -> Self {
        Tone {
            phase: 0.0,
            step: TAU * hz / f64::from(RATE),
            amplitude: 32768.0 * std::f64::consts::SQRT_2 * 10f64.powf(dbfs / 20.0),
        }
    }

    /// The next samples.
    pub fn fill(&mut self, out: &mut [i16]) {
        for sample in out {
            *sample = (self.amplitude * self.phase.sin()).round() as i16;
            self.phase = (self.phase + self.step) % TAU;
        }
    }

    /// The next 20 ms.
    pub fn frame(&mut self) -> Frame {
        let mut frame = [0; FRAME];
        self.fill(&mut frame);
        frame
    }
}

/// Level in dBFS of the one frequency `hz` within `window` (Goertzel's algorithm at 8 kHz). Frequencies further away
/// than `8000 / window.len()` Hz hardly count: a window of 800 samples tells tones 20 Hz apart.
#[must_use]
pub fn level_of(window: &[i16], hz: f64) -> f32 {
    if window.is_empty() {
        return SILENT_DBFS;
    }
    let n = window.len() as f64;
    let omega = TAU * hz / f64::from(RATE);
    let k = 2.0 * omega.cos();
    let (mut s1, mut s2, mut weight) = (0.0, 0.0, 0.0);
    for (i, sample) in window.iter().enumerate() {
        // A Hann window keeps strong neighbours out.
        let w = 0.5 - 0.5 * (TAU * (i as f64 + 0.5) / n).cos();
        weight += w;
        let s0 = f64::from(*sample) / 32768.0 * w + k * s1 - s2;
        s2 = s1;
        s1 = s0;
    }
    let magnitude = (s1 * s1 + s2 * s2 - k * s1 * s2).max(0.0).sqrt();
    let rms = magnitude * 2.0 / weight / std::f64::consts::SQRT_2;
    if rms <= 0.0 {
        return SILENT_DBFS;
    }
    ((20.0 * rms.log10()) as f32).max(SILENT_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_found_at_its_level_and_nowhere_else() {
        let mut tone = Tone::new(1000.0, -20.0);
        let mut sound = vec![0; 800];
        tone.fill(&mut sound);
        assert!((level_of(&sound, 1000.0) + 20.0).abs() < 0.2);
        assert!(level_of(&sound, 1100.0) < -70.0);
        assert!(level_of(&sound, 400.0) < -70.0);
        assert_eq!(level_of(&[0; 160], 400.0), SILENT_DBFS);
    }
}
