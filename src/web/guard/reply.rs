//! Refusals that the framework made (a body that is no JSON, a query that does not fit) in the API's own form.

use super::super::answer::Refusal;
use axum::body::to_bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The framework's texts are short.
const MOST: usize = 4096;

/// Leaves every answer as it is but plain-text refusals.
pub async fn as_json(response: Response) -> Response {
    let status = response.status();
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_none_or(|kind| kind.starts_with("text/plain"));
    if !status.is_client_error() || !plain || status == StatusCode::RANGE_NOT_SATISFIABLE {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, MOST).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let code = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "too_big",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::UNPROCESSABLE_ENTITY => "bad_field",
        _ => "bad_request",
    };
    let mut refusal = Refusal::new(status, code, text);
    refusal.field = field(&refusal.message);
    let mut response = refusal.into_response();
    // What else was said with it stays said.
    for (name, value) in &parts.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            response.headers_mut().insert(name.clone(), value.clone());
        }
    }
    response
}

/// The field that a JSON error names: ``missing field `role` at …``, `role: unknown variant …`.
fn field(text: &str) -> Option<String> {
    let name = match text.split_once("missing field `") {
        Some((_, rest)) => rest.split('`').next()?,
        None => text
            .split_once("into the target type: ")?
            .1
            .split(':')
            .next()?,
    };
    let is_name = !name.is_empty()
        && name.len() < 40
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']'));
    is_name.then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn the_field_that_is_wrong_is_named() {
        let missing = "Failed to deserialize the JSON body into the target type: missing field `role` at line 1 column 2";
        assert_eq!(field(missing).as_deref(), Some("role"));
        let wrong = "Failed to deserialize the JSON body into the target type: role: unknown variant `king`";
        assert_eq!(field(wrong).as_deref(), Some("role"));
        assert_eq!(
            field("Expected request with `Content-Type: application/json`"),
            None
        );
    }
}
