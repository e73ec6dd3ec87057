//! Who makes a request: a browser with a cookie or a program with a key, read from the database every time, so that
//! what was taken away a moment ago is gone.

use super::super::Web;
use super::super::access::{May, Role};
use super::super::account::{TERM, secret};
use super::super::answer::Refusal;
use super::Who;
use crate::store::{Account, StoreError, TenantId, TenantRow};
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use std::net::{IpAddr, SocketAddr};

/// The session cookie's name.
pub const COOKIE: &str = "callsmith";
/// How every API key begins.
pub const KEY: &str = "csk_";
const TENANT: &str = "x-tenant";
/// "Last seen" and "last used" are written at most this often, ms.
const SEEN_EVERY_MS: i64 = 60_000;

/// What a request shows of itself.
#[derive(Clone, Debug)]
pub enum Proof {
    Cookie(String),
    Key(String),
}

impl Proof {
    /// # Errors
    /// There is none, or an `Authorization` that is no API key's.
    pub fn of(headers: &HeaderMap) -> Result<Proof, Refusal> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            // Never falls back to the cookie: who sends a key means the key.
            return value
                .to_str()
                .ok()
                .and_then(|v| v.strip_prefix("Bearer "))
                .map(str::trim)
                .filter(|key| key.starts_with(KEY))
                .map(|key| Proof::Key(key.to_string()))
                .ok_or_else(|| {
                    Refusal::unauthorized("give an API key: Authorization: Bearer csk_…")
                });
        }
        cookie(headers)
            .map(|c| Proof::Cookie(c.to_string()))
            .ok_or_else(|| Refusal::unauthorized("log in first"))
    }
}

/// The session cookie, if one was sent.
#[must_use]
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

/// Where a request comes from; `None` when the server was not told.
#[must_use]
pub fn address(web: &Web, parts: &Parts) -> Option<IpAddr> {
    if web.account.settings.behind_proxy {
        let last = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.rsplit(',').next());
        if let Some(address) = last.and_then(|a| a.trim().parse().ok()) {
            return Some(address);
        }
    }
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip())
}

/// Somebody the server knows, before it is asked what they may do here.
#[derive(Clone, Debug)]
pub struct Known {
    pub account: Account,
    pub role: Role,
    /// The API key's row and name.
    pub key: Option<(i64, String)>,
    /// What the role, and for a key its scopes, allow.
    pub may: Vec<May>,
    /// The key's tenant, or the user's.
    pub home: TenantRow,
}

/// Looks a proof up; `seen` notes that it was used.
///
/// # Errors
/// It proves nothing (any more): 401.
pub async fn known(web: &Web, proof: &Proof, seen: bool) -> Result<Known, Refusal> {
    match proof {
        Proof::Cookie(cookie) => by_cookie(web, cookie, seen).await,
        Proof::Key(key) => by_key(web, key, seen).await,
    }
}

async fn by_cookie(web: &Web, cookie: &str, note: bool) -> Result<Known, Refusal> {
    let hash = secret::hash(cookie);
    let over = || Refusal::unauthorized("your session is over; log in again");
    let (account, seen) = web.store.session(&hash, TERM).await?.ok_or_else(over)?;
    let role = open(&account)?;
    if note && web.clock.unix_ms() - seen >= SEEN_EVERY_MS {
        unless_busy(web.store.session_seen(&hash).await);
    }
    let may = allowed(role, account.tenant.platform, None);
    Ok(Known {
        home: account.tenant.clone(),
        role,
        key: None,
        may,
        account,
    })
}

async fn by_key(web: &Web, key: &str, note: bool) -> Result<Known, Refusal> {
    let dead = || Refusal::unauthorized("this API key is unknown, revoked or expired");
    let found = web.store.key(&secret::hash(key)).await?;
    let (row, maker) = found.ok_or_else(dead)?;
    // A key is worth no more than its maker: it stops when they may not make keys here (any more).
    let maker_role = open(&maker)?;
    if !May::KeysEdit.roles().contains(&maker_role) {
        return Err(Refusal::unauthorized(
            "the person who made this API key is no longer an admin; make a new one",
        ));
    }
    let home = web.store.tenant(row.tenant).await?.ok_or_else(dead)?;
    if home.suspended || (home.id != maker.tenant.id && !(maker.tenant.platform && home.managed)) {
        return Err(dead());
    }
    let role = Role::parse(&row.role).ok_or_else(dead)?;
    let now = web.clock.unix_ms();
    let used = row.last_used_unix_ms;
    if note && used.is_none_or(|t| now - t >= SEEN_EVERY_MS) {
        unless_busy(web.store.key_used(row.id).await);
    }
    Ok(Known {
        may: allowed(role, home.platform, Some(&row.scopes)),
        role,
        key: Some((row.id, row.name)),
        home,
        account: maker,
    })
}

/// A full disk must not keep people from looking.
fn unless_busy(noted: Result<(), StoreError>) {
    if let Err(e) = noted {
        tracing::warn!("when somebody was last here is not noted: {e}");
    }
}

fn open(account: &Account) -> Result<Role, Refusal> {
    if account.tenant.suspended {
        return Err(Refusal::unauthorized(
            "your company's account is suspended; talk to the platform",
        ));
    }
    if account.user.disabled {
        return Err(Refusal::unauthorized(
            "your account is disabled; talk to your admin",
        ));
    }
    Role::parse(&account.user.role).ok_or_else(Refusal::broken)
}

/// What a role allows here; the platform's own business only to the platform's people.
#[must_use]
pub fn allowed(role: Role, platform: bool, scopes: Option<&[String]>) -> Vec<May> {
    May::ALL
        .iter()
        .copied()
        .filter(|may| may.roles().contains(&role))
        .filter(|may| platform || *may != May::TenantsEdit)
        .filter(|may| scopes.is_none_or(|s| s.iter().any(|code| code == may.code())))
        .collect()
}

impl Known {
    /// The one who makes the request, acting for the tenant that it names.
    ///
    /// # Errors
    /// They may not act for that tenant.
    pub async fn acting(self, web: &Web, parts: &Parts) -> Result<Who, Refusal> {
        let tenant = match wanted(parts)? {
            Some(id) if id != self.home.id => self.other(web, id).await?,
            _ => self.home.id,
        };
        let user = self.account.user;
        Ok(Who {
            user: user.id,
            name: match &self.key {
                Some((_, name)) => format!("{} (key {name})", user.name),
                None => user.name,
            },
            key: self.key.map(|(id, _)| id),
            role: self.role,
            tenant,
            home: self.home.id,
            may: self.may.into(),
        })
    }

    async fn other(&self, web: &Web, id: TenantId) -> Result<TenantId, Refusal> {
        // Whether another merchant exists is not a merchant's business.
        let unknown = || Refusal::not_found("such tenant");
        if !self.home.platform {
            return Err(unknown());
        }
        if !matches!(self.role, Role::Admin | Role::Ops) {
            return Err(Refusal::forbidden(
                "role",
                "only the platform's admins and operators act for merchants",
            ));
        }
        let tenant = web.store.tenant(id).await?.ok_or_else(unknown)?;
        if !tenant.managed {
            return Err(Refusal::forbidden(
                "self_governing",
                format!(
                    "{} governs itself: nobody of the platform acts for it, its own admin does",
                    tenant.name
                ),
            ));
        }
        if tenant.suspended {
            return Err(Refusal::forbidden(
                "suspended",
                format!("{} is suspended; end that first", tenant.name),
            ));
        }
        Ok(tenant.id)
    }
}

/// The tenant that a request names: `X-Tenant`, or `?tenant=` where headers cannot be set (event streams, downloads).
fn wanted(parts: &Parts) -> Result<Option<TenantId>, Refusal> {
    let bad = || Refusal::field("tenant", "give the tenant's number");
    let named = match parts.headers.get(TENANT) {
        Some(value) => Some(value.to_str().map_err(|_| bad())?),
        None => parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .find_map(|pair| pair.strip_prefix("tenant=")),
    };
    named
        .filter(|n| !n.is_empty())
        .map(|n| n.parse().map(TenantId).map_err(|_| bad()))
        .transpose()
}
