//! How a tenant's lists were read before.

use super::{Store, StoreError, TenantId};
use sqlx::Row;
use std::collections::BTreeMap;

/// Mappings a tenant may have; the one not used for longest goes first.
const KEPT: i64 = 500;

impl Store {
    /// Remembers what the columns of a list were read as. `headers` stands for the set of the headers.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn columns_remember(
        &self,
        tenant: TenantId,
        headers: &str,
        fields: &BTreeMap<String, String>,
    ) -> Result<(), StoreError> {
        let fields = serde_json::to_string(fields).map_err(|e| StoreError::Other(e.to_string()))?;
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        sqlx::query(
            "INSERT INTO list_columns (tenant_id, headers, fields, used_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id, headers) DO UPDATE SET fields = excluded.fields, used_at = excluded.used_at",
        )
        .bind(tenant.0)
        .bind(headers)
        .bind(fields)
        .bind(self.0.clock.unix_ms())
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        sqlx::query(
            "DELETE FROM list_columns WHERE tenant_id = $1 AND headers NOT IN (\
               SELECT headers FROM list_columns WHERE tenant_id = $1 ORDER BY used_at DESC, headers LIMIT $2)",
        )
        .bind(tenant.0)
        .bind(KEPT)
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }

    /// What the columns of a list with these headers were read as the last time.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn columns_recall(
        &self,
        tenant: TenantId,
        headers: &str,
    ) -> Result<Option<BTreeMap<String, String>>, StoreError> {
        let row =
            sqlx::query("SELECT fields FROM list_columns WHERE tenant_id = $1 AND headers = $2")
                .bind(tenant.0)
                .bind(headers)
                .fetch_optional(&self.0.read)
                .await
                .map_err(self.sorted())?;
        let Some(row) = row else { return Ok(None) };
        let fields: String = row.try_get(0).map_err(self.sorted())?;
        Ok(serde_json::from_str(&fields).ok())
    }
}
