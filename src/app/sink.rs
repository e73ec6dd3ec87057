//! Where a call's events go: the journal, the tally, the terminal, the desk. None of them may block the call.

use super::live::Live;
use super::tally::Tallies;
use crate::call::kit::{OptOutBook, Sink};
use crate::desk::board::Board;
use crate::store::{Journal, Store};
use crate::terms::{CallEvent, CallId, Clock, Phone};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Who follows the calls.
pub struct Readers {
    pub journal: Journal,
    pub tallies: Arc<Tallies>,
    pub live: Option<Arc<Live>>,
    pub board: Board,
    pub clock: Clock,
    /// The desk, the console and whoever else subscribes.
    pub events: broadcast::Sender<CallEvent>,
}

/// One sink for all of them.
#[must_use]
pub fn sink(to: Readers) -> Sink {
    Arc::new(move |event: &CallEvent| {
        to.journal.write(event.clone());
        to.tallies.count(event);
        if let Some(live) = &to.live {
            live.show(event);
        }
        to.board.on(event, to.clock.unix_ms());
        // Nobody may be subscribed.
        let _ = to.events.send(event.clone());
    })
}

/// For calls that are only tried: those who look on see them, nothing is kept.
#[must_use]
pub fn board_only(board: Board, clock: Clock) -> Sink {
    Arc::new(move |event: &CallEvent| board.on(event, clock.unix_ms()))
}

/// Who only tries a dialplan is put on no list.
pub struct NoOptOuts;

impl OptOutBook for NoOptOuts {
    fn opt_out(
        &self,
        _: &CallId,
        _: &Phone,
        _: &str,
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The store as the book of opt-outs.
pub struct StoredOptOuts(pub Store);

impl OptOutBook for StoredOptOuts {
    fn opt_out(
        &self,
        call: &CallId,
        phone: &Phone,
        evidence: &str,
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> {
        let (store, phone, evidence) = (self.0.clone(), phone.clone(), evidence.to_string());
        let source = format!("callee, call {call}");
        Box::pin(async move {
            store
                .opt_out(&phone, &evidence, &source)
                .await
                .map_err(|e| e.to_string())
        })
    }
}
