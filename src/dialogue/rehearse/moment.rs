//! One thing a callee does, and when: what `.call` files hold, recordings write and the simulated callee makes up.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Rehearsal, agent};
use crate::dialogue::effect::Effect;
use crate::dialogue::event::{AgentNews, Event};
use crate::terms::Ms;
use std::fmt::Write as _;

/// When something happens.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// Since the call began, ms.
    Time(u64),
    /// Since the robot fell silent, ms.
    AfterSpeech(u64),
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Nothing: time passes.
    Silence,
    /// The line that is being spoken ends.
    Said,
    SpeechStart,
    Heard(String),
    Event(Event),
}

impl Rehearsal {
    /// Lets time pass to `at` and does this.
    ///
    /// # Errors
    /// The time lies before the conversation's.
    pub fn does(&mut self, at: At, input: &Input, out: &mut Vec<Effect>) -> Result<(), String> {
        self.go_to(at, input, out)?;
        self.act(input, out);
        Ok(())
    }

    pub(super) fn go_to(
        &mut self,
        at: At,
        input: &Input,
        out: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let at = match at {
            At::Time(ms) => Ms(ms),
            At::AfterSpeech(ms) => {
                self.quiet(out);
                self.now().after(ms)
            }
        };
        if at < self.now() {
            return Err(format!("time goes backwards: it is {} already", self.now()));
        }
        if matches!(input, Input::Said) && !self.by_hand {
            self.advance(at);
        } else {
            self.pass(at, out);
        }
        Ok(())
    }

    pub(super) fn act(&mut self, input: &Input, out: &mut Vec<Effect>) {
        match input {
            Input::Silence => {}
            Input::Said => self.end_line(out),
            Input::SpeechStart => self.speech_start(out),
            Input::Heard(text) => self.words(text, out),
            Input::Event(event) => {
                let mut event = event.clone();
                // A script answers the question that is open.
                if let Event::LookedUp { id, .. } | Event::ModelSaid { id, .. } = &mut event {
                    *id = self.asked;
                }
                self.give(event, out);
            }
        }
    }
}

/// A time as a `.call` file writes it.
#[must_use]
pub fn time(at: At) -> String {
    let (plus, ms) = match at {
        At::Time(ms) => ("", ms),
        At::AfterSpeech(ms) => ("+", ms),
    };
    let mut text = format!("{plus}{}", ms / 1000);
    if !ms.is_multiple_of(1000) {
        let _ = write!(text, ".{:03}", ms % 1000);
        text.truncate(text.trim_end_matches('0').len());
    }
    text
}

/// Reads a time.
pub(super) fn time_of(word: &str) -> Result<At, String> {
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

/// An input as a `.call` file writes it.
#[must_use]
pub fn written(input: &Input) -> String {
    match input {
        Input::Silence => "silence".into(),
        Input::Said => "said".into(),
        Input::SpeechStart => "speech-start".into(),
        Input::Heard(text) => format!("heard {}", quoted(text)),
        Input::Event(Event::Answered) => "answered".into(),
        Input::Event(Event::NotUnderstood) => "not-understood".into(),
        Input::Event(Event::FalseInterruption) => "false-interruption".into(),
        Input::Event(Event::HungUp) => "hangup".into(),
        Input::Event(Event::Key(key)) => format!("key {key}"),
        Input::Event(Event::Agent(news)) => format!(
            "agent {}",
            match news {
                AgentNews::Ringing => "ringing",
                AgentNews::Joined => "joined",
                AgentNews::Nobody => "nobody",
                AgentNews::Left => "left",
                AgentNews::Closed => "closed",
                AgentNews::Lost => "lost",
            }
        ),
        Input::Event(Event::LookedUp { result, .. }) => match result {
            Ok(values) => {
                let pair = |(n, v): (&String, &String)| quoted(&format!("{n}={v}"));
                let pairs: Vec<String> = values.iter().map(pair).collect();
                format!("looked-up {}", pairs.join(" "))
            }
            Err(why) => format!("lookup-failed {}", quoted(why)),
        },
        Input::Event(Event::ModelSaid { result, .. }) => match result {
            Ok(text) => format!("model-said {}", quoted(text)),
            Err(why) => format!("model-failed {}", quoted(why)),
        },
        Input::Event(other) => format!("# {other:?}"),
    }
}

/// Words in the quotes of a `.call` file; quotes inside become single ones.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '"' | '“' | '”' => '\'',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    format!("\"{plain}\"")
}

pub(super) fn input(words: &[String]) -> Result<Input, String> {
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
        ["looked-up", ref pairs @ ..] => {
            let pair = |p: &&str| {
                let (name, value) = p.split_once('=').ok_or_else(|| {
                    format!("{p:?} is not understood: write looked-up name=value")
                })?;
                Ok((name.to_string(), value.to_string()))
            };
            let values = pairs.iter().map(pair).collect::<Result<_, String>>()?;
            looked_up(Ok(values))
        }
        ["lookup-failed", ref why @ ..] => looked_up(Err(why.join(" "))),
        ["model-said", text] => model_said(Ok(text.to_string())),
        ["model-failed", ref why @ ..] => model_said(Err(why.join(" "))),
        _ => {
            return Err(format!(
                "{:?} is not understood: answered, heard \"…\", said, speech-start, silence, not-understood, \
                 false-interruption, key 1, agent ringing|joined|nobody|left, looked-up name=value …, lookup-failed \"why\", model-said \"…\", \
                 model-failed, or hangup",
                words.join(" ")
            ));
        }
    })
}

fn looked_up(result: Result<std::collections::BTreeMap<String, String>, String>) -> Input {
    Input::Event(Event::LookedUp { id: 0, result })
}

fn model_said(result: Result<String, String>) -> Input {
    Input::Event(Event::ModelSaid { id: 0, result })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_it_is_read() {
        for text in ["0", "1.5", "+0.05", "+12", "86399.999"] {
            assert_eq!(time(time_of(text).unwrap()), text);
        }
        assert!(time_of("-1").is_err() && time_of("soon").is_err());
    }

    #[test]
    fn quotes_in_words_cannot_end_the_words() {
        assert_eq!(quoted("他说\"好\"\n“行”"), "\"他说'好' '行'\"");
    }
}
