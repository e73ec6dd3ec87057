//! The do-not-call list as a tenant sees it. Every entry keeps everybody from calling; only its own may be seen and removed.

use super::{Phone, Row, put_for};
use crate::store::{Store, StoreError, TenantId, outbox};
use sqlx::sqlite::SqliteRow;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DncItem {
    pub id: i64,
    pub phone: Phone,
    pub source: String,
    pub evidence: String,
    pub at_unix_ms: i64,
}

/// Which entries; an empty filter is all of the tenant's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DncFilter {
    /// A part of the number, its source or its evidence.
    pub q: Option<String>,
    /// Only those below this id.
    pub before: Option<i64>,
}

impl Store {
    /// The tenant's entries, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn dnc_page(
        &self,
        tenant: TenantId,
        filter: &DncFilter,
        limit: u32,
    ) -> Result<Vec<DncItem>, StoreError> {
        let q = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
        let rows = sqlx::query(
            "SELECT * FROM dnc WHERE tenant_id = $1 AND id < $2 AND (CAST($3 AS TEXT) IS NULL OR instr(phone, $3) > 0 \
               OR instr(lower(source), $3) > 0 OR instr(lower(evidence), $3) > 0) ORDER BY id DESC LIMIT $4",
        )
        .bind(tenant.0)
        .bind(filter.before.unwrap_or(i64::MAX))
        .bind(q.map(str::to_lowercase))
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(item)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// Puts numbers on the tenant's list, all or none. Returns how many were not on it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn dnc_add_for(
        &self,
        tenant: TenantId,
        phones: &[Phone],
        source: &str,
        reason: &str,
    ) -> Result<u64, StoreError> {
        let at = self.0.clock.unix_ms();
        let mut added = 0;
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        for phone in phones {
            let said = (source, reason);
            if put_for(&mut tx, tenant, phone, said, at)
                .await
                .map_err(self.sorted())?
            {
                added += 1;
                outbox::opted_out(&mut tx, (tenant, phone.full()), said, None, at)
                    .await
                    .map_err(self.sorted())?;
            }
        }
        tx.commit().await.map_err(self.sorted())?;
        Ok(added)
    }

    /// Takes one of the tenant's entries off the list; what it said is kept as proof. `None` when there is no such entry.
    /// The number stays uncallable while another tenant has it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn dnc_remove(
        &self,
        tenant: TenantId,
        id: i64,
        by: &str,
        reason: &str,
    ) -> Result<Option<Phone>, StoreError> {
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let row = sqlx::query("DELETE FROM dnc WHERE id = $1 AND tenant_id = $2 RETURNING *")
            .bind(id)
            .bind(tenant.0)
            .fetch_optional(&mut *tx)
            .await
            .map_err(self.sorted())?;
        let Some(row) = row else { return Ok(None) };
        let entry = item(&row).map_err(self.sorted())?;
        sqlx::query(
            "INSERT INTO dnc_removed (tenant_id, phone, source, evidence, at, removed_by, reason, removed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant.0)
        .bind(entry.phone.full())
        .bind(&entry.source)
        .bind(&entry.evidence)
        .bind(entry.at_unix_ms)
        .bind(by)
        .bind(reason)
        .bind(self.0.clock.unix_ms())
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(Some(entry.phone))
    }
}

fn item(row: &SqliteRow) -> Result<DncItem, sqlx::Error> {
    Ok(DncItem {
        id: row.try_get("id")?,
        phone: Phone::new(row.try_get::<String, _>("phone")?),
        source: row.try_get("source")?,
        evidence: row.try_get("evidence")?,
        at_unix_ms: row.try_get("at")?,
    })
}
