//! Plays a dialplan with typed words, on virtual time: the same machine as in a live call, with a player that only counts.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod call_file;
mod expect;
mod show;

pub use call_file::{CallFile, CallFileError};
pub use show::show;

use super::effect::Effect;
use super::event::{AgentNews, Event};
use super::machine::Machine;
use super::plan::{Dialplan, Lead};
use crate::terms::{Lang, Line, Ms};
use std::collections::VecDeque;
use std::sync::Arc;

/// A conversation in text.
#[derive(Debug)]
pub struct Rehearsal {
    machine: Machine,
    now: Ms,
    playing: VecDeque<Playing>,
    /// Lines stopped by the callee, until it is known whether they go on.
    held: VecDeque<Playing>,
    hung_up: bool,
}

#[derive(Debug)]
struct Playing {
    say: u32,
    interruptible: bool,
    left_ms: u64,
}

impl Rehearsal {
    #[must_use]
    pub fn new(plan: Arc<Dialplan>, lead: Lead) -> Rehearsal {
        Rehearsal {
            machine: Machine::new(plan, lead),
            now: Ms(0),
            playing: VecDeque::new(),
            held: VecDeque::new(),
            hung_up: false,
        }
    }

    #[must_use]
    pub fn now(&self) -> Ms {
        self.now
    }

    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The robot or the callee has hung up.
    #[must_use]
    pub fn over(&self) -> bool {
        self.hung_up && self.playing.is_empty()
    }

    /// The callee answers, and the robot says what it has to say.
    pub fn answer(&mut self) -> Vec<Effect> {
        let mut out = Vec::new();
        self.give(Event::Answered, &mut out);
        self.finish(&mut out);
        out
    }

    /// What the person at the keyboard typed: words of the callee, or a command: `/silence`, `/key 1`, `/agent joined|nobody|ringing|left`, `/hangup`.
    ///
    /// # Errors
    /// A command that does not exist, with those that do.
    pub fn typed(&mut self, line: &str) -> Result<Vec<Effect>, String> {
        let mut out = Vec::new();
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match (word, rest.trim()) {
            ("/silence", _) => {
                if let Some((at, _)) = self.machine.deadline() {
                    self.pass(at, &mut out);
                }
            }
            ("/key", key) if key.chars().count() == 1 => {
                for c in key.chars() {
                    self.give(Event::Key(c), &mut out);
                }
            }
            ("/agent", news) => self.give(Event::Agent(agent(news)?), &mut out),
            ("/hangup", _) => self.give(Event::HungUp, &mut out),
            (w, _) if w.starts_with('/') => {
                return Err(format!(
                    "{w} is not a command; there are /silence, /key 1, /agent joined, /agent nobody, /hangup"
                ));
            }
            ("", _) => {}
            _ => self.words(line.trim(), &mut out),
        }
        self.finish(&mut out);
        Ok(out)
    }

    /// The callee says this now, over the robot when it speaks.
    pub(super) fn words(&mut self, text: &str, out: &mut Vec<Effect>) {
        if !self.playing.is_empty() {
            self.speech_start(out);
        }
        let over_prompt = !self.held.is_empty();
        self.held.clear();
        let heard = Event::Heard {
            text: text.to_string(),
            confidence: 1.0,
            over_prompt,
            more: super::event::Besides::default(),
        };
        self.give(heard, out);
    }

    /// The callee begins to speak; an interruptible line stops.
    pub(super) fn speech_start(&mut self, out: &mut Vec<Effect>) {
        self.give(Event::SpeechStarted, out);
        if let Some(front) = self.playing.front().filter(|p| p.interruptible) {
            let say = front.say;
            self.held = std::mem::take(&mut self.playing);
            out.push(Effect::StopSpeaking);
            self.give(Event::Interrupted { say, clause: 0 }, out);
        }
    }

    pub(super) fn give(&mut self, event: Event, out: &mut Vec<Effect>) {
        if event == Event::FalseInterruption {
            self.playing = std::mem::take(&mut self.held);
        }
        if event == Event::NotUnderstood {
            self.held.clear();
        }
        if event == Event::HungUp {
            self.playing.clear();
            self.hung_up = true;
        }
        let mut new = Vec::new();
        self.machine.on(self.now, event, &mut new);
        self.play(new, out);
    }

    fn play(&mut self, new: Vec<Effect>, out: &mut Vec<Effect>) {
        for effect in new {
            match &effect {
                Effect::Say {
                    say,
                    line,
                    interruptible,
                    ..
                } => self.playing.push_back(Playing {
                    say: *say,
                    interruptible: *interruptible,
                    left_ms: nominal_ms(line),
                }),
                Effect::StopSpeaking => {
                    self.playing.clear();
                    self.held.clear();
                }
                Effect::Hangup { .. } => self.hung_up = true,
                _ => {}
            }
            out.push(effect);
        }
    }

    /// Lets time pass to `until`: lines end, deadlines come.
    pub(super) fn pass(&mut self, until: Ms, out: &mut Vec<Effect>) {
        loop {
            let line_ends = self.playing.front().map(|p| self.now.after(p.left_ms));
            let wake = self.machine.deadline().map(|(at, _)| at.max(self.now));
            let next = match (line_ends, wake) {
                (Some(l), Some(w)) => l.min(w),
                (Some(t), None) | (None, Some(t)) => t,
                (None, None) => break,
            };
            if next > until {
                break;
            }
            self.advance(next);
            if line_ends == Some(next) {
                self.end_line(out);
            } else {
                let mut new = Vec::new();
                self.machine.wake(self.now, &mut new);
                self.play(new, out);
            }
        }
        self.advance(until.max(self.now));
    }

    /// The line that is being spoken ends now.
    pub(super) fn end_line(&mut self, out: &mut Vec<Effect>) {
        if let Some(p) = self.playing.pop_front() {
            self.give(Event::Said { say: p.say }, out);
        }
    }

    /// Moves the clock only.
    pub(super) fn advance(&mut self, to: Ms) {
        if let Some(front) = self.playing.front_mut() {
            front.left_ms = front.left_ms.saturating_sub(to.since(self.now));
        }
        self.now = to;
    }

    /// Lets the robot say what it has to say.
    pub(super) fn quiet(&mut self, out: &mut Vec<Effect>) {
        while let Some(front) = self.playing.front() {
            let end = self.now.after(front.left_ms);
            self.pass(end, out);
        }
    }

    /// The same; when the robot hung up, the call ends with it.
    pub(super) fn finish(&mut self, out: &mut Vec<Effect>) {
        self.quiet(out);
        if self.hung_up {
            self.give(Event::HungUp, out);
        }
    }
}

pub(super) fn agent(word: &str) -> Result<AgentNews, String> {
    Ok(match word {
        "ringing" => AgentNews::Ringing,
        "joined" => AgentNews::Joined,
        "nobody" => AgentNews::Nobody,
        "left" => AgentNews::Left,
        other => {
            return Err(format!(
                "agent {other:?} is not known: ringing, joined, nobody or left"
            ));
        }
    })
}

/// About how long a line takes to say.
fn nominal_ms(line: &Line) -> u64 {
    let each = match line.lang {
        Lang::Zh => 200,
        Lang::En => 65,
    };
    300 + each * line.text.chars().count() as u64 * 100 / u64::from(line.speed_percent.max(50))
}
