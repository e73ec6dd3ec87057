//! Webhooks and what is still to be delivered to them.

use super::{Store, StoreError, TenantId, outbox};
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

/// A message to send now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    pub id: i64,
    pub hook: i64,
    pub url: String,
    /// Base64 keys to sign with: the present one, and the one before while it counts.
    pub secrets: Vec<String>,
    /// The webhook-id.
    pub message: String,
    pub body: String,
    /// Tries so far.
    pub attempts: u32,
}

/// One delivery as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    pub id: i64,
    pub message: String,
    pub event: String,
    pub call: Option<String>,
    pub at_unix_ms: i64,
    pub attempts: u32,
    /// `waiting`, `done`, `failed`.
    pub status: String,
    pub last_error: Option<String>,
    pub next_unix_ms: Option<i64>,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    Done,
    /// Try again then.
    Again {
        at_unix_ms: i64,
        error: String,
    },
    /// Given up; people may send it again.
    Failed {
        error: String,
    },
    /// The webhook is gone: everything that waits for it is given up.
    Gone {
        error: String,
    },
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

    /// A webhook's deliveries, the newest first, those below `before`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn deliveries(
        &self,
        tenant: TenantId,
        hook: i64,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT d.*, o.event, o.call_id, o.message, o.at FROM deliveries d JOIN outbox o ON o.id = d.outbox_id \
             JOIN webhooks h ON h.id = d.hook_id WHERE d.hook_id = $1 AND h.tenant_id = $2 AND d.id < $3 \
             ORDER BY d.id DESC LIMIT $4",
        )
        .bind(hook)
        .bind(tenant.0)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(delivery)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// What may be sent now, for each webhook at most `per_hook` messages: the first of each call that still waits, and
    /// none of those in `under_way`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn deliveries_due(
        &self,
        now_unix_ms: i64,
        per_hook: usize,
        under_way: &std::collections::BTreeMap<i64, i64>,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        let hooks = sqlx::query(
            "SELECT id, url, secret, old_secret, old_until FROM webhooks h WHERE state = 'active' AND EXISTS \
               (SELECT 1 FROM deliveries d WHERE d.hook_id = h.id AND d.status = 'waiting' AND d.next_at <= $1)",
        )
        .bind(now_unix_ms)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let mut due = Vec::new();
        for hook in &hooks {
            let id: i64 = hook.try_get(0).map_err(self.sorted())?;
            let busy = under_way.values().filter(|h| **h == id).count();
            let room = per_hook.saturating_sub(busy);
            if room == 0 {
                continue;
            }
            let rows = sqlx::query(
                "SELECT d.id, d.attempts, o.message, o.body FROM deliveries d JOIN outbox o ON o.id = d.outbox_id \
                 WHERE d.hook_id = $1 AND d.status = 'waiting' AND d.next_at <= $2 AND NOT EXISTS \
                   (SELECT 1 FROM deliveries e WHERE e.hook_id = $1 AND e.line = d.line AND e.status = 'waiting' \
                    AND e.id < d.id) ORDER BY d.next_at, d.id LIMIT $3",
            )
            .bind(id)
            .bind(now_unix_ms)
            .bind(i64::try_from(per_hook + busy).unwrap_or(i64::MAX))
            .fetch_all(&self.0.read)
            .await
            .map_err(self.sorted())?;
            let rows = rows
                .iter()
                .map(|row| due_row(hook, row, now_unix_ms))
                .collect::<Result<Vec<_>, _>>()
                .map_err(self.sorted())?;
            let free = rows.into_iter().filter(|d| !under_way.contains_key(&d.id));
            due.extend(free.take(room));
        }
        Ok(due)
    }

    /// Writes down how a try ended.
    ///
    /// # Errors
    /// The database cannot be written: the message will be sent once more.
    pub async fn delivery_tried(&self, due: &DueDelivery, tried: &Tried) -> Result<(), StoreError> {
        let now = self.0.clock.unix_ms();
        let (status, next_at, error) = match tried {
            Tried::Done => ("done", now, None),
            Tried::Again { at_unix_ms, error } => ("waiting", *at_unix_ms, Some(error)),
            Tried::Failed { error } | Tried::Gone { error } => ("failed", now, Some(error)),
        };
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        sqlx::query(
            "UPDATE deliveries SET status = $2, attempts = attempts + 1, next_at = $3, last_error = $4, \
               done_at = CASE WHEN $2 = 'waiting' THEN NULL ELSE $5 END WHERE id = $1",
        )
        .bind(due.id)
        .bind(status)
        .bind(next_at)
        .bind(error)
        .bind(now)
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        if let Tried::Gone { error } = tried {
            sqlx::query("UPDATE webhooks SET state = 'gone', problem = $2 WHERE id = $1")
                .bind(due.hook)
                .bind(error)
                .execute(&mut *tx)
                .await
                .map_err(self.sorted())?;
            sqlx::query(
                "UPDATE deliveries SET status = 'failed', last_error = $2, done_at = $3 WHERE hook_id = $1 AND status = 'waiting'",
            )
            .bind(due.hook)
            .bind(error)
            .bind(now)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
        }
        tx.commit().await.map_err(self.sorted())
    }

    /// Sends deliveries once more from the beginning of the ladder: one, or everything since a time. Returns how many.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn webhook_replay(
        &self,
        tenant: TenantId,
        hook: i64,
        delivery: Option<i64>,
        since_unix_ms: Option<i64>,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "UPDATE deliveries SET status = 'waiting', attempts = 0, next_at = $5, done_at = NULL WHERE hook_id = $1 \
               AND hook_id IN (SELECT id FROM webhooks WHERE tenant_id = $2) \
               AND (CAST($3 AS BIGINT) IS NULL OR id = $3) \
               AND (CAST($4 AS BIGINT) IS NULL OR outbox_id IN (SELECT id FROM outbox WHERE at >= $4))",
        )
        .bind(hook)
        .bind(tenant.0)
        .bind(delivery)
        .bind(since_unix_ms)
        .bind(self.0.clock.unix_ms())
        .execute(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(done.rows_affected())
    }

    /// Puts a test message into the outbox, for this webhook alone.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn webhook_test(&self, tenant: TenantId, hook: i64) -> Result<(), StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let message = outbox::Message {
            tenant,
            event: outbox::TEST,
            key: format!("{hook} {at} {:x}", rand::random::<u64>()),
            call: None,
            phone: None,
            at,
            data: serde_json::json!({"hook": hook}),
        };
        outbox::put(&mut tx, message, &[hook])
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }

    /// Tells the webhooks that a campaign has nothing left to dial, when that is so; every ending is told once.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn announce_finished(&self, campaign: super::CampaignId) -> Result<bool, StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let told = outbox::campaign_finished(&mut tx, campaign.0, at)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(told)
    }

    /// How many deliveries wait, over all webhooks.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn deliveries_waiting(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) FROM deliveries WHERE status = 'waiting'")
            .fetch_one(&self.0.read)
            .await
            .map_err(self.sorted())?;
        let n: i64 = row.try_get(0).map_err(self.sorted())?;
        Ok(n.unsigned_abs())
    }

    /// Forgets messages older than `before` that nobody waits for. Returns how many.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn outbox_trim(&self, before_unix_ms: i64) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM outbox WHERE at < $1 AND NOT EXISTS \
               (SELECT 1 FROM deliveries d WHERE d.outbox_id = outbox.id AND d.status = 'waiting')",
        )
        .bind(before_unix_ms)
        .execute(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(done.rows_affected())
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

fn delivery(row: &SqliteRow) -> Result<DeliveryRow, sqlx::Error> {
    let status: String = row.try_get("status")?;
    let next_at: i64 = row.try_get("next_at")?;
    Ok(DeliveryRow {
        id: row.try_get("id")?,
        message: row.try_get("message")?,
        event: row.try_get("event")?,
        call: row.try_get("call_id")?,
        at_unix_ms: row.try_get("at")?,
        attempts: tries(row)?,
        next_unix_ms: (status == "waiting").then_some(next_at),
        status,
        last_error: row.try_get("last_error")?,
    })
}

fn due_row(hook: &SqliteRow, row: &SqliteRow, now: i64) -> Result<DueDelivery, sqlx::Error> {
    let mut secrets = vec![hook.try_get::<String, _>("secret")?];
    let old: Option<String> = hook.try_get("old_secret")?;
    if hook.try_get::<i64, _>("old_until")? > now {
        secrets.extend(old);
    }
    Ok(DueDelivery {
        id: row.try_get("id")?,
        hook: hook.try_get("id")?,
        url: hook.try_get("url")?,
        secrets,
        message: row.try_get("message")?,
        body: row.try_get("body")?,
        attempts: tries(row)?,
    })
}

fn tries(row: &SqliteRow) -> Result<u32, sqlx::Error> {
    Ok(u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX))
}
