//! A campaign's leads as people look at them, and taking single ones out.

use super::{CampaignId, LeadId, LeadNext, Store, StoreError};
use crate::terms::{CallId, Disposition, Grade, Lang, Phone};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// One lead with how its last attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadView {
    pub id: LeadId,
    /// The row of its list.
    pub row: u64,
    pub name: Option<String>,
    /// The preferred number.
    pub phone: Phone,
    pub lang: Option<Lang>,
    /// `queued`, `claimed`, `dialing`, `done`.
    pub status: String,
    /// Calls made.
    pub attempts: u32,
    /// When it is due, unix ms; only of a queued lead.
    pub next_unix_ms: Option<i64>,
    pub disposition: Option<Disposition>,
    pub grade: Option<Grade>,
    pub call: Option<CallId>,
}

/// Which leads to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadFilter {
    /// `queued`, `claimed`, `dialing`, `done`.
    pub status: Option<String>,
    /// A part of the name, or of the number without signs.
    pub words: Option<String>,
}

/// What became of a lead that was to be taken out.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Cancelled {
    Yes,
    /// It is being called right now.
    Calling,
    /// It had ended already.
    Done,
    /// The campaign has no such lead.
    Gone,
}

impl Store {
    /// A page of leads in the order they were added, after the lead `after`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn leads(
        &self,
        campaign: CampaignId,
        filter: &LeadFilter,
        after: Option<LeadId>,
        limit: u32,
    ) -> Result<Vec<LeadView>, StoreError> {
        let words = filter.words.as_deref().map(str::trim);
        let words = words.filter(|w| !w.is_empty());
        // As people write numbers: the national part, with blanks or dashes.
        let digits = words.map(|w| {
            let plain = |c: char| c.is_ascii_digit() || " +-().".contains(c);
            if w.chars().all(plain) {
                w.chars().filter(char::is_ascii_digit).collect::<String>()
            } else {
                String::new()
            }
        });
        let rows = sqlx::query(
            "SELECT l.id, l.list_row, l.name, l.lang, l.status, l.attempts, l.next_at, p.phone, \
               a.disposition, a.grade, a.call_id FROM leads l \
             JOIN lead_phones p ON p.lead_id = l.id AND p.position = 0 \
             LEFT JOIN attempts a ON a.id = (SELECT MAX(b.id) FROM attempts b WHERE b.lead_id = l.id) \
             WHERE l.campaign_id = $1 AND l.id > $2 AND (CAST($3 AS TEXT) IS NULL OR l.status = $3) \
             AND (CAST($4 AS TEXT) IS NULL OR l.name LIKE $4 ESCAPE '!' \
               OR ($5 <> '' AND EXISTS (SELECT 1 FROM lead_phones q WHERE q.lead_id = l.id AND instr(q.phone, $5) > 0))) \
             ORDER BY l.id LIMIT $6",
        )
        .bind(campaign.0)
        .bind(after.map_or(0, |l| l.0))
        .bind(&filter.status)
        .bind(words.map(like))
        .bind(digits.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(view)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// One lead of a campaign.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn lead_of(
        &self,
        campaign: CampaignId,
        lead: LeadId,
    ) -> Result<Option<LeadView>, StoreError> {
        let before = LeadId(lead.0.saturating_sub(1));
        let found = self
            .leads(campaign, &LeadFilter::default(), Some(before), 1)
            .await?;
        Ok(found.into_iter().find(|l| l.id == lead))
    }

    /// The lead that has this number in the campaign.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn lead_with(
        &self,
        campaign: CampaignId,
        phone: &Phone,
    ) -> Result<Option<LeadId>, StoreError> {
        let row =
            sqlx::query("SELECT lead_id FROM lead_phones WHERE campaign_id = $1 AND phone = $2")
                .bind(campaign.0)
                .bind(phone.full())
                .fetch_optional(&self.0.read)
                .await
                .map_err(self.sorted())?;
        row.map(|r| Ok(LeadId(r.try_get(0)?)))
            .transpose()
            .map_err(self.sorted())
    }

    /// The row number that the next single lead of a campaign gets.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn lead_next_row(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        let row =
            sqlx::query("SELECT COALESCE(MAX(list_row), 1) + 1 FROM leads WHERE campaign_id = $1")
                .bind(campaign.0)
                .fetch_one(&self.0.read)
                .await
                .map_err(self.sorted())?;
        let next: i64 = row.try_get(0).map_err(self.sorted())?;
        Ok(next.unsigned_abs())
    }

    /// Ends a waiting lead without a call; the record says `canceled`.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn lead_cancel(
        &self,
        campaign: CampaignId,
        lead: LeadId,
    ) -> Result<Cancelled, StoreError> {
        let now = self.0.clock.unix_ms();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let row = sqlx::query(
            "SELECT l.status, p.phone FROM leads l JOIN lead_phones p ON p.lead_id = l.id AND p.position = 0 \
             WHERE l.id = $1 AND l.campaign_id = $2",
        )
        .bind(lead.0)
        .bind(campaign.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(self.sorted())?;
        let Some(row) = row else {
            return Ok(Cancelled::Gone);
        };
        let status: String = row.try_get(0).map_err(self.sorted())?;
        let phone = Phone::new(row.try_get::<String, _>(1).map_err(self.sorted())?);
        match status.as_str() {
            "queued" => {}
            "done" => return Ok(Cancelled::Done),
            _ => return Ok(Cancelled::Calling),
        }
        self.put_refusal(
            &mut tx,
            lead,
            &phone,
            Disposition::Canceled,
            LeadNext::Done,
            now,
        )
        .await
        .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(Cancelled::Yes)
    }
}

/// Anything that holds these words, whatever signs are in them.
fn like(words: &str) -> String {
    let mut pattern = String::from("%");
    for c in words.chars().take(100) {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn view(row: &SqliteRow) -> Result<LeadView, sqlx::Error> {
    let text = |name: &str| row.try_get::<Option<String>, _>(name);
    let status: String = row.try_get("status")?;
    let next: i64 = row.try_get("next_at")?;
    let grade = text("grade")?.map(serde_json::Value::String);
    Ok(LeadView {
        id: LeadId(row.try_get("id")?),
        row: row.try_get::<i64, _>("list_row")?.unsigned_abs(),
        name: text("name")?,
        phone: Phone::new(row.try_get::<String, _>("phone")?),
        lang: text("lang")?.and_then(|l| l.parse().ok()),
        next_unix_ms: (status == "queued").then_some(next),
        status,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(0),
        disposition: text("disposition")?.and_then(|d| d.parse().ok()),
        grade: grade.and_then(|g| serde_json::from_value(g).ok()),
        call: text("call_id")?.map(CallId),
    })
}
