//! A call's recording, whole or in ranges (RFC 9110 §14), so that a player can jump about in it.

use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use crate::web::guard::Who;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::io::SeekFrom;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// The folder of recordings below the data folder.
const FOLDER: &str = "recordings";
/// Read and sent at once.
const CHUNK: u64 = 64 * 1024;

/// Play a call's recording: left the robot and the agent, right the callee. Whoever asks from the beginning is written
/// into the audit log.
#[utoipa::path(
    get,
    path = "/calls/{call}/recording.wav",
    tag = "calls",
    params(("call", example = "c19a2b-77aa01ff"), ("Range" = Option<String>, Header, example = "bytes=0-65535")),
    responses(
        (status = 200, content_type = "audio/wav", body = Vec<u8>),
        (status = 206, content_type = "audio/wav", description = "a part of it"),
        (status = 404, description = "no such call, or it was not recorded"),
        (status = 416, description = "the range lies outside"),
    )
)]
pub(super) async fn play(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let none = || Refusal::not_found("recording of this call");
    let found = web.store.past_call(who.tenant, &call).await?;
    let attempt = found
        .ok_or_else(|| Refusal::not_found("such call"))?
        .call
        .attempt;
    // A live call is being written into the file that carries its id.
    let name = match attempt.recording {
        Some(name) => name,
        None if attempt.disposition.is_none() => format!("{call}.wav"),
        None => return Err(none()),
    };
    if !plain(&name) {
        return Err(none());
    }
    let path = web.data.join(FOLDER).join(&name);
    let meta = tokio::fs::symlink_metadata(&path).await;
    // A link could lead anywhere.
    if !meta.is_ok_and(|m| m.is_file()) {
        return Err(none());
    }
    let mut file = tokio::fs::File::open(&path).await.map_err(|_| none())?;
    let size = file.metadata().await.map_err(|_| none())?.len();
    let asked = headers.get(header::RANGE).and_then(|v| v.to_str().ok());
    let range = match asked.map(|r| range(r, size)) {
        None | Some(Asked::Whole) => None,
        Some(Asked::Part(first, last)) => Some((first, last)),
        Some(Asked::Outside) => {
            let of = format!("bytes */{size}");
            let head = [(header::CONTENT_RANGE, of)];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, head).into_response());
        }
    };
    let (first, last) = range.unwrap_or((0, size.saturating_sub(1)));
    if first == 0 {
        // A player asks for many pieces; the first one is the playing.
        let object = format!("call:{call}");
        web.audit(&who, "calls.play", object, json!({})).await?;
    }
    file.seek(SeekFrom::Start(first))
        .await
        .map_err(|_| none())?;
    let length = if size == 0 { 0 } else { last - first + 1 };
    let mut response = (
        [
            (header::CONTENT_TYPE, "audio/wav".to_string()),
            (header::ACCEPT_RANGES, "bytes".to_string()),
            (header::CONTENT_LENGTH, length.to_string()),
            (header::CACHE_CONTROL, "private, no-store".to_string()),
            (
                header::CONTENT_DISPOSITION,
                format!("inline; filename=\"{name}\""),
            ),
        ],
        Body::from_stream(pieces(file, length)),
    )
        .into_response();
    if range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        if let Ok(of) = format!("bytes {first}-{last}/{size}").parse() {
            response.headers_mut().insert(header::CONTENT_RANGE, of);
        }
    }
    Ok(response)
}

/// A file's name and nothing else: calls' ids are small letters, digits and hyphens.
fn plain(name: &str) -> bool {
    name.strip_suffix(".wav").is_some_and(|id| {
        !id.is_empty()
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    })
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    /// First and last byte.
    Part(u64, u64),
    Outside,
}

/// Reads a `Range`. Several ranges at once, or another unit, get the whole file, as the RFC allows.
fn range(text: &str, size: u64) -> Asked {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .filter(|r| !r.contains(','))
        .and_then(|r| r.trim().split_once('-'))
    else {
        return Asked::Whole;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // A number too great for us lies behind every end.
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    match (number(first), number(last)) {
        (None, Some(tail)) if first.is_empty() => {
            if tail == 0 || size == 0 {
                Asked::Outside
            } else {
                Asked::Part(size - tail.min(size), size - 1)
            }
        }
        (Some(first), None) if last.is_empty() => {
            if first >= size {
                Asked::Outside
            } else {
                Asked::Part(first, size - 1)
            }
        }
        (Some(first), Some(last)) if first <= last => {
            if first >= size {
                Asked::Outside
            } else {
                Asked::Part(first, last.min(size - 1))
            }
        }
        _ => Asked::Whole,
    }
}

fn pieces(
    file: tokio::fs::File,
    length: u64,
) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut piece = vec![0; usize::try_from(left.min(CHUNK)).unwrap_or(0)];
        let n = file.read(&mut piece).await?;
        if n == 0 {
            // Shorter than it was when we looked: the connection must not wait for more.
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        piece.truncate(n);
        Ok(Some((Bytes::from(piece), (file, left - n as u64))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_players_send_them() {
        let cases = [
            ("bytes=0-99", Asked::Part(0, 99)),
            ("bytes=900-", Asked::Part(900, 999)),
            ("bytes=-100", Asked::Part(900, 999)),
            ("bytes=-5000", Asked::Part(0, 999)),
            ("bytes=990-5000", Asked::Part(990, 999)),
            ("bytes=1000-", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=99999999999999999999-", Asked::Outside),
            ("bytes=5-4", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("lines=1-2", Asked::Whole),
        ];
        for (text, wanted) in cases {
            assert_eq!(range(text, 1000), wanted, "{text}");
        }
        assert_eq!(range("bytes=0-", 0), Asked::Outside);
    }

    #[test]
    fn a_recording_is_a_plain_file_name() {
        assert!(plain("c19a-77.wav"));
        for name in [
            "../x.wav",
            "a/b.wav",
            "x.wav\0",
            ".wav",
            "x.db",
            "..wav/../x.wav",
            "a.b.wav",
        ] {
            assert!(!plain(name), "{name}");
        }
    }
}
