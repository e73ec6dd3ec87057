//! Call lists: upload, columns, check, import.

mod files;
mod work;

use super::Web;
use super::access::{May, Rule};
use super::answer::{Answer, ErrorBody, Refusal};
use super::campaigns::settings::wanted;
use super::guard::Who;
use crate::campaign::list::{Field, ListError, ListOptions, Preview, preview};
use crate::campaign::settings::is_country;
use crate::store::{CampaignId, CampaignRow, Kind};
use axum::Json;
use axum::body::Body;
use axum::extract::{Multipart, Path, Query, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
pub use files::State;
use files::Upload;
pub(super) use files::random_id;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    // The form around the file is part of the body.
    Rule::may("POST", "/lists", May::ListsUpload).upload(files::BYTES + 64 * 1024),
    Rule::may("GET", "/lists/{list}", May::ListsUpload),
    Rule::may("DELETE", "/lists/{list}", May::ListsUpload),
    Rule::may("POST", "/lists/{list}/check", May::ListsUpload),
    Rule::may("GET", "/lists/{list}/errors.csv", May::ListsUpload).stream(),
    Rule::may("POST", "/campaigns/{campaign}/import", May::ListsUpload),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(show, discard))
        .routes(routes!(check))
        .routes(routes!(errors))
        .routes(routes!(import))
}

/// An uploaded list and its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"list": "9a41…", "name": "客户.xlsx", "bytes": 48_213, "kind": "xlsx", "sheets": ["名单"], "encoding": null,
    "columns": [{"name": "手机号", "samples": ["138******00"], "field": "phone"}, {"name": "城市", "samples": ["上海"], "field": "var:城市"}],
    "remembered": false, "total": 1200}))]
pub struct ListFile {
    pub list: String,
    pub name: String,
    pub bytes: u64,
    /// `csv` or `xlsx`.
    pub kind: String,
    pub sheets: Vec<String>,
    pub encoding: Option<String>,
    pub columns: Vec<ListColumn>,
    /// The fields are those that were chosen for such a list before.
    pub remembered: bool,
    /// Rows, about.
    pub total: Option<u64>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListColumn {
    pub name: String,
    /// The first cells with something in them; long numbers are masked.
    pub samples: Vec<String>,
    /// `phone`, `name`, `lang`, `tz`, `ignore` or `var:NAME`.
    pub field: String,
}

#[derive(Deserialize, IntoParams)]
struct WhichSheet {
    /// A sheet of a workbook; the first one when it is not said.
    sheet: Option<String>,
}

#[derive(Deserialize, IntoParams)]
struct WhichJob {
    /// The check or the import.
    job: String,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"sheet": null, "mapping": {"手机号": "phone", "姓名": "name", "城市": "var:城市"}, "country": "CN", "campaign": 3}))]
struct CheckWish {
    sheet: Option<String>,
    /// Column → field; a column that is not named keeps what its header means.
    #[serde(default)]
    mapping: BTreeMap<String, String>,
    /// ISO 3166 letters, for numbers without a country code.
    country: String,
    /// Numbers this campaign has already are counted.
    campaign: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"list": "9a41…", "sheet": null, "mapping": {"手机号": "phone"}, "country": "CN", "skip_bad": true}))]
struct ImportWish {
    list: String,
    sheet: Option<String>,
    #[serde(default)]
    mapping: BTreeMap<String, String>,
    country: String,
    /// Rows with something wrong are left out; otherwise one such row keeps all of them out.
    skip_bad: bool,
}

/// Work that goes on.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"job": "0f2c…"}))]
pub struct JobStarted {
    pub job: String,
}

/// The body of an upload.
#[derive(ToSchema)]
#[allow(dead_code)]
struct UploadForm {
    /// A CSV or XLSX file, at most 200 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Uploads a list. It is kept for a day, or until it was imported.
#[utoipa::path(post, path = "/lists", tag = "lists",
    request_body(content = inline(UploadForm), content_type = "multipart/form-data"),
    responses((status = 200, body = ListFile), (status = 413, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn upload(Shared(web): Shared<Web>, who: Who, form: Multipart) -> Answer<Json<ListFile>> {
    let upload = files::receive(&web, who.tenant, form).await?;
    web.account.owners.put(Kind::List, &upload.list, who.tenant);
    match describe(&web, &who, &upload, None).await {
        Ok(list) => Ok(Json(list)),
        Err(refusal) => {
            // What cannot be read need not be kept.
            web.lists.forget(&upload.list);
            Err(refusal)
        }
    }
}

/// An uploaded list, or another of its sheets.
#[utoipa::path(get, path = "/lists/{list}", tag = "lists", params(("list" = String, Path, example = "9a41…"), WhichSheet),
    responses((status = 200, body = ListFile), (status = 404, body = ErrorBody)))]
async fn show(
    Shared(web): Shared<Web>,
    who: Who,
    Path(list): Path<String>,
    Query(which): Query<WhichSheet>,
) -> Answer<Json<ListFile>> {
    let upload = web.lists.get(who.tenant, &list)?;
    describe(&web, &who, &upload, which.sheet).await.map(Json)
}

/// Removes an uploaded list.
#[utoipa::path(delete, path = "/lists/{list}", tag = "lists", params(("list" = String, Path, example = "9a41…")),
    responses((status = 204), (status = 404, body = ErrorBody)))]
async fn discard(
    Shared(web): Shared<Web>,
    who: Who,
    Path(list): Path<String>,
) -> Answer<StatusCode> {
    let upload = web.lists.get(who.tenant, &list)?;
    web.lists.forget(&upload.list);
    Ok(StatusCode::NO_CONTENT)
}

/// Reads the whole list and tells what an import would do. Nothing is stored.
#[utoipa::path(post, path = "/lists/{list}/check", tag = "lists", params(("list" = String, Path, example = "9a41…")),
    request_body = CheckWish, responses((status = 200, body = JobStarted), (status = 422, body = ErrorBody)))]
async fn check(
    Shared(web): Shared<Web>,
    who: Who,
    Path(list): Path<String>,
    Json(wish): Json<CheckWish>,
) -> Answer<Json<JobStarted>> {
    let upload = web.lists.get(who.tenant, &list)?;
    let campaign = match wish.campaign {
        Some(id) => Some(campaign(&web, &who, id).await?),
        None => None,
    };
    let mut options = options(wish.sheet, &wish.mapping, wish.country)?;
    if let Some(campaign) = &campaign {
        options.wanted = wanted(&web, campaign).await?;
    }
    work::check(&web, &who, upload, options, campaign).await
}

/// Takes a list into a campaign. A number that the campaign has already is left as it is.
#[utoipa::path(post, path = "/campaigns/{campaign}/import", tag = "lists", params(("campaign" = i64, Path, example = 3)),
    request_body = ImportWish, responses((status = 200, body = JobStarted), (status = 422, body = ErrorBody)))]
async fn import(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
    Json(wish): Json<ImportWish>,
) -> Answer<Json<JobStarted>> {
    let campaign = campaign(&web, &who, id).await?;
    let upload = web.lists.get(who.tenant, &wish.list)?;
    let mut options = options(wish.sheet, &wish.mapping, wish.country)?;
    options.wanted = wanted(&web, &campaign).await?;
    let object = format!("campaign:{}", campaign.id.0);
    let detail = serde_json::json!({"list": upload.name, "bytes": upload.bytes});
    web.audit(&who, "lists.import", object, detail).await?;
    work::import(&web, &who, upload, options, campaign, wish.skip_bad).await
}

/// All row errors of a check or an import, as CSV.
#[utoipa::path(get, path = "/lists/{list}/errors.csv", tag = "lists", params(("list" = String, Path, example = "9a41…"), WhichJob),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, body = ErrorBody)))]
async fn errors(
    Shared(web): Shared<Web>,
    who: Who,
    Path(_list): Path<String>,
    Query(which): Query<WhichJob>,
) -> Answer<Response> {
    // The list itself may be gone since its import.
    let file = web.jobs.errors_of(who.tenant, &which.job);
    let file = file.ok_or_else(|| Refusal::not_found("such job"))?;
    let file = tokio::fs::File::open(&file)
        .await
        .map_err(|_| Refusal::not_found("list of errors for this job"))?;
    let body = Body::from_stream(tokio_util::io::ReaderStream::new(file));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"errors.csv\"",
        ),
    ];
    Ok((headers, body).into_response())
}

async fn campaign(web: &Web, who: &Who, id: i64) -> Answer<CampaignRow> {
    let found = web.store.campaign_of(who.tenant, CampaignId(id)).await?;
    found.ok_or_else(|| Refusal::not_found("such campaign"))
}

/// What a request says about reading a list, as the reader takes it.
fn options(
    sheet: Option<String>,
    mapping: &BTreeMap<String, String>,
    country: String,
) -> Answer<ListOptions> {
    if !is_country(&country) {
        let error = ListError::Country(country);
        return Err(Refusal::field("country", error));
    }
    for (column, field) in mapping {
        let known = matches!(field.as_str(), "phone" | "name" | "lang" | "tz" | "ignore");
        let variable = field
            .strip_prefix("var:")
            .is_some_and(|v| !v.trim().is_empty());
        if !known && !variable {
            return Err(Refusal::field(
                "mapping",
                format!(
                    "column {column:?}: {field:?} is no field; use phone, name, lang, tz, ignore or var:NAME"
                ),
            ));
        }
    }
    Ok(ListOptions {
        country,
        map: mapping.clone().into_iter().collect(),
        sheet,
        ..ListOptions::default()
    })
}

/// What is wrong with a list, without the server's name for the file.
fn refused(upload: &Upload, error: &ListError) -> Refusal {
    Refusal::field("file", in_words(upload, error))
}

fn in_words(upload: &Upload, error: &ListError) -> String {
    error
        .to_string()
        .replace(&upload.path.display().to_string(), &upload.name)
        .replace(
            ", or use --map COLUMN=phone",
            ", or choose the column that holds the number",
        )
        .replace(
            "; use --map to say which one counts",
            "; choose one of them",
        )
}

async fn describe(
    web: &Web,
    who: &Who,
    upload: &Upload,
    sheet: Option<String>,
) -> Answer<ListFile> {
    let path = upload.path.clone();
    let looked = tokio::task::spawn_blocking(move || preview(&path, sheet.as_deref(), "CN")).await;
    let seen = match looked {
        Ok(Ok(seen)) => seen,
        Ok(Err(error)) => return Err(refused(upload, &error)),
        Err(_) => {
            return Err(Refusal::field(
                "file",
                "it cannot be read; save it again as CSV UTF-8",
            ));
        }
    };
    let known = web.store.columns_recall(who.tenant, &seen.digest).await?;
    Ok(list_file(upload, seen, known.as_ref()))
}

fn list_file(upload: &Upload, seen: Preview, known: Option<&BTreeMap<String, String>>) -> ListFile {
    let columns = seen.columns.into_iter().map(|c| {
        let field = known
            .and_then(|k| k.get(&c.name))
            .map_or(c.field, |f| Field::named(f));
        ListColumn {
            name: c.name,
            samples: c.samples,
            field: field.code(),
        }
    });
    ListFile {
        list: upload.list.clone(),
        name: upload.name.clone(),
        bytes: upload.bytes,
        kind: seen.kind.code().into(),
        sheets: seen.sheets,
        encoding: seen.encoding.map(Into::into),
        columns: columns.collect(),
        remembered: known.is_some(),
        total: seen.rows.or(upload.lines),
    }
}
