//! What was sent to a webhook, what waits, and sending it again.

use crate::store::DeliveryRow;
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use crate::web::calls::Page;
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// One message on its way to one webhook.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 91, "message": "msg_5f1d…", "event": "call.ended", "call": "c19a2b-77aa01ff", "at_unix_ms": 1_790_000_000_000_i64, "attempts": 2, "status": "waiting", "last_error": "status 503", "next_unix_ms": 1_790_000_030_000_i64}))]
struct Delivery {
    id: i64,
    /// Its webhook-id.
    message: String,
    event: String,
    call: Option<String>,
    at_unix_ms: i64,
    attempts: u32,
    /// `waiting`, `done`, `failed`.
    status: String,
    last_error: Option<String>,
    next_unix_ms: Option<i64>,
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Delivery {
        Delivery {
            id: row.id,
            message: row.message,
            event: row.event,
            call: row.call,
            at_unix_ms: row.at_unix_ms,
            attempts: row.attempts,
            status: row.status,
            last_error: row.last_error,
            next_unix_ms: row.next_unix_ms,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Deliveries {
    items: Vec<Delivery>,
    next: Option<String>,
}

/// A webhook's deliveries, the newest first. Delivered ones are kept for 30 days.
#[utoipa::path(get, path = "/webhooks/{hook}/deliveries", tag = "webhooks", params(("hook" = i64, Path, example = 2), Page), responses((status = 200, body = Deliveries)))]
pub(super) async fn list(
    State(web): State<Web>,
    who: Who,
    Path(hook): Path<i64>,
    Query(page): Query<Page>,
) -> Answer<Json<Deliveries>> {
    let before = page.after::<1>()?.map(|[id]| id);
    let rows = web
        .store
        .deliveries(who.tenant, hook, before, page.limit())
        .await?;
    Ok(Json(Deliveries {
        next: page.next(&rows, |r| r.id.to_string()),
        items: rows.into_iter().map(Delivery::from).collect(),
    }))
}

/// What to send again: one delivery, or everything since a time.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"delivery": 91}))]
pub(super) struct Replay {
    delivery: Option<i64>,
    since_unix_ms: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"deliveries": 1}))]
pub(super) struct Replayed {
    deliveries: u64,
}

/// Send deliveries again, with the same bodies and ids.
#[utoipa::path(post, path = "/webhooks/{hook}/replay", tag = "webhooks", params(("hook" = i64, Path, example = 2)), request_body = Replay, responses((status = 200, body = Replayed), (status = 422)))]
pub(super) async fn replay(
    State(web): State<Web>,
    who: Who,
    Path(hook): Path<i64>,
    Json(wish): Json<Replay>,
) -> Answer<Json<Replayed>> {
    if wish.delivery.is_none() && wish.since_unix_ms.is_none() {
        return Err(Refusal::field(
            "delivery",
            "name a delivery, or since_unix_ms for all from that time on",
        ));
    }
    let deliveries = web
        .store
        .webhook_replay(who.tenant, hook, wish.delivery, wish.since_unix_ms)
        .await?;
    if wish.delivery.is_some() && deliveries == 0 {
        return Err(Refusal::not_found("such delivery"));
    }
    let detail = json!({"delivery": wish.delivery, "since_unix_ms": wish.since_unix_ms});
    web.audit(&who, "webhooks.replay", format!("webhook:{hook}"), detail)
        .await?;
    Ok(Json(Replayed { deliveries }))
}

/// Send a `webhook.test` message; look at the deliveries for what became of it.
#[utoipa::path(post, path = "/webhooks/{hook}/test", tag = "webhooks", params(("hook" = i64, Path, example = 2)), responses((status = 202)))]
pub(super) async fn test(
    State(web): State<Web>,
    who: Who,
    Path(hook): Path<i64>,
) -> Answer<StatusCode> {
    if web.store.webhooks(who.tenant, Some(hook)).await?.is_empty() {
        return Err(Refusal::not_found("such webhook"));
    }
    web.store.webhook_test(who.tenant, hook).await?;
    Ok(StatusCode::ACCEPTED)
}
