//! Calls that an agent took over: what was said in them, and whether they went well.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::{CallEvent, Disposition, Grade, Happening};

/// Who said what after an agent took over: true is the agent. Agents' words are in the journal only where they are recognised.
#[must_use]
pub fn taken_over(events: &[CallEvent]) -> Vec<(bool, String)> {
    let from = events
        .iter()
        .position(|e| matches!(e.what, Happening::Bridged { .. }))
        .unwrap_or(events.len());
    events[from..]
        .iter()
        .filter_map(|e| match &e.what {
            Happening::Heard { text, .. } => Some((false, text.clone())),
            Happening::AgentSaid { text, .. } => Some((true, text.clone())),
            _ => None,
        })
        .collect()
}

/// The callee stayed with the agent and was not lost: worth learning from.
#[must_use]
pub fn ended_well(events: &[CallEvent]) -> bool {
    let mut grade = None;
    let mut disposition = None;
    for event in events {
        match &event.what {
            Happening::OptOut { .. } => return false,
            Happening::Graded { grade: g, .. } => grade = Some(*g),
            Happening::Ended { disposition: d, .. } => disposition = Some(*d),
            _ => {}
        }
    }
    let lost = matches!(grade, Some(Grade::E | Grade::F));
    let kept = matches!(
        disposition,
        Some(Disposition::Transferred | Disposition::Completed | Disposition::Callback)
    );
    kept && !lost
}
