//! The audit log: what people did, in a chain that shows every later change.
//!
//! A row's hash is SHA-256 over the hash before it and the row's own values; the last row's number and hash stand in
//! `meta`, so that rows cut off the end are missed as well. Triggers refuse UPDATE and DELETE; whoever goes round them
//! breaks the chain.

use super::{Store, StoreError, TenantId};
use futures_util::TryStreamExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// What stands before the first row.
const START: &str = "callsmith";
const HEAD: &str = "audit_head";
/// Digits in a row that may be a phone number.
const PHONE_DIGITS: usize = 8;

/// Something somebody did.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Whose log it stands in: the tenant that was acted for.
    pub tenant: TenantId,
    pub who: String,
    pub role: String,
    /// `calls.listen`, `users.change`, …
    pub action: String,
    /// `call:c18…`, `user:lin`, …
    pub object: String,
    /// An object of further facts; no secrets. Digits that may be a phone number are masked when it is written.
    pub detail: Value,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    pub id: i64,
    pub at_unix_ms: i64,
    pub entry: AuditEntry,
    pub hash: String,
}

/// Which rows to read.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Rows before this one, the newest first.
    pub before: Option<i64>,
    pub who: Option<String>,
    /// The action, or the beginning of it up to a full stop: `calls`.
    pub action: Option<String>,
    pub limit: u32,
}

/// What [`Store::audit_verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditVerdict {
    /// Rows looked at.
    pub rows: i64,
    /// The first row that is not what was written: changed, missing, or put in.
    pub broken_at: Option<i64>,
    /// The last row's hash: who keeps a copy elsewhere can prove the log's state of that day.
    pub head: String,
}

impl Store {
    /// Writes a row. What changes something else in the database writes its row in the same transaction instead.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        put(&mut tx, self.0.clock.unix_ms(), entry)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }

    /// A tenant's rows, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn audit_rows(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM audit WHERE tenant_id = $1 AND id < $2 AND ($3 IS NULL OR who = $3) \
             AND ($4 IS NULL OR action = $4 OR substr(action, 1, length($4) + 1) = $4 || '.') ORDER BY id DESC LIMIT $5",
        )
        .bind(tenant.0)
        .bind(filter.before.unwrap_or(i64::MAX))
        .bind(&filter.who)
        .bind(&filter.action)
        .bind(i64::from(filter.limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(row)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// Goes through the whole log, of all tenants.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn audit_verify(&self) -> Result<AuditVerdict, StoreError> {
        let mut tx = self.0.read.begin().await.map_err(self.sorted())?;
        let verdict = verify(&mut tx).await.map_err(self.sorted())?;
        tx.rollback().await.map_err(self.sorted())?;
        Ok(verdict)
    }
}

/// Writes a row in its caller's transaction, which must have been begun as one that writes.
pub(super) async fn put(
    db: &mut SqliteConnection,
    at: i64,
    entry: &AuditEntry,
) -> Result<(), sqlx::Error> {
    let (last, before) = head(db).await?;
    let mut entry = entry.clone();
    mask(&mut entry.detail);
    let mut new = AuditRow {
        id: last + 1,
        at_unix_ms: at,
        entry,
        hash: String::new(),
    };
    let detail = new.entry.detail.to_string();
    new.hash = chained(&before, &new, &detail);
    sqlx::query(
        "INSERT INTO audit (id, tenant_id, at, who, role, action, object, detail, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(new.id)
    .bind(new.entry.tenant.0)
    .bind(at)
    .bind(&new.entry.who)
    .bind(&new.entry.role)
    .bind(&new.entry.action)
    .bind(&new.entry.object)
    .bind(detail)
    .bind(&new.hash)
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .bind(HEAD)
    .bind(format!("{} {}", new.id, new.hash))
    .execute(db)
    .await?;
    Ok(())
}

async fn head(db: &mut SqliteConnection) -> Result<(i64, String), sqlx::Error> {
    let row = sqlx::query("SELECT value FROM meta WHERE key = $1")
        .bind(HEAD)
        .fetch_optional(db)
        .await?;
    let value: Option<String> = row.map(|r| r.try_get(0)).transpose()?;
    let parsed = value.as_deref().and_then(|v| {
        let (id, hash) = v.split_once(' ')?;
        Some((id.parse().ok()?, hash.to_string()))
    });
    Ok(parsed.unwrap_or((0, START.to_string())))
}

async fn verify(db: &mut SqliteConnection) -> Result<AuditVerdict, sqlx::Error> {
    let (last, last_hash) = head(db).await?;
    let mut before = START.to_string();
    let (mut rows, mut broken_at) = (0, None);
    let mut all = sqlx::query("SELECT * FROM audit ORDER BY id").fetch(db);
    while let Some(raw) = all.try_next().await? {
        rows += 1;
        let detail: String = raw.try_get("detail")?;
        let whole = match row(&raw) {
            Ok(row) => row.id == rows && row.hash == chained(&before, &row, &detail),
            // A detail that is not JSON was not written here.
            Err(_) => false,
        };
        if !whole {
            broken_at = Some(rows);
            break;
        }
        before = raw.try_get("hash")?;
    }
    drop(all);
    if broken_at.is_none() && (rows, before.as_str()) != (last, last_hash.as_str()) {
        // Rows are missing at the end (or were added behind the log's back).
        broken_at = Some(rows.min(last) + 1);
    }
    Ok(AuditVerdict {
        rows,
        broken_at,
        head: last_hash,
    })
}

fn chained(before: &str, row: &AuditRow, detail: &str) -> String {
    let e = &row.entry;
    let values = serde_json::json!([
        row.id,
        e.tenant.0,
        row.at_unix_ms,
        e.who,
        e.role,
        e.action,
        e.object,
        detail
    ]);
    let mut hash = Sha256::new();
    hash.update(before.as_bytes());
    hash.update(values.to_string().as_bytes());
    hex(&hash.finalize())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// The log is kept when a contact is erased, so it must hold no number.
fn mask(detail: &mut Value) {
    match detail {
        Value::String(text) => {
            if let Some(masked) = masked(text) {
                *text = masked;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(fields) => fields.values_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn masked(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    let mut found = false;
    let flush = |digits: &mut String, out: &mut String, found: &mut bool| {
        if digits.len() >= PHONE_DIGITS {
            *found = true;
            out.push_str(&digits[..3]);
            out.push_str("****");
            out.push_str(&digits[digits.len() - 2..]);
        } else {
            out.push_str(digits);
        }
        digits.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            flush(&mut digits, &mut out, &mut found);
            out.push(c);
        }
    }
    flush(&mut digits, &mut out, &mut found);
    found.then_some(out)
}

fn row(row: &SqliteRow) -> Result<AuditRow, sqlx::Error> {
    let detail: String = row.try_get("detail")?;
    Ok(AuditRow {
        id: row.try_get("id")?,
        at_unix_ms: row.try_get("at")?,
        entry: AuditEntry {
            tenant: TenantId(row.try_get("tenant_id")?),
            who: row.try_get("who")?,
            role: row.try_get("role")?,
            action: row.try_get("action")?,
            object: row.try_get("object")?,
            detail: serde_json::from_str(&detail).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
        },
        hash: row.try_get("hash")?,
    })
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
