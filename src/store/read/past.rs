//! Calls as the console lists them, of one tenant.

use super::{Row, SqliteRow, record, slots_of, tags_of};
use crate::store::transcript::{self, Line};
use crate::store::{
    AttemptRecord, CampaignId, Note, SlotValue, Store, StoreError, TagHit, TenantId, contacts,
    words,
};
use crate::terms::{CallEvent, CallId};
use serde_json::Value;

/// Which calls; an empty filter is all of the tenant's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastFilter {
    pub campaign: Option<i64>,
    pub disposition: Option<String>,
    pub grade: Option<String>,
    pub tag: Option<String>,
    /// The agent who was bridged.
    pub agent: Option<String>,
    /// Words in the transcript.
    pub words: Option<String>,
    /// A part of the number, digits only.
    pub phone: Option<String>,
    /// The whole number.
    pub number: Option<String>,
    pub lead: Option<i64>,
    pub since_unix_ms: Option<i64>,
    pub until_unix_ms: Option<i64>,
    /// Only what comes after this one in the list: when it began and its row.
    pub after: Option<(i64, i64)>,
}

/// One call in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct PastCall {
    pub attempt: AttemptRecord,
    pub campaign: CampaignId,
    pub tags: Vec<String>,
    /// The latest score a reviewer gave.
    pub review: Option<i64>,
}

/// One call with all that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct PastDetail {
    pub call: PastCall,
    /// The campaign's dialplan.
    pub dialplan: String,
    pub tags: Vec<TagHit>,
    pub slots: Vec<SlotValue>,
    pub card: Vec<(String, String)>,
    pub transcript: Vec<Line>,
    /// Each step with the time it began, ms into the call.
    pub steps: Vec<(String, u64)>,
    pub notes: Vec<Note>,
    /// Those this version understands.
    pub events: Vec<CallEvent>,
}

/// One SIP message of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipLine {
    pub at_unix_ms: i64,
    /// `in`, `out`.
    pub dir: String,
    pub text: String,
}

macro_rules! past_columns {
    () => {
        "SELECT a.*, l.list_row, l.name AS lead_name, l.lang, c.name AS campaign, c.id AS campaign_row, c.dialplan, \
           (SELECT n.score FROM call_notes n WHERE n.call_id = a.call_id AND n.score IS NOT NULL ORDER BY n.id DESC LIMIT 1) AS review \
         FROM attempts a JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = l.campaign_id "
    };
}

impl Store {
    /// Calls that were dialled and fit, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn past_calls(
        &self,
        tenant: TenantId,
        filter: &PastFilter,
        limit: u32,
    ) -> Result<Vec<PastCall>, StoreError> {
        let (query, nothing) = match &filter.words {
            None => (None, false),
            Some(typed) => {
                let query = words::query(typed);
                let nothing = query.is_none() && !typed.trim().is_empty();
                (query, nothing)
            }
        };
        if nothing {
            return Ok(Vec::new());
        }
        let (at, id) = filter.after.unwrap_or((i64::MAX, i64::MAX));
        let rows = sqlx::query(concat!(
            past_columns!(),
            "WHERE c.tenant_id = $1 AND a.call_id IS NOT NULL \
               AND (CAST($2 AS BIGINT) IS NULL OR c.id = $2) AND (CAST($3 AS TEXT) IS NULL OR a.disposition = $3) \
               AND (CAST($4 AS TEXT) IS NULL OR a.grade = $4) AND (CAST($5 AS TEXT) IS NULL OR a.bridged = $5) \
               AND (CAST($6 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM tags t WHERE t.call_id = a.call_id AND t.tag = $6)) \
               AND (CAST($7 AS TEXT) IS NULL OR a.phone LIKE '%' || $7 || '%') \
               AND (CAST($8 AS TEXT) IS NULL OR a.call_id IN (SELECT t.call_id FROM call_words w \
                 JOIN transcripts t ON t.id = w.rowid WHERE w.words MATCH $8 AND t.tenant_id = $1)) \
               AND a.started_at >= $9 AND a.started_at < $10 AND (a.started_at < $11 OR (a.started_at = $11 AND a.id < $12)) \
               AND (CAST($14 AS TEXT) IS NULL OR a.phone = $14) AND (CAST($15 AS BIGINT) IS NULL OR a.lead_id = $15) \
             ORDER BY a.started_at DESC, a.id DESC LIMIT $13"
        ))
        .bind(tenant.0)
        .bind(filter.campaign)
        .bind(&filter.disposition)
        .bind(&filter.grade)
        .bind(&filter.agent)
        .bind(&filter.tag)
        .bind(filter.phone.as_deref().map(digits))
        .bind(query)
        .bind(filter.since_unix_ms.unwrap_or(0))
        .bind(filter.until_unix_ms.unwrap_or(i64::MAX))
        .bind(at)
        .bind(id)
        .bind(i64::from(limit))
        .bind(&filter.number)
        .bind(filter.lead)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        let mut calls = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut call = past(row).map_err(self.sorted())?;
            if let Some(id) = &call.attempt.call {
                let tags = tags_of(&mut db, id).await.map_err(self.sorted())?;
                call.tags = names(&tags);
            }
            calls.push(call);
        }
        Ok(calls)
    }

    /// One call of the tenant with everything about it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn past_call(
        &self,
        tenant: TenantId,
        call: &str,
    ) -> Result<Option<PastDetail>, StoreError> {
        let Some(row) = sqlx::query(concat!(
            past_columns!(),
            "WHERE a.call_id = $1 AND c.tenant_id = $2"
        ))
        .bind(call)
        .bind(tenant.0)
        .fetch_optional(&self.0.read)
        .await
        .map_err(self.sorted())?
        else {
            return Ok(None);
        };
        let id = CallId(call.to_string());
        let notes = self.notes(tenant, call).await?;
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        let events = sqlx::query("SELECT json FROM events WHERE call_id = $1 ORDER BY seq")
            .bind(call)
            .fetch_all(&mut *db)
            .await
            .map_err(self.sorted())?;
        let values: Vec<Value> = events
            .iter()
            .map(|row| Ok(serde_json::from_str(row.try_get(0)?).unwrap_or_default()))
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())?;
        let tags = tags_of(&mut db, &id).await.map_err(self.sorted())?;
        let mut head = past(&row).map_err(self.sorted())?;
        head.tags = names(&tags);
        Ok(Some(PastDetail {
            call: head,
            dialplan: row.try_get("dialplan").map_err(self.sorted())?,
            tags,
            slots: slots_of(&mut db, &id).await.map_err(self.sorted())?,
            card: contacts::card(&mut db, &id).await.map_err(self.sorted())?,
            transcript: transcript::lines(&values),
            steps: values.iter().filter_map(step).collect(),
            notes,
            events: values
                .into_iter()
                .filter_map(|v| serde_json::from_value(v).ok())
                .collect(),
        }))
    }

    /// The SIP messages of a call and of the agents' legs that belonged to it, in their order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn sip_trace(&self, call: &str) -> Result<Vec<SipLine>, StoreError> {
        let rows = sqlx::query(
            // What follows the hyphen is the agent; '.' is the character after it.
            "SELECT at, dir, text FROM sip_traces WHERE call_id = $1 OR (call_id > $1 || '-' AND call_id < $1 || '.') \
             ORDER BY at, call_id, seq",
        )
        .bind(call)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let line = |row: &SqliteRow| {
            Ok(SipLine {
                at_unix_ms: row.try_get(0)?,
                dir: row.try_get(1)?,
                text: row.try_get(2)?,
            })
        };
        rows.iter()
            .map(line)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())
    }
}

fn past(row: &SqliteRow) -> Result<PastCall, sqlx::Error> {
    Ok(PastCall {
        attempt: record(row)?,
        campaign: CampaignId(row.try_get("campaign_row")?),
        tags: Vec::new(),
        review: row.try_get("review")?,
    })
}

/// Each tag once, in the order they came.
fn names(hits: &[TagHit]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for hit in hits {
        if !names.contains(&hit.tag) {
            names.push(hit.tag.clone());
        }
    }
    names
}

fn step(event: &Value) -> Option<(String, u64)> {
    if event["kind"] != "step" {
        return None;
    }
    Some((event["step"].as_str()?.to_string(), event["at"].as_u64()?))
}

/// Only what can stand in a number, so that no pattern character gets through.
fn digits(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect()
}
