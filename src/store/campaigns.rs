//! Campaigns and how far they are.

use super::{Campaign, CampaignId, CampaignState, Progress, Store, StoreError};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

impl Store {
    /// The campaign of this name, made (running) when there is none. An existing one keeps its dialplan and list names
    /// up to date with what is given, so a second start continues where the first one stopped.
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
            "INSERT INTO campaigns (name, dialplan, list, state, created_at) VALUES ($1, $2, $3, 'running', $4) \
             ON CONFLICT (name) DO UPDATE SET dialplan = excluded.dialplan, list = excluded.list RETURNING id",
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

    /// The campaign of this name.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn campaign_find(&self, name: &str) -> Result<Option<Campaign>, StoreError> {
        let row = sqlx::query("SELECT * FROM campaigns WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.0.read)
            .await
            .map_err(self.sorted())?;
        row.map(|r| campaign(&r)).transpose().map_err(self.sorted())
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

    /// How many leads wait, are being dialled, are done, and when the next one is due.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn progress(&self, id: CampaignId) -> Result<Progress, StoreError> {
        let rows = sqlx::query(
            "SELECT status, COUNT(*) AS n, MIN(next_at) AS next_at FROM leads WHERE campaign_id = $1 GROUP BY status",
        )
        .bind(id.0)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let mut progress = Progress::default();
        for row in rows {
            let status: String = row.try_get("status").map_err(self.sorted())?;
            let n: i64 = row.try_get("n").map_err(self.sorted())?;
            let n = n.unsigned_abs();
            match status.as_str() {
                "queued" => {
                    progress.queued = n;
                    progress.next_at = row.try_get("next_at").map_err(self.sorted())?;
                }
                "done" => progress.done = n,
                _ => progress.claimed += n,
            }
        }
        Ok(progress)
    }
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
