//! What the desk tells people's pages.

use super::presence::Presence;
use super::queue::OfferEnd;
use crate::store::TenantId;
use crate::terms::{CallId, Grade};
use serde::Serialize;
use utoipa::ToSchema;

/// How an agent is reached.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    Browser,
    Sip,
}

/// The lead of an offer, as far as everybody may see it at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OfferLead {
    pub name: Option<String>,
}

/// A call that rings at an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Offer {
    #[schema(value_type = String)]
    pub call: CallId,
    /// Why a human is wanted.
    pub reason: String,
    pub skill: Option<String>,
    #[schema(value_type = Option<String>, example = "A")]
    pub grade: Option<Grade>,
    pub lead: OfferLead,
    pub rings_until_unix_ms: i64,
}

/// An offer that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OfferGone {
    #[schema(value_type = String)]
    pub call: CallId,
    pub why: OfferGoneWhy,
    /// Who has the call.
    pub by: Option<String>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferGoneWhy {
    Taken,
    Timeout,
    Ended,
    Declined,
}

impl From<OfferEnd> for OfferGoneWhy {
    fn from(end: OfferEnd) -> OfferGoneWhy {
        match end {
            OfferEnd::Taken => OfferGoneWhy::Taken,
            OfferEnd::Timeout => OfferGoneWhy::Timeout,
            OfferEnd::Declined => OfferGoneWhy::Declined,
            OfferEnd::Ended | OfferEnd::Unreachable => OfferGoneWhy::Ended,
        }
    }
}

/// One agent, as everybody at the desk sees him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgentState {
    /// 0 for an agent of a file.
    pub user: i64,
    pub id: String,
    pub name: String,
    pub presence: Presence,
    pub since_unix_ms: i64,
    pub skills: Vec<String>,
    #[schema(value_type = Option<String>)]
    pub call: Option<CallId>,
    pub line: Option<LineKind>,
    pub calls_today: u64,
    pub talk_today_ms: u64,
}

/// One's own place at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeskMe {
    pub presence: Presence,
    pub since_unix_ms: i64,
    pub line: Option<LineKind>,
    #[schema(value_type = Option<String>)]
    pub call: Option<CallId>,
    pub offers: Vec<Offer>,
    pub wrap_up_until_unix_ms: Option<i64>,
    pub skills: Vec<String>,
    pub within_hours: bool,
    /// Why the presence is not what one chose.
    pub note: Option<String>,
    /// Calls are offered to this person.
    pub agent: bool,
}

/// Told to the pages of those it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskEvent {
    /// To this user: a call rings.
    Offer {
        tenant: TenantId,
        user: i64,
        offer: Offer,
    },
    /// To this user: an offer is over.
    OfferGone {
        tenant: TenantId,
        user: i64,
        gone: OfferGone,
    },
    /// To this user: his place changed.
    Me {
        tenant: TenantId,
        user: i64,
        me: DeskMe,
    },
    /// To everybody of the tenant who may see the desk.
    Agent { tenant: TenantId, agent: AgentState },
}
