//! The do-not-call list. A number on it is not called for anybody; each tenant sees and removes its own entries.

mod import;

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, Refusal};
use super::calls::Page;
use super::guard::Who;
use crate::campaign::list;
use crate::store::{DncFilter, DncItem};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/dnc", May::DncView),
    Rule::may("POST", "/dnc", May::DncEdit),
    Rule::may("POST", "/dnc/import", May::DncEdit).upload(import::MOST_BYTES),
    Rule::may("DELETE", "/dnc/{entry}", May::DncRemove),
];

/// The longest reason, in characters.
const LONGEST: usize = 500;

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(page, add))
        .routes(routes!(import::import))
        .routes(routes!(remove))
}

/// A number that must not be called.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 12, "phone": "+8613*******00", "source": "callee, call c19a2b-77aa01ff", "reason": "别再打了", "at_unix_ms": 1_790_000_000_000_i64}))]
struct DncEntry {
    id: i64,
    /// Masked.
    phone: String,
    /// Who put it there: a call, `operator NAME`, `import NAME`.
    source: String,
    /// What the callee said, or the reason that was given.
    reason: String,
    at_unix_ms: i64,
}

impl From<DncItem> for DncEntry {
    fn from(item: DncItem) -> DncEntry {
        DncEntry {
            id: item.id,
            phone: item.phone.to_string(),
            source: item.source,
            reason: item.evidence,
            at_unix_ms: item.at_unix_ms,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct DncEntries {
    items: Vec<DncEntry>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// A part of the number, the source or the reason.
    q: Option<String>,
}

/// The tenant's entries, the newest first.
#[utoipa::path(get, path = "/dnc", tag = "dnc", params(Page, Filter), responses((status = 200, body = DncEntries)))]
async fn page(
    State(web): State<Web>,
    who: Who,
    Query(page): Query<Page>,
    Query(filter): Query<Filter>,
) -> Answer<Json<DncEntries>> {
    let filter = DncFilter {
        q: filter.q,
        before: page.after::<1>()?.map(|[id]| id),
    };
    let entries = web
        .store
        .dnc_page(who.tenant, &filter, page.limit())
        .await?;
    Ok(Json(DncEntries {
        next: page.next(&entries, |e| e.id.to_string()),
        items: entries.into_iter().map(DncEntry::from).collect(),
    }))
}

/// A number to keep from being called.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"phone": "138 0013 8000", "country": "CN", "reason": "complaint by mail"}))]
struct NewEntry {
    phone: String,
    reason: String,
    /// For a number without a country code; `CN` when left out.
    country: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"added": 1}))]
struct Added {
    /// 0: the number was on the list.
    added: u64,
}

/// Put a number on the list.
#[utoipa::path(post, path = "/dnc", tag = "dnc", request_body = NewEntry, responses((status = 201, body = Added), (status = 422)))]
async fn add(
    State(web): State<Web>,
    who: Who,
    Json(new): Json<NewEntry>,
) -> Answer<(StatusCode, Json<Added>)> {
    let reason = given(&new.reason)?;
    let country = new.country.as_deref().unwrap_or("CN");
    let phone = list::normalise(&new.phone, country)
        .map_err(|e| Refusal::field("phone", format!("{e}; {}", e.advice())))?;
    let source = format!("operator {}", who.name);
    let phones = [phone];
    let added = web
        .store
        .dnc_add_for(who.tenant, &phones, &source, reason)
        .await?;
    let object = format!("phone:{}", phones[0]);
    let detail = json!({"reason": reason, "added": added});
    web.audit(&who, "dnc.add", object, detail).await?;
    Ok((StatusCode::CREATED, Json(Added { added })))
}

/// Why a number is taken off.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "signed consent of 3 May"}))]
struct Removal {
    reason: String,
}

/// Take an entry off the list. What it said is kept as proof, with who removed it and why.
#[utoipa::path(delete, path = "/dnc/{entry}", tag = "dnc", params(("entry" = i64, Path, example = 12)), request_body = Removal, responses((status = 204), (status = 422)))]
async fn remove(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<i64>,
    Json(wish): Json<Removal>,
) -> Answer<StatusCode> {
    let reason = given(&wish.reason)?;
    let removed = web.store.dnc_remove(who.tenant, id, &who.name, reason);
    let phone = removed
        .await?
        .ok_or_else(|| Refusal::not_found("such entry"))?;
    let object = format!("phone:{phone}");
    let detail = json!({"entry": id, "reason": reason});
    web.audit(&who, "dnc.remove", object, detail).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn given(reason: &str) -> Answer<&str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        let why = format!("say why, in at most {LONGEST} characters");
        return Err(Refusal::field("reason", why));
    }
    Ok(reason)
}
