//! What outlives a call: tags of the contact, follow-ups that become leads when they are due, the lead card.

mod book;

pub(super) use book::called;
pub use book::{Contact, ContactFilter, ContactTag, FollowUpItem};

use super::{AttemptId, CampaignId, LeadId, Store, StoreError};
use crate::terms::{CallId, Phone};
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection};
use std::collections::BTreeSet;

/// What a call left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Afterwards {
    /// Field → value of the lead card.
    pub card: Vec<(String, String)>,
    /// Tags of the contact: `true` takes the tag away.
    pub contact: Vec<(String, bool)>,
    pub follow_ups: Vec<FollowUpWish>,
}

/// Something to do about the lead later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUpWish {
    pub due_unix_ms: i64,
    /// Another campaign, by name; `None` means the lead's own.
    pub campaign: Option<String>,
    pub reason: String,
}

/// A follow-up that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUpRow {
    pub lead: LeadId,
    pub name: Option<String>,
    pub phone: Phone,
    pub due_unix_ms: i64,
    /// The campaign it belongs to.
    pub campaign: String,
    pub reason: String,
}

impl Store {
    /// Follow-ups that have not become leads yet, or whose lead waits in its own campaign; the earliest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn follow_ups_open(&self, limit: u32) -> Result<Vec<FollowUpRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT f.*, l.name, COALESCE(f.campaign, c.name) AS wanted FROM follow_ups f \
             JOIN leads l ON l.id = f.lead_id JOIN campaigns c ON c.id = l.campaign_id \
             WHERE f.done_at IS NULL ORDER BY f.due_at, f.id LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(follow_up)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())
    }

    /// The lead card of a call.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn card_of(&self, call: &CallId) -> Result<Vec<(String, String)>, StoreError> {
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        card(&mut db, call).await.map_err(self.sorted())
    }

    /// Turns follow-ups that wait for this campaign into its leads, due at their time. Returns how many.
    ///
    /// # Errors
    /// The database cannot be written; then nothing changed.
    pub async fn adopt_follow_ups(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let adopted = adopt(&mut tx, campaign, self.0.clock.unix_ms())
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(adopted)
    }
}

fn follow_up(r: &sqlx::sqlite::SqliteRow) -> Result<FollowUpRow, sqlx::Error> {
    Ok(FollowUpRow {
        lead: LeadId(r.try_get("lead_id")?),
        name: r.try_get("name")?,
        phone: Phone::new(r.try_get::<String, _>("phone")?),
        due_unix_ms: r.try_get("due_at")?,
        campaign: r.try_get("wanted")?,
        reason: r.try_get("reason")?,
    })
}

/// Writes what a call left behind, inside the transaction of its outcome.
pub(super) async fn put(
    db: &mut SqliteConnection,
    (lead, attempt): (LeadId, AttemptId),
    call: &CallId,
    phone: &str,
    after: &Afterwards,
    now: i64,
) -> Result<(), sqlx::Error> {
    let tenant: i64 = sqlx::query(
        "SELECT c.tenant_id FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE l.id = $1",
    )
    .bind(lead.0)
    .fetch_one(&mut *db)
    .await?
    .try_get(0)?;
    for (tag, forget) in &after.contact {
        let query = if *forget {
            "DELETE FROM contact_tags WHERE tenant_id = $1 AND phone = $2 AND tag = $3"
        } else {
            "INSERT INTO contact_tags (tenant_id, phone, tag, call_id, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
        };
        let bound = sqlx::query(query).bind(tenant).bind(phone).bind(tag);
        let bound = if *forget {
            bound
        } else {
            bound.bind(&call.0).bind(now)
        };
        bound.execute(&mut *db).await?;
    }
    for (field, value) in &after.card {
        sqlx::query(
            "INSERT INTO cards (call_id, field, value) VALUES ($1, $2, $3) \
             ON CONFLICT (call_id, field) DO UPDATE SET value = excluded.value",
        )
        .bind(&call.0)
        .bind(field)
        .bind(value)
        .execute(&mut *db)
        .await?;
    }
    for wish in &after.follow_ups {
        sqlx::query(
            "INSERT INTO follow_ups (lead_id, attempt_id, phone, due_at, campaign, reason) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(lead.0)
        .bind(attempt.0)
        .bind(phone)
        .bind(wish.due_unix_ms)
        .bind(&wish.campaign)
        .bind(&wish.reason)
        .execute(&mut *db)
        .await?;
        let Some(name) = &wish.campaign else { continue };
        let known = sqlx::query("SELECT id FROM campaigns WHERE name = $1 AND tenant_id = $2")
            .bind(name)
            .bind(tenant)
            .fetch_optional(&mut *db)
            .await?;
        if let Some(row) = known {
            adopt(db, CampaignId(row.try_get(0)?), now).await?;
        }
    }
    Ok(())
}

/// The lead is being dialled for the last follow-up of its own campaign: it is done.
pub(super) async fn kept(
    db: &mut SqliteConnection,
    lead: LeadId,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE follow_ups SET done_at = $2 WHERE lead_id = $1 AND campaign IS NULL AND done_at IS NULL AND due_at <= $2",
    )
    .bind(lead.0)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// The lead card of a call.
pub(super) async fn card(
    db: &mut SqliteConnection,
    call: &CallId,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows = sqlx::query("SELECT field, value FROM cards WHERE call_id = $1 ORDER BY rowid")
        .bind(&call.0)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
        .collect()
}

/// The tags the campaign's tenant has for the contact, over all its numbers.
pub(super) async fn tags(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    phones: &[Phone],
) -> Result<BTreeSet<String>, sqlx::Error> {
    let mut tags = BTreeSet::new();
    for phone in phones {
        let rows = sqlx::query(
            "SELECT tag FROM contact_tags WHERE phone = $1 AND tenant_id = (SELECT tenant_id FROM campaigns WHERE id = $2)",
        )
            .bind(phone.full())
            .bind(campaign.0)
            .fetch_all(&mut *db)
            .await?;
        for row in rows {
            tags.insert(row.try_get(0)?);
        }
    }
    Ok(tags)
}

/// A number that the campaign has already is not put on it twice: that lead comes due instead.
async fn adopt(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    now: i64,
) -> Result<u64, sqlx::Error> {
    let waiting = sqlx::query(
        "SELECT f.id, f.lead_id, f.phone, f.due_at, l.name, l.lang, l.tz, l.vars, l.list_row FROM follow_ups f \
         JOIN leads l ON l.id = f.lead_id JOIN campaigns own ON own.id = l.campaign_id \
         JOIN campaigns c ON c.name = f.campaign AND c.tenant_id = own.tenant_id \
         WHERE c.id = $1 AND f.done_at IS NULL",
    )
    .bind(campaign.0)
    .fetch_all(&mut *db)
    .await?;
    for row in &waiting {
        let (id, due): (i64, i64) = (row.try_get("id")?, row.try_get("due_at")?);
        let phone: String = row.try_get("phone")?;
        let there = sqlx::query(
            "UPDATE leads SET next_at = $3, status = 'queued' WHERE status <> 'claimed' AND id IN \
               (SELECT lead_id FROM lead_phones WHERE campaign_id = $1 AND phone = $2) RETURNING id",
        )
        .bind(campaign.0)
        .bind(&phone)
        .bind(due)
        .fetch_optional(&mut *db)
        .await?;
        if there.is_none() {
            let lead: i64 = sqlx::query(
                "INSERT INTO leads (campaign_id, list_row, name, lang, tz, vars, status, next_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7) RETURNING id",
            )
            .bind(campaign.0)
            .bind(row.try_get::<i64, _>("list_row")?)
            .bind(row.try_get::<Option<String>, _>("name")?)
            .bind(row.try_get::<Option<String>, _>("lang")?)
            .bind(row.try_get::<Option<String>, _>("tz")?)
            .bind(row.try_get::<String, _>("vars")?)
            .bind(due)
            .fetch_one(&mut *db)
            .await?
            .try_get(0)?;
            sqlx::query(
                "INSERT INTO lead_phones (lead_id, position, campaign_id, phone) VALUES ($1, 0, $2, $3) \
                 ON CONFLICT DO NOTHING",
            )
            .bind(lead)
            .bind(campaign.0)
            .bind(&phone)
            .execute(&mut *db)
            .await?;
        }
        sqlx::query("UPDATE follow_ups SET done_at = $2 WHERE id = $1")
            .bind(id)
            .bind(now)
            .execute(&mut *db)
            .await?;
    }
    Ok(waiting.len() as u64)
}
