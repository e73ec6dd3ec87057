//! Users, API keys, the audit log, tenants.

mod audit;
mod keys;
mod tenants;
mod users;

pub use super::account::{add_person, demo_links, first_link, invite};
pub use tenants::Tenant;
pub use users::User;

use super::Web;
use super::access::{May, Need, Rule};
use super::answer::Refusal;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/users", May::UsersEdit),
    Rule::may("POST", "/users", May::UsersEdit),
    Rule::may("PATCH", "/users/{user}", May::UsersEdit),
    Rule::may("POST", "/users/{user}/link", May::UsersEdit),
    Rule::may("GET", "/keys", May::KeysEdit),
    Rule::may("POST", "/keys", May::KeysEdit),
    Rule::may("DELETE", "/keys/{key}", May::KeysEdit),
    Rule::may("GET", "/audit", May::AuditView),
    Rule::may("GET", "/audit/verify", May::AuditView),
    Rule::new("GET", "/tenants", Need::Platform(May::TenantsEdit)),
    Rule::new("POST", "/tenants", Need::Platform(May::TenantsEdit)),
    Rule::new(
        "PATCH",
        "/tenants/{tenant}",
        Need::Platform(May::TenantsEdit),
    ),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .merge(users::routes())
        .merge(keys::routes())
        .merge(audit::routes())
        .merge(tenants::routes())
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// At most 500.
    #[param(example = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

impl Page {
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(50).clamp(1, 500)
    }

    /// The row after which to go on.
    fn after(&self) -> Result<Option<i64>, Refusal> {
        let wrong = |_| Refusal::field("after", "give the `next` of the page before");
        self.after
            .as_deref()
            .map(|a| a.parse().map_err(wrong))
            .transpose()
    }

    /// The cursor of the next page, when this one is full.
    fn next(&self, rows: usize, last: Option<i64>) -> Option<String> {
        (rows == self.limit() as usize)
            .then_some(last)?
            .map(|id| id.to_string())
    }
}

/// Where people reach this server, as links to it begin.
struct BaseUrl(String);

impl FromRequestParts<Web> for BaseUrl {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<BaseUrl, Refusal> {
        if let Some(url) = &web.account.settings.public_url {
            return Ok(BaseUrl(url.clone()));
        }
        let host = parts
            .headers
            .get(header::HOST)
            .and_then(|v| v.to_str().ok());
        Ok(BaseUrl(format!("http://{}", host.unwrap_or("localhost"))))
    }
}
