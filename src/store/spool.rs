//! The file beside the database that holds what could not be written into it, one JSON line each, synced before the
//! writer goes on. Replay is idempotent: events by (call, seq), outcomes by attempt, opt-outs by number.

use super::{AttemptOutcome, StoreError, attempts, dnc, error::sort};
use crate::terms::{CallEvent, Phone};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqlitePool;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

/// Lines that go into the database in one transaction.
const CHUNK: usize = 500;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SpoolLine {
    Event {
        seq: i64,
        event: CallEvent,
    },
    Outcome(Box<AttemptOutcome>),
    OptOut {
        phone: Phone,
        source: String,
        evidence: String,
        at: i64,
    },
}

pub(super) struct Spool {
    /// False beside the process that dials: the file is that one's alone.
    owned: bool,
    path: PathBuf,
    database: PathBuf,
    pool: SqlitePool,
    /// Held while the file is written or replayed.
    file: tokio::sync::Mutex<()>,
    lines: AtomicU64,
    /// Numbers whose opt-out is only in the file so far.
    opted_out: Mutex<BTreeSet<String>>,
}

impl Spool {
    pub fn new(path: PathBuf, database: PathBuf, pool: SqlitePool, owned: bool) -> Self {
        // A file left by an earlier process counts as one line until it was read.
        let left = owned && std::fs::metadata(&path).is_ok_and(|m| m.len() > 0);
        Spool {
            owned,
            path,
            database,
            pool,
            file: tokio::sync::Mutex::new(()),
            lines: AtomicU64::new(u64::from(left)),
            opted_out: Mutex::new(BTreeSet::new()),
        }
    }

    pub fn database(&self) -> &std::path::Path {
        &self.database
    }

    /// True while something waits in the file.
    pub fn waits(&self) -> bool {
        self.lines.load(Ordering::Relaxed) > 0
    }

    /// True when this number opted out and the database does not know it yet.
    pub fn has_opt_out(&self, phone: &Phone) -> bool {
        self.opted_out
            .lock()
            .is_ok_and(|set| set.contains(phone.full()))
    }

    /// Adds lines and syncs them to the disk.
    pub async fn append(&self, lines: &[SpoolLine]) -> std::io::Result<()> {
        if !self.owned {
            return Err(std::io::ErrorKind::PermissionDenied.into());
        }
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        let _held = self.file.lock().await;
        let mut file = tokio::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .await?;
        let before = file.metadata().await?.len();
        if let Err(e) = write_synced(&mut file, &text).await {
            // Half a line would swallow the next one.
            let _ = file.set_len(before).await;
            return Err(e);
        }
        self.lines.fetch_add(lines.len() as u64, Ordering::Relaxed);
        if let Ok(mut set) = self.opted_out.lock() {
            for line in lines {
                if let SpoolLine::OptOut { phone, .. } = line {
                    set.insert(phone.full().to_owned());
                }
            }
        }
        Ok(())
    }

    /// Puts the file's lines into the database and empties it; returns how many there were. A line that is damaged or
    /// contradicts the database moves to `journal.rejected.ndjson`, with an error in the log.
    pub async fn replay(&self) -> Result<u64, StoreError> {
        if !self.waits() {
            return Ok(0);
        }
        let _held = self.file.lock().await;
        let unreadable = |e: std::io::Error| StoreError::CannotOpen {
            file: self.path.clone(),
            what: e.to_string(),
        };
        let file = match tokio::fs::File::open(&self.path).await {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                self.lines.store(0, Ordering::Relaxed);
                return Ok(0);
            }
            Err(e) => return Err(unreadable(e)),
        };
        let mut reader = BufReader::new(file).lines();
        let mut rejected = String::new();
        let mut count = 0;
        loop {
            let mut chunk = Vec::new();
            while chunk.len() < CHUNK
                && let Some(text) = reader.next_line().await.map_err(unreadable)?
            {
                match serde_json::from_str::<SpoolLine>(&text) {
                    Ok(line) => chunk.push((line, text)),
                    Err(e) => {
                        tracing::error!(error = %e, "a line of the spool file is damaged and set aside");
                        rejected.push_str(&text);
                        rejected.push('\n');
                    }
                }
            }
            if chunk.is_empty() {
                break;
            }
            count += chunk.len() as u64;
            self.put(&chunk, &mut rejected).await?;
        }
        if !rejected.is_empty() {
            self.set_aside(&rejected).await.map_err(unreadable)?;
        }
        let file = tokio::fs::OpenOptions::new()
            .write(true)
            .open(&self.path)
            .await
            .map_err(unreadable)?;
        file.set_len(0).await.map_err(unreadable)?;
        file.sync_all().await.map_err(unreadable)?;
        self.lines.store(0, Ordering::Relaxed);
        if let Ok(mut set) = self.opted_out.lock() {
            set.clear();
        }
        Ok(count)
    }

    async fn put(
        &self,
        chunk: &[(SpoolLine, String)],
        rejected: &mut String,
    ) -> Result<(), StoreError> {
        let failed = |e| sort(&self.database, e);
        let mut tx = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(failed)?;
        let mut told = BTreeSet::new();
        for (line, text) in chunk {
            match line {
                SpoolLine::Event { seq, event } => {
                    told.insert(&event.call.0);
                    super::journal::put_event(&mut tx, *seq, event)
                        .await
                        .map_err(failed)?;
                }
                SpoolLine::Outcome(outcome) => {
                    let known = attempts::put_outcome(&mut tx, outcome)
                        .await
                        .map_err(failed)?;
                    if known.is_none() {
                        tracing::error!(call = %outcome.call, "an outcome in the spool file belongs to no attempt and is set aside");
                        rejected.push_str(text);
                        rejected.push('\n');
                    }
                }
                SpoolLine::OptOut {
                    phone,
                    source,
                    evidence,
                    at,
                } => dnc::put(&mut tx, phone, source, evidence, *at)
                    .await
                    .map_err(failed)?,
            }
        }
        for call in told {
            // The end of the call may have been written before these events, which came by the longer way.
            let over = sqlx::query(
                "SELECT 1 FROM attempts WHERE call_id = $1 AND state = 'ended' \
                 UNION ALL SELECT 1 FROM events WHERE call_id = $1 AND json ->> 'kind' = 'ended' LIMIT 1",
            )
                .bind(call)
                .fetch_optional(&mut *tx)
                .await
                .map_err(failed)?;
            if over.is_some() {
                super::qc::close_call(&mut tx, call).await.map_err(failed)?;
            }
        }
        tx.commit().await.map_err(failed)
    }

    async fn set_aside(&self, rejected: &str) -> std::io::Result<()> {
        let mut file = tokio::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path.with_extension("rejected.ndjson"))
            .await?;
        write_synced(&mut file, rejected.as_bytes()).await
    }
}

async fn write_synced(file: &mut tokio::fs::File, text: &[u8]) -> std::io::Result<()> {
    file.write_all(text).await?;
    file.flush().await?;
    file.sync_data().await
}
