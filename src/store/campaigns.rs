//! Campaigns, their settings and how far they are.

use super::{Campaign, CampaignId, CampaignState, Progress, Store, StoreError, TenantId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::BTreeMap;

/// How a campaign dials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignSettings {
    pub name: String,
    /// Names of published dialplans, one per language; empty for a campaign that the command line made.
    pub dialplans: Vec<String>,
    /// The trunk's name.
    pub trunk: String,
    /// Calls at once.
    pub concurrency: u32,
    /// 1 (first) to 9.
    pub priority: u32,
    /// `default`, `always`, or written windows.
    pub windows: String,
    /// Calls per lead.
    pub max_attempts: u32,
    /// ISO 3166 letters: of numbers without a country code, and of the default windows.
    pub country: String,
}

/// A campaign as it stands in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignRow {
    pub id: CampaignId,
    pub tenant: TenantId,
    pub settings: CampaignSettings,
    /// Dialplans as they are shown: names or files, comma separated.
    pub dialplan: String,
    /// The list that went in last.
    pub list: String,
    pub state: CampaignState,
    /// Why it does not dial although it runs.
    pub problem: Option<String>,
    pub created_unix_ms: i64,
}

/// What became of a new name.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    Yes(CampaignId),
    /// Another campaign of the tenant has this name.
    NameTaken,
    /// The tenant has no such campaign.
    Gone,
}

impl Store {
    /// The platform's campaign of this name, made (running) when there is none. An existing one keeps its dialplan and
    /// list names up to date with what is given, so a second start continues where the first one stopped.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn campaign_create(
        &self,
        name: &str,
        dialplan: &str,
        list: &str,
    ) -> Result<CampaignId, StoreError> {
        let row = sqlx::query(
            "INSERT INTO campaigns (tenant_id, name, dialplan, list, state, created_at) \
             VALUES (1, $1, $2, $3, 'running', $4) ON CONFLICT (tenant_id, name) \
             DO UPDATE SET dialplan = excluded.dialplan, list = excluded.list RETURNING id",
        )
        .bind(name)
        .bind(dialplan)
        .bind(list)
        .bind(self.0.clock.unix_ms())
        .fetch_one(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(CampaignId(row.try_get(0).map_err(self.sorted())?))
    }

    /// A new campaign of a tenant, stopped.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn campaign_add(
        &self,
        tenant: TenantId,
        settings: &CampaignSettings,
    ) -> Result<Kept, StoreError> {
        let row = sqlx::query(
            "INSERT INTO campaigns (tenant_id, name, dialplan, dialplans, list, state, created_at, trunk, concurrency, \
             priority, windows, max_attempts, country) \
             VALUES ($1, $2, $3, $4, '', 'stopped', $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (tenant_id, name) DO NOTHING RETURNING id",
        )
        .bind(tenant.0)
        .bind(&settings.name)
        .bind(settings.dialplans.join(", "))
        .bind(names(settings)?)
        .bind(self.0.clock.unix_ms())
        .bind(&settings.trunk)
        .bind(i64::from(settings.concurrency))
        .bind(i64::from(settings.priority))
        .bind(&settings.windows)
        .bind(i64::from(settings.max_attempts))
        .bind(&settings.country)
        .fetch_optional(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(match row {
            None => Kept::NameTaken,
            Some(row) => Kept::Yes(CampaignId(row.try_get(0).map_err(self.sorted())?)),
        })
    }

    /// Changes a tenant's campaign; its state and leads stay.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn campaign_change(
        &self,
        tenant: TenantId,
        id: CampaignId,
        settings: &CampaignSettings,
    ) -> Result<Kept, StoreError> {
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let taken =
            sqlx::query("SELECT 1 FROM campaigns WHERE tenant_id = $1 AND name = $2 AND id <> $3")
                .bind(tenant.0)
                .bind(&settings.name)
                .bind(id.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(self.sorted())?;
        if taken.is_some() {
            return Ok(Kept::NameTaken);
        }
        // What the command line made keeps the files it was made with.
        let done = sqlx::query(
            "UPDATE campaigns SET name = $3, dialplan = CASE WHEN $4 = '[]' THEN dialplan ELSE $5 END, dialplans = $4, \
             trunk = $6, concurrency = $7, priority = $8, windows = $9, max_attempts = $10, country = $11 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.0)
        .bind(id.0)
        .bind(&settings.name)
        .bind(names(settings)?)
        .bind(settings.dialplans.join(", "))
        .bind(&settings.trunk)
        .bind(i64::from(settings.concurrency))
        .bind(i64::from(settings.priority))
        .bind(&settings.windows)
        .bind(i64::from(settings.max_attempts))
        .bind(&settings.country)
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(if done.rows_affected() == 0 {
            Kept::Gone
        } else {
            Kept::Yes(id)
        })
    }

    /// The platform's campaign of this name.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn campaign_find(&self, name: &str) -> Result<Option<Campaign>, StoreError> {
        let row = sqlx::query("SELECT * FROM campaigns WHERE tenant_id = 1 AND name = $1")
            .bind(name)
            .fetch_optional(&self.0.read)
            .await
            .map_err(self.sorted())?;
        row.map(|r| campaign(&r)).transpose().map_err(self.sorted())
    }

    /// A tenant's campaign.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn campaign_of(
        &self,
        tenant: TenantId,
        id: CampaignId,
    ) -> Result<Option<CampaignRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM campaigns WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.0)
            .bind(id.0)
            .fetch_optional(&self.0.read)
            .await
            .map_err(self.sorted())?;
        row.map(|r| whole(&r)).transpose().map_err(self.sorted())
    }

    /// A tenant's campaigns, the newest first; `None` is every tenant's.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn campaigns_of(
        &self,
        tenant: Option<TenantId>,
    ) -> Result<Vec<CampaignRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM campaigns WHERE CAST($1 AS BIGINT) IS NULL OR tenant_id = $1 \
             ORDER BY created_at DESC, id DESC",
        )
        .bind(tenant.map(|t| t.0))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(whole)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// All campaigns, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn campaigns(&self) -> Result<Vec<Campaign>, StoreError> {
        let rows = sqlx::query("SELECT * FROM campaigns ORDER BY created_at DESC, id DESC")
            .fetch_all(&self.0.read)
            .await
            .map_err(self.sorted())?;
        rows.iter()
            .map(campaign)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// Starts, pauses or stops a campaign: only a running one is claimed from.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn campaign_set_state(
        &self,
        id: CampaignId,
        state: CampaignState,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE campaigns SET state = $2 WHERE id = $1")
            .bind(id.0)
            .bind(state.code())
            .execute(&self.0.write)
            .await
            .map_err(self.sorted())?;
        Ok(())
    }

    /// Notes why a campaign does not dial, or that nothing is wrong any more.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn campaign_problem(
        &self,
        id: CampaignId,
        problem: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE campaigns SET problem = $2 WHERE id = $1")
            .bind(id.0)
            .bind(problem)
            .execute(&self.0.write)
            .await
            .map_err(self.sorted())?;
        Ok(())
    }

    /// Notes the file whose rows went in last.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn campaign_list(&self, id: CampaignId, list: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE campaigns SET list = $2 WHERE id = $1")
            .bind(id.0)
            .bind(list)
            .execute(&self.0.write)
            .await
            .map_err(self.sorted())?;
        Ok(())
    }

    /// How many leads wait, are being dialled, are done, and when the next one is due.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn progress(&self, id: CampaignId) -> Result<Progress, StoreError> {
        let rows = sqlx::query(
            "SELECT campaign_id, status, COUNT(*) AS n, MIN(next_at) AS next_at FROM leads WHERE campaign_id = $1 \
             GROUP BY campaign_id, status",
        )
        .bind(id.0)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let mut all = counted(&rows).map_err(self.sorted())?;
        Ok(all.remove(&id).unwrap_or_default())
    }

    /// The progress of all campaigns of a tenant at once; a campaign without leads is missing.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn progress_of(
        &self,
        tenant: TenantId,
    ) -> Result<BTreeMap<CampaignId, Progress>, StoreError> {
        let rows = sqlx::query(
            "SELECT l.campaign_id, l.status, COUNT(*) AS n, MIN(l.next_at) AS next_at FROM campaigns c \
             JOIN leads l ON l.campaign_id = c.id WHERE c.tenant_id = $1 GROUP BY l.campaign_id, l.status",
        )
        .bind(tenant.0)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        counted(&rows).map_err(self.sorted())
    }
}

fn counted(rows: &[SqliteRow]) -> Result<BTreeMap<CampaignId, Progress>, sqlx::Error> {
    let mut all: BTreeMap<CampaignId, Progress> = BTreeMap::new();
    for row in rows {
        let progress = all
            .entry(CampaignId(row.try_get("campaign_id")?))
            .or_default();
        let status: String = row.try_get("status")?;
        let n = row.try_get::<i64, _>("n")?.unsigned_abs();
        match status.as_str() {
            "queued" => {
                progress.queued = n;
                progress.next_at = row.try_get("next_at")?;
            }
            "done" => progress.done = n,
            _ => progress.claimed += n,
        }
    }
    Ok(all)
}

fn names(settings: &CampaignSettings) -> Result<String, StoreError> {
    serde_json::to_string(&settings.dialplans).map_err(|e| StoreError::Other(e.to_string()))
}

fn campaign(row: &SqliteRow) -> Result<Campaign, sqlx::Error> {
    let state: String = row.try_get("state")?;
    Ok(Campaign {
        id: CampaignId(row.try_get("id")?),
        name: row.try_get("name")?,
        dialplan: row.try_get("dialplan")?,
        list: row.try_get("list")?,
        state: CampaignState::parse(&state),
        created_unix_ms: row.try_get("created_at")?,
    })
}

fn whole(row: &SqliteRow) -> Result<CampaignRow, sqlx::Error> {
    let base = campaign(row)?;
    let small = |name: &str| -> Result<u32, sqlx::Error> {
        Ok(u32::try_from(row.try_get::<i64, _>(name)?).unwrap_or(0))
    };
    let dialplans: String = row.try_get("dialplans")?;
    Ok(CampaignRow {
        id: base.id,
        tenant: TenantId(row.try_get("tenant_id")?),
        settings: CampaignSettings {
            name: base.name,
            dialplans: serde_json::from_str(&dialplans)
                .map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
            trunk: row.try_get("trunk")?,
            concurrency: small("concurrency")?,
            priority: small("priority")?,
            windows: row.try_get("windows")?,
            max_attempts: small("max_attempts")?,
            country: row.try_get("country")?,
        },
        dialplan: base.dialplan,
        list: base.list,
        state: base.state,
        problem: row.try_get("problem")?,
        created_unix_ms: base.created_unix_ms,
    })
}
