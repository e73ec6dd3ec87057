//! What goes over the network: secrets that stand in the file, data that goes in clear.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::variables::find;
use crate::dialogue::diagnostic::At;
use crate::dialogue::file::reader::Reader;
use crate::dialogue::file::url_host;
use crate::dialogue::plan::{Dialplan, HeaderValue, Lookup};
use std::net::IpAddr;

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    for lookup in plan.steps.values().filter_map(|s| s.lookup.as_ref()) {
        let url = lookup.url.fill(&|v| Some(format!("{{{v}}}")));
        address(reader, lookup.at, &url, "the callee's data goes");
        secrets(reader, lookup);
    }
    if let Some(llm) = &plan.llm {
        address(reader, llm.at, &llm.url, "the callee's words go");
        if plan.globals.is_empty() {
            let message = "the language model has no knowledge base to answer from";
            reader.warn(
                llm.at,
                message,
                "add `faq:` entries: it is handed the nearest of them",
            );
        }
    }
}

fn address(reader: &mut Reader, near: At, url: &str, what: &str) {
    let authority = url.split("://").nth(1).unwrap_or_default();
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let at = find(reader.source(near), near, authority);
    if let Some((user, _)) = authority.rsplit_once('@') {
        let at = find(reader.source(near), near, user);
        let advice = "write `headers: { Authorization: { env: CRM_TOKEN, prefix: \"Bearer \" } }`";
        reader.leak(at, "a user or password stands in the address", advice);
    }
    for pair in url.split_once('?').map_or("", |(_, q)| q).split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if is_secret(name) && !value.is_empty() && !value.starts_with('{') {
            let at = find(reader.source(near), near, pair);
            reader.leak(
                at,
                format!("the secret {name:?} stands in the address"),
                "send it as a header from the environment: `headers: { X-Api-Key: { env: CRM_KEY } }`",
            );
        }
    }
    if url.to_ascii_lowercase().starts_with("http://")
        && let Some(host) = url_host(url)
        && !is_near(host)
    {
        reader.warn(at, format!("{what} to {host} in clear"), "use https://");
    }
}

fn secrets(reader: &mut Reader, lookup: &Lookup) {
    for (name, value) in &lookup.headers {
        let HeaderValue::Text(text) = value else {
            continue;
        };
        let lower = text.to_ascii_lowercase();
        if is_secret(name) || lower.starts_with("bearer ") || lower.starts_with("basic ") {
            let at = find(reader.source(lookup.at), lookup.at, name);
            reader.leak(
                at,
                format!("the header {name:?} holds a secret, and the file is no place for one"),
                format!("write `{name}: {{ env: CRM_TOKEN, prefix: \"Bearer \" }}` and put the secret into that environment variable"),
            );
        }
    }
    for (name, text) in &lookup.body {
        if is_secret(name) && text.vars().next().is_none() {
            let at = find(reader.source(lookup.at), lookup.at, name);
            reader.leak(
                at,
                format!("the field {name:?} holds a secret, and the file is no place for one"),
                "send it as a header from the environment: `headers: { Authorization: { env: CRM_TOKEN } }`",
            );
        }
    }
}

/// Names under which secrets are sent.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    let whole = [
        "authorization",
        "cookie",
        "token",
        "key",
        "auth",
        "sign",
        "signature",
        "pwd",
    ];
    let part = [
        "apikey",
        "accesstoken",
        "authtoken",
        "secret",
        "password",
        "accesskey",
    ];
    whole.contains(&name.as_str()) || part.iter().any(|p| name.contains(p))
}

/// A host that the call's data reaches without leaving the house.
fn is_near(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(a)) => a.is_loopback() || a.is_private() || a.is_link_local(),
        Ok(IpAddr::V6(a)) => a.is_loopback() || a.is_unique_local() || a.is_unicast_link_local(),
        Err(_) => {
            let host = host.to_ascii_lowercase();
            !host.contains('.')
                || [".local", ".localhost", ".internal", ".lan", ".home.arpa"]
                    .iter()
                    .any(|end| host.ends_with(end))
        }
    }
}
