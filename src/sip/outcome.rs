//! How a leg ends: its cause, whose doing it was, and what still has to be said to the far end.

use super::driver::Dialog;
use super::inspect::{is_local, refused_challenge};
use super::message::q850_of;
use super::{inbound, stray};
use crate::terms::{CauseKind, EndedBy, HangupCause};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Method, Response, StatusCode};
use tracing::debug;

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

    /// Ends a session that a 2xx established and that we cannot use.
    pub(super) fn end_unusable(&self, resp: Response) {
        let stack = self.shared.stack.clone();
        let to = self.plan.to.clone();
        tokio::spawn(async move {
            match stack.transport_layer.lookup(&to, None).await {
                Ok((connection, to)) => stray::end(stack, resp, connection, to),
                Err(e) => debug!(error = %e, "unusable answer not ended"),
            }
        });
    }

    /// BYE, and 200 to a BYE that crosses it.
    pub(super) async fn bye(&mut self) {
        let dialog = InviteDialog::from_inner(self.inner.clone());
        let mut bye = std::pin::pin!(dialog.bye());
        loop {
            tokio::select! {
                sent = &mut bye => {
                    if let Err(e) = sent {
                        debug!(call = %self.call_id, error = %e, "BYE not answered");
                    }
                    return;
                }
                Some(tx) = self.requests.recv() => {
                    let status = match tx.original.method {
                        Method::Ack => continue,
                        Method::Bye => StatusCode::OK,
                        _ => StatusCode::CallTransactionDoesNotExist,
                    };
                    inbound::answer(tx, status, vec![]).await;
                }
            }
        }
    }

    /// Keeps the Call-ID known while late answers to our BYE or CANCEL may come.
    pub(super) fn linger(self) {
        let (shared, call_id) = (self.shared, self.call_id);
        tokio::spawn(async move {
            tokio::time::sleep(shared.patience).await;
            shared.book.close(&call_id);
        });
    }
}
