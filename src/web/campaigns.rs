//! Campaigns: making, starting, pausing, stopping; their leads.

mod export;
mod leads;
pub(super) mod settings;
mod view;

use super::Web;
use super::access::{May, Need, Rule};
use super::answer::{Answer, ErrorBody, Refusal};
use super::guard::Who;
use crate::campaign::manager::ManagerError;
use crate::store::{CampaignId, CampaignRow, CampaignState, TenantId};
use crate::terms::{Disposition, Family};
use axum::Json;
use axum::extract::{Path, State as Shared};
use serde::Serialize;
use settings::{CampaignChange, CampaignWish};
use std::time::Duration;
use tokio::sync::broadcast;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
pub use view::{CampaignView, view_of};
use view::{view, whole};

/// Whoever presses start waits so long for what is wrong with the campaign.
const PATIENCE: Duration = Duration::from_secs(5);

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/campaigns", May::CampaignsView),
    Rule::may("POST", "/campaigns", May::CampaignsEdit),
    Rule::may("GET", "/campaigns/{campaign}", May::CampaignsView),
    Rule::may("PATCH", "/campaigns/{campaign}", May::CampaignsEdit),
    Rule::may("POST", "/campaigns/{campaign}/start", May::CampaignsEdit),
    Rule::may("POST", "/campaigns/{campaign}/pause", May::CampaignsEdit),
    Rule::may("POST", "/campaigns/{campaign}/resume", May::CampaignsEdit),
    Rule::may("POST", "/campaigns/{campaign}/stop", May::CampaignsEdit),
    Rule::may("GET", "/campaigns/{campaign}/leads", May::CampaignsView),
    Rule::may("POST", "/campaigns/{campaign}/leads", May::LeadsEdit),
    Rule::may(
        "POST",
        "/campaigns/{campaign}/leads/{lead}/cancel",
        May::LeadsEdit,
    ),
    Rule::may(
        "GET",
        "/campaigns/{campaign}/export.csv",
        May::CampaignsExport,
    )
    .stream(),
    Rule::may(
        "GET",
        "/campaigns/{campaign}/export.xlsx",
        May::CampaignsExport,
    )
    .stream(),
    Rule::may("GET", "/trunks", May::CampaignsView),
    Rule::new("GET", "/dispositions", Need::Account),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change))
        .routes(routes!(start))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(stop))
        .routes(routes!(leads::list, leads::append))
        .routes(routes!(leads::cancel))
        .routes(routes!(export::csv))
        .routes(routes!(export::xlsx))
        .routes(routes!(trunks))
        .routes(routes!(dispositions))
}

/// A line out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"name": "main", "host": "sip.carrier.example", "channels": 30, "caller_ids": ["02112345678"]}))]
pub struct TrunkInfo {
    pub name: String,
    pub host: String,
    /// Calls at once.
    pub channels: u32,
    pub caller_ids: Vec<String>,
}

/// What these routes keep between requests.
pub struct State {
    trunks: Vec<TrunkInfo>,
    changed: broadcast::Sender<(TenantId, CampaignId)>,
}

impl Default for State {
    fn default() -> Self {
        State::new(Vec::new())
    }
}

impl State {
    /// With the lines out; without any, campaigns may name what they like.
    #[must_use]
    pub fn new(trunks: Vec<TrunkInfo>) -> State {
        State {
            trunks,
            changed: broadcast::channel(256).0,
        }
    }

    /// Campaigns whose settings or leads change, and those that people start and stop.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<(TenantId, CampaignId)> {
        self.changed.subscribe()
    }

    pub(super) fn touch(&self, tenant: TenantId, campaign: CampaignId) {
        // Nobody listens: that is fine.
        let _ = self.changed.send((tenant, campaign));
    }
}

/// Leads were added to a campaign: one that runs looks at once, one that had finished goes on.
pub(super) fn grown(web: &Web, campaign: &CampaignRow) {
    web.campaigns.touch(campaign.tenant, campaign.id);
    let Some(manager) = web.manager.clone() else {
        return;
    };
    let id = campaign.id;
    if campaign.state != CampaignState::Finished {
        manager.wake(id);
        return;
    }
    // Prompts may have to be rendered first.
    tokio::spawn(async move {
        if let Err(e) = manager.start(id).await {
            tracing::warn!("campaign {} has new leads and cannot go on: {e}", id.0);
        }
    });
}

/// How the business counts an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"code": "no_answer", "family": "not_connected", "zh": "无人接听", "en": "No answer"}))]
pub struct DispositionInfo {
    pub code: String,
    /// `not_dialed`, `not_connected` or `connected`.
    pub family: String,
    pub zh: String,
    pub en: String,
}

/// All campaigns, the newest first.
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", responses((status = 200, body = Vec<CampaignView>)))]
async fn list(Shared(web): Shared<Web>, who: Who) -> Answer<Json<Vec<CampaignView>>> {
    let rows = web.store.campaigns_of(Some(who.tenant)).await?;
    let mut progress = web.store.progress_of(who.tenant).await?;
    let names: Vec<String> = rows
        .iter()
        .flat_map(|r| r.settings.dialplans.clone())
        .collect();
    let plans = settings::plans(&web, who.tenant, &names).await?;
    let views = rows.into_iter().map(|row| {
        let progress = progress.remove(&row.id).unwrap_or_default();
        view(&web, row, progress, &plans)
    });
    Ok(Json(views.collect()))
}

/// Makes a campaign. It is stopped, and has no leads yet.
#[utoipa::path(post, path = "/campaigns", tag = "campaigns", request_body = CampaignWish,
    responses((status = 200, body = CampaignView), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn create(
    Shared(web): Shared<Web>,
    who: Who,
    Json(wish): Json<CampaignWish>,
) -> Answer<Json<CampaignView>> {
    let row = settings::make(&web, &who, wish).await?;
    whole(&web, row).await
}

/// One campaign.
#[utoipa::path(get, path = "/campaigns/{campaign}", tag = "campaigns", params(("campaign" = i64, Path, example = 3)),
    responses((status = 200, body = CampaignView), (status = 404, body = ErrorBody)))]
async fn show(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
) -> Answer<Json<CampaignView>> {
    let row = owned(&web, who.tenant, id).await?;
    whole(&web, row).await
}

/// Changes a campaign's settings. What is not named stays.
#[utoipa::path(patch, path = "/campaigns/{campaign}", tag = "campaigns", params(("campaign" = i64, Path, example = 3)),
    request_body = CampaignChange,
    responses((status = 200, body = CampaignView), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn change(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
    Json(wish): Json<CampaignChange>,
) -> Answer<Json<CampaignView>> {
    let row = owned(&web, who.tenant, id).await?;
    let row = settings::change(&web, &who, row, wish).await?;
    whole(&web, row).await
}

/// Begins to dial.
#[utoipa::path(post, path = "/campaigns/{campaign}/start", tag = "campaigns", params(("campaign" = i64, Path, example = 3)),
    responses((status = 200, body = CampaignView), (status = 409, body = ErrorBody)))]
async fn start(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
) -> Answer<Json<CampaignView>> {
    drive(&web, &who, id, Drive::Start).await
}

/// No new calls for now; live ones go on.
#[utoipa::path(post, path = "/campaigns/{campaign}/pause", tag = "campaigns", params(("campaign" = i64, Path, example = 3)),
    responses((status = 200, body = CampaignView), (status = 409, body = ErrorBody)))]
async fn pause(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
) -> Answer<Json<CampaignView>> {
    drive(&web, &who, id, Drive::Pause).await
}

/// Goes on after a pause.
#[utoipa::path(post, path = "/campaigns/{campaign}/resume", tag = "campaigns", params(("campaign" = i64, Path, example = 3)),
    responses((status = 200, body = CampaignView), (status = 409, body = ErrorBody)))]
async fn resume(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
) -> Answer<Json<CampaignView>> {
    drive(&web, &who, id, Drive::Resume).await
}

/// No new calls until it is started again; live ones go on.
#[utoipa::path(post, path = "/campaigns/{campaign}/stop", tag = "campaigns", params(("campaign" = i64, Path, example = 3)),
    responses((status = 200, body = CampaignView), (status = 409, body = ErrorBody)))]
async fn stop(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
) -> Answer<Json<CampaignView>> {
    drive(&web, &who, id, Drive::Stop).await
}

/// The lines out.
#[utoipa::path(get, path = "/trunks", tag = "campaigns", responses((status = 200, body = Vec<TrunkInfo>)))]
async fn trunks(Shared(web): Shared<Web>) -> Json<Vec<TrunkInfo>> {
    Json(web.campaigns.trunks.clone())
}

/// All dispositions with their names.
#[utoipa::path(get, path = "/dispositions", tag = "campaigns", responses((status = 200, body = Vec<DispositionInfo>)))]
async fn dispositions() -> Json<Vec<DispositionInfo>> {
    let info = |d: &Disposition| DispositionInfo {
        code: d.code().into(),
        family: match d.family() {
            Family::NotDialed => "not_dialed",
            Family::NotConnected => "not_connected",
            Family::Connected => "connected",
        }
        .into(),
        zh: d.zh().into(),
        en: crate::campaign::export::english(*d).into(),
    };
    Json(Disposition::ALL.iter().map(info).collect())
}

/// The tenant's campaign.
pub(super) async fn owned(web: &Web, tenant: TenantId, id: i64) -> Answer<CampaignRow> {
    let found = web.store.campaign_of(tenant, CampaignId(id)).await?;
    found.ok_or_else(|| Refusal::not_found("such campaign"))
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Drive {
    Start,
    Pause,
    Resume,
    Stop,
}

impl Drive {
    const fn action(self) -> &'static str {
        match self {
            Drive::Start => "campaigns.start",
            Drive::Pause => "campaigns.pause",
            Drive::Resume => "campaigns.resume",
            Drive::Stop => "campaigns.stop",
        }
    }
}

async fn drive(web: &Web, who: &Who, id: i64, how: Drive) -> Answer<Json<CampaignView>> {
    let row = owned(web, who.tenant, id).await?;
    let runs = !matches!(row.state, CampaignState::Stopped | CampaignState::Finished);
    let to = match how {
        Drive::Start => CampaignState::Running,
        Drive::Stop => CampaignState::Stopped,
        Drive::Resume if runs => CampaignState::Running,
        Drive::Pause if runs => CampaignState::Paused,
        Drive::Resume => {
            return Err(Refusal::conflict(
                "stopped",
                "the campaign is stopped; start it instead",
            ));
        }
        Drive::Pause => {
            return Err(Refusal::conflict(
                "stopped",
                "the campaign does not run, so there is nothing to pause",
            ));
        }
    };
    if how == Drive::Start {
        settings::ready(web, &row).await?;
    }
    let (action, object) = (how.action(), format!("campaign:{}", row.id.0));
    web.audit(
        who,
        action,
        object,
        serde_json::json!({"name": row.settings.name}),
    )
    .await?;
    match &web.manager {
        Some(manager) => {
            let done = match to {
                // It goes on getting ready by itself, and the view says so.
                CampaignState::Running => tokio::time::timeout(PATIENCE, manager.start(row.id))
                    .await
                    .unwrap_or(Ok(())),
                CampaignState::Paused => manager.pause(row.id).await,
                _ => manager.stop(row.id).await,
            };
            done.map_err(|e| match e {
                ManagerError::NotReady(why) => Refusal::conflict("not_ready", why),
                ManagerError::Store(e) => e.into(),
            })?;
        }
        None => web.store.campaign_set_state(row.id, to).await?,
    }
    web.campaigns.touch(row.tenant, row.id);
    whole(web, owned(web, who.tenant, id).await?).await
}
