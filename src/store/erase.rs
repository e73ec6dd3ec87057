//! Forgetting a person: everything a number left in this data folder, but the proof that it must not be called.
//!
//! Asked for with [`Store::erase_request`], done by [`Store::erase_run`] when no call to the number is live. A request
//! outlives a crash; running it twice does no harm. Attempts stay as rows without number, words or recording, so that a
//! campaign's figures remain true.

mod files;

use super::{Store, StoreError, TenantId};
use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use std::collections::BTreeMap;

/// A request to forget somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    pub id: i64,
    pub tenant: TenantId,
    /// The keyed hash that stands for the number.
    pub contact: String,
    pub by: String,
    pub reason: String,
}

/// What is gone, by name: rows of each table, `recordings`, `files`.
pub type Erased = BTreeMap<String, u64>;

/// Tables that keep what concerns a number: the do-not-call proof, the requests themselves, the agents' hours (which name
/// calls and nobody else), and rows that are cleaned column by column. The audit log names contacts by their hash and is
/// never changed.
const KEPT: &[&str] = &[
    "agent_log",
    "agent_offers",
    "agent_work",
    "attempts",
    "leads",
    "dnc",
    "dnc_removed",
    "erasures",
    "campaigns",
];

impl Store {
    /// Notes that a contact of the tenant is to be forgotten, and keeps its leads from being dialled at once. `None` when
    /// there is no such contact.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn erase_request(
        &self,
        tenant: TenantId,
        contact: &str,
        by: &str,
        reason: &str,
    ) -> Result<Option<Erasure>, StoreError> {
        let Some(found) = self.contact(tenant, contact).await? else {
            return Ok(None);
        };
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        sqlx::query(
            "UPDATE leads SET status = 'done' WHERE status = 'queued' AND campaign_id IN \
               (SELECT id FROM campaigns WHERE tenant_id = $1) \
             AND id IN (SELECT lead_id FROM lead_phones WHERE phone = $2)",
        )
        .bind(tenant.0)
        .bind(found.phone.full())
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        let row = sqlx::query(
            "INSERT INTO erasures (tenant_id, contact, phone, reason, by_whom, at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        )
        .bind(tenant.0)
        .bind(contact)
        .bind(found.phone.full())
        .bind(reason)
        .bind(by)
        .bind(self.0.clock.unix_ms())
        .fetch_one(&mut *tx)
        .await
        .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(Some(Erasure {
            id: row.try_get(0).map_err(self.sorted())?,
            tenant,
            contact: contact.into(),
            by: by.into(),
            reason: reason.into(),
        }))
    }

    /// Requests that are not done yet, the oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn erasures_open(&self) -> Result<Vec<Erasure>, StoreError> {
        let rows = sqlx::query("SELECT * FROM erasures WHERE done_at IS NULL ORDER BY id")
            .fetch_all(&self.0.read)
            .await
            .map_err(self.sorted())?;
        let erasure = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Erasure {
                id: row.try_get("id")?,
                tenant: TenantId(row.try_get("tenant_id")?),
                contact: row.try_get("contact")?,
                by: row.try_get("by_whom")?,
                reason: row.try_get("reason")?,
            })
        };
        rows.iter()
            .map(erasure)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())
    }

    /// Forgets, unless a call to the number is live: then `None`, to be tried again when it is over.
    ///
    /// # Errors
    /// The database or a file cannot be written; the request stays open.
    pub async fn erase_run(&self, erasure: i64) -> Result<Option<Erased>, StoreError> {
        // What waits in the journal and in the spool file must be in the database to be found there.
        self.0.journal.flush().await;
        let row =
            sqlx::query("SELECT tenant_id, phone FROM erasures WHERE id = $1 AND done_at IS NULL")
                .bind(erasure)
                .fetch_optional(&self.0.read)
                .await
                .map_err(self.sorted())?;
        let Some(row) = row else {
            return Ok(Some(Erased::new()));
        };
        let tenant: i64 = row.try_get(0).map_err(self.sorted())?;
        let phone: String = row.try_get(1).map_err(self.sorted())?;
        let Some(traces) = self.traces(tenant, &phone).await.map_err(self.sorted())? else {
            return Ok(None);
        };
        let mut erased = Erased::new();
        // Files first: their names stand in the rows.
        let dir = self.0.file.with_file_name("");
        files::erase(&dir, &phone, &traces.calls, &traces.recordings, &mut erased)
            .await
            .map_err(|e| StoreError::CannotOpen {
                file: dir.clone(),
                what: format!("erasing a person's files: {e}"),
            })?;
        let mut db = self.0.write.acquire().await.map_err(self.sorted())?;
        // Deleted rows are overwritten, and the log that still holds them is emptied.
        sqlx::query("PRAGMA secure_delete = ON")
            .execute(&mut *db)
            .await
            .map_err(self.sorted())?;
        let mut tx = sqlx::Connection::begin_with(&mut *db, "BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let started = sqlx::query(LIVE)
            .bind(tenant)
            .bind(&phone)
            .fetch_optional(&mut *tx)
            .await
            .map_err(self.sorted())?;
        if started.is_some() {
            return Ok(None);
        }
        rows(&mut tx, tenant, &phone, &traces, &mut erased)
            .await
            .map_err(self.sorted())?;
        let counts = serde_json::to_string(&erased).unwrap_or_else(|_| "{}".into());
        sqlx::query("UPDATE erasures SET phone = NULL, done_at = $2, counts = $3 WHERE id = $1")
            .bind(erasure)
            .bind(self.0.clock.unix_ms())
            .bind(counts)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        sqlx::query("INSERT INTO call_words (call_words) VALUES ('optimize')")
            .execute(&mut *db)
            .await
            .map_err(self.sorted())?;
        // A reader may hold the log open; it is emptied with the next checkpoint then.
        let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut *db)
            .await;
        Ok(Some(erased))
    }

    /// What the number left, or `None` while a call to it is live.
    async fn traces(&self, tenant: i64, phone: &str) -> Result<Option<Traces>, sqlx::Error> {
        let live = sqlx::query(LIVE)
            .bind(tenant)
            .bind(phone)
            .fetch_optional(&self.0.read)
            .await?;
        if live.is_some() {
            return Ok(None);
        }
        let leads = sqlx::query(
            "SELECT DISTINCT l.id FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE c.tenant_id = $1 AND \
               (l.id IN (SELECT lead_id FROM lead_phones WHERE phone = $2) OR l.id IN (SELECT lead_id FROM attempts WHERE phone = $2))",
        )
        .bind(tenant)
        .bind(phone)
        .fetch_all(&self.0.read)
        .await?;
        let mut traces = Traces::default();
        for lead in &leads {
            let lead: i64 = lead.try_get(0)?;
            traces.leads.push(lead);
            let attempts =
                sqlx::query("SELECT call_id, recording FROM attempts WHERE lead_id = $1")
                    .bind(lead)
                    .fetch_all(&self.0.read)
                    .await?;
            for attempt in &attempts {
                traces
                    .calls
                    .extend(attempt.try_get::<Option<String>, _>(0)?);
                traces
                    .recordings
                    .extend(attempt.try_get::<Option<String>, _>(1)?);
            }
        }
        Ok(Some(traces))
    }
}

/// A call of the person that is not over: to this number, or to another number of the same lead.
const LIVE: &str = "SELECT 1 FROM attempts a JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = l.campaign_id \
    WHERE c.tenant_id = $1 AND a.state <> 'ended' AND (a.phone = $2 OR a.lead_id IN \
      (SELECT lead_id FROM lead_phones WHERE phone = $2)) LIMIT 1";

/// What belongs to a number.
#[derive(Default)]
struct Traces {
    leads: Vec<i64>,
    calls: Vec<String>,
    /// File names.
    recordings: Vec<String>,
}

/// Takes the rows away: in every table that names a call, a lead or the number, so that a table added later is not
/// forgotten.
async fn rows(
    db: &mut SqliteConnection,
    tenant: i64,
    phone: &str,
    traces: &Traces,
    erased: &mut Erased,
) -> Result<(), sqlx::Error> {
    for call in &traces.calls {
        sqlx::query(
            "DELETE FROM call_words WHERE rowid IN (SELECT id FROM transcripts WHERE call_id = $1)",
        )
        .bind(call)
        .execute(&mut *db)
        .await?;
        // The agents' legs, too.
        let gone =
            sqlx::query("DELETE FROM sip_traces WHERE call_id > $1 || '-' AND call_id < $1 || '.'")
                .bind(call)
                .execute(&mut *db)
                .await?;
        *erased.entry("sip_traces".into()).or_default() += gone.rows_affected();
        sqlx::query("UPDATE agent_work SET note = NULL WHERE call_id = $1")
            .bind(call)
            .execute(&mut *db)
            .await?;
    }
    for (table, columns) in tables(db).await? {
        let has = |name: &str| columns.iter().any(|c| c == name);
        let mut gone = 0;
        for name in ["call_id", "call"] {
            if has(name) {
                for call in &traces.calls {
                    gone += delete(db, &table, &format!("{name} = $1"), Bind::Text(call)).await?;
                }
            }
        }
        if has("lead_id") {
            for lead in &traces.leads {
                gone += delete(db, &table, "lead_id = $1", Bind::Number(*lead)).await?;
            }
        }
        if has("phone") && (has("tenant_id") || !has("lead_id")) {
            let rule = if has("tenant_id") {
                format!("phone = $1 AND tenant_id = {tenant}")
            } else {
                "phone = $1".to_string()
            };
            gone += delete(db, &table, &rule, Bind::Text(phone)).await?;
        }
        if gone > 0 {
            *erased.entry(table).or_default() += gone;
        }
    }
    for lead in &traces.leads {
        sqlx::query(
            "UPDATE attempts SET phone = '', reasons = '[]', cause_text = NULL, recording = NULL WHERE lead_id = $1",
        )
        .bind(lead)
        .execute(&mut *db)
        .await?;
        sqlx::query(
            "UPDATE leads SET name = NULL, tz = NULL, vars = '{}', status = 'done' WHERE id = $1",
        )
        .bind(lead)
        .execute(&mut *db)
        .await?;
    }
    let (leads, attempts) = (traces.leads.len() as u64, traces.calls.len() as u64);
    erased.insert("leads".into(), leads);
    erased.insert("attempts".into(), attempts);
    Ok(())
}

/// Ordinary tables with their columns, without the kept ones and the audit log.
async fn tables(db: &mut SqliteConnection) -> Result<Vec<(String, Vec<String>)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p \
         WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name",
    )
    .fetch_all(db)
    .await?;
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for row in &rows {
        let (table, column): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let kept = KEPT.contains(&table.as_str())
            || ["audit", "call_words", "sqlite_", "_sqlx"]
                .iter()
                .any(|p| table.starts_with(p));
        if kept {
            continue;
        }
        match tables.last_mut() {
            Some((last, columns)) if *last == table => columns.push(column),
            _ => tables.push((table, vec![column])),
        }
    }
    Ok(tables)
}

enum Bind<'a> {
    Text(&'a str),
    Number(i64),
}

async fn delete(
    db: &mut SqliteConnection,
    table: &str,
    rule: &str,
    what: Bind<'_>,
) -> Result<u64, sqlx::Error> {
    // The table's name comes from the schema, the rule from this file.
    let query = sqlx::query(AssertSqlSafe(format!(
        "DELETE FROM \"{table}\" WHERE {rule}"
    )));
    let query = match what {
        Bind::Text(text) => query.bind(text),
        Bind::Number(number) => query.bind(number),
    };
    Ok(query.execute(db).await?.rows_affected())
}
