//! Long work and how far it is.

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, ErrorBody, Refusal};
use super::guard::Who;
use crate::campaign::list::RowError;
use crate::store::TenantId;
use axum::Json;
use axum::extract::{Path, State as Shared};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/jobs/{job}", May::ListsUpload),
    Rule::may("DELETE", "/jobs/{job}", May::ListsUpload),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show, cancel))
}

/// Row errors a job shows; the rest is in the file.
const SHOWN: usize = 200;
/// Jobs of one tenant at the same time.
const AT_ONCE: usize = 3;
/// Ended jobs are forgotten after so long, ms.
const KEPT_MS: i64 = 86_400_000;

#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    Check,
    Import,
    Export,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Running,
    Done,
    Failed,
}

/// Why one row is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RowProblem {
    /// As a spreadsheet numbers it; the header is 1.
    pub row: u64,
    pub column: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
    /// The same in Chinese.
    pub message_zh: String,
}

impl From<&RowError> for RowProblem {
    fn from(e: &RowError) -> RowProblem {
        let shown = if e.value.is_empty() {
            String::new()
        } else {
            format!("“{}”: ", e.value)
        };
        let (problem_zh, advice_zh) = e.zh();
        RowProblem {
            message_zh: format!("{shown}{problem_zh}；{advice_zh}"),
            row: e.row,
            column: (!e.column.is_empty()).then(|| e.column.clone()),
            message: format!("{shown}{}; {}", e.problem, e.advice),
        }
    }
}

/// A piece of long work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"job": "0f2c…", "kind": "check", "state": "running", "rows": 42000, "total": 100_000, "added": 41_530,
    "known": 200, "on_dnc": 12, "bad": 70, "duplicates": 200, "canceled": false, "message": null,
    "errors": [{"row": 17, "column": "手机号", "message": "“138********1”: this is not a number that can be called; check for missing or additional digits",
        "message_zh": "“138********1”: 这不是可以拨打的号码；检查是否少了或多了数字"}]}))]
pub struct Job {
    pub job: String,
    pub kind: JobKind,
    pub state: JobState,
    /// Rows read so far.
    pub rows: u64,
    /// Rows there are, as far as that is known.
    pub total: Option<u64>,
    /// Leads that went in, or would.
    pub added: u64,
    /// Rows whose numbers the campaign has already.
    pub known: u64,
    /// Of `added`, those that will not be called because of the do-not-call list.
    pub on_dnc: u64,
    /// Rows with something wrong in them.
    pub bad: u64,
    /// Rows whose number stands further up in the list.
    pub duplicates: u64,
    /// The first 200.
    pub errors: Vec<RowProblem>,
    /// What happened, in words.
    pub message: Option<String>,
    /// Somebody stopped it.
    pub canceled: bool,
}

/// A job that changed.
#[derive(Clone, Debug)]
pub struct JobChange {
    pub tenant: TenantId,
    pub job: Arc<Job>,
}

struct Entry {
    tenant: TenantId,
    job: Arc<Job>,
    stop: CancellationToken,
    errors: Option<PathBuf>,
    began_unix_ms: i64,
}

/// What these routes keep between requests.
pub struct State {
    jobs: Mutex<BTreeMap<String, Entry>>,
    changed: broadcast::Sender<JobChange>,
}

impl Default for State {
    fn default() -> Self {
        State {
            jobs: Mutex::default(),
            changed: broadcast::channel(64).0,
        }
    }
}

impl State {
    /// Every change of every job from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<JobChange> {
        self.changed.subscribe()
    }

    /// The tenant's job.
    #[must_use]
    pub fn get(&self, tenant: TenantId, job: &str) -> Option<Arc<Job>> {
        let jobs = self.jobs();
        let entry = jobs.get(job).filter(|e| e.tenant == tenant)?;
        Some(entry.job.clone())
    }

    /// Whose job it is.
    #[must_use]
    pub fn tenant_of(&self, job: &str) -> Option<TenantId> {
        self.jobs().get(job).map(|e| e.tenant)
    }

    /// A new job, running. `errors`: the folder in which a file of its row errors will stand.
    ///
    /// # Errors
    /// The tenant has too many running.
    pub fn begin(
        &self,
        tenant: TenantId,
        kind: JobKind,
        total: Option<u64>,
        errors: Option<&std::path::Path>,
        now_unix_ms: i64,
    ) -> Answer<Begun> {
        let mut jobs = self.jobs();
        jobs.retain(|_, entry| {
            let old =
                entry.began_unix_ms < now_unix_ms - KEPT_MS && entry.job.state != JobState::Running;
            if old && let Some(file) = &entry.errors {
                let _ = std::fs::remove_file(file);
            }
            !old
        });
        let running = jobs
            .values()
            .filter(|e| e.tenant == tenant && e.job.state == JobState::Running)
            .count();
        if running >= AT_ONCE {
            let mut refusal = Refusal::new(
                axum::http::StatusCode::TOO_MANY_REQUESTS,
                "busy",
                format!("{running} lists are being read already; wait until one is done"),
            );
            refusal.retry_after_s = Some(5);
            return Err(refusal);
        }
        let id = super::lists::random_id();
        let begun = Begun {
            errors: errors.map(|dir| dir.join(format!("{id}.errors.csv"))),
            stop: CancellationToken::new(),
            job: id.clone(),
        };
        let job = Job {
            job: id.clone(),
            kind,
            state: JobState::Running,
            rows: 0,
            total,
            added: 0,
            known: 0,
            on_dnc: 0,
            bad: 0,
            duplicates: 0,
            errors: Vec::new(),
            message: None,
            canceled: false,
        };
        jobs.insert(
            id,
            Entry {
                tenant,
                job: Arc::new(job),
                stop: begun.stop.clone(),
                errors: begun.errors.clone(),
                began_unix_ms: now_unix_ms,
            },
        );
        Ok(begun)
    }

    /// Changes a job and tells everybody who listens.
    pub fn update(&self, job: &str, change: impl FnOnce(&mut Job)) {
        let mut jobs = self.jobs();
        let Some(entry) = jobs.get_mut(job) else {
            return;
        };
        change(Arc::make_mut(&mut entry.job));
        // Nobody listens: that is fine.
        let _ = self.changed.send(JobChange {
            tenant: entry.tenant,
            job: entry.job.clone(),
        });
    }

    /// The file of a job's row errors.
    #[must_use]
    pub fn errors_of(&self, tenant: TenantId, job: &str) -> Option<PathBuf> {
        let jobs = self.jobs();
        let entry = jobs.get(job).filter(|e| e.tenant == tenant)?;
        entry.errors.clone()
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the worker of a job needs.
pub struct Begun {
    pub job: String,
    pub stop: CancellationToken,
    /// Where its row errors go.
    pub errors: Option<PathBuf>,
}

impl Job {
    /// Shows errors until there are enough of them.
    pub fn show(&mut self, errors: &[RowError]) {
        let room = SHOWN.saturating_sub(self.errors.len());
        self.errors
            .extend(errors.iter().take(room).map(RowProblem::from));
    }
}

/// How far a job is.
#[utoipa::path(get, path = "/jobs/{job}", tag = "lists", params(("job" = String, Path, example = "0f2c9d…")),
    responses((status = 200, body = Job), (status = 404, body = ErrorBody)))]
async fn show(Shared(web): Shared<Web>, who: Who, Path(job): Path<String>) -> Answer<Json<Job>> {
    let found = web.jobs.get(who.tenant, &job);
    found
        .map(|job| Json((*job).clone()))
        .ok_or_else(|| Refusal::not_found("such job"))
}

/// Stops a running job. Rows that went in stay.
#[utoipa::path(delete, path = "/jobs/{job}", tag = "lists", params(("job" = String, Path, example = "0f2c9d…")),
    responses((status = 200, body = Job), (status = 404, body = ErrorBody)))]
async fn cancel(Shared(web): Shared<Web>, who: Who, Path(job): Path<String>) -> Answer<Json<Job>> {
    let found = web.jobs.get(who.tenant, &job);
    let found = found.ok_or_else(|| Refusal::not_found("such job"))?;
    if let Some(entry) = web.jobs.jobs().get(&job) {
        entry.stop.cancel();
    }
    Ok(Json((*found).clone()))
}
