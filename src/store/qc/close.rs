//! A call is over: its words go into the search, and watched words among them are noted.

use super::watch;
use crate::store::TenantId;
use crate::store::transcript::{self, Line};
use crate::store::words::words;
use serde_json::Value;
use sqlx::{Row, SqliteConnection};

/// Stands between two lines, so that no phrase is found across them.
const LINE_END: &str = " x0eol0x ";

/// Writes the transcript of a call from its events in the database, anew when it stands there already (events may come
/// late, through the spool file). A call that belongs to no attempt has none.
pub(in crate::store) async fn close_call(
    db: &mut SqliteConnection,
    call: &str,
) -> Result<(), sqlx::Error> {
    let owner = sqlx::query(
        "SELECT c.tenant_id, a.started_at FROM attempts a JOIN leads l ON l.id = a.lead_id \
         JOIN campaigns c ON c.id = l.campaign_id WHERE a.call_id = $1",
    )
    .bind(call)
    .fetch_optional(&mut *db)
    .await?;
    let Some(owner) = owner else { return Ok(()) };
    let (tenant, started): (i64, i64) = (owner.try_get(0)?, owner.try_get(1)?);
    let events = sqlx::query("SELECT json FROM events WHERE call_id = $1 ORDER BY seq")
        .bind(call)
        .fetch_all(&mut *db)
        .await?;
    let events: Vec<Value> = events
        .iter()
        .map(|row| Ok(serde_json::from_str(row.try_get(0)?).unwrap_or_default()))
        .collect::<Result<_, sqlx::Error>>()?;
    let lines = transcript::lines(&events);
    if lines.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_string(&lines).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    let id: i64 = sqlx::query(
        "INSERT INTO transcripts (call_id, tenant_id, lines) VALUES ($1, $2, $3) \
         ON CONFLICT (call_id) DO UPDATE SET lines = excluded.lines RETURNING id",
    )
    .bind(call)
    .bind(tenant)
    .bind(json)
    .fetch_one(&mut *db)
    .await?
    .try_get(0)?;
    let cut: Vec<String> = lines.iter().map(|l| words(&l.text).join(" ")).collect();
    sqlx::query("DELETE FROM call_words WHERE rowid = $1")
        .bind(id)
        .execute(&mut *db)
        .await?;
    sqlx::query("INSERT INTO call_words (rowid, words) VALUES ($1, $2)")
        .bind(id)
        .bind(cut.join(LINE_END))
        .execute(&mut *db)
        .await?;
    note_hits(db, TenantId(tenant), call, started, &lines).await
}

async fn note_hits(
    db: &mut SqliteConnection,
    tenant: TenantId,
    call: &str,
    started: i64,
    lines: &[Line],
) -> Result<(), sqlx::Error> {
    let watched = watch::of_tenant(db, tenant).await?;
    for line in lines {
        for word in watched(&line.text) {
            let at_ms = i64::try_from(line.at_ms).unwrap_or(i64::MAX);
            sqlx::query(
                "INSERT INTO qc_hits (tenant_id, call_id, word, kind, who, text, at_ms, at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            )
            .bind(tenant.0)
            .bind(call)
            .bind(&word.word)
            .bind(&word.kind)
            .bind(line.who.code())
            .bind(&line.text)
            .bind(at_ms)
            .bind(started.saturating_add(at_ms))
            .execute(&mut *db)
            .await?;
        }
    }
    Ok(())
}
