//! A desk of phones only: agents of a file, no pages. `callsmith dial` runs it.

use super::agent::Agent;
use super::board::Board;
use super::member::Member;
use super::service::{Desk, DeskSettings};
use crate::call::registry::Registry;
use crate::terms::{CallEvent, Clock};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// Runs until the event stream closes.
pub async fn run(agents: Vec<Agent>, events: broadcast::Receiver<CallEvent>, registry: Registry) {
    let desk = Desk::new(
        DeskSettings {
            agents: agents.into_iter().map(Member::from).collect(),
            ..DeskSettings::default()
        },
        registry,
        Board::default(),
        Clock::system(),
        None,
    );
    desk.run(events, CancellationToken::new()).await;
}
