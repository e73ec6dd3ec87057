//! Results as files, page by page out of the database.

use super::owned;
use crate::campaign::export::{Table, csv_block};
use crate::campaign::export_xlsx::{ROWS, Sheet};
use crate::store::{CampaignRow, ResultCursor, ResultRow, StoreError};
use crate::web::answer::{Answer, ErrorBody, Refusal};
use crate::web::guard::Who;
use crate::web::{PREFIX, Web};
use axum::body::Body;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// Leads read at once.
const PAGE: u32 = 500;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The results as CSV, with whole numbers. No cell of it runs as a formula.
#[utoipa::path(get, path = "/campaigns/{campaign}/export.csv", tag = "campaigns", params(("campaign" = i64, Path, example = 3)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, body = ErrorBody)))]
pub(super) async fn csv(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Answer<Response> {
    let campaign = owned(&web, who.tenant, id).await?;
    told(&web, &who, &campaign).await?;
    let table = table(&web, &campaign, &headers).await?;
    let name = file_name(&campaign, "csv");
    let campaign = campaign.id;
    // Where the next block begins; the first one comes even when there are no leads.
    let pages = stream::try_unfold(
        Some((ResultCursor::START, true)),
        move |at: Option<(ResultCursor, bool)>| {
            let (web, table) = (web.clone(), table.clone());
            async move {
                let Some((from, first)) = at else {
                    return Ok(None);
                };
                let (rows, next) = web
                    .store
                    .results(campaign, from, PAGE)
                    .await
                    .map_err(std::io::Error::other)?;
                let block = csv_block(&table, &rows, first)?;
                Ok::<_, std::io::Error>(Some((block, next.map(|n| (n, false)))))
            }
        },
    );
    Ok(download(
        "text/csv; charset=utf-8",
        &name,
        Body::from_stream(pages),
    ))
}

/// The results as an Excel workbook, with whole numbers. No cell of it runs as a formula.
#[utoipa::path(get, path = "/campaigns/{campaign}/export.xlsx", tag = "campaigns", params(("campaign" = i64, Path, example = 3)),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(super) async fn xlsx(
    Shared(web): Shared<Web>,
    who: Who,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Answer<Response> {
    let campaign = owned(&web, who.tenant, id).await?;
    told(&web, &who, &campaign).await?;
    let table = table(&web, &campaign, &headers).await?;
    let dir = web.data.join("exports");
    tokio::fs::create_dir_all(&dir)
        .await
        .map_err(|e| disk(&e))?;
    let path = dir.join(format!("{}.xlsx", crate::web::lists::random_id()));
    let file = Temporary(path.clone());
    let (send, rows) = mpsc::channel(2);
    let writing = tokio::task::spawn_blocking(move || write(table, rows, &path));
    let mut from = Some(ResultCursor::START);
    while let Some(at) = from {
        let (rows, next) = web.store.results(campaign.id, at, PAGE).await?;
        // The writer has ended early: its answer says why.
        if send.send(rows).await.is_err() {
            break;
        }
        from = next;
    }
    drop(send);
    match writing.await {
        Ok(Ok(true)) => {}
        Ok(Ok(false)) => {
            return Err(Refusal::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_big",
                format!("an Excel sheet holds {ROWS} rows and there are more; take the CSV"),
            ));
        }
        Ok(Err(why)) => return Err(disk(&why)),
        Err(why) => return Err(disk(&why)),
    }
    let open = tokio::fs::File::open(&file.0).await.map_err(|e| disk(&e))?;
    // The name goes with the response, the content when the last byte was read.
    let body = Body::from_stream(stream::try_unfold(
        (tokio_util::io::ReaderStream::new(open), file),
        |(mut blocks, file)| async move {
            use futures_util::TryStreamExt;
            let block = blocks.try_next().await?;
            Ok::<_, std::io::Error>(block.map(|b| (b, (blocks, file))))
        },
    ));
    Ok(download(XLSX, &file_name(&campaign, "xlsx"), body))
}

fn write(
    table: Table,
    mut rows: mpsc::Receiver<Vec<ResultRow>>,
    path: &std::path::Path,
) -> Result<bool, String> {
    let mut sheet = Sheet::new(table).map_err(|e| e.to_string())?;
    while let Some(rows) = rows.blocking_recv() {
        if !sheet.put(&rows).map_err(|e| e.to_string())? {
            return Ok(false);
        }
    }
    sheet.save(path).map_err(|e| e.to_string())?;
    Ok(true)
}

async fn told(web: &Web, who: &Who, campaign: &CampaignRow) -> Result<(), StoreError> {
    let object = format!("campaign:{}", campaign.id.0);
    let detail = serde_json::json!({"name": campaign.settings.name});
    web.audit(who, "campaigns.export", object, detail).await
}

/// A file that goes when nobody needs it any more.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn table(
    web: &Web,
    campaign: &CampaignRow,
    headers: &HeaderMap,
) -> Result<Table, StoreError> {
    let own = web.store.result_columns(campaign.id).await?;
    Ok(Table::whole(own, format!("{}{PREFIX}", origin(headers))))
}

/// The address under which the asker sees this server.
fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let plain = |host: &&str| {
        host.len() < 256
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    };
    let host = text("host").filter(plain).unwrap_or("localhost");
    let scheme = match text("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    format!("{scheme}://{host}")
}

/// A name for the file, and the same in full for browsers that take it (RFC 6266).
fn file_name(campaign: &CampaignRow, kind: &str) -> String {
    let full = format!("{}.{kind}", campaign.settings.name);
    let plain: String = full
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let encoded = percent_encoding::utf8_percent_encode(&full, percent_encoding::NON_ALPHANUMERIC);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

fn download(kind: &'static str, name: &str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::from_str(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

fn disk(why: &dyn std::fmt::Display) -> Refusal {
    tracing::warn!("an export cannot be written: {why}");
    let mut refusal = Refusal::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "disk",
        "the server cannot write the file; free some space on its disk, or take the CSV",
    );
    refusal.retry_after_s = Some(30);
    refusal
}
