//! Live calls: the wall and the stream of what happens.

mod stream;

use super::Web;
use super::access::{May, Need, Rule};
use super::answer::{Answer, Refusal};
use super::guard::Who;
use crate::desk::board::Card;
use crate::terms::CallId;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::new("GET", "/health", Need::Open),
    Rule::may("GET", "/live/calls", May::LiveView),
    Rule::new("GET", "/live/events", Need::Account).stream(),
    Rule::may("GET", "/live/calls/{call}/events", May::CallsFollow).stream(),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(live_calls))
        .routes(routes!(events))
        .routes(routes!(call_events))
}

#[derive(Serialize, ToSchema)]
struct Health {
    ok: bool,
    live: usize,
}

/// Whether the server works.
#[utoipa::path(get, path = "/health", tag = "live", responses((status = 200, body = Health)))]
async fn health(State(web): State<Web>) -> Json<Health> {
    Json(Health {
        ok: true,
        live: web.registry.live(),
    })
}

/// All live calls of the tenant.
#[derive(Serialize, ToSchema)]
struct Wall {
    calls: Vec<Card>,
    now_unix_ms: i64,
}

/// The live calls as cards.
#[utoipa::path(get, path = "/live/calls", tag = "live", responses((status = 200, body = Wall)))]
async fn live_calls(State(web): State<Web>, who: Who) -> Answer<Json<Wall>> {
    Ok(Json(Wall {
        calls: web.board.cards(who.tenant),
        now_unix_ms: web.clock.unix_ms(),
    }))
}

/// What changes, as server-sent events.
///
/// `cards` (changed calls, at most four times a second), `gone` (calls that ended), `campaign`, `job`, `agents`, and for
/// an agent `offer`, `offer_gone` and `desk`. `resync`: something was missed, fetch anew. What somebody may not see is
/// not sent.
#[utoipa::path(get, path = "/live/events", tag = "live", responses((status = 200, content_type = "text/event-stream")))]
async fn events(
    State(web): State<Web>,
    who: Who,
) -> Sse<impl Stream<Item = Result<Event, axum::Error>>> {
    Sse::new(stream::of_tenant(web, who)).keep_alive(KeepAlive::default())
}

/// Everything that happens in one call, from its beginning.
///
/// `event` is one thing that happened, as the journal keeps it: `{seq, at, kind, …}`, `at` in ms since the first INVITE.
/// `end`: the call is over.
#[utoipa::path(get, path = "/live/calls/{call}/events", tag = "live", params(("call" = String, Path)),
    responses((status = 200, content_type = "text/event-stream"), (status = 404)))]
async fn call_events(
    State(web): State<Web>,
    Path(call): Path<String>,
) -> Answer<Sse<impl Stream<Item = Result<Event, axum::Error>>>> {
    let call = CallId(call);
    let stream = stream::of_call(&web, &call)
        .await?
        .ok_or_else(|| Refusal::not_found("such call"))?;
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}
