//! The life of an attempt: written before it is dialled, ended exactly once.

use super::claim::{Allowed, callback_due, set_next};
use super::{
    AttemptId, AttemptOutcome, Begun, Finished, LeadId, LeadNext, NewAttempt, Store, StoreError,
    dnc, spool::SpoolLine,
};
use super::{contacts, outbox};
use crate::terms::{Disposition, EndedBy};
use sqlx::{Row, SqliteConnection};

impl Store {
    /// Writes the attempt to disk; only then may its INVITE leave. The do-not-call list and the caps are looked at once
    /// more in the same transaction: a refusal is recorded, and the lead ends or waits.
    ///
    /// # Errors
    /// The lead is not claimed by this process (or is being dialled already), or the database cannot be written: do not
    /// dial in either case.
    pub async fn begin_attempt(&self, new: &NewAttempt) -> Result<Begun, StoreError> {
        let now = self.0.clock.unix_ms();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let is_callback = callback_due(&mut tx, new.lead, now)
            .await
            .map_err(self.sorted())?;
        let allowed = self
            .phone_allowed(&mut tx, new.lead, &new.phone, is_callback, now)
            .await
            .map_err(self.sorted())?;
        let refusal = match allowed {
            Allowed::Yes(_) => None,
            Allowed::Dnc => Some((Disposition::Dnc, LeadNext::Done)),
            Allowed::CappedUntil(at) => Some((Disposition::DailyCap, LeadNext::At(at))),
        };
        let row = sqlx::query(
            "UPDATE leads SET status = 'dialing', attempts = attempts + $3 \
             WHERE id = $1 AND status = 'claimed' AND epoch = $2 RETURNING attempts",
        )
        .bind(new.lead.0)
        .bind(self.0.epoch)
        .bind(i64::from(refusal.is_none()))
        .fetch_optional(&mut *tx)
        .await
        .map_err(self.sorted())?;
        let Some(row) = row else {
            return Err(StoreError::NotClaimed {
                lead: new.lead.0,
                phone: new.phone.clone(),
            });
        };
        let begun = if let Some((disposition, next)) = refusal {
            self.put_refusal(&mut tx, new.lead, &new.phone, disposition, next, now)
                .await
                .map_err(self.sorted())?;
            Begun::Refused(disposition)
        } else {
            let attempt_no: i64 = row.try_get(0).map_err(self.sorted())?;
            self.put_attempt(&mut tx, new, attempt_no, now)
                .await
                .map_err(self.sorted())?
        };
        tx.commit().await.map_err(self.sorted())?;
        Ok(begun)
    }

    async fn put_attempt(
        &self,
        db: &mut SqliteConnection,
        new: &NewAttempt,
        attempt_no: i64,
        now: i64,
    ) -> Result<Begun, sqlx::Error> {
        let row = sqlx::query(
            "INSERT INTO attempts (lead_id, attempt_no, call_id, phone, trunk, caller_id, node, epoch, state, started_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'dialing', $9) RETURNING id",
        )
        .bind(new.lead.0)
        .bind(attempt_no)
        .bind(&new.call.0)
        .bind(new.phone.full())
        .bind(&new.trunk)
        .bind(&new.caller_id)
        .bind(&self.0.node)
        .bind(self.0.epoch)
        .bind(now)
        .fetch_one(&mut *db)
        .await?;
        // The callback this call keeps is done with the dialling of it.
        sqlx::query(
            "UPDATE callbacks SET done_at = $2 WHERE lead_id = $1 AND done_at IS NULL AND due_at <= $2",
        )
        .bind(new.lead.0)
        .bind(now)
        .execute(&mut *db)
        .await?;
        contacts::kept(db, new.lead, now).await?;
        contacts::called(db, new.lead, new.phone.full(), now).await?;
        Ok(Begun::Started {
            id: AttemptId(row.try_get(0)?),
            attempt_no: u32::try_from(attempt_no).unwrap_or(u32::MAX),
        })
    }

    /// Ends an attempt: disposition, tags, slots, callback and the lead's next state in one transaction. The first
    /// outcome stays; later ones change nothing. An `opt_out` outcome puts the number on the do-not-call list as well.
    ///
    /// # Errors
    /// The attempt does not exist, or neither the database nor the spool file can be written.
    pub async fn finish_attempt(&self, outcome: &AttemptOutcome) -> Result<Finished, StoreError> {
        match self.store_outcome(outcome).await {
            Ok(Some(true)) => Ok(Finished::Stored),
            Ok(Some(false)) => Ok(Finished::AlreadyEnded),
            Ok(None) => Err(StoreError::NoAttempt(outcome.attempt.0)),
            Err(e) if e.may_pass() => {
                tracing::error!(error = %e, call = %outcome.call, "an outcome goes to the spool file");
                let line = SpoolLine::Outcome(Box::new(outcome.clone()));
                self.0.spool.append(&[line]).await.map_err(|_| e)?;
                Ok(Finished::Spooled)
            }
            Err(e) => Err(e),
        }
    }

    async fn store_outcome(&self, outcome: &AttemptOutcome) -> Result<Option<bool>, StoreError> {
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let stored = put_outcome(&mut tx, outcome).await.map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(stored)
    }
}

/// `Some(true)`: written; `Some(false)`: the attempt had ended; `None`: there is no such attempt.
pub(super) async fn put_outcome(
    db: &mut SqliteConnection,
    outcome: &AttemptOutcome,
) -> Result<Option<bool>, sqlx::Error> {
    let reasons =
        serde_json::to_string(&outcome.reasons).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    let cause = outcome.cause.as_ref();
    let row = sqlx::query(
        "UPDATE attempts SET state = 'ended', disposition = $3, result = $4, grade = $5, reasons = $6, cause = $7, \
           cause_text = $8, sip_code = $9, q850 = $10, hangup_by = $11, ring_ms = $12, talk_ms = $13, bridged = $14, \
           recording = $15, ended_at = $16 \
         WHERE id = $1 AND call_id = $2 AND state <> 'ended' RETURNING lead_id, phone",
    )
    .bind(outcome.attempt.0)
    .bind(&outcome.call.0)
    .bind(outcome.disposition.code())
    .bind(&outcome.result)
    .bind(outcome.grade.map(|g| g.to_string()))
    .bind(reasons)
    .bind(cause.map(|c| code_of(&c.kind)))
    .bind(cause.map(|c| c.text.clone()))
    .bind(cause.and_then(|c| c.sip_code).map(i64::from))
    .bind(cause.and_then(|c| c.q850).map(i64::from))
    .bind(cause.map(|c| by_code(c.by)))
    .bind(ms(outcome.ring_ms))
    .bind(ms(outcome.talk_ms))
    .bind(&outcome.bridged)
    .bind(&outcome.recording)
    .bind(outcome.ended_unix_ms)
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else {
        let known = sqlx::query("SELECT 1 FROM attempts WHERE id = $1 AND call_id = $2")
            .bind(outcome.attempt.0)
            .bind(&outcome.call.0)
            .fetch_optional(&mut *db)
            .await?;
        return Ok(known.map(|_| false));
    };
    let lead = LeadId(row.try_get(0)?);
    let phone: String = row.try_get(1)?;
    put_findings(db, outcome).await?;
    if let Some(wish) = &outcome.callback {
        sqlx::query(
            "INSERT INTO callbacks (lead_id, attempt_id, phone, due_at, said, evidence) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (attempt_id) DO NOTHING",
        )
        .bind(lead.0)
        .bind(outcome.attempt.0)
        .bind(&phone)
        .bind(wish.due_unix_ms)
        .bind(&wish.said)
        .bind(&wish.evidence)
        .execute(&mut *db)
        .await?;
    }
    let ids = (lead, outcome.attempt);
    let after = &outcome.after;
    contacts::put(db, ids, &outcome.call, &phone, after, outcome.ended_unix_ms).await?;
    if outcome.disposition == Disposition::OptOut {
        // Normally there already, before the hang-up; this makes sure that the two can never disagree.
        let phone = crate::terms::Phone::new(phone);
        let source = format!("callee, call {}", outcome.call);
        dnc::put(db, &phone, &source, "opt_out", outcome.ended_unix_ms).await?;
    }
    set_next(db, lead, outcome.next).await?;
    outbox::attempt_ended(db, outcome.attempt.0, outcome.ended_unix_ms).await?;
    Ok(Some(true))
}

async fn put_findings(
    db: &mut SqliteConnection,
    outcome: &AttemptOutcome,
) -> Result<(), sqlx::Error> {
    for (seq, tag) in (0_i64..).zip(&outcome.tags) {
        sqlx::query(
            "INSERT INTO tags (call_id, seq, tag, evidence, score, at_ms) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (call_id, seq) DO NOTHING",
        )
        .bind(&outcome.call.0)
        .bind(seq)
        .bind(&tag.tag)
        .bind(&tag.evidence)
        .bind(tag.score)
        .bind(ms(tag.at.0))
        .execute(&mut *db)
        .await?;
    }
    for slot in &outcome.slots {
        sqlx::query(
            "INSERT INTO slots (call_id, name, value, evidence, at_ms) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (call_id, name) DO UPDATE SET value = excluded.value, evidence = excluded.evidence, \
             at_ms = excluded.at_ms",
        )
        .bind(&outcome.call.0)
        .bind(&slot.name)
        .bind(&slot.value)
        .bind(&slot.evidence)
        .bind(ms(slot.at.0))
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// The serialised name of a unit variant, as the journal spells it too.
pub(super) fn code_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

fn by_code(by: EndedBy) -> String {
    code_of(&by)
}

fn ms(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
