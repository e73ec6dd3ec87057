//! What is typed at a rehearsal: the callee's words, and commands.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Rehearsal, agent};
use crate::dialogue::diagnostic::advise;
use crate::dialogue::effect::Effect;
use crate::dialogue::event::Event;
use crate::dialogue::intent::Reading;
use std::sync::Arc;

/// What there is to type.
pub const HELP: &str = "\
words             what the callee says now
/silence          the callee says nothing until the robot speaks again
/key 1            a key on the callee's phone
/agent NEWS       ringing, joined, nobody, closed, left or lost
/hangup           the callee hangs up
/lookup A=B …     a lookup brings these values (“A=two words”); /lookup alone fails it
/model WORDS      the language model says this; /model alone fails it
/back             takes the last turn back
/jump STEP        goes to a step
/set NAME=VALUE   sets a column of the lead or a slot
/why              the grade rules: which hold, and what the others lack
/help             this list; an empty line or Ctrl-D ends";

/// What came of a typed line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// Everything the words may mean here, best first; the machine acts on some of it.
    pub readings: Vec<Reading>,
    pub effects: Vec<Effect>,
    /// Lines for the person at the keyboard.
    pub text: Vec<String>,
}

impl Rehearsal {
    /// Does what the person at the keyboard typed.
    ///
    /// # Errors
    /// A command that does not exist or cannot be done, with what can.
    pub fn typed(&mut self, line: &str) -> Result<Reply, String> {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match (word, rest.trim()) {
            ("/help", _) => {
                return Ok(Reply {
                    text: HELP.lines().map(str::to_string).collect(),
                    ..Reply::default()
                });
            }
            ("/why", _) => {
                return Ok(Reply {
                    text: self.why(),
                    ..Reply::default()
                });
            }
            ("/back", _) => return self.back(),
            _ => {}
        }
        let reply = self.turn(line)?;
        if !line.is_empty() {
            self.typed.push(line.to_string());
        }
        Ok(reply)
    }

    /// One line that changes the conversation.
    fn turn(&mut self, line: &str) -> Result<Reply, String> {
        let mut reply = Reply::default();
        let out = &mut reply.effects;
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match (word, rest.trim()) {
            ("/silence", _) => {
                if let Some((at, _)) = self.machine.deadline() {
                    self.pass(at, out);
                }
            }
            ("/key", key) if key.chars().count() == 1 => {
                for c in key.chars() {
                    self.give(Event::Key(c), out);
                }
            }
            ("/agent", news) => self.give(Event::Agent(agent(news)?), out),
            ("/lookup", pairs) => {
                let pairs = super::call_file::words(pairs)?;
                let values: std::collections::BTreeMap<String, String> = pairs
                    .iter()
                    .filter_map(|p| p.split_once('='))
                    .map(|(n, v)| (n.to_string(), v.to_string()))
                    .collect();
                let result = if values.is_empty() {
                    Err("failed by hand".into())
                } else {
                    Ok(values)
                };
                let id = self.asked;
                self.give(Event::LookedUp { id, result }, out);
            }
            ("/model", words) => {
                let said = Some(words.to_string()).filter(|w| !w.is_empty());
                let result = said.ok_or_else(|| "failed by hand".into());
                let id = self.asked;
                self.give(Event::ModelSaid { id, result }, out);
            }
            ("/hangup", _) => self.give(Event::HungUp, out),
            ("/jump", step) => {
                let now = self.now;
                let mut new = Vec::new();
                if !self.machine.jump(now, step, &mut new) {
                    let steps = self.plan.steps.keys().map(String::as_str);
                    return Err(format!(
                        "there is no step {step:?}; {}",
                        advise(step, steps)
                    ));
                }
                self.hung_up = false;
                self.note(None, None, &new);
                self.play(new, out);
            }
            ("/set", pair) => {
                let Some((name, value)) = pair.split_once('=') else {
                    return Err("write /set NAME=VALUE, as in /set name=李雷".into());
                };
                let mut new = Vec::new();
                self.machine
                    .set(self.now, name.trim(), value.trim(), &mut new);
                self.note(None, None, &new);
                self.play(new, out);
                reply
                    .text
                    .push(format!("{} = {}", name.trim(), value.trim()));
            }
            (w, _) if w.starts_with('/') => {
                return Err(format!(
                    "{w} is not a command as it stands; there are\n{HELP}"
                ));
            }
            ("", _) => {}
            _ => {
                reply.readings = self.weigh(line);
                self.words(line, out);
            }
        }
        self.finish(&mut reply.effects);
        Ok(reply)
    }

    /// All that these words may mean here, guesses too weak to act on among them.
    #[must_use]
    pub fn weigh(&self, text: &str) -> Vec<Reading> {
        self.machine.weigh(text, &self.besides(text))
    }

    /// Begins anew and types all but the last turn once more.
    fn back(&mut self) -> Result<Reply, String> {
        let mut typed = std::mem::take(&mut self.typed);
        let Some(taken) = typed.pop() else {
            return Err("there is no turn to take back".into());
        };
        *self = Rehearsal::new(Arc::clone(&self.plan), self.lead.clone())
            .with_mind(self.mind.clone().as_ref());
        self.answer();
        let mut last = Reply::default();
        for line in typed {
            last = self.typed(&line)?;
        }
        let effects = if self.typed.is_empty() {
            self.log.iter().flat_map(|t| t.effects.clone()).collect()
        } else {
            last.effects
        };
        // Only where the conversation stands again is worth reading.
        let said: Vec<Effect> = effects
            .into_iter()
            .filter(|e| matches!(e, Effect::Say { .. }))
            .collect();
        Ok(Reply {
            text: vec![format!("took back: {taken}")],
            effects: said,
            readings: Vec::new(),
        })
    }

    fn why(&self) -> Vec<String> {
        let mut out = Vec::new();
        let mut first = true;
        for rule in self.machine.rules() {
            let mark = match (rule.holds, first) {
                (true, true) => "=>",
                (true, false) => "ok",
                (false, _) => "  ",
            };
            first &= !rule.holds;
            let parts: Vec<String> = rule
                .parts
                .iter()
                .map(|(words, holds)| format!("{} {words}", if *holds { "+" } else { "-" }))
                .collect();
            let when = if parts.is_empty() {
                "always".to_string()
            } else {
                parts.join(", ")
            };
            out.push(format!("{mark} {} {}  ({when})", rule.grade, rule.reason));
        }
        match self.machine.grade() {
            Some((grade, reasons)) => {
                out.push(format!("the grade is {grade}: {}", reasons.join("; ")))
            }
            None => out.push("there is no grade yet".into()),
        }
        out
    }

    /// Where the conversation stands, in one line: step, grade with its reasons, tags, slots.
    #[must_use]
    pub fn standing(&self) -> String {
        let mut parts = vec![format!("step {}", self.machine.step().unwrap_or("(none)"))];
        if let Some((grade, reasons)) = self.machine.grade() {
            parts.push(format!("grade {grade} ({})", reasons.join("; ")));
        }
        let tags: Vec<&str> = self.machine.tags().collect();
        if !tags.is_empty() {
            parts.push(format!("tags {}", tags.join(", ")));
        }
        let slots: Vec<String> = self
            .machine
            .slots()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !slots.is_empty() {
            parts.push(format!("slots {}", slots.join(", ")));
        }
        parts.join(" · ")
    }
}
