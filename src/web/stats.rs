//! Figures of campaigns, agents and the robot.

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, ErrorBody};
use super::guard::Who;
use crate::campaign::zones;
use crate::store::{CampaignId, CampaignStats, DialplanStats, LeadFilter, RobotStats};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/campaigns/{campaign}/stats", May::StatsView),
    Rule::may("GET", "/stats/agents", May::StatsView),
    Rule::may("GET", "/stats/robot", May::StatsView),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(campaign))
        .routes(routes!(agents))
        .routes(routes!(robot))
}

/// The desk's outcomes that count as a success.
const WON: &[&str] = &["sold", "appointment"];
/// How far back figures go when nobody says, ms.
const WEEK_MS: i64 = 7 * 86_400_000;

#[derive(Serialize, ToSchema)]
struct DispositionCount {
    code: String,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct GradeCount {
    grade: String,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct FunnelStep {
    step: String,
    /// The step's title, where the dialplan gives one.
    name: Option<String>,
    /// Calls that came to it.
    entered: u64,
    /// Calls that ended in it.
    left: u64,
}

#[derive(Serialize, ToSchema)]
struct IntentCount {
    intent: String,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct HourFigures {
    /// 0 to 23, local time of the callees.
    hour: u8,
    dialed: u64,
    connected: u64,
}

#[derive(Serialize, ToSchema)]
struct PaceFigures {
    /// When the five minutes began.
    unix_ms: i64,
    dialed: u64,
    connected: u64,
}

/// A campaign in figures.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"dialed": 1200, "connected": 540, "dispositions": [{"code": "no_answer", "count": 410}],
    "grades": [{"grade": "A", "count": 31}], "connect_rate": 0.45, "intent_rate": 0.17, "conversion_rate": 0.05,
    "funnel": [{"step": "opening", "name": null, "entered": 540, "left": 120}], "intents": [{"intent": "ask_price", "count": 77}],
    "hours": [{"hour": 10, "dialed": 200, "connected": 101}], "pace": [{"unix_ms": 1_795_300_000_000_i64, "dialed": 40, "connected": 18}],
    "talk_ms_p50": 38_000, "cost": null}))]
struct CampaignFigures {
    dialed: u64,
    connected: u64,
    dispositions: Vec<DispositionCount>,
    grades: Vec<GradeCount>,
    /// Answered calls of those made, 0 to 1.
    connect_rate: f64,
    /// Calls graded A or B of those answered.
    intent_rate: f64,
    /// Calls with an agent of those answered.
    conversion_rate: f64,
    /// In the order in which calls come to the steps.
    funnel: Vec<FunnelStep>,
    intents: Vec<IntentCount>,
    hours: Vec<HourFigures>,
    /// The last 24 hours.
    pace: Vec<PaceFigures>,
    talk_ms_p50: Option<u64>,
    /// Not known yet.
    cost: Option<f64>,
}

#[derive(Deserialize, IntoParams)]
struct Since {
    /// Unix ms; a week ago when not said.
    since: Option<i64>,
}

/// An agent in figures.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"agent": "lin", "name": "林", "offered": 40, "accepted": 33, "missed": 5, "talk_ms": 5_400_000,
    "wrap_ms": 900_000, "conversions": 7, "score": 86.5}))]
struct AgentFigures {
    agent: String,
    name: String,
    offered: u64,
    accepted: u64,
    missed: u64,
    talk_ms: u64,
    wrap_ms: u64,
    /// Calls that ended as `sold` or `appointment`.
    conversions: u64,
    /// Of the reviews, 0 to 100.
    score: Option<f64>,
}

/// One dialplan in figures.
#[derive(Serialize, ToSchema)]
struct DialplanFigures {
    dialplan: String,
    calls: u64,
    connected: u64,
    handoffs: u64,
    opt_outs: u64,
}

/// The robot in figures.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"calls": 1200, "connected": 540, "turns": 3100, "no_match_rate": 0.06, "no_input_rate": 0.04,
    "interruptions": 210, "latency_p50_ms": 620, "latency_p95_ms": 1100, "handoffs": 44, "opt_outs": 12,
    "by_dialplan": [{"dialplan": "course", "calls": 1200, "connected": 540, "handoffs": 44, "opt_outs": 12}]}))]
struct RobotFigures {
    calls: u64,
    connected: u64,
    /// What callees said and the robot answered.
    turns: u64,
    /// Turns that were not understood, 0 to 1.
    no_match_rate: f64,
    /// Silences instead of a turn.
    no_input_rate: f64,
    interruptions: u64,
    /// From the end of the callee's words to the robot's first sound.
    latency_p50_ms: Option<u64>,
    latency_p95_ms: Option<u64>,
    handoffs: u64,
    opt_outs: u64,
    by_dialplan: Vec<DialplanFigures>,
}

/// A campaign's figures.
#[utoipa::path(get, path = "/campaigns/{campaign}/stats", tag = "stats", params(("campaign" = i64, Path, example = 3)),
    responses((status = 200, body = CampaignFigures), (status = 404, body = ErrorBody)))]
async fn campaign(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<i64>,
) -> Answer<Json<CampaignFigures>> {
    let row = super::campaigns::owned(&web, who.tenant, id).await?;
    let now = web.clock.unix_ms();
    let offset = offset_ms(&web, row.id, now).await?;
    let stats = web.store.campaign_stats(row.id, offset, now).await?;
    Ok(Json(figures(stats)))
}

/// The agents' figures.
#[utoipa::path(get, path = "/stats/agents", tag = "stats", params(Since), responses((status = 200, body = Vec<AgentFigures>)))]
async fn agents(
    State(web): State<Web>,
    who: Who,
    Query(since): Query<Since>,
) -> Answer<Json<Vec<AgentFigures>>> {
    let since = since.since.unwrap_or(web.clock.unix_ms() - WEEK_MS);
    let rows = web.store.agent_stats(who.tenant, since, WON).await?;
    let all = rows.into_iter().map(|a| AgentFigures {
        agent: a.agent,
        name: a.name,
        offered: a.offered,
        accepted: a.accepted,
        missed: a.missed,
        talk_ms: a.talk_ms,
        wrap_ms: a.wrap_ms,
        conversions: a.conversions,
        score: a.score,
    });
    Ok(Json(all.collect()))
}

/// The robot's figures.
#[utoipa::path(get, path = "/stats/robot", tag = "stats", params(Since), responses((status = 200, body = RobotFigures)))]
async fn robot(
    State(web): State<Web>,
    who: Who,
    Query(since): Query<Since>,
) -> Answer<Json<RobotFigures>> {
    let since = since.since.unwrap_or(web.clock.unix_ms() - WEEK_MS);
    let stats = web.store.robot_stats(who.tenant, since).await?;
    Ok(Json(robot_figures(stats)))
}

/// What the callees' clocks are ahead of UTC, by the first lead's number. Of a country with several zones it is one.
async fn offset_ms(web: &Web, campaign: CampaignId, now_unix_ms: i64) -> Answer<i64> {
    let first = web
        .store
        .leads(campaign, &LeadFilter::default(), None, 1)
        .await?;
    let zones = first
        .first()
        .map(|lead| zones::of_callee(&lead.phone, None))
        .unwrap_or_default();
    let at = jiff::Timestamp::from_millisecond(now_unix_ms).unwrap_or_default();
    let ahead = zones.first().map(|zone| zone.to_offset(at).seconds());
    Ok(ahead.map_or(0, |s| i64::from(s) * 1000))
}

fn rate(part: u64, of: u64) -> f64 {
    if of == 0 {
        return 0.0;
    }
    // Four places are more than anybody reads.
    (part as f64 / of as f64 * 10_000.0).round() / 10_000.0
}

fn figures(stats: CampaignStats) -> CampaignFigures {
    CampaignFigures {
        connect_rate: rate(stats.connected, stats.dialed),
        intent_rate: rate(stats.intent, stats.connected),
        conversion_rate: rate(stats.converted, stats.connected),
        dialed: stats.dialed,
        connected: stats.connected,
        dispositions: stats
            .dispositions
            .into_iter()
            .map(|(d, count)| DispositionCount {
                code: d.code().into(),
                count,
            })
            .collect(),
        grades: stats
            .grades
            .into_iter()
            .map(|(g, count)| GradeCount {
                grade: g.to_string(),
                count,
            })
            .collect(),
        funnel: stats
            .funnel
            .into_iter()
            .map(|s| FunnelStep {
                step: s.step,
                name: None,
                entered: s.entered,
                left: s.left,
            })
            .collect(),
        intents: stats
            .intents
            .into_iter()
            .map(|(intent, count)| IntentCount { intent, count })
            .collect(),
        hours: stats
            .hours
            .into_iter()
            .map(|h| HourFigures {
                hour: h.hour,
                dialed: h.dialed,
                connected: h.connected,
            })
            .collect(),
        pace: stats
            .pace
            .into_iter()
            .map(|p| PaceFigures {
                unix_ms: p.unix_ms,
                dialed: p.dialed,
                connected: p.connected,
            })
            .collect(),
        talk_ms_p50: stats.talk_p50_ms,
        cost: None,
    }
}

fn robot_figures(stats: RobotStats) -> RobotFigures {
    let by = |d: DialplanStats| DialplanFigures {
        dialplan: d.dialplan,
        calls: d.calls,
        connected: d.connected,
        handoffs: d.handoffs,
        opt_outs: d.opt_outs,
    };
    RobotFigures {
        calls: stats.calls,
        connected: stats.connected,
        turns: stats.turns,
        no_match_rate: rate(stats.no_match, stats.turns),
        no_input_rate: rate(stats.no_input, stats.turns + stats.no_input),
        interruptions: stats.interruptions,
        latency_p50_ms: stats.latency_p50_ms,
        latency_p95_ms: stats.latency_p95_ms,
        handoffs: stats.handoffs,
        opt_outs: stats.opt_outs,
        by_dialplan: stats.by_dialplan.into_iter().map(by).collect(),
    }
}
