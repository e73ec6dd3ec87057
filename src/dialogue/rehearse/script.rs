//! Writes `.call` files.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::call_file::CallFile;
use super::mask;
use super::moment::{At, Input, quoted, time, written};
use crate::dialogue::effect::Effect;
use crate::dialogue::plan::{Dialplan, Lead};
use std::fmt::Write as _;
use std::sync::Arc;

/// A `.call` file under way.
#[derive(Clone, Debug)]
pub struct Script {
    lines: Vec<String>,
}

impl Script {
    /// `by_hand`: lines end only by `said`.
    #[must_use]
    pub fn new(comments: &[String], dialplan: &str, lead: &Lead, by_hand: bool) -> Script {
        let mut lines: Vec<String> = comments
            .iter()
            .flat_map(|c| c.lines())
            .map(|c| format!("# {c}"))
            .collect();
        let mut head = format!("dialplan {}   lead", word(dialplan));
        for (name, value) in &lead.vars {
            let value = mask::numbers(value);
            // A column's name may be any text; only plain ones can be written as name=value.
            if !name.contains(['=', '"', '“', '”', '#']) && !name.contains(char::is_whitespace)
            {
                let _ = write!(head, " {name}={}", word(&value));
            }
        }
        let _ = write!(head, " now={}", lead.now_local.strftime("%Y-%m-%dT%H:%M"));
        if by_hand {
            head.push_str(" lines=said");
        }
        lines.push(head);
        if !lead.contact.is_empty() {
            let tags: Vec<String> = lead.contact.iter().map(|t| word(t)).collect();
            lines.push(format!("contact {}", tags.join(" ")));
        }
        Script { lines }
    }

    pub fn moment(&mut self, at: At, input: &Input) {
        self.lines
            .push(format!("{:<6} {}", time(at), written(input)));
    }

    pub fn expect(&mut self, expected: &str) {
        self.lines.push(format!("       > {expected}"));
    }

    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }

    /// Plays itself on `plan` and makes comments of the expectations that are not met; gives those.
    pub fn settle(&mut self, plan: &Arc<Dialplan>) -> Vec<String> {
        let mut otherwise = Vec::new();
        // Every round takes at least one expectation away.
        for _ in 0..=self.lines.len() {
            let Ok(call) = CallFile::parse(&self.text(), "recorded") else {
                return otherwise;
            };
            let played = call.play(Arc::clone(plan));
            if played.failures.is_empty() {
                return otherwise;
            }
            for failure in &played.failures {
                let at = (failure.line as usize).saturating_sub(1);
                let Some(line) = self.lines.get_mut(at) else {
                    return otherwise;
                };
                if failure.expected.is_none() {
                    otherwise.push(format!("{}: {}", line.trim(), failure.message));
                    *line = format!("# {} (does not go so here)", line.trim());
                    continue;
                }
                otherwise.push(line.trim().trim_start_matches("> ").to_string());
                *line = format!("       # in the call: {}", line.trim());
            }
        }
        otherwise
    }
}

/// Quoted where it must be.
fn word(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && !text.contains(['"', '“', '”', '#', '>']);
    if plain {
        text.to_string()
    } else {
        quoted(text)
    }
}

/// An effect as an expectation; nothing for what a script does not expect by itself.
#[must_use]
pub fn expectation(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Enter { step } => format!("step {step}"),
        Effect::Intent { intent, .. } => format!("intent {intent}"),
        Effect::Tag { tag, .. } => format!("tag {tag}"),
        Effect::Slot { name, value, .. } => slot(name, value),
        Effect::Graded { grade, .. } => format!("grade {grade}"),
        Effect::NoInput { .. } => "no-input".into(),
        Effect::NoMatch { .. } => "no-match".into(),
        Effect::OptOut { .. } => "opt-out".into(),
        Effect::Callback { at, .. } => callback(at.as_deref()),
        Effect::WantAgent { .. } => "want-agent".into(),
        Effect::Lookup { .. } => "lookup".into(),
        Effect::AskModel { .. } => "ask-model".into(),
        Effect::Remember { tag, forget: false } => format!("remember {tag}"),
        Effect::Remember { tag, forget: true } => format!("forget {tag}"),
        Effect::Language(lang) => format!("language {lang}"),
        Effect::Hangup {
            disposition,
            result,
        } => hangup(disposition.code(), result.as_deref()),
        _ => return None,
    })
}

/// A slot, without its value where that is a number that must not be kept.
pub(super) fn slot(name: &str, value: &str) -> String {
    let plain = !value.contains(['"', '“', '”']) && !value.contains(char::is_control);
    match plain && !mask::has_number(value) {
        true if value.contains(char::is_whitespace) => format!("slot \"{name}={value}\""),
        true => format!("slot {name}={value}"),
        false => format!("slot {name}"),
    }
}

pub(super) fn callback(at: Option<&str>) -> String {
    at.map_or_else(|| "callback".into(), |at| format!("callback {at}"))
}

pub(super) fn hangup(disposition: &str, result: Option<&str>) -> String {
    match result.filter(|r| !r.contains(char::is_whitespace)) {
        Some(result) => format!("hangup {disposition}:{result}"),
        None => format!("hangup {disposition}"),
    }
}
