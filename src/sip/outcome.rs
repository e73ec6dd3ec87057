//! What an INVITE without an answer ended with, and whose doing that was.

use super::driver::Dialog;
use super::inspect::{is_local, refused_challenge};
use super::message::q850_of;
use crate::terms::{CauseKind, EndedBy, HangupCause};
use rsipstack::sip::Response;

impl Dialog {
    /// The cause of an INVITE that got no final answer from the far end.
    pub(super) fn lost(&mut self, text: &str) -> HangupCause {
        match self.ending.take() {
            Some(ending) if self.provisional => ending,
            Some(ending) if ending.kind == CauseKind::Canceled => ending,
            _ => HangupCause::new(
                CauseKind::NoResponse,
                self.fault(),
                format!("{}: {text}", self.plan.whom),
            ),
        }
    }

    /// The cause of a final response that is no answer.
    pub(super) fn refusal(&mut self, resp: &Response) -> HangupCause {
        if is_local(resp) {
            return self.lost(match resp.status_code.code() {
                503 => "the connection broke",
                _ => "no answer to the INVITE in time",
            });
        }
        if let Some((code, why)) = refused_challenge(resp) {
            return HangupCause {
                sip_code: Some(code),
                ..HangupCause::new(
                    CauseKind::AuthFailed,
                    self.fault(),
                    format!("{}: {why}", self.plan.whom),
                )
            };
        }
        let code = resp.status_code.code();
        if let (487, Some(ending)) = (code, &self.ending) {
            return HangupCause {
                sip_code: Some(code),
                ..ending.clone()
            };
        }
        let text = match code {
            401 | 407 => format!(
                "{} asks for credentials ({code}); set username and password_file in its trunk file",
                self.plan.whom
            ),
            _ => resp
                .wire_reason
                .clone()
                .unwrap_or_else(|| resp.status_code.text().to_string()),
        };
        let cause = HangupCause::from_final(code, q850_of(&resp.headers), text);
        HangupCause {
            by: self.by(cause.by),
            ..cause
        }
    }

    /// Whose fault an end is that is nobody's wish.
    pub(super) fn fault(&self) -> EndedBy {
        self.by(EndedBy::Trunk)
    }

    fn by(&self, by: EndedBy) -> EndedBy {
        match by {
            EndedBy::Us => EndedBy::Us,
            _ if self.plan.far == EndedBy::Agent => EndedBy::Agent,
            other => other,
        }
    }
}
