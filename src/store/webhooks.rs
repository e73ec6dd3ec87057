//! Webhooks and what is still to be delivered to them.

mod deliveries;

pub use deliveries::{DeliveryRow, DueDelivery, Tried};

use super::{Store, StoreError, TenantId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Whether a webhook is sent to.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum HookState {
    Active,
    /// Switched off by people; messages wait.
    Paused,
    /// It answered 410: it wants nothing more.
    Gone,
}

impl HookState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            HookState::Active => "active",
            HookState::Paused => "paused",
            HookState::Gone => "gone",
        }
    }

    fn parse(code: &str) -> Self {
        match code {
            "active" => HookState::Active,
            "paused" => HookState::Paused,
            _ => HookState::Gone,
        }
    }
}

/// One webhook, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    pub id: i64,
    pub tenant: TenantId,
    pub url: String,
    pub events: Vec<String>,
    pub state: HookState,
    /// Why it is gone, or what went wrong last.
    pub problem: Option<String>,
    pub created_by: String,
    pub created_unix_ms: i64,
    /// Deliveries that wait, and that were given up.
    pub waiting: u64,
    pub failed: u64,
}

/// A new webhook. `secret` is base64 of the key.
#[derive(Clone, Debug)]
pub struct NewHook {
    pub url: String,
    pub events: Vec<String>,
    pub secret: String,
    pub by: String,
}

/// A change; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct HookChange {
    pub url: Option<String>,
    pub events: Option<Vec<String>>,
    pub active: Option<bool>,
}

impl Store {
    /// # Errors
    /// The database cannot be written.
    pub async fn webhook_create(&self, tenant: TenantId, new: &NewHook) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "INSERT INTO webhooks (tenant_id, url, events, secret, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        )
        .bind(tenant.0)
        .bind(&new.url)
        .bind(names(&new.events))
        .bind(&new.secret)
        .bind(&new.by)
        .bind(self.0.clock.unix_ms())
        .fetch_one(&self.0.write)
        .await
        .map_err(self.sorted())?;
        row.try_get(0).map_err(self.sorted())
    }

    /// The tenant's webhooks, or the one of this id.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn webhooks(
        &self,
        tenant: TenantId,
        id: Option<i64>,
    ) -> Result<Vec<Hook>, StoreError> {
        let rows = sqlx::query(
            "SELECT h.*, (SELECT COUNT(*) FROM deliveries d WHERE d.hook_id = h.id AND d.status = 'waiting') AS waiting, \
               (SELECT COUNT(*) FROM deliveries d WHERE d.hook_id = h.id AND d.status = 'failed') AS failed \
             FROM webhooks h WHERE h.tenant_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR h.id = $2) ORDER BY h.id",
        )
        .bind(tenant.0)
        .bind(id)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(hook)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// False when there is no such webhook. Switching a gone one on again forgets why it was gone.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn webhook_change(
        &self,
        tenant: TenantId,
        id: i64,
        change: &HookChange,
    ) -> Result<bool, StoreError> {
        let state = change.active.map(|on| if on { "active" } else { "paused" });
        let done = sqlx::query(
            "UPDATE webhooks SET url = COALESCE($3, url), events = COALESCE($4, events), state = COALESCE($5, state), \
               problem = CASE WHEN $5 IS NULL THEN problem ELSE NULL END WHERE id = $1 AND tenant_id = $2",
        )
        .bind(id)
        .bind(tenant.0)
        .bind(&change.url)
        .bind(change.events.as_deref().map(names))
        .bind(state)
        .execute(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives a webhook a new secret; the one before signs as well until `old_until`, unix ms.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn webhook_rotate(
        &self,
        tenant: TenantId,
        id: i64,
        secret: &str,
        old_until: i64,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE webhooks SET old_secret = secret, old_until = $4, secret = $3 WHERE id = $1 AND tenant_id = $2",
        )
        .bind(id)
        .bind(tenant.0)
        .bind(secret)
        .bind(old_until)
        .execute(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes a webhook away with everything that waits for it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn webhook_delete(&self, tenant: TenantId, id: i64) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM webhooks WHERE id = $1 AND tenant_id = $2")
            .bind(id)
            .bind(tenant.0)
            .execute(&self.0.write)
            .await
            .map_err(self.sorted())?;
        Ok(done.rows_affected() > 0)
    }
}

fn names(events: &[String]) -> String {
    serde_json::to_string(events).unwrap_or_else(|_| "[]".into())
}

fn hook(row: &SqliteRow) -> Result<Hook, sqlx::Error> {
    let events: String = row.try_get("events")?;
    let state: String = row.try_get("state")?;
    let count = |name| Ok::<_, sqlx::Error>(row.try_get::<i64, _>(name)?.unsigned_abs());
    Ok(Hook {
        id: row.try_get("id")?,
        tenant: TenantId(row.try_get("tenant_id")?),
        url: row.try_get("url")?,
        events: serde_json::from_str(&events).unwrap_or_default(),
        state: HookState::parse(&state),
        problem: row.try_get("problem")?,
        created_by: row.try_get("created_by")?,
        created_unix_ms: row.try_get("created_at")?,
        waiting: count("waiting")?,
        failed: count("failed")?,
    })
}
