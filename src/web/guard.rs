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
use tokio::sync::watch;
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

    fn may_as_much(&self, now: &Who) -> bool {
        (self.role, self.tenant, &self.may) == (now.role, now.tenant, &now.may)
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
        Ok((request, again)) => {
            let answer = bounded(rule, next.run(request)).instrument(span.clone());
            let response = reply::as_json(answer.await).await;
            match again {
                Some(again) => again.until_it_fails(response),
                None => response,
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

/// Everything that is checked before the handler runs; for a stream also what goes on checking.
async fn pass(
    web: &Web,
    rule: Option<&'static Rule>,
    path: &str,
    request: Request,
) -> Result<(Request, Option<Again>), Refusal> {
    let rule = rule.ok_or_else(|| Refusal::forbidden("closed", "this route has no rule"))?;
    let (mut parts, body) = request.into_parts();
    let mut again = None;
    if rule.need == Need::Open {
        origin::own_page(web, &parts)?;
    } else {
        // Before the judgement, so that nothing taken away from here on is missed.
        let people = web.account.people.subscribe();
        let who = judge(web, rule, path, &mut parts, true).await?;
        if rule.limit.is_none() {
            again = Some(Again {
                web: web.clone(),
                rule,
                path: path.to_string(),
                parts: parts.clone(),
                who: who.clone(),
                people,
            });
        }
        parts.extensions.insert(who);
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
    Ok((request.with_limited_body(), again))
}

/// Who it is and that they may; `seen` when it is a person's doing and not the program asking again.
async fn judge(
    web: &Web,
    rule: &Rule,
    path: &str,
    parts: &mut Parts,
    seen: bool,
) -> Result<Who, Refusal> {
    origin::own_page(web, parts)?;
    let proof = Proof::of(&parts.headers)?;
    let known = identity::known(web, &proof, seen).await?;
    origin::token(parts, &proof)?;
    let platform = known.home.platform;
    let who = known.acting(web, parts).await?;
    permitted(rule, &who, platform)?;
    let params = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_| Refusal::not_found("such object"))?;
    objects::owned(web, &who, path, params.iter()).await?;
    Ok(who)
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

/// What let a stream begin, asked again whenever somebody lost a right.
struct Again {
    web: Web,
    rule: &'static Rule,
    path: String,
    parts: Parts,
    who: Who,
    people: watch::Receiver<u64>,
}

impl Again {
    /// The response, ended when the answer would be another one now: the session or key is over, the role changed, the
    /// tenant may no longer be acted for, the call is another agent's. The reader comes back with what it may then.
    fn until_it_fails(mut self, response: Response) -> Response {
        let over = async move {
            let stop = self.web.stop.clone();
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    changed = self.people.changed() => if changed.is_err() { return },
                    () = tokio::time::sleep(ASK_AGAIN) => {}
                }
                match judge(&self.web, self.rule, &self.path, &mut self.parts, false).await {
                    Ok(who) if self.who.may_as_much(&who) => {}
                    // The database is busy: that takes nobody's right away.
                    Err(refusal) if refusal.status.is_server_error() => {}
                    Ok(_) | Err(_) => return,
                }
            }
        };
        response.map(|body| Body::from_stream(body.into_data_stream().take_until(Box::pin(over))))
    }
}
