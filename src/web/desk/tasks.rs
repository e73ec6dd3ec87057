//! Calls that a human must make.

use super::pop::LeadReference;
use super::{DONE, Done};
use crate::store::DeskTask;
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const MOST: u32 = 200;

/// A call somebody must make.
#[derive(Serialize, ToSchema)]
pub(super) struct Task {
    id: i64,
    call: String,
    lead: LeadReference,
    phone: String,
    reason: String,
    due_unix_ms: i64,
    created_unix_ms: i64,
    done_unix_ms: Option<i64>,
    by: Option<String>,
    note: Option<String>,
}

impl From<DeskTask> for Task {
    fn from(task: DeskTask) -> Task {
        Task {
            id: task.id,
            call: task.call.0,
            lead: LeadReference {
                id: task.lead.0,
                name: task.name,
            },
            phone: task.phone.to_string(),
            reason: task.reason,
            due_unix_ms: task.due_unix_ms,
            created_unix_ms: task.created_unix_ms,
            done_unix_ms: task.done_unix_ms,
            by: task.by,
            note: task.note,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Tasks {
    items: Vec<Task>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct Page {
    /// 1 to 200; 50 without it.
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Calls that humans must make: open ones, the most urgent first; then those that are done.
#[utoipa::path(get, path = "/desk/tasks", tag = "desk", params(Page), responses((status = 200, body = Tasks)))]
pub(super) async fn list(
    State(web): State<Web>,
    who: Who,
    Query(page): Query<Page>,
) -> Answer<Json<Tasks>> {
    let limit = page.limit.unwrap_or(50).clamp(1, MOST);
    let after: u32 = match page.after.as_deref().filter(|a| !a.is_empty()) {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| Refusal::field("after", "give the `next` of the page before"))?,
    };
    let mut tasks = web.store.desk_tasks(who.tenant, after, limit + 1).await?;
    let more = tasks.len() > limit as usize;
    tasks.truncate(limit as usize);
    Ok(Json(Tasks {
        items: tasks.into_iter().map(Into::into).collect(),
        next: more.then(|| after.saturating_add(limit).to_string()),
    }))
}

#[derive(Default, Deserialize, ToSchema)]
#[schema(example = json!({"note": "reached her, sold"}))]
pub(super) struct TaskDone {
    note: Option<String>,
}

/// Marks a task done.
#[utoipa::path(post, path = "/desk/tasks/{task}/done", tag = "desk", params(("task" = i64, Path)), request_body = TaskDone,
    responses((status = 200, body = Done), (status = 404), (status = 409)))]
pub(super) async fn done(
    State(web): State<Web>,
    who: Who,
    Path(task): Path<i64>,
    said: Option<Json<TaskDone>>,
) -> Answer<Json<Done>> {
    let said = said.map(|Json(said)| said).unwrap_or_default();
    let note = said.note.as_deref().filter(|n| !n.trim().is_empty());
    let now = web.clock.unix_ms();
    let marked = web
        .store
        .desk_task_done(who.tenant, task, &who.name, note, now)
        .await?;
    if marked {
        return Ok(DONE);
    }
    Err(Refusal::conflict("done", "this task is done already"))
}
