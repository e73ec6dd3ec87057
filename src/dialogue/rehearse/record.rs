//! A real call's journal as a `.call` file: what was heard, at its own times, and what followed as expectations.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::mask;
use super::moment::{At, Input};
use super::script::{self, Script};
use crate::dialogue::event::{AgentNews, Event};
use crate::dialogue::lines;
use crate::dialogue::plan::{Dialplan, Lead};
use crate::terms::{CallEvent, EndedBy, Happening, LegId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A recorded call.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The `.call` file; it goes as written on the dialplan it was recorded with.
    pub text: String,
    /// What the call did and this dialplan does not: it was another version, or the engine knew more than its journal.
    pub otherwise: Vec<String>,
}

/// Why a journal gives no script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("the call was never answered, so there is nothing to play again")]
    NotAnswered,
    #[error("the journal of this call is empty")]
    Empty,
}

/// Makes the script. `lead` is what the dialplan knew of the callee, `name` how the script names the dialplan. Numbers are masked.
///
/// # Errors
/// The journal holds no answered call.
pub fn record(
    events: &[CallEvent],
    plan: &Arc<Dialplan>,
    name: &str,
    lead: &Lead,
    comments: &[String],
) -> Result<Recorded, RecordError> {
    if events.is_empty() {
        return Err(RecordError::Empty);
    }
    let start = events
        .iter()
        .position(|e| e.what == Happening::Answered)
        .ok_or(RecordError::NotAnswered)?;
    let nobody: Vec<String> = plan
        .handoff
        .nobody
        .say
        .variants
        .iter()
        .flat_map(|v| {
            let langs = plan.tongues.keys();
            langs.map(|l| lines::line(plan, v, *l, &|n| lines::value(plan, lead, *l, n)).text)
        })
        .collect();
    let mut tape = Tape {
        events: &events[start..],
        zero: events[start].at.0,
        nobody,
        script: Script::new(comments, name, lead, true),
        playing: false,
        bridged: false,
        wanted: false,
        spoke_over: false,
        waiting_key: None,
        ended: false,
        calls_back: plan.handoff.nobody.callback,
    };
    for i in 0..tape.events.len() {
        tape.take(i);
    }
    let otherwise = tape.script.settle(plan);
    Ok(Recorded {
        text: tape.script.text(),
        otherwise,
    })
}

struct Tape<'e> {
    events: &'e [CallEvent],
    zero: u64,
    /// What is said when no agent comes.
    nobody: Vec<String>,
    script: Script,
    /// A line is being spoken.
    playing: bool,
    bridged: bool,
    /// An agent is wanted and neither came nor was given up.
    wanted: bool,
    /// The callee began to speak while a line was spoken that went on.
    spoke_over: bool,
    /// A key over a line that cannot be stopped counts when the line has ended.
    waiting_key: Option<char>,
    /// The hang-up is among the expectations already.
    ended: bool,
    /// Where no agent comes, a callback is promised.
    calls_back: bool,
}

impl Tape<'_> {
    fn take(&mut self, i: usize) {
        let event = &self.events[i];
        match &event.what {
            Happening::Answered => self.input(i, Input::Event(Event::Answered)),
            Happening::Saying { text, .. } => {
                if self.wanted && self.nobody.contains(text) {
                    self.wanted = false;
                    self.input(i, Input::Event(Event::Agent(AgentNews::Nobody)));
                }
                self.playing = true;
            }
            Happening::Said { interrupted, .. } => {
                self.playing = false;
                if !interrupted {
                    self.input(i, Input::Said);
                    if let Some(key) = self.waiting_key.take() {
                        self.input(i, Input::Event(Event::Key(key)));
                    }
                    if std::mem::take(&mut self.spoke_over) {
                        self.input(i, Input::SpeechStart);
                    }
                }
            }
            Happening::Degraded { what } if what.starts_with("a line could not be spoken") => {
                self.playing = false;
                self.input(i, Input::Said);
            }
            Happening::SpeechStarted if self.playing => self.spoke_over = true,
            Happening::SpeechStarted => self.input(i, Input::SpeechStart),
            Happening::NotUnderstood { .. } if !self.playing && !self.bridged => {
                self.input(i, Input::Event(Event::NotUnderstood));
            }
            Happening::Heard { text, .. } => {
                self.spoke_over = false;
                let at = self.stopped_at(i).unwrap_or(i);
                self.input(at, Input::Heard(mask::numbers(text)));
            }
            Happening::Key { digit } => match self.stopped_at(i) {
                Some(at) => self.input(at, Input::Event(Event::Key(*digit))),
                None if self.playing => self.waiting_key = Some(*digit),
                None => self.input(i, Input::Event(Event::Key(*digit))),
            },
            Happening::Lookup { ok: true, .. } => {
                let values = self.saved(i);
                self.looked_up(i, Ok(values));
            }
            Happening::Lookup { why, .. } => {
                let why = why.clone().unwrap_or_default();
                self.looked_up(i, Err(why));
            }
            Happening::AgentRinging { .. } => {
                self.input(i, Input::Event(Event::Agent(AgentNews::Ringing)));
            }
            Happening::Bridged { .. } => {
                (self.bridged, self.wanted, self.playing) = (true, false, false);
                self.input(i, Input::Event(Event::Agent(AgentNews::Joined)));
            }
            Happening::TakenOver { .. } | Happening::LineBack { .. } => {
                (self.bridged, self.wanted, self.playing) = (true, false, false);
                self.input(i, Input::Event(Event::Agent(AgentNews::Joined)));
            }
            Happening::LineLost { .. } if self.bridged => {
                self.bridged = false;
                self.input(i, Input::Event(Event::Agent(AgentNews::Lost)));
            }
            Happening::NobodyCame { after_hours, .. } => {
                self.wanted = false;
                let news = if *after_hours {
                    AgentNews::Closed
                } else {
                    AgentNews::Nobody
                };
                self.input(i, Input::Event(Event::Agent(news)));
            }
            Happening::AgentGone { why, .. } if why == "left" => {
                self.bridged = false;
                self.input(i, Input::Event(Event::Agent(AgentNews::Left)));
            }
            Happening::LegEnded {
                leg: LegId::Callee,
                cause,
            } => {
                if cause.by == EndedBy::Us
                    && !self.ended
                    && let Some(expected) = self.ending(i)
                {
                    self.script.expect(&expected);
                }
                self.input(i, Input::Event(Event::HungUp));
            }
            Happening::AgentWanted { .. } => {
                self.wanted = true;
                self.script.expect("want-agent");
            }
            Happening::OptOut { .. } => {
                self.script.expect("opt-out");
                // An opt-out ends the call at once; the last line is spoken after that is decided.
                if let Some(expected) = self.ending(i).filter(|e| e.starts_with("hangup opt_out")) {
                    self.script.expect(&expected);
                    self.ended = true;
                }
            }
            other => {
                let promised = match other {
                    Happening::Tag { tag, .. } => tag == "callback",
                    Happening::Callback { .. } => true,
                    _ => false,
                };
                if promised && self.wanted && self.calls_back {
                    self.wanted = false;
                    self.input(i, Input::Event(Event::Agent(AgentNews::Nobody)));
                }
                if let Some(expected) = expectation(other) {
                    self.script.expect(&expected);
                }
            }
        }
    }

    fn looked_up(&mut self, i: usize, result: Result<BTreeMap<String, String>, String>) {
        // A script answers the question that is open.
        self.input(i, Input::Event(Event::LookedUp { id: 0, result }));
    }

    fn input(&mut self, i: usize, input: Input) {
        let at = self.events[i].at.0.saturating_sub(self.zero);
        self.script.moment(At::Time(at), &input);
    }

    /// What the callee does over a line reaches the dialogue when the line has stopped for it.
    fn stopped_at(&self, i: usize) -> Option<usize> {
        if !self.playing {
            return None;
        }
        let later = self.events.iter().enumerate().skip(i + 1);
        let (at, stops) = later
            .filter_map(|(n, e)| match &e.what {
                Happening::Said { interrupted, .. } => Some((n, *interrupted)),
                Happening::Saying { .. }
                | Happening::Heard { .. }
                | Happening::Bridged { .. }
                | Happening::Ended { .. } => Some((n, false)),
                _ => None,
            })
            .next()?;
        stops.then_some(at)
    }

    /// What a lookup brought: the values that were kept after it.
    fn saved(&self, i: usize) -> BTreeMap<String, String> {
        let after = self.events[i + 1..].iter();
        after
            .take_while(|e| !matches!(e.what, Happening::Heard { .. } | Happening::Lookup { .. }))
            .filter_map(|e| match &e.what {
                Happening::Slot {
                    name,
                    value,
                    evidence,
                } if evidence == "lookup" => Some((name.clone(), mask::numbers(value))),
                _ => None,
            })
            .collect()
    }

    /// How the robot ended the call.
    fn ending(&self, i: usize) -> Option<String> {
        self.events[i..].iter().find_map(|e| match &e.what {
            Happening::Ended {
                disposition,
                result,
                ..
            } => Some(script::hangup(disposition.code(), result.as_deref())),
            _ => None,
        })
    }
}

fn expectation(what: &Happening) -> Option<String> {
    Some(match what {
        Happening::Step { step } => format!("step {step}"),
        Happening::Intent { intent, .. } => format!("intent {intent}"),
        // Heard by the engine, not by the dialplan.
        Happening::Tag { tag, .. } if tag == "voicemail" => return None,
        Happening::Tag { tag, .. } => format!("tag {tag}"),
        Happening::Slot { name, value, .. } => script::slot(name, value),
        Happening::Graded { grade, .. } => format!("grade {grade}"),
        Happening::NoInput { .. } => "no-input".into(),
        Happening::NoMatch { .. } => "no-match".into(),
        Happening::Callback { at, .. } => script::callback(at.as_deref()),
        Happening::ContactTag { tag, forget: false } => format!("remember {tag}"),
        Happening::ContactTag { tag, forget: true } => format!("forget {tag}"),
        Happening::Language { lang } => format!("language {lang}"),
        _ => return None,
    })
}
