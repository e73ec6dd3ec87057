//! The live view: one terminal line for each thing that people care about, calls interleaved, each in its own colour.

use crate::terms::{CallEvent, CallId, Happening};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use unicode_width::UnicodeWidthStr;

/// Colours that read on dark and light terminals.
const COLOURS: [u8; 6] = [36, 33, 35, 32, 34, 31];
const LABEL_WIDTH: usize = 14;

/// Prints call events as they come.
pub struct Live {
    labels: Mutex<BTreeMap<CallId, (String, u8)>>,
    colour: bool,
}

impl Default for Live {
    fn default() -> Self {
        Live {
            labels: Mutex::default(),
            colour: std::io::stdout().is_terminal(),
        }
    }
}

impl Live {
    /// The name under which a call is shown: the lead's, never the number.
    pub fn label(&self, call: &CallId, name: &str) {
        if let Ok(mut labels) = self.labels.lock() {
            let colour = COLOURS[labels.len() % COLOURS.len()];
            labels.insert(call.clone(), (name.to_string(), colour));
        }
    }

    pub fn show(&self, event: &CallEvent) {
        let Some(text) = words(&event.what) else {
            return;
        };
        let (name, colour) = self
            .labels
            .lock()
            .ok()
            .and_then(|labels| labels.get(&event.call).cloned())
            .unwrap_or_else(|| (event.call.0.clone(), 37));
        let pad = " ".repeat(LABEL_WIDTH.saturating_sub(name.width()));
        let line = if self.colour {
            format!(
                "{:>6.1}s \x1b[{colour}m{name}{pad}\x1b[0m {text}",
                event.at.0 as f64 / 1000.0
            )
        } else {
            format!("{:>6.1}s {name}{pad} {text}", event.at.0 as f64 / 1000.0)
        };
        // A closed terminal must not end the calls.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

fn words(what: &Happening) -> Option<String> {
    Some(match what {
        Happening::Dialing { trunk, .. } => format!("· dialing through {trunk}"),
        Happening::Ringing { code } => format!("· ringing ({code})"),
        Happening::EarlyMedia => "· early media".into(),
        Happening::LineStatus { words, status } => format!("· line says “{words}” → {status}"),
        Happening::Answered => "· answered".into(),
        Happening::Saying { text, .. } => format!("robot   {text}"),
        Happening::Said {
            spoken_ms,
            interrupted: true,
        } => {
            format!(
                "        ✂ interrupted after {:.1} s",
                *spoken_ms as f64 / 1000.0
            )
        }
        Happening::Partial { text } => format!("  …     {text}"),
        Happening::Heard {
            text, confidence, ..
        } => format!("callee  {text}  ({:.0} %)", confidence * 100.0),
        Happening::BackChannel { text } => format!("callee  {text}  (goes on listening)"),
        Happening::NotUnderstood { why } => format!("callee  ??  ({why})"),
        Happening::Key { digit } => format!("callee  presses {digit}"),
        Happening::Intent {
            intent,
            score,
            evidence,
        } => format!("        → {intent} {score:.2} “{evidence}”"),
        Happening::Tag { tag, evidence, .. } => format!("        # {tag}  “{evidence}”"),
        Happening::Slot {
            name,
            value,
            evidence,
        } => format!("        = {name}: {value}  “{evidence}”"),
        Happening::Graded { grade, reasons, by } => {
            let by = by.as_ref().map(|by| format!("  (set by {by})"));
            let by = by.unwrap_or_default();
            format!("        ★ grade {grade}  {}{by}", reasons.join("; "))
        }
        Happening::NoInput { count } => format!("        silence ({count})"),
        Happening::NoMatch { count } => format!("        fits nothing ({count})"),
        Happening::OptOut { .. } => "        ✋ never again: on the do-not-call list".into(),
        Happening::Callback { at, evidence } => {
            format!(
                "        ↺ call back {}  “{evidence}”",
                at.as_deref().unwrap_or("later")
            )
        }
        Happening::Card { field, value } => format!("        ▤ {field}: {value}"),
        Happening::ContactTag { tag, forget } => {
            format!(
                "        {} {tag} (contact)",
                if *forget { "−" } else { "+" }
            )
        }
        Happening::FollowUp {
            at,
            campaign,
            reason,
        } => {
            let campaign = campaign.as_ref().map(|c| format!(" in {c}"));
            format!(
                "        ↺ follow-up {at}{}: {reason}",
                campaign.unwrap_or_default()
            )
        }
        Happening::Language { lang } => format!("        speaks {lang} from here on"),
        Happening::Lookup { ok: true, .. } => "        looked up".into(),
        Happening::Lookup { why, .. } => {
            format!(
                "        lookup failed: {}",
                why.as_deref().unwrap_or("no reason given")
            )
        }
        Happening::AgentWanted { reason, .. } => format!("agent   wanted: {reason}"),
        Happening::AgentRinging { agent } => format!("agent   {agent} rings"),
        Happening::AgentAnswered { agent } => format!("agent   {agent} picked up"),
        Happening::AgentGone { agent, why } => format!("agent   {agent} {why}"),
        Happening::Bridged { agent } => {
            format!("agent   {agent} and the callee talk; the robot is silent")
        }
        Happening::AgentDeclined { agent } => format!("agent   {agent} does not want it"),
        Happening::OfferLost { agent, to } => format!("agent   {to} was first, not {agent}"),
        Happening::NobodyCame { why, after_hours } => {
            let hours = if *after_hours { " (after hours)" } else { "" };
            format!("agent   nobody came: {why}{hours}")
        }
        Happening::AgentSaid { agent, text, .. } => format!("{agent:<7} {text}"),
        Happening::LineLost { who, .. } => format!("! {who}'s line is lost"),
        Happening::LineBack { who, .. } => format!("agent   {who} is back"),
        Happening::Resumed { why } => format!("robot   talks again: {why}"),
        Happening::Watching { name, mode, .. } => format!("· {name} joins ({mode})"),
        Happening::WatchEnded { name, why, .. } => format!("· {name} is out: {why}"),
        Happening::TakenOver { by, .. } => format!("agent   {by} takes over; the robot is silent"),
        Happening::HandedBack { by, to, step } => {
            let step = step
                .as_ref()
                .map(|s| format!(" at {s}"))
                .unwrap_or_default();
            format!(
                "agent   {by} hands back to {}{step}",
                to.as_deref().unwrap_or("the robot")
            )
        }
        Happening::Steered { by, say, step } => match (say, step) {
            (Some(text), _) => format!("· {by} has the robot say: {text}"),
            (None, step) => format!(
                "· {by} sends the robot to {}",
                step.as_deref().unwrap_or("another step")
            ),
        },
        Happening::HangupOrdered { by, reason } => format!("· {by} hangs up: {reason}"),
        Happening::CardEdited { by, fields } => format!("▤ {by} edits {}", fields.join(", ")),
        Happening::Held { held } => {
            format!("· {}", if *held { "on hold" } else { "back from hold" })
        }
        Happening::Degraded { what } => format!("! {what}"),
        Happening::Ended {
            disposition,
            talk_ms,
            ..
        } => {
            format!(
                "■ {disposition} {}  {:.1} s",
                disposition.zh(),
                *talk_ms as f64 / 1000.0
            )
        }
        Happening::Step { .. }
        | Happening::Said { .. }
        | Happening::SpeechStarted
        | Happening::TurnLatency { .. }
        | Happening::AgentPartial { .. }
        | Happening::LegEnded { .. } => return None,
    })
}
