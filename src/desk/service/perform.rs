//! Does what the queue decided, and tells everybody whom it concerns.

use super::views::{agent_state, day_of};
use super::{Desk, Jotting, State, seat_of};
use crate::call::command::Command;
use crate::desk::news::{DeskEvent, OfferGone};
use crate::desk::presence::{Presence, Seat};
use crate::desk::queue::{Do, OfferEnd};
use crate::store::{AgentKey, DeskNote, Worked};
use crate::terms::CallId;
use std::collections::BTreeMap;
use tracing::{debug, warn};

impl Desk {
    /// Changes the desk and does what follows.
    pub(super) fn act<T>(&self, work: impl FnOnce(&mut State, &mut Vec<Do>) -> T) -> T {
        let mut out = Vec::new();
        let (result, commands) = {
            let mut state = self.lock();
            let before = state.queue.deadline();
            let result = work(&mut state, &mut out);
            let commands = self.perform(&mut state, out);
            if state.queue.deadline() != before {
                self.0.wake.notify_one();
            }
            (result, commands)
        };
        for (call, command) in commands {
            // The call may be over; its end is on its way to us.
            if let Err(e) = self.0.registry.send(&call, command) {
                debug!("{e}");
            }
        }
        result
    }

    fn perform(&self, state: &mut State, todo: Vec<Do>) -> Vec<(CallId, Command)> {
        let mut commands = Vec::new();
        let mut offered: BTreeMap<CallId, Vec<String>> = BTreeMap::new();
        for one in todo {
            match one {
                Do::Ring { call, agent, uri } => {
                    self.note(state, &agent, DeskNote::Offered(call.clone()));
                    self.tell_offer(state, &agent);
                    commands.push((call, Command::RingAgent { agent, uri }));
                }
                Do::Offer { call, agent } => {
                    self.note(state, &agent, DeskNote::Offered(call.clone()));
                    self.tell_offer(state, &agent);
                    offered.entry(call).or_default().push(agent);
                }
                Do::Withdraw {
                    call,
                    agent,
                    why,
                    by,
                } => {
                    self.note(
                        state,
                        &agent,
                        DeskNote::OfferEnded(call.clone(), why.code()),
                    );
                    self.tell_gone(state, &agent, &call, why, by);
                    if !matches!(why, OfferEnd::Taken | OfferEnd::Ended) {
                        if let Some(agents) = offered.get_mut(&call) {
                            agents.retain(|a| *a != agent);
                        }
                        commands.push((call, Command::Declined { agent }));
                    }
                }
                Do::Answered { call, agent } => {
                    self.note(
                        state,
                        &agent,
                        DeskNote::OfferEnded(call.clone(), "accepted"),
                    );
                    self.note(state, &agent, DeskNote::Answered(call.clone()));
                    self.count(state, &agent, |told, now| {
                        told.last_call = Some(call);
                        told.today.calls += 1;
                        told.answered_at = now;
                    });
                }
                Do::Left { call, agent } => {
                    let user = state.queue.seat(&agent).and_then(|s| s.member.user);
                    if let Some(line) = user.and_then(|u| state.lines.get_mut(&u)) {
                        line.out_of(&call);
                    }
                    self.note(state, &agent, DeskNote::Left(call));
                    self.count(state, &agent, |told, now| {
                        told.today.talk_ms +=
                            u64::try_from(now.saturating_sub(told.answered_at)).unwrap_or(0);
                    });
                }
                Do::Nobody {
                    call,
                    why,
                    after_hours,
                } => commands.push((call, Command::NoAgent { why, after_hours })),
                Do::Changed { agent, note } => self.changed(state, &agent, note),
            }
        }
        commands.extend(
            offered
                .into_iter()
                .filter(|(_, agents)| !agents.is_empty())
                .map(|(call, agents)| (call, Command::Offered { agents })),
        );
        commands
    }

    /// An agent's presence, line or call changed.
    fn changed(&self, state: &mut State, agent: &str, note: &'static str) {
        let Some(seat) = state.queue.seat(agent) else {
            return;
        };
        let (presence, call) = (seat.at.presence(), seat.at.call().cloned());
        let told = state.told.entry(agent.to_string()).or_default();
        let was = told.presence.replace(presence);
        let was_in = std::mem::replace(&mut told.call, call.clone());
        if was != Some(presence) {
            told.note = (!note.is_empty()).then_some(note);
            let busy = |p: Option<Presence>| matches!(p, Some(Presence::OnCall | Presence::WrapUp));
            if let Some(call) = was_in.filter(|_| busy(was) && !busy(Some(presence))) {
                self.note(state, agent, DeskNote::Wrapped(call));
            }
            let note = DeskNote::Presence {
                presence: presence.code(),
                note,
                call,
            };
            self.note(state, agent, note);
        }
        let Some(seat) = state.queue.seat(agent) else {
            return;
        };
        let tenant = seat.member.tenant;
        self.tell(DeskEvent::Agent {
            tenant,
            agent: agent_state(state, seat),
        });
        if let Some(user) = seat.member.user {
            self.tell(DeskEvent::Me {
                tenant,
                user,
                me: self.me_of(state, seat),
            });
        }
    }

    fn tell_offer(&self, state: &State, agent: &str) {
        let Some(seat) = state.queue.seat(agent) else {
            return;
        };
        if let (Some(user), Some(offer)) = (seat.member.user, self.offer_of(state, seat)) {
            self.tell(DeskEvent::Offer {
                tenant: seat.member.tenant,
                user,
                offer,
            });
        }
    }

    fn tell_gone(
        &self,
        state: &State,
        agent: &str,
        call: &CallId,
        why: OfferEnd,
        by: Option<String>,
    ) {
        let Some(seat) = state.queue.seat(agent) else {
            return;
        };
        if let Some(user) = seat.member.user {
            self.tell(DeskEvent::OfferGone {
                tenant: seat.member.tenant,
                user,
                gone: OfferGone {
                    call: call.clone(),
                    why: why.into(),
                    by,
                },
            });
        }
    }

    /// A user's own place changed in what the queue does not know: a supervisor's line.
    pub(super) fn tell_me(&self, user: i64) {
        let me = self.me(user);
        let tenant = {
            let state = self.lock();
            let seat = seat_of(&state.queue, user).map(|s| s.member.tenant);
            seat.or(state.lines.get(&user).map(|l| l.tenant))
        };
        if let Some(tenant) = tenant {
            self.tell(DeskEvent::Me { tenant, user, me });
        }
    }

    fn tell(&self, event: DeskEvent) {
        // Nobody's page may be open.
        let _ = self.0.news.send(event);
    }

    fn count(&self, state: &mut State, agent: &str, work: impl FnOnce(&mut super::Told, i64)) {
        let now = self.now();
        let Some(day) = state.queue.seat(agent).map(|s| day_of(s, now)) else {
            return;
        };
        let told = state.told.entry(agent.to_string()).or_default();
        if told.day != day {
            told.day = day;
            told.today = Worked::default();
        }
        work(told, now);
    }

    fn note(&self, state: &State, agent: &str, note: DeskNote) {
        let Some(seat) = state.queue.seat(agent) else {
            return;
        };
        self.jot(Jotting::Note(key(seat), note, self.now()));
    }

    pub(super) fn jot(&self, jotting: Jotting) {
        // Without a store nothing is remembered.
        if self.0.store.is_some() && self.0.notes.try_send(jotting).is_err() {
            warn!("the desk's log lacks a line: the database does not keep up");
        }
    }
}

fn key(seat: &Seat) -> AgentKey {
    AgentKey {
        tenant: seat.member.tenant,
        user: seat.member.user,
        agent: seat.member.id.clone(),
    }
}
