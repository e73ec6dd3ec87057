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
mod campaigns;
mod claim;
mod contacts;
mod dialplans;
mod dnc;
mod error;
mod import;
pub mod journal;
mod migrations;
mod open;
mod read;
pub mod recap;
mod recover;
mod rows;
mod spool;

pub use contacts::{Afterwards, FollowUpRow, FollowUpWish};
pub use dialplans::{BundleFile, DialplanVersion, NewVersion, Published, StepCount};
pub use error::StoreError;
pub use journal::{Journal, JournalCounts};
pub use open::{Store, StoreOptions};
pub use recover::RecoverRules;
pub use rows::*;

#[cfg(test)]
mod tests;
