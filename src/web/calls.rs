//! Calls as they were: the list, one call, its recording and SIP trace, notes about it.

mod detail;
mod recording;

pub use detail::{CallDetail, NoteBody};

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, Refusal};
use super::guard::Who;
use crate::store::{PastCall, PastFilter, Watch};
use crate::terms::Disposition;
use axum::Json;
use axum::extract::{Query, State as Server};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/calls", May::CallsView),
    Rule::may("GET", "/calls/{call}", May::CallsView),
    Rule::may("GET", "/calls/{call}/recording.wav", May::CallsPlay),
    Rule::may("GET", "/calls/{call}/sip", May::CallsSip),
    Rule::may("POST", "/calls/{call}/notes", May::QcReview),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(detail::one))
        .routes(routes!(detail::sip))
        .routes(routes!(detail::note))
        .routes(routes!(recording::play))
}

/// What these routes keep between requests.
#[derive(Default)]
pub struct State {
    /// The words that are watched for; whoever shows live calls asks it, too.
    pub watch: Watch,
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// At most 500.
    #[param(example = 50)]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

impl Page {
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(50).clamp(1, 500)
    }

    /// The numbers of the cursor, when there is one.
    pub fn after<const N: usize>(&self) -> Answer<Option<[i64; N]>> {
        let Some(after) = self.after.as_deref().filter(|a| !a.is_empty()) else {
            return Ok(None);
        };
        let numbers: Result<Vec<i64>, _> = after.split('.').map(str::parse).collect();
        let numbers = numbers.ok().and_then(|n| n.try_into().ok());
        numbers.map(Some).ok_or_else(wrong_cursor)
    }

    /// The cursor of the next page, when this one is full.
    pub fn next<T>(&self, items: &[T], cursor: impl Fn(&T) -> String) -> Option<String> {
        let full = items.len() >= self.limit() as usize;
        items.last().filter(|_| full).map(cursor)
    }
}

pub(super) fn wrong_cursor() -> Refusal {
    Refusal::field("after", "give the `next` of the page before")
}

/// A campaign by its number and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignName {
    pub id: i64,
    pub name: String,
}

/// A lead by its number and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeadName {
    pub id: i64,
    pub name: Option<String>,
}

/// One call in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"call": "c19a2b-77aa01ff", "campaign": {"id": 3, "name": "spring"}, "lead": {"id": 41, "name": "王芳"}, "phone": "+8613*******00", "started_unix_ms": 1_790_000_000_000_i64, "talk_ms": 41_200, "disposition": "completed", "grade": "A", "tags": ["interested"], "agent": "li", "recording": true, "review": 85}))]
pub struct CallRow {
    pub call: String,
    pub campaign: CampaignName,
    pub lead: LeadName,
    /// Masked.
    pub phone: String,
    pub started_unix_ms: i64,
    pub talk_ms: u64,
    /// Absent while the call is live.
    pub disposition: Option<String>,
    pub grade: Option<String>,
    pub tags: Vec<String>,
    /// The agent who was bridged.
    pub agent: Option<String>,
    pub recording: bool,
    /// The latest reviewer's score, 0 to 100.
    pub review: Option<i64>,
}

impl From<&PastCall> for CallRow {
    fn from(past: &PastCall) -> CallRow {
        let a = &past.attempt;
        CallRow {
            call: a.call.as_ref().map(|c| c.0.clone()).unwrap_or_default(),
            campaign: CampaignName {
                id: past.campaign.0,
                name: a.campaign.clone(),
            },
            lead: LeadName {
                id: a.lead.0,
                name: a.name.clone(),
            },
            phone: a.phone.to_string(),
            started_unix_ms: a.started_unix_ms,
            talk_ms: a.talk_ms,
            disposition: a.disposition.map(|d| d.code().to_string()),
            grade: a.grade.map(|g| g.to_string()),
            tags: past.tags.clone(),
            agent: a.bridged.clone(),
            recording: a.recording.is_some(),
            review: past.review,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct CallRows {
    items: Vec<CallRow>,
    next: Option<String>,
}

/// Which calls to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// The campaign's number.
    campaign: Option<i64>,
    #[param(example = "callback")]
    disposition: Option<String>,
    #[param(example = "A")]
    grade: Option<String>,
    tag: Option<String>,
    /// The agent who was bridged.
    agent: Option<String>,
    /// Words that were said, by anybody; all of them must be there.
    #[param(example = "退款 price")]
    q: Option<String>,
    /// The number or a part of it, at least four digits.
    #[param(example = "8000")]
    phone: Option<String>,
    /// Unix ms.
    since: Option<i64>,
    /// Unix ms, not included.
    until: Option<i64>,
}

impl Filter {
    fn read(self) -> Answer<PastFilter> {
        let some = |text: Option<String>| text.filter(|t| !t.trim().is_empty());
        let disposition = some(self.disposition);
        if let Some(code) = &disposition {
            code.parse::<Disposition>()
                .map_err(|e| Refusal::field("disposition", e))?;
        }
        let grade = some(self.grade);
        if grade
            .as_ref()
            .is_some_and(|g| !["A", "B", "C", "D", "E", "F"].contains(&g.as_str()))
        {
            return Err(Refusal::field("grade", "give one of A, B, C, D, E, F"));
        }
        let phone = some(self.phone);
        if let Some(phone) = &phone {
            let digits = phone.chars().filter(char::is_ascii_digit).count();
            let odd = phone
                .chars()
                .any(|c| !c.is_ascii_digit() && !"+- ()".contains(c));
            if digits < 4 || odd {
                return Err(Refusal::field(
                    "phone",
                    "give at least four digits of the number",
                ));
            }
        }
        Ok(PastFilter {
            campaign: self.campaign,
            disposition,
            grade,
            tag: some(self.tag),
            agent: some(self.agent),
            words: some(self.q),
            phone,
            since_unix_ms: self.since,
            until_unix_ms: self.until,
            ..PastFilter::default()
        })
    }
}

/// Calls, the newest first. A page that is full has a `next`.
#[utoipa::path(get, path = "/calls", tag = "calls", params(Page, Filter), responses((status = 200, body = CallRows)))]
async fn list(
    Server(web): Server<Web>,
    who: Who,
    Query(page): Query<Page>,
    Query(filter): Query<Filter>,
) -> Answer<Json<CallRows>> {
    let filter = PastFilter {
        after: page.after::<2>()?.map(|[at, id]| (at, id)),
        ..filter.read()?
    };
    let calls = web
        .store
        .past_calls(who.tenant, &filter, page.limit())
        .await?;
    Ok(Json(CallRows {
        next: page.next(&calls, cursor),
        items: calls.iter().map(CallRow::from).collect(),
    }))
}

/// Where the list goes on after this call.
fn cursor(call: &PastCall) -> String {
    format!("{}.{}", call.attempt.started_unix_ms, call.attempt.id.0)
}
