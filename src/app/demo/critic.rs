//! What a disposition alone does not show, held against the script.

use super::carrier;
use super::cast::Part;
use crate::audio::{level, wav};
use crate::store::{CallRecord, Store};
use crate::terms::{Disposition, Happening};
use std::path::Path;

/// The opt-out on the list in time, the interruption that stopped the robot, the
/// 嗯 that did not, the agent and the callee hearing each other.
pub async fn complain(
    part: &Part,
    record: Option<&CallRecord>,
    data: &Path,
    store: &Store,
    complaints: &mut Vec<String>,
) {
    let Some(record) = record else { return };
    let stopped = record.events.iter().any(|e| {
        matches!(
            e.what,
            Happening::Said {
                interrupted: true,
                ..
            }
        )
    });
    if part.name.ends_with("interrupts") && !stopped {
        complaints.push("the robot did not stop".into());
    }
    if part.name.ends_with("backchannel") && stopped {
        complaints.push("a back-channel stopped the robot".into());
    }
    if part.expected == Disposition::OptOut
        && !store.is_dnc(&record.attempt.phone).await.unwrap_or(false)
    {
        complaints.push("not on the do-not-call list".into());
    }
    if part.expected == Disposition::Callback
        && !record
            .events
            .iter()
            .any(|e| matches!(e.what, Happening::Callback { .. }))
    {
        complaints.push("no callback was kept".into());
    }
    if part.bridged {
        complain_of_bridge(data, part, complaints);
    }
}

/// Callee and agent must have heard each other: what each recorded holds the other's voice after the bridge.
fn complain_of_bridge(data: &Path, part: &Part, complaints: &mut Vec<String>) {
    for (who, path) in [
        ("the callee", carrier::callee_recording(data, part)),
        ("the agent", carrier::agent_recording(data, part.lang)),
    ] {
        match wav::read(&path) {
            Ok(sound) if level::active_rms(&sound) > -40.0 => {}
            Ok(_) => complaints.push(format!("{who} heard nobody")),
            Err(e) => complaints.push(e.to_string()),
        }
    }
}
