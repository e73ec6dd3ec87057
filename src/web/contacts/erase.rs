//! Forgetting a person: at once, or when the call that is going on is over.

use crate::store::{AuditEntry, Erased, Erasure};
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use utoipa::ToSchema;

/// How often a waiting request is tried.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// Why somebody is to be forgotten.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "asked for by letter of 3 May"}))]
pub(super) struct Wish {
    reason: String,
}

/// What was done.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"state": "done", "erased": {"attempts": 3, "events": 212, "leads": 1, "recordings": 2}}))]
pub(super) struct Erasing {
    /// `done`, or `waiting` while a call to this number goes on.
    state: &'static str,
    /// Rows of each table, `recordings`, `files`.
    erased: BTreeMap<String, u64>,
}

/// Erase a person: number, name, variables, words, tags, recordings, uploaded lists and messages to webhooks. The
/// campaigns' figures stay, without the person; so does the do-not-call entry, as proof that the number must not be called.
/// A call that goes on is finished first.
#[utoipa::path(post, path = "/contacts/{contact}/erase", tag = "contacts", params(("contact", example = "5f1d0c9a7be2440e8a3d6b1c2f90e7d4")), request_body = Wish, responses((status = 200, body = Erasing), (status = 202, body = Erasing, description = "a call goes on; it is done when that is over"), (status = 422)))]
pub(super) async fn erase(
    State(web): State<Web>,
    who: Who,
    Path(contact): Path<String>,
    Json(wish): Json<Wish>,
) -> Answer<(StatusCode, Json<Erasing>)> {
    let reason = wish.reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Refusal::field(
            "reason",
            "say why, in at most 500 characters",
        ));
    }
    let object = format!("contact:{contact}");
    let detail = json!({"reason": reason});
    web.audit(&who, "contacts.erase", object, detail).await?;
    let asked = web
        .store
        .erase_request(who.tenant, &contact, &who.name, reason);
    let erasure = asked.await?.ok_or_else(super::no_contact)?;
    match web.store.erase_run(erasure.id).await? {
        Some(erased) => {
            tell(&web, &erasure, &erased).await;
            let state = "done";
            Ok((StatusCode::OK, Json(Erasing { state, erased })))
        }
        None => {
            tokio::spawn(wait(web.clone(), erasure));
            let erased = BTreeMap::new();
            let state = "waiting";
            Ok((StatusCode::ACCEPTED, Json(Erasing { state, erased })))
        }
    }
}

/// Takes up requests that an earlier process left. Call it once, when the server starts.
pub async fn resume(web: &Web) {
    match web.store.erasures_open().await {
        Ok(open) => {
            for erasure in open {
                tokio::spawn(wait(web.clone(), erasure));
            }
        }
        Err(e) => tracing::error!(error = %e, "requests to erase people cannot be read"),
    }
}

async fn wait(web: Web, erasure: Erasure) {
    loop {
        match web.store.erase_run(erasure.id).await {
            Ok(Some(erased)) => return tell(&web, &erasure, &erased).await,
            Ok(None) => {}
            Err(e) => tracing::warn!(error = %e, contact = %erasure.contact, "not erased yet"),
        }
        tokio::select! {
            () = web.stop.cancelled() => return,
            () = tokio::time::sleep(TRY_AGAIN) => {}
        }
    }
}

/// The tombstone: that it was done, and how much, under the hash that stands for the number.
async fn tell(web: &Web, erasure: &Erasure, erased: &Erased) {
    let entry = AuditEntry {
        tenant: erasure.tenant,
        who: erasure.by.clone(),
        role: "program".into(),
        action: "contacts.erased".into(),
        object: format!("contact:{}", erasure.contact),
        detail: json!({"erased": erased}),
    };
    if let Err(e) = web.store.audit(&entry).await {
        tracing::error!(error = %e, contact = %erasure.contact, "an erasure is not in the audit log");
    }
}
