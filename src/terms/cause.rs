//! What the wire said when a leg ended, and the one table that turns it into a [`Disposition`].
//! SIP codes: RFC 3261 §21; Q.850 cause values: ITU-T Q.850 table 1, carried by RFC 3326; mapping guided by RFC 3398 §8.2.6.

use super::Disposition;
use serde::{Deserialize, Serialize};

/// Who ended the leg.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    Us,
    Callee,
    Agent,
    Trunk,
}

/// What kind of end it was.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// A normal BYE after answer.
    Normal,
    Busy,
    Declined,
    NoAnswer,
    /// We gave up before an answer.
    Canceled,
    InvalidNumber,
    NumberChanged,
    Unreachable,
    Suspended,
    Barred,
    Forwarded,
    /// The carrier refuses this call as unwanted (607, 608).
    Blocked,
    NetworkBusy,
    AuthFailed,
    /// The trunk failed or refused for a reason that is not the callee's.
    TrunkError,
    /// No final answer to INVITE within timer B, or a transport error.
    NoResponse,
    /// The far end's media stopped.
    MediaTimeout,
    /// The session timer ran out (RFC 4028).
    SessionExpired,
}

/// Why a leg ended, and who ended it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HangupCause {
    pub kind: CauseKind,
    pub by: EndedBy,
    pub sip_code: Option<u16>,
    pub q850: Option<u8>,
    /// The reason phrase or the error, for people.
    pub text: String,
}

impl HangupCause {
    #[must_use]
    pub fn new(kind: CauseKind, by: EndedBy, text: impl Into<String>) -> Self {
        HangupCause {
            kind,
            by,
            sip_code: None,
            q850: None,
            text: text.into(),
        }
    }

    /// The cause of a final response ≥ 300 to our INVITE.
    #[must_use]
    pub fn from_final(code: u16, q850: Option<u8>, reason: impl Into<String>) -> Self {
        let kind = kind_of(code, q850);
        let by = match kind {
            CauseKind::Busy | CauseKind::Declined | CauseKind::NoAnswer => EndedBy::Callee,
            CauseKind::Canceled => EndedBy::Us,
            _ => EndedBy::Trunk,
        };
        HangupCause {
            kind,
            by,
            sip_code: Some(code),
            q850,
            text: reason.into(),
        }
    }

    /// How an attempt that was never answered counts.
    #[must_use]
    pub fn unanswered_disposition(&self) -> Disposition {
        match self.kind {
            CauseKind::Busy => Disposition::Busy,
            CauseKind::Declined => Disposition::Rejected,
            CauseKind::NoAnswer => Disposition::NoAnswer,
            CauseKind::Canceled => Disposition::Abandoned,
            CauseKind::InvalidNumber => Disposition::Invalid,
            CauseKind::NumberChanged => Disposition::NumberChanged,
            CauseKind::Unreachable => Disposition::Unreachable,
            CauseKind::Suspended => Disposition::Suspended,
            CauseKind::Barred => Disposition::Barred,
            CauseKind::Forwarded => Disposition::Forwarded,
            CauseKind::Blocked => Disposition::CarrierBlocked,
            CauseKind::NetworkBusy => Disposition::NetworkBusy,
            CauseKind::AuthFailed => Disposition::AuthError,
            CauseKind::Normal
            | CauseKind::TrunkError
            | CauseKind::NoResponse
            | CauseKind::MediaTimeout
            | CauseKind::SessionExpired => Disposition::TrunkError,
        }
    }
}

/// A Q.850 value says more than the SIP code it travels with, where it is one of the callee's.
fn kind_of(code: u16, q850: Option<u8>) -> CauseKind {
    if let Some(kind) = q850.and_then(kind_of_q850) {
        return kind;
    }
    match code {
        300..=399 => CauseKind::Forwarded,
        401 | 407 => CauseKind::AuthFailed,
        404 | 484 | 604 => CauseKind::InvalidNumber,
        410 => CauseKind::NumberChanged,
        408 | 480 => CauseKind::NoAnswer,
        433 | 606 => CauseKind::Barred,
        486 | 600 => CauseKind::Busy,
        487 => CauseKind::Canceled,
        503 => CauseKind::NetworkBusy,
        603 => CauseKind::Declined,
        607 | 608 => CauseKind::Blocked,
        _ => CauseKind::TrunkError,
    }
}

fn kind_of_q850(value: u8) -> Option<CauseKind> {
    Some(match value {
        1 | 28 => CauseKind::InvalidNumber,
        17 => CauseKind::Busy,
        18 | 19 => CauseKind::NoAnswer,
        20 | 27 => CauseKind::Unreachable,
        21 => CauseKind::Declined,
        22 => CauseKind::NumberChanged,
        34 | 42 => CauseKind::NetworkBusy,
        55 | 57 => CauseKind::Barred,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_final_response_has_one_disposition() {
        use Disposition as D;
        let table: &[(u16, Option<u8>, D)] = &[
            (302, None, D::Forwarded),
            (401, None, D::AuthError),
            (403, None, D::TrunkError),
            (403, Some(21), D::Rejected),
            (404, None, D::Invalid),
            (408, None, D::NoAnswer),
            (410, None, D::NumberChanged),
            (480, None, D::NoAnswer),
            (480, Some(20), D::Unreachable),
            (484, None, D::Invalid),
            (486, None, D::Busy),
            (487, None, D::Abandoned),
            (500, None, D::TrunkError),
            (500, Some(17), D::Busy),
            (503, None, D::NetworkBusy),
            (600, None, D::Busy),
            (603, None, D::Rejected),
            (604, None, D::Invalid),
            (608, None, D::CarrierBlocked),
        ];
        for (code, q850, want) in table {
            let got = HangupCause::from_final(*code, *q850, "").unanswered_disposition();
            assert_eq!(got, *want, "{code} {q850:?}");
        }
    }
}
