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

/// Callee and agent must have heard each other: what each recorded holds the other's voice after the bridge. Agents ring
/// side by side and the first has the call, so any of the agents' phones will do.
fn complain_of_bridge(data: &Path, part: &Part, complaints: &mut Vec<String>) {
    let heard = |path: &Path| wav::read(path).is_ok_and(|s| level::active_rms(&s) > -40.0);
    if !heard(&carrier::callee_recording(data, part)) {
        complaints.push("the callee heard nobody".into());
    }
    if !carrier::agent_recordings(data).iter().any(|p| heard(p)) {
        complaints.push("the agent heard nobody".into());
    }
}
