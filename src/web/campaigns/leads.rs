//! A campaign's leads: looking, adding one, taking one out.

use super::settings::wanted;
use super::{grown, owned};
use crate::campaign::list::{ListError, ListOptions, ListReader, OneError};
use crate::store::{Cancelled, LeadFilter, LeadId, LeadView};
use crate::terms::{Grade, Lang};
use crate::web::Web;
use crate::web::answer::{Answer, ErrorBody, Refusal};
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Path, Query, State as Shared};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Leads on a page, at most.
const PAGE: u32 = 200;
/// Fields a single lead may have beside the known ones.
const VARS: usize = 100;

#[derive(Deserialize, IntoParams)]
pub(super) struct LeadQuery {
    /// `queued`, `claimed`, `dialing` or `done`.
    status: Option<String>,
    /// A part of the name or of the number.
    q: Option<String>,
    /// The `next` of the page before.
    after: Option<i64>,
    /// 1 to 200; 50 when not said.
    limit: Option<u32>,
}

/// One lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"id": 17, "row": 2, "name": "李雷", "phone": "+8613*******00", "lang": "zh", "status": "done", "attempts": 1,
    "next_unix_ms": null, "disposition": "completed", "grade": "A", "call": "c19a2f"}))]
pub struct Lead {
    pub id: i64,
    /// The row of its list.
    pub row: u64,
    pub name: Option<String>,
    /// Masked.
    pub phone: String,
    pub lang: Option<String>,
    /// `queued`, `claimed`, `dialing` or `done`.
    pub status: String,
    pub attempts: u32,
    pub next_unix_ms: Option<i64>,
    /// How the last attempt ended.
    pub disposition: Option<String>,
    pub grade: Option<String>,
    pub call: Option<String>,
}

/// A page of leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeadPage {
    pub items: Vec<Lead>,
    pub next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"phone": "13800138000", "name": "李雷", "lang": "zh", "vars": {"城市": "上海"}}))]
pub(super) struct NewLead {
    phone: String,
    name: Option<String>,
    /// `zh` or `en`.
    lang: Option<String>,
    /// IANA name of the callee's time zone.
    tz: Option<String>,
    #[serde(default)]
    vars: BTreeMap<String, String>,
}

/// A campaign's leads in the order they came in.
#[utoipa::path(get, path = "/campaigns/{campaign}/leads", tag = "campaigns",
    params(("campaign" = i64, Path, example = 3), LeadQuery),
    responses((status = 200, body = LeadPage), (status = 404, body = ErrorBody)))]
pub(super) async fn list(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
    Query(query): Query<LeadQuery>,
) -> Answer<Json<LeadPage>> {
    let campaign = owned(&web, who.tenant, id).await?;
    let limit = query.limit.unwrap_or(50).clamp(1, PAGE);
    let filter = LeadFilter {
        status: query.status.filter(|s| !s.is_empty()),
        words: query.q,
    };
    if let Some(status) = &filter.status
        && !["queued", "claimed", "dialing", "done"].contains(&status.as_str())
    {
        return Err(Refusal::field(
            "status",
            format!("{status:?} is none; use queued, claimed, dialing or done"),
        ));
    }
    let after = query.after.map(LeadId);
    let mut found = web
        .store
        .leads(campaign.id, &filter, after, limit + 1)
        .await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|l| l.id.0.to_string());
    Ok(Json(LeadPage {
        items: found.into_iter().map(lead).collect(),
        next,
    }))
}

/// Adds one lead, checked as a row of a list is.
#[utoipa::path(post, path = "/campaigns/{campaign}/leads", tag = "campaigns", params(("campaign" = i64, Path, example = 3)),
    request_body = NewLead,
    responses((status = 200, body = Lead), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(super) async fn append(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
    Json(new): Json<NewLead>,
) -> Answer<Json<Lead>> {
    let campaign = owned(&web, who.tenant, id).await?;
    if new.vars.len() > VARS {
        return Err(Refusal::field("vars", format!("at most {VARS} are taken")));
    }
    let mut fields = vec![("phone".to_owned(), new.phone)];
    let known = [("name", new.name), ("lang", new.lang), ("tz", new.tz)];
    for (field, value) in known {
        fields.extend(value.map(|v| (field.to_owned(), v)));
    }
    for (name, value) in new.vars {
        if name.trim().is_empty() || name.chars().count() > 60 {
            return Err(Refusal::field("vars", "a name has 1 to 60 characters"));
        }
        fields.push((format!("var:{name}"), value));
    }
    let options = ListOptions {
        country: campaign.settings.country.clone(),
        wanted: wanted(&web, &campaign).await?,
        ..ListOptions::default()
    };
    let row = web.store.lead_next_row(campaign.id).await?;
    let row = ListReader::one(&fields, row, options).map_err(|e| refused(&e))?;
    let object = format!("campaign:{}", campaign.id.0);
    web.audit(&who, "leads.add", object, serde_json::json!({}))
        .await?;
    let counts = web
        .store
        .import(campaign.id, std::slice::from_ref(&row))
        .await?;
    let id = match row.phones.first() {
        Some(phone) => web.store.lead_with(campaign.id, phone).await?,
        None => None,
    };
    if counts.added == 0 {
        let mut refusal =
            Refusal::conflict("known", "the campaign has a lead with this number already");
        refusal.field = Some("phone".into());
        return Err(match id {
            Some(id) => refusal.with_detail(serde_json::json!({"lead": id.0})),
            None => refusal,
        });
    }
    grown(&web, &campaign);
    let view = match id {
        Some(id) => web.store.lead_of(campaign.id, id).await?,
        None => None,
    };
    view.map(|v| Json(lead(v)))
        .ok_or_else(|| Refusal::not_found("such lead"))
}

/// Takes a waiting lead out: it ends as `canceled`, without a call.
#[utoipa::path(post, path = "/campaigns/{campaign}/leads/{lead}/cancel", tag = "campaigns",
    params(("campaign" = i64, Path, example = 3), ("lead" = i64, Path, example = 17)),
    responses((status = 200, body = Lead), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(super) async fn cancel(
    Shared(web): Shared<Web>,
    who: Who,
    Path((id, lead_id)): Path<(i64, i64)>,
) -> Answer<Json<Lead>> {
    let campaign = owned(&web, who.tenant, id).await?;
    let id = LeadId(lead_id);
    let object = format!("lead:{lead_id}");
    web.audit(&who, "leads.cancel", object, serde_json::json!({}))
        .await?;
    match web.store.lead_cancel(campaign.id, id).await? {
        Cancelled::Yes => {}
        Cancelled::Gone => return Err(Refusal::not_found("such lead in this campaign")),
        Cancelled::Done => {
            return Err(Refusal::conflict("done", "this lead has ended already"));
        }
        Cancelled::Calling => {
            return Err(Refusal::conflict(
                "calling",
                "this lead is being called right now; hang the call up on the live wall, then cancel the lead",
            ));
        }
    }
    web.campaigns.touch(campaign.tenant, campaign.id);
    let view = web.store.lead_of(campaign.id, id).await?;
    view.map(|v| Json(lead(v)))
        .ok_or_else(|| Refusal::not_found("such lead in this campaign"))
}

fn refused(error: &OneError) -> Refusal {
    match error {
        OneError::Row(e) => {
            let field = match e.column.as_str() {
                "phone" | "name" | "lang" | "tz" => e.column.as_str(),
                _ => "vars",
            };
            Refusal::field(field, format!("{}; {}", e.problem, e.advice))
        }
        OneError::List(ListError::Missing { missing, .. }) => Refusal::field(
            "vars",
            format!("the dialplan needs {missing}; give it a value"),
        ),
        OneError::List(e) => Refusal::field("vars", e),
    }
}

fn lead(view: LeadView) -> Lead {
    Lead {
        id: view.id.0,
        row: view.row,
        name: view.name,
        phone: view.phone.to_string(),
        lang: view.lang.map(Lang::code).map(Into::into),
        status: view.status,
        attempts: view.attempts,
        next_unix_ms: view.next_unix_ms,
        disposition: view.disposition.map(|d| d.code().into()),
        grade: view.grade.map(|g: Grade| g.to_string()),
        call: view.call.map(|c| c.0),
    }
}
