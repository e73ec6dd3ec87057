//! What one person asks of the desk.

use super::views::agent_state;
use super::{Desk, DeskError, Jotting, State, agent_of, seat_of};
use crate::call::command::Command;
use crate::desk::news::{AgentState, DeskMe, LineKind, Offer};
use crate::desk::presence::{At, Presence, Seat, Wish};
use crate::desk::queue::SeatError;
use crate::store::TenantId;
use crate::terms::CallId;

impl Desk {
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

    /// Whether an agent has to do with a call: it is offered to him, he is on it, or it was the last he was on.
    #[must_use]
    pub fn agent_may(&self, user: i64, call: &CallId) -> bool {
        let state = self.lock();
        let Some(seat) = seat_of(&state.queue, user) else {
            return false;
        };
        let told = state.told.get(&seat.member.id);
        seat.at.call() == Some(call) || told.is_some_and(|t| t.last_call.as_ref() == Some(call))
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
                    // The other one's first word was faster than this click.
                    "not_wanted" if by.is_some() => DeskError::Taken { by },
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
}

/// Who has a call, as people call him; who is about to have it, when that is not known yet.
fn holder(state: &State, call: &CallId) -> Option<String> {
    let is_answering =
        |s: &Seat| matches!(&s.at, At::Offered { call: c, answering: true, .. } if c == call);
    let on = state.queue.seats().find(|s| s.is_on(call));
    let on = on.or_else(|| state.queue.seats().find(|s| is_answering(s)));
    on.map(|s| s.member.name.clone())
}
