//! The robot's mouth: a queue of prompts, handed out in frames of 20 ms. It fades when it is stopped and can go back to
//! the start of a clause after an interruption that turned out to be none.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::prompt::{Prompt, samples_to_ms};
use crate::audio::{FRAME, Frame, RATE};
use std::collections::VecDeque;
use std::sync::Arc;

/// Samples over which a stopped prompt fades out: 40 ms, short enough to feel like silence, long enough not to click.
const FADE: usize = RATE as usize * 40 / 1000;

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
            return;
        }
        let mut filled = 0;
        while filled < FRAME {
            let Some(playing) = self.current_or_next() else {
                return;
            };
            if !playing.started {
                playing.started = true;
                events.push(PlayerEvent::Started { id: playing.id });
            }
            let rest = &playing.prompt.samples[playing.at..];
            let n = rest.len().min(FRAME - filled);
            out[filled..filled + n].copy_from_slice(&rest[..n]);
            filled += n;
            playing.at += n;
            playing.furthest = playing.furthest.max(playing.at);
            if playing.at == playing.prompt.samples.len() {
                events.push(PlayerEvent::Finished { id: playing.id });
                self.current = None;
            }
        }
    }

    /// Falls silent within 40 ms and forgets everything that waits. `None` when nothing was being said.
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

    /// Falls silent within 40 ms but keeps its place: somebody may only have coughed.
    pub fn pause(&mut self) {
        if self.paused {
            return;
        }
        self.paused = true;
        if let Some(playing) = self.current.take() {
            self.fade(&playing);
            self.current = Some(playing);
        }
    }

    /// Goes on after [`Player::pause`], from the start of the clause it was in.
    pub fn resume(&mut self) {
        if !std::mem::take(&mut self.paused) {
            return;
        }
        if let Some(playing) = &mut self.current {
            playing.at = playing.prompt.clause_start(playing.at);
        }
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
    fn a_stop_fades_within_40_ms_without_a_click() {
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
    fn after_a_false_interruption_it_goes_back_to_the_start_of_the_clause() {
        let mut player = Player::new();
        let p = prompt();
        player.push(3, p.clone());
        run(&mut player, 80);
        player.pause();
        let (quiet, _) = run(&mut player, 10);
        assert!(quiet[FADE..].iter().all(|s| *s == 0));
        assert_eq!(player.speaking(), Some(3));
        assert_eq!(player.spoken_ms(), 1600);
        player.resume();
        let (sound, events) = run(&mut player, 1);
        assert_eq!(events, []);
        assert_eq!(sound[..], p.samples[8800..8960]);
        assert_eq!(player.spoken_ms(), 1600, "said twice counts once");
        let (_, events) = run(&mut player, 50);
        assert_eq!(events, [PlayerEvent::Finished { id: 3 }]);
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
