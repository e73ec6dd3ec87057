//! Live calls: the wall and the stream of what happens.

use super::Web;
use super::access::{May, Need, Rule};
use super::answer::Answer;
use super::guard::Who;
use crate::desk::board::Card;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::new("GET", "/health", Need::Open),
    Rule::may("GET", "/live/calls", May::LiveView),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(live_calls))
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
