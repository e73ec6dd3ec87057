//! What a hand-over says: who has the callee, and what was learned.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// What the hand-over learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Ringing(String),
    /// This agent has the call and is not heard speaking yet; on the phone, he is briefed first.
    OnLine {
        agent: String,
        phone: bool,
    },
    /// Another human has what rang at this agent; the phone, if it is one, is to be cancelled.
    OfferLost {
        agent: String,
        to: String,
    },
    /// This agent is out of it; others may be tried.
    Gone {
        agent: String,
        why: &'static str,
    },
    Bridged(String),
    /// An agent hung up on a callee who is still there.
    Left(String),
    /// Nothing comes from the human who had the callee, and nobody else has: the call is on offer again.
    Lost(Human),
    /// The same while an agent is there who was taken over: he has the callee again.
    Fallen {
        from: Human,
        agent: String,
    },
    /// He is back, and has the callee.
    Back(Human),
    /// A supervisor whose line was lost has no claim any more.
    Forfeited(i64),
    Nobody {
        why: String,
        after_hours: bool,
    },
}

/// Who has the callee, or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Human {
    Agent(String),
    Supervisor { user: i64, name: String },
}

impl Human {
    /// The agent's id, the supervisor's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Human::Agent(name) | Human::Supervisor { name, .. } => name,
        }
    }

    #[must_use]
    pub fn user(&self) -> Option<i64> {
        match self {
            Human::Agent(_) => None,
            Human::Supervisor { user, .. } => Some(*user),
        }
    }
}

/// Why an agent or a supervisor cannot have the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    Taken(String),
    NotWanted,
}
