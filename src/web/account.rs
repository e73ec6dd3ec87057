//! Logging in and out: sessions, one-time links, passwords.

mod links;
pub mod passwords;
pub mod secret;
mod state;
mod throttle;

pub(in crate::web) use links::invitation;
pub use links::{DEMO_PEOPLE, add_person, demo_links, first_link, invite};
pub use state::{AgentMay, Owners, Settings, State, TERM};

use super::Web;
use super::access::{May, Need, Role, Rule};
use super::answer::{Answer, Refusal};
use super::guard::Who;
use super::guard::identity::{self, COOKIE};
use super::people::{Tenant, User};
use crate::store::{Account, AuditEntry, TenantRow};
use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::IpAddr;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::new("POST", "/session", Need::Open),
    Rule::new("GET", "/session", Need::Account),
    Rule::new("DELETE", "/session", Need::Account),
    Rule::new("POST", "/session/link", Need::Open),
    Rule::new("POST", "/session/password", Need::Account),
    Rule::may("GET", "/openapi.json", May::ApiRead),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(log_in, me, log_out))
        .routes(routes!(by_link))
        .routes(routes!(change_password))
        .routes(routes!(openapi))
}

/// Who is logged in, what they may do, and for whom.
#[derive(Serialize, ToSchema)]
pub struct Me {
    pub user: User,
    /// The tenant that is acted for.
    pub tenant: Tenant,
    /// The tenants that may be acted for.
    pub tenants: Vec<Tenant>,
    /// To be sent as `X-CSRF-Token`; empty with an API key, which needs none.
    pub csrf: String,
    /// Permissions.
    #[schema(example = json!(["live.view", "calls.listen"]))]
    pub may: Vec<&'static str>,
    /// The demo is running.
    pub demo: bool,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "lin", "password": "purple tram under rain"}))]
struct LogIn {
    name: String,
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"token": "mB1c…", "password": "purple tram under rain"}))]
struct ByLink {
    /// What follows `/#/link/`.
    token: String,
    /// The new password; a demo's link needs none.
    password: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"old": "purple tram under rain", "new": "green boat over snow"}))]
struct ChangePassword {
    old: String,
    new: String,
}

/// What login routes know of a request beside its body.
struct Caller {
    address: Option<IpAddr>,
    cookie: Option<String>,
}

impl FromRequestParts<Web> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Caller, Refusal> {
        Ok(Caller {
            address: identity::address(web, parts),
            cookie: identity::cookie(&parts.headers).map(str::to_string),
        })
    }
}

/// Log in with name and password.
///
/// Every login gets a new session; who keeps failing waits longer each time.
#[utoipa::path(post, path = "/session", tag = "session", request_body = LogIn, responses(
    (status = 200, body = Me, description = "Logged in; the cookie `callsmith` is set"),
    (status = 401, description = "No such name, wrong password, or locked out"),
    (status = 429, description = "Too many tries; see Retry-After"),
))]
async fn log_in(
    Extract(web): Extract<Web>,
    caller: Caller,
    Json(body): Json<LogIn>,
) -> Answer<Response> {
    let name = body.name.trim().to_lowercase();
    let now = web.clock.unix_ms();
    let attempt = web
        .account
        .throttle
        .enter(Some(&name), caller.address, now)
        .map_err(Refusal::wait)?;
    let found = web.store.account_named(&name).await?;
    let (account, kept) = match found {
        Some((account, kept)) => (Some(account), kept),
        None => (None, None),
    };
    let right = web.account.passwords.verify(&body.password, kept).await?;
    let account = account.filter(|a| right && a.open());
    let Some(account) = account else {
        // One line when the waiting begins: a flood must not fill the disk.
        if attempt.last_free {
            tracing::warn!(address = ?caller.address, "logins keep failing and must wait now");
        }
        return Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "wrong_login",
            "name or password is wrong, or the account is locked; your admin can send a new link",
        ));
    };
    web.account.throttle.passed(&attempt);
    enter(&web, account, caller.cookie.as_deref(), "password").await
}

/// Log in by a one-time link: the first start's, an invitation's, a demo's.
#[utoipa::path(post, path = "/session/link", tag = "session", request_body = ByLink, responses(
    (status = 200, body = Me),
    (status = 404, description = "The link was used, is too old, or never was"),
    (status = 422, description = "`password_needed`: ask for a new password and send it along"),
))]
async fn by_link(
    Extract(web): Extract<Web>,
    caller: Caller,
    Json(body): Json<ByLink>,
) -> Answer<Response> {
    let attempt = web
        .account
        .throttle
        .enter(None, caller.address, web.clock.unix_ms())
        .map_err(Refusal::wait)?;
    let gone = || {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "link_gone",
            "this link was used before or is older than a day; ask your admin for a new one",
        )
    };
    let hash = secret::hash(&body.token);
    let link = web.store.link(&hash).await?.ok_or_else(gone)?;
    let is_demo = link.kind == links::DEMO;
    if !link.account.open() || (is_demo && !web.demo) {
        return Err(gone());
    }
    web.account.throttle.passed(&attempt);
    let user = &link.account.user;
    if !is_demo {
        let Some(password) = body.password.filter(|p| !p.is_empty()) else {
            return Err(Refusal::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "password_needed",
                "choose a password",
            )
            .with_detail(json!({"name": user.name, "kind": link.kind})));
        };
        passwords::judge("password", &password, &user.name)?;
        let kept = web.account.passwords.hash(&password).await?;
        let witness = did(&link.account, "session.password", json!({"by": link.kind}));
        if !web.store.link_use(&hash, &kept, &witness).await? {
            return Err(gone());
        }
        web.account.people_changed();
    }
    enter(&web, link.account, caller.cookie.as_deref(), &link.kind).await
}

/// Who is logged in.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Me)))]
async fn me(Extract(web): Extract<Web>, who: Who, caller: Caller) -> Answer<Json<Me>> {
    let csrf = match who.key {
        Some(_) => String::new(),
        None => secret::csrf(caller.cookie.as_deref().unwrap_or_default()),
    };
    let account = web.store.account(who.user).await?;
    let account = account.ok_or_else(|| Refusal::unauthorized("log in first"))?;
    let acting = web.store.tenant(who.tenant).await?;
    let acting = acting.ok_or_else(|| Refusal::not_found("such tenant"))?;
    let mut me = describe(&web, account, &who, csrf).await?;
    me.tenant = acting.into();
    Ok(Json(me))
}

/// Log out.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204)))]
async fn log_out(Extract(web): Extract<Web>, who: Who, caller: Caller) -> Answer<Response> {
    if who.key.is_some() {
        return Err(Refusal::conflict(
            "key",
            "an API key has no session; revoke it instead",
        ));
    }
    if let Some(cookie) = &caller.cookie {
        let witness = who.did("session.close", object(&who.name), json!({}));
        web.store
            .session_close(&secret::hash(cookie), &witness)
            .await?;
        web.account.people_changed();
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&web, response.headers_mut(), "", 0);
    Ok(response)
}

/// Change one's password. All other sessions end.
#[utoipa::path(post, path = "/session/password", tag = "session", request_body = ChangePassword, responses(
    (status = 200, body = Me, description = "Changed; this browser gets a new session"),
    (status = 422, description = "The old one is wrong or the new one too easy"),
))]
async fn change_password(
    Extract(web): Extract<Web>,
    who: Who,
    caller: Caller,
    Json(body): Json<ChangePassword>,
) -> Answer<Response> {
    if who.key.is_some() {
        return Err(Refusal::forbidden(
            "key",
            "an API key changes no password; log in",
        ));
    }
    let account = web.store.account(who.user).await?;
    let account = account.ok_or_else(|| Refusal::unauthorized("log in first"))?;
    let name = account.user.name.clone();
    let attempt = web
        .account
        .throttle
        .enter(Some(&name), caller.address, web.clock.unix_ms())
        .map_err(Refusal::wait)?;
    let kept = web.store.account_named(&name).await?.and_then(|(_, k)| k);
    if !web.account.passwords.verify(&body.old, kept).await? {
        return Err(Refusal::field("old", "this is not your password"));
    }
    web.account.throttle.passed(&attempt);
    passwords::judge("new", &body.new, &name)?;
    let kept = web.account.passwords.hash(&body.new).await?;
    let witness = did(&account, "session.password", json!({"by": "password"}));
    web.store.set_password(who.user, &kept, &witness).await?;
    web.account.people_changed();
    enter(&web, account, caller.cookie.as_deref(), "password").await
}

/// This API's description (OpenAPI 3.1).
///
/// `x-permission` and `x-roles` say who may use a route.
#[utoipa::path(get, path = "/openapi.json", tag = "session", responses((status = 200, content_type = "application/json")))]
async fn openapi(_who: Who) -> Response {
    let kind = (header::CONTENT_TYPE, "application/json");
    ([kind], super::access::document()).into_response()
}

/// Opens a new session, never the one that the browser brought along.
async fn enter(web: &Web, account: Account, before: Option<&str>, by: &str) -> Answer<Response> {
    let cookie = secret::fresh();
    let witness = did(&account, "session.open", json!({"by": by}));
    let before = before.map(secret::hash);
    web.store
        .session_open(
            account.user.id,
            &secret::hash(&cookie),
            before.as_deref(),
            &witness,
        )
        .await?;
    // A login is rare enough to carry the sweeping.
    web.store.sessions_sweep(TERM).await?;
    let role = Role::parse(&account.user.role).ok_or_else(Refusal::broken)?;
    let who = Who {
        user: account.user.id,
        key: None,
        name: account.user.name.clone(),
        role,
        tenant: account.tenant.id,
        home: account.tenant.id,
        may: identity::allowed(role, account.tenant.platform, None).into(),
    };
    let me = describe(web, account, &who, secret::csrf(&cookie)).await?;
    let mut response = Json(me).into_response();
    set_cookie(web, response.headers_mut(), &cookie, TERM.whole_ms / 1000);
    Ok(response)
}

async fn describe(web: &Web, account: Account, who: &Who, csrf: String) -> Answer<Me> {
    let acts = account.tenant.platform && matches!(who.role, Role::Admin | Role::Ops);
    let tenants: Vec<Tenant> = if acts {
        let all = web.store.tenants().await?.into_iter();
        let open = |t: &TenantRow| t.platform || (t.managed && !t.suspended);
        all.filter(open).map(Tenant::from).collect()
    } else {
        vec![account.tenant.clone().into()]
    };
    Ok(Me {
        user: account.user.try_into()?,
        tenant: account.tenant.into(),
        tenants,
        csrf,
        may: who.may.iter().map(|m| m.code()).collect(),
        demo: web.demo,
    })
}

fn set_cookie(web: &Web, headers: &mut HeaderMap, cookie: &str, seconds: i64) {
    let secure = if web.account.settings.https() {
        "; Secure"
    } else {
        ""
    };
    let text =
        format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(header::SET_COOKIE, value);
    }
}

fn did(account: &Account, action: &str, detail: serde_json::Value) -> AuditEntry {
    AuditEntry {
        tenant: account.tenant.id,
        who: account.user.name.clone(),
        role: account.user.role.clone(),
        action: action.into(),
        object: object(&account.user.name),
        detail,
    }
}

fn object(name: &str) -> String {
    format!("user:{name}")
}
