//! Rehearsing a dialplan in the page: by text with the same machine as in calls, and by microphone as a call of its own.
//!
//! Sessions live in memory, belong to the tenant that began them, and end after a quarter of an hour without a word.

mod outs;
mod sessions;

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, ErrorBody, Refusal};
use super::dialplans::examine::worked;
use super::dialplans::library;
use super::guard::Who;
use crate::dialogue::rehearse::Rehearsal;
use crate::dialogue::{Dialplan, Lead};
use crate::store::{BundleFile, Kind, TenantId};
use crate::terms::CallId;
use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State as Extract};
use axum::http::StatusCode;
use outs::{Reply, Turn, typed};
use serde::{Deserialize, Serialize};
use sessions::Session;
pub use sessions::Sessions;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const BODY_BYTES: usize = 8 << 20;
/// The most columns and characters of a made-up lead.
const MOST_COLUMNS: usize = 200;
const MOST_CHARS: usize = 2000;

pub const RULES: &[Rule] = &[
    large(Rule::may("POST", "/rehearse", May::Rehearse)),
    Rule::may("POST", "/rehearse/{rehearsal}", May::Rehearse),
    Rule::may("DELETE", "/rehearse/{rehearsal}", May::Rehearse),
    Rule::may("POST", "/rehearse/{rehearsal}/line", May::Rehearse),
];

/// A dialplan with what it includes may come in.
const fn large(mut rule: Rule) -> Rule {
    rule.body_bytes = BODY_BYTES as u64;
    rule
}

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(turn, end))
        .routes(routes!(line))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// What these routes keep between requests.
#[derive(Default)]
pub struct State {
    /// Calls with the person at the browser's microphone as the callee; without it, rehearsals are typed.
    pub speak: Option<Arc<dyn Speak>>,
    pub sessions: Sessions,
}

/// Plays a dialplan as a live call whose callee is a browser.
#[async_trait::async_trait]
pub trait Speak: Send + Sync {
    /// Begins the call; it ends with the browser's connection. The answer is the SDP for the browser and the call, whose
    /// events come as those of every live call.
    ///
    /// # Errors
    /// Why not, in words for the person at the browser.
    async fn start(&self, spoken: Spoken) -> Result<(String, CallId), String>;
}

/// A rehearsal by microphone that is to begin.
#[derive(Clone, Debug)]
pub struct Spoken {
    pub plan: Arc<Dialplan>,
    /// Where the dialplan's recordings lie.
    pub recordings: PathBuf,
    pub lead: Lead,
    /// The browser's offer: one audio line, PCMU.
    pub sdp: String,
    pub tenant: TenantId,
    /// Who rehearses: the user's row and name.
    pub user: i64,
    pub name: String,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "education-trial-zh", "lead": {"name": "李雷"}}))]
struct BeginBody {
    /// A dialplan by its name; with `text`, the one whose included files the text stands beside.
    #[serde(default)]
    name: Option<String>,
    /// Another version than the one that counts.
    #[serde(default)]
    version: Option<i64>,
    /// A text that need not be saved.
    #[serde(default)]
    text: Option<String>,
    /// Included files that are new or changed.
    #[serde(default)]
    files: Vec<TextFile>,
    /// The lead's columns.
    #[serde(default)]
    lead: BTreeMap<String, String>,
    /// Tags that earlier calls left on the contact.
    #[serde(default)]
    contact: BTreeSet<String>,
}

#[derive(Deserialize, ToSchema)]
struct TextFile {
    path: String,
    text: String,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"rehearsal": "8c1f…", "out": [{"kind": "say", "text": "您好，我是…"}], "ended": false, "step": "greet",
    "slots": {}, "tags": [], "grade": null}))]
struct Begun {
    /// For the turns that follow.
    rehearsal: String,
    #[serde(flatten)]
    reply: Reply,
}

/// Begins a conversation: the robot answers with its first words.
#[utoipa::path(post, path = "/rehearse", tag = "rehearse", request_body = BeginBody,
    responses((status = 200, body = Begun), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn begin(
    Extract(web): Extract<Web>,
    who: Who,
    Json(body): Json<BeginBody>,
) -> Answer<Json<Begun>> {
    let lead = lead(&web, body.lead, body.contact)?;
    let found = match (&body.name, body.version, &body.text) {
        (Some(name), version, None) => Some(library::find(&web, who.tenant, name, version).await?),
        (Some(name), _, Some(_)) => library::look_up(&web, who.tenant, name).await?,
        (None, _, Some(_)) => None,
        (None, _, None) => return Err(Refusal::field("name", "give a dialplan's name, or a text")),
    };
    let dir = found.as_ref().map(|f| f.dir.clone());
    let files = match &body.text {
        Some(text) => {
            let files: Vec<BundleFile> = body
                .files
                .into_iter()
                .map(|f| BundleFile {
                    path: f.path,
                    text: f.text,
                })
                .collect();
            library::bounded(text, &files)?;
            let name = body.name.as_deref().unwrap_or("dialplan");
            library::bundled(found.as_ref(), name, text, &files)
        }
        None => found.map(|f| f.files).unwrap_or_default(),
    };
    let plan = library::loaded(&web, files, dir.clone()).await?;
    let missing = plan.missing(&lead.vars);
    if !missing.is_empty() {
        let message = format!("the dialplan needs {}", missing.join(", "));
        return Err(
            Refusal::field("lead", message).with_detail(serde_json::json!({ "missing": missing }))
        );
    }
    let mind = web.dialplans.embedder.clone();
    let (for_plan, for_lead) = (plan.clone(), lead.clone());
    let (rehearsal, reply) = worked(&web, move || {
        let mut rehearsal = Rehearsal::new(for_plan, for_lead).with_mind(mind.as_ref());
        let effects = rehearsal.answer();
        let reply = outs::reply(&rehearsal, &effects, &[]);
        (rehearsal, reply)
    })
    .await?;
    let session = Session {
        tenant: who.tenant,
        plan,
        dir: dir.unwrap_or_default(),
        lead,
        rehearsal: Arc::new(Mutex::new(rehearsal)),
        at_unix_ms: web.clock.unix_ms(),
    };
    let (rehearsal, gone) = web.rehearse.sessions.open(session, web.clock.unix_ms());
    let owners = &web.account.owners;
    owners.put(Kind::Rehearsal, &rehearsal, who.tenant);
    for id in &gone {
        owners.remove(Kind::Rehearsal, id);
    }
    Ok(Json(Begun { rehearsal, reply }))
}

fn lead(web: &Web, vars: BTreeMap<String, String>, contact: BTreeSet<String>) -> Answer<Lead> {
    let long = |v: &String| v.chars().count() > MOST_CHARS;
    if vars.len() > MOST_COLUMNS || contact.len() > MOST_COLUMNS || vars.values().any(long) {
        return Err(Refusal::field(
            "lead",
            format!("give up to {MOST_COLUMNS} columns of up to {MOST_CHARS} characters"),
        ));
    }
    let now = jiff::Timestamp::from_millisecond(web.clock.unix_ms()).unwrap_or_default();
    Ok(Lead {
        phone: String::new(),
        vars,
        contact,
        now_local: now.to_zoned(jiff::tz::TimeZone::system()).datetime(),
    })
}

/// One turn: exactly one of its fields.
#[utoipa::path(post, path = "/rehearse/{rehearsal}", tag = "rehearse", params(("rehearsal" = String, Path)), request_body = Turn,
    responses((status = 200, body = Reply), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn turn(
    Extract(web): Extract<Web>,
    who: Who,
    Path(id): Path<String>,
    Json(turn): Json<Turn>,
) -> Answer<Json<Reply>> {
    let line = typed(&turn)?;
    let session = find(&web, &who, &id)?;
    let reply = worked(&web, move || {
        let mut rehearsal = super::dialplans::library::lock(&session.rehearsal);
        let done = rehearsal.typed(&line)?;
        Ok::<Reply, String>(outs::reply(&rehearsal, &done.effects, &done.readings))
    })
    .await?;
    let reply = reply.map_err(|why| {
        Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "not_now",
            why.lines().next().unwrap_or_default(),
        )
    })?;
    Ok(Json(reply))
}

fn find(web: &Web, who: &Who, id: &str) -> Answer<Session> {
    let now = web.clock.unix_ms();
    let found = web.rehearse.sessions.get(id, who.tenant, now);
    found.ok_or_else(|| {
        Refusal::not_found(
            "such rehearsal any more; it ends after 15 minutes without a word, begin again",
        )
    })
}

/// Ends a rehearsal.
#[utoipa::path(delete, path = "/rehearse/{rehearsal}", tag = "rehearse", params(("rehearsal" = String, Path)),
    responses((status = 200, description = "ended"), (status = 404, body = ErrorBody)))]
async fn end(
    Extract(web): Extract<Web>,
    who: Who,
    Path(id): Path<String>,
) -> Answer<Json<serde_json::Value>> {
    find(&web, &who, &id)?;
    web.rehearse.sessions.close(&id);
    web.account.owners.remove(Kind::Rehearsal, &id);
    Ok(Json(serde_json::json!({})))
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"sdp": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n…"}))]
struct LineBody {
    /// The browser's offer.
    sdp: String,
}

#[derive(Serialize, ToSchema)]
struct SpokenLine {
    /// For the browser.
    sdp: String,
    /// Its events come by `/live/calls/{call}/events`.
    call: String,
}

/// The same dialplan and lead by microphone: a call from its beginning, whose callee is this browser.
#[utoipa::path(post, path = "/rehearse/{rehearsal}/line", tag = "rehearse", params(("rehearsal" = String, Path)),
    request_body = LineBody, responses((status = 200, body = SpokenLine), (status = 409, body = ErrorBody)))]
async fn line(
    Extract(web): Extract<Web>,
    who: Who,
    Path(id): Path<String>,
    Json(body): Json<LineBody>,
) -> Answer<Json<SpokenLine>> {
    let session = find(&web, &who, &id)?;
    let Some(speak) = web.rehearse.speak.clone() else {
        return Err(Refusal::conflict(
            "no_microphone",
            "this server has no speech engines, so rehearsals are typed here; `callsmith models fetch` installs them",
        ));
    };
    let spoken = Spoken {
        plan: session.plan,
        recordings: session.dir,
        lead: session.lead,
        sdp: body.sdp,
        tenant: who.tenant,
        user: who.user,
        name: who.name,
    };
    let (sdp, call) = speak
        .start(spoken)
        .await
        .map_err(|why| Refusal::conflict("no_microphone", why))?;
    web.account.owners.put(Kind::Call, &call.0, who.tenant);
    Ok(Json(SpokenLine { sdp, call: call.0 }))
}
