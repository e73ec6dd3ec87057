//! What the desk and the calls refuse, in the API's words.

use crate::call::command::Refused;
use crate::desk::DeskError;
use crate::desk::browser::BrowserError;
use crate::desk::queue::SeatError;
use crate::web::answer::Refusal;
use axum::http::StatusCode;
use serde_json::json;

pub fn of_desk(e: DeskError) -> Refusal {
    let message = e.to_string();
    match e {
        DeskError::Seat(SeatError::NoSeat) => Refusal::conflict("no_seat", message),
        DeskError::Seat(SeatError::NotOffered) => Refusal::conflict("not_offered", message),
        DeskError::Seat(SeatError::NoLine) | DeskError::NoLine => {
            Refusal::conflict("no_line", message)
        }
        DeskError::Taken { by } => {
            Refusal::conflict("taken", message).with_detail(json!({ "by": by }))
        }
        DeskError::LineBusy => Refusal::conflict("line_busy", message),
        DeskError::Browser(BrowserError::Offer(_) | BrowserError::Engine(_)) => {
            Refusal::field("sdp", message)
        }
        DeskError::Browser(BrowserError::Full(_) | BrowserError::Ports(_)) => {
            let mut refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "full", message);
            refusal.retry_after_s = Some(5);
            refusal
        }
        DeskError::Refused(refused) => of_call(refused),
    }
}

/// A command that a call did not carry out.
pub fn of_call(refused: Refused) -> Refusal {
    match refused.code {
        "no_such_call" => Refusal::conflict("call_over", refused.message),
        "unknown_step" => Refusal::field("step", refused.message),
        "empty" | "too_long" => Refusal::field("say", refused.message),
        "busy" | "late" => {
            let mut refusal =
                Refusal::new(StatusCode::TOO_MANY_REQUESTS, refused.code, refused.message);
            refusal.retry_after_s = Some(1);
            refusal
        }
        code => Refusal::conflict(code, refused.message),
    }
}
