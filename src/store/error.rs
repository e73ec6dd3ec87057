//! What can go wrong with the database, in words an operator can act on.

use crate::terms::Phone;
use std::path::PathBuf;

/// Every way the store fails.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "the data folder {dir} is in use by another callsmith process{holder}; stop that one first or choose another folder"
    )]
    InUse { dir: PathBuf, holder: String },
    #[error(
        "the database {file} is damaged ({what}); stop the program, keep a copy of the folder, then recover with `sqlite3 {file} .recover | sqlite3 repaired.db` or put a backup in its place"
    )]
    Corrupt { file: PathBuf, what: String },
    #[error("no space left on the disk that holds {file}; free some space, nothing was changed")]
    DiskFull { file: PathBuf },
    #[error(
        "{file} cannot be written ({what}); check the owner and the permissions of its folder, and that the disk is not mounted read-only"
    )]
    ReadOnly { file: PathBuf, what: String },
    #[error("{file} stayed locked by another program for too long; close whatever has it open")]
    Busy { file: PathBuf },
    #[error("{file} cannot be opened: {what}")]
    CannotOpen { file: PathBuf, what: String },
    #[error(
        "the database {file} was made by another version of callsmith ({what}); run that version, or start with an empty data folder"
    )]
    Version { file: PathBuf, what: String },
    #[error("campaign {0:?} does not exist; `callsmith calls` shows the names")]
    NoCampaign(String),
    #[error("more than one call starts with {0:?}; give more of its id")]
    Ambiguous(String),
    #[error("lead {lead} ({phone}) is not claimed by this process, so it is not dialled")]
    NotClaimed { lead: i64, phone: Phone },
    #[error("attempt {0} is not in the database")]
    NoAttempt(i64),
    #[error("a stored value is not readable: {0}")]
    BadRow(String),
    #[error("database: {0}")]
    Other(String),
}

impl StoreError {
    /// True when the same write may succeed later: locked, full, read-only or gone, but not wrong in itself.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            StoreError::Busy { .. }
                | StoreError::DiskFull { .. }
                | StoreError::ReadOnly { .. }
                | StoreError::CannotOpen { .. }
                | StoreError::Corrupt { .. }
        )
    }
}

/// Sorts a driver's error by SQLite's primary result code (<https://sqlite.org/rescode.html>).
pub(super) fn sort(file: &std::path::Path, error: sqlx::Error) -> StoreError {
    let file = file.to_path_buf();
    let what = error.to_string();
    let code = match &error {
        sqlx::Error::Database(e) => e.code().and_then(|c| c.parse::<i32>().ok()),
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Some(5),
        sqlx::Error::Io(_) => Some(14),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            return StoreError::BadRow(what);
        }
        _ => None,
    };
    match code.map(|c| c & 0xff) {
        Some(5 | 6) => StoreError::Busy { file },
        Some(8) => StoreError::ReadOnly { file, what },
        Some(10 | 14) => StoreError::CannotOpen { file, what },
        Some(11 | 26) => StoreError::Corrupt { file, what },
        Some(13) => StoreError::DiskFull { file },
        _ => StoreError::Other(what),
    }
}
