//! What an agent sees of a lead before he accepts the call.

use crate::store::{CampaignId, LeadId, Store, StoreError, TenantId};
use crate::terms::{CallId, Disposition, Grade, Phone};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::BTreeMap;

/// The lead of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskLead {
    pub lead: LeadId,
    pub name: Option<String>,
    pub vars: BTreeMap<String, String>,
    pub phone: Phone,
    pub campaign: CampaignId,
}

/// A call that was.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlierCall {
    pub call: CallId,
    pub campaign: CampaignId,
    pub campaign_name: String,
    pub lead: LeadId,
    pub name: Option<String>,
    pub phone: Phone,
    pub started_unix_ms: i64,
    pub talk_ms: u64,
    pub disposition: Option<Disposition>,
    pub grade: Option<Grade>,
    pub tags: Vec<String>,
    pub agent: Option<String>,
    pub recording: bool,
}

impl Store {
    /// The lead of a tenant's call.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn desk_lead(
        &self,
        tenant: TenantId,
        call: &CallId,
    ) -> Result<Option<DeskLead>, StoreError> {
        let row = sqlx::query(
            "SELECT a.lead_id, a.phone, l.name, l.vars, l.campaign_id FROM attempts a JOIN leads l ON l.id = a.lead_id \
             JOIN campaigns c ON c.id = l.campaign_id WHERE a.call_id = $1 AND c.tenant_id = $2",
        )
        .bind(&call.0)
        .bind(tenant.0)
        .fetch_optional(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let lead = |r: &SqliteRow| -> Result<DeskLead, sqlx::Error> {
            let vars: String = r.try_get("vars")?;
            Ok(DeskLead {
                lead: LeadId(r.try_get("lead_id")?),
                name: r.try_get("name")?,
                vars: serde_json::from_str(&vars).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
                phone: Phone::new(r.try_get::<String, _>("phone")?),
                campaign: CampaignId(r.try_get("campaign_id")?),
            })
        };
        row.as_ref().map(lead).transpose().map_err(self.sorted())
    }

    /// A tenant's earlier calls to a number, the newest first, without `but`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn desk_history(
        &self,
        tenant: TenantId,
        phone: &Phone,
        but: &CallId,
        limit: u32,
    ) -> Result<Vec<EarlierCall>, StoreError> {
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        let rows = sqlx::query(
            "SELECT a.*, l.name AS lead_name, l.campaign_id, c.name AS campaign FROM attempts a \
             JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = l.campaign_id \
             WHERE a.phone = $1 AND c.tenant_id = $2 AND a.call_id IS NOT NULL AND a.call_id <> $3 \
             ORDER BY a.started_at DESC, a.id DESC LIMIT $4",
        )
        .bind(phone.full())
        .bind(tenant.0)
        .bind(&but.0)
        .bind(i64::from(limit))
        .fetch_all(&mut *db)
        .await
        .map_err(self.sorted())?;
        let mut calls = rows
            .iter()
            .map(past)
            .collect::<Result<Vec<_>, _>>()
            .map_err(self.sorted())?;
        for call in &mut calls {
            let tags = sqlx::query("SELECT DISTINCT tag FROM tags WHERE call_id = $1 ORDER BY tag")
                .bind(&call.call.0)
                .fetch_all(&mut *db)
                .await
                .map_err(self.sorted())?;
            call.tags = tags
                .iter()
                .map(|r| r.try_get(0))
                .collect::<Result<_, _>>()
                .map_err(self.sorted())?;
        }
        Ok(calls)
    }

    /// Lasting tags that a tenant's calls left on a number.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn desk_contact_tags(
        &self,
        tenant: TenantId,
        phone: &Phone,
    ) -> Result<Vec<String>, StoreError> {
        // A tag without its call is one that a person gave.
        let rows = sqlx::query(
            "SELECT t.tag FROM contact_tags t LEFT JOIN attempts a ON a.call_id = t.call_id \
             LEFT JOIN leads l ON l.id = a.lead_id LEFT JOIN campaigns c ON c.id = l.campaign_id \
             WHERE t.phone = $1 AND (c.tenant_id = $2 OR (c.tenant_id IS NULL AND $2 = 1)) ORDER BY t.tag",
        )
        .bind(phone.full())
        .bind(tenant.0)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|r| r.try_get(0))
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())
    }
}

fn past(r: &SqliteRow) -> Result<EarlierCall, sqlx::Error> {
    let text = |name: &str| r.try_get::<Option<String>, _>(name);
    let grade = text("grade")?.map(serde_json::Value::String);
    Ok(EarlierCall {
        call: CallId(r.try_get("call_id")?),
        campaign: CampaignId(r.try_get("campaign_id")?),
        campaign_name: r.try_get("campaign")?,
        lead: LeadId(r.try_get("lead_id")?),
        name: text("lead_name")?,
        phone: Phone::new(r.try_get::<String, _>("phone")?),
        started_unix_ms: r.try_get("started_at")?,
        talk_ms: u64::try_from(r.try_get::<i64, _>("talk_ms")?).unwrap_or(0),
        disposition: text("disposition")?.and_then(|d| d.parse().ok()),
        grade: grade.and_then(|v| serde_json::from_value(v).ok()),
        tags: Vec::new(),
        agent: text("bridged")?,
        recording: text("recording")?.is_some(),
    })
}
