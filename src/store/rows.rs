//! What goes into the database and what comes out of it.

use crate::terms::{
    CallEvent, CallId, CauseKind, Disposition, EndedBy, Grade, HangupCause, Lang, Ms, Phone,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Whose campaigns, contacts and people: a merchant, or the platform itself.
#[derive(
    Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct TenantId(pub i64);

impl TenantId {
    /// The platform itself: the only tenant until merchants are made.
    pub const PLATFORM: TenantId = TenantId(1);
}

/// A campaign's row number.
#[derive(
    Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct CampaignId(pub i64);

/// A lead's row number.
#[derive(
    Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct LeadId(pub i64);

/// An attempt's row number.
#[derive(
    Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct AttemptId(pub i64);

/// Whether a campaign may dial.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum CampaignState {
    Running,
    Paused,
    Stopped,
    /// Every lead is done.
    Finished,
}

impl CampaignState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            CampaignState::Running => "running",
            CampaignState::Paused => "paused",
            CampaignState::Stopped => "stopped",
            CampaignState::Finished => "finished",
        }
    }

    pub(super) fn parse(code: &str) -> Self {
        match code {
            "running" => CampaignState::Running,
            "paused" => CampaignState::Paused,
            "finished" => CampaignState::Finished,
            _ => CampaignState::Stopped,
        }
    }
}

/// One run of a list with a dialplan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    pub name: String,
    /// The dialplan's file, as given.
    pub dialplan: String,
    /// The list's file, as given.
    pub list: String,
    pub state: CampaignState,
    pub created_unix_ms: i64,
}

/// How far a campaign is, in leads.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub queued: u64,
    pub claimed: u64,
    pub done: u64,
    /// When the next queued lead is due, unix ms.
    pub next_at: Option<i64>,
}

/// One contact as a list gives it, before it belongs to a campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadRow {
    /// The row in the list as a spreadsheet numbers it; the header is 1.
    pub row: u64,
    /// E.164, the preferred number first; never empty.
    pub phones: Vec<Phone>,
    pub name: Option<String>,
    pub lang: Option<Lang>,
    /// IANA name of the callee's time zone, when the list says.
    pub tz: Option<String>,
    /// Every column but the numbers, by its normalised header; `name` is among them.
    pub vars: BTreeMap<String, String>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    pub added: u64,
    /// Rows whose numbers the campaign already had.
    pub known: u64,
    /// Rows whose numbers are all on the do-not-call list; they are imported and end as `dnc`.
    pub on_dnc: u64,
    /// The first known rows with their numbers, at most 100, for the report.
    pub known_rows: Vec<(u64, Phone)>,
}

/// A lead this process may dial now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedLead {
    pub id: LeadId,
    pub campaign: CampaignId,
    pub row: u64,
    /// The number to dial now: the lead's numbers in turn, without those on the do-not-call list or over their cap.
    pub phone: Phone,
    pub phones: Vec<Phone>,
    pub name: Option<String>,
    pub lang: Option<Lang>,
    pub tz: Option<String>,
    pub vars: BTreeMap<String, String>,
    /// The number the next attempt will have, from 1.
    pub attempt_no: u32,
    /// The callee asked to be called back at this time.
    pub is_callback: bool,
    /// Tags that earlier calls left on the contact.
    pub contact: BTreeSet<String>,
}

/// A lead that was due and must not be dialled; a row with this disposition was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLead {
    pub id: LeadId,
    pub phone: Phone,
    pub name: Option<String>,
    pub disposition: Disposition,
    /// When it is tried again; `None` when it is done.
    pub again_at: Option<i64>,
}

/// What [`super::Store::claim`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    pub leads: Vec<ClaimedLead>,
    pub refused: Vec<RefusedLead>,
}

/// How often one number may be called, over all campaigns; `None` is no limit.
///
/// A lead's own unanswered tries count as one call; a call the callee asked for is never held back.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Calls in any 24 hours.
    pub per_day: Option<u32>,
    /// Calls in any 7 days.
    pub per_week: Option<u32>,
}

impl Default for Caps {
    fn default() -> Self {
        Caps {
            per_day: Some(1),
            per_week: Some(3),
        }
    }
}

impl Caps {
    pub const NONE: Caps = Caps {
        per_day: None,
        per_week: None,
    };
}

/// What is known before the INVITE leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttempt {
    pub lead: LeadId,
    pub call: CallId,
    pub phone: Phone,
    pub trunk: String,
    pub caller_id: String,
}

/// Whether the INVITE may leave.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The row is on disk: dial.
    Started { id: AttemptId, attempt_no: u32 },
    /// Do not dial; the refusal is on record.
    Refused(Disposition),
}

/// How far an attempt got. The order is the order of a call.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttemptState {
    Dialing,
    /// Something rang or played: the callee may have noticed.
    Ringing,
    Talking,
    Bridged,
    Ended,
}

impl AttemptState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            AttemptState::Dialing => "dialing",
            AttemptState::Ringing => "ringing",
            AttemptState::Talking => "talking",
            AttemptState::Bridged => "bridged",
            AttemptState::Ended => "ended",
        }
    }

    pub(super) const fn rank(self) -> i64 {
        self as i64
    }

    pub(super) fn parse(code: &str) -> Self {
        match code {
            "dialing" => AttemptState::Dialing,
            "ringing" => AttemptState::Ringing,
            "talking" => AttemptState::Talking,
            "bridged" => AttemptState::Bridged,
            _ => AttemptState::Ended,
        }
    }
}

/// A tag and the words that earned it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TagHit {
    pub tag: String,
    pub evidence: String,
    pub score: f32,
    pub at: Ms,
}

/// The latest value of a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotValue {
    pub name: String,
    pub value: String,
    pub evidence: String,
    pub at: Ms,
}

/// The callee wants to be called again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackWish {
    pub evidence: String,
    /// The time as it was understood, in the callee's local time.
    pub said: Option<String>,
    /// The same in unix ms; `None` leaves it to a human.
    pub due_unix_ms: Option<i64>,
}

/// What becomes of the lead.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadNext {
    Done,
    /// Queued again, due at this unix ms.
    At(i64),
}

/// Everything about an attempt that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptOutcome {
    pub attempt: AttemptId,
    pub call: CallId,
    pub disposition: Disposition,
    pub result: Option<String>,
    pub grade: Option<Grade>,
    pub reasons: Vec<String>,
    pub cause: Option<HangupCause>,
    pub ring_ms: u64,
    pub talk_ms: u64,
    /// The agent who was bridged.
    pub bridged: Option<String>,
    /// The recording's file name.
    pub recording: Option<String>,
    pub ended_unix_ms: i64,
    pub tags: Vec<TagHit>,
    pub slots: Vec<SlotValue>,
    pub callback: Option<CallbackWish>,
    #[serde(default)]
    pub after: super::Afterwards,
    pub next: LeadNext,
}

/// What became of an outcome that was handed in.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    Stored,
    /// The attempt had its outcome already; the first one stays.
    AlreadyEnded,
    /// The database could not be written; the outcome is on disk beside it and goes in as soon as it can.
    Spooled,
}

/// Which calls to list; an empty filter lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    pub campaign: Option<String>,
    pub disposition: Option<Disposition>,
    pub grade: Option<Grade>,
    pub phone: Option<Phone>,
    pub since_unix_ms: Option<i64>,
    pub until_unix_ms: Option<i64>,
}

/// One attempt as it stands in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRecord {
    pub id: AttemptId,
    pub campaign: String,
    pub lead: LeadId,
    pub row: u64,
    pub name: Option<String>,
    pub lang: Option<Lang>,
    /// `None` when nothing was dialled.
    pub attempt_no: Option<u32>,
    pub call: Option<CallId>,
    pub phone: Phone,
    pub trunk: Option<String>,
    pub caller_id: Option<String>,
    pub state: AttemptState,
    pub disposition: Option<Disposition>,
    pub result: Option<String>,
    pub grade: Option<Grade>,
    pub reasons: Vec<String>,
    pub cause: Option<CauseKind>,
    pub cause_text: Option<String>,
    pub sip_code: Option<u16>,
    pub q850: Option<u8>,
    pub hangup_by: Option<EndedBy>,
    pub ring_ms: u64,
    pub talk_ms: u64,
    pub bridged: Option<String>,
    pub recording: Option<String>,
    pub started_unix_ms: i64,
    pub ended_unix_ms: Option<i64>,
}

/// One call with everything that happened in it.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRecord {
    pub attempt: AttemptRecord,
    pub events: Vec<CallEvent>,
    pub tags: Vec<TagHit>,
    pub slots: Vec<SlotValue>,
}

/// One line of a campaign's results: an attempt, or a lead that had none yet.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultRow {
    pub row: u64,
    pub name: Option<String>,
    pub lang: Option<Lang>,
    pub phone: Phone,
    pub vars: BTreeMap<String, String>,
    pub lead_status: String,
    pub attempt: Option<AttemptRecord>,
    pub tags: Vec<TagHit>,
    pub slots: Vec<SlotValue>,
    /// Field → value of the lead card.
    pub card: Vec<(String, String)>,
}

/// A number that must not be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DncEntry {
    pub phone: Phone,
    /// Who put it there: `callee`, `import`, `operator`.
    pub source: String,
    pub evidence: String,
    pub at_unix_ms: i64,
}

/// A promise to call again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackRow {
    pub lead: LeadId,
    pub attempt: AttemptId,
    pub phone: Phone,
    pub name: Option<String>,
    pub due_unix_ms: Option<i64>,
    pub said: Option<String>,
    pub evidence: String,
    pub done_unix_ms: Option<i64>,
}

/// What a start found left over by a process that died.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Leads that were claimed and not dialled: queued again.
    pub unclaimed: u64,
    /// Calls that may have rung: ended as `interrupted`, not dialled again.
    pub interrupted: Vec<CallId>,
    /// Calls that never rang: ended as `interrupted`, the lead queued again after the hold-off.
    pub requeued: Vec<CallId>,
    /// Lines of the spool file that went into the database.
    pub replayed: u64,
}
