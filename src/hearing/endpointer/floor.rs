//! How loud a frame is, and how loud the line is when nobody speaks.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::audio::Frame;
use std::collections::VecDeque;

/// Root-mean-square level of a frame in dB below full scale; digital silence is -96.
#[must_use]
pub fn level_db(frame: &Frame) -> f32 {
    let energy: f64 = frame.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
    let rms = (energy / frame.len() as f64).sqrt() / 32768.0;
    (20.0 * rms.max(1.585e-5).log10()) as f32
}

/// Smallest smoothed level of the last three seconds.
#[derive(Clone, Debug)]
pub struct NoiseFloor {
    smooth: Option<f32>,
    /// The smallest level of each finished half second.
    blocks: VecDeque<f32>,
    running: f32,
    frames: usize,
}

const BLOCK_FRAMES: usize = 25;
const BLOCKS: usize = 6;
/// Even fluent speech dips between words within so many blocks.
const BLOCKS_BEFORE_TRUST: usize = 3;
/// Under this a line is quiet, whatever the codec's idle noise; also the floor before anything was heard.
const FLOOR_LEAST_DB: f32 = -65.0;

impl Default for NoiseFloor {
    fn default() -> Self {
        NoiseFloor {
            smooth: None,
            blocks: VecDeque::with_capacity(BLOCKS + 1),
            running: 0.0,
            frames: 0,
        }
    }
}

impl NoiseFloor {
    /// Takes one frame's level in dBFS.
    pub fn take(&mut self, level_db: f32) {
        let smooth = match self.smooth {
            Some(s) => 0.7 * s + 0.3 * level_db,
            None => level_db,
        };
        self.smooth = Some(smooth);
        self.running = self.running.min(smooth);
        self.frames += 1;
        if self.frames == BLOCK_FRAMES {
            self.blocks.push_back(self.running);
            if self.blocks.len() > BLOCKS {
                self.blocks.pop_front();
            }
            self.frames = 0;
            self.running = 0.0;
        }
    }

    /// The floor in dBFS. For the first second and a half it stays low, so that a callee who speaks at once is heard.
    #[must_use]
    pub fn db(&self) -> f32 {
        if self.blocks.len() < BLOCKS_BEFORE_TRUST {
            return FLOOR_LEAST_DB;
        }
        self.blocks
            .iter()
            .copied()
            .fold(self.running, f32::min)
            .max(FLOOR_LEAST_DB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_has_a_finite_level() {
        assert!(level_db(&crate::audio::SILENCE) < -95.0);
        assert!(level_db(&[i16::MAX; 160]) > -0.1);
    }
}
