//! Outgoing webhooks: where other programs want to be told what happened.

mod deliveries;

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, Refusal};
use super::guard::Who;
use crate::campaign::webhook::guard::Guard;
use crate::campaign::webhook::sign;
use crate::store::{Hook, HookChange, HookState, NewHook, outbox};
use axum::Json;
use axum::extract::{Path, State as Server};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/webhooks", May::WebhooksEdit),
    Rule::may("POST", "/webhooks", May::WebhooksEdit),
    Rule::may("PATCH", "/webhooks/{hook}", May::WebhooksEdit),
    Rule::may("DELETE", "/webhooks/{hook}", May::WebhooksEdit),
    Rule::may("POST", "/webhooks/{hook}/secret", May::WebhooksEdit),
    Rule::may("GET", "/webhooks/{hook}/deliveries", May::WebhooksEdit),
    Rule::may("POST", "/webhooks/{hook}/replay", May::WebhooksEdit),
    Rule::may("POST", "/webhooks/{hook}/test", May::WebhooksEdit),
];

/// How long the secret before signs beside a new one.
const OVERLAP_MS: i64 = 86_400_000;
/// How long the name of a new webhook's host is looked for.
const LOOK_UP: Duration = Duration::from_secs(3);
/// A tenant's webhooks.
const MOST: usize = 50;

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(change, delete))
        .routes(routes!(rotate))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::replay))
        .routes(routes!(deliveries::test))
}

/// What these routes keep between requests.
#[derive(Default)]
pub struct State {
    /// Where webhooks may go; the sender has the same one.
    pub guard: Guard,
}

/// One webhook.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 2, "url": "https://crm.example/hook", "events": ["call.ended", "lead.graded_hot"], "active": true, "state": "active", "problem": null, "created_by": "lin", "created_unix_ms": 1_790_000_000_000_i64, "waiting": 0, "failed": 0}))]
struct Webhook {
    id: i64,
    url: String,
    events: Vec<String>,
    active: bool,
    /// `active`, `paused` (messages wait), `gone` (the receiver answered 410).
    state: &'static str,
    problem: Option<String>,
    created_by: String,
    created_unix_ms: i64,
    /// Deliveries that wait, and that were given up.
    waiting: u64,
    failed: u64,
}

impl From<Hook> for Webhook {
    fn from(hook: Hook) -> Webhook {
        Webhook {
            id: hook.id,
            url: hook.url,
            events: hook.events,
            active: hook.state == HookState::Active,
            state: hook.state.code(),
            problem: hook.problem,
            created_by: hook.created_by,
            created_unix_ms: hook.created_unix_ms,
            waiting: hook.waiting,
            failed: hook.failed,
        }
    }
}

/// The tenant's webhooks.
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", responses((status = 200, body = [Webhook])))]
async fn list(Server(web): Server<Web>, who: Who) -> Answer<Json<Vec<Webhook>>> {
    let hooks = web.store.webhooks(who.tenant, None).await?;
    Ok(Json(hooks.into_iter().map(Webhook::from).collect()))
}

/// A webhook to be.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"url": "https://crm.example/hook", "events": ["call.ended", "lead.graded_hot"]}))]
struct NewWebhook {
    url: String,
    /// `call.ended`, `lead.graded_hot`, `lead.opted_out`, `callback.requested`, `campaign.finished`.
    events: Vec<String>,
}

/// A new webhook with its secret.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"hook": {"id": 2, "url": "https://crm.example/hook", "events": ["call.ended"], "active": true, "state": "active", "problem": null, "created_by": "lin", "created_unix_ms": 1_790_000_000_000_i64, "waiting": 0, "failed": 0}, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}))]
struct Created {
    hook: Webhook,
    /// Shown this once.
    secret: String,
}

/// Add a webhook. The secret in the answer is shown once.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", description = include_str!("webhooks/guide.md"), request_body = NewWebhook, responses((status = 201, body = Created), (status = 422, description = "an address that webhooks may not reach, or an unknown event")))]
async fn create(
    Server(web): Server<Web>,
    who: Who,
    Json(new): Json<NewWebhook>,
) -> Answer<(StatusCode, Json<Created>)> {
    let events = known(new.events)?;
    may_go(&web, &new.url).await?;
    if web.store.webhooks(who.tenant, None).await?.len() >= MOST {
        return Err(Refusal::conflict(
            "too_many",
            format!("there are {MOST} webhooks already; delete one that is not needed"),
        ));
    }
    let (kept, secret) = fresh();
    let new = NewHook {
        url: new.url,
        events,
        secret: kept,
        by: who.name.clone(),
    };
    let id = web.store.webhook_create(who.tenant, &new).await?;
    let detail = json!({"url": new.url, "events": new.events});
    web.audit(&who, "webhooks.create", format!("webhook:{id}"), detail)
        .await?;
    let hook = one(&web, &who, id).await?;
    Ok((StatusCode::CREATED, Json(Created { hook, secret })))
}

/// What is to change.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"active": false}))]
struct Change {
    url: Option<String>,
    events: Option<Vec<String>>,
    /// `false`: messages wait until it is switched on again.
    active: Option<bool>,
}

/// Change a webhook. Switching on one that is gone tries it again.
#[utoipa::path(patch, path = "/webhooks/{hook}", tag = "webhooks", params(("hook" = i64, Path, example = 2)), request_body = Change, responses((status = 200, body = Webhook)))]
async fn change(
    Server(web): Server<Web>,
    who: Who,
    Path(id): Path<i64>,
    Json(wish): Json<Change>,
) -> Answer<Json<Webhook>> {
    if let Some(url) = &wish.url {
        may_go(&web, url).await?;
    }
    let change = HookChange {
        url: wish.url,
        events: wish.events.map(known).transpose()?,
        active: wish.active,
    };
    if !web.store.webhook_change(who.tenant, id, &change).await? {
        return Err(Refusal::not_found("such webhook"));
    }
    let detail = json!({"url": change.url, "events": change.events, "active": change.active});
    web.audit(&who, "webhooks.change", format!("webhook:{id}"), detail)
        .await?;
    Ok(Json(one(&web, &who, id).await?))
}

/// Take a webhook away, with everything that waits for it.
#[utoipa::path(delete, path = "/webhooks/{hook}", tag = "webhooks", params(("hook" = i64, Path, example = 2)), responses((status = 204)))]
async fn delete(Server(web): Server<Web>, who: Who, Path(id): Path<i64>) -> Answer<StatusCode> {
    if !web.store.webhook_delete(who.tenant, id).await? {
        return Err(Refusal::not_found("such webhook"));
    }
    web.audit(&who, "webhooks.delete", format!("webhook:{id}"), json!({}))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "old_signs_until_unix_ms": 1_790_086_400_000_i64}))]
struct Rotated {
    /// Shown this once.
    secret: String,
    /// Until then each message carries a signature of the secret before as well.
    old_signs_until_unix_ms: i64,
}

/// Give a webhook a new secret. For a day the one before signs beside it, so that no message is lost while you change it.
#[utoipa::path(post, path = "/webhooks/{hook}/secret", tag = "webhooks", params(("hook" = i64, Path, example = 2)), responses((status = 200, body = Rotated)))]
async fn rotate(Server(web): Server<Web>, who: Who, Path(id): Path<i64>) -> Answer<Json<Rotated>> {
    let (kept, secret) = fresh();
    let until = web.clock.unix_ms() + OVERLAP_MS;
    if !web
        .store
        .webhook_rotate(who.tenant, id, &kept, until)
        .await?
    {
        return Err(Refusal::not_found("such webhook"));
    }
    web.audit(&who, "webhooks.secret", format!("webhook:{id}"), json!({}))
        .await?;
    Ok(Json(Rotated {
        secret,
        old_signs_until_unix_ms: until,
    }))
}

async fn one(web: &Web, who: &Who, id: i64) -> Answer<Webhook> {
    let hooks = web.store.webhooks(who.tenant, Some(id)).await?;
    let hook = hooks.into_iter().next();
    hook.map(Webhook::from)
        .ok_or_else(|| Refusal::not_found("such webhook"))
}

fn fresh() -> (String, String) {
    sign::secret_of(&rand::random::<[u8; 32]>())
}

fn known(events: Vec<String>) -> Answer<Vec<String>> {
    let mut wanted: Vec<String> = Vec::new();
    for event in events {
        if !outbox::EVENTS.contains(&event.as_str()) {
            let known = outbox::EVENTS.join(", ");
            let why = format!("{event:?} is no event; there are {known}");
            return Err(Refusal::field("events", why));
        }
        if !wanted.contains(&event) {
            wanted.push(event);
        }
    }
    if wanted.is_empty() {
        return Err(Refusal::field("events", "name at least one"));
    }
    Ok(wanted)
}

/// Checks the address now; the sender checks it again each time. A name that cannot be found now is let through.
async fn may_go(web: &Web, url: &str) -> Answer<()> {
    let guard = &web.webhooks.guard;
    let wrong = |e| Refusal::field("url", e);
    let place = guard.place(url).map_err(wrong)?;
    let found: Vec<SocketAddr> = match place.literal() {
        Some(ip) => vec![SocketAddr::new(ip, place.port)],
        None => {
            let look_up = tokio::net::lookup_host((place.host.clone(), place.port));
            match tokio::time::timeout(LOOK_UP, look_up).await {
                Ok(Ok(found)) => found.collect(),
                Ok(Err(_)) | Err(_) => return Ok(()),
            }
        }
    };
    guard.addresses(&place, &found).map_err(wrong)
}
