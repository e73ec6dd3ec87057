//! The one layer every request passes: who is it, may they, and is the object theirs.

use super::Web;
use super::access::{Need, Role, rule_of};
use super::answer::Refusal;
use crate::store::TenantId;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Who makes a request, in every handler as an argument.
#[derive(Clone, Debug)]
pub struct Who {
    /// The user's row; for an API key, the user who made it.
    pub user: i64,
    /// The API key's row, when one is used.
    pub key: Option<i64>,
    /// As it stands in the audit log and beside live calls.
    pub name: String,
    pub role: Role,
    /// The tenant that is acted for; every query is of this tenant.
    pub tenant: TenantId,
    /// The tenant of the account itself.
    pub home: TenantId,
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Who, Refusal> {
        parts
            .extensions
            .get::<Who>()
            .cloned()
            .ok_or_else(|| Refusal::forbidden("closed", "this route has no rule"))
    }
}

/// Lets a request through or answers it.
pub async fn guard(State(_web): State<Web>, request: Request, next: Next) -> Response {
    let rule = request
        .extensions()
        .get::<MatchedPath>()
        .and_then(|path| rule_of(request.method().as_str(), path.as_str()));
    match rule.map(|r| r.need) {
        Some(Need::Open) => next.run(request).await,
        _ => Refusal::forbidden("closed", "this route has no rule").into_response(),
    }
}
