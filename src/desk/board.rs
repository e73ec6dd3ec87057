//! The live calls as people see them: one card each, kept up by the calls' events. Agents' screens and the wall read it.

mod card;
mod history;

pub use card::{
    Alert, AlertKind, CallState, Card, CardAgent, CardLead, Entry, Last, Named, Staff, Voice,
    Watcher,
};
pub use history::Told;

use crate::store::TenantId;
use crate::terms::{CallEvent, CallId, Happening};
use history::History;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{broadcast, watch};

/// All live calls. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Board(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    /// The board's revision: grows with every change.
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    cards: BTreeMap<CallId, Live>,
    /// Calls that left lately, with the revision at which they did.
    gone: std::collections::VecDeque<(u64, TenantId, CallId)>,
    rev: u64,
    staff: Staff,
}

#[derive(Debug)]
struct Live {
    tenant: TenantId,
    card: Card,
    told: History,
    rehearsal: bool,
}

impl State {
    fn remove(&mut self, call: &CallId) -> bool {
        let Some(live) = self.cards.remove(call) else {
            return false;
        };
        self.rev += 1;
        self.gone.push_back((self.rev, live.tenant, call.clone()));
        if self.gone.len() > REMEMBERED {
            self.gone.pop_front();
        }
        true
    }
}

/// What changed for one tenant since a revision.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub rev: u64,
    pub cards: Vec<Card>,
    pub gone: Vec<CallId>,
    /// The reader was away longer than the board remembers: fetch all cards again.
    pub resync: bool,
}

/// So many departures are remembered for readers that are behind.
const REMEMBERED: usize = 10_000;

impl Default for Board {
    fn default() -> Self {
        Board(Arc::new(Inner {
            state: Mutex::default(),
            changed: watch::Sender::new(0),
        }))
    }
}

impl Board {
    /// A call begins.
    pub fn enter(&self, call: &CallId, entry: Entry) {
        let tenant = entry.tenant;
        self.change(|state| {
            state.rev += 1;
            let rehearsal = entry.rehearsal;
            let card = Card::new(call, entry, state.rev);
            let told = History::default();
            state.cards.insert(
                call.clone(),
                Live {
                    tenant,
                    card,
                    told,
                    rehearsal,
                },
            );
            true
        });
    }

    /// Something happened in a call.
    pub fn on(&self, event: &CallEvent, now_unix_ms: i64) {
        self.change(|state| {
            let rev = state.rev + 1;
            let Some(live) = state.cards.get_mut(&event.call) else {
                return false;
            };
            live.told.push(event);
            if matches!(event.what, Happening::Ended { .. }) {
                state.remove(&event.call);
                return true;
            }
            if !live.card.take(&event.what, now_unix_ms, &state.staff) {
                return false;
            }
            live.card.rev = rev;
            state.rev = rev;
            true
        });
    }

    /// The call is over, if it is not off the board already.
    pub fn leave(&self, call: &CallId) {
        self.change(|state| state.remove(call));
    }

    /// Everything that happened in a live call so far, and what happens from here on, without a gap.
    #[must_use]
    pub fn follow(&self, call: &CallId) -> Option<(Vec<Told>, broadcast::Receiver<Told>)> {
        let state = self.lock();
        let told = &state.cards.get(call)?.told;
        Some((told.so_far.clone(), told.live.subscribe()))
    }

    /// Who the agents are: user and name by the id that events call them.
    pub fn staff(&self, staff: Staff) {
        self.lock().staff = staff;
    }

    /// Raises an alert on a call's card.
    pub fn alert(&self, call: &CallId, alert: Alert) {
        self.change(|state| {
            let rev = state.rev + 1;
            let Some(live) = state.cards.get_mut(call) else {
                return false;
            };
            live.card.alert(alert);
            live.card.rev = rev;
            state.rev = rev;
            true
        });
    }

    /// All of a tenant's cards.
    #[must_use]
    pub fn cards(&self, tenant: TenantId) -> Vec<Card> {
        let state = self.lock();
        let own = state
            .cards
            .values()
            .filter(|live| live.tenant == tenant && !live.rehearsal);
        own.map(|live| live.card.clone()).collect()
    }

    #[must_use]
    pub fn card(&self, call: &CallId) -> Option<Card> {
        self.lock().cards.get(call).map(|live| live.card.clone())
    }

    /// Whose live call this is.
    #[must_use]
    pub fn tenant_of(&self, call: &CallId) -> Option<TenantId> {
        self.lock().cards.get(call).map(|live| live.tenant)
    }

    /// What changed for a tenant after a revision.
    #[must_use]
    pub fn since(&self, tenant: TenantId, rev: u64) -> Changes {
        let state = self.lock();
        let forgot = state.gone.len() == REMEMBERED
            && state.gone.front().is_some_and(|(first, ..)| *first > rev);
        let cards = state.cards.values();
        let gone = state.gone.iter().rev().take_while(|(at, ..)| *at > rev);
        Changes {
            rev: state.rev,
            cards: cards
                .filter(|live| live.tenant == tenant && live.card.rev > rev && !live.rehearsal)
                .map(|live| live.card.clone())
                .collect(),
            gone: gone
                .filter(|(_, t, _)| *t == tenant)
                .map(|(_, _, call)| call.clone())
                .collect(),
            resync: forgot,
        }
    }

    /// Wakes whenever the board changed.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    fn change(&self, work: impl FnOnce(&mut State) -> bool) {
        let rev = {
            let mut state = self.lock();
            if !work(&mut state) {
                return;
            }
            state.rev
        };
        self.0.changed.send_replace(rev);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change leaves the maps whole; a poisoned lock says nothing about them.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
