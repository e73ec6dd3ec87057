//! Contacts over all campaigns of a tenant: tags, history, erasure. Addresses name a contact by an opaque id.

mod erase;

pub use erase::resume;

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, Refusal};
use super::calls::{CallRow, Page, wrong_cursor};
use super::follow_ups::FollowUp;
use super::guard::Who;
use crate::store::{Contact, ContactFilter, PastFilter};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/contacts", May::ContactsView),
    Rule::may("GET", "/contacts/{contact}", May::ContactsView),
    Rule::may("POST", "/contacts/{contact}/tags", May::ContactsEdit),
    Rule::may(
        "DELETE",
        "/contacts/{contact}/tags/{tag}",
        May::ContactsEdit,
    ),
    Rule::may("POST", "/contacts/{contact}/erase", May::ContactsErase),
];

/// Calls and follow-ups shown with a contact.
const HISTORY: u32 = 200;
/// The longest tag, in characters.
const LONGEST_TAG: usize = 60;

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(tag))
        .routes(routes!(untag))
        .routes(routes!(erase::erase))
}

/// One contact in a list.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"contact": "5f1d0c9a7be2440e8a3d6b1c2f90e7d4", "phone": "+8613*******00", "name": "王芳", "tags": ["parent"], "calls": 3, "last_unix_ms": 1_790_000_000_000_i64, "dnc": false}))]
struct ContactRow {
    /// Opaque; says nothing about the number.
    contact: String,
    /// Masked.
    phone: String,
    name: Option<String>,
    tags: Vec<String>,
    calls: u64,
    last_unix_ms: i64,
    dnc: bool,
}

impl From<&Contact> for ContactRow {
    fn from(c: &Contact) -> ContactRow {
        ContactRow {
            contact: c.contact.clone(),
            phone: c.phone.to_string(),
            name: c.name.clone(),
            tags: c.tags.iter().map(|t| t.tag.clone()).collect(),
            calls: c.calls,
            last_unix_ms: c.last_unix_ms,
            dnc: c.dnc,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct ContactRows {
    items: Vec<ContactRow>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// A part of the name or of the number.
    #[param(example = "王")]
    q: Option<String>,
    tag: Option<String>,
}

/// Everybody who was called, the latest first.
#[utoipa::path(get, path = "/contacts", tag = "contacts", params(Page, Filter), responses((status = 200, body = ContactRows)))]
async fn list(
    State(web): State<Web>,
    who: Who,
    Query(page): Query<Page>,
    Query(filter): Query<Filter>,
) -> Answer<Json<ContactRows>> {
    let after = page.after.as_deref().filter(|a| !a.is_empty());
    let read = |cursor: &str| {
        let (at, id) = cursor.split_once('.')?;
        Some((at.parse::<i64>().ok()?, id.to_string()))
    };
    let filter = ContactFilter {
        q: filter.q,
        tag: filter.tag.filter(|t| !t.is_empty()),
        after: after
            .map(|a| read(a).ok_or_else(wrong_cursor))
            .transpose()?,
    };
    let contacts = web
        .store
        .contacts(who.tenant, &filter, page.limit())
        .await?;
    Ok(Json(ContactRows {
        next: page.next(&contacts, |c| format!("{}.{}", c.last_unix_ms, c.contact)),
        items: contacts.iter().map(ContactRow::from).collect(),
    }))
}

#[derive(Serialize, ToSchema)]
struct Tag {
    tag: String,
    at_unix_ms: i64,
    /// The call that gave it; absent when a person did.
    call: Option<String>,
}

/// A contact with everything that happened with it.
#[derive(Serialize, ToSchema)]
struct ContactDetail {
    contact: String,
    /// Masked.
    phone: String,
    name: Option<String>,
    tags: Vec<Tag>,
    calls: u64,
    last_unix_ms: i64,
    dnc: bool,
    history: Vec<CallRow>,
    follow_ups: Vec<FollowUp>,
}

/// One contact with its tags, calls and follow-ups.
#[utoipa::path(get, path = "/contacts/{contact}", tag = "contacts", params(("contact", example = "5f1d0c9a7be2440e8a3d6b1c2f90e7d4")), responses((status = 200, body = ContactDetail), (status = 404)))]
async fn one(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<String>,
) -> Answer<Json<ContactDetail>> {
    let found = web.store.contact(who.tenant, &id).await?;
    let found = found.ok_or_else(no_contact)?;
    let filter = PastFilter {
        number: Some(found.phone.full().to_string()),
        ..PastFilter::default()
    };
    let history = web.store.past_calls(who.tenant, &filter, HISTORY).await?;
    let follow_ups = web
        .store
        .follow_ups(who.tenant, Some(&found.phone), None, HISTORY)
        .await?;
    let tags = found.tags.iter().map(|t| Tag {
        tag: t.tag.clone(),
        at_unix_ms: t.at_unix_ms,
        call: Some(t.call.clone()).filter(|c| !c.is_empty()),
    });
    Ok(Json(ContactDetail {
        tags: tags.collect(),
        contact: found.contact,
        phone: found.phone.to_string(),
        name: found.name,
        calls: found.calls,
        last_unix_ms: found.last_unix_ms,
        dnc: found.dnc,
        history: history.iter().map(CallRow::from).collect(),
        follow_ups: follow_ups.into_iter().map(FollowUp::from).collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"tag": "parent"}))]
struct NewTag {
    tag: String,
}

/// Give a contact a lasting tag; later campaigns can ask for it.
#[utoipa::path(post, path = "/contacts/{contact}/tags", tag = "contacts", params(("contact", example = "5f1d0c9a7be2440e8a3d6b1c2f90e7d4")), request_body = NewTag, responses((status = 204), (status = 422)))]
async fn tag(
    State(web): State<Web>,
    who: Who,
    Path(id): Path<String>,
    Json(new): Json<NewTag>,
) -> Answer<StatusCode> {
    let tag = new.tag.trim();
    let odd = tag.chars().any(|c| c.is_control() || c == '/');
    if tag.is_empty() || odd || tag.chars().count() > LONGEST_TAG {
        let why = format!("give a word of at most {LONGEST_TAG} characters without a slash");
        return Err(Refusal::field("tag", why));
    }
    set(&web, &who, &id, tag, false).await
}

/// Take a tag from a contact.
#[utoipa::path(delete, path = "/contacts/{contact}/tags/{tag}", tag = "contacts", params(("contact", example = "5f1d0c9a7be2440e8a3d6b1c2f90e7d4"), ("tag", example = "parent")), responses((status = 204)))]
async fn untag(
    State(web): State<Web>,
    who: Who,
    Path((id, tag)): Path<(String, String)>,
) -> Answer<StatusCode> {
    set(&web, &who, &id, &tag, true).await
}

async fn set(web: &Web, who: &Who, id: &str, tag: &str, forget: bool) -> Answer<StatusCode> {
    if !web.store.contact_tag(who.tenant, id, tag, forget).await? {
        return Err(no_contact());
    }
    let action = if forget {
        "contacts.untag"
    } else {
        "contacts.tag"
    };
    web.audit(who, action, format!("contact:{id}"), json!({"tag": tag}))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn no_contact() -> Refusal {
    Refusal::not_found("such contact")
}
