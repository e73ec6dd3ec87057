//! What the callee sends: clips, key presses, and noise under all of it, one 20 ms frame at a time.

use super::wav::{Clip, FRAME};
use std::sync::Arc;

/// Frames of a key press and of the pause after it: 100 ms and 60 ms.
const KEY_FRAMES: u16 = 5;
const KEY_PAUSE: u16 = 3;

/// One frame to send.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every frame is the large one, and none outlives its tick"
)]
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Frame {
    Audio {
        samples: [i16; FRAME],
        voiced: bool,
    },
    /// RFC 4733: `length` in samples so far; `last` is sent three times.
    Key {
        code: u8,
        length: u16,
        first: bool,
        last: bool,
    },
}

/// Plays one thing at a time.
#[derive(Debug, Default)]
pub(super) struct Mouth {
    playing: Option<(Arc<Clip>, usize)>,
    /// Keys still to press, and frames into the first of them.
    keys: Vec<u8>,
    into_key: u16,
    noise: Option<(Arc<Clip>, usize)>,
}

impl Mouth {
    pub(super) fn new(noise: Option<Arc<Clip>>) -> Self {
        Mouth {
            noise: noise
                .filter(|clip| !clip.frames.is_empty())
                .map(|clip| (clip, 0)),
            ..Mouth::default()
        }
    }

    pub(super) fn play(&mut self, clip: Arc<Clip>) {
        self.playing = Some((clip, 0)).filter(|(clip, _)| !clip.frames.is_empty());
    }

    pub(super) fn press(&mut self, digits: &str) {
        self.keys = digits.chars().filter_map(super::rtp::key_code).collect();
        self.into_key = 0;
    }

    pub(super) fn busy(&self) -> bool {
        self.playing.is_some() || !self.keys.is_empty()
    }

    pub(super) fn frame(&mut self) -> Frame {
        if let Some(frame) = self.key_frame() {
            return frame;
        }
        let (mut samples, mut voiced) = ([0; FRAME], false);
        if let Some((clip, at)) = &mut self.playing {
            (samples, voiced) = (clip.frames[*at], clip.voiced[*at]);
            *at += 1;
            if *at == clip.frames.len() {
                self.playing = None;
            }
        }
        if let Some((clip, at)) = &mut self.noise {
            for (sample, noise) in samples.iter_mut().zip(&clip.frames[*at]) {
                *sample = sample.saturating_add(*noise);
            }
            *at = (*at + 1) % clip.frames.len();
        }
        Frame::Audio { samples, voiced }
    }

    /// `None` when no key is down; the pause after a key is ordinary audio.
    fn key_frame(&mut self) -> Option<Frame> {
        let code = *self.keys.first()?;
        self.into_key += 1;
        let at = self.into_key;
        if at >= KEY_FRAMES + KEY_PAUSE {
            self.keys.remove(0);
            self.into_key = 0;
        }
        (at <= KEY_FRAMES).then_some(Frame::Key {
            code,
            length: at * FRAME as u16,
            first: at == 1,
            last: at == KEY_FRAMES,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_five_frames_of_one_event_and_then_a_pause() {
        let mut mouth = Mouth::new(None);
        mouth.press("1#");
        let frames: Vec<Frame> = (0..16).map(|_| mouth.frame()).collect();
        let keys: Vec<(u8, u16, bool, bool)> = frames
            .iter()
            .filter_map(|frame| match frame {
                Frame::Key {
                    code,
                    length,
                    first,
                    last,
                } => Some((*code, *length, *first, *last)),
                Frame::Audio { .. } => None,
            })
            .collect();
        assert_eq!(keys.len(), 10);
        assert_eq!(keys[0], (1, 160, true, false));
        assert_eq!(keys[4], (1, 800, false, true));
        assert_eq!(keys[5].0, 11);
        assert!(!mouth.busy());
    }

    #[test]
    fn noise_goes_on_between_words_and_is_not_called_speech() {
        let noise = Arc::new(Clip::tone(200, 100, -30.0));
        let mut mouth = Mouth::new(Some(noise));
        for _ in 0..12 {
            match mouth.frame() {
                Frame::Audio { samples, voiced } => {
                    assert!(!voiced && samples.iter().any(|s| *s != 0))
                }
                Frame::Key { .. } => panic!("no key was pressed"),
            }
        }
    }
}
