//! Versions: publishing, copying, going back, and what differs.

use super::library::{self, Found, Origin};
use super::publish::{Publication, PublishError};
use super::{PlanFile, bundle, bundle_files, compare, examine, publish, refused};
use crate::dialogue::template::is_name;
use crate::store::{BundleFile, DialplanVersion, Published, TenantId};
use crate::web::Web;
use crate::web::answer::{Answer, ErrorBody, Refusal};
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(publish_text))
        .routes(routes!(copy))
        .routes(routes!(rollback))
        .routes(routes!(versions))
        .routes(routes!(diff))
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"text": "callsmith: 1\nname: trial\n…", "note": "shorter greeting"}))]
struct PublishBody {
    text: String,
    #[serde(default)]
    note: String,
    /// Included files that are new or changed; the others stay as they are.
    #[serde(default)]
    files: Vec<PlanFile>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"version": 4, "new": true}))]
struct PublishedVersion {
    version: i64,
    /// False when the very same text counted already.
    new: bool,
}

/// Publishes a text as the next version, which counts for calls that begin from now on; live calls end on theirs. A text with
/// errors is refused with all findings in `error.detail.findings`, and the version before goes on counting.
#[utoipa::path(post, path = "/dialplans/{name}/publish", tag = "dialplans", params(("name" = String, Path)), request_body = PublishBody,
    responses((status = 200, body = PublishedVersion), (status = 422, body = ErrorBody)))]
async fn publish_text(
    State(web): State<Web>,
    who: Who,
    Path(name): Path<String>,
    Json(body): Json<PublishBody>,
) -> Answer<Json<PublishedVersion>> {
    named(&name)?;
    let files = bundle_files(body.files);
    library::bounded(&body.text, &files)?;
    let known = library::look_up(&web, who.tenant, &name).await?;
    let files = library::bundled(known.as_ref(), &name, &body.text, &files);
    let published = publish_files(&web, &who, &name, files, known.as_ref(), &body.note).await?;
    Ok(Json(published))
}

/// Names that may be published from here: they stand in addresses and in campaigns' lists of names.
fn named(name: &str) -> Answer<()> {
    if is_name(name) && name != "check" {
        return Ok(());
    }
    Err(Refusal::field(
        "name",
        "give up to 64 letters, digits, - and _ (not \"check\")",
    ))
}

async fn publish_files(
    web: &Web,
    who: &Who,
    name: &str,
    files: Vec<BundleFile>,
    known: Option<&Found>,
    note: &str,
) -> Answer<PublishedVersion> {
    let files = library::tidied(files);
    let examined = examine::examined(web, files.clone(), known).await?;
    let (true, Some(plan)) = (examined.good(), &examined.plan) else {
        return Err(refused(&examined));
    };
    if plan.name != name {
        return Err(Refusal::field(
            "text",
            format!(
                "the text says `name: {}` and is published as {name}; make them the same",
                plan.name
            ),
        ));
    }
    let publication = Publication {
        tenant: who.tenant,
        files,
        by: who.name.clone(),
        note: note.chars().filter(|c| !c.is_control()).take(500).collect(),
        audit: who.did("dialplans.publish", name, json!({})),
    };
    let recordings = known.map(|k| k.dir.as_path());
    let done = publish::publish(&web.store, &web.data, plan, &publication, recordings).await;
    let done = done.map_err(|e| match e {
        PublishError::Store(e) => Refusal::from(e),
        PublishError::Bundle(e) => {
            tracing::warn!(dialplan = name, "a dialplan cannot be kept: {e}");
            Refusal::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "disk",
                "the dialplan's files cannot be written; look at the data folder's space and rights",
            )
        }
    })?;
    let published = match done {
        Published::New(version) => PublishedVersion { version, new: true },
        Published::Same(version) => PublishedVersion {
            version,
            new: false,
        },
    };
    tracing::info!(
        dialplan = name,
        version = published.version,
        by = who.name,
        "published"
    );
    Ok(published)
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "our-trial"}))]
struct CopyBody {
    /// What the copy is called; the same name makes the platform's dialplan the tenant's own.
    name: String,
}

/// Makes an own dialplan of one that the tenant may read.
#[utoipa::path(post, path = "/dialplans/{name}/copy", tag = "dialplans", params(("name" = String, Path)), request_body = CopyBody,
    responses((status = 200, body = PublishedVersion), (status = 409, body = ErrorBody)))]
async fn copy(
    State(web): State<Web>,
    who: Who,
    Path(name): Path<String>,
    Json(body): Json<CopyBody>,
) -> Answer<Json<PublishedVersion>> {
    named(&body.name)?;
    let found = library::find(&web, who.tenant, &name, None).await?;
    if web
        .store
        .dialplan(who.tenant, &body.name, None)
        .await?
        .is_some()
    {
        return Err(Refusal::conflict(
            "exists",
            format!(
                "there is a dialplan {:?} already; choose another name",
                body.name
            ),
        ));
    }
    let mut files = found.files.clone();
    if let Some(main) = files.first_mut() {
        main.text = renamed(&main.text, &body.name);
        main.path = format!("{}.yaml", bundle::plain(&body.name));
    }
    let note = format!("copy of {name}");
    let published = publish_files(&web, &who, &body.name, files, Some(&found), &note).await?;
    Ok(Json(published))
}

/// The text with another `name:`.
fn renamed(text: &str, name: &str) -> String {
    let line = |l: &str| {
        let end = if l.ends_with("\r\n") { "\r\n" } else { "\n" };
        match l.starts_with("name:") {
            true => format!("name: {name}{end}"),
            false => l.to_string(),
        }
    };
    text.split_inclusive('\n').map(line).collect()
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"version": 3}))]
struct RollbackBody {
    version: i64,
}

/// Lets an earlier version count again.
#[utoipa::path(post, path = "/dialplans/{name}/rollback", tag = "dialplans", params(("name" = String, Path)), request_body = RollbackBody,
    responses((status = 200, body = PublishedVersion), (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn rollback(
    State(web): State<Web>,
    who: Who,
    Path(name): Path<String>,
    Json(body): Json<RollbackBody>,
) -> Answer<Json<PublishedVersion>> {
    let found = library::find(&web, who.tenant, &name, Some(body.version)).await?;
    if found.origin != Origin::Own {
        return Err(Refusal::forbidden(
            "read_only",
            "this dialplan is the platform's; copy it to change it",
        ));
    }
    // What was good once may not be so for this program.
    library::load(&web, &found).await?;
    let by = &who.name;
    let entry = who.did(
        "dialplans.rollback",
        &name,
        json!({"version": body.version}),
    );
    let done = web
        .store
        .dialplan_rollback(who.tenant, &name, body.version, by, Some(&entry));
    if !done.await? {
        return Err(Refusal::not_found(format!(
            "version {} of {name:?}",
            body.version
        )));
    }
    tracing::info!(dialplan = name, version = body.version, by, "rolled back");
    Ok(Json(PublishedVersion {
        version: body.version,
        new: false,
    }))
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"version": 3, "by": "ops", "note": "shorter greeting", "at_unix_ms": 1_764_000_000_000_i64, "active": true}))]
struct VersionRow {
    version: i64,
    by: String,
    note: String,
    at_unix_ms: i64,
    /// It counts.
    active: bool,
}

/// All versions, the latest first.
#[utoipa::path(get, path = "/dialplans/{name}/versions", tag = "dialplans", params(("name" = String, Path)),
    responses((status = 200, body = Vec<VersionRow>), (status = 404, body = ErrorBody)))]
async fn versions(
    State(web): State<Web>,
    who: Who,
    Path(name): Path<String>,
) -> Answer<Json<Vec<VersionRow>>> {
    let found = library::find(&web, who.tenant, &name, None).await?;
    let rows = match whose(&who, &found) {
        Some(whose) => web.store.dialplans(whose, Some(&name)).await?,
        None => Vec::new(),
    };
    let row = |v: DialplanVersion| VersionRow {
        version: v.version,
        by: v.by,
        note: v.note,
        at_unix_ms: v.at_unix_ms,
        active: v.active,
    };
    Ok(Json(rows.into_iter().map(row).collect()))
}

/// Whose versions a name's are; nobody's of a file.
fn whose(who: &Who, found: &Found) -> Option<TenantId> {
    match found.origin {
        Origin::Own => Some(who.tenant),
        Origin::Platform => Some(TenantId::PLATFORM),
        Origin::Folder => None,
    }
}

#[derive(Deserialize, IntoParams)]
struct Between {
    from: i64,
    to: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"diff": "# steps changed: greet\n--- trial.yaml (version 1)\n+++ trial.yaml (version 2)\n…"}))]
struct Difference {
    /// Steps added, removed and changed as `#` lines, then a unified diff of every file.
    diff: String,
}

/// What differs between two versions.
#[utoipa::path(get, path = "/dialplans/{name}/diff", tag = "dialplans", params(("name" = String, Path), Between),
    responses((status = 200, body = Difference), (status = 404, body = ErrorBody)))]
async fn diff(
    State(web): State<Web>,
    who: Who,
    Path(name): Path<String>,
    Query(between): Query<Between>,
) -> Answer<Json<Difference>> {
    let found = library::find(&web, who.tenant, &name, None).await?;
    let gone = |version: i64| Refusal::not_found(format!("version {version} of {name:?}"));
    let whose = whose(&who, &found).ok_or_else(|| gone(between.from))?;
    let get = async |version: i64| {
        let found = web.store.dialplan(whose, &name, Some(version)).await?;
        found.ok_or_else(|| gone(version))
    };
    let (a, b) = (get(between.from).await?, get(between.to).await?);
    let diff = examine::worked(&web, move || compare::difference(&a, &b)).await?;
    Ok(Json(Difference { diff }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_its_new_name_and_nothing_else_changes() {
        let text = "callsmith: 1\r\nname: a # old\r\nsteps:\r\n  x: { say: \"name: b\" }\r\n";
        assert_eq!(
            renamed(text, "neu"),
            "callsmith: 1\r\nname: neu\r\nsteps:\r\n  x: { say: \"name: b\" }\r\n"
        );
    }
}
