//! What a start finds left over by a process that died.

use super::{LeadId, LeadNext, Recovered, Store, StoreError, claim::set_next, outbox, qc};
use crate::terms::{CallId, Disposition};
use sqlx::Row;

/// What to do with calls that were cut off.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct RecoverRules {
    /// A lead whose call never rang waits this long, counted from the INVITE, before it is dialled again: ring timeout
    /// (45 s) plus 64·T1 (32 s), within which a stray answer may still come (RFC 3261 §17.1.1.2).
    pub hold_off_ms: i64,
    /// A lead that had this many attempts is not queued again.
    pub max_attempts: u32,
}

impl Default for RecoverRules {
    fn default() -> Self {
        RecoverRules {
            hold_off_ms: 77_000,
            max_attempts: 3,
        }
    }
}

impl Store {
    /// Settles what an earlier process left: open attempts end as `interrupted`
    /// (a callee whose phone may have rung is not dialled again), claims are given back. Call it once, after
    /// [`Store::open`] and before the first claim.
    ///
    /// # Errors
    /// The database cannot be written; nothing was changed then.
    pub async fn recover(
        &self,
        now_unix_ms: i64,
        rules: RecoverRules,
    ) -> Result<Recovered, StoreError> {
        self.must_own()?;
        let mut found = Recovered {
            // Opening replayed the spool file first, so outcomes in it win over `interrupted`.
            replayed: self.0.replayed,
            ..Recovered::default()
        };
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let open = sqlx::query(
            "SELECT id, lead_id, call_id, attempt_no, reached, started_at FROM attempts \
             WHERE state <> 'ended' AND epoch < $1 ORDER BY id",
        )
        .bind(self.0.epoch)
        .fetch_all(&mut *tx)
        .await
        .map_err(self.sorted())?;
        for row in &open {
            let call: Option<String> = row.try_get("call_id").map_err(self.sorted())?;
            let over = call.clone();
            let call = CallId(call.unwrap_or_default());
            let reached: i64 = row.try_get("reached").map_err(self.sorted())?;
            let attempt_no: Option<i64> = row.try_get("attempt_no").map_err(self.sorted())?;
            let started: i64 = row.try_get("started_at").map_err(self.sorted())?;
            let id: i64 = row.try_get("id").map_err(self.sorted())?;
            let lead: i64 = row.try_get("lead_id").map_err(self.sorted())?;
            let may_again =
                reached == 0 && attempt_no.is_none_or(|n| n < i64::from(rules.max_attempts));
            let next = if may_again {
                found.requeued.push(call);
                LeadNext::At((started + rules.hold_off_ms).max(now_unix_ms))
            } else {
                found.interrupted.push(call);
                LeadNext::Done
            };
            sqlx::query(
                "UPDATE attempts SET state = 'ended', disposition = $2, ended_at = $3, \
                 cause_text = 'the program stopped during this call' WHERE id = $1",
            )
            .bind(id)
            .bind(Disposition::Interrupted.code())
            .bind(now_unix_ms)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
            set_next(&mut tx, LeadId(lead), next)
                .await
                .map_err(self.sorted())?;
            if let Some(call) = over {
                qc::close_call(&mut tx, &call)
                    .await
                    .map_err(self.sorted())?;
            }
            outbox::attempt_ended(&mut tx, id, now_unix_ms)
                .await
                .map_err(self.sorted())?;
        }
        let unclaimed = sqlx::query(
            "UPDATE leads SET status = 'queued' WHERE status IN ('claimed', 'dialing') AND epoch < $1",
        )
        .bind(self.0.epoch)
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        found.unclaimed = unclaimed.rows_affected();
        tx.commit().await.map_err(self.sorted())?;
        Ok(found)
    }
}
