//! Many numbers onto the do-not-call list from a file: one number a row, in the first cell that holds one.

use crate::campaign::list;
use crate::terms::Phone;
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Multipart, State};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// The largest file: about half a million numbers.
pub(super) const MOST_BYTES: u64 = 8 << 20;
/// Rows named in the answer.
const NAMED: usize = 200;
/// Numbers written at once.
const CHUNK: usize = 1000;

/// A file of numbers.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "it describes the form; the handler reads the parts one by one"
)]
pub(super) struct Form {
    /// CSV or text in UTF-8 or GB18030.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    reason: String,
    /// For numbers without a country code; `CN` when left out.
    country: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"row": 17, "message": "there are letters in this number"}))]
pub(super) struct BadRow {
    row: usize,
    message: String,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"rows": 1200, "added": 1180, "known": 19, "bad": 1, "errors": [{"row": 17, "message": "there are letters in this number"}]}))]
pub(super) struct Imported {
    rows: usize,
    added: u64,
    /// Were on the list already, or twice in the file.
    known: u64,
    bad: usize,
    /// The first 200.
    errors: Vec<BadRow>,
}

/// Put all numbers of a file on the list. A row that cannot be read is named and stops nothing.
#[utoipa::path(post, path = "/dnc/import", tag = "dnc", request_body(content = Form, content_type = "multipart/form-data"), responses((status = 200, body = Imported), (status = 422)))]
pub(super) async fn import(
    State(web): State<Web>,
    who: Who,
    mut form: Multipart,
) -> Answer<Json<Imported>> {
    let (mut file, mut reason, mut country) = (None, String::new(), "CN".to_string());
    let broken =
        |e: axum::extract::multipart::MultipartError| Refusal::field("file", e.body_text());
    while let Some(part) = form.next_field().await.map_err(broken)? {
        match part.name().unwrap_or_default() {
            "file" => file = Some(part.bytes().await.map_err(broken)?),
            "reason" => reason = part.text().await.map_err(broken)?,
            "country" => country = part.text().await.map_err(broken)?,
            _ => {}
        }
    }
    let reason = super::given(&reason)?;
    let file = file.ok_or_else(|| Refusal::field("file", "there is no file in the form"))?;
    if file.starts_with(b"PK\x03\x04") {
        let why = "this is a spreadsheet; save it as CSV and give that";
        return Err(Refusal::field("file", why));
    }
    let (phones, errors, rows) = read(&file, &country);
    let source = format!("import {}", who.name);
    let mut added = 0;
    for chunk in phones.chunks(CHUNK) {
        added += web
            .store
            .dnc_add_for(who.tenant, chunk, &source, reason)
            .await?;
    }
    let known = phones.len() as u64 - added;
    let bad = errors.len();
    let detail = json!({"reason": reason, "added": added, "known": known, "bad": bad});
    web.audit(&who, "dnc.import", "dnc", detail).await?;
    Ok(Json(Imported {
        rows,
        added,
        known,
        bad,
        errors: errors.into_iter().take(NAMED).collect(),
    }))
}

/// The numbers, the rows without one, and how many rows there are. Digits are the same bytes in UTF-8 and GB18030.
fn read(file: &[u8], country: &str) -> (Vec<Phone>, Vec<BadRow>, usize) {
    let text = String::from_utf8_lossy(file);
    let text = text.trim_start_matches('\u{feff}');
    let (mut phones, mut errors, mut rows) = (Vec::new(), Vec::new(), 0);
    for (i, line) in text.lines().enumerate() {
        let cells: Vec<&str> = line
            .split([',', ';', '\t'])
            .map(|c| c.trim().trim_matches('"'))
            .collect();
        if cells.iter().all(|c| c.is_empty()) {
            continue;
        }
        let digits = line.bytes().filter(u8::is_ascii_digit).count();
        if i == 0 && digits < 5 {
            // The header.
            continue;
        }
        rows += 1;
        let mut why = None;
        let found = cells.iter().filter(|c| !c.is_empty()).find_map(|cell| {
            list::normalise(cell, country)
                .map_err(|e| why = why.take().or(Some(e.to_string())))
                .ok()
        });
        match found {
            Some(phone) => phones.push(phone),
            None => errors.push(BadRow {
                row: i + 1,
                message: why.unwrap_or_else(|| "no number in this row".into()),
            }),
        }
    }
    (phones, errors, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_any_column_and_a_bad_row_stops_nothing() {
        let file = "\u{feff}姓名,电话\n王,138 0013 8000\n\n李,abc\n\"+12025550100\"\n";
        let (phones, errors, rows) = read(file.as_bytes(), "CN");
        let full: Vec<&str> = phones.iter().map(Phone::full).collect();
        assert_eq!(full, ["+8613800138000", "+12025550100"]);
        assert_eq!((errors[0].row, errors.len(), rows), (4, 1, 3));
    }
}
