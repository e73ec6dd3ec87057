//! API keys: other programs' way in. Callers hold the secrets; here are only their hashes.

use super::{Account, AuditEntry, Store, StoreError, TenantId, audit};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    pub id: i64,
    pub tenant: TenantId,
    pub name: String,
    pub role: String,
    /// Permission codes.
    pub scopes: Vec<String>,
    pub prefix: String,
    pub created_unix_ms: i64,
    pub last_used_unix_ms: Option<i64>,
    pub expires_unix_ms: Option<i64>,
    pub revoked: bool,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub tenant: TenantId,
    pub user: i64,
    pub name: String,
    pub role: String,
    pub scopes: Vec<String>,
    pub prefix: String,
    pub hash: String,
    pub expires_unix_ms: Option<i64>,
}

impl Store {
    /// # Errors
    /// The database cannot be written.
    pub async fn key_add(&self, new: &NewKey, witness: &AuditEntry) -> Result<KeyRow, StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "INSERT INTO api_keys (tenant_id, user_id, name, role, scopes, prefix, hash, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *",
        )
        .bind(new.tenant.0)
        .bind(new.user)
        .bind(&new.name)
        .bind(&new.role)
        .bind(serde_json::Value::from(new.scopes.as_slice()).to_string())
        .bind(&new.prefix)
        .bind(&new.hash)
        .bind(at)
        .bind(new.expires_unix_ms)
        .fetch_one(&mut *tx)
        .await
        .map_err(self.sorted())?;
        audit::put(&mut tx, at, witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        key(&row).map_err(self.sorted())
    }

    /// A tenant's keys, the newest first, before one of them.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn keys(
        &self,
        tenant: TenantId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM api_keys WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        )
        .bind(tenant.0)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(key)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// The key works no more from here on.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn key_revoke(&self, id: i64, witness: &AuditEntry) -> Result<(), StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1")
            .bind(id)
            .bind(at)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
        audit::put(&mut tx, at, witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }

    /// A key that is neither revoked nor expired, and who made it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn key(&self, hash: &str) -> Result<Option<(KeyRow, Account)>, StoreError> {
        let now = self.0.clock.unix_ms();
        let row = sqlx::query(
            "SELECT * FROM api_keys WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(hash)
        .bind(now)
        .fetch_optional(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let Some(row) = row else { return Ok(None) };
        let user: i64 = row.try_get("user_id").map_err(self.sorted())?;
        let found = key(&row).map_err(self.sorted())?;
        Ok(self.account(user).await?.map(|maker| (found, maker)))
    }

    /// # Errors
    /// The database cannot be written.
    pub async fn key_used(&self, id: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
            .bind(id)
            .bind(self.0.clock.unix_ms())
            .execute(&self.0.write)
            .await
            .map_err(self.sorted())?;
        Ok(())
    }
}

fn key(row: &SqliteRow) -> Result<KeyRow, sqlx::Error> {
    let scopes: String = row.try_get("scopes")?;
    Ok(KeyRow {
        id: row.try_get("id")?,
        tenant: TenantId(row.try_get("tenant_id")?),
        name: row.try_get("name")?,
        role: row.try_get("role")?,
        scopes: serde_json::from_str(&scopes).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
        prefix: row.try_get("prefix")?,
        created_unix_ms: row.try_get("created_at")?,
        last_used_unix_ms: row.try_get("last_used_at")?,
        expires_unix_ms: row.try_get("expires_at")?,
        revoked: row.try_get::<Option<i64>, _>("revoked_at")?.is_some(),
    })
}
