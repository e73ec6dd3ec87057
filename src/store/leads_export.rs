//! A campaign's results, a page at a time, so that an export of any size needs little memory.

use super::read::{record, result_row, unsigned};
use super::{CampaignId, ResultRow, SlotValue, Store, StoreError, TagHit};
use crate::terms::Ms;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use std::collections::BTreeMap;

/// Where the next page begins.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ResultCursor {
    row: i64,
    lead: i64,
}

impl ResultCursor {
    /// Before the first lead.
    pub const START: ResultCursor = ResultCursor { row: -1, lead: 0 };
}

impl Store {
    /// The results of up to `leads` leads in the order of the list (a row per attempt, or one for a lead without any),
    /// and where to go on; `None` after the last lead.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn results(
        &self,
        campaign: CampaignId,
        from: ResultCursor,
        leads: u32,
    ) -> Result<(Vec<ResultRow>, Option<ResultCursor>), StoreError> {
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        page(&mut db, campaign, from, leads)
            .await
            .map_err(self.sorted())
    }

    /// The names of the list's own columns among a campaign's leads, sorted; at most 500.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn result_columns(&self, campaign: CampaignId) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT DISTINCT e.key FROM leads l, json_each(l.vars) e WHERE l.campaign_id = $1 ORDER BY 1 LIMIT 500",
        )
        .bind(campaign.0)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|r| r.try_get(0))
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }
}

async fn page(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    from: ResultCursor,
    limit: u32,
) -> Result<(Vec<ResultRow>, Option<ResultCursor>), sqlx::Error> {
    let leads = sqlx::query(
        "SELECT l.*, p.phone FROM leads l JOIN lead_phones p ON p.lead_id = l.id AND p.position = 0 \
         WHERE l.campaign_id = $1 AND (l.list_row, l.id) > ($2, $3) ORDER BY l.list_row, l.id LIMIT $4",
    )
    .bind(campaign.0)
    .bind(from.row)
    .bind(from.lead)
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?;
    let Some(last) = leads.last() else {
        return Ok((Vec::new(), None));
    };
    let next = ResultCursor {
        row: last.try_get("list_row")?,
        lead: last.try_get("id")?,
    };
    let ids = leads
        .iter()
        .map(|l| l.try_get("id"))
        .collect::<Result<Vec<i64>, _>>()?;
    let mut attempts: BTreeMap<i64, Vec<SqliteRow>> = BTreeMap::new();
    let mut query = QueryBuilder::<Sqlite>::new(
        "SELECT a.*, l.list_row, l.name AS lead_name, l.lang, c.name AS campaign FROM attempts a \
         JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = l.campaign_id WHERE a.lead_id IN (",
    );
    among(&mut query, &ids);
    query.push(") ORDER BY a.lead_id, a.id");
    let mut calls: Vec<String> = Vec::new();
    for row in query.build().fetch_all(&mut *db).await? {
        calls.extend(row.try_get::<Option<String>, _>("call_id")?);
        attempts
            .entry(row.try_get("lead_id")?)
            .or_default()
            .push(row);
    }
    let mut found = Findings::of(db, &calls).await?;
    let mut results = Vec::with_capacity(leads.len());
    for (lead, id) in leads.iter().zip(&ids) {
        let Some(rows) = attempts.get(id) else {
            results.push(result_row(lead)?);
            continue;
        };
        for row in rows {
            let mut result = result_row(lead)?;
            let attempt = record(row)?;
            result.phone = attempt.phone.clone();
            if let Some(call) = &attempt.call {
                result.tags = found.tags.remove(&call.0).unwrap_or_default();
                result.slots = found.slots.remove(&call.0).unwrap_or_default();
                result.card = found.cards.remove(&call.0).unwrap_or_default();
            }
            result.attempt = Some(attempt);
            results.push(result);
        }
    }
    Ok((results, Some(next)))
}

/// What the calls of a page found out, by call.
#[derive(Default)]
struct Findings {
    tags: BTreeMap<String, Vec<TagHit>>,
    slots: BTreeMap<String, Vec<SlotValue>>,
    cards: BTreeMap<String, Vec<(String, String)>>,
}

impl Findings {
    async fn of(db: &mut SqliteConnection, calls: &[String]) -> Result<Findings, sqlx::Error> {
        let mut found = Findings::default();
        for calls in calls.chunks(500) {
            let select = |head: &'static str, order: &'static str| {
                let mut query = QueryBuilder::<Sqlite>::new(head);
                among(&mut query, calls);
                query.push(order);
                query
            };
            let mut query = select(
                "SELECT call_id, tag, evidence, score, at_ms FROM tags WHERE call_id IN (",
                ") ORDER BY call_id, seq",
            );
            for row in query.build().fetch_all(&mut *db).await? {
                found.tags.entry(row.try_get(0)?).or_default().push(TagHit {
                    tag: row.try_get(1)?,
                    evidence: row.try_get(2)?,
                    score: row.try_get(3)?,
                    at: Ms(unsigned(&row, "at_ms")?),
                });
            }
            let mut query = select(
                "SELECT call_id, name, value, evidence, at_ms FROM slots WHERE call_id IN (",
                ") ORDER BY call_id, at_ms, name",
            );
            for row in query.build().fetch_all(&mut *db).await? {
                found
                    .slots
                    .entry(row.try_get(0)?)
                    .or_default()
                    .push(SlotValue {
                        name: row.try_get(1)?,
                        value: row.try_get(2)?,
                        evidence: row.try_get(3)?,
                        at: Ms(unsigned(&row, "at_ms")?),
                    });
            }
            let mut query = select(
                "SELECT call_id, field, value FROM cards WHERE call_id IN (",
                ") ORDER BY call_id, rowid",
            );
            for row in query.build().fetch_all(&mut *db).await? {
                let pair = (row.try_get(1)?, row.try_get(2)?);
                found.cards.entry(row.try_get(0)?).or_default().push(pair);
            }
        }
        Ok(found)
    }
}

fn among<T>(query: &mut QueryBuilder<Sqlite>, values: &[T])
where
    T: for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + Clone,
{
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value.clone());
    }
    if values.is_empty() {
        list.push("NULL");
    }
}
