//! Plays a dialplan with typed words, on virtual time: the same machine as in a live call, with a player that only counts.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod call_file;
mod commands;
mod expect;
pub mod mask;
pub mod moment;
pub mod record;
pub mod script;
mod show;

pub use call_file::{CallFile, CallFileError, Played};
pub use commands::{HELP, Reply};
pub use show::show;

use super::effect::Effect;
use super::event::{AgentNews, Besides, Event};
use super::intent::Vectors;
use super::machine::Machine;
use super::plan::{Dialplan, Lead};
use super::traits::Embedder;
use crate::terms::{Expectation, Lang, Line, Ms};
use std::collections::VecDeque;
use std::sync::Arc;

/// One thing the machine was told, and what it wanted done.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub at: Ms,
    /// The step before it.
    pub step: Option<String>,
    /// `None`: a deadline came.
    pub event: Option<Event>,
    /// Without [`Effect::Expect`], which nobody reads twice.
    pub effects: Vec<Effect>,
}

/// Lines a robot may say in a row before it is taken for one that never listens.
const MOST_LINES: u32 = 300;

/// A conversation in text.
pub struct Rehearsal {
    plan: Arc<Dialplan>,
    lead: Lead,
    /// The sentence model, where there is one.
    mind: Option<Arc<dyn Embedder>>,
    machine: Machine,
    now: Ms,
    /// Lines end only when the author says so.
    by_hand: bool,
    /// Everything that happened, for coverage and reports.
    log: Vec<Told>,
    /// The number of the last question to another machine.
    asked: u32,
    /// What may be said now.
    expecting: Expectation,
    /// Lines since the callee last did something.
    in_a_row: u32,
    /// What was typed, to take the last of it back.
    typed: Vec<String>,
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
            machine: Machine::new(Arc::clone(&plan), lead.clone()),
            plan,
            lead,
            mind: None,
            now: Ms(0),
            by_hand: false,
            log: Vec::new(),
            asked: 0,
            expecting: Expectation::default(),
            in_a_row: 0,
            typed: Vec::new(),
            playing: VecDeque::new(),
            held: VecDeque::new(),
            hung_up: false,
        }
    }

    /// Understands by meaning too, as live calls do.
    #[must_use]
    pub fn with_mind(mut self, mind: Option<&Arc<dyn Embedder>>) -> Rehearsal {
        self.mind = mind.cloned();
        self
    }

    /// What is known of these words besides their letters.
    pub(super) fn besides(&self, text: &str) -> Besides {
        let vectors = self.mind.as_ref().map(|mind| {
            let mut vectors = Vectors::default();
            for text in self.plan.wants(text, self.machine.lang()) {
                if let Ok(vector) = mind.embed(&text) {
                    vectors.insert(&text, vector);
                }
            }
            Arc::new(vectors)
        });
        Besides {
            vectors,
            ..Besides::default()
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

    /// The robot or the callee has hung up, though something may still be spoken.
    #[must_use]
    pub fn hung_up(&self) -> bool {
        self.hung_up
    }

    /// The callee answers, and the robot says what it has to say.
    pub fn answer(&mut self) -> Vec<Effect> {
        let mut out = Vec::new();
        self.give(Event::Answered, &mut out);
        self.finish(&mut out);
        out
    }

    /// Everything the machine was told so far, in order.
    #[must_use]
    pub fn log(&self) -> &[Told] {
        &self.log
    }

    /// What may be said now.
    #[must_use]
    pub fn expecting(&self) -> &Expectation {
        &self.expecting
    }

    /// The robot said so many lines in a row that it seems never to listen.
    #[must_use]
    pub fn runs_on(&self) -> bool {
        self.in_a_row >= MOST_LINES
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
            more: self.besides(text),
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
        if !matches!(event, Event::Said { .. }) {
            self.in_a_row = 0;
        }
        let step = self.machine.step().map(str::to_string);
        let mut new = Vec::new();
        self.machine.on(self.now, event.clone(), &mut new);
        self.note(step, Some(event), &new);
        self.play(new, out);
    }

    fn note(&mut self, step: Option<String>, event: Option<Event>, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Expect(expecting) = effect {
                self.expecting.clone_from(expecting);
            }
        }
        self.log.push(Told {
            at: self.now,
            step,
            event,
            effects: effects
                .iter()
                .filter(|e| !matches!(e, Effect::Expect(_)))
                .cloned()
                .collect(),
        });
    }

    fn play(&mut self, new: Vec<Effect>, out: &mut Vec<Effect>) {
        for effect in new {
            match &effect {
                Effect::Say {
                    say,
                    line,
                    interruptible,
                    ..
                } => {
                    self.in_a_row += 1;
                    self.playing.push_back(Playing {
                        say: *say,
                        interruptible: *interruptible,
                        left_ms: if self.by_hand {
                            NEVER_MS
                        } else {
                            nominal_ms(line)
                        },
                    });
                }
                Effect::StopSpeaking => {
                    self.playing.clear();
                    self.held.clear();
                }
                Effect::Hangup { .. } => self.hung_up = true,
                Effect::Lookup { id, .. } | Effect::AskModel { id, .. } => self.asked = *id,
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
            if next > until || self.runs_on() {
                break;
            }
            self.advance(next);
            if line_ends == Some(next) {
                self.end_line(out);
            } else {
                let step = self.machine.step().map(str::to_string);
                let mut new = Vec::new();
                self.machine.wake(self.now, &mut new);
                self.note(step, None, &new);
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
        while let Some(front) = self.playing.front()
            && !self.runs_on()
        {
            if self.by_hand {
                self.end_line(out);
                continue;
            }
            let end = self.now.after(front.left_ms);
            self.pass(end, out);
        }
    }

    /// The same; when the robot hung up, the call ends with it.
    pub(in crate::dialogue) fn finish(&mut self, out: &mut Vec<Effect>) {
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
        "closed" => AgentNews::Closed,
        "lost" => AgentNews::Lost,
        other => {
            return Err(format!(
                "agent {other:?} is not known: ringing, joined, nobody, closed, left or lost"
            ));
        }
    })
}

/// A line that ends when the author says so. The machine gives a line up long before.
const NEVER_MS: u64 = 86_400_000;

/// About how long a line takes to say.
fn nominal_ms(line: &Line) -> u64 {
    let each = match line.lang {
        Lang::Zh => 200,
        Lang::En => 65,
    };
    300 + each * line.text.chars().count() as u64 * 100 / u64::from(line.speed_percent.max(50))
}
