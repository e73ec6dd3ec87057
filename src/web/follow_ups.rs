//! What was promised for later: follow-ups over all campaigns.

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, Refusal};
use super::calls::Page;
use super::guard::Who;
use crate::store::FollowUpItem;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/follow_ups", May::FollowUpsView),
    Rule::may("POST", "/follow_ups/{follow_up}/done", May::FollowUpsEdit),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(done))
}

/// Something to do about a lead later.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 7, "lead": 41, "name": "王芳", "phone": "+8613*******00", "due_unix_ms": 1_805_000_000_000_i64, "campaign": "baby-goods", "reason": "宝宝半岁", "done_unix_ms": null}))]
pub(super) struct FollowUp {
    id: i64,
    lead: i64,
    name: Option<String>,
    /// Masked.
    phone: String,
    due_unix_ms: i64,
    campaign: String,
    reason: String,
    done_unix_ms: Option<i64>,
}

impl From<FollowUpItem> for FollowUp {
    fn from(item: FollowUpItem) -> FollowUp {
        FollowUp {
            id: item.id,
            lead: item.row.lead.0,
            name: item.row.name,
            phone: item.row.phone.to_string(),
            due_unix_ms: item.row.due_unix_ms,
            campaign: item.row.campaign,
            reason: item.row.reason,
            done_unix_ms: item.done_unix_ms,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct FollowUps {
    items: Vec<FollowUp>,
    next: Option<String>,
}

/// Open follow-ups by their time, then those done. One becomes a lead of its campaign by itself when it is due.
#[utoipa::path(get, path = "/follow_ups", tag = "contacts", params(Page), responses((status = 200, body = FollowUps)))]
async fn list(
    State(web): State<Web>,
    who: Who,
    Query(page): Query<Page>,
) -> Answer<Json<FollowUps>> {
    let after = page
        .after::<3>()?
        .map(|[done, due, id]| (done != 0, due, id));
    let items = web
        .store
        .follow_ups(who.tenant, None, after, page.limit())
        .await?;
    let cursor = |item: &FollowUpItem| {
        let done = i64::from(item.done_unix_ms.is_some());
        format!("{done}.{}.{}", item.row.due_unix_ms, item.id)
    };
    Ok(Json(FollowUps {
        next: page.next(&items, cursor),
        items: items.into_iter().map(FollowUp::from).collect(),
    }))
}

/// Mark a follow-up as done: it will not become a lead.
#[utoipa::path(post, path = "/follow_ups/{follow_up}/done", tag = "contacts", params(("follow_up" = i64, Path, example = 7)), responses((status = 204), (status = 409, description = "it was done before")))]
async fn done(State(web): State<Web>, who: Who, Path(id): Path<i64>) -> Answer<StatusCode> {
    if !web.store.follow_up_done(who.tenant, id).await? {
        return Err(Refusal::conflict("done", "this follow-up was done before"));
    }
    web.audit(
        &who,
        "follow_ups.done",
        format!("follow_up:{id}"),
        json!({}),
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
