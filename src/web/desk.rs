//! The agent's desk: presence, audio line, offers, screen-pop, wrap-up, tasks.

use super::Web;
use super::access::Rule;
use utoipa_axum::router::OpenApiRouter;

pub const RULES: &[Rule] = &[];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
}

/// What these routes keep between requests.
#[derive(Default)]
pub struct State {}
