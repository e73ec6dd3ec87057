//! What accounts and the guard keep in memory between requests.

use super::passwords::{Cost, Passwords};
use super::throttle::Throttle;
use crate::store::{Kind, SessionTerm, TenantId};
use crate::terms::CallId;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::watch;

/// How people reach this server.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// As people type it, `https://desk.example.com`: when it is https, cookies are sent over https only.
    pub public_url: Option<String>,
    /// A proxy stands before the server and tells the caller's address as the last of `X-Forwarded-For`.
    pub behind_proxy: bool,
    pub cost: Cost,
}

impl Settings {
    #[must_use]
    pub fn https(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.to_ascii_lowercase().starts_with("https://"))
    }
}

/// 12 hours without a request, 7 days at most.
pub const TERM: SessionTerm = SessionTerm {
    idle_ms: 12 * 3_600_000,
    whole_ms: 7 * 24 * 3_600_000,
};

/// Says whether an agent has to do with a call: it is offered to them, or they are wrapping it up.
pub type AgentMay = Box<dyn Fn(i64, &CallId) -> bool + Send + Sync>;

/// What these routes keep between requests.
pub struct State {
    pub settings: Settings,
    /// Whose the things are that no table knows.
    pub owners: Owners,
    pub(in crate::web) throttle: Throttle,
    pub(in crate::web) passwords: Passwords,
    /// Wakes open streams to ask again whether they may go on.
    pub(in crate::web) people: watch::Sender<u64>,
    agents: OnceLock<AgentMay>,
}

impl Default for State {
    fn default() -> Self {
        State::new(Settings::default())
    }
}

impl State {
    #[must_use]
    pub fn new(settings: Settings) -> State {
        State {
            passwords: Passwords::new(settings.cost),
            settings,
            owners: Owners::default(),
            throttle: Throttle::default(),
            people: watch::Sender::new(0),
            agents: OnceLock::new(),
        }
    }

    /// Gives the desk's word on which calls an agent has to do with. Before that, agents reach only the call whose
    /// card names them. The first word counts.
    pub fn set_agent_may(&self, may: AgentMay) {
        let _ = self.agents.set(may);
    }

    pub(in crate::web) fn agent_may(&self, user: i64, call: &CallId) -> bool {
        self.agents.get().is_some_and(|may| may(user, call))
    }

    /// Changes whenever people, their roles or rights do.
    #[must_use]
    pub fn people_changes(&self) -> watch::Receiver<u64> {
        self.people.subscribe()
    }

    /// Somebody lost a right: streams that are open ask again.
    pub(in crate::web) fn people_changed(&self) {
        self.people.send_modify(|n| *n += 1);
    }
}

/// Whose things are that live in memory: uploaded lists, jobs, rehearsals and the calls of rehearsals. Whoever makes
/// one puts it in, and takes it out when it is gone; what is not here is nobody's and answers 404.
#[derive(Debug, Default)]
pub struct Owners(Mutex<BTreeMap<(Kind, String), TenantId>>);

impl Owners {
    pub fn put(&self, kind: Kind, id: &str, tenant: TenantId) {
        self.lock().insert((kind, id.to_string()), tenant);
    }

    pub fn remove(&self, kind: Kind, id: &str) {
        self.lock().remove(&(kind, id.to_string()));
    }

    #[must_use]
    pub fn of(&self, kind: Kind, id: &str) -> Option<TenantId> {
        self.lock().get(&(kind, id.to_string())).copied()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(Kind, String), TenantId>> {
        // The map is whole after any panic; a poisoned lock says nothing about it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
