//! The audit log.

use super::super::Web;
use super::super::answer::Answer;
use super::super::guard::Who;
use super::Page;
use crate::store::{AuditFilter, AuditRow as Row};
use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(verify))
}

/// What somebody did.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 41, "at_unix_ms": 1_790_000_000_000_i64, "who": "sun", "role": "supervisor", "action": "calls.listen", "object": "call:c19a-77", "detail": {}, "hash": "9f2c…"}))]
struct AuditRow {
    id: i64,
    at_unix_ms: i64,
    who: String,
    role: String,
    action: String,
    object: String,
    #[schema(value_type = Object)]
    detail: Value,
    /// SHA-256 over the hash of the row before and this row.
    hash: String,
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> AuditRow {
        AuditRow {
            id: row.id,
            at_unix_ms: row.at_unix_ms,
            who: row.entry.who,
            role: row.entry.role,
            action: row.entry.action,
            object: row.entry.object,
            detail: row.entry.detail,
            hash: row.hash,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct AuditRows {
    items: Vec<AuditRow>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    who: Option<String>,
    /// An action, or the first word of several: `calls`.
    #[param(example = "calls")]
    action: Option<String>,
}

/// Whether the log is whole.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"rows": 1204, "broken_at": null, "head": "9f2c…"}))]
struct Verdict {
    /// Rows looked at.
    rows: i64,
    /// The first row that was changed, taken out or put in.
    broken_at: Option<i64>,
    /// The last row's hash. A copy kept elsewhere proves later that nothing before it was rewritten.
    head: String,
}

/// What people did, the newest first.
#[utoipa::path(get, path = "/audit", tag = "people", params(Page, Filter), responses((status = 200, body = AuditRows)))]
async fn list(
    State(web): State<Web>,
    who: Who,
    Query(page): Query<Page>,
    Query(filter): Query<Filter>,
) -> Answer<Json<AuditRows>> {
    let some = |word: Option<String>| word.filter(|w| !w.is_empty());
    let filter = AuditFilter {
        before: page.after()?,
        who: some(filter.who),
        action: some(filter.action),
        limit: page.limit(),
    };
    let rows = web.store.audit_rows(who.tenant, &filter).await?;
    Ok(Json(AuditRows {
        next: page.next(rows.len(), rows.last().map(|r| r.id)),
        items: rows.into_iter().map(AuditRow::from).collect(),
    }))
}

/// Go through the whole log and say whether somebody changed it.
#[utoipa::path(get, path = "/audit/verify", tag = "people", responses((status = 200, body = Verdict)))]
async fn verify(State(web): State<Web>, _who: Who) -> Answer<Json<Verdict>> {
    let verdict = web.store.audit_verify().await?;
    Ok(Json(Verdict {
        rows: verdict.rows,
        broken_at: verdict.broken_at,
        head: verdict.head,
    }))
}
