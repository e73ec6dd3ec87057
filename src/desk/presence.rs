//! What one agent is doing.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::member::Member;
use crate::terms::CallId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an agent is doing, as people see it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Offline,
    Ready,
    Break,
    /// A call rings at the agent.
    Offered,
    OnCall,
    /// Writing down how the call went.
    WrapUp,
}

impl Presence {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Presence::Offline => "offline",
            Presence::Ready => "ready",
            Presence::Break => "break",
            Presence::Offered => "offered",
            Presence::OnCall => "on_call",
            Presence::WrapUp => "wrap_up",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Presence> {
        [
            Presence::Offline,
            Presence::Ready,
            Presence::Break,
            Presence::Offered,
            Presence::OnCall,
            Presence::WrapUp,
        ]
        .into_iter()
        .find(|p| p.code() == code)
    }
}

/// What an agent may choose to be.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    Ready,
    Break,
    Offline,
}

/// Presence with what belongs to it. Times are unix ms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    Offline,
    Ready,
    Break,
    Offered {
        call: CallId,
        until: i64,
        /// The agent pressed accept and the call has not said yes or no.
        answering: bool,
    },
    OnCall {
        call: CallId,
        since: i64,
        /// Since when nothing comes from the agent's line.
        lost: Option<i64>,
        /// The outcome was written during the call: no wrap-up after it.
        settled: bool,
    },
    WrapUp {
        call: CallId,
        until: i64,
    },
}

impl At {
    #[must_use]
    pub const fn presence(&self) -> Presence {
        match self {
            At::Offline => Presence::Offline,
            At::Ready => Presence::Ready,
            At::Break => Presence::Break,
            At::Offered { .. } => Presence::Offered,
            At::OnCall { .. } => Presence::OnCall,
            At::WrapUp { .. } => Presence::WrapUp,
        }
    }

    /// The call that this is about.
    #[must_use]
    pub const fn call(&self) -> Option<&CallId> {
        match self {
            At::Offered { call, .. } | At::OnCall { call, .. } | At::WrapUp { call, .. } => {
                Some(call)
            }
            At::Offline | At::Ready | At::Break => None,
        }
    }
}

/// One agent's place at the desk.
#[derive(Clone, Debug)]
pub struct Seat {
    pub member: Member,
    pub at: At,
    /// Since when, unix ms.
    pub since: i64,
    /// Grows each time the agent becomes free: the smallest has been idle longest.
    pub idle_turn: u64,
    /// A browser is connected.
    pub line: bool,
    /// Since when it is not any more.
    pub line_lost: Option<i64>,
    /// Offers in a row that nobody answered.
    pub misses: u32,
    /// What the agent wants to be after the call.
    pub after: Option<Wish>,
    /// No member any more; the seat goes when its call is over.
    pub dismissed: bool,
}

impl Seat {
    #[must_use]
    pub fn new(member: Member, now: i64) -> Seat {
        // An agent of a file has nowhere to say that he is there.
        let at = if member.user.is_none() {
            At::Ready
        } else {
            At::Offline
        };
        Seat {
            member,
            at,
            since: now,
            idle_turn: 0,
            line: false,
            line_lost: None,
            misses: 0,
            after: None,
            dismissed: false,
        }
    }

    /// There is a browser or a phone.
    #[must_use]
    pub fn reachable(&self) -> bool {
        self.line || self.member.uri.is_some()
    }

    #[must_use]
    pub fn is_offered(&self, call: &CallId) -> bool {
        matches!(&self.at, At::Offered { call: c, .. } if c == call)
    }

    #[must_use]
    pub fn is_on(&self, call: &CallId) -> bool {
        matches!(&self.at, At::OnCall { call: c, .. } if c == call)
    }
}
