//! Who is offered which call: longest idle first among those with the skill. Pure.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::agent::Agent;
use crate::terms::CallId;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Presence {
    Ready,
    /// Ringing or talking.
    With(CallId),
}

#[derive(Clone, Debug)]
struct Seat {
    agent: Agent,
    presence: Presence,
    /// Grows each time the agent becomes free: the smallest has been idle longest.
    idle_since: u64,
}

#[derive(Clone, Debug)]
struct Want {
    call: CallId,
    skill: Option<String>,
    tried: Vec<String>,
}

/// What the desk should do for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    Ring {
        call: CallId,
        agent: String,
        uri: String,
    },
    /// Everybody with the skill was tried, or nobody has it.
    Nobody(CallId),
}

/// The agents and the calls that want one.
#[derive(Clone, Debug)]
pub struct Queue {
    seats: Vec<Seat>,
    wants: Vec<Want>,
    turn: u64,
}

impl Queue {
    #[must_use]
    pub fn new(agents: Vec<Agent>) -> Self {
        let seats = agents
            .into_iter()
            .map(|agent| Seat {
                agent,
                presence: Presence::Ready,
                idle_since: 0,
            })
            .collect();
        Queue {
            seats,
            wants: Vec::new(),
            turn: 0,
        }
    }

    /// A call wants an agent.
    pub fn want(&mut self, call: CallId, skill: Option<String>) -> Option<Offer> {
        self.wants.push(Want {
            call: call.clone(),
            skill,
            tried: Vec::new(),
        });
        self.offer(&call)
    }

    /// The agent did not come, or left, or was not wanted any more: the next one, if the call still waits. A call whose
    /// agents are all busy stays in the queue.
    pub fn gone(&mut self, call: &CallId, agent: &str) -> Vec<Offer> {
        self.free(call);
        if let Some(want) = self.wants.iter_mut().find(|w| w.call == *call) {
            want.tried.push(agent.to_string());
        }
        self.offer_all()
    }

    /// The call got its agent.
    pub fn bridged(&mut self, call: &CallId) {
        self.wants.retain(|w| w.call != *call);
    }

    /// The call ended: its agent is free again, and others may have him.
    pub fn ended(&mut self, call: &CallId) -> Vec<Offer> {
        self.wants.retain(|w| w.call != *call);
        self.free(call);
        self.offer_all()
    }

    fn free(&mut self, call: &CallId) {
        self.turn += 1;
        let turn = self.turn;
        for seat in &mut self.seats {
            if seat.presence == Presence::With(call.clone()) {
                seat.presence = Presence::Ready;
                seat.idle_since = turn;
            }
        }
    }

    fn offer_all(&mut self) -> Vec<Offer> {
        let calls: Vec<CallId> = self.wants.iter().map(|w| w.call.clone()).collect();
        calls.iter().filter_map(|call| self.offer(call)).collect()
    }

    fn offer(&mut self, call: &CallId) -> Option<Offer> {
        if self
            .seats
            .iter()
            .any(|s| s.presence == Presence::With(call.clone()))
        {
            return None;
        }
        let want = self.wants.iter().find(|w| w.call == *call)?;
        let fits = |seat: &Seat| {
            !want.tried.contains(&seat.agent.id)
                && want
                    .skill
                    .as_ref()
                    .is_none_or(|skill| seat.agent.skills.contains(skill))
        };
        if !self.seats.iter().any(fits) {
            self.wants.retain(|w| w.call != *call);
            return Some(Offer::Nobody(call.clone()));
        }
        let seat = self
            .seats
            .iter_mut()
            .filter(|seat| seat.presence == Presence::Ready && fits(seat))
            .min_by_key(|seat| seat.idle_since)?;
        seat.presence = Presence::With(call.clone());
        Some(Offer::Ring {
            call: call.clone(),
            agent: seat.agent.id.clone(),
            uri: seat.agent.uri.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(id: &str, skills: &[&str]) -> Agent {
        Agent {
            id: id.into(),
            name: String::new(),
            uri: format!("sip:{id}@desk"),
            skills: skills.iter().map(|s| (*s).into()).collect(),
        }
    }

    fn call(id: &str) -> CallId {
        CallId(id.into())
    }

    fn rung(offer: Option<Offer>) -> String {
        match offer {
            Some(Offer::Ring { agent, .. }) => agent,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_longest_idle_agent_with_the_skill_is_rung_and_nobody_twice_at_once() {
        let mut q = Queue::new(vec![
            agent("a", &["zh"]),
            agent("b", &["en"]),
            agent("c", &["zh"]),
        ]);
        assert_eq!(rung(q.want(call("1"), Some("zh".into()))), "a");
        assert_eq!(rung(q.want(call("2"), Some("zh".into()))), "c");
        q.bridged(&call("1"));
        q.bridged(&call("2"));
        q.ended(&call("2"));
        q.ended(&call("1"));
        assert_eq!(
            rung(q.want(call("3"), Some("zh".into()))),
            "c",
            "c has been idle longer"
        );
    }

    #[test]
    fn a_call_waits_for_a_busy_agent_and_is_told_when_nobody_is_left() {
        let mut q = Queue::new(vec![agent("a", &[])]);
        assert_eq!(rung(q.want(call("1"), None)), "a");
        assert_eq!(q.want(call("2"), None), None, "a is ringing: wait");
        let offers = q.gone(&call("1"), "a");
        assert!(offers.contains(&Offer::Nobody(call("1"))), "{offers:?}");
        assert!(
            offers
                .iter()
                .any(|o| matches!(o, Offer::Ring { call: c, .. } if *c == call("2"))),
            "{offers:?}"
        );
        assert_eq!(
            q.want(call("3"), Some("fr".into())),
            Some(Offer::Nobody(call("3")))
        );
    }
}
