//! A campaign as people see it.

use super::settings::{self, Plans};
use crate::store::{CampaignId, CampaignRow, CampaignState, Progress, TenantId};
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Running,
    Paused,
    Stopped,
    /// Running, and no lead is left.
    Finished,
}

/// One dialplan of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsedDialplan {
    /// Its first language; empty when there is no such dialplan any more.
    pub lang: String,
    pub name: String,
    /// The version that counts now; none of a file in the server's folder.
    pub version: Option<i64>,
}

/// How far a campaign is, in leads.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CampaignProgress {
    pub total: u64,
    pub queued: u64,
    /// Taken out of the queue or being called.
    pub claimed: u64,
    pub done: u64,
    /// Calls that live.
    pub live: u64,
}

/// A campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"id": 3, "name": "spring", "state": "running", "dialplans": [{"lang": "zh", "name": "course", "version": 4}],
    "trunk": "main", "concurrency": 20, "priority": 5, "windows": "default", "max_attempts": 3, "country": "CN", "list": "客户.xlsx",
    "created_unix_ms": 1_795_300_000_000_i64, "progress": {"total": 1200, "queued": 800, "claimed": 20, "done": 380, "live": 18},
    "next_unix_ms": null, "problem": null, "preparing": false}))]
pub struct CampaignView {
    pub id: i64,
    pub name: String,
    pub state: Phase,
    pub dialplans: Vec<UsedDialplan>,
    pub trunk: String,
    pub concurrency: u32,
    pub priority: u32,
    pub windows: String,
    pub max_attempts: u32,
    pub country: String,
    /// The list that went in last.
    pub list: String,
    pub created_unix_ms: i64,
    pub progress: CampaignProgress,
    /// When the next lead is due.
    pub next_unix_ms: Option<i64>,
    pub problem: Option<String>,
    /// It was started, and its prompts are rendered before the first call.
    pub preparing: bool,
}

pub(super) async fn whole(web: &Web, row: CampaignRow) -> Answer<Json<CampaignView>> {
    let progress = web.store.progress(row.id).await?;
    let plans = settings::plans(web, row.tenant, &row.settings.dialplans).await?;
    Ok(Json(view(web, row, progress, &plans)))
}

/// The campaign as the event stream and the console show it; `None` when the tenant has none of this number.
///
/// # Errors
/// The database cannot be read.
pub async fn view_of(
    web: &Web,
    tenant: TenantId,
    id: CampaignId,
) -> Result<Option<CampaignView>, Refusal> {
    match web.store.campaign_of(tenant, id).await? {
        Some(row) => whole(web, row).await.map(|Json(view)| Some(view)),
        None => Ok(None),
    }
}

/// One campaign with what was read about it.
pub(super) fn view(web: &Web, row: CampaignRow, progress: Progress, plans: &Plans) -> CampaignView {
    let run = web
        .manager
        .as_ref()
        .map(|m| m.state(row.id))
        .unwrap_or_default();
    let cards = web.board.cards(row.tenant);
    let live = cards.iter().filter(|c| c.campaign.id == row.id.0).count();
    let mut dialplans: Vec<UsedDialplan> = Vec::new();
    for name in &row.settings.dialplans {
        let found = plans.get(name);
        dialplans.push(UsedDialplan {
            lang: found.map(|p| p.lang.clone()).unwrap_or_default(),
            name: name.clone(),
            version: found.and_then(|p| p.version),
        });
    }
    if dialplans.is_empty() && !row.dialplan.is_empty() {
        dialplans.extend(row.dialplan.split(", ").map(|name| UsedDialplan {
            lang: String::new(),
            name: name.into(),
            version: None,
        }));
    }
    let left = progress.queued + progress.claimed;
    CampaignView {
        id: row.id.0,
        state: match row.state {
            CampaignState::Finished => Phase::Finished,
            CampaignState::Running if left == 0 && progress.done > 0 => Phase::Finished,
            CampaignState::Running => Phase::Running,
            CampaignState::Paused => Phase::Paused,
            CampaignState::Stopped => Phase::Stopped,
        },
        dialplans,
        name: row.settings.name,
        trunk: row.settings.trunk,
        concurrency: row.settings.concurrency,
        priority: row.settings.priority,
        windows: row.settings.windows,
        max_attempts: row.settings.max_attempts,
        country: row.settings.country,
        list: row.list,
        created_unix_ms: row.created_unix_ms,
        progress: CampaignProgress {
            total: left + progress.done,
            queued: progress.queued,
            claimed: progress.claimed,
            done: progress.done,
            live: live as u64,
        },
        next_unix_ms: progress.next_at,
        problem: run.problem.or(row.problem),
        preparing: run.preparing,
    }
}
