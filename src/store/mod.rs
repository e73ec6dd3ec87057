//! The one room that speaks SQL.
//!
//! Promises, in the order they matter:
//! * an attempt's row is on disk before its INVITE may leave ([`Store::begin_attempt`]), so no lead is dialled twice;
//! * a number that opted out is on disk before [`Store::opt_out`] returns, and is looked for at claim and again at dial;
//! * every attempt ends with exactly one disposition ([`Store::finish_attempt`]), even when the database is locked, full
//!   or gone: what cannot be written waits in a synced file beside it and goes in later ([`journal`], `spool`);
//! * nothing on the media path waits for a disk ([`Journal::write`] never blocks).
//!
//! SQLite today; the statements keep to what PostgreSQL understands too.

mod attempts;
mod audit;
mod campaigns;
mod claim;
mod contacts;
mod desk;
mod dialplans;
mod dnc;
mod erase;
mod error;
mod import;
mod import_columns;
pub mod journal;
mod keys;
mod leads;
mod leads_export;
mod migrations;
mod open;
pub mod outbox;
mod owners;
pub mod qc;
mod read;
pub mod recap;
mod recover;
mod rows;
mod sessions;
mod spool;
mod stats;
mod stats_agents;
mod tenants;
pub mod transcript;
mod users;
mod webhooks;
pub mod words;

pub use contacts::{
    Afterwards, Contact, ContactFilter, ContactTag, FollowUpItem, FollowUpRow, FollowUpWish,
};

pub use audit::{AuditEntry, AuditFilter, AuditRow, AuditVerdict};
pub use campaigns::{CampaignRow, CampaignSettings, Kept};
pub use desk::{
    AgentKey, DeskLead, DeskNote, DeskTask, DeskUser, EarlierCall, OutcomeNote, Worked,
};
pub use dialplans::{BundleFile, DialplanVersion, NewVersion, Published, StepPassed};
pub use dnc::{DncFilter, DncItem};
pub use erase::{Erased, Erasure};
pub use error::StoreError;
pub use journal::{Journal, JournalCounts, SipTrace};
pub use keys::{KeyRow, NewKey};
pub use leads::{Cancelled, LeadFilter, LeadView};
pub use leads_export::ResultCursor;
pub use open::{Store, StoreOptions};
pub use owners::Kind;
pub use qc::{HitFilter, Note, Watch, Word, WordHit};
pub use read::{PastCall, PastDetail, PastFilter, SipLine};
pub use recover::RecoverRules;
pub use rows::*;
pub use sessions::{LinkRow, SessionTerm};
pub use stats::{CampaignStats, DialplanStats, HourCount, PaceCount, RobotStats, StepCount};
pub use stats_agents::AgentStats;
pub use tenants::{TenantChange, TenantRow};
pub use users::{Account, NewUser, UserChange, UserChanged, UserRow};
pub use webhooks::{DeliveryRow, DueDelivery, Hook, HookChange, HookState, NewHook, Tried};

#[cfg(test)]
mod leads_tests;
#[cfg(test)]
mod tests;
