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
//! `contact=has_child,vip` in the first line or `contact has_child vip` after the first line gives the contact tags of earlier calls; `looked-up status=sent`,
//! `lookup-failed`, `model-said "…"` and `model-failed` answer what the dialplan asked of other machines.
//! A time line is seconds since the call began, or `+` seconds since the robot fell silent. Lines end by themselves after a
//! nominal time; `said` ends one at a time of the author's choosing, and with `lines=said` in the first line only that ends
//! them (recorded calls). Expectations are met in order among the effects from the previous time line to the next.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::expect::Expected;
use super::moment::{At, Input, input, time_of};
use super::{Rehearsal, Told};
use crate::dialogue::effect::Effect;
use crate::dialogue::plan::{Dialplan, Lead};
use crate::dialogue::traits::Embedder;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A scripted conversation.
#[derive(Clone, Debug)]
pub struct CallFile {
    /// The dialplan's name or file, as written.
    pub dialplan: String,
    pub lead: Lead,
    file: String,
    by_hand: bool,
    moments: Vec<Moment>,
}

/// What is wrong with a `.call` file, or what went otherwise than it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct CallFileError {
    pub file: String,
    pub line: u32,
    pub message: String,
    /// The expectation that was not met; `None` when the file itself is wrong.
    pub expected: Option<String>,
    /// What happened instead, a line each.
    pub got: Vec<String>,
}

/// How a scripted conversation went.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// The first expectation of each moment that was not met; empty when all went as written.
    pub failures: Vec<CallFileError>,
    pub effects: Vec<Effect>,
    /// What the machine was told, for coverage.
    pub log: Vec<Told>,
}

#[derive(Clone, Debug)]
struct Moment {
    line: u32,
    at: At,
    input: Input,
    expected: Vec<(u32, Expected)>,
}

impl CallFile {
    /// # Errors
    /// The first line that is not understood.
    pub fn parse(text: &str, file: &str) -> Result<CallFile, CallFileError> {
        let fail = |line: usize, message: String| CallFileError {
            file: file.to_string(),
            line: line as u32 + 1,
            message,
            expected: None,
            got: Vec::new(),
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
            by_hand: false,
            moments: Vec::new(),
        };
        for (n, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let words = words(raw).map_err(|e| fail(n, e))?;
            let Some(first) = words.first() else { continue };
            match first.as_str() {
                "contact" => call.lead.contact.extend(words[1..].iter().cloned()),
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
                "lines=said" => self.by_hand = true,
                pair => {
                    let (key, value) = pair
                        .split_once('=')
                        .ok_or_else(|| format!("{pair:?} is not understood: write name=value"))?;
                    if key == "now" {
                        self.lead.now_local = value.parse().map_err(|_| {
                            format!("now={value} is not a time like 2026-11-21T10:00")
                        })?;
                    } else if key == "contact" {
                        let tags = value.split([',', '，']).map(str::trim);
                        let tags = tags.filter(|t| !t.is_empty()).map(str::to_string);
                        self.lead.contact.extend(tags);
                    } else {
                        if key == "phone" {
                            self.lead.phone = value.to_string();
                        }
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
        let played = self.play(plan);
        match played.failures.into_iter().next() {
            Some(failure) => Err(failure),
            None => Ok(played.effects),
        }
    }

    /// Plays the conversation to its end, whatever goes otherwise than written.
    #[must_use]
    pub fn play(&self, plan: Arc<Dialplan>) -> Played {
        self.play_with(plan, None)
    }

    /// The same, understanding by meaning too.
    #[must_use]
    pub fn play_with(&self, plan: Arc<Dialplan>, mind: Option<&Arc<dyn Embedder>>) -> Played {
        let mut talk = Rehearsal::new(plan, self.lead.clone()).with_mind(mind);
        talk.by_hand = self.by_hand;
        let mut out: Vec<Effect> = Vec::new();
        let mut failures = Vec::new();
        // For each moment: the first effect that may belong to it.
        let mut begins = Vec::new();
        // And where its event came: there the moment before it ends.
        let mut events = Vec::new();
        for m in &self.moments {
            begins.push(out.len());
            if let Err(message) = talk.go_to(m.at, &m.input, &mut out) {
                failures.push(self.failure(m.line, message, None, Vec::new()));
                break;
            }
            events.push(out.len());
            talk.act(&m.input, &mut out);
        }
        talk.finish(&mut out);
        events.resize(self.moments.len() + 1, out.len());
        begins.resize(self.moments.len(), out.len());
        let mut next = 0;
        for (i, m) in self.moments.iter().enumerate() {
            let end = events[i + 1];
            next = next.max(begins[i]);
            for (line, expected) in &m.expected {
                match expected.meet(&out, next, end, begins[i]) {
                    Ok(after) => next = after,
                    Err(missed) => {
                        let wanted = Some(expected.to_string());
                        failures.push(self.failure(*line, missed.message, wanted, missed.got));
                        break;
                    }
                }
            }
        }
        failures.sort_by_key(|f| f.line);
        Played {
            failures,
            effects: out,
            log: std::mem::take(&mut talk.log),
        }
    }

    fn failure(
        &self,
        line: u32,
        message: String,
        expected: Option<String>,
        got: Vec<String>,
    ) -> CallFileError {
        CallFileError {
            file: self.file.clone(),
            line,
            message,
            expected,
            got,
        }
    }
}

/// Words of a line; "…" and “…” hold several together, `#` begins a comment.
pub(super) fn words(line: &str) -> Result<Vec<String>, String> {
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
