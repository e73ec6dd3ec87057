//! Dialplans in use: how far calls came in them, and what nobody wants suggested again.

use super::{Store, StoreError, TenantId};
use crate::terms::CallId;
use sqlx::Row;
use std::collections::BTreeSet;

/// How many calls came to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepPassed {
    pub step: String,
    /// Calls that came to it, each once.
    pub entered: u64,
    /// Of these, calls that ended there.
    pub left: u64,
}

/// The calls that used a dialplan: `$1` tenant, `$2` its name, `$3` since. A campaign names dialplans, or files of the same
/// names, with commas between them.
macro_rules! calls_of {
    () => {
        "SELECT a.call_id, a.started_at FROM attempts a JOIN leads l ON l.id = a.lead_id \
         JOIN campaigns c ON c.id = l.campaign_id WHERE c.tenant_id = $1 AND a.started_at >= $3 \
         AND a.ended_at IS NOT NULL AND a.call_id IS NOT NULL AND (\
         instr(',' || replace(c.dialplan, ' ', '') || ',', ',' || replace($2, ' ', '') || ',') > 0 \
         OR instr(',' || replace(c.dialplan, ' ', '') || ',', ',' || replace($2, ' ', '') || '.yaml,') > 0 \
         OR instr(replace(c.dialplan, ' ', '') || ',', '/' || replace($2, ' ', '') || '.yaml,') > 0)"
    };
}

impl Store {
    /// How many of a tenant's ended calls with this dialplan came to each step since a time (unix ms), in the order of the
    /// steps' names.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn dialplan_passed(
        &self,
        tenant: TenantId,
        name: &str,
        since_unix_ms: i64,
    ) -> Result<Vec<StepPassed>, StoreError> {
        let rows = sqlx::query(concat!(
            "WITH calls AS (",
            calls_of!(),
            "), steps AS (SELECT e.call_id, e.json ->> 'step' AS step, e.seq, \
             MAX(e.seq) OVER (PARTITION BY e.call_id) AS last \
             FROM calls JOIN events e ON e.call_id = calls.call_id WHERE e.json ->> 'kind' = 'step') \
             SELECT step, COUNT(DISTINCT call_id) AS entered, COUNT(CASE WHEN seq = last THEN 1 END) AS gone \
             FROM steps GROUP BY step ORDER BY step"
        ))
        .bind(tenant.0)
        .bind(name)
        .bind(since_unix_ms)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|row| {
                Ok(StepPassed {
                    step: row.try_get("step")?,
                    entered: row.try_get::<i64, _>("entered")?.unsigned_abs(),
                    left: row.try_get::<i64, _>("gone")?.unsigned_abs(),
                })
            })
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// A tenant's ended calls with this dialplan since a time (unix ms), the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn dialplan_calls(
        &self,
        tenant: TenantId,
        name: &str,
        since_unix_ms: i64,
        limit: u32,
    ) -> Result<Vec<CallId>, StoreError> {
        let rows = sqlx::query(concat!(
            calls_of!(),
            " ORDER BY a.started_at DESC, a.id DESC LIMIT $4"
        ))
        .bind(tenant.0)
        .bind(name)
        .bind(since_unix_ms)
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|row| Ok(CallId(row.try_get(0)?)))
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// Suggests nothing for these wordings any more.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn suggestions_dismiss(
        &self,
        tenant: TenantId,
        name: &str,
        wordings: &[String],
        by: &str,
    ) -> Result<(), StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        for wording in wordings {
            sqlx::query(
                "INSERT INTO dialplan_dismissed (tenant_id, name, wording, by_whom, at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (tenant_id, name, wording) DO NOTHING",
            )
            .bind(tenant.0)
            .bind(name)
            .bind(wording)
            .bind(by)
            .bind(at)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
        }
        tx.commit().await.map_err(self.sorted())
    }

    /// The wordings that were dismissed.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn suggestions_dismissed(
        &self,
        tenant: TenantId,
        name: &str,
    ) -> Result<BTreeSet<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT wording FROM dialplan_dismissed WHERE tenant_id = $1 AND name = $2",
        )
        .bind(tenant.0)
        .bind(name)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|row| row.try_get(0))
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }
}
