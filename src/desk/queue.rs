//! Who is offered which call, and what becomes of agents who answer, decline, do not come or vanish. Pure: times are
//! arguments, unix ms.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod offering;
#[cfg(test)]
mod tests;

use super::member::Member;
use super::presence::{At, Seat, Wish};
use crate::store::TenantId;
use crate::terms::{CallId, Grade};
use std::collections::BTreeMap;
use thiserror::Error;

/// Settings of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Agents that one call rings at once.
    pub per_call: usize,
    /// How long a call rings at an agent, ms.
    pub ring_ms: i64,
    /// Offers in a row that may go unanswered; then the agent is on a break.
    pub misses: u32,
    /// Time to write down how the call went, ms.
    pub wrap_up_ms: i64,
    /// A page that is closed this long belongs to nobody, ms: reloading it takes less.
    pub line_grace_ms: i64,
    /// An agent whose line was lost in a call may come back to it within this, ms.
    pub rejoin_ms: i64,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            per_call: 2,
            ring_ms: 15_000,
            misses: 2,
            wrap_up_ms: 30_000,
            line_grace_ms: 8_000,
            rejoin_ms: 30_000,
        }
    }
}

/// What the desk should do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// Ring the agent's phone.
    Ring {
        call: CallId,
        agent: String,
        uri: String,
    },
    /// Show the call in the agent's browser.
    Offer { call: CallId, agent: String },
    /// The offer to this agent is over.
    Withdraw {
        call: CallId,
        agent: String,
        why: OfferEnd,
        /// Who has the call.
        by: Option<String>,
    },
    /// The agent has the call.
    Answered { call: CallId, agent: String },
    /// The agent is out of the call.
    Left { call: CallId, agent: String },
    /// Nobody can be offered the call any more.
    Nobody {
        call: CallId,
        why: String,
        after_hours: bool,
    },
    /// The agent's presence, line or call changed; `note` says why, where the agent did not do it.
    Changed { agent: String, note: &'static str },
}

/// How an offer ended, short of being accepted.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum OfferEnd {
    /// Another human has the call.
    Taken,
    Timeout,
    /// The call is over or wants nobody any more.
    Ended,
    Declined,
    /// The agent's line or phone failed.
    Unreachable,
}

impl OfferEnd {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            OfferEnd::Taken => "taken",
            OfferEnd::Timeout => "timeout",
            OfferEnd::Ended => "ended",
            OfferEnd::Declined => "declined",
            OfferEnd::Unreachable => "unreachable",
        }
    }
}

/// Why an agent cannot do this now.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SeatError {
    #[error("you have no seat at the desk; an administrator gives the role agent")]
    NoSeat,
    #[error("no browser is connected and you have no SIP phone; connect your audio first")]
    NoLine,
    #[error("this call is not offered to you any more")]
    NotOffered,
}

#[derive(Clone, Debug)]
struct Want {
    tenant: TenantId,
    skill: Option<String>,
    since: i64,
    tried: Vec<String>,
    /// Picked up, and the callee has not heard him yet.
    answered: bool,
}

/// The agents and the calls that want one.
#[derive(Clone, Debug)]
pub struct Queue {
    rules: Rules,
    seats: BTreeMap<String, Seat>,
    wants: BTreeMap<CallId, Want>,
    grades: BTreeMap<CallId, Grade>,
    turn: u64,
}

impl Queue {
    #[must_use]
    pub fn new(rules: Rules) -> Queue {
        Queue {
            rules,
            seats: BTreeMap::new(),
            wants: BTreeMap::new(),
            grades: BTreeMap::new(),
            turn: 0,
        }
    }

    #[must_use]
    pub fn seat(&self, agent: &str) -> Option<&Seat> {
        self.seats.get(agent)
    }

    pub fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.seats.values()
    }

    #[must_use]
    pub fn grade(&self, call: &CallId) -> Option<Grade> {
        self.grades.get(call).copied()
    }

    /// Who works here. Whoever is missing is dismissed, from a call only after it.
    pub fn staff(&mut self, now: i64, members: Vec<Member>, out: &mut Vec<Do>) {
        let ids: Vec<String> = self.seats.keys().cloned().collect();
        for id in ids {
            if members.iter().all(|m| m.id != id) {
                self.dismiss(now, &id, out);
            }
        }
        for member in members {
            match self.seats.get_mut(&member.id) {
                Some(seat) => {
                    seat.member = member;
                    seat.dismissed = false;
                }
                None => {
                    let id = member.id.clone();
                    self.seats.insert(id.clone(), Seat::new(member, now));
                    changed(&id, "", out);
                }
            }
        }
        self.offer_all(now, out);
    }

    /// An agent is what he was before the program was restarted.
    pub fn restore(&mut self, now: i64, agent: &str, wish: Wish, out: &mut Vec<Do>) {
        let known = self.seats.get(agent).is_some_and(Seat::reachable);
        if known {
            // Whoever cannot be reached is offline until the page is open again.
            let _ = self.choose(now, agent, wish, out);
        }
    }

    /// The grade of a live call.
    pub fn graded(&mut self, call: &CallId, grade: Grade) {
        self.grades.insert(call.clone(), grade);
    }

    /// The agent chooses what to be. During a call it holds for afterwards.
    ///
    /// # Errors
    /// Nobody can be ready who cannot be reached.
    pub fn choose(
        &mut self,
        now: i64,
        agent: &str,
        wish: Wish,
        out: &mut Vec<Do>,
    ) -> Result<(), SeatError> {
        let seat = self.seats.get_mut(agent).ok_or(SeatError::NoSeat)?;
        if wish == Wish::Ready && !seat.reachable() {
            return Err(SeatError::NoLine);
        }
        seat.misses = 0;
        match (&seat.at, wish) {
            (At::OnCall { .. }, _) => seat.after = Some(wish),
            (At::Offered { .. }, Wish::Ready) => {}
            (At::Offered { call, .. }, _) => {
                let call = call.clone();
                seat.after = Some(wish);
                self.end_offer(now, agent, &call, OfferEnd::Declined, None, out);
            }
            (At::Ready, Wish::Ready) => {}
            _ => {
                seat.after = Some(wish);
                self.rest(now, agent, "", out);
            }
        }
        self.offer_all(now, out);
        Ok(())
    }

    /// A browser was connected, or is gone.
    pub fn line(&mut self, now: i64, agent: &str, up: bool, out: &mut Vec<Do>) {
        let Some(seat) = self.seats.get_mut(agent).filter(|s| s.line != up) else {
            return;
        };
        seat.line = up;
        seat.line_lost = (!up).then_some(now);
        if let (
            At::Offered {
                call, answering, ..
            },
            false,
        ) = (&seat.at, up)
            && !answering
        {
            let call = call.clone();
            self.end_offer(now, agent, &call, OfferEnd::Unreachable, None, out);
        }
        changed(agent, "", out);
        self.offer_all(now, out);
    }

    /// The agent presses accept: the offer waits for the call's word. With the word comes [`Queue::answered`] or
    /// [`Queue::offer_lost`]; without it [`Queue::not_answered`].
    ///
    /// # Errors
    /// The call does not ring at this agent.
    pub fn answering(&mut self, agent: &str, call: &CallId) -> Result<(), SeatError> {
        let seat = self.seats.get_mut(agent).ok_or(SeatError::NoSeat)?;
        match &mut seat.at {
            At::Offered {
                call: c, answering, ..
            } if c == call => {
                *answering = true;
                Ok(())
            }
            _ => Err(SeatError::NotOffered),
        }
    }

    /// The call refused for a reason that leaves the offer as it is.
    pub fn not_answered(&mut self, agent: &str, call: &CallId) {
        if let Some(Seat {
            at: At::Offered {
                call: c, answering, ..
            },
            ..
        }) = self.seats.get_mut(agent)
            && c == call
        {
            *answering = false;
        }
    }

    /// The agent does not want the call.
    pub fn declined(&mut self, now: i64, agent: &str, call: &CallId, out: &mut Vec<Do>) {
        self.end_offer(now, agent, call, OfferEnd::Declined, None, out);
        self.offer_all(now, out);
    }

    /// The outcome is written: the wrap-up is over, or there will be none.
    pub fn settled(&mut self, now: i64, agent: &str, call: &CallId, out: &mut Vec<Do>) {
        let Some(seat) = self.seats.get_mut(agent) else {
            return;
        };
        match &mut seat.at {
            At::WrapUp { call: c, .. } if c == call => {
                self.rest(now, agent, "", out);
                self.offer_all(now, out);
            }
            At::OnCall {
                call: c, settled, ..
            } if c == call => *settled = true,
            _ => {}
        }
    }

    /// Frees an agent: what was wished for, else ready.
    fn rest(&mut self, now: i64, agent: &str, note: &'static str, out: &mut Vec<Do>) {
        self.turn += 1;
        let turn = self.turn;
        let Some(seat) = self.seats.get_mut(agent) else {
            return;
        };
        if seat.dismissed {
            self.seats.remove(agent);
            return;
        }
        let wish = seat.after.take().unwrap_or(Wish::Ready);
        seat.idle_turn = turn;
        seat.since = now;
        seat.at = match wish {
            Wish::Ready => At::Ready,
            Wish::Break => At::Break,
            Wish::Offline => At::Offline,
        };
        changed(agent, note, out);
    }

    fn dismiss(&mut self, now: i64, agent: &str, out: &mut Vec<Do>) {
        let Some(seat) = self.seats.get_mut(agent) else {
            return;
        };
        seat.dismissed = true;
        match &seat.at {
            At::OnCall { .. } => {}
            At::Offered { call, .. } => {
                let call = call.clone();
                self.end_offer(now, agent, &call, OfferEnd::Ended, None, out);
            }
            _ => self.rest(now, agent, "", out),
        }
    }
}

fn changed(agent: &str, note: &'static str, out: &mut Vec<Do>) {
    out.push(Do::Changed {
        agent: agent.to_string(),
        note,
    });
}
