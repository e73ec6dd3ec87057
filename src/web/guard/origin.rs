//! Requests that another site makes a browser send.

use super::super::Web;
use super::super::account::secret;
use super::super::answer::Refusal;
use super::identity::Proof;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use subtle::ConstantTimeEq;

const CSRF: &str = "x-csrf-token";

/// Reading changes nothing.
#[must_use]
pub fn reads(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// Refuses what the browser says comes from another page than ours.
///
/// # Errors
/// 403 `csrf`.
pub fn own_page(web: &Web, parts: &Parts) -> Result<(), Refusal> {
    if reads(&parts.method) {
        return Ok(());
    }
    let elsewhere = || {
        Refusal::forbidden(
            "csrf",
            "this request comes from another site; use the console's own page",
        )
    };
    if let Some(site) = parts.headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return Err(elsewhere());
    }
    let Some(origin) = text(&parts.headers, header::ORIGIN.as_str()) else {
        return Ok(());
    };
    let host = |url: &str| url.split_once("://").map(|(_, host)| host.to_lowercase());
    let from = host(origin);
    let ours = [
        text(&parts.headers, header::HOST.as_str()).map(str::to_lowercase),
        web.account
            .settings
            .public_url
            .as_deref()
            .and_then(host)
            .map(|h| h.split('/').next().unwrap_or_default().to_string()),
    ];
    if from.is_none() || !ours.contains(&from) {
        return Err(elsewhere());
    }
    Ok(())
}

/// A browser that changes something proves that our page asked it to.
///
/// # Errors
/// 403 `csrf`.
pub fn token(parts: &Parts, proof: &Proof) -> Result<(), Refusal> {
    let Proof::Cookie(cookie) = proof else {
        // Browsers send no key by themselves.
        return Ok(());
    };
    if reads(&parts.method) {
        return Ok(());
    }
    let right = secret::csrf(cookie);
    let given = text(&parts.headers, CSRF).unwrap_or_default();
    if bool::from(given.as_bytes().ct_eq(right.as_bytes())) {
        return Ok(());
    }
    Err(Refusal::forbidden(
        "csrf",
        "the page is out of date (X-CSRF-Token is missing or old); load it again",
    ))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}
