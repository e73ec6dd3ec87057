//! Putting a human on the line: wanted → ringing → on the line → bridged. Once wanted it is committed; nothing the
//! callee says takes it back (short of an opt-out, which ends the call).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::{Ms, Why};

/// How long agents may be sought before the robot says that nobody is free, ms.
pub const SEEK_MS: u64 = 30_000;
/// An agent who picked up and says nothing is bridged after this, ms: the callee waits for a voice.
pub const SHY_AGENT_MS: u64 = 6_000;

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Seeking {
        since: Ms,
    },
    Ringing {
        since: Ms,
        agent: String,
        heard_ringing: bool,
    },
    OnLine {
        since: Ms,
        agent: String,
    },
    Bridged {
        agent: String,
    },
    Over,
}

/// What the hand-over learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Ringing(String),
    OnLine(String),
    Bridged(String),
    /// This agent is out of it; others may be tried.
    Gone(String),
    /// A bridged agent left.
    Left(String),
    Nobody,
}

/// The hand-over of one call.
#[derive(Clone, Debug)]
pub struct Handover {
    state: State,
}

impl Default for Handover {
    fn default() -> Self {
        Handover { state: State::Idle }
    }
}

impl Handover {
    /// An agent is wanted. False when one already is, or was.
    pub fn want(&mut self, now: Ms) -> bool {
        if self.state != State::Idle {
            return false;
        }
        self.state = State::Seeking { since: now };
        true
    }

    /// Whether this agent may be rung now.
    pub fn ring(&mut self, agent: &str) -> bool {
        let State::Seeking { since } = self.state else {
            return false;
        };
        self.state = State::Ringing {
            since,
            agent: agent.to_string(),
            heard_ringing: false,
        };
        true
    }

    pub fn agent_rings(&mut self) -> Option<Step> {
        match &mut self.state {
            State::Ringing {
                agent,
                heard_ringing,
                ..
            } if !*heard_ringing => {
                *heard_ringing = true;
                Some(Step::Ringing(agent.clone()))
            }
            _ => None,
        }
    }

    pub fn agent_answered(&mut self, now: Ms) -> Option<Step> {
        let State::Ringing { agent, .. } = &self.state else {
            return None;
        };
        let agent = agent.clone();
        self.state = State::OnLine {
            since: now,
            agent: agent.clone(),
        };
        Some(Step::OnLine(agent))
    }

    pub fn agent_spoke(&mut self) -> Option<Step> {
        let State::OnLine { agent, .. } = &self.state else {
            return None;
        };
        let agent = agent.clone();
        self.state = State::Bridged {
            agent: agent.clone(),
        };
        Some(Step::Bridged(agent))
    }

    pub fn agent_ended(&mut self) -> Option<Step> {
        let (next, step) = match &self.state {
            State::Ringing { since, agent, .. } | State::OnLine { since, agent } => {
                (State::Seeking { since: *since }, Step::Gone(agent.clone()))
            }
            State::Bridged { agent } => (State::Over, Step::Left(agent.clone())),
            _ => return None,
        };
        self.state = next;
        Some(step)
    }

    pub fn nobody(&mut self) -> Option<Step> {
        matches!(self.state, State::Seeking { .. } | State::Ringing { .. }).then(|| {
            self.state = State::Over;
            Step::Nobody
        })
    }

    #[must_use]
    pub fn deadline(&self) -> Option<(Ms, Why)> {
        match &self.state {
            State::Seeking { since } | State::Ringing { since, .. } => {
                Some((since.after(SEEK_MS), "seek an agent"))
            }
            State::OnLine { since, .. } => Some((since.after(SHY_AGENT_MS), "agent says nothing")),
            _ => None,
        }
    }

    pub fn wake(&mut self, now: Ms) -> Option<Step> {
        let (at, _) = self.deadline()?;
        if now < at {
            return None;
        }
        self.agent_spoke().or_else(|| self.nobody())
    }

    /// An agent's leg is up or being rung.
    #[must_use]
    pub fn has_leg(&self) -> bool {
        matches!(
            self.state,
            State::Ringing { .. } | State::OnLine { .. } | State::Bridged { .. }
        )
    }

    #[must_use]
    pub fn bridged(&self) -> bool {
        matches!(self.state, State::Bridged { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_is_bridged_when_he_speaks_not_when_he_picks_up() {
        let mut h = Handover::default();
        assert!(h.want(Ms(1000)));
        assert!(!h.want(Ms(1001)), "wanted once");
        assert!(h.ring("li"));
        assert_eq!(h.agent_rings(), Some(Step::Ringing("li".into())));
        assert_eq!(h.agent_rings(), None, "told once");
        assert_eq!(h.agent_answered(Ms(3000)), Some(Step::OnLine("li".into())));
        assert!(!h.bridged());
        assert_eq!(h.agent_spoke(), Some(Step::Bridged("li".into())));
        assert!(h.bridged());
        assert_eq!(h.agent_ended(), Some(Step::Left("li".into())));
    }

    #[test]
    fn an_agent_who_does_not_come_leaves_room_for_the_next_until_time_is_up() {
        let mut h = Handover::default();
        h.want(Ms(0));
        h.ring("a");
        assert_eq!(h.agent_ended(), Some(Step::Gone("a".into())));
        assert!(h.ring("b"));
        assert_eq!(h.wake(Ms(SEEK_MS - 1)), None);
        assert_eq!(h.wake(Ms(SEEK_MS)), Some(Step::Nobody));
        assert!(!h.ring("c"), "over is over");
    }

    #[test]
    fn an_agent_who_says_nothing_is_bridged_in_the_end() {
        let mut h = Handover::default();
        h.want(Ms(0));
        h.ring("a");
        h.agent_answered(Ms(500));
        assert_eq!(
            h.wake(Ms(500 + SHY_AGENT_MS)),
            Some(Step::Bridged("a".into()))
        );
    }
}
