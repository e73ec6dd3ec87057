//! Figures of campaigns, agents and the robot, counted by the database.

use super::{CampaignId, Store, StoreError, TenantId};
use crate::terms::{Disposition, Family, Grade};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// A campaign in figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CampaignStats {
    pub dispositions: Vec<(Disposition, u64)>,
    /// Of the calls, not of the leads.
    pub grades: Vec<(Grade, u64)>,
    /// Calls made.
    pub dialed: u64,
    /// Calls that were answered.
    pub connected: u64,
    /// Answered calls graded A or B.
    pub intent: u64,
    /// Answered calls in which an agent was bridged.
    pub converted: u64,
    /// In the order in which calls come to the steps.
    pub funnel: Vec<StepCount>,
    pub intents: Vec<(String, u64)>,
    pub hours: Vec<HourCount>,
    pub pace: Vec<PaceCount>,
    pub talk_p50_ms: Option<u64>,
}

/// One step of the dialplan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepCount {
    pub step: String,
    /// Calls that came to it.
    pub entered: u64,
    /// Calls that ended in it.
    pub left: u64,
}

/// Calls by hour of the day.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct HourCount {
    /// 0 to 23.
    pub hour: u8,
    pub dialed: u64,
    pub connected: u64,
}

/// Calls in five minutes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct PaceCount {
    /// When the five minutes began.
    pub unix_ms: i64,
    pub dialed: u64,
    pub connected: u64,
}

/// What the robot did in calls of a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RobotStats {
    pub calls: u64,
    pub connected: u64,
    /// What callees said or keyed and the robot answered.
    pub turns: u64,
    pub no_match: u64,
    pub no_input: u64,
    pub interruptions: u64,
    pub latency_p50_ms: Option<u64>,
    pub latency_p95_ms: Option<u64>,
    /// Calls in which an agent was wanted.
    pub handoffs: u64,
    pub opt_outs: u64,
    pub by_dialplan: Vec<DialplanStats>,
}

/// The robot with one dialplan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialplanStats {
    /// As its campaigns name it.
    pub dialplan: String,
    pub calls: u64,
    pub connected: u64,
    pub handoffs: u64,
    pub opt_outs: u64,
}

/// What counts as answered: a callee or a machine took the call.
macro_rules! answered {
    () => {
        "(a.reached >= 2 OR (a.disposition IS NOT NULL AND instr($2, '|' || a.disposition || '|') > 0))"
    };
}

/// The calls of one campaign.
macro_rules! of_campaign {
    () => {
        " FROM leads l JOIN attempts a ON a.lead_id = l.id \
          WHERE l.campaign_id = $1 AND a.attempt_no IS NOT NULL "
    };
}

/// The journal's marks, in words that the index `events_marks` answers.
macro_rules! mark {
    () => {
        "COALESCE(e.json ->> 'step', e.json ->> 'intent', e.json ->> 'ms', e.json ->> 'interrupted')"
    };
}

macro_rules! is_mark {
    () => {
        "e.json ->> 'kind' IN \
         ('step', 'intent', 'heard', 'said', 'no_match', 'no_input', 'turn_latency', 'agent_wanted') "
    };
}

const DAY_MS: i64 = 86_400_000;

impl Store {
    /// A campaign in figures. `offset_ms` is what local time is ahead of UTC, for the hours of the day.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn campaign_stats(
        &self,
        campaign: CampaignId,
        offset_ms: i64,
        now_unix_ms: i64,
    ) -> Result<CampaignStats, StoreError> {
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        let mut stats = CampaignStats::default();
        totals(&mut db, campaign, &mut stats)
            .await
            .map_err(self.sorted())?;
        times(&mut db, campaign, offset_ms, now_unix_ms, &mut stats)
            .await
            .map_err(self.sorted())?;
        spoken(&mut db, campaign, &mut stats)
            .await
            .map_err(self.sorted())?;
        Ok(stats)
    }

    /// What the robot did in the tenant's calls since a moment.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn robot_stats(
        &self,
        tenant: TenantId,
        since_unix_ms: i64,
    ) -> Result<RobotStats, StoreError> {
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        robot(&mut db, tenant, since_unix_ms)
            .await
            .map_err(self.sorted())
    }
}

/// The dispositions of answered calls between bars. `interrupted` also ends calls that never rang.
fn answered_codes() -> String {
    let mut codes = String::from("|");
    for d in Disposition::ALL {
        if d.family() == Family::Connected && *d != Disposition::Interrupted {
            codes.push_str(d.code());
            codes.push('|');
        }
    }
    codes
}

async fn totals(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    stats: &mut CampaignStats,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "SELECT a.disposition, COUNT(*) AS n FROM leads l JOIN attempts a ON a.lead_id = l.id \
         WHERE l.campaign_id = $1 AND a.disposition IS NOT NULL GROUP BY a.disposition ORDER BY n DESC, 1",
    )
    .bind(campaign.0)
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        let code: String = row.try_get(0)?;
        if let Ok(disposition) = code.parse() {
            stats.dispositions.push((disposition, count(row, 1)?));
        }
    }
    let rows = sqlx::query(concat!(
        "SELECT a.grade, COUNT(*)",
        of_campaign!(),
        "AND a.grade IS NOT NULL GROUP BY a.grade ORDER BY 1"
    ))
    .bind(campaign.0)
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        let code = serde_json::Value::String(row.try_get(0)?);
        if let Ok(grade) = serde_json::from_value(code) {
            stats.grades.push((grade, count(row, 1)?));
        }
    }
    let row = sqlx::query(concat!(
        "SELECT COUNT(*), COALESCE(SUM(",
        answered!(),
        "), 0), COALESCE(SUM(a.grade IN ('A', 'B') AND ",
        answered!(),
        "), 0), COALESCE(SUM(a.bridged IS NOT NULL AND ",
        answered!(),
        "), 0)",
        of_campaign!()
    ))
    .bind(campaign.0)
    .bind(answered_codes())
    .fetch_one(&mut *db)
    .await?;
    stats.dialed = count(&row, 0)?;
    stats.connected = count(&row, 1)?;
    stats.intent = count(&row, 2)?;
    stats.converted = count(&row, 3)?;
    let row = sqlx::query(concat!(
        "SELECT a.talk_ms",
        of_campaign!(),
        "AND a.talk_ms > 0 ORDER BY a.talk_ms LIMIT 1 OFFSET (SELECT COUNT(*) / 2",
        of_campaign!(),
        "AND a.talk_ms > 0)"
    ))
    .bind(campaign.0)
    .fetch_optional(&mut *db)
    .await?;
    stats.talk_p50_ms = row.map(|r| count(&r, 0)).transpose()?;
    Ok(())
}

async fn times(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    offset_ms: i64,
    now: i64,
    stats: &mut CampaignStats,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(concat!(
        "SELECT (a.started_at + $3) / 3600000 % 24 AS hour, COUNT(*), SUM(",
        answered!(),
        ")",
        of_campaign!(),
        "GROUP BY hour ORDER BY hour"
    ))
    .bind(campaign.0)
    .bind(answered_codes())
    .bind(offset_ms)
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        stats.hours.push(HourCount {
            hour: u8::try_from(row.try_get::<i64, _>(0)?).unwrap_or(0),
            dialed: count(row, 1)?,
            connected: count(row, 2)?,
        });
    }
    let rows = sqlx::query(concat!(
        "SELECT a.started_at / 300000 * 300000 AS at, COUNT(*), SUM(",
        answered!(),
        ")",
        of_campaign!(),
        "AND a.started_at > $3 GROUP BY at ORDER BY at"
    ))
    .bind(campaign.0)
    .bind(answered_codes())
    .bind(now - DAY_MS)
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        stats.pace.push(PaceCount {
            unix_ms: row.try_get(0)?,
            dialed: count(row, 1)?,
            connected: count(row, 2)?,
        });
    }
    Ok(())
}

async fn spoken(
    db: &mut SqliteConnection,
    campaign: CampaignId,
    stats: &mut CampaignStats,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(concat!(
        "WITH marks AS (SELECT e.call_id AS call, e.seq AS seq, ",
        mark!(),
        " AS step, a.state AS state FROM leads l JOIN attempts a ON a.lead_id = l.id \
         JOIN events e ON e.call_id = a.call_id WHERE l.campaign_id = $1 AND e.json ->> 'kind' = 'step' AND ",
        is_mark!(),
        "), last AS (SELECT call, MAX(seq) AS seq FROM marks WHERE state = 'ended' GROUP BY call) \
         SELECT m.step, COUNT(DISTINCT m.call), COUNT(DISTINCT x.call), AVG(m.seq) AS place FROM marks m \
         LEFT JOIN last x ON x.call = m.call AND x.seq = m.seq WHERE m.step IS NOT NULL \
         GROUP BY m.step ORDER BY place, m.step"
    ))
    .bind(campaign.0)
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        stats.funnel.push(StepCount {
            step: row.try_get(0)?,
            entered: count(row, 1)?,
            left: count(row, 2)?,
        });
    }
    let rows = sqlx::query(concat!(
        "SELECT ",
        mark!(),
        " AS intent, COUNT(*) AS n FROM leads l JOIN attempts a ON a.lead_id = l.id \
         JOIN events e ON e.call_id = a.call_id WHERE l.campaign_id = $1 AND e.json ->> 'kind' = 'intent' AND ",
        is_mark!(),
        "GROUP BY intent ORDER BY n DESC, intent LIMIT 100"
    ))
    .bind(campaign.0)
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        if let Some(intent) = row.try_get::<Option<String>, _>(0)? {
            stats.intents.push((intent, count(row, 1)?));
        }
    }
    Ok(())
}

/// The calls of a tenant since a moment.
macro_rules! of_tenant {
    () => {
        " FROM attempts a JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = l.campaign_id \
          WHERE a.started_at >= $1 AND a.attempt_no IS NOT NULL AND c.tenant_id = $3 "
    };
}

macro_rules! marks_of_tenant {
    () => {
        " FROM attempts a JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = l.campaign_id \
          JOIN events e ON e.call_id = a.call_id \
          WHERE a.started_at >= $1 AND c.tenant_id = $2 AND "
    };
}

async fn robot(
    db: &mut SqliteConnection,
    tenant: TenantId,
    since: i64,
) -> Result<RobotStats, sqlx::Error> {
    let mut stats = RobotStats::default();
    let rows = sqlx::query(concat!(
        "SELECT c.dialplan, COUNT(*), COALESCE(SUM(",
        answered!(),
        "), 0), COALESCE(SUM(a.disposition = 'opt_out'), 0), COALESCE(SUM(EXISTS (SELECT 1 FROM events e \
         WHERE e.call_id = a.call_id AND e.json ->> 'kind' = 'agent_wanted' AND ",
        is_mark!(),
        ")), 0) AS handoffs",
        of_tenant!(),
        "GROUP BY c.dialplan ORDER BY 2 DESC, 1"
    ))
    .bind(since)
    .bind(answered_codes())
    .bind(tenant.0)
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        let one = DialplanStats {
            dialplan: row.try_get(0)?,
            calls: count(row, 1)?,
            connected: count(row, 2)?,
            opt_outs: count(row, 3)?,
            handoffs: count(row, 4)?,
        };
        stats.calls += one.calls;
        stats.connected += one.connected;
        stats.opt_outs += one.opt_outs;
        stats.handoffs += one.handoffs;
        stats.by_dialplan.push(one);
    }
    let rows = sqlx::query(concat!(
        "SELECT e.json ->> 'kind' AS kind, COUNT(*), COALESCE(SUM(",
        mark!(),
        " = 1), 0)",
        marks_of_tenant!(),
        is_mark!(),
        "GROUP BY kind"
    ))
    .bind(since)
    .bind(tenant.0)
    .fetch_all(&mut *db)
    .await?;
    let mut latencies = 0;
    for row in &rows {
        let kind: String = row.try_get(0)?;
        let n = count(row, 1)?;
        match kind.as_str() {
            "heard" => stats.turns = n,
            "no_match" => stats.no_match = n,
            "no_input" => stats.no_input = n,
            // JSON's true is 1.
            "said" => stats.interruptions = count(row, 2)?,
            "turn_latency" => latencies = n,
            _ => {}
        }
    }
    stats.latency_p50_ms = latency(db, tenant, since, latencies / 2).await?;
    stats.latency_p95_ms = latency(db, tenant, since, latencies * 95 / 100).await?;
    Ok(stats)
}

async fn latency(
    db: &mut SqliteConnection,
    tenant: TenantId,
    since: i64,
    place: u64,
) -> Result<Option<u64>, sqlx::Error> {
    let row = sqlx::query(concat!(
        "SELECT CAST(",
        mark!(),
        " AS BIGINT) AS ms",
        marks_of_tenant!(),
        "e.json ->> 'kind' = 'turn_latency' AND ",
        is_mark!(),
        "ORDER BY ms LIMIT 1 OFFSET $3"
    ))
    .bind(since)
    .bind(tenant.0)
    .bind(i64::try_from(place).unwrap_or(i64::MAX))
    .fetch_optional(&mut *db)
    .await?;
    row.map(|r| count(&r, 0)).transpose()
}

pub(super) fn count(row: &SqliteRow, column: usize) -> Result<u64, sqlx::Error> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}
