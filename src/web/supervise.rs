//! What supervisors do to live calls.

use super::Web;
use super::access::Rule;
use utoipa_axum::router::OpenApiRouter;

pub const RULES: &[Rule] = &[];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
}
