//! What humans did to a call, as lines of its transcript.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Who;
use crate::terms::Happening;

/// Who the line belongs to and what it says; `None` for what no transcript shows.
pub(super) fn line(what: &Happening) -> Option<(Who, String)> {
    Some(match what {
        Happening::AgentDeclined { agent } => {
            (Who::Agent, format!("({agent} does not want the call)"))
        }
        Happening::OfferLost { agent, to } => (Who::Agent, format!("({to} was before {agent})")),
        Happening::NobodyCame { why, after_hours } => {
            let hours = if *after_hours { ", after hours" } else { "" };
            (Who::Line, format!("nobody came: {why}{hours}"))
        }
        Happening::LineLost { who, .. } => (Who::Agent, format!("({who}'s line is lost)")),
        Happening::LineBack { who, .. } => (Who::Agent, format!("({who} is back)")),
        Happening::Resumed { why } => (Who::Robot, format!("(talks again: {why})")),
        Happening::Watching { name, mode, .. } => (Who::Line, format!("{name} joins: {mode}")),
        Happening::WatchEnded { name, why, .. } => (Who::Line, format!("{name} is out: {why}")),
        Happening::HandedBack { by, to, step } => {
            let to = to.as_deref().unwrap_or("the robot");
            let step = step.as_ref().map(|s| format!(" at {s}"));
            let step = step.unwrap_or_default();
            (Who::Agent, format!("({by} hands back to {to}{step})"))
        }
        Happening::Steered { by, say, step } => {
            let what = match (say, step) {
                (Some(say), _) => format!("has the robot say “{say}”"),
                (None, Some(step)) => format!("sends the robot to {step}"),
                (None, None) => "steers the robot".into(),
            };
            (Who::Line, format!("{by} {what}"))
        }
        Happening::HangupOrdered { by, reason } => (Who::Line, format!("{by} hangs up: {reason}")),
        Happening::CardEdited { by, fields } => (
            Who::Line,
            format!("{by} edits the card: {}", fields.join(", ")),
        ),
        _ => return None,
    })
}
