//! The one layer every request passes: who is it, may they, and is the object theirs.
//!
//! In this order, each closed by default: the route has a rule (403) · the browser's page is ours (403) · somebody is
//! logged in (401) · the page proves it with the CSRF word (403) · the role, and the key's scopes, allow it (403) · the
//! tenant may be acted for (403, 404) · every object in the path is that tenant's (404). Then the body's size and the
//! handler's time are bounded.

pub mod identity;
mod objects;
mod origin;
mod reply;

pub use objects::{Param, param};

use super::Web;
use super::access::{May, Need, Role, Rule, rule_of};
use super::answer::Refusal;
use crate::store::{AuditEntry, StoreError, TenantId};
use axum::RequestExt;
use axum::body::Body;
use axum::extract::{
    DefaultBodyLimit, FromRequestParts, MatchedPath, RawPathParams, Request, State,
};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{FutureExt, StreamExt};
use identity::Proof;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

/// Open streams ask at least this often whether they may go on: rights may be taken by another process.
const ASK_AGAIN: Duration = Duration::from_secs(30);
/// Who sends a little too much is heard out, so that a browser reads the refusal instead of a broken connection, bytes.
const HEARD_OUT: u64 = 32 << 20;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
    /// What the role allows, and with a key its scopes too.
    pub may: Arc<[May]>,
}

impl Who {
    /// Whether this is allowed, for handlers that show more to some than to others.
    #[must_use]
    pub fn may(&self, may: May) -> bool {
        self.may.contains(&may)
    }

    /// For handlers whose permission depends on what is asked for.
    ///
    /// # Errors
    /// 403.
    pub fn must(&self, may: May) -> Result<(), Refusal> {
        if self.may(may) {
            return Ok(());
        }
        Err(lacks(self, may))
    }

    /// What this person did, for the audit log. Store functions that change something write it in the same transaction.
    #[must_use]
    pub fn did(&self, action: &str, object: impl Into<String>, detail: Value) -> AuditEntry {
        AuditEntry {
            tenant: self.tenant,
            who: self.name.clone(),
            role: self.role.code().into(),
            action: action.into(),
            object: object.into(),
            detail,
        }
    }
}

impl Web {
    /// Writes into the audit log what somebody did that is not in the database itself: listening in, an export.
    ///
    /// # Errors
    /// It cannot be written: do not do the thing then.
    pub async fn audit(
        &self,
        who: &Who,
        action: &str,
        object: impl Into<String>,
        detail: Value,
    ) -> Result<(), StoreError> {
        self.store.audit(&who.did(action, object, detail)).await
    }
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
pub async fn guard(State(web): State<Web>, request: Request, next: Next) -> Response {
    let id = format!("{:08x}", rand::random::<u32>());
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("", MatchedPath::as_str);
    // The path as the router has it: what was typed may hold ids and, in its query, anything.
    let span = tracing::info_span!("http", id, %method, path);
    let rule = rule_of(method.as_str(), path);
    let mut response = match pass(&web, rule, path, request).await {
        Ok((request, proof)) => {
            let answer = bounded(rule, next.run(request)).instrument(span.clone());
            let response = reply::as_json(answer.await).await;
            match (proof, rule.is_some_and(|r| r.limit.is_none())) {
                (Some(proof), true) => until_revoked(&web, proof, response),
                _ => response,
            }
        }
        Err(refusal) => refusal.into_response(),
    };
    let status = response.status();
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), "a request failed");
        } else {
            tracing::debug!(status = status.as_u16(), "answered");
        }
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Everything that is checked before the handler runs.
async fn pass(
    web: &Web,
    rule: Option<&Rule>,
    path: &str,
    request: Request,
) -> Result<(Request, Option<Proof>), Refusal> {
    let rule = rule.ok_or_else(|| Refusal::forbidden("closed", "this route has no rule"))?;
    let (mut parts, body) = request.into_parts();
    origin::own_page(web, &parts)?;
    let mut proof = None;
    if rule.need != Need::Open {
        let shown = Proof::of(&parts.headers)?;
        let known = identity::known(web, &shown).await?;
        origin::token(&parts, &shown)?;
        let platform = known.home.platform;
        let who = known.acting(web, &parts).await?;
        permitted(rule, &who, platform)?;
        let params = RawPathParams::from_request_parts(&mut parts, &())
            .await
            .map_err(|_| Refusal::not_found("such object"))?;
        objects::owned(web, &who, path, params.iter()).await?;
        parts.extensions.insert(who);
        proof = Some(shown);
    }
    let length = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<u64>().ok())
        .unwrap_or(0);
    if length > rule.body_bytes {
        if length <= HEARD_OUT {
            body.into_data_stream().for_each(|_| async {}).await;
        }
        return Err(Refusal::too_big(rule.body_bytes));
    }
    let mut request = Request::from_parts(parts, body);
    let most = usize::try_from(rule.body_bytes).unwrap_or(usize::MAX);
    DefaultBodyLimit::max(most).apply(&mut request);
    Ok((request.with_limited_body(), proof))
}

/// The role's part of a rule.
fn permitted(rule: &Rule, who: &Who, platform: bool) -> Result<(), Refusal> {
    match rule.need {
        Need::Open | Need::Account => Ok(()),
        Need::May(may) => who.must(may),
        Need::Platform(_) if !platform => Err(Refusal::forbidden(
            "role",
            "only the platform's own people do this",
        )),
        Need::Platform(may) => who.must(may),
    }
}

fn lacks(who: &Who, may: May) -> Refusal {
    let words = if who.key.is_some() {
        format!("this API key may not do this ({})", may.code())
    } else {
        format!(
            "the role {} may not do this ({}); ask an admin",
            who.role.code(),
            may.code()
        )
    };
    Refusal::forbidden("role", words)
}

/// The handler's answer, in time, whatever it does.
async fn bounded(rule: Option<&Rule>, answer: impl Future<Output = Response>) -> Response {
    let answer = AssertUnwindSafe(answer).catch_unwind();
    let done = match rule.and_then(|r| r.limit) {
        None => Ok(answer.await),
        Some(limit) => tokio::time::timeout(limit, answer).await,
    };
    match done {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => Refusal::broken().into_response(),
        Err(_late) => Refusal::late().into_response(),
    }
}

/// A stream that ends when what let it begin no longer holds.
fn until_revoked(web: &Web, proof: Proof, response: Response) -> Response {
    let web = web.clone();
    let over = async move {
        let mut people = web.account.people.subscribe();
        loop {
            let stop = web.stop.clone();
            tokio::select! {
                () = stop.cancelled() => return,
                changed = people.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(ASK_AGAIN) => {}
            }
            if let Err(refusal) = identity::known(&web, &proof).await
                && refusal.status == axum::http::StatusCode::UNAUTHORIZED
            {
                return;
            }
        }
    };
    response.map(|body| Body::from_stream(body.into_data_stream().take_until(Box::pin(over))))
}
