//! The platform and its merchants.

use super::{AuditEntry, Store, StoreError, TenantId, audit};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Who a campaign, a contact or a user belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantRow {
    pub id: TenantId,
    pub name: String,
    /// The platform itself; all others are merchants.
    pub platform: bool,
    /// The platform's people may act for it.
    pub managed: bool,
    /// Its people and keys are locked out.
    pub suspended: bool,
}

/// What to change; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct TenantChange {
    pub name: Option<String>,
    pub managed: Option<bool>,
    pub suspended: Option<bool>,
}

impl Store {
    /// # Errors
    /// The database cannot be read.
    pub async fn tenant(&self, id: TenantId) -> Result<Option<TenantRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM tenants WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.0.read)
            .await
            .map_err(self.sorted())?;
        row.map(|r| tenant(&r, "id", "name"))
            .transpose()
            .map_err(self.sorted())
    }

    /// All tenants, the platform first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn tenants(&self) -> Result<Vec<TenantRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM tenants ORDER BY id")
            .fetch_all(&self.0.read)
            .await
            .map_err(self.sorted())?;
        rows.iter()
            .map(|r| tenant(r, "id", "name"))
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// Makes a merchant; `None` when there is one of this name.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn tenant_add(
        &self,
        name: &str,
        managed: bool,
        witness: &AuditEntry,
    ) -> Result<Option<TenantId>, StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "INSERT INTO tenants (name, kind, mode, created_at) VALUES ($1, 'merchant', $2, $3) \
             ON CONFLICT (name) DO NOTHING RETURNING id",
        )
        .bind(name)
        .bind(mode(managed))
        .bind(at)
        .fetch_optional(&mut *tx)
        .await
        .map_err(self.sorted())?;
        let Some(row) = row else { return Ok(None) };
        let id = TenantId(row.try_get(0).map_err(self.sorted())?);
        audit::put(&mut tx, at, witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(Some(id))
    }

    /// Changes a merchant; false when the name is another's.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn tenant_change(
        &self,
        id: TenantId,
        change: &TenantChange,
        witness: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE tenants SET name = COALESCE($2, name), mode = COALESCE($3, mode), \
             suspended = COALESCE($4, suspended) WHERE id = $1 \
             AND NOT EXISTS (SELECT 1 FROM tenants AS other WHERE other.name = $2 AND other.id <> $1)",
        )
        .bind(id.0)
        .bind(&change.name)
        .bind(change.managed.map(mode))
        .bind(change.suspended.map(i64::from))
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit::put(&mut tx, self.0.clock.unix_ms(), witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(true)
    }

    /// A transaction that writes, at once: it may read first without losing a race.
    pub(super) async fn begin(
        &self,
    ) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, StoreError> {
        self.0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())
    }
}

const fn mode(managed: bool) -> &'static str {
    if managed { "managed" } else { "self_governing" }
}

/// A tenant out of its row, or out of a joined one that calls its id and name otherwise.
pub(super) fn tenant(row: &SqliteRow, id: &str, name: &str) -> Result<TenantRow, sqlx::Error> {
    let kind: String = row.try_get("kind")?;
    let mode: String = row.try_get("mode")?;
    Ok(TenantRow {
        id: TenantId(row.try_get(id)?),
        name: row.try_get(name)?,
        platform: kind == "platform",
        managed: mode == "managed",
        suspended: row.try_get::<i64, _>("suspended")? != 0,
    })
}
