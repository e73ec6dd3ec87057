//! One INVITE transaction with the library's dialog around it. A new one replaces it after a 422.

use super::endpoint::Shared;
use super::plan::{Plan, SessionWish};
use super::{SipError, stray};
use rsipstack::dialog::DialogId;
use rsipstack::dialog::dialog::{DialogInner, DialogStateReceiver};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{HeadersExt, Response, SipMessage, StatusCodeKind};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::Transaction;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

/// How the INVITE transaction ended, with its last response.
pub(super) struct InviteOver {
    pub result: rsipstack::Result<(DialogId, Option<Response>)>,
    pub last: Option<Response>,
}

/// The running transaction.
pub(super) struct Attempt {
    pub states: DialogStateReceiver,
    pub over: oneshot::Receiver<InviteOver>,
    pub task: AbortHandle,
}

/// Starts the INVITE transaction.
pub(super) fn launch(
    shared: &Arc<Shared>,
    plan: &Plan,
    call_id: &str,
    cseq: u32,
    wish: SessionWish,
    offer: &[u8],
) -> Result<(Arc<DialogInner>, Attempt), SipError> {
    let request = plan.invite(shared, call_id, cseq, wish, offer)?;
    let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
    let mut tx = Transaction::new_client(key, request.clone(), shared.stack.clone(), None);
    tx.destination = Some(plan.to.clone());
    let (states_tx, states) = rsipstack::platform::mpsc::unbounded_channel();
    let inner = Arc::new(DialogInner::new(
        TransactionRole::Client,
        DialogId {
            call_id: call_id.to_string(),
            local_tag: plan.local_tag.clone(),
            remote_tag: String::new(),
        },
        request,
        shared.stack.clone(),
        states_tx,
        plan.credential.clone(),
        Some(plan.contact.clone()),
        tx.tu_sender.clone(),
    )?);
    let (over_tx, over) = oneshot::channel();
    let dialog = InviteDialog::from_inner(inner.clone());
    let (stack, to) = (shared.stack.clone(), plan.to.clone());
    let task = tokio::spawn(async move {
        let result = dialog.process_invite(&mut tx).await;
        let mut tags: Vec<String> = tx
            .last_response
            .as_ref()
            .and_then(to_tag)
            .into_iter()
            .collect();
        let last = tx.last_response.clone();
        let _ = over_tx.send(InviteOver { result, last });
        // Until timer M the transaction acknowledges repeated answers; other phones that answer are sent away.
        while let Some(msg) = tx.receive().await {
            if let SipMessage::Response(resp) = msg
                && resp.status_code.kind() == StatusCodeKind::Successful
                && let Some(tag) = to_tag(&resp)
                && !tags.contains(&tag)
            {
                tags.push(tag);
                stray::bye(stack.clone(), resp, to.clone()).await;
            }
        }
    });
    Ok((
        inner,
        Attempt {
            states,
            over,
            task: task.abort_handle(),
        },
    ))
}

fn to_tag(resp: &Response) -> Option<String> {
    let tag = resp.to_header().ok()?.tag().ok()??;
    Some(tag.value().to_string())
}
