//! What a call's events mean at the desk.

use super::{Desk, State, Wanted};
use crate::store::TenantId;
use crate::terms::{CallEvent, CallId, Happening};

impl Desk {
    /// Takes one event of a call.
    pub(super) fn follow(&self, event: &CallEvent) {
        let (now, call) = (self.now(), &event.call);
        match &event.what {
            Happening::Graded { grade, .. } => {
                self.act(|state, _| state.queue.graded(call, *grade));
            }
            Happening::AgentWanted { reason, skill } => {
                let tenant = self.0.board.tenant_of(call).unwrap_or(TenantId::PLATFORM);
                self.act(|state, out| {
                    let wanted = Wanted {
                        tenant,
                        reason: reason.clone(),
                        skill: skill.clone(),
                    };
                    state.wanted.insert(call.clone(), wanted);
                    state.queue.want(now, call, tenant, skill.clone(), out);
                });
            }
            Happening::AgentAnswered { agent } => {
                self.act(|state, out| state.queue.answered(now, call, agent, out));
            }
            Happening::AgentGone { agent, .. } => {
                self.act(|state, out| state.queue.gone(now, call, agent, out));
            }
            Happening::OfferLost { agent, to } => {
                self.act(|state, out| {
                    let to = name_of(state, to);
                    state.queue.offer_lost(now, call, agent, &to, out);
                });
            }
            Happening::Bridged { .. } => self.act(|state, _| state.queue.bridged(call)),
            Happening::LineLost { who, user: None } => {
                self.act(|state, out| state.queue.line_in_call(now, call, who, false, out));
            }
            Happening::LineBack { who, user: None } => {
                self.act(|state, out| state.queue.line_in_call(now, call, who, true, out));
            }
            Happening::TakenOver { .. } => {
                self.act(|state, out| state.queue.unwanted(now, call, out))
            }
            Happening::NobodyCame { why, after_hours } => {
                self.act(|state, out| state.queue.unwanted(now, call, out));
                self.nobody_came(call, why, *after_hours);
            }
            Happening::HandedBack { to: None, .. } => {
                self.act(|state, out| state.queue.handed_back(now, call, out));
            }
            Happening::WatchEnded { user, .. } => {
                let mut state = self.lock();
                if let Some(line) = state.lines.get_mut(user) {
                    line.out_of(call);
                }
            }
            Happening::Ended { .. } => self.act(|state, out| {
                state.wanted.remove(call);
                state.queue.ended(now, call, out);
                for line in state.lines.values_mut() {
                    line.out_of(call);
                }
            }),
            _ => {}
        }
    }

    /// Somebody wanted a human and got none: a human calls him.
    fn nobody_came(&self, call: &CallId, why: &str, after_hours: bool) {
        let now = self.now();
        let (tenant, reason, due) = {
            let state = self.lock();
            let Some(wanted) = state.wanted.get(call) else {
                return;
            };
            // The first who can do it and works again.
            let next = state
                .queue
                .seats()
                .map(|s| &s.member)
                .filter(|m| m.tenant == wanted.tenant && m.level(wanted.skill.as_deref()).is_some())
                .filter_map(|m| match &m.hours {
                    Some(hours) => hours.next_open(now, &m.zone),
                    None => Some(now),
                })
                .min();
            let due = if after_hours {
                next.unwrap_or(now)
            } else {
                now
            };
            (wanted.tenant, wanted.reason.clone(), due)
        };
        let reason = if reason.is_empty() {
            why.to_string()
        } else {
            reason
        };
        self.promise(tenant, call, &reason, due);
    }
}

/// What people call an agent; a supervisor's name is one already.
fn name_of(state: &State, agent: &str) -> String {
    state
        .queue
        .seat(agent)
        .map_or_else(|| agent.to_string(), |s| s.member.name.clone())
}
