//! The do-not-call list.

mod list;

pub use list::{DncFilter, DncItem};

use super::{DncEntry, Store, StoreError, TenantId, outbox, spool::SpoolLine};
use crate::terms::Phone;
use sqlx::{Row, SqliteConnection};

impl Store {
    /// Puts a number on the do-not-call list because the callee said so. On disk when it returns: in the database, or,
    /// when that cannot be written, in the synced spool file, which [`Store::is_dnc`] and the claims look into as well.
    ///
    /// # Errors
    /// Neither could be written. The caller must not treat the opt-out as kept.
    pub async fn opt_out(
        &self,
        phone: &Phone,
        evidence: &str,
        source: &str,
    ) -> Result<(), StoreError> {
        let at = self.0.clock.unix_ms();
        match self.dnc_put(phone, source, evidence, at).await {
            Ok(()) => Ok(()),
            Err(e) if e.may_pass() => {
                tracing::error!(error = %e, %phone, "an opt-out goes to the spool file");
                let line = SpoolLine::OptOut {
                    phone: phone.clone(),
                    source: source.into(),
                    evidence: evidence.into(),
                    at,
                };
                self.0.spool.append(&[line]).await.map_err(|_| e)
            }
            Err(e) => Err(e),
        }
    }

    /// Puts a number on the do-not-call list by hand or from a file. A number already there keeps its first entry.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn dnc_add(
        &self,
        phone: &Phone,
        evidence: &str,
        source: &str,
    ) -> Result<(), StoreError> {
        let at = self.0.clock.unix_ms();
        self.dnc_put(phone, source, evidence, at).await
    }

    /// True when this number must not be called.
    ///
    /// # Errors
    /// The database cannot be read: do not dial then.
    pub async fn is_dnc(&self, phone: &Phone) -> Result<bool, StoreError> {
        if self.0.spool.has_opt_out(phone) {
            return Ok(true);
        }
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        listed(&mut db, phone).await.map_err(self.sorted())
    }

    /// The do-not-call list, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn dnc_list(&self, limit: u32) -> Result<Vec<DncEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT phone, source, evidence, at FROM dnc ORDER BY at DESC, phone LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let entry = |row: &sqlx::sqlite::SqliteRow| {
            let phone: String = row.try_get(0)?;
            Ok(DncEntry {
                phone: Phone::new(phone),
                source: row.try_get(1)?,
                evidence: row.try_get(2)?,
                at_unix_ms: row.try_get(3)?,
            })
        };
        rows.iter()
            .map(entry)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    async fn dnc_put(
        &self,
        phone: &Phone,
        source: &str,
        evidence: &str,
        at: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        put(&mut tx, phone, source, evidence, at)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }
}

/// Adds the entry, for the tenant of the call that `source` names, and tells that tenant's webhooks when it is new.
pub(super) async fn put(
    db: &mut SqliteConnection,
    phone: &Phone,
    source: &str,
    evidence: &str,
    at: i64,
) -> Result<(), sqlx::Error> {
    let call = source.strip_prefix(OF_CALL);
    let tenant = match call {
        Some(call) => sqlx::query(
            "SELECT c.tenant_id FROM attempts a JOIN leads l ON l.id = a.lead_id \
             JOIN campaigns c ON c.id = l.campaign_id WHERE a.call_id = $1",
        )
        .bind(call)
        .fetch_optional(&mut *db)
        .await?
        .map(|row| row.try_get(0).map(TenantId))
        .transpose()?,
        None => None,
    };
    let tenant = tenant.unwrap_or(TenantId::PLATFORM);
    if put_for(db, tenant, phone, (source, evidence), at).await? {
        let said = (source, evidence);
        outbox::opted_out(db, (tenant, phone.full()), said, call, at).await?;
    }
    Ok(())
}

/// How a source begins that names a call.
const OF_CALL: &str = "callee, call ";

/// True when the tenant had no entry for this number.
async fn put_for(
    db: &mut SqliteConnection,
    tenant: TenantId,
    phone: &Phone,
    (source, evidence): (&str, &str),
    at: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO dnc (tenant_id, phone, source, evidence, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(tenant.0)
    .bind(phone.full())
    .bind(source)
    .bind(evidence)
    .bind(at)
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// True when anybody has this number on the list.
pub(super) async fn listed(db: &mut SqliteConnection, phone: &Phone) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT 1 FROM dnc WHERE phone = $1 LIMIT 1")
        .bind(phone.full())
        .fetch_optional(db)
        .await?;
    Ok(row.is_some())
}
