//! The callee's sound as it comes in, for ears that cannot wait: in packet order as far as it came in order, without the jitter buffer's
//! delay and without what was lost. Pure.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::audio::{FRAME, Frame, SILENCE};

/// A packet further behind than this is no late one: the far end counts anew.
const FAR: i16 = 64;

/// One stream's newest sound.
#[derive(Clone, Debug, Default)]
pub struct Fresh {
    newest: Option<u16>,
    rest: Vec<i16>,
}

impl Fresh {
    /// Takes a packet's samples; whole frames are added to `out`. What was overtaken or is a duplicate is left out.
    pub fn push(&mut self, seq: u16, samples: &[i16], out: &mut Vec<Frame>) {
        if self
            .newest
            .is_some_and(|newest| (-FAR..=0).contains(&(seq.wrapping_sub(newest) as i16)))
        {
            return;
        }
        self.newest = Some(seq);
        self.rest.extend_from_slice(samples);
        let mut at = 0;
        while self.rest.len() - at >= FRAME {
            let mut frame = SILENCE;
            frame.copy_from_slice(&self.rest[at..at + FRAME]);
            out.push(frame);
            at += FRAME;
        }
        self.rest.drain(..at);
    }

    /// Another stream begins.
    pub fn restart(&mut self) {
        *self = Fresh::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_any_length_become_frames_and_late_ones_are_left_out() {
        let mut fresh = Fresh::default();
        let mut out = Vec::new();
        fresh.push(65535, &[1; 240], &mut out);
        fresh.push(0, &[2; 240], &mut out);
        fresh.push(65535, &[9; 160], &mut out);
        fresh.push(0, &[9; 160], &mut out);
        assert_eq!(out.len(), 3);
        assert_eq!((out[1][79], out[1][80], out[2][159]), (1, 2, 2));
        fresh.restart();
        fresh.push(700, &[3; 160], &mut out);
        assert_eq!(out[3], [3; FRAME]);
    }

    #[test]
    fn a_source_that_counts_anew_is_heard() {
        let mut fresh = Fresh::default();
        let mut out = Vec::new();
        fresh.push(1000, &[1; 160], &mut out);
        fresh.push(10, &[2; 160], &mut out);
        assert_eq!(out.len(), 2);
    }
}
