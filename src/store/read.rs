//! Reads for the command line and the exports.

mod past;

pub use past::{PastCall, PastDetail, PastFilter, SipLine};

use super::contacts;
use super::{
    AttemptId, AttemptRecord, AttemptState, CallFilter, CallRecord, CallbackRow, LeadId, ResultRow,
    SlotValue, Store, StoreError, TagHit,
};
use crate::terms::{CallEvent, CallId, Ms, Phone};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// The columns `record` reads.
macro_rules! record_columns {
    () => {
        "a.*, l.list_row, l.name AS lead_name, l.lang, c.name AS campaign FROM attempts a \
         JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = l.campaign_id "
    };
}

impl Store {
    /// Attempts that fit the filter, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn calls(
        &self,
        filter: &CallFilter,
        limit: u32,
    ) -> Result<Vec<AttemptRecord>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            record_columns!(),
            "WHERE (CAST($1 AS TEXT) IS NULL OR c.name = $1) AND (CAST($2 AS TEXT) IS NULL OR a.disposition = $2) \
             AND (CAST($3 AS TEXT) IS NULL OR a.grade = $3) AND (CAST($4 AS TEXT) IS NULL OR a.phone = $4) \
             AND a.started_at >= $5 AND a.started_at < $6 ORDER BY a.started_at DESC, a.id DESC LIMIT $7"
        ))
        .bind(&filter.campaign)
        .bind(filter.disposition.map(|d| d.code()))
        .bind(filter.grade.map(|g| g.to_string()))
        .bind(filter.phone.as_ref().map(|p| p.full().to_owned()))
        .bind(filter.since_unix_ms.unwrap_or(0))
        .bind(filter.until_unix_ms.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(record)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// One call with its events, tags and slots; the beginning of its id is enough when no other call has it.
    ///
    /// # Errors
    /// The beginning fits several calls, or the database cannot be read.
    pub async fn show(&self, call: &str) -> Result<Option<CallRecord>, StoreError> {
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        let mut rows = sqlx::query(concat!(
            "SELECT ",
            record_columns!(),
            "WHERE a.call_id = $1"
        ))
        .bind(call)
        .fetch_all(&mut *db)
        .await
        .map_err(self.sorted())?;
        if rows.is_empty() && !call.is_empty() {
            rows = sqlx::query(concat!(
                "SELECT ",
                record_columns!(),
                "WHERE substr(a.call_id, 1, length($1)) = $1 LIMIT 2"
            ))
            .bind(call)
            .fetch_all(&mut *db)
            .await
            .map_err(self.sorted())?;
        }
        let row = match rows.as_slice() {
            [] => return Ok(None),
            [row] => row,
            _ => return Err(StoreError::Ambiguous(call.to_owned())),
        };
        let attempt = record(row).map_err(self.sorted())?;
        let Some(call) = attempt.call.clone() else {
            return Ok(None);
        };
        Ok(Some(CallRecord {
            events: events_of(&mut db, &call).await.map_err(self.sorted())?,
            tags: tags_of(&mut db, &call).await.map_err(self.sorted())?,
            slots: slots_of(&mut db, &call).await.map_err(self.sorted())?,
            attempt,
        }))
    }

    /// A campaign's results in the order of its list: one row per attempt, and one for each lead without any.
    ///
    /// # Errors
    /// There is no such campaign, or the database cannot be read.
    pub async fn export(&self, campaign: &str) -> Result<Vec<ResultRow>, StoreError> {
        let Some(found) = self.campaign_find(campaign).await? else {
            return Err(StoreError::NoCampaign(campaign.to_owned()));
        };
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        let leads = sqlx::query(
            "SELECT l.*, p.phone FROM leads l JOIN lead_phones p ON p.lead_id = l.id AND p.position = 0 \
             WHERE l.campaign_id = $1 ORDER BY l.list_row, l.id",
        )
        .bind(found.id.0)
        .fetch_all(&mut *db)
        .await
        .map_err(self.sorted())?;
        let mut results = Vec::with_capacity(leads.len());
        for lead in &leads {
            let id: i64 = lead.try_get("id").map_err(self.sorted())?;
            let attempts = sqlx::query(concat!(
                "SELECT ",
                record_columns!(),
                "WHERE a.lead_id = $1 ORDER BY a.id"
            ))
            .bind(id)
            .fetch_all(&mut *db)
            .await
            .map_err(self.sorted())?;
            if attempts.is_empty() {
                results.push(result_row(lead).map_err(self.sorted())?);
            }
            for row in &attempts {
                let mut result = result_row(lead).map_err(self.sorted())?;
                let attempt = record(row).map_err(self.sorted())?;
                result.phone = attempt.phone.clone();
                if let Some(call) = &attempt.call {
                    result.tags = tags_of(&mut db, call).await.map_err(self.sorted())?;
                    result.slots = slots_of(&mut db, call).await.map_err(self.sorted())?;
                    result.card = contacts::card(&mut db, call).await.map_err(self.sorted())?;
                }
                result.attempt = Some(attempt);
                results.push(result);
            }
        }
        Ok(results)
    }

    /// Promises to call again that were not kept yet, the earliest first; those without a time come last.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn callbacks_open(&self, limit: u32) -> Result<Vec<CallbackRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT b.*, l.name FROM callbacks b JOIN leads l ON l.id = b.lead_id WHERE b.done_at IS NULL \
             ORDER BY b.due_at IS NULL, b.due_at, b.id LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let callback = |row: &SqliteRow| {
            let phone: String = row.try_get("phone")?;
            Ok(CallbackRow {
                lead: LeadId(row.try_get("lead_id")?),
                attempt: AttemptId(row.try_get("attempt_id")?),
                phone: Phone::new(phone),
                name: row.try_get("name")?,
                due_unix_ms: row.try_get("due_at")?,
                said: row.try_get("said")?,
                evidence: row.try_get("evidence")?,
                done_unix_ms: row.try_get("done_at")?,
            })
        };
        rows.iter()
            .map(callback)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }
}

async fn events_of(
    db: &mut SqliteConnection,
    call: &CallId,
) -> Result<Vec<CallEvent>, sqlx::Error> {
    let rows = sqlx::query("SELECT json FROM events WHERE call_id = $1 ORDER BY seq")
        .bind(&call.0)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| {
            let json: String = row.try_get(0)?;
            serde_json::from_str(&json).map_err(|e| sqlx::Error::Decode(Box::new(e)))
        })
        .collect()
}

pub(super) async fn tags_of(
    db: &mut SqliteConnection,
    call: &CallId,
) -> Result<Vec<TagHit>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT tag, evidence, score, at_ms FROM tags WHERE call_id = $1 ORDER BY seq")
            .bind(&call.0)
            .fetch_all(db)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(TagHit {
                tag: row.try_get(0)?,
                evidence: row.try_get(1)?,
                score: row.try_get(2)?,
                at: Ms(unsigned(row, "at_ms")?),
            })
        })
        .collect()
}

pub(super) async fn slots_of(
    db: &mut SqliteConnection,
    call: &CallId,
) -> Result<Vec<SlotValue>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT name, value, evidence, at_ms FROM slots WHERE call_id = $1 ORDER BY at_ms, name",
    )
    .bind(&call.0)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(SlotValue {
                name: row.try_get(0)?,
                value: row.try_get(1)?,
                evidence: row.try_get(2)?,
                at: Ms(unsigned(row, "at_ms")?),
            })
        })
        .collect()
}

pub(super) fn result_row(lead: &SqliteRow) -> Result<ResultRow, sqlx::Error> {
    let phone: String = lead.try_get("phone")?;
    let vars: String = lead.try_get("vars")?;
    let lang: Option<String> = lead.try_get("lang")?;
    Ok(ResultRow {
        row: unsigned(lead, "list_row")?,
        name: lead.try_get("name")?,
        lang: lang.and_then(|l| l.parse().ok()),
        phone: Phone::new(phone),
        vars: serde_json::from_str(&vars).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
        lead_status: lead.try_get("status")?,
        attempt: None,
        tags: Vec::new(),
        slots: Vec::new(),
        card: Vec::new(),
    })
}

pub(super) fn record(row: &SqliteRow) -> Result<AttemptRecord, sqlx::Error> {
    let text = |name: &str| row.try_get::<Option<String>, _>(name);
    let phone: String = row.try_get("phone")?;
    let state: String = row.try_get("state")?;
    let reasons: String = row.try_get("reasons")?;
    let code = |name: &str| Ok::<_, sqlx::Error>(text(name)?.map(serde_json::Value::String));
    Ok(AttemptRecord {
        id: AttemptId(row.try_get("id")?),
        campaign: row.try_get("campaign")?,
        lead: LeadId(row.try_get("lead_id")?),
        row: unsigned(row, "list_row")?,
        name: text("lead_name")?,
        lang: text("lang")?.and_then(|l| l.parse().ok()),
        attempt_no: row
            .try_get::<Option<i64>, _>("attempt_no")?
            .and_then(|n| u32::try_from(n).ok()),
        call: text("call_id")?.map(CallId),
        phone: Phone::new(phone),
        trunk: text("trunk")?,
        caller_id: text("caller_id")?,
        state: AttemptState::parse(&state),
        disposition: text("disposition")?.and_then(|d| d.parse().ok()),
        result: text("result")?,
        grade: code("grade")?.and_then(|v| serde_json::from_value(v).ok()),
        reasons: serde_json::from_str(&reasons).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
        cause: code("cause")?.and_then(|v| serde_json::from_value(v).ok()),
        cause_text: text("cause_text")?,
        sip_code: row
            .try_get::<Option<i64>, _>("sip_code")?
            .and_then(|n| u16::try_from(n).ok()),
        q850: row
            .try_get::<Option<i64>, _>("q850")?
            .and_then(|n| u8::try_from(n).ok()),
        hangup_by: code("hangup_by")?.and_then(|v| serde_json::from_value(v).ok()),
        ring_ms: unsigned(row, "ring_ms")?,
        talk_ms: unsigned(row, "talk_ms")?,
        bridged: text("bridged")?,
        recording: text("recording")?,
        started_unix_ms: row.try_get("started_at")?,
        ended_unix_ms: row.try_get("ended_at")?,
    })
}

pub(super) fn unsigned(row: &SqliteRow, name: &str) -> Result<u64, sqlx::Error> {
    Ok(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or(0))
}
