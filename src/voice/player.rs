//! The robot's mouth: a queue of prompts, handed out in frames of 20 ms. It fades when it is stopped; held for a moment it goes on where
//! it was, held longer it goes back to where a listener can follow again.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod quiet;

use super::prompt::{Prompt, samples_to_ms};
use crate::audio::{FRAME, FRAME_MS, Frame, RATE};
use std::collections::VecDeque;
use std::sync::Arc;

/// Samples over which a stopped prompt fades out: 20 ms, long enough not to click.
const FADE: usize = RATE as usize * 20 / 1000;
/// Samples over which a prompt that goes on fades in: 5 ms.
const RISE: usize = RATE as usize * 5 / 1000;
/// After a stop of this length nobody has lost the thread, ms.
const SHORT_STOP_MS: u64 = 700;

/// What the player did while it filled a frame.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum PlayerEvent {
    /// The first sample of a prompt is in this frame.
    Started { id: u64 },
    /// The last sample of a prompt is in this frame.
    Finished { id: u64 },
}

/// What had been said when the player was stopped.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    pub id: u64,
    /// Clauses that were said to their end.
    pub clauses_done: usize,
    /// Milliseconds of the prompt that were said.
    pub spoken_ms: u64,
}

/// Plays prompts one after the other.
#[derive(Clone, Debug, Default)]
pub struct Player {
    current: Option<Playing>,
    queue: VecDeque<(u64, Arc<Prompt>)>,
    paused: bool,
    /// How long it has been held, ms.
    held_ms: u64,
    /// Samples that are still to be faded in.
    rise: usize,
    /// Nothing was said in the frame before.
    was_silent: bool,
    /// The fading end of what was stopped or paused, the next sample first.
    tail: VecDeque<i16>,
}

#[derive(Clone, Debug)]
struct Playing {
    id: u64,
    prompt: Arc<Prompt>,
    at: usize,
    /// The furthest sample said: a clause said twice counts once.
    furthest: usize,
    started: bool,
}

impl Player {
    #[must_use]
    pub fn new() -> Self {
        Player::default()
    }

    /// Puts a prompt behind those that wait. `id` comes back in the events.
    pub fn push(&mut self, id: u64, prompt: Arc<Prompt>) {
        self.queue.push_back((id, prompt));
    }

    /// Fills the next 20 ms; silence when there is nothing to say. Appends what happened to `events`.
    pub fn frame(&mut self, out: &mut Frame, events: &mut Vec<PlayerEvent>) {
        *out = [0; FRAME];
        let faded = self.tail.len().min(FRAME);
        for (slot, sample) in out.iter_mut().zip(self.tail.drain(..faded)) {
            *slot = sample;
        }
        // What follows a stop begins after its fade, in a frame of its own.
        if faded > 0 || self.paused {
            self.held_ms += if self.paused { FRAME_MS } else { 0 };
            self.was_silent = true;
            return;
        }
        let was_silent = std::mem::replace(&mut self.was_silent, false);
        let mut filled = 0;
        while filled < FRAME {
            let Some(playing) = self.current_or_next() else {
                self.was_silent |= filled == 0;
                return;
            };
            if !playing.started {
                playing.started = true;
                // Nobody waits for the quiet in front of an answer.
                if was_silent && filled == 0 {
                    playing.at = quiet::lead(&playing.prompt.samples);
                }
                events.push(PlayerEvent::Started { id: playing.id });
            }
            let rest = &playing.prompt.samples[playing.at..];
            let n = rest.len().min(FRAME - filled);
            out[filled..filled + n].copy_from_slice(&rest[..n]);
            filled += n;
            playing.at += n;
            let rising = self.rise.min(n);
            for (i, s) in out[filled - n..filled][..rising].iter_mut().enumerate() {
                let gain = (RISE - self.rise + i + 1) as f32 / RISE as f32;
                *s = (f32::from(*s) * gain) as i16;
            }
            self.rise -= rising;
            let Some(playing) = &mut self.current else {
                return;
            };
            playing.furthest = playing.furthest.max(playing.at);
            if playing.at == playing.prompt.samples.len() {
                events.push(PlayerEvent::Finished { id: playing.id });
                self.current = None;
            }
        }
    }

    /// Falls silent within 20 ms and forgets everything that waits. `None` when nothing was being said.
    pub fn stop(&mut self) -> Option<Stopped> {
        self.queue.clear();
        let was_paused = std::mem::take(&mut self.paused);
        let playing = self.current.take()?;
        if !was_paused {
            self.fade(&playing);
        }
        Some(Stopped {
            id: playing.id,
            clauses_done: playing.prompt.clauses_before(playing.furthest),
            spoken_ms: samples_to_ms(playing.furthest),
        })
    }

    /// Falls silent within 20 ms but keeps its place: somebody may only have coughed.
    pub fn pause(&mut self) {
        if self.paused {
            return;
        }
        self.paused = true;
        self.held_ms = 0;
        if let Some(playing) = self.current.take() {
            self.fade(&playing);
            self.current = Some(playing);
        }
    }

    /// Goes on after [`Player::pause`]: after a short stop between the words where it stopped, after a longer one from the start of the
    /// clause. Never from the start of the line, unless it had only just begun.
    pub fn resume(&mut self) {
        if !std::mem::take(&mut self.paused) {
            return;
        }
        // A fade that was just begun is not heard to its end and then back again.
        self.tail.clear();
        let short = self.held_ms < SHORT_STOP_MS;
        if let Some(playing) = &mut self.current {
            let samples = &playing.prompt.samples;
            playing.at = if short {
                quiet::between_words(samples, playing.at)
            } else {
                let clause = playing.prompt.clause_start(playing.at);
                quiet::between_clauses(samples, playing.at, clause)
            };
            self.rise = RISE;
        }
    }

    /// Milliseconds until everything is said; what is held counts as well.
    #[must_use]
    pub fn left_ms(&self) -> u64 {
        let current = self
            .current
            .as_ref()
            .map_or(0, |p| p.prompt.samples.len() - p.at);
        let waiting: usize = self.queue.iter().map(|(_, p)| p.samples.len()).sum();
        samples_to_ms(current + waiting)
    }

    #[must_use]
    pub fn paused(&self) -> bool {
        self.paused
    }

    /// The prompt being said, also while it is paused.
    #[must_use]
    pub fn speaking(&self) -> Option<u64> {
        self.current.as_ref().map(|p| p.id)
    }

    /// Milliseconds of the current prompt that have been said.
    #[must_use]
    pub fn spoken_ms(&self) -> u64 {
        self.current
            .as_ref()
            .map_or(0, |p| samples_to_ms(p.furthest))
    }

    /// Nothing is being said, nothing waits and nothing fades.
    #[must_use]
    pub fn idle(&self) -> bool {
        self.current.is_none() && self.queue.is_empty() && self.tail.is_empty()
    }

    fn current_or_next(&mut self) -> Option<&mut Playing> {
        while self.current.is_none() {
            let (id, prompt) = self.queue.pop_front()?;
            self.current = Some(Playing {
                id,
                prompt,
                at: 0,
                furthest: 0,
                started: false,
            });
        }
        self.current.as_mut()
    }

    fn fade(&mut self, playing: &Playing) {
        let rest = &playing.prompt.samples[playing.at..];
        let n = rest.len().min(FADE);
        self.tail = rest[..n]
            .iter()
            .enumerate()
            .map(|(i, s)| {
                let gain = 0.5 + 0.5 * (std::f32::consts::PI * (i + 1) as f32 / n as f32).cos();
                (f32::from(*s) * gain) as i16
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::super::prompt::ClauseSpan;
    use super::*;

    /// Two clauses of 1 s of a loud 400 Hz tone with 100 ms between.
    fn prompt() -> Arc<Prompt> {
        let tone = |i: usize| (20000.0 * (i as f32 * 0.314_159).sin()) as i16;
        let mut samples: Vec<i16> = (0..8000).map(tone).collect();
        samples.extend([0; 800]);
        samples.extend((0..8000).map(tone));
        let clauses = vec![
            ClauseSpan {
                start: 0,
                end: 8000,
                text: "one".into(),
            },
            ClauseSpan {
                start: 8800,
                end: 16800,
                text: "two".into(),
            },
        ];
        Arc::new(Prompt { samples, clauses })
    }

    fn run(player: &mut Player, frames: usize) -> (Vec<i16>, Vec<PlayerEvent>) {
        let (mut sound, mut events, mut frame) = (Vec::new(), Vec::new(), [0; FRAME]);
        for _ in 0..frames {
            player.frame(&mut frame, &mut events);
            sound.extend(frame);
        }
        (sound, events)
    }

    #[test]
    fn prompts_follow_each_other_without_a_gap_and_report_start_and_end() {
        let mut player = Player::new();
        let short = Arc::new(Prompt {
            samples: vec![7; 200],
            clauses: Vec::new(),
        });
        player.push(1, short.clone());
        player.push(2, short);
        let (sound, events) = run(&mut player, 4);
        assert_eq!(sound[..400], [7; 400]);
        assert_eq!(sound[400..], [0; 240]);
        use PlayerEvent::{Finished, Started};
        assert_eq!(
            events,
            [
                Started { id: 1 },
                Finished { id: 1 },
                Started { id: 2 },
                Finished { id: 2 }
            ]
        );
        assert!(player.idle());
    }

    #[test]
    fn a_stop_fades_within_20_ms_without_a_click() {
        let mut player = Player::new();
        player.push(9, prompt());
        let (mut sound, _) = run(&mut player, 60);
        let stopped = player.stop().expect("it was speaking");
        assert_eq!(
            stopped,
            Stopped {
                id: 9,
                clauses_done: 1,
                spoken_ms: 1200
            }
        );
        let (after, events) = run(&mut player, 5);
        assert_eq!(events, []);
        sound.extend(after);
        let stop = 60 * FRAME;
        // A 400 Hz tone at this level moves at most 6280 from sample to sample; a cut would jump up to 20000.
        for w in sound[stop - 10..stop + 400].windows(2) {
            assert!((i32::from(w[1]) - i32::from(w[0])).abs() < 6400, "{w:?}");
        }
        assert!(sound[stop + FADE..].iter().all(|s| *s == 0));
        assert_eq!(player.stop(), None);
    }

    #[test]
    fn after_a_long_stop_it_goes_back_to_the_start_of_the_clause() {
        let mut player = Player::new();
        let p = prompt();
        player.push(3, p.clone());
        run(&mut player, 80);
        player.pause();
        let (quiet, _) = run(&mut player, 40);
        assert!(quiet[FADE..].iter().all(|s| *s == 0));
        assert_eq!(player.speaking(), Some(3));
        let said = player.spoken_ms();
        player.resume();
        let (sound, events) = run(&mut player, 1);
        assert_eq!(events, []);
        assert_eq!(sound[RISE..], p.samples[8800 + RISE..8960], "faded in");
        assert_eq!(player.spoken_ms(), said, "said twice counts once");
        let (_, events) = run(&mut player, 50);
        assert_eq!(events, [PlayerEvent::Finished { id: 3 }]);
    }

    #[test]
    fn after_a_short_stop_it_goes_on_where_it_was() {
        let mut player = Player::new();
        let p = prompt();
        player.push(3, p.clone());
        run(&mut player, 80);
        let left = player.left_ms();
        player.pause();
        let (_, events) = run(&mut player, 20);
        assert_eq!(events, []);
        player.resume();
        assert!(
            player.left_ms() - left <= 200,
            "{} {left}",
            player.left_ms()
        );
        let (sound, _) = run(&mut player, 10);
        // Faded in without a click: a tone at this level moves at most 6280 from sample to sample.
        assert!(i32::from(sound[0]).abs() < 1000);
        for w in sound.windows(2) {
            assert!((i32::from(w[1]) - i32::from(w[0])).abs() < 6400, "{w:?}");
        }
    }

    #[test]
    fn the_quiet_in_front_of_an_answer_is_left_out_and_between_lines_it_is_kept() {
        let mut samples = vec![0i16; 400];
        samples.extend([9000; 800]);
        let p = Arc::new(Prompt {
            samples,
            clauses: Vec::new(),
        });
        let mut player = Player::new();
        run(&mut player, 3);
        player.push(1, p.clone());
        player.push(2, p);
        let (sound, _) = run(&mut player, 16);
        let first = sound.iter().position(|s| *s != 0).unwrap();
        assert!(first <= 50, "{first}");
        let end = first + 800;
        let second = sound[end..].iter().position(|s| *s != 0).unwrap();
        assert_eq!(second, 400);
    }

    #[test]
    fn stopping_while_paused_forgets_the_place() {
        let mut player = Player::new();
        player.push(3, prompt());
        run(&mut player, 10);
        player.pause();
        run(&mut player, 4);
        assert_eq!(player.stop().map(|s| s.spoken_ms), Some(200));
        let (sound, _) = run(&mut player, 3);
        assert!(sound.iter().all(|s| *s == 0));
        assert!(player.idle());
    }

    #[test]
    fn an_empty_prompt_starts_and_finishes_at_once() {
        let mut player = Player::new();
        player.push(5, Arc::new(Prompt::default()));
        let (_, events) = run(&mut player, 1);
        assert_eq!(
            events,
            [
                PlayerEvent::Started { id: 5 },
                PlayerEvent::Finished { id: 5 }
            ]
        );
    }
}
