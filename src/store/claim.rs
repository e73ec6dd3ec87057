//! Which leads may be dialled now.

use super::{
    CampaignId, Caps, Claim, ClaimedLead, LeadId, LeadNext, RefusedLead, Store, StoreError,
    contacts, dnc,
};
use crate::terms::{Disposition, Family, Phone};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;
const WEEK_MS: i64 = 7 * DAY_MS;

/// Whether a lead has a number that may be called.
pub(super) enum Allowed {
    Yes(Phone),
    Dnc,
    CappedUntil(i64),
}

impl Store {
    /// Takes up to `limit` due leads of a running campaign for this process. Leads whose numbers are all on the
    /// do-not-call list, or were called too often lately, come back as refused, each with its row written.
    ///
    /// # Errors
    /// The database cannot be written; then nothing is claimed.
    pub async fn claim(
        &self,
        campaign: CampaignId,
        now_unix_ms: i64,
        limit: u32,
    ) -> Result<Claim, StoreError> {
        self.must_own()?;
        let mut claim = Claim::default();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        loop {
            let missing = i64::from(limit) - claim.leads.len() as i64;
            if missing <= 0 {
                break;
            }
            let due = self
                .take_due(&mut tx, campaign, now_unix_ms, missing)
                .await
                .map_err(self.sorted())?;
            if due.is_empty() {
                break;
            }
            for lead in due {
                self.sort_out(&mut tx, lead, now_unix_ms, &mut claim)
                    .await
                    .map_err(self.sorted())?;
            }
        }
        tx.commit().await.map_err(self.sorted())?;
        Ok(claim)
    }

    /// Gives a claimed lead back without a call, due again at `at_unix_ms` (its window is closed, no channel is free).
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn release(&self, lead: LeadId, at_unix_ms: i64) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE leads SET status = 'queued', next_at = $2 WHERE id = $1 AND status = 'claimed' AND epoch = $3",
        )
        .bind(lead.0)
        .bind(at_unix_ms)
        .bind(self.0.epoch)
        .execute(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(())
    }

    /// Records that a claimed lead is not dialled (`window`, `no_trunk`, `canceled`, …) and what becomes of it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn refuse(
        &self,
        lead: LeadId,
        phone: &Phone,
        disposition: Disposition,
        next: LeadNext,
    ) -> Result<(), StoreError> {
        let now = self.0.clock.unix_ms();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        self.put_refusal(&mut tx, lead, phone, disposition, next, now)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }

    async fn take_due(
        &self,
        db: &mut SqliteConnection,
        campaign: CampaignId,
        now: i64,
        limit: i64,
    ) -> Result<Vec<ClaimedLead>, sqlx::Error> {
        let rows = sqlx::query(
            "UPDATE leads SET status = 'claimed', claimed_at = $2, epoch = $4 WHERE id IN (\
               SELECT l.id FROM leads l JOIN campaigns c ON c.id = l.campaign_id \
               WHERE l.campaign_id = $1 AND c.state = 'running' AND l.status = 'queued' AND l.next_at <= $2 \
               ORDER BY l.next_at, l.id LIMIT $3) \
             RETURNING id, list_row, name, lang, tz, vars, attempts, next_at",
        )
        .bind(campaign.0)
        .bind(now)
        .bind(limit)
        .bind(self.0.epoch)
        .fetch_all(&mut *db)
        .await?;
        let mut leads = Vec::with_capacity(rows.len());
        for row in &rows {
            let next_at: i64 = row.try_get("next_at")?;
            leads.push((next_at, read_lead(db, campaign, row, now).await?));
        }
        // RETURNING promises no order.
        leads.sort_by_key(|(at, lead)| (*at, lead.id));
        Ok(leads.into_iter().map(|(_, lead)| lead).collect())
    }

    async fn sort_out(
        &self,
        db: &mut SqliteConnection,
        mut lead: ClaimedLead,
        now: i64,
        claim: &mut Claim,
    ) -> Result<(), sqlx::Error> {
        let (disposition, next) = match self.allowed(db, &lead, now).await? {
            Allowed::Yes(phone) => {
                lead.phone = phone;
                claim.leads.push(lead);
                return Ok(());
            }
            Allowed::Dnc => (Disposition::Dnc, LeadNext::Done),
            Allowed::CappedUntil(at) => (Disposition::DailyCap, LeadNext::At(at)),
        };
        self.put_refusal(db, lead.id, &lead.phone, disposition, next, now)
            .await?;
        claim.refused.push(RefusedLead {
            id: lead.id,
            phone: lead.phone,
            name: lead.name,
            disposition,
            again_at: match next {
                LeadNext::Done => None,
                LeadNext::At(at) => Some(at),
            },
        });
        Ok(())
    }

    /// The lead's numbers in turn: the first one at the first attempt, the next one at the second.
    async fn allowed(
        &self,
        db: &mut SqliteConnection,
        lead: &ClaimedLead,
        now: i64,
    ) -> Result<Allowed, sqlx::Error> {
        let count = lead.phones.len().max(1);
        let first = (lead.attempt_no as usize - 1) % count;
        let mut until: Option<i64> = None;
        for i in 0..lead.phones.len() {
            let phone = &lead.phones[(first + i) % count];
            match self
                .phone_allowed(db, lead.id, phone, lead.is_callback, now)
                .await?
            {
                Allowed::Yes(phone) => return Ok(Allowed::Yes(phone)),
                Allowed::Dnc => {}
                Allowed::CappedUntil(at) => until = Some(until.map_or(at, |u| u.min(at))),
            }
        }
        Ok(until.map_or(Allowed::Dnc, Allowed::CappedUntil))
    }

    pub(super) async fn phone_allowed(
        &self,
        db: &mut SqliteConnection,
        lead: LeadId,
        phone: &Phone,
        is_callback: bool,
        now: i64,
    ) -> Result<Allowed, sqlx::Error> {
        if self.0.spool.has_opt_out(phone) || dnc::listed(db, phone).await? {
            return Ok(Allowed::Dnc);
        }
        if is_callback || self.0.caps == Caps::NONE {
            return Ok(Allowed::Yes(phone.clone()));
        }
        let calls = recent_calls(db, lead, phone, now - WEEK_MS).await?;
        let until = capped_until(&calls, self.0.caps, now);
        Ok(until.map_or_else(|| Allowed::Yes(phone.clone()), Allowed::CappedUntil))
    }

    pub(super) async fn put_refusal(
        &self,
        db: &mut SqliteConnection,
        lead: LeadId,
        phone: &Phone,
        disposition: Disposition,
        next: LeadNext,
        now: i64,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO attempts (lead_id, phone, node, epoch, state, disposition, started_at, ended_at) \
             VALUES ($1, $2, $3, $4, 'ended', $5, $6, $6)",
        )
        .bind(lead.0)
        .bind(phone.full())
        .bind(&self.0.node)
        .bind(self.0.epoch)
        .bind(disposition.code())
        .bind(now)
        .execute(&mut *db)
        .await?;
        set_next(db, lead, next).await
    }
}

/// Puts a lead back into the queue or ends it.
pub(super) async fn set_next(
    db: &mut SqliteConnection,
    lead: LeadId,
    next: LeadNext,
) -> Result<(), sqlx::Error> {
    let (status, at) = match next {
        LeadNext::Done => ("done", None),
        LeadNext::At(at) => ("queued", Some(at)),
    };
    sqlx::query("UPDATE leads SET status = $2, next_at = COALESCE($3, next_at) WHERE id = $1")
        .bind(lead.0)
        .bind(status)
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

async fn read_lead(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    row: &SqliteRow,
    now: i64,
) -> Result<ClaimedLead, sqlx::Error> {
    let id = LeadId(row.try_get("id")?);
    let phones = phones_of(db, id).await?;
    let lang: Option<String> = row.try_get("lang")?;
    let vars: String = row.try_get("vars")?;
    let attempts: i64 = row.try_get("attempts")?;
    let list_row: i64 = row.try_get("list_row")?;
    let contact_phones = phones.clone();
    Ok(ClaimedLead {
        id,
        campaign,
        row: list_row.unsigned_abs(),
        phone: phones
            .first()
            .cloned()
            .unwrap_or_else(|| Phone::new(String::new())),
        phones,
        name: row.try_get("name")?,
        lang: lang.and_then(|l| l.parse().ok()),
        tz: row.try_get("tz")?,
        vars: serde_json::from_str(&vars).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
        attempt_no: u32::try_from(attempts).unwrap_or(u32::MAX - 1) + 1,
        is_callback: callback_due(db, id, now).await?,
        contact: contacts::tags(db, campaign, &contact_phones).await?,
    })
}

pub(super) async fn phones_of(
    db: &mut SqliteConnection,
    lead: LeadId,
) -> Result<Vec<Phone>, sqlx::Error> {
    let rows = sqlx::query("SELECT phone FROM lead_phones WHERE lead_id = $1 ORDER BY position")
        .bind(lead.0)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|r| Ok(Phone::new(r.try_get::<String, _>(0)?)))
        .collect()
}

pub(super) async fn callback_due(
    db: &mut SqliteConnection,
    lead: LeadId,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(
        "SELECT 1 FROM callbacks WHERE lead_id = $1 AND done_at IS NULL AND due_at <= $2 LIMIT 1",
    )
    .bind(lead.0)
    .bind(now)
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// When this number was called, one time per lead: another lead's tries that may have rung, this lead's only when
/// they were answered (its own unanswered tries are what the retry rules are for).
async fn recent_calls(
    db: &mut SqliteConnection,
    lead: LeadId,
    phone: &Phone,
    since: i64,
) -> Result<Vec<i64>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT lead_id, started_at, state, reached, disposition FROM attempts \
         WHERE phone = $1 AND started_at > $2 AND attempt_no IS NOT NULL",
    )
    .bind(phone.full())
    .bind(since)
    .fetch_all(db)
    .await?;
    let mut last: BTreeMap<i64, i64> = BTreeMap::new();
    for row in &rows {
        let of: i64 = row.try_get("lead_id")?;
        let at: i64 = row.try_get("started_at")?;
        let reached: i64 = row.try_get("reached")?;
        let code: Option<String> = row.try_get("disposition")?;
        let disposition: Option<Disposition> = code.and_then(|c| c.parse().ok());
        let counts = if of == lead.0 {
            disposition
                .is_some_and(|d| d.family() == Family::Connected && d != Disposition::Interrupted)
                || reached >= super::AttemptState::Talking.rank()
        } else {
            reached > 0 || disposition.is_none_or(may_have_rung)
        };
        if counts {
            let latest = last.entry(of).or_insert(at);
            *latest = at.max(*latest);
        }
    }
    let mut times: Vec<i64> = last.into_values().collect();
    times.sort_unstable_by(|a, b| b.cmp(a));
    Ok(times)
}

/// False for the ends at which the callee's phone cannot have made a sound.
fn may_have_rung(disposition: Disposition) -> bool {
    use Disposition as D;
    !matches!(
        disposition,
        D::TrunkError | D::AuthError | D::NetworkBusy | D::CarrierBlocked | D::NoTrunk
    )
}

/// `times`: the calls of the last 7 days, latest first.
fn capped_until(times: &[i64], caps: Caps, now: i64) -> Option<i64> {
    let over = |cap: Option<u32>, window: i64| {
        let cap = cap? as usize;
        let within = times.iter().filter(|t| **t > now - window).count();
        if within < cap {
            return None;
        }
        Some(
            times
                .get(cap.wrapping_sub(1))
                .map_or(now + window, |t| t + window),
        )
    };
    over(caps.per_day, DAY_MS).max(over(caps.per_week, WEEK_MS))
}
