//! Dialplans: what there is, their text and drawing, the check, versions, and what calls suggest to add.
//!
//! A tenant works on its own dialplans; those of the platform and of the server's folder it may read, rehearse and copy.
//! Nothing that fails the check is ever published: what counted before still counts.

pub mod answers;
pub mod bundle;
pub mod compare;
pub mod examine;
pub mod library;
pub mod publish;
pub mod sources;
mod suggestions;
mod versions;

pub use answers::{Asked, answers};

use super::Web;
use super::access::{May, Need, Rule};
use super::answer::{Answer, Refusal};
use super::guard::Who;
use crate::dialogue::graph::Graph;
use crate::dialogue::traits::Embedder;
use crate::dialogue::{Diagnostic, Dialplan, schema};
use crate::store::{BundleFile, TenantId};
use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, Query, State as Extract};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bundle::Head;
use examine::{Examined, Finding};
use library::{Found, Origin};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A dialplan with what it includes, in JSON.
const BODY_BYTES: usize = 8 << 20;
/// No check or load is waited for any longer, ms.
const TIME_MS: u64 = 20_000;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/dialplans", May::DialplansView),
    large(Rule::may("POST", "/dialplans/check", May::DialplansView)),
    Rule::may("GET", "/dialplans/{name}", May::DialplansView),
    large(Rule::may(
        "POST",
        "/dialplans/{name}/publish",
        May::DialplansEdit,
    )),
    Rule::may("POST", "/dialplans/{name}/copy", May::DialplansEdit),
    Rule::may("POST", "/dialplans/{name}/rollback", May::DialplansEdit),
    Rule::may("GET", "/dialplans/{name}/versions", May::DialplansView),
    Rule::may("GET", "/dialplans/{name}/diff", May::DialplansView),
    Rule::may("GET", "/dialplans/{name}/suggestions", May::DialplansView),
    Rule::may(
        "POST",
        "/dialplans/{name}/suggestions/{id}/accept",
        May::DialplansEdit,
    ),
    Rule::may(
        "POST",
        "/dialplans/{name}/suggestions/{id}/dismiss",
        May::DialplansEdit,
    ),
    Rule::new("GET", "/schema/dialplan", Need::Account),
];

/// A dialplan with what it includes may come in.
const fn large(mut rule: Rule) -> Rule {
    rule.body_bytes = BODY_BYTES as u64;
    rule
}

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(check))
        .routes(routes!(show))
        .routes(routes!(dialplan_schema))
        .merge(versions::routes())
        .merge(suggestions::routes())
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// Trains a loaded dialplan on meaning; the path is where its file lies, for whoever keeps vectors beside it.
pub type Teach = Arc<dyn Fn(&mut Dialplan, &std::path::Path) + Send + Sync>;
/// What the voice cannot say of a dialplan: the plan, its file's name and text.
pub type Speech = Arc<dyn Fn(&Dialplan, &str, &str) -> Vec<Diagnostic> + Send + Sync>;

/// What these routes keep between requests.
#[derive(Default)]
pub struct State {
    /// Dialplans that lie in files, for everybody to read and copy.
    pub folder: Option<PathBuf>,
    /// The sentence model, where there is one.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// Lets loaded dialplans understand by meaning too.
    pub teach: Option<Teach>,
    /// Looks at voices and pronunciations, where a voice is installed.
    pub speech: Option<Speech>,
    pub memory: library::Memory,
}

/// A dialplan in the list.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"name": "education-trial-zh", "lang": "zh", "langs": ["zh"], "version": 3, "published_unix_ms": 1_764_000_000_000_i64,
    "by": "ops", "steps": 18, "origin": "own", "editable": true, "live": 4}))]
struct Summary {
    name: String,
    lang: String,
    langs: Vec<String>,
    /// `null` of a file that was never published.
    version: Option<i64>,
    published_unix_ms: i64,
    by: String,
    steps: usize,
    origin: Origin,
    /// A publication makes the next version of this dialplan; else the first of an own one.
    editable: bool,
    /// Calls in it now.
    live: u64,
}

/// All dialplans the tenant may use.
#[utoipa::path(get, path = "/dialplans", tag = "dialplans", responses((status = 200, body = Vec<Summary>)))]
async fn list(Extract(web): Extract<Web>, who: Who) -> Answer<Json<Vec<Summary>>> {
    let mut live: BTreeMap<String, u64> = BTreeMap::new();
    for card in web.board.cards(who.tenant) {
        *live.entry(card.dialplan).or_default() += 1;
    }
    let found = library::all(&web, who.tenant).await?;
    let summary = |found: Found| {
        let head = Head::of(found.text());
        let steps = found.included().iter().map(|f| Head::of(&f.text).steps());
        Summary {
            lang: head.lang.clone().unwrap_or_default(),
            langs: head.langs(),
            steps: head.steps() + steps.sum::<usize>(),
            version: found.version,
            published_unix_ms: found.at_unix_ms,
            origin: found.origin,
            editable: editable(who.tenant, found.origin),
            live: live.get(&found.name).copied().unwrap_or_default(),
            by: found.by,
            name: found.name,
        }
    };
    Ok(Json(found.into_iter().map(summary).collect()))
}

fn editable(tenant: TenantId, origin: Origin) -> bool {
    origin == Origin::Own || (origin == Origin::Folder && tenant == TenantId::PLATFORM)
}

/// A file of a dialplan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
struct PlanFile {
    /// As `include` names it.
    path: String,
    text: String,
}

impl PlanFile {
    fn all(files: &[BundleFile]) -> Vec<PlanFile> {
        let files = files.iter();
        files
            .map(|f| PlanFile {
                path: f.path.clone(),
                text: f.text.clone(),
            })
            .collect()
    }
}

fn bundle_files(files: Vec<PlanFile>) -> Vec<BundleFile> {
    let files = files.into_iter();
    files
        .map(|f| BundleFile {
            path: f.path,
            text: f.text,
        })
        .collect()
}

/// A column of the list that the dialplan uses.
#[derive(Serialize, ToSchema)]
struct Column {
    name: String,
    required: bool,
    default: Option<String>,
}

/// One dialplan.
#[derive(Serialize, ToSchema)]
struct Detail {
    name: String,
    version: Option<i64>,
    origin: Origin,
    editable: bool,
    by: String,
    published_unix_ms: i64,
    text: String,
    /// What it includes.
    files: Vec<PlanFile>,
    /// The columns a lead needs or may have; empty while the dialplan cannot be used.
    lead: Vec<Column>,
    /// `null` while the dialplan cannot be used.
    graph: Option<Graph>,
    findings: Vec<Finding>,
}

#[derive(Deserialize, IntoParams)]
struct Which {
    /// The version that counts, without one.
    version: Option<i64>,
}

/// A dialplan's text, what it includes, and its drawing with the calls in it now and of the last 30 days.
#[utoipa::path(get, path = "/dialplans/{name}", tag = "dialplans", params(("name" = String, Path), Which),
    responses((status = 200, body = Detail), (status = 404, body = super::answer::ErrorBody)))]
async fn show(
    Extract(web): Extract<Web>,
    who: Who,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Answer<Json<Detail>> {
    let found = library::find(&web, who.tenant, &name, which.version).await?;
    let examined = examine_found(&web, &found).await?;
    let mut graph = examined.graph();
    if let Some(graph) = &mut graph {
        let mut live: BTreeMap<String, u64> = BTreeMap::new();
        for card in web.board.cards(who.tenant) {
            if card.dialplan == name
                && let Some(step) = card.step
            {
                *live.entry(step).or_default() += 1;
            }
        }
        graph.count(&live, &library::passed(&web, who.tenant, &name).await?);
    }
    Ok(Json(Detail {
        lead: examined.plan.as_deref().map(columns).unwrap_or_default(),
        findings: examined.findings(),
        graph,
        text: found.text().to_string(),
        files: PlanFile::all(found.included()),
        editable: editable(who.tenant, found.origin),
        origin: found.origin,
        version: found.version,
        published_unix_ms: found.at_unix_ms,
        by: found.by,
        name: found.name,
    }))
}

/// A known dialplan is loaded once; only a bad one is looked at for what is wrong.
async fn examine_found(web: &Web, found: &Found) -> Answer<Examined> {
    match library::load(web, found).await {
        Ok(plan) => Ok(Examined {
            findings: plan.warnings.clone(),
            plan: Some(plan),
        }),
        Err(refusal) if refusal.status == StatusCode::UNPROCESSABLE_ENTITY => {
            examine::examined(web, found.files.clone(), Some(found)).await
        }
        Err(refusal) => Err(refusal),
    }
}

fn columns(plan: &Dialplan) -> Vec<Column> {
    let columns = plan.lead.iter();
    columns
        .map(|(name, field)| Column {
            name: name.clone(),
            required: field.required && field.default.is_none(),
            default: field
                .default
                .as_ref()
                .map(|d| d.in_lang(plan.lang).to_string()),
        })
        .collect()
}

/// A text to look at.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"text": "callsmith: 1\nname: trial\n…", "name": "trial"}))]
struct CheckBody {
    text: String,
    /// The dialplan whose included files it stands beside.
    #[serde(default)]
    name: Option<String>,
    /// Included files that are new or changed.
    #[serde(default)]
    files: Vec<PlanFile>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"findings": [{"file": "trial.yaml", "line": 12, "column": 9, "len": 4, "severity": "error",
    "message": "there is no step \"bey\"", "advice": "did you mean \"bye\"?"}], "graph": null}))]
struct Checked {
    findings: Vec<Finding>,
    /// `null` where the text cannot be used.
    graph: Option<Graph>,
    lead: Vec<Column>,
}

/// Checks a text as `callsmith check` does; nothing is stored.
#[utoipa::path(post, path = "/dialplans/check", tag = "dialplans", request_body = CheckBody,
    responses((status = 200, body = Checked), (status = 413, body = super::answer::ErrorBody)))]
async fn check(
    Extract(web): Extract<Web>,
    who: Who,
    Json(body): Json<CheckBody>,
) -> Answer<Json<Checked>> {
    let files = bundle_files(body.files);
    let known = known(&web, who.tenant, body.name.as_deref()).await?;
    library::bounded(&body.text, &files)?;
    let name = body.name.as_deref().unwrap_or("dialplan");
    let bundled = library::bundled(known.as_ref(), name, &body.text, &files);
    let examined = examine::examined(&web, bundled, known.as_ref()).await?;
    Ok(Json(Checked {
        findings: examined.findings(),
        graph: examined.graph(),
        lead: examined.plan.as_deref().map(columns).unwrap_or_default(),
    }))
}

/// The dialplan of a name, where one is given and there is one.
async fn known(web: &Web, tenant: TenantId, name: Option<&str>) -> Answer<Option<Found>> {
    match name {
        Some(name) => library::look_up(web, tenant, name).await,
        None => Ok(None),
    }
}

/// The answer to a dialplan that cannot be used: every finding is in `detail`.
pub(super) fn refused(examined: &Examined) -> Refusal {
    let findings = examined.findings();
    let errors: Vec<&Finding> = findings.iter().filter(|f| f.severity == "error").collect();
    let first = errors.first().map_or(String::new(), |f| {
        format!("; {}:{}:{}: {}", f.file, f.line, f.column, f.message)
    });
    let message = format!("the dialplan has {} error(s){first}", errors.len());
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_dialplan", message)
        .with_detail(serde_json::json!({ "findings": findings }))
}

/// The format of dialplan files as JSON Schema, for editors.
#[utoipa::path(get, path = "/schema/dialplan", tag = "dialplans",
    responses((status = 200, description = "JSON Schema 2020-12", content_type = "application/schema+json")))]
async fn dialplan_schema() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/schema+json")];
    (kind, schema::json()).into_response()
}
