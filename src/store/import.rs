//! Leads into a campaign.

use super::{CampaignId, ImportCounts, LeadRow, Store, StoreError};
use crate::terms::Phone;
use sqlx::{Row, SqliteConnection};

/// Known rows named in the report.
const NAMED: usize = 100;

impl Store {
    /// Adds leads to a campaign, all or none. A number the campaign already has is counted and left as it is, so
    /// importing the same list again changes nothing. Long lists go in by several calls.
    ///
    /// # Errors
    /// The database cannot be written; then nothing of this call went in.
    pub async fn import(
        &self,
        campaign: CampaignId,
        leads: &[LeadRow],
    ) -> Result<ImportCounts, StoreError> {
        let mut counts = ImportCounts::default();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        for lead in leads {
            if put_lead(&mut tx, campaign, lead)
                .await
                .map_err(self.sorted())?
            {
                counts.added += 1;
                if all_on_dnc(&mut tx, &lead.phones)
                    .await
                    .map_err(self.sorted())?
                {
                    counts.on_dnc += 1;
                }
            } else {
                counts.known += 1;
                if counts.known_rows.len() < NAMED
                    && let Some(phone) = lead.phones.first()
                {
                    counts.known_rows.push((lead.row, phone.clone()));
                }
            }
        }
        tx.commit().await.map_err(self.sorted())?;
        Ok(counts)
    }

    /// What [`Store::import`] would do with these leads; nothing is stored. Without a campaign no row is known.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn import_check(
        &self,
        campaign: Option<CampaignId>,
        leads: &[LeadRow],
    ) -> Result<ImportCounts, StoreError> {
        let mut counts = ImportCounts::default();
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        for lead in leads {
            let known = match campaign {
                Some(campaign) => has_number(&mut db, campaign, &lead.phones)
                    .await
                    .map_err(self.sorted())?,
                None => false,
            };
            if known {
                counts.known += 1;
                if counts.known_rows.len() < NAMED
                    && let Some(phone) = lead.phones.first()
                {
                    counts.known_rows.push((lead.row, phone.clone()));
                }
                continue;
            }
            counts.added += 1;
            if all_on_dnc(&mut db, &lead.phones)
                .await
                .map_err(self.sorted())?
            {
                counts.on_dnc += 1;
            }
        }
        Ok(counts)
    }
}

async fn has_number(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    phones: &[Phone],
) -> Result<bool, sqlx::Error> {
    for phone in phones {
        let known =
            sqlx::query("SELECT 1 FROM lead_phones WHERE campaign_id = $1 AND phone = $2 LIMIT 1")
                .bind(campaign.0)
                .bind(phone.full())
                .fetch_optional(&mut *db)
                .await?;
        if known.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// False when the campaign has one of the lead's numbers already: the same person must not be called twice.
async fn put_lead(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    lead: &LeadRow,
) -> Result<bool, sqlx::Error> {
    if has_number(db, campaign, &lead.phones).await? {
        return Ok(false);
    }
    if lead.phones.is_empty() {
        return Ok(false);
    }
    let vars = serde_json::to_string(&lead.vars).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    let row = sqlx::query(
        "INSERT INTO leads (campaign_id, list_row, name, lang, tz, vars, status, next_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', 0) RETURNING id",
    )
    .bind(campaign.0)
    .bind(i64::try_from(lead.row).unwrap_or(i64::MAX))
    .bind(&lead.name)
    .bind(lead.lang.map(|l| l.code()))
    .bind(&lead.tz)
    .bind(vars)
    .fetch_one(&mut *db)
    .await?;
    let id: i64 = row.try_get(0)?;
    for (position, phone) in (0_i64..).zip(&lead.phones) {
        sqlx::query(
            "INSERT INTO lead_phones (lead_id, position, campaign_id, phone) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(position)
        .bind(campaign.0)
        .bind(phone.full())
        .execute(&mut *db)
        .await?;
    }
    Ok(true)
}

async fn all_on_dnc(db: &mut SqliteConnection, phones: &[Phone]) -> Result<bool, sqlx::Error> {
    for phone in phones {
        if !super::dnc::listed(db, phone).await? {
            return Ok(false);
        }
    }
    Ok(!phones.is_empty())
}
