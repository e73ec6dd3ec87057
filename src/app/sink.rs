//! Where a call's events go: the journal, the tally, the terminal, the desk. None of them may block the call.

use super::live::Live;
use super::tally::Tallies;
use crate::call::kit::{OptOutBook, Sink};
use crate::store::{Journal, Store};
use crate::terms::{CallEvent, CallId, Phone};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::broadcast;

/// One sink for all of them.
#[must_use]
pub fn sink(
    journal: Journal,
    tallies: Arc<Tallies>,
    live: Option<Arc<Live>>,
    desk: broadcast::Sender<CallEvent>,
) -> Sink {
    Arc::new(move |event: &CallEvent| {
        journal.write(event.clone());
        tallies.count(event);
        if let Some(live) = &live {
            live.show(event);
        }
        // Nobody listens when there are no agents.
        let _ = desk.send(event.clone());
    })
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
