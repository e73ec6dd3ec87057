//! One trunk as all campaigns share it: one pace, one count of channels, and who goes first when there are too few.

use super::pacing::{Event, Pacer, Wait};
use crate::store::CampaignId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A campaign that asked for a channel within this time still wants one, ms.
const STILL_WANTS_MS: i64 = 3000;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Lane(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    pacer: Pacer,
    /// Who was turned away, with its priority and when.
    waiting: BTreeMap<CampaignId, (u32, i64)>,
}

impl Lane {
    #[must_use]
    pub fn new(pacer: Pacer) -> Lane {
        Lane(Arc::new(Inner {
            state: Mutex::new(State {
                pacer,
                waiting: BTreeMap::new(),
            }),
            freed: Notify::new(),
        }))
    }

    /// Whether this campaign may start a call now; the one with the lower priority number goes first.
    ///
    /// # Errors
    /// What to wait for.
    pub fn may_start(&self, campaign: CampaignId, priority: u32, now: i64) -> Result<(), Wait> {
        let mut state = self.lock();
        let may = state.pacer.may_start(now).and_then(|()| {
            let more_urgent = state.waiting.iter().any(|(other, (theirs, asked))| {
                *other != campaign && *theirs < priority && now - asked < STILL_WANTS_MS
            });
            if more_urgent {
                Err(Wait::Channel)
            } else {
                Ok(())
            }
        });
        match may {
            Ok(()) => state.waiting.remove(&campaign),
            Err(_) => state.waiting.insert(campaign, (priority, now)),
        };
        may
    }

    /// Takes in what happened; whoever waits for a channel looks again.
    pub fn on(&self, now: i64, event: Event) {
        self.lock().pacer.on(now, event);
        if matches!(
            event,
            Event::Ended { .. } | Event::AgentLegEnded | Event::Resume
        ) {
            self.0.freed.notify_waiters();
        }
    }

    /// The campaign wants nothing more for now.
    pub fn leave(&self, campaign: CampaignId) {
        // Who wanted nothing held nobody up.
        if self.lock().waiting.remove(&campaign).is_some() {
            self.0.freed.notify_waiters();
        }
    }

    /// Done when a channel may have become free.
    pub async fn freed(&self) {
        self.0.freed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change leaves the counts whole; a poisoned lock says nothing about them.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::pacing::PacingRules;

    #[test]
    fn campaigns_share_the_channels_and_the_urgent_one_gets_the_next() {
        let lane = Lane::new(Pacer::new(PacingRules {
            channels: 1,
            reserve_percent: 0,
            ramp_step_ms: 0,
            cps: 1000.0,
            ..PacingRules::default()
        }));
        let (calm, urgent) = (CampaignId(1), CampaignId(2));
        assert_eq!(lane.may_start(calm, 5, 0), Ok(()));
        lane.on(0, Event::Started);
        assert_eq!(lane.may_start(calm, 5, 10), Err(Wait::Channel));
        assert_eq!(lane.may_start(urgent, 1, 20), Err(Wait::Channel));
        lane.on(30, Event::Ended { technical: false });
        assert_eq!(
            lane.may_start(calm, 5, 40),
            Err(Wait::Channel),
            "the urgent one waits too"
        );
        assert_eq!(lane.may_start(urgent, 1, 50), Ok(()));
        lane.on(50, Event::Started);
        lane.on(60, Event::Ended { technical: false });
        assert_eq!(lane.may_start(calm, 5, 70), Ok(()), "nobody else waits now");
    }
}
