//! Leads into a campaign.

use super::{CampaignId, ImportCounts, LeadRow, Store, StoreError};
use crate::terms::Phone;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use std::collections::BTreeSet;

/// Known rows named in the report.
const NAMED: usize = 100;
/// Numbers asked for in one statement.
const AT_ONCE: usize = 1000;

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
        let mut numbers = Numbers::of(&mut tx, Some(campaign), leads)
            .await
            .map_err(self.sorted())?;
        for lead in leads {
            if numbers.count(lead, &mut counts) {
                put_lead(&mut tx, campaign, lead)
                    .await
                    .map_err(self.sorted())?;
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
        let mut numbers = Numbers::of(&mut db, campaign, leads)
            .await
            .map_err(self.sorted())?;
        for lead in leads {
            numbers.count(lead, &mut counts);
        }
        Ok(counts)
    }
}

/// What is known of the numbers of some leads, asked for all at once.
struct Numbers {
    /// Those that the campaign has already.
    taken: BTreeSet<Phone>,
    /// Those on the do-not-call list.
    listed: BTreeSet<Phone>,
}

impl Numbers {
    async fn of(
        db: &mut SqliteConnection,
        campaign: Option<CampaignId>,
        leads: &[LeadRow],
    ) -> Result<Numbers, sqlx::Error> {
        let all: Vec<&Phone> = leads.iter().flat_map(|l| &l.phones).collect();
        let mut numbers = Numbers {
            taken: BTreeSet::new(),
            listed: BTreeSet::new(),
        };
        for some in all.chunks(AT_ONCE) {
            let mut query = QueryBuilder::<Sqlite>::new("SELECT phone FROM dnc WHERE phone IN (");
            fill(&mut query, some);
            for row in query.build().fetch_all(&mut *db).await? {
                let phone: String = row.try_get(0)?;
                numbers.listed.insert(Phone::new(phone));
            }
            let Some(campaign) = campaign else { continue };
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT phone FROM lead_phones WHERE campaign_id = ");
            query.push_bind(campaign.0).push(" AND phone IN (");
            fill(&mut query, some);
            for row in query.build().fetch_all(&mut *db).await? {
                let phone: String = row.try_get(0)?;
                numbers.taken.insert(Phone::new(phone));
            }
        }
        Ok(numbers)
    }

    /// Counts a lead; true when it goes in. The same person must not be called twice, so one known number is enough.
    fn count(&mut self, lead: &LeadRow, counts: &mut ImportCounts) -> bool {
        if lead.phones.is_empty() || lead.phones.iter().any(|p| self.taken.contains(p)) {
            counts.known += 1;
            if counts.known_rows.len() < NAMED
                && let Some(phone) = lead.phones.first()
            {
                counts.known_rows.push((lead.row, phone.clone()));
            }
            return false;
        }
        counts.added += 1;
        if lead.phones.iter().all(|p| self.listed.contains(p)) {
            counts.on_dnc += 1;
        }
        self.taken.extend(lead.phones.iter().cloned());
        true
    }
}

fn fill(query: &mut QueryBuilder<Sqlite>, phones: &[&Phone]) {
    let mut list = query.separated(", ");
    for phone in phones {
        list.push_bind(phone.full().to_owned());
    }
    query.push(")");
}

async fn put_lead(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    lead: &LeadRow,
) -> Result<(), sqlx::Error> {
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
    Ok(())
}
