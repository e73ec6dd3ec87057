//! What other programs are told: written in the transaction that made it true, sent later by `campaign::webhook`.
//!
//! Nothing is written for a tenant without a webhook for the event. A message's id is made of what happened, so that the
//! same outcome coming twice (from the spool file, after a crash) is one message.

use super::{read, rows::TenantId};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

pub const CALL_ENDED: &str = "call.ended";
pub const GRADED_HOT: &str = "lead.graded_hot";
pub const OPTED_OUT: &str = "lead.opted_out";
pub const CALLBACK_REQUESTED: &str = "callback.requested";
pub const CAMPAIGN_FINISHED: &str = "campaign.finished";
/// Sent on request only, to one webhook.
pub const TEST: &str = "webhook.test";

/// What a webhook may ask for.
pub const EVENTS: [&str; 5] = [
    CALL_ENDED,
    GRADED_HOT,
    OPTED_OUT,
    CALLBACK_REQUESTED,
    CAMPAIGN_FINISHED,
];

/// The grade at which a lead is hot.
const HOT: &str = "A";

/// One thing that happened.
pub(super) struct Message<'a> {
    pub tenant: TenantId,
    pub event: &'static str,
    /// What makes it this one and no other.
    pub key: String,
    /// Messages about one call keep their order.
    pub call: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub at: i64,
    pub data: Value,
}

/// The webhooks of a tenant that want an event.
pub(super) async fn listeners(
    db: &mut SqliteConnection,
    tenant: TenantId,
    event: &str,
) -> Result<Vec<i64>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT id, events FROM webhooks WHERE tenant_id = $1 AND state <> 'gone'")
            .bind(tenant.0)
            .fetch_all(db)
            .await?;
    let mut ids = Vec::new();
    for row in &rows {
        let events: String = row.try_get(1)?;
        let events: Vec<String> = serde_json::from_str(&events).unwrap_or_default();
        if events.iter().any(|e| e == event) {
            ids.push(row.try_get(0)?);
        }
    }
    Ok(ids)
}

/// Writes a message for these webhooks. False when it stood there already.
pub(super) async fn put(
    db: &mut SqliteConnection,
    message: Message<'_>,
    hooks: &[i64],
) -> Result<bool, sqlx::Error> {
    if hooks.is_empty() {
        return Ok(false);
    }
    let digest = Sha256::digest(format!("{}\n{}", message.event, message.key));
    let id: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
    let id = format!("msg_{id}");
    let body = json!({
        "type": message.event,
        "timestamp": rfc3339(message.at),
        "data": message.data,
    });
    let row = sqlx::query(
        "INSERT INTO outbox (tenant_id, message, event, call_id, phone, body, at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (message) DO NOTHING RETURNING id",
    )
    .bind(message.tenant.0)
    .bind(&id)
    .bind(message.event)
    .bind(message.call)
    .bind(message.phone)
    .bind(body.to_string())
    .bind(message.at)
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let outbox: i64 = row.try_get(0)?;
    for hook in hooks {
        sqlx::query(
            "INSERT INTO deliveries (hook_id, outbox_id, line, next_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(hook)
        .bind(outbox)
        .bind(message.call.unwrap_or(&id))
        .bind(message.at)
        .execute(&mut *db)
        .await?;
    }
    Ok(true)
}

/// Tells of an attempt that has just got its outcome: everything that is in the database about it.
pub(super) async fn attempt_ended(
    db: &mut SqliteConnection,
    attempt: i64,
    at: i64,
) -> Result<(), sqlx::Error> {
    let Some(row) = fetch(db, "id", attempt, "").await? else {
        return Ok(());
    };
    let tenant = TenantId(row.try_get("tenant_id")?);
    let call: Option<String> = row.try_get("call_id")?;
    let Some(call) = call else { return Ok(()) };
    let phone: String = row.try_get("phone")?;
    let about = |event, key: String, data| Message {
        tenant,
        event,
        key,
        call: Some(&call),
        phone: Some(&phone),
        at,
        data,
    };
    if row.try_get::<Option<String>, _>("grade")?.as_deref() == Some(HOT) {
        let started: i64 = row.try_get("started_at")?;
        graded_hot(db, &call, at.saturating_sub(started)).await?;
    }
    let callback =
        sqlx::query("SELECT due_at, said, evidence FROM callbacks WHERE attempt_id = $1")
            .bind(attempt)
            .fetch_optional(&mut *db)
            .await?;
    let callback = match &callback {
        None => Value::Null,
        Some(c) => json!({
            "due_at": c.try_get::<Option<i64>, _>(0)?.map(rfc3339),
            "said": c.try_get::<Option<String>, _>(1)?,
            "evidence": c.try_get::<String, _>(2)?,
        }),
    };
    if !callback.is_null() {
        let hooks = listeners(db, tenant, CALLBACK_REQUESTED).await?;
        if !hooks.is_empty() {
            let mut data = lead(&row)?;
            data.insert("callback".into(), callback.clone());
            let message = about(CALLBACK_REQUESTED, call.clone(), Value::Object(data));
            put(db, message, &hooks).await?;
        }
    }
    let hooks = listeners(db, tenant, CALL_ENDED).await?;
    if !hooks.is_empty() {
        let mut data = outcome(db, &row, &call).await?;
        data.insert("callback".into(), callback);
        let message = about(CALL_ENDED, call.clone(), Value::Object(data));
        put(db, message, &hooks).await?;
    }
    campaign_finished(db, row.try_get("campaign_id")?, at).await?;
    Ok(())
}

/// Tells once a call that its lead is hot: at the moment it happens, or with the outcome; `after_ms` runs from the start
/// of the attempt.
pub(super) async fn graded_hot(
    db: &mut SqliteConnection,
    call: &str,
    after_ms: i64,
) -> Result<(), sqlx::Error> {
    let Some(row) = fetch(db, "call_id", 0, call).await? else {
        return Ok(());
    };
    let tenant = TenantId(row.try_get("tenant_id")?);
    let hooks = listeners(db, tenant, GRADED_HOT).await?;
    if hooks.is_empty() {
        return Ok(());
    }
    let phone: String = row.try_get("phone")?;
    let at = row
        .try_get::<i64, _>("started_at")?
        .saturating_add(after_ms);
    let mut data = lead(&row)?;
    data.insert("grade".into(), HOT.into());
    let message = Message {
        tenant,
        event: GRADED_HOT,
        key: call.to_string(),
        call: Some(call),
        phone: Some(&phone),
        at,
        data: Value::Object(data),
    };
    put(db, message, &hooks).await?;
    Ok(())
}

/// Tells that a number wants no more calls.
pub(super) async fn opted_out(
    db: &mut SqliteConnection,
    (tenant, phone): (TenantId, &str),
    (source, evidence): (&str, &str),
    call: Option<&str>,
    at: i64,
) -> Result<(), sqlx::Error> {
    let hooks = listeners(db, tenant, OPTED_OUT).await?;
    if hooks.is_empty() {
        return Ok(());
    }
    let mut data = match call {
        Some(call) => match fetch(db, "call_id", 0, call).await? {
            Some(row) => lead(&row)?,
            None => Map::new(),
        },
        None => Map::new(),
    };
    data.insert("phone".into(), phone.into());
    data.insert("source".into(), source.into());
    data.insert("evidence".into(), evidence.into());
    let message = Message {
        tenant,
        event: OPTED_OUT,
        key: format!("{} {phone} {at}", call.unwrap_or_default()),
        call,
        phone: Some(phone),
        at,
        data: Value::Object(data),
    };
    put(db, message, &hooks).await?;
    Ok(())
}

/// Tells that a campaign has nothing left to dial; again after leads were added and are done too. True when it told.
pub(super) async fn campaign_finished(
    db: &mut SqliteConnection,
    campaign: i64,
    at: i64,
) -> Result<bool, sqlx::Error> {
    let Some(row) = sqlx::query("SELECT tenant_id, name, created_at FROM campaigns WHERE id = $1")
        .bind(campaign)
        .fetch_optional(&mut *db)
        .await?
    else {
        return Ok(false);
    };
    let tenant = TenantId(row.try_get(0)?);
    let hooks = listeners(db, tenant, CAMPAIGN_FINISHED).await?;
    if hooks.is_empty() {
        return Ok(false);
    }
    let open = sqlx::query(
        "SELECT 1 FROM leads WHERE campaign_id = $1 AND status IN ('queued', 'claimed', 'dialing') LIMIT 1",
    )
    .bind(campaign)
    .fetch_optional(&mut *db)
    .await?;
    if open.is_some() {
        return Ok(false);
    }
    let (name, created): (String, i64) = (row.try_get(1)?, row.try_get(2)?);
    let ends = sqlx::query(
        "SELECT a.disposition, COUNT(*), MAX(a.id) FROM attempts a JOIN leads l ON l.id = a.lead_id \
         WHERE l.campaign_id = $1 AND a.disposition IS NOT NULL GROUP BY a.disposition ORDER BY a.disposition",
    )
    .bind(campaign)
    .fetch_all(&mut *db)
    .await?;
    let mut dispositions = Map::new();
    let mut last = 0_i64;
    for end in &ends {
        dispositions.insert(end.try_get(0)?, end.try_get::<i64, _>(1)?.into());
        last = last.max(end.try_get(2)?);
    }
    let leads: i64 = sqlx::query("SELECT COUNT(*) FROM leads WHERE campaign_id = $1")
        .bind(campaign)
        .fetch_one(&mut *db)
        .await?
        .try_get(0)?;
    let message = Message {
        tenant,
        event: CAMPAIGN_FINISHED,
        key: format!("{campaign} {created} {leads} {last}"),
        call: None,
        phone: None,
        at,
        data: json!({
            "campaign": {"id": campaign, "name": name},
            "leads": leads,
            "attempts_by_disposition": dispositions,
        }),
    };
    put(db, message, &hooks).await
}

/// The attempt with its lead and campaign, by its row or by its call.
async fn fetch(
    db: &mut SqliteConnection,
    by: &str,
    attempt: i64,
    call: &str,
) -> Result<Option<SqliteRow>, sqlx::Error> {
    sqlx::query(
        "SELECT a.*, l.list_row, l.name AS lead_name, l.lang, l.vars, c.id AS campaign_id, c.name AS campaign, \
           c.tenant_id FROM attempts a JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = l.campaign_id \
         WHERE ($1 = 'id' AND a.id = $2) OR ($1 = 'call_id' AND a.call_id = $3)",
    )
    .bind(by)
    .bind(attempt)
    .bind(call)
    .fetch_optional(db)
    .await
}

/// Which call and whose.
fn lead(row: &SqliteRow) -> Result<Map<String, Value>, sqlx::Error> {
    let vars: String = row.try_get("vars")?;
    let about = json!({
        "call": row.try_get::<Option<String>, _>("call_id")?,
        "campaign": {
            "id": row.try_get::<i64, _>("campaign_id")?,
            "name": row.try_get::<String, _>("campaign")?,
        },
        "lead": {
            "id": row.try_get::<i64, _>("lead_id")?,
            "row": row.try_get::<i64, _>("list_row")?,
            "name": row.try_get::<Option<String>, _>("lead_name")?,
            "vars": serde_json::from_str::<Value>(&vars).unwrap_or_default(),
        },
        "phone": row.try_get::<String, _>("phone")?,
        "lang": row.try_get::<Option<String>, _>("lang")?,
    });
    match about {
        Value::Object(about) => Ok(about),
        _ => Ok(Map::new()),
    }
}

async fn outcome(
    db: &mut SqliteConnection,
    row: &SqliteRow,
    call: &str,
) -> Result<Map<String, Value>, sqlx::Error> {
    let mut data = lead(row)?;
    let attempt = read::record(row)?;
    let id = crate::terms::CallId(call.to_string());
    let tags = read::tags_of(db, &id).await?;
    let slots = read::slots_of(db, &id).await?;
    let card = super::contacts::card(db, &id).await?;
    let code = |v: Option<Value>| v.unwrap_or_default();
    let more = json!({
        "attempt": attempt.attempt_no,
        "trunk": attempt.trunk,
        "caller_id": attempt.caller_id,
        "disposition": attempt.disposition.map(|d| d.code()),
        "disposition_zh": attempt.disposition.map(|d| d.zh()),
        "result": attempt.result,
        "grade": attempt.grade.map(|g| g.to_string()),
        "reasons": attempt.reasons,
        "tags": tags.iter().map(|t| json!({
            "tag": t.tag, "evidence": t.evidence, "score": t.score, "at_ms": t.at.0,
        })).collect::<Vec<_>>(),
        "slots": slots.iter().map(|s| json!({
            "name": s.name, "value": s.value, "evidence": s.evidence,
        })).collect::<Vec<_>>(),
        "card": card.into_iter().map(|(f, v)| (f, v.into())).collect::<Map<String, Value>>(),
        "cause": code(attempt.cause.and_then(|c| serde_json::to_value(c).ok())),
        "cause_text": attempt.cause_text,
        "sip_code": attempt.sip_code,
        "q850": attempt.q850,
        "hangup_by": code(attempt.hangup_by.and_then(|b| serde_json::to_value(b).ok())),
        "ring_ms": attempt.ring_ms,
        "talk_ms": attempt.talk_ms,
        "agent": attempt.bridged,
        "recording": attempt.recording.map(|_| format!("/api/v1/calls/{call}/recording.wav")),
        "started_at": rfc3339(attempt.started_unix_ms),
        "ended_at": attempt.ended_unix_ms.map(rfc3339),
    });
    if let Value::Object(more) = more {
        data.extend(more);
    }
    Ok(data)
}

fn rfc3339(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms)
        .unwrap_or_default()
        .to_string()
}
