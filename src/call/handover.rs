//! Putting a human on the line and keeping one there: wanted → ringing at several at once → on the line → bridged, and back
//! again when a line is lost. Once wanted it is committed; nothing the callee says takes it back (short of an opt-out, which
//! ends the call).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod step;

pub use step::{Human, No, Step};

use crate::media::bridge::AgentPart;
use crate::terms::{Ms, Why};

/// How long agents may be sought before the robot says that nobody is free, ms.
pub const SEEK_MS: u64 = 30_000;
/// An agent who picked up and says nothing is bridged after this, ms: the callee waits for a voice.
pub const SHY_AGENT_MS: u64 = 6_000;
/// A briefing that takes longer is cut, ms.
pub const BRIEFING_MS: u64 = 8_000;
/// A human whose line was lost may come back into the call within this, ms.
pub const REJOIN_MS: u64 = 20_000;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Ringing {
    agent: String,
    told: bool,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum At {
    Briefed { since: Ms },
    OnLine { since: Ms },
    Bridged,
    Lost { since: Ms },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Seat {
    agent: String,
    at: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Taker {
    user: i64,
    name: String,
    lost: Option<Ms>,
}

/// The hand-over of one call.
#[derive(Clone, Debug, Default)]
pub struct Handover {
    /// Since when agents are sought.
    wanted: Option<Ms>,
    ringing: Vec<Ringing>,
    agent: Option<Seat>,
    taker: Option<Taker>,
    /// Nobody else will come; the one whose line was lost may.
    nobody_else: Option<(String, bool)>,
    /// Everybody was tried once, or an agent has done his part.
    over: bool,
}

impl Handover {
    /// An agent is wanted. False when one already is, or was.
    pub fn want(&mut self, now: Ms) -> bool {
        let free = self.wanted.is_none() && self.agent.is_none() && self.taker.is_none();
        if !free || self.over {
            return false;
        }
        self.wanted = Some(now);
        true
    }

    /// Whether this agent may be rung now; he is, from here on.
    pub fn ring(&mut self, agent: &str) -> bool {
        let may = self.wanted.is_some() && !self.ringing.iter().any(|r| r.agent == agent);
        if may {
            self.ringing.push(Ringing {
                agent: agent.to_string(),
                told: false,
            });
        }
        may
    }

    /// The phone rings, or the offer is on the screen.
    pub fn rings(&mut self, agent: &str, out: &mut Vec<Step>) {
        let ringing = self.ringing.iter_mut().find(|r| r.agent == agent);
        if let Some(r) = ringing.filter(|r| !r.told) {
            r.told = true;
            out.push(Step::Ringing(agent.to_string()));
        }
    }

    /// An agent takes the call; the first one has it.
    ///
    /// # Errors
    /// When another has it, or nobody is wanted.
    pub fn answer(
        &mut self,
        now: Ms,
        agent: &str,
        phone: bool,
        out: &mut Vec<Step>,
    ) -> Result<(), No> {
        if let Some(human) = self.holder() {
            return Err(No::Taken(human));
        }
        // He comes back on another line.
        if self.agent() == Some(agent) {
            self.agent_back(out);
            return Ok(());
        }
        if self.wanted.is_none() {
            return Err(No::NotWanted);
        }
        if let Some(taker) = self.taker.take() {
            out.push(Step::Forfeited(taker.user));
        }
        self.found(agent, out);
        let at = if phone {
            At::Briefed { since: now }
        } else {
            At::OnLine { since: now }
        };
        self.agent = Some(Seat {
            agent: agent.to_string(),
            at,
        });
        out.push(Step::OnLine {
            agent: agent.to_string(),
            phone,
        });
        Ok(())
    }

    /// The briefing is over.
    pub fn briefed(&mut self, now: Ms) {
        if let Some(seat) = &mut self.agent
            && matches!(seat.at, At::Briefed { .. })
        {
            seat.at = At::OnLine { since: now };
        }
    }

    /// The agent's voice was heard; who talks through his briefing wants no more of it.
    pub fn spoke(&mut self, out: &mut Vec<Step>) {
        let waits = self.taker.is_none();
        if let Some(seat) = self.agent.as_mut().filter(|_| waits)
            && matches!(seat.at, At::OnLine { .. } | At::Briefed { .. })
        {
            seat.at = At::Bridged;
            out.push(Step::Bridged(seat.agent.clone()));
        }
    }

    /// The offer to this agent came to nothing; false when there was none.
    pub fn declined(&mut self, agent: &str) -> bool {
        let before = self.ringing.len();
        self.ringing.retain(|r| r.agent != agent);
        before != self.ringing.len()
    }

    /// This agent's phone is over: `meant` when he hung up, else something broke.
    pub fn ended(&mut self, now: Ms, agent: &str, meant: bool, out: &mut Vec<Step>) {
        let gone = |why| Step::Gone {
            agent: agent.to_string(),
            why,
        };
        if self.declined(agent) {
            out.push(gone("did not come"));
            return;
        }
        let Some(seat) = self.agent.take_if(|s| s.agent == agent) else {
            return;
        };
        if self.taker.as_ref().is_some_and(|t| t.lost.is_none()) {
            return out.push(gone("left"));
        }
        match seat.at {
            At::Briefed { .. } | At::OnLine { .. } => {
                self.wanted = Some(now);
                out.push(gone("did not come"));
            }
            At::Bridged if meant => {
                self.over = true;
                out.push(Step::Left(seat.agent));
            }
            At::Bridged => {
                self.seek_again(now);
                out.push(Step::Lost(Human::Agent(agent.to_string())));
            }
            At::Lost { .. } => out.push(gone("line lost")),
        }
    }

    /// Nothing comes from the agent any more.
    pub fn agent_lost(&mut self, now: Ms, out: &mut Vec<Step>) {
        let taken = self.taker.as_ref().is_some_and(|t| t.lost.is_none());
        let Some(seat) = &mut self.agent else { return };
        let agent = seat.agent.clone();
        match seat.at {
            At::Lost { .. } => {}
            At::Bridged if !taken => {
                seat.at = At::Lost { since: now };
                self.seek_again(now);
                out.push(Step::Lost(Human::Agent(agent)));
            }
            // He had not begun, or was only there to listen.
            _ => {
                self.agent = None;
                if !taken {
                    self.wanted = Some(now);
                }
                out.push(Step::Gone {
                    agent,
                    why: "line lost",
                });
            }
        }
    }

    /// The agent's line is there again.
    pub fn agent_back(&mut self, out: &mut Vec<Step>) {
        let Some(seat) = self.agent.as_mut() else {
            return;
        };
        if matches!(seat.at, At::Lost { .. }) {
            seat.at = At::Bridged;
            let agent = seat.agent.clone();
            self.found(&agent, out);
            out.push(Step::Back(Human::Agent(agent)));
        }
    }

    /// A supervisor takes the callee over.
    ///
    /// # Errors
    /// When another supervisor has.
    pub fn take_over(&mut self, user: i64, name: &str, out: &mut Vec<Step>) -> Result<(), No> {
        if let Some(taker) = self.taker.as_ref().filter(|t| t.user != user) {
            return Err(No::Taken(taker.name.clone()));
        }
        // An agent whose line is lost has nobody to come back to.
        if let Some(seat) = self.agent.take_if(|s| matches!(s.at, At::Lost { .. })) {
            out.push(Step::OfferLost {
                agent: seat.agent,
                to: name.to_string(),
            });
        }
        self.found(name, out);
        if let Some(seat) = &mut self.agent {
            // When he gets the callee back, they know each other.
            seat.at = At::Bridged;
        }
        self.taker = Some(Taker {
            user,
            name: name.to_string(),
            lost: None,
        });
        Ok(())
    }

    /// The supervisor who took over stops; the agent who has the callee again, if any.
    pub fn taker_left(&mut self) -> Option<String> {
        let lost = self.taker.take()?.lost.is_some();
        if !lost {
            self.over = false;
        }
        self.agent.as_ref().map(|s| s.agent.clone())
    }

    pub fn taker_lost(&mut self, now: Ms, out: &mut Vec<Step>) {
        let Some(taker) = self.taker.as_mut().filter(|t| t.lost.is_none()) else {
            return;
        };
        taker.lost = Some(now);
        let from = Human::Supervisor {
            user: taker.user,
            name: taker.name.clone(),
        };
        match &self.agent {
            Some(seat) => out.push(Step::Fallen {
                from,
                agent: seat.agent.clone(),
            }),
            None => {
                self.seek_again(now);
                out.push(Step::Lost(from));
            }
        }
    }

    pub fn taker_back(&mut self, out: &mut Vec<Step>) {
        let Some(taker) = self.taker.as_mut().filter(|t| t.lost.is_some()) else {
            return;
        };
        taker.lost = None;
        let (user, name) = (taker.user, taker.name.clone());
        self.found(&name, out);
        out.push(Step::Back(Human::Supervisor { user, name }));
    }

    /// The agent gives the callee back to the robot, and may be wanted again.
    pub fn agent_leaves(&mut self) -> Option<String> {
        let seat = self.agent.take()?;
        self.wanted = None;
        self.nobody_else = None;
        self.over = false;
        Some(seat.agent)
    }

    /// Nobody is free, or everybody was tried. Whose line was lost may still come back.
    pub fn nobody(&mut self, why: &str, after_hours: bool, out: &mut Vec<Step>) {
        if self.wanted.take().is_none() {
            return;
        }
        for r in std::mem::take(&mut self.ringing) {
            out.push(Step::Gone {
                agent: r.agent,
                why: "offer timed out",
            });
        }
        if self.lost_since().is_some() {
            self.nobody_else = Some((why.to_string(), after_hours));
        } else {
            self.over = true;
            out.push(Step::Nobody {
                why: why.to_string(),
                after_hours,
            });
        }
    }

    #[must_use]
    pub fn deadline(&self) -> Option<(Ms, Why)> {
        let sought = self.wanted.map(|at| (at.after(SEEK_MS), "seek an agent"));
        let taken = self.taker.as_ref().is_some_and(|t| t.lost.is_none());
        let seat = self.agent.as_ref().filter(|_| !taken);
        let seat = seat.and_then(|s| match s.at {
            At::Briefed { since } => Some((since.after(BRIEFING_MS), "the briefing is long")),
            At::OnLine { since } => Some((since.after(SHY_AGENT_MS), "agent says nothing")),
            At::Bridged | At::Lost { .. } => None,
        });
        let lost = self
            .lost_since()
            .map(|at| (at.after(REJOIN_MS), "a lost line comes back"));
        let all = [sought, seat, lost].into_iter().flatten();
        all.min_by_key(|(at, _)| *at)
    }

    pub fn wake(&mut self, now: Ms, out: &mut Vec<Step>) {
        if self
            .lost_since()
            .is_some_and(|at| now >= at.after(REJOIN_MS))
        {
            self.give_up_lost(out);
        }
        if self.wanted.is_some_and(|at| now >= at.after(SEEK_MS)) {
            self.nobody("nobody came in time", false, out);
        }
        match self.agent.as_ref().map(|s| s.at) {
            Some(At::Briefed { since }) if now >= since.after(BRIEFING_MS) => self.briefed(now),
            Some(At::OnLine { since }) if now >= since.after(SHY_AGENT_MS) => self.spoke(out),
            _ => {}
        }
    }

    /// Somebody rings, is on the line or was a moment ago.
    #[must_use]
    pub fn busy(&self) -> bool {
        !self.ringing.is_empty() || self.agent.is_some() || self.taker.is_some()
    }

    /// Who has the callee: the robot is silent.
    #[must_use]
    pub fn human(&self) -> Option<Human> {
        if let Some(t) = self.taker.as_ref().filter(|t| t.lost.is_none()) {
            return Some(Human::Supervisor {
                user: t.user,
                name: t.name.clone(),
            });
        }
        let seat = self.agent.as_ref().filter(|s| s.at == At::Bridged)?;
        Some(Human::Agent(seat.agent.clone()))
    }

    #[must_use]
    pub fn bridged(&self) -> bool {
        self.human().is_some()
    }

    /// The agent on the line, whatever he does there.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        self.agent.as_ref().map(|s| s.agent.as_str())
    }

    /// How the agent takes part.
    #[must_use]
    pub fn part(&self) -> Option<AgentPart> {
        let seat = self.agent.as_ref()?;
        let taken = self.taker.as_ref().is_some_and(|t| t.lost.is_none());
        Some(match seat.at {
            _ if taken => AgentPart::Aside,
            At::Briefed { .. } => AgentPart::Briefed,
            At::OnLine { .. } | At::Bridged => AgentPart::Talks,
            At::Lost { .. } => AgentPart::Aside,
        })
    }

    /// Who keeps others from taking the call.
    fn holder(&self) -> Option<String> {
        let taker = self.taker.as_ref().filter(|t| t.lost.is_none());
        let seat = self.agent.as_ref();
        let seat = seat.filter(|s| !matches!(s.at, At::Lost { .. }));
        taker
            .map(|t| t.name.clone())
            .or_else(|| seat.map(|s| s.agent.clone()))
    }

    /// The search is over: everybody else is told who has the call.
    fn found(&mut self, who: &str, out: &mut Vec<Step>) {
        self.wanted = None;
        self.nobody_else = None;
        let others = std::mem::take(&mut self.ringing).into_iter();
        let lost = self.agent.take_if(|s| {
            let lost = matches!(s.at, At::Lost { .. });
            lost && s.agent != who
        });
        let others = others.map(|r| r.agent).chain(lost.map(|s| s.agent));
        out.extend(
            others
                .filter(|agent| agent != who)
                .map(|agent| Step::OfferLost {
                    agent,
                    to: who.to_string(),
                }),
        );
    }

    fn seek_again(&mut self, now: Ms) {
        self.wanted = Some(now);
        self.nobody_else = None;
        self.over = false;
    }

    fn lost_since(&self) -> Option<Ms> {
        let seat = self.agent.as_ref().and_then(|s| match s.at {
            At::Lost { since } => Some(since),
            _ => None,
        });
        seat.or_else(|| self.taker.as_ref().and_then(|t| t.lost))
    }

    fn give_up_lost(&mut self, out: &mut Vec<Step>) {
        if let Some(seat) = self.agent.take_if(|s| matches!(s.at, At::Lost { .. })) {
            out.push(Step::Gone {
                agent: seat.agent,
                why: "line lost",
            });
        }
        if let Some(taker) = self.taker.take_if(|t| t.lost.is_some()) {
            out.push(Step::Forfeited(taker.user));
        }
        if let Some((why, after_hours)) = self.nobody_else.take() {
            self.over = true;
            out.push(Step::Nobody { why, after_hours });
        }
    }
}

#[cfg(test)]
mod tests;
