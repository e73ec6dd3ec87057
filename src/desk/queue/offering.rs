//! Offers: made, ended, timed out; and what a call's events mean for the agents in it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Do, OfferEnd, Queue, Want, changed};
use crate::desk::presence::{At, Seat, Wish};
use crate::store::TenantId;
use crate::terms::CallId;

/// What is known of whether somebody can come.
enum Chance {
    /// Somebody untried will be free.
    Later,
    Never {
        why: String,
        after_hours: bool,
    },
}

impl Queue {
    /// A call wants an agent.
    pub fn want(
        &mut self,
        now: i64,
        call: &CallId,
        tenant: TenantId,
        skill: Option<String>,
        out: &mut Vec<Do>,
    ) {
        let want = Want {
            tenant,
            skill,
            since: now,
            tried: Vec::new(),
            answered: false,
        };
        self.wants.insert(call.clone(), want);
        self.offer_all(now, out);
    }

    /// The agent has the call; others who were asked are told.
    pub fn answered(&mut self, now: i64, call: &CallId, agent: &str, out: &mut Vec<Do>) {
        let Some(seat) = self.seats.get_mut(agent) else {
            return;
        };
        if seat.is_on(call) {
            return;
        }
        seat.at = At::OnCall {
            call: call.clone(),
            since: now,
            lost: None,
            settled: false,
        };
        seat.since = now;
        seat.misses = 0;
        let name = seat.member.name.clone();
        out.push(Do::Answered {
            call: call.clone(),
            agent: agent.to_string(),
        });
        changed(agent, "", out);
        if let Some(want) = self.wants.get_mut(call) {
            want.answered = true;
        }
        self.end_offers(now, call, OfferEnd::Taken, Some(&name), out);
        self.offer_all(now, out);
    }

    /// Callee and human talk: nobody else is needed.
    pub fn bridged(&mut self, call: &CallId) {
        self.wants.remove(call);
    }

    /// Another human has the call that rang at this agent, or that this agent had lost.
    pub fn offer_lost(
        &mut self,
        now: i64,
        call: &CallId,
        agent: &str,
        to: &str,
        out: &mut Vec<Do>,
    ) {
        self.end_offer(now, agent, call, OfferEnd::Taken, Some(to), out);
        self.leave(now, agent, call, out);
        self.offer_all(now, out);
    }

    /// The agent is out of it: did not come, left, or stayed away.
    pub fn gone(&mut self, now: i64, call: &CallId, agent: &str, out: &mut Vec<Do>) {
        self.end_offer(now, agent, call, OfferEnd::Unreachable, None, out);
        let had_it = self.seats.get(agent).is_some_and(|s| s.is_on(call));
        self.leave(now, agent, call, out);
        if let Some(want) = self.wants.get_mut(call) {
            want.answered &= !had_it;
            want.tried.push(agent.to_string());
        }
        self.offer_all(now, out);
    }

    /// Nothing comes from the agent's line during the call, or it does again.
    pub fn line_in_call(
        &mut self,
        now: i64,
        call: &CallId,
        agent: &str,
        there: bool,
        out: &mut Vec<Do>,
    ) {
        let Some(seat) = self.seats.get_mut(agent) else {
            return;
        };
        if let At::OnCall { call: c, lost, .. } = &mut seat.at
            && c == call
        {
            *lost = (!there).then_some(now);
        }
        if there {
            let name = seat.member.name.clone();
            self.wants.remove(call);
            self.end_offers(now, call, OfferEnd::Taken, Some(&name), out);
            self.offer_all(now, out);
        }
    }

    /// The robot has the call alone again and wants nobody now: the agents in it are free.
    pub fn unwanted(&mut self, now: i64, call: &CallId, out: &mut Vec<Do>) {
        self.wants.remove(call);
        self.end_offers(now, call, OfferEnd::Ended, None, out);
        self.offer_all(now, out);
    }

    /// A human gave the callee back to the robot.
    pub fn handed_back(&mut self, now: i64, call: &CallId, out: &mut Vec<Do>) {
        for agent in self.on(call) {
            self.leave(now, &agent, call, out);
        }
        self.offer_all(now, out);
    }

    /// The call is over.
    pub fn ended(&mut self, now: i64, call: &CallId, out: &mut Vec<Do>) {
        self.grades.remove(call);
        self.wants.remove(call);
        self.end_offers(now, call, OfferEnd::Ended, None, out);
        for agent in self.on(call) {
            self.leave(now, &agent, call, out);
        }
        self.offer_all(now, out);
    }

    /// When something is due, unix ms.
    #[must_use]
    pub fn deadline(&self) -> Option<i64> {
        self.seats.values().filter_map(|s| self.due(s)).min()
    }

    /// Does what is due.
    pub fn wake(&mut self, now: i64, out: &mut Vec<Do>) {
        let due: Vec<String> = self
            .seats
            .iter()
            .filter(|(_, s)| self.due(s).is_some_and(|at| at <= now))
            .map(|(id, _)| id.clone())
            .collect();
        for agent in due {
            self.wake_seat(now, &agent, out);
        }
        self.offer_all(now, out);
    }

    fn due(&self, seat: &Seat) -> Option<i64> {
        let closed = seat
            .line_lost
            .filter(|_| !seat.reachable() && seat.at != At::Offline)
            .map(|at| at + self.rules.line_grace_ms);
        match &seat.at {
            At::OnCall { lost, .. } => lost.map(|at| at + self.rules.rejoin_ms),
            At::Offered {
                until, answering, ..
            } => (!answering).then_some(*until),
            At::WrapUp { until, .. } => Some(closed.map_or(*until, |c| c.min(*until))),
            At::Ready | At::Break => closed,
            At::Offline => None,
        }
    }

    fn wake_seat(&mut self, now: i64, agent: &str, out: &mut Vec<Do>) {
        let Some(seat) = self.seats.get_mut(agent) else {
            return;
        };
        match seat.at.clone() {
            At::Offered { call, .. } => {
                self.end_offer(now, agent, &call, OfferEnd::Timeout, None, out);
            }
            At::OnCall { call, .. } => self.leave(now, agent, &call, out),
            At::WrapUp { until, .. } if until <= now => {
                self.rest(now, agent, "wrap-up is over", out)
            }
            _ => {
                seat.after = Some(Wish::Offline);
                self.rest(now, agent, "the page was closed", out);
            }
        }
    }

    fn on(&self, call: &CallId) -> Vec<String> {
        let on = self.seats.iter().filter(|(_, s)| s.is_on(call));
        on.map(|(id, _)| id.clone()).collect()
    }

    /// The agent is out of a call he was on.
    fn leave(&mut self, now: i64, agent: &str, call: &CallId, out: &mut Vec<Do>) {
        let Some(seat) = self.seats.get_mut(agent).filter(|s| s.is_on(call)) else {
            return;
        };
        let written = matches!(seat.at, At::OnCall { settled: true, .. });
        out.push(Do::Left {
            call: call.clone(),
            agent: agent.to_string(),
        });
        // An agent of a file has nowhere to write.
        if written || seat.member.user.is_none() || seat.dismissed || self.rules.wrap_up_ms <= 0 {
            return self.rest(now, agent, "", out);
        }
        seat.at = At::WrapUp {
            call: call.clone(),
            until: now + self.rules.wrap_up_ms,
        };
        seat.since = now;
        changed(agent, "", out);
    }

    fn end_offers(
        &mut self,
        now: i64,
        call: &CallId,
        why: OfferEnd,
        by: Option<&str>,
        out: &mut Vec<Do>,
    ) {
        let asked: Vec<String> = self
            .seats
            .iter()
            .filter(|(_, s)| s.is_offered(call))
            .map(|(id, _)| id.clone())
            .collect();
        for agent in asked {
            self.end_offer(now, &agent, call, why, by, out);
        }
    }

    /// Takes an offer back, if there is one.
    pub(super) fn end_offer(
        &mut self,
        now: i64,
        agent: &str,
        call: &CallId,
        why: OfferEnd,
        by: Option<&str>,
        out: &mut Vec<Do>,
    ) {
        let most = self.rules.misses.max(1);
        let Some(seat) = self.seats.get_mut(agent).filter(|s| s.is_offered(call)) else {
            return;
        };
        out.push(Do::Withdraw {
            call: call.clone(),
            agent: agent.to_string(),
            why,
            by: by.map(str::to_string),
        });
        let phone = !seat.line;
        let missed = why == OfferEnd::Timeout || (why == OfferEnd::Unreachable && phone);
        let mut note = "";
        if missed && seat.member.user.is_some() {
            seat.misses += 1;
            if seat.misses >= most {
                seat.misses = 0;
                seat.after = Some(Wish::Break);
                note = "several calls in a row were not answered";
            }
        }
        let innocent = matches!(why, OfferEnd::Taken | OfferEnd::Ended);
        let turn = seat.idle_turn;
        self.rest(now, agent, note, out);
        if innocent {
            // Nobody loses his place because another was faster.
            if let Some(seat) = self.seats.get_mut(agent) {
                seat.idle_turn = turn;
            }
        } else if let Some(want) = self.wants.get_mut(call) {
            want.tried.push(agent.to_string());
        }
    }

    /// Offers every call that wants agents to as many as it may ring, each call first to one: the hottest grade first, then
    /// the longest wait.
    pub(super) fn offer_all(&mut self, now: i64, out: &mut Vec<Do>) {
        let mut order: Vec<(u8, i64, CallId)> = self
            .wants
            .iter()
            .filter(|(_, want)| !want.answered)
            .map(|(call, want)| {
                let heat = self.grades.get(call).map_or(u8::MAX, |g| *g as u8);
                (heat, want.since, call.clone())
            })
            .collect();
        order.sort();
        for round in 0..self.rules.per_call.max(1) {
            for (_, _, call) in &order {
                let rings = self.seats.values().filter(|s| s.is_offered(call)).count();
                if rings <= round {
                    self.offer(now, call, out);
                }
            }
        }
        for (_, _, call) in order {
            if self.seats.values().any(|s| s.is_offered(&call)) {
                continue;
            }
            if let Some(Chance::Never { why, after_hours }) = self.chance(now, &call) {
                self.wants.remove(&call);
                out.push(Do::Nobody {
                    call,
                    why,
                    after_hours,
                });
            }
        }
    }

    /// Offers a call to the agent who is next.
    fn offer(&mut self, now: i64, call: &CallId, out: &mut Vec<Do>) {
        let Some(want) = self.wants.get(call) else {
            return;
        };
        let next = self
            .seats
            .values()
            .filter(|s| s.at == At::Ready && s.reachable() && s.member.within_hours(now))
            .filter(|s| !want.tried.contains(&s.member.id))
            .filter_map(|s| Some((level(s, want)?, s.idle_turn, &s.member.id)))
            .min();
        let Some((_, _, agent)) = next else { return };
        let agent = agent.clone();
        let Some(seat) = self.seats.get_mut(&agent) else {
            return;
        };
        seat.at = At::Offered {
            call: call.clone(),
            until: now + self.rules.ring_ms,
            answering: false,
        };
        seat.since = now;
        let call = call.clone();
        out.push(match (seat.line, &seat.member.uri) {
            (false, Some(uri)) => Do::Ring {
                call,
                agent: agent.clone(),
                uri: uri.clone(),
            },
            _ => Do::Offer {
                call,
                agent: agent.clone(),
            },
        });
        changed(&agent, "", out);
    }

    /// Whether anybody may still come; `None` when the call wants nobody.
    fn chance(&self, now: i64, call: &CallId) -> Option<Chance> {
        let want = self.wants.get(call)?;
        let skilled: Vec<&Seat> = self
            .seats
            .values()
            .filter(|s| !s.dismissed && level(s, want).is_some())
            .collect();
        let never = |why: &str, after_hours| {
            Some(Chance::Never {
                why: why.to_string(),
                after_hours,
            })
        };
        if skilled.is_empty() {
            return match &want.skill {
                Some(skill) => never(&format!("no agent has the skill {skill}"), false),
                None => never("there are no agents", false),
            };
        }
        if skilled.iter().all(|s| !s.member.within_hours(now)) {
            return never("it is outside working hours", true);
        }
        let may_come = |s: &&Seat| {
            s.member.within_hours(now)
                && !want.tried.contains(&s.member.id)
                && !s.is_on(call)
                && match s.at {
                    At::OnCall { .. } | At::WrapUp { .. } | At::Offered { .. } => true,
                    // A page that is being loaded again.
                    At::Ready => true,
                    At::Offline | At::Break => false,
                }
        };
        if skilled.iter().any(may_come) {
            return Some(Chance::Later);
        }
        if want.tried.is_empty() {
            never("no agent is there", false)
        } else {
            never("no agent took the call", false)
        }
    }
}

/// At which level a seat can serve a want.
fn level(seat: &Seat, want: &Want) -> Option<u8> {
    if seat.member.tenant != want.tenant || seat.dismissed {
        return None;
    }
    seat.member.level(want.skill.as_deref())
}
