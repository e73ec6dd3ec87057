//! What a call's events add up to while it lives: tags, slots, agent, callback. The attempt's row gets it at the end.

use crate::store::recap::Recap;
use crate::terms::{CallEvent, CallId, Happening};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Of one call.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub recap: Recap,
    /// The words that asked to be called back.
    pub callback_evidence: Option<String>,
}

/// Of all live calls.
#[derive(Debug, Default)]
pub struct Tallies(Mutex<BTreeMap<CallId, Tally>>);

impl Tallies {
    pub fn count(&self, event: &CallEvent) {
        let Ok(mut all) = self.0.lock() else { return };
        let tally = all.entry(event.call.clone()).or_default();
        tally.recap.add(event);
        if let Happening::Callback { evidence, .. } = &event.what {
            tally.callback_evidence = Some(evidence.clone());
        }
    }

    /// The call is over: what it added up to.
    #[must_use]
    pub fn take(&self, call: &CallId) -> Tally {
        self.0
            .lock()
            .ok()
            .and_then(|mut all| all.remove(call))
            .unwrap_or_default()
    }
}
