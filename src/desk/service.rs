//! The desk at work: call events in, offers, agents' lines and presence out. The [`Queue`] decides, this performs.

mod follow;
mod lines;
mod memory;
mod people;
mod perform;
mod supervise;
mod views;

pub use lines::{Connected, Person};

use super::board::Board;
use super::browser::{BrowserError, BrowserSettings, Browsers};
use super::member::Member;
use super::news::DeskEvent;
use super::presence::{Presence, Seat};
use super::queue::{Queue, Rules, SeatError};
use crate::call::command::Refused;
use crate::call::registry::Registry;
use crate::store::{AgentKey, DeskNote, Store, TenantId, Worked};
use crate::terms::{CallEvent, CallId, Clock};
use lines::UserLine;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Pages that are behind by more than this fetch everything again.
const NEWS_BACKLOG: usize = 1024;
/// Lines of the desk's log that may wait for the database.
const NOTES_BACKLOG: usize = 4096;
/// A user who became an agent has a seat after this at the latest.
const ROSTER_EVERY: Duration = Duration::from_secs(5);
/// Nothing is due: look again then.
const IDLE: Duration = Duration::from_secs(3600);

/// Settings of the desk.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskSettings {
    pub rules: Rules,
    pub browsers: BrowserSettings,
    /// What an agent may say of a call.
    pub outcomes: Vec<String>,
    /// Agents of a file, beside the users who are agents.
    pub agents: Vec<Member>,
}

impl Default for DeskSettings {
    fn default() -> Self {
        let outcomes = [
            "sold",
            "interested",
            "appointment",
            "callback",
            "not_interested",
            "not_reached",
            "wrong_person",
            "complaint",
            "other",
        ];
        DeskSettings {
            rules: Rules::default(),
            browsers: BrowserSettings::default(),
            outcomes: outcomes.map(str::to_string).into(),
            agents: Vec::new(),
        }
    }
}

/// Why the desk does not do what a person asks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeskError {
    #[error(transparent)]
    Seat(#[from] SeatError),
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// Another human has the call.
    #[error("{} has the call", .by.as_deref().unwrap_or("somebody else"))]
    Taken { by: Option<String> },
    #[error("no audio line is connected; connect your browser's audio first")]
    NoLine,
    #[error("your audio line is in another call; leave that one first")]
    LineBusy,
    /// The call's own reason.
    #[error("{0}")]
    Refused(Refused),
}

/// The agents' and supervisors' place. Clones are the same.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    settings: DeskSettings,
    browsers: Browsers,
    registry: Registry,
    board: Board,
    clock: Clock,
    store: Option<Store>,
    state: Mutex<State>,
    /// Something new is due sooner.
    wake: Notify,
    news: broadcast::Sender<DeskEvent>,
    notes: mpsc::Sender<Jotting>,
    /// Taken by the task that writes.
    unwritten: Mutex<Option<mpsc::Receiver<Jotting>>>,
}

/// Something for the database.
enum Jotting {
    Note(AgentKey, DeskNote, i64),
    Task {
        tenant: TenantId,
        call: CallId,
        reason: String,
        due_unix_ms: i64,
        now_unix_ms: i64,
    },
}

struct State {
    queue: Queue,
    /// Live calls that wanted an agent.
    wanted: BTreeMap<CallId, Wanted>,
    /// By user.
    lines: BTreeMap<i64, UserLine>,
    told: BTreeMap<String, Told>,
}

#[derive(Clone, Debug)]
struct Wanted {
    tenant: TenantId,
    reason: String,
    skill: Option<String>,
}

/// What was last told of an agent, and what is counted.
#[derive(Clone, Debug, Default)]
struct Told {
    presence: Option<Presence>,
    call: Option<CallId>,
    /// The call he was on last.
    last_call: Option<CallId>,
    note: Option<&'static str>,
    /// The day that is counted, in the agent's zone.
    day: Option<jiff::civil::Date>,
    today: Worked,
    answered_at: i64,
}

impl Desk {
    /// A desk; it works once [`Desk::run`] is running. Without a store nothing is remembered.
    #[must_use]
    pub fn new(
        settings: DeskSettings,
        registry: Registry,
        board: Board,
        clock: Clock,
        store: Option<Store>,
    ) -> Desk {
        let (notes, unwritten) = mpsc::channel(NOTES_BACKLOG);
        let agents = settings.agents.clone();
        let desk = Desk(Arc::new(Inner {
            browsers: Browsers::new(settings.browsers.clone()),
            registry,
            board,
            clock,
            store,
            state: Mutex::new(State {
                queue: Queue::new(settings.rules.clone()),
                wanted: BTreeMap::new(),
                lines: BTreeMap::new(),
                told: BTreeMap::new(),
            }),
            settings,
            wake: Notify::new(),
            news: broadcast::Sender::new(NEWS_BACKLOG),
            notes,
            unwritten: Mutex::new(Some(unwritten)),
        }));
        desk.staff(agents);
        desk
    }

    /// Follows the calls until `stop` or the end of their events.
    pub async fn run(&self, mut events: broadcast::Receiver<CallEvent>, stop: CancellationToken) {
        let mut users = Vec::new();
        self.staff_from_users(&mut users).await;
        self.restore().await;
        let mut roster = tokio::time::interval(ROSTER_EVERY);
        roster.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let unwritten = self
            .0
            .unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let writer = unwritten
            .zip(self.0.store.clone())
            .map(|(rx, store)| tokio::spawn(memory::write(store, rx, stop.clone())));
        loop {
            let due = self.lock().queue.deadline();
            let wait = due.map_or(IDLE, |at| {
                Duration::from_millis(u64::try_from(at.saturating_sub(self.now())).unwrap_or(0))
            });
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                event = events.recv() => match event {
                    Ok(event) => self.follow(&event),
                    Err(broadcast::error::RecvError::Lagged(n)) => warn!(
                        "the desk missed {n} call events; calls that wanted an agent in them fall back to the robot"
                    ),
                    Err(broadcast::error::RecvError::Closed) => break,
                },
                () = self.0.wake.notified() => {}
                _ = roster.tick(), if self.0.store.is_some() => {
                    self.staff_from_users(&mut users).await;
                }
                () = tokio::time::sleep(wait) => {
                    let now = self.now();
                    self.act(|state, out| state.queue.wake(now, out));
                }
            }
        }
        if let Some(writer) = writer {
            stop.cancel();
            let _ = writer.await;
        }
    }

    /// Who works here; the whole list each time it changes. With a store, [`Desk::run`] does it by itself.
    pub fn staff(&self, members: Vec<Member>) {
        let now = self.now();
        self.act(|state, out| {
            state.queue.staff(now, members, out);
            let State {
                queue, lines, told, ..
            } = state;
            told.retain(|id, _| queue.seat(id).is_some());
            // Somebody's browser may have been there before his seat.
            for seat in queue
                .seats()
                .map(|s| (s.member.user, s.member.id.clone()))
                .collect::<Vec<_>>()
            {
                let (Some(user), id) = seat else { continue };
                if let Some(line) = lines.get_mut(&user) {
                    line.agent = Some(id.clone());
                    queue.line(now, &id, line.up.is_some(), out);
                }
            }
        });
    }

    /// What happens at the desk, for people's pages.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<DeskEvent> {
        self.0.news.subscribe()
    }

    #[must_use]
    pub fn outcomes(&self) -> &[String] {
        &self.0.settings.outcomes
    }

    /// How browsers reach this server with sound: for other microphones than the desk's.
    #[must_use]
    pub fn browsers(&self) -> &Browsers {
        &self.0.browsers
    }

    fn now(&self) -> i64 {
        self.0.clock.unix_ms()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change leaves the maps whole; a poisoned lock says nothing about them.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seat_of(queue: &Queue, user: i64) -> Option<&Seat> {
    queue.seats().find(|s| s.member.user == Some(user))
}

fn agent_of(queue: &Queue, user: i64) -> Result<String, SeatError> {
    seat_of(queue, user)
        .map(|s| s.member.id.clone())
        .ok_or(SeatError::NoSeat)
}
