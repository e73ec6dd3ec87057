//! What happened in one live call, for those who begin to watch in the middle.

use crate::terms::{CallEvent, Happening};
use std::sync::Arc;
use tokio::sync::broadcast;

/// Events that may wait for one watcher.
const BACKLOG: usize = 512;
/// Events that are kept of one call; of a longer one the rest is in the journal only.
const KEPT: usize = 5000;

/// One event with its place in the call.
#[derive(Clone, Debug)]
pub struct Told {
    pub seq: u64,
    pub event: Arc<CallEvent>,
}

#[derive(Debug)]
pub struct History {
    /// Without words that may still change.
    pub so_far: Vec<Told>,
    pub live: broadcast::Sender<Told>,
    next: u64,
}

impl Default for History {
    fn default() -> Self {
        History {
            so_far: Vec::new(),
            live: broadcast::channel(BACKLOG).0,
            next: 1,
        }
    }
}

impl History {
    pub fn push(&mut self, event: &CallEvent) {
        let told = Told {
            seq: self.next,
            event: Arc::new(event.clone()),
        };
        self.next += 1;
        // Nobody may be watching.
        let _ = self.live.send(told.clone());
        if !matches!(event.what, Happening::Partial { .. }) && self.so_far.len() < KEPT {
            self.so_far.push(told);
        }
    }
}
