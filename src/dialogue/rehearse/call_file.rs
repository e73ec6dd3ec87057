//! `.call` files: a time line in, effects out.
//!
//! ```text
//! dialplan trial-zh   lead name=李雷 now=2026-11-21T10:00
//! 0.0  answered
//!      > say greet
//! +1   heard "是的"            # one second after the robot fell silent
//!      > tag interested
//! 20   silence                 # nothing happens up to this time
//!      > no-input
//! ```
//! A time line is seconds since the call began, or `+` seconds since the robot fell silent. Lines end by themselves after a
//! nominal time; `said` ends one at a time of the author's choosing. Expectations are met in order among the effects from the
//! previous time line to the next.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::expect::Expected;
use super::{Rehearsal, agent};
use crate::dialogue::effect::Effect;
use crate::dialogue::event::Event;
use crate::dialogue::plan::{Dialplan, Lead};
use crate::terms::Ms;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A scripted conversation.
#[derive(Clone, Debug)]
pub struct CallFile {
    /// The dialplan's name or file, as written.
    pub dialplan: String,
    pub lead: Lead,
    file: String,
    moments: Vec<Moment>,
}

/// What is wrong with a `.call` file, or what went otherwise than it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct CallFileError {
    pub file: String,
    pub line: u32,
    pub message: String,
}

#[derive(Clone, Debug)]
struct Moment {
    line: u32,
    at: At,
    input: Input,
    expected: Vec<(u32, Expected)>,
}

#[derive(Copy, Clone, Debug)]
enum At {
    /// Since the call began, ms.
    Time(u64),
    /// Since the robot fell silent, ms.
    AfterSpeech(u64),
}

#[derive(Clone, Debug)]
enum Input {
    Silence,
    Said,
    SpeechStart,
    Heard(String),
    Event(Event),
}

impl CallFile {
    /// # Errors
    /// The first line that is not understood.
    pub fn parse(text: &str, file: &str) -> Result<CallFile, CallFileError> {
        let fail = |line: usize, message: String| CallFileError {
            file: file.to_string(),
            line: line as u32 + 1,
            message,
        };
        let mut call = CallFile {
            dialplan: String::new(),
            lead: Lead {
                vars: BTreeMap::new(),
                phone: String::new(),
                contact: std::collections::BTreeSet::new(),
                now_local: jiff::civil::date(2026, 11, 21).at(10, 0, 0, 0),
            },
            file: file.to_string(),
            moments: Vec::new(),
        };
        for (n, raw) in text.lines().enumerate() {
            let words = words(raw).map_err(|e| fail(n, e))?;
            let Some(first) = words.first() else { continue };
            match first.as_str() {
                "dialplan" | "lead" => call.head(&words).map_err(|e| fail(n, e))?,
                ">" => {
                    let expected = Expected::parse(&words[1..]).map_err(|e| fail(n, e))?;
                    let Some(m) = call.moments.last_mut() else {
                        return Err(fail(n, "an expectation before the first time line".into()));
                    };
                    m.expected.push((n as u32 + 1, expected));
                }
                time => {
                    let at = time_of(time).map_err(|e| fail(n, e))?;
                    let input = input(&words[1..]).map_err(|e| fail(n, e))?;
                    call.moments.push(Moment {
                        line: n as u32 + 1,
                        at,
                        input,
                        expected: Vec::new(),
                    });
                }
            }
        }
        if call.dialplan.is_empty() {
            return Err(fail(
                0,
                "the first line must name the dialplan: `dialplan NAME  lead name=Li`".into(),
            ));
        }
        Ok(call)
    }

    fn head(&mut self, words: &[String]) -> Result<(), String> {
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "dialplan" => {
                    self.dialplan = words.next().cloned().ok_or("`dialplan` without a name")?;
                }
                "lead" => {}
                pair => {
                    let (key, value) = pair
                        .split_once('=')
                        .ok_or_else(|| format!("{pair:?} is not understood: write name=value"))?;
                    if key == "now" {
                        self.lead.now_local = value.parse().map_err(|_| {
                            format!("now={value} is not a time like 2026-11-21T10:00")
                        })?;
                    } else {
                        self.lead.vars.insert(key.to_string(), value.to_string());
                    }
                }
            }
        }
        Ok(())
    }

    /// Plays the conversation; gives every effect, in order.
    ///
    /// # Errors
    /// The first expectation that was not met, with what happened instead.
    pub fn run(&self, plan: Arc<Dialplan>) -> Result<Vec<Effect>, CallFileError> {
        let mut talk = Rehearsal::new(plan, self.lead.clone());
        let mut out: Vec<Effect> = Vec::new();
        // For each moment: the first effect that may belong to it.
        let mut begins = Vec::new();
        // And where its event came: there the moment before it ends.
        let mut events = Vec::new();
        for m in &self.moments {
            begins.push(out.len());
            self.go_to(m, &mut talk, &mut out)?;
            events.push(out.len());
            match &m.input {
                Input::Silence => {}
                Input::Said => talk.end_line(&mut out),
                Input::SpeechStart => talk.speech_start(&mut out),
                Input::Heard(text) => talk.words(text, &mut out),
                Input::Event(event) => talk.give(event.clone(), &mut out),
            }
        }
        talk.finish(&mut out);
        events.push(out.len());
        let mut next = 0;
        for (i, m) in self.moments.iter().enumerate() {
            let end = events[i + 1];
            next = next.max(begins[i]);
            for (line, expected) in &m.expected {
                next = expected
                    .meet(&out, next, end, begins[i])
                    .map_err(|message| CallFileError {
                        file: self.file.clone(),
                        line: *line,
                        message,
                    })?;
            }
        }
        Ok(out)
    }

    fn go_to(
        &self,
        m: &Moment,
        talk: &mut Rehearsal,
        out: &mut Vec<Effect>,
    ) -> Result<(), CallFileError> {
        let at = match m.at {
            At::Time(ms) => Ms(ms),
            At::AfterSpeech(ms) => {
                talk.quiet(out);
                talk.now().after(ms)
            }
        };
        if at < talk.now() {
            return Err(CallFileError {
                file: self.file.clone(),
                line: m.line,
                message: format!("time goes backwards: it is {} already", talk.now()),
            });
        }
        if matches!(m.input, Input::Said) {
            talk.advance(at);
        } else {
            talk.pass(at, out);
        }
        Ok(())
    }
}

/// Words of a line; "…" and “…” hold several together, `#` begins a comment.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut any = false;
    for c in line.chars() {
        match c {
            '"' | '“' | '”' => {
                quoted = !quoted;
                any = true;
            }
            '#' if !quoted && word.is_empty() => break,
            c if c.is_whitespace() && !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => word.push(c),
        }
    }
    if quoted {
        return Err("a quote is not closed".into());
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

fn time_of(word: &str) -> Result<At, String> {
    let (number, after) = match word.strip_prefix('+') {
        Some(rest) => (rest, true),
        None => (word, false),
    };
    let seconds: f64 = number
        .parse()
        .map_err(|_| format!("{word:?} is neither a time, `>`, `dialplan` nor `lead`"))?;
    if !(0.0..=86_400.0).contains(&seconds) {
        return Err(format!("{word:?} is not a time within a day"));
    }
    let ms = (seconds * 1000.0).round() as u64;
    Ok(if after {
        At::AfterSpeech(ms)
    } else {
        At::Time(ms)
    })
}

fn input(words: &[String]) -> Result<Input, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(match words[..] {
        ["answered"] => Input::Event(Event::Answered),
        ["heard", text] => Input::Heard(text.to_string()),
        ["said"] => Input::Said,
        ["speech-start"] => Input::SpeechStart,
        ["silence"] => Input::Silence,
        ["not-understood"] => Input::Event(Event::NotUnderstood),
        ["false-interruption"] => Input::Event(Event::FalseInterruption),
        ["hangup"] => Input::Event(Event::HungUp),
        ["key", key] if key.chars().count() == 1 => {
            Input::Event(Event::Key(key.chars().next().unwrap_or('0')))
        }
        ["agent", news] => Input::Event(Event::Agent(agent(news)?)),
        _ => {
            return Err(format!(
                "{:?} is not understood: answered, heard \"…\", said, speech-start, silence, not-understood, \
                 false-interruption, key 1, agent ringing|joined|nobody|left, or hangup",
                words.join(" ")
            ));
        }
    })
}
