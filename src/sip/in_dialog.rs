//! Requests inside a dialog, theirs and our session refreshes.

use super::driver::Dialog;
use super::header::{dtmf, is_sdp};
use super::inbound;
use super::leg::LegEvent;
use super::message::{min_se, q850_of};
use super::plan::{ALLOW, SessionWish, session_headers};
use super::session_timer::SessionTimer;
use crate::terms::{CauseKind, HangupCause};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{
    Contact, Header, HeadersExt, Method, Request, Response, SipMessage, StatusCode, StatusCodeKind,
    Uri,
};
use rsipstack::transaction::transaction::Transaction;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tracing::debug;

/// How long the call may think about an offer before the far end gets 488.
const OFFER_LIMIT: Duration = Duration::from_secs(2);
/// The option tags we understand in Require.
const UNDERSTOOD: &[&str] = &["100rel", "timer"];

/// What a background task of the dialog found out.
pub(super) enum Note {
    /// Their offer was answered with our description, or refused (`None`).
    OfferClosed {
        sdp: Option<Vec<u8>>,
        terms: SessionTerms,
    },
    /// The ACK to our 200 carried the answer to our offer.
    AckBody(Vec<u8>),
    /// Our 200 to their re-INVITE was never acknowledged.
    NoAck,
    Refreshed(rsipstack::Result<Option<Response>>),
}

/// What a re-INVITE or UPDATE changes in the dialog when it is accepted.
#[derive(Default)]
pub(super) struct SessionTerms {
    timer: Option<SessionTimer>,
    target: Option<(Uri, Contact)>,
}

impl Dialog {
    /// Answers a request; `Some` when it ends the leg.
    pub(super) async fn on_request(&mut self, tx: Transaction) -> Option<HangupCause> {
        if tx.original.method == Method::Ack {
            return None;
        }
        let cseq = tx.original.cseq_header().ok().and_then(|c| c.seq().ok());
        if cseq.is_none() || cseq < self.remote_cseq {
            inbound::answer(tx, StatusCode::ServerInternalError, vec![]).await;
            return None;
        }
        self.remote_cseq = cseq;
        let unknown = unknown_options(&tx.original);
        if !unknown.is_empty() {
            let header = Header::Unsupported(unknown.join(", ").into());
            inbound::answer(tx, StatusCode::BadExtension, vec![header]).await;
            return None;
        }
        match tx.original.method {
            Method::Bye => return self.on_bye(tx).await,
            Method::Invite | Method::Update => self.on_offer(tx).await,
            Method::Info => self.on_info(tx).await,
            Method::Options => {
                let headers = vec![
                    Header::Allow(ALLOW.into()),
                    Header::Accept("application/sdp".into()),
                ];
                inbound::answer(tx, StatusCode::OK, headers).await;
            }
            Method::Refer => inbound::answer(tx, StatusCode::Decline, vec![]).await,
            Method::PRack => {
                inbound::answer(tx, StatusCode::CallTransactionDoesNotExist, vec![]).await;
            }
            _ => {
                let allow = vec![Header::Allow(ALLOW.into())];
                inbound::answer(tx, StatusCode::MethodNotAllowed, allow).await;
            }
        }
        None
    }

    async fn on_bye(&mut self, tx: Transaction) -> Option<HangupCause> {
        let q850 = q850_of(&tx.original.headers);
        inbound::answer(tx, StatusCode::OK, vec![]).await;
        let by = self.plan.far;
        if self.answered {
            // The dialog is over for the library, too: it must not send a BYE of its own.
            let id = self.inner.id.lock().clone();
            *self.inner.state.lock() = rsipstack::dialog::dialog::DialogState::Terminated(
                id,
                rsipstack::dialog::dialog::TerminatedReason::UasBye,
            );
            return Some(HangupCause {
                q850,
                ..HangupCause::new(CauseKind::Normal, by, "hung up")
            });
        }
        // A callee may not end an early dialog so, but one that does is gone.
        let cause = HangupCause {
            q850,
            ..HangupCause::new(CauseKind::Declined, by, "hung up before the answer")
        };
        self.cancel("far end hung up", cause);
        None
    }

    async fn on_info(&mut self, tx: Transaction) {
        let content_type = tx.original.header_value("Content-Type").unwrap_or_default();
        let key = dtmf(&content_type, &tx.original.body);
        let status = if key.is_some() || tx.original.body.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UnsupportedMediaType
        };
        inbound::answer(tx, status, vec![]).await;
        if let Some(key) = key {
            self.emit(LegEvent::Key(key)).await;
        }
    }

    async fn on_offer(&mut self, mut tx: Transaction) {
        let is_invite = tx.original.method == Method::Invite;
        let content_type = tx.original.header_value("Content-Type");
        let sdp =
            is_sdp(content_type.as_deref(), &tx.original.body).then(|| tx.original.body.clone());
        if !tx.original.body.is_empty() && sdp.is_none() {
            let accept = vec![Header::Accept("application/sdp".into())];
            return inbound::answer(tx, StatusCode::UnsupportedMediaType, accept).await;
        }
        let (mut headers, terms) = match self.terms_of(&tx.original) {
            Ok(terms) => terms,
            Err(too_short) => {
                return inbound::answer(tx, StatusCode::SessionIntervalTooSmall, vec![too_short])
                    .await;
            }
        };
        headers.push(contact(&self.plan.contact));
        headers.push(Header::Allow(ALLOW.into()));
        if !is_invite && sdp.is_none() {
            // An UPDATE that only keeps the session alive.
            inbound::answer(tx, StatusCode::OK, headers).await;
            return self.accept_terms(terms);
        }
        if self.offer_open {
            let later = vec![Header::RetryAfter("3".into())];
            return inbound::answer(tx, StatusCode::ServerInternalError, later).await;
        }
        if self.refreshing || (is_invite && !self.answered) {
            return inbound::answer(tx, StatusCode::RequestPending, vec![]).await;
        }
        if is_invite {
            tx.send_trying().await.ok();
        }
        self.offer_open = true;
        let (answer, answered) = oneshot::channel();
        let ours_is_the_offer = sdp.is_none();
        self.emit(LegEvent::Offer { sdp, answer }).await;
        let notes = self.notes_tx.clone();
        tokio::spawn(settle(
            tx,
            answered,
            headers,
            terms,
            ours_is_the_offer,
            notes,
        ));
    }

    /// Session timer and remote target of a re-INVITE or UPDATE, with the headers our 2xx needs for them. `Err` is the
    /// Min-SE of a 422.
    fn terms_of(&self, req: &Request) -> Result<(Vec<Header>, SessionTerms), Header> {
        let mut headers = vec![Header::Supported("100rel, timer".into())];
        let mut terms = SessionTerms {
            timer: None,
            target: req
                .typed_contact_headers()
                .ok()
                .and_then(|c| c.into_iter().next())
                .zip(req.contact_header().ok().cloned())
                .map(|(typed, raw)| (typed.uri, raw)),
        };
        let Some(value) = req.session_expires_header().map(|h| h.value().to_string()) else {
            return Ok((headers, terms));
        };
        let Some(timer) = SessionTimer::read(&value, false) else {
            return Ok((headers, terms));
        };
        let min = self.plan.session.min;
        if timer.interval < Duration::from_secs(min.into()) && self.plan.session.expires > 0 {
            return Err(Header::MinSE(min.to_string().into()));
        }
        let named = value.to_ascii_lowercase().contains("refresher=");
        let seconds = timer.interval.as_secs();
        let timer = if named {
            headers.push(Header::SessionExpires(value.into()));
            timer
        } else {
            // They sent this refresh; they may send the next.
            let value = format!("{seconds};refresher=uac");
            let theirs = SessionTimer::read(&value, false);
            headers.push(Header::SessionExpires(value.into()));
            theirs.unwrap_or(timer)
        };
        if req.header_contains_token("Supported", "timer") {
            headers.push(Header::Require("timer".into()));
        }
        terms.timer = Some(timer);
        Ok((headers, terms))
    }

    fn accept_terms(&mut self, terms: SessionTerms) {
        if let Some((uri, raw)) = terms.target {
            self.inner.set_remote_target(uri, Some(raw));
        }
        if let Some(timer) = terms.timer.or(self.timer) {
            self.arm(timer);
        }
    }

    /// Starts a session interval now.
    pub(super) fn arm(&mut self, timer: SessionTimer) {
        let now = Instant::now();
        self.refresh_at = timer.refresh_after().and_then(|d| now.checked_add(d));
        self.expire_at = now.checked_add(timer.give_up_after());
        self.timer = Some(timer);
    }

    pub(super) async fn on_note(&mut self, note: Note) -> Option<HangupCause> {
        match note {
            Note::OfferClosed { sdp, terms } => {
                self.offer_open = false;
                if let Some(sdp) = sdp {
                    self.local_sdp = sdp;
                    self.accept_terms(terms);
                }
                None
            }
            Note::AckBody(sdp) => {
                self.emit(LegEvent::AnswerInAck { sdp }).await;
                None
            }
            Note::NoAck => Some(HangupCause::new(
                CauseKind::NoResponse,
                self.fault(),
                "our answer to a re-INVITE was never acknowledged",
            )),
            Note::Refreshed(result) => {
                self.refreshing = false;
                self.on_refreshed(result)
            }
        }
    }

    /// Keeps the session alive by UPDATE where the far end takes it, else by a re-INVITE with unchanged media.
    pub(super) fn refresh(&mut self) {
        let Some(timer) = self.timer else { return };
        if self.refreshing || self.offer_open {
            self.refresh_at = Instant::now().checked_add(glare_pause());
            return;
        }
        self.refreshing = true;
        let mut headers = vec![
            Header::Supported("100rel, timer".into()),
            Header::Allow(ALLOW.into()),
        ];
        headers.extend(session_headers(SessionWish {
            expires: u32::try_from(timer.interval.as_secs()).unwrap_or(1800),
            min: self.plan.session.min,
        }));
        let dialog = InviteDialog::from_inner(self.inner.clone());
        let notes = self.notes_tx.clone();
        let body = (!self.update_allowed).then(|| self.local_sdp.clone());
        tokio::spawn(async move {
            let result = match body {
                None => dialog.update(Some(headers), None).await,
                Some(sdp) => {
                    headers.push(Header::ContentType("application/sdp".into()));
                    dialog.reinvite(Some(headers), Some(sdp)).await
                }
            };
            let _ = notes.send(Note::Refreshed(result));
        });
    }

    fn on_refreshed(&mut self, result: rsipstack::Result<Option<Response>>) -> Option<HangupCause> {
        let timer = self.timer?;
        let now = Instant::now();
        let resp = match result {
            Ok(Some(resp)) => resp,
            Ok(None) | Err(_) => {
                self.refresh_at = now.checked_add(glare_pause());
                return None;
            }
        };
        if resp.status_code.kind() == StatusCodeKind::Successful {
            let agreed = resp
                .session_expires_header()
                .and_then(|h| SessionTimer::read(h.value(), true));
            self.arm(agreed.unwrap_or(timer));
            return None;
        }
        debug!(call = %self.call_id, code = resp.status_code.code(), "session refresh refused");
        match resp.status_code.code() {
            // The dialog is gone there (RFC 4028 §10).
            408 | 481 => {
                return Some(HangupCause {
                    sip_code: Some(resp.status_code.code()),
                    ..HangupCause::new(
                        CauseKind::SessionExpired,
                        self.fault(),
                        "the far end no longer knows this call",
                    )
                });
            }
            405 | 501 if self.update_allowed => {
                self.update_allowed = false;
                self.refresh_at = Some(now);
            }
            422 => {
                let min = min_se(&resp).map(|s| Duration::from_secs(s.into()));
                if let Some(longer) = min.filter(|m| *m > timer.interval) {
                    self.timer = Some(SessionTimer {
                        interval: longer,
                        ..timer
                    });
                    self.refresh_at = Some(now);
                }
            }
            // 491, or a trouble that may pass before the interval runs out.
            _ => self.refresh_at = now.checked_add(glare_pause()),
        }
        None
    }
}

/// Waits for the call's answer to their offer, sends it, and waits for the ACK of a re-INVITE.
async fn settle(
    mut tx: Transaction,
    answer: oneshot::Receiver<Option<Vec<u8>>>,
    mut headers: Vec<Header>,
    terms: SessionTerms,
    ours_is_the_offer: bool,
    notes: mpsc::UnboundedSender<Note>,
) {
    let sdp = match tokio::time::timeout(OFFER_LIMIT, answer).await {
        Ok(Ok(sdp)) => sdp,
        Ok(Err(_)) | Err(_) => None,
    };
    let is_invite = tx.original.method == Method::Invite;
    let Some(sdp) = sdp else {
        inbound::answer(tx, StatusCode::NotAcceptableHere, vec![]).await;
        let _ = notes.send(Note::OfferClosed { sdp: None, terms });
        return;
    };
    headers.push(Header::ContentType("application/sdp".into()));
    if let Err(e) = tx
        .reply_with(StatusCode::OK, headers, Some(sdp.clone()))
        .await
    {
        debug!(error = %e, "answer to an offer not sent");
    }
    let _ = notes.send(Note::OfferClosed {
        sdp: Some(sdp),
        terms,
    });
    if !is_invite {
        return;
    }
    while let Some(msg) = tx.receive().await {
        if let SipMessage::Request(ack) = msg
            && ack.method == Method::Ack
        {
            let content_type = ack.header_value("Content-Type");
            if ours_is_the_offer && is_sdp(content_type.as_deref(), &ack.body) {
                let _ = notes.send(Note::AckBody(ack.body));
            }
            return;
        }
    }
    let _ = notes.send(Note::NoAck);
}

fn unknown_options(req: &Request) -> Vec<String> {
    req.headers
        .iter()
        .filter_map(|h| match h {
            Header::Require(v) => Some(v.value()),
            _ => None,
        })
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .filter(|t| !t.is_empty() && !UNDERSTOOD.iter().any(|u| u.eq_ignore_ascii_case(t)))
        .map(String::from)
        .collect()
}

fn contact(uri: &Uri) -> Header {
    rsipstack::sip::typed::Contact::from(uri.clone()).into()
}

/// A pause before a refresh that met theirs (RFC 3261 §14.1: 2.1 to 4 s for the owner of the Call-ID).
fn glare_pause() -> Duration {
    Duration::from_millis(rand::random_range(2100..4000))
}
