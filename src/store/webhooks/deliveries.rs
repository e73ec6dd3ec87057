//! Messages on their way to webhooks.

use crate::store::{CampaignId, Store, StoreError, TenantId, outbox};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

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
    pub async fn announce_finished(&self, campaign: CampaignId) -> Result<bool, StoreError> {
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
