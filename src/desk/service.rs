//! The desk at work: call events in, offers, agents' lines and presence out. The [`Queue`] decides, this performs.

mod follow;
mod lines;
mod perform;
mod supervise;

pub use lines::{Connected, Person};

use super::board::Board;
use super::browser::{BrowserError, BrowserSettings, Browsers};
use super::member::Member;
use super::news::{AgentState, DeskEvent, DeskMe, LineKind, Offer, OfferLead};
use super::presence::{At, Presence, Seat, Wish};
use super::queue::{Queue, Rules, SeatError};
use crate::call::command::{Command, Refused};
use crate::call::registry::Registry;
use crate::store::{AgentKey, DeskNote, Store, TenantId, Worked};
use crate::terms::{CallEvent, CallId, Clock};
use lines::UserLine;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{Notify, broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Pages that are behind by more than this fetch everything again.
const NEWS_BACKLOG: usize = 1024;
/// Lines of the desk's log that may wait for the database.
const NOTES_BACKLOG: usize = 4096;
/// Nothing is due: look again then.
const IDLE: Duration = Duration::from_secs(3600);

/// Settings of the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskSettings {
    pub rules: Rules,
    pub browsers: BrowserSettings,
    /// What an agent may say of a call.
    pub outcomes: Vec<String>,
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
        Desk(Arc::new(Inner {
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
        }))
    }

    /// Follows the calls until `stop` or the end of their events.
    pub async fn run(&self, mut events: broadcast::Receiver<CallEvent>, stop: CancellationToken) {
        self.restore().await;
        let unwritten = self
            .0
            .unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let writer = unwritten
            .zip(self.0.store.clone())
            .map(|(rx, store)| tokio::spawn(write(store, rx, stop.clone())));
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

    /// Who works here; the whole list each time it changes.
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

    /// One's own place.
    #[must_use]
    pub fn me(&self, user: i64) -> DeskMe {
        let state = self.lock();
        match seat_of(&state.queue, user) {
            Some(seat) => self.me_of(&state, seat),
            None => DeskMe {
                presence: Presence::Offline,
                since_unix_ms: self.now(),
                line: state
                    .lines
                    .get(&user)
                    .filter(|l| l.up.is_some())
                    .map(|_| LineKind::Browser),
                call: state.lines.get(&user).and_then(|l| l.line.in_call()),
                offers: Vec::new(),
                wrap_up_until_unix_ms: None,
                skills: Vec::new(),
                within_hours: true,
                note: None,
                agent: false,
            },
        }
    }

    /// All agents of a tenant.
    #[must_use]
    pub fn agents(&self, tenant: TenantId) -> Vec<AgentState> {
        let state = self.lock();
        let own = state.queue.seats().filter(|s| s.member.tenant == tenant);
        own.map(|seat| agent_state(&state, seat)).collect()
    }

    /// The offer of a call to this user.
    #[must_use]
    pub fn offer(&self, user: i64, call: &CallId) -> Option<Offer> {
        let state = self.lock();
        let seat = seat_of(&state.queue, user)?;
        self.offer_of(&state, seat).filter(|o| o.call == *call)
    }

    /// What the call's events call this user, who is on this call or was a moment ago.
    #[must_use]
    pub fn agent_on(&self, user: i64, call: &CallId) -> Option<String> {
        let state = self.lock();
        let seat = seat_of(&state.queue, user)?;
        let there = !matches!(seat.at, At::Offered { .. }) && seat.at.call() == Some(call);
        there.then(|| seat.member.id.clone())
    }

    /// What the call's events call this user, when he is an agent.
    #[must_use]
    pub fn agent_id(&self, user: i64) -> Option<String> {
        seat_of(&self.lock().queue, user).map(|s| s.member.id.clone())
    }

    /// Why a live call wanted an agent, and which skill.
    #[must_use]
    pub fn wanted(&self, call: &CallId) -> Option<(String, Option<String>)> {
        let state = self.lock();
        let wanted = state.wanted.get(call)?;
        Some((wanted.reason.clone(), wanted.skill.clone()))
    }

    /// Chooses what to be.
    ///
    /// # Errors
    /// No seat, or nobody can be reached.
    pub fn choose(&self, user: i64, wish: Wish) -> Result<DeskMe, DeskError> {
        let now = self.now();
        self.act(|state, out| {
            let agent = agent_of(&state.queue, user)?;
            if let Some(told) = state.told.get_mut(&agent) {
                told.note = None;
            }
            state.queue.choose(now, &agent, wish, out)
        })?;
        Ok(self.me(user))
    }

    /// Takes a call that is offered, in the browser.
    ///
    /// # Errors
    /// The offer is over, another was faster, or there is no line.
    pub async fn accept(&self, user: i64, call: &CallId) -> Result<(), DeskError> {
        let (agent, name, line, gate) = {
            let mut state = self.lock();
            let agent = agent_of(&state.queue, user)?;
            let name = state
                .queue
                .seat(&agent)
                .map(|s| s.member.name.clone())
                .unwrap_or_default();
            if let Err(e) = state.queue.answering(&agent, call) {
                return Err(match holder(&state, call) {
                    Some(by) => DeskError::Taken { by: Some(by) },
                    None => e.into(),
                });
            }
            let line = state.lines.get_mut(&user).filter(|l| l.up.is_some());
            let Some(line) = line else {
                state.queue.not_answered(&agent, call);
                return Err(DeskError::NoLine);
            };
            line.on = Some(call.clone());
            // Before the call takes the line: his first word counts.
            line.gate.set(true);
            (agent, name, line.line.clone(), line.gate.clone())
        };
        let accept = Command::Accept {
            agent: agent.clone(),
            name,
            line,
        };
        let answer = self.0.registry.ask(call, accept).await;
        let now = self.now();
        match answer {
            Ok(()) => {
                self.act(|state, out| state.queue.answered(now, call, &agent, out));
                Ok(())
            }
            Err(refused) => {
                gate.set(false);
                let over = matches!(refused.code, "taken" | "not_wanted" | "no_such_call");
                let by = self.act(|state, out| {
                    state.queue.not_answered(&agent, call);
                    let by = holder(state, call);
                    if over {
                        let to = by.clone().unwrap_or_default();
                        state.queue.offer_lost(now, call, &agent, &to, out);
                    }
                    by
                });
                Err(match refused.code {
                    "taken" => DeskError::Taken { by },
                    "line_busy" => DeskError::LineBusy,
                    _ => DeskError::Refused(refused),
                })
            }
        }
    }

    /// Does not want a call that is offered.
    ///
    /// # Errors
    /// It is not offered.
    pub fn decline(&self, user: i64, call: &CallId) -> Result<(), DeskError> {
        let now = self.now();
        self.act(|state, out| {
            let agent = agent_of(&state.queue, user)?;
            if !state.queue.seat(&agent).is_some_and(|s| s.is_offered(call)) {
                return Err(SeatError::NotOffered.into());
            }
            state.queue.declined(now, &agent, call, out);
            Ok(())
        })
    }

    /// The outcome of a call is written.
    pub fn settled(&self, user: i64, call: &CallId) {
        let now = self.now();
        self.act(|state, out| {
            if let Ok(agent) = agent_of(&state.queue, user) {
                state.queue.settled(now, &agent, call, out);
            }
        });
    }

    /// Puts a callback on the desk.
    pub fn promise(&self, tenant: TenantId, call: &CallId, reason: &str, due_unix_ms: i64) {
        self.jot(Jotting::Task {
            tenant,
            call: call.clone(),
            reason: reason.to_string(),
            due_unix_ms,
            now_unix_ms: self.now(),
        });
    }

    /// Agents of phones are what they were before a restart, and today's work is counted on.
    async fn restore(&self) {
        let Some(store) = &self.0.store else { return };
        let now = self.now();
        let today = jiff::Timestamp::from_millisecond(now)
            .ok()
            .and_then(|t| t.to_zoned(jiff::tz::TimeZone::system()).start_of_day().ok())
            .map_or(now, |t| t.timestamp().as_millisecond());
        let (last, worked) = tokio::join!(store.desk_last_presence(), store.desk_worked(today));
        let (Ok(last), Ok(worked)) = (last, worked) else {
            warn!("the desk's log cannot be read; agents begin offline");
            return;
        };
        self.act(|state, out| {
            for (agent, presence) in last {
                let wish = match Presence::parse(&presence) {
                    Some(Presence::Break) => Wish::Break,
                    Some(Presence::Offline) | None => continue,
                    Some(_) => Wish::Ready,
                };
                let absent = state
                    .queue
                    .seat(&agent)
                    .is_some_and(|s| s.at == At::Offline);
                if absent {
                    state.queue.restore(now, &agent, wish, out);
                }
            }
            for (agent, worked) in worked {
                if let Some(seat) = state.queue.seat(&agent) {
                    let day = day_of(seat, now);
                    let told = state.told.entry(agent).or_default();
                    (told.day, told.today) = (day, worked);
                }
            }
        });
    }

    fn now(&self) -> i64 {
        self.0.clock.unix_ms()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change leaves the maps whole; a poisoned lock says nothing about them.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn me_of(&self, state: &State, seat: &Seat) -> DeskMe {
        DeskMe {
            presence: seat.at.presence(),
            since_unix_ms: seat.since,
            line: line_kind(seat),
            call: match &seat.at {
                At::Offered { .. } => None,
                at => at.call().cloned(),
            },
            offers: self.offer_of(state, seat).into_iter().collect(),
            wrap_up_until_unix_ms: match seat.at {
                At::WrapUp { until, .. } => Some(until),
                _ => None,
            },
            skills: skills_of(seat),
            within_hours: seat.member.within_hours(self.now()),
            note: state
                .told
                .get(&seat.member.id)
                .and_then(|t| t.note)
                .map(str::to_string),
            agent: true,
        }
    }

    fn offer_of(&self, state: &State, seat: &Seat) -> Option<Offer> {
        let At::Offered { call, until, .. } = &seat.at else {
            return None;
        };
        let wanted = state.wanted.get(call);
        let card = self.0.board.card(call);
        Some(Offer {
            call: call.clone(),
            reason: wanted.map(|w| w.reason.clone()).unwrap_or_default(),
            skill: wanted.and_then(|w| w.skill.clone()),
            grade: state
                .queue
                .grade(call)
                .or(card.as_ref().and_then(|c| c.grade)),
            lead: OfferLead {
                name: card.and_then(|c| c.lead.name),
            },
            rings_until_unix_ms: *until,
        })
    }
}

/// Writes the desk's log until told to stop, and what waits then.
async fn write(store: Store, mut notes: mpsc::Receiver<Jotting>, stop: CancellationToken) {
    loop {
        let jotting = tokio::select! {
            biased;
            jotting = notes.recv() => jotting,
            () = stop.cancelled() => None,
        };
        let written = match jotting {
            None => return,
            Some(Jotting::Note(who, note, at)) => store.desk_note(&who, &note, at).await,
            Some(Jotting::Task {
                tenant,
                call,
                reason,
                due_unix_ms,
                now_unix_ms,
            }) => {
                store
                    .desk_task_add(tenant, &call, &reason, due_unix_ms, now_unix_ms)
                    .await
            }
        };
        if let Err(e) = written {
            warn!("the desk's log lacks a line: {e}");
        }
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

/// Who has a call, as people call him; who is about to have it, when that is not known yet.
fn holder(state: &State, call: &CallId) -> Option<String> {
    let is_answering =
        |s: &Seat| matches!(&s.at, At::Offered { call: c, answering: true, .. } if c == call);
    let on = state.queue.seats().find(|s| s.is_on(call));
    let on = on.or_else(|| state.queue.seats().find(|s| is_answering(s)));
    on.map(|s| s.member.name.clone())
}

fn line_kind(seat: &Seat) -> Option<LineKind> {
    if seat.line {
        Some(LineKind::Browser)
    } else {
        seat.member.uri.as_ref().map(|_| LineKind::Sip)
    }
}

fn skills_of(seat: &Seat) -> Vec<String> {
    seat.member.skills.iter().map(|s| s.name.clone()).collect()
}

fn day_of(seat: &Seat, now: i64) -> Option<jiff::civil::Date> {
    let at = jiff::Timestamp::from_millisecond(now).ok()?;
    Some(seat.member.zone.to_datetime(at).date())
}

fn agent_state(state: &State, seat: &Seat) -> AgentState {
    let told = state.told.get(&seat.member.id);
    AgentState {
        user: seat.member.user.unwrap_or(0),
        id: seat.member.id.clone(),
        name: seat.member.name.clone(),
        presence: seat.at.presence(),
        since_unix_ms: seat.since,
        skills: skills_of(seat),
        call: seat.at.call().cloned(),
        line: line_kind(seat),
        calls_today: told.map_or(0, |t| t.today.calls),
        talk_today_ms: told.map_or(0, |t| t.today.talk_ms),
    }
}
