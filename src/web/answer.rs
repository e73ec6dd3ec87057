//! What a handler answers when it does not answer what was asked for.

use crate::call::registry::CommandError;
use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What every handler returns.
pub type Answer<T> = Result<T, Refusal>;

/// A request that is not done, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    /// The field of the request that is wrong.
    pub field: Option<String>,
    /// Try again after so many seconds.
    pub retry_after_s: Option<u64>,
    /// More for programs, beside `code`.
    pub detail: Option<Box<serde_json::Value>>,
}

/// The body of every refusal.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"error": {"code": "bad_field", "message": "concurrency: 0 calls at once is none; give 1 to 500", "field": "concurrency"}}))]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Serialize, ToSchema)]
pub struct ErrorDetail {
    pub code: String,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<serde_json::Value>,
}

impl Refusal {
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            status,
            code,
            message: message.into(),
            field: None,
            retry_after_s: None,
            detail: None,
        }
    }

    #[must_use]
    pub fn not_found(what: impl std::fmt::Display) -> Refusal {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is no {what}"),
        )
    }

    #[must_use]
    pub fn field(field: &str, message: impl std::fmt::Display) -> Refusal {
        let mut refusal = Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad_field",
            format!("{field}: {message}"),
        );
        refusal.field = Some(field.to_string());
        refusal
    }

    #[must_use]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::CONFLICT, code, message)
    }

    #[must_use]
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, code, message)
    }

    /// Nobody known makes this request.
    #[must_use]
    pub fn unauthorized(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "login", message)
    }

    #[must_use]
    pub fn too_big(most_bytes: u64) -> Refusal {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_big",
            format!("at most {most_bytes} bytes go here; send less"),
        )
    }

    /// Too many tries; again after so many seconds.
    #[must_use]
    pub fn wait(seconds: u64) -> Refusal {
        let mut refusal = Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "wait",
            format!("too many tries; try again in {seconds} s"),
        );
        refusal.retry_after_s = Some(seconds);
        refusal
    }

    /// A fault of the program's own; what it was is in the log, under the request's id.
    #[must_use]
    pub fn broken() -> Refusal {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "broken",
            "something went wrong inside; the log has it under this answer's X-Request-Id",
        )
    }

    #[must_use]
    pub fn late() -> Refusal {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "late",
            "this took too long and was given up; try again",
        )
    }

    #[must_use]
    pub fn with_detail(mut self, detail: serde_json::Value) -> Refusal {
        self.detail = Some(Box::new(detail));
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            error: ErrorDetail {
                code: self.code.into(),
                message: self.message,
                field: self.field,
                detail: self.detail.map(|d| *d),
            },
        };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(e: StoreError) -> Refusal {
        if matches!(e, StoreError::NoCampaign(_) | StoreError::NoAttempt(_)) {
            return Refusal::new(StatusCode::NOT_FOUND, "not_found", e.to_string());
        }
        tracing::warn!("a request failed at the database: {e}");
        if !e.may_pass() {
            return Refusal::broken();
        }
        let mut refusal = Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database",
            "the database cannot do this right now; try again in a moment",
        );
        refusal.retry_after_s = Some(2);
        refusal
    }
}

impl From<CommandError> for Refusal {
    fn from(e: CommandError) -> Refusal {
        match e {
            CommandError::NoSuchCall(_) => Refusal::conflict("call_over", e.to_string()),
            CommandError::Busy(_) => {
                Refusal::new(StatusCode::TOO_MANY_REQUESTS, "busy", e.to_string())
            }
        }
    }
}
