//! One outgoing dialog from INVITE to its end: the task behind a [`super::leg::Leg`].

use super::attempt::{Attempt, InviteOver, launch};
use super::book::Entry;
use super::endpoint::Shared;
use super::header::reason_value;
use super::in_dialog::Note;
use super::invite::Invite;
use super::leg::{LegCommand, LegDriver, LegEvent};
use super::message::{min_se, sdp_of};
use super::plan::{Plan, SessionWish, plan};
use super::session_timer::SessionTimer;
use crate::terms::{CauseKind, EndedBy, HangupCause};
use rsipstack::dialog::dialog::{DialogInner, DialogState};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, HeadersExt, Response, StatusCode, StatusCodeKind};
use rsipstack::transaction::transaction::Transaction;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{debug, info, warn};

/// A 422 is answered with a longer interval this many times.
const MAX_INTERVAL_RETRIES: u8 = 2;

/// Runs a leg to its end. Sends exactly one [`LegEvent::Ended`], last.
pub(super) async fn drive(shared: Arc<Shared>, invite: Invite, far: LegDriver) {
    let LegDriver {
        events,
        mut commands,
    } = far;
    let planned = tokio::select! {
        biased;
        reason = wanted_end(&mut commands, &events, &shared) => {
            Err(HangupCause::new(CauseKind::Canceled, EndedBy::Us, reason))
        }
        planned = plan(&shared, &invite) => planned,
    };
    let cause = match planned {
        Ok(plan) => match Dialog::start(shared, plan, &invite, events.clone(), commands) {
            Ok(dialog) => {
                drop(events);
                return dialog.run().await;
            }
            Err(cause) => cause,
        },
        Err(cause) => cause,
    };
    info!(call = %invite.call_id, kind = ?cause.kind, text = %cause.text, "call not sent");
    let _ = events.send(LegEvent::Ended(cause)).await;
}

/// Resolves with the reason when the owner, or the operator, wants the leg to end.
async fn wanted_end(
    commands: &mut mpsc::Receiver<LegCommand>,
    events: &mpsc::Sender<LegEvent>,
    shared: &Shared,
) -> String {
    tokio::select! {
        command = commands.recv() => match command {
            Some(LegCommand::Hangup { reason }) => reason,
            None => "the call is gone".to_string(),
        },
        () = events.closed() => "the call is gone".to_string(),
        () = shared.shutdown.cancelled() => "shutting down".to_string(),
    }
}

/// What the driver waits for.
enum Next {
    State(DialogState),
    Over(Option<InviteOver>),
    Request(Box<Transaction>),
    Note(Note),
    Leave(String),
    Woke,
}

pub(super) struct Dialog {
    pub(super) shared: Arc<Shared>,
    pub(super) plan: Plan,
    pub(super) call_id: String,
    pub(super) events: mpsc::Sender<LegEvent>,
    commands: mpsc::Receiver<LegCommand>,
    pub(super) requests: mpsc::UnboundedReceiver<Transaction>,
    notes: mpsc::UnboundedReceiver<Note>,
    pub(super) notes_tx: mpsc::UnboundedSender<Note>,
    attempt: Attempt,
    pub(super) inner: Arc<DialogInner>,
    wish: SessionWish,
    interval_retries: u8,

    pub(super) provisional: bool,
    invite_over: bool,
    pub(super) answered: bool,
    /// Set when we cancel: what to report unless the far end says something better.
    pub(super) ending: Option<HangupCause>,
    pub(super) ring_until: Option<Instant>,
    give_up_at: Option<Instant>,

    /// The session description we sent last.
    pub(super) local_sdp: Vec<u8>,
    early_sdp: Option<Vec<u8>>,
    pub(super) remote_cseq: Option<u32>,
    /// An offer of theirs waits for the call's answer.
    pub(super) offer_open: bool,
    pub(super) refreshing: bool,
    pub(super) update_allowed: bool,
    pub(super) timer: Option<SessionTimer>,
    pub(super) refresh_at: Option<Instant>,
    pub(super) expire_at: Option<Instant>,
}

impl Dialog {
    fn start(
        shared: Arc<Shared>,
        plan: Plan,
        invite: &Invite,
        events: mpsc::Sender<LegEvent>,
        commands: mpsc::Receiver<LegCommand>,
    ) -> Result<Dialog, HangupCause> {
        let (requests_tx, requests) = mpsc::unbounded_channel();
        let (notes_tx, notes) = mpsc::unbounded_channel();
        let call_id = shared.book.open(
            &invite.call_id.0,
            &plan.contact.host_with_port.host.to_string(),
            Entry {
                local_tag: plan.local_tag.clone(),
                requests: requests_tx,
                binding: plan.binding.clone(),
                tries: 0,
                answered: false,
                reason: None,
                trace: Default::default(),
            },
        );
        let wish = plan.session;
        let (inner, attempt) = match launch(&shared, &plan, &call_id, 1, wish, &invite.offer) {
            Ok(started) => started,
            Err(e) => {
                shared.book.close(&call_id);
                return Err(HangupCause::new(
                    CauseKind::TrunkError,
                    EndedBy::Us,
                    format!("the INVITE cannot be built: {e}"),
                ));
            }
        };
        debug!(call = %call_id, whom = %plan.whom, "INVITE sent");
        Ok(Dialog {
            plan,
            call_id,
            events,
            commands,
            requests,
            notes,
            notes_tx,
            attempt,
            inner,
            wish,
            interval_retries: 0,
            provisional: false,
            invite_over: false,
            answered: false,
            ending: None,
            // A timeout too long for the clock is no timeout.
            ring_until: Instant::now().checked_add(invite.ring_timeout),
            give_up_at: None,
            local_sdp: invite.offer.clone(),
            early_sdp: None,
            remote_cseq: None,
            offer_open: false,
            refreshing: false,
            update_allowed: false,
            timer: None,
            refresh_at: None,
            expire_at: None,
            shared,
        })
    }

    async fn run(mut self) {
        let cause = loop {
            let ended = match self.next().await {
                Next::State(state) => {
                    self.on_state(state).await;
                    None
                }
                Next::Over(over) => self.on_invite_over(over).await,
                Next::Request(tx) => self.on_request(*tx).await,
                Next::Note(note) => self.on_note(note).await,
                Next::Leave(reason) => self.leave(&reason),
                Next::Woke => self.on_wake(),
            };
            if let Some(cause) = ended {
                break cause;
            }
        };
        info!(call = %self.call_id, kind = ?cause.kind, by = ?cause.by, code = ?cause.sip_code, "leg ended");
        let _ = self.events.send(LegEvent::Ended(cause)).await;
        // For the owner the leg is over now; the BYE may take its time.
        self.events = mpsc::channel(1).0;
        self.commands.close();
        if self.inner.is_confirmed() {
            self.bye().await;
        }
        self.shared.book.end_trace(&self.call_id);
        self.linger();
    }

    async fn next(&mut self) -> Next {
        let wake = [
            self.ring_until,
            self.give_up_at,
            self.refresh_at,
            self.expire_at,
        ]
        .into_iter()
        .flatten()
        .min();
        tokio::select! {
            // The order of what one datagram caused is kept: states before the end they led to.
            biased;
            Some(state) = self.attempt.states.recv() => Next::State(state),
            over = &mut self.attempt.over, if !self.invite_over => Next::Over(over.ok()),
            Some(tx) = self.requests.recv() => Next::Request(Box::new(tx)),
            Some(note) = self.notes.recv() => Next::Note(note),
            reason = wanted_end(&mut self.commands, &self.events, &self.shared),
                if self.ending.is_none() => Next::Leave(reason),
            () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => Next::Woke,
        }
    }

    /// Sends an event; a gone owner is noticed by [`wanted_end`].
    pub(super) async fn emit(&self, event: LegEvent) {
        let _ = self.events.send(event).await;
    }

    async fn on_state(&mut self, state: DialogState) {
        match state {
            DialogState::Trying(_) if !self.answered => {
                if !self.provisional {
                    self.emit(LegEvent::Trying).await;
                }
                self.provisional = true;
            }
            DialogState::Early(_, resp) if !self.answered => {
                self.provisional = true;
                let sdp = sdp_of(&resp);
                if sdp.is_some() {
                    self.early_sdp.clone_from(&sdp);
                }
                if self.ending.is_none() {
                    let code = resp.status_code.code();
                    self.emit(LegEvent::Progress { code, sdp }).await;
                }
            }
            _ => {}
        }
    }

    async fn on_invite_over(&mut self, over: Option<InviteOver>) -> Option<HangupCause> {
        self.invite_over = true;
        let Some(InviteOver { result, last }) = over else {
            return Some(self.lost("the INVITE was given up"));
        };
        let resp = match result {
            Ok((_, Some(resp))) => resp,
            Ok((_, None)) => return Some(self.lost("the INVITE ended without an answer")),
            Err(e) => {
                warn!(call = %self.call_id, error = %e, "INVITE failed");
                if let Some(resp) =
                    last.filter(|r| r.status_code.kind() == StatusCodeKind::Successful)
                {
                    self.end_unusable(resp);
                }
                return Some(self.ending.take().unwrap_or_else(|| {
                    HangupCause::new(
                        CauseKind::TrunkError,
                        self.fault(),
                        format!("{} sent an answer that cannot be used: {e}", self.plan.whom),
                    )
                }));
            }
        };
        if resp.status_code == StatusCode::OK {
            if self.inner.is_terminated() {
                // Our CANCEL crossed it; the library has sent ACK and BYE.
                let crossed = self.ending.take();
                return Some(crossed.unwrap_or_else(|| self.lost("answered while we gave up")));
            }
            return self.on_answer(resp).await;
        }
        match resp.status_code.kind() {
            StatusCodeKind::Successful => {
                let code = resp.status_code.code();
                self.end_unusable(resp);
                Some(HangupCause::new(
                    CauseKind::TrunkError,
                    self.fault(),
                    format!("{} answered with {code} instead of 200", self.plan.whom),
                ))
            }
            _ if resp.status_code.code() == 422 && self.ending.is_none() => self.retry_longer(resp),
            _ => Some(self.refusal(&resp)),
        }
    }

    async fn on_answer(&mut self, resp: Response) -> Option<HangupCause> {
        self.answered = true;
        self.ring_until = None;
        self.shared.book.with(&self.call_id, |e| {
            e.answered = true;
        });
        self.update_allowed = resp.headers.iter().any(|h| match h {
            Header::Allow(v) => v
                .value()
                .split(',')
                .any(|m| m.trim().eq_ignore_ascii_case("UPDATE")),
            _ => false,
        });
        if let Some(timer) = resp
            .session_expires_header()
            .and_then(|h| SessionTimer::read(h.value(), true))
        {
            self.arm(timer);
        }
        // The answer may have come in a reliable 183 (RFC 3262 §5).
        let Some(sdp) = sdp_of(&resp).or_else(|| self.early_sdp.take()) else {
            return Some(HangupCause {
                sip_code: Some(200),
                ..HangupCause::new(
                    CauseKind::TrunkError,
                    self.fault(),
                    format!("{} answered without a session description", self.plan.whom),
                )
            });
        };
        info!(call = %self.call_id, "answered");
        self.emit(LegEvent::Answered { sdp }).await;
        None
    }

    /// 422: their shortest interval is longer than our wish (RFC 4028 §7.3).
    fn retry_longer(&mut self, resp: Response) -> Option<HangupCause> {
        let theirs = min_se(&resp).filter(|s| *s > self.wish.expires);
        let Some(min) = theirs.filter(|_| self.interval_retries < MAX_INTERVAL_RETRIES) else {
            return Some(self.refusal(&resp));
        };
        self.interval_retries += 1;
        self.wish = SessionWish { expires: min, min };
        let cseq = self.inner.get_local_seq().saturating_add(1);
        match launch(
            &self.shared,
            &self.plan,
            &self.call_id,
            cseq,
            self.wish,
            &self.local_sdp,
        ) {
            Ok((inner, attempt)) => {
                self.inner = inner;
                self.attempt = attempt;
                self.invite_over = false;
                self.provisional = false;
                None
            }
            Err(_) => Some(self.refusal(&resp)),
        }
    }

    /// The owner wants the end. Before the answer this only cancels; the final response ends the leg.
    pub(super) fn leave(&mut self, reason: &str) -> Option<HangupCause> {
        if self.answered {
            self.set_reason(reason);
            return Some(HangupCause::new(CauseKind::Normal, EndedBy::Us, reason));
        }
        self.cancel(
            reason,
            HangupCause::new(CauseKind::Canceled, EndedBy::Us, reason),
        );
        None
    }

    pub(super) fn cancel(&mut self, reason: &str, ending: HangupCause) {
        self.set_reason(reason);
        self.ending = Some(ending);
        self.ring_until = None;
        // The final response to a cancelled INVITE may never come (RFC 3261 §9.1).
        self.give_up_at = Instant::now().checked_add(self.shared.patience);
        let dialog = InviteDialog::from_inner(self.inner.clone());
        let call = self.call_id.clone();
        tokio::spawn(async move {
            if let Err(e) = dialog.cancel().await {
                debug!(%call, error = %e, "CANCEL not accepted");
            }
        });
    }

    fn set_reason(&self, reason: &str) {
        let value = reason_value(reason);
        self.shared
            .book
            .with(&self.call_id, |e| e.reason = Some(value));
    }

    fn on_wake(&mut self) -> Option<HangupCause> {
        let now = Instant::now();
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if due(self.give_up_at) {
            self.give_up_at = None;
            self.attempt.task.abort();
            return Some(self.lost("no final answer to our CANCEL"));
        }
        if due(self.ring_until) {
            self.cancel(
                "ring timeout",
                HangupCause::new(CauseKind::NoAnswer, EndedBy::Us, "nobody answered in time"),
            );
            return None;
        }
        if due(self.expire_at) {
            self.set_reason("session expired");
            return Some(HangupCause::new(
                CauseKind::SessionExpired,
                self.fault(),
                "the far end did not keep the session alive",
            ));
        }
        if due(self.refresh_at) {
            self.refresh_at = None;
            self.refresh();
        }
        None
    }
}
