//! Requests that arrive: to their dialog, or answered here. This endpoint takes no calls.

use super::book::Book;
use super::plan::ALLOW;
use rsipstack::sip::{Header, HeadersExt, Method, StatusCode};
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::transaction::Transaction;
use std::sync::Arc;
use tracing::{debug, info};

/// Serves until the stack ends.
pub(super) async fn serve(mut incoming: TransactionReceiver, book: Arc<Book>) {
    while let Some(tx) = incoming.recv().await {
        route(tx, &book).await;
    }
}

async fn route(tx: Transaction, book: &Book) {
    let our_tag = tx
        .original
        .to_header()
        .ok()
        .and_then(|h| h.tag().ok().flatten())
        .map(|t| t.value().to_string());
    let Some(our_tag) = our_tag else {
        return outside(tx).await;
    };
    let call_id = tx
        .original
        .call_id_header()
        .map(|h| h.value().to_string())
        .unwrap_or_default();
    let dialog = book
        .with(&call_id, |e| {
            (e.local_tag == our_tag).then(|| e.requests.clone())
        })
        .flatten();
    let tx = match dialog {
        Some(dialog) => match dialog.send(tx) {
            Ok(()) => return,
            Err(gone) => gone.0,
        },
        None => tx,
    };
    if tx.original.method != Method::Ack {
        answer(tx, StatusCode::CallTransactionDoesNotExist, vec![]).await;
    }
}

/// A request outside of any dialog.
async fn outside(tx: Transaction) {
    let (status, headers) = match tx.original.method {
        Method::Options => (
            StatusCode::OK,
            vec![
                Header::Allow(ALLOW.into()),
                Header::Accept("application/sdp".into()),
                Header::Supported("100rel, timer".into()),
            ],
        ),
        Method::Invite => (StatusCode::Forbidden, vec![]),
        Method::Refer => (StatusCode::Decline, vec![]),
        Method::Ack | Method::Cancel => return,
        Method::Bye | Method::Update | Method::PRack | Method::Info => {
            (StatusCode::CallTransactionDoesNotExist, vec![])
        }
        Method::Message
        | Method::Notify
        | Method::Publish
        | Method::Register
        | Method::Subscribe => (
            StatusCode::MethodNotAllowed,
            vec![Header::Allow(ALLOW.into())],
        ),
    };
    if tx.original.method == Method::Invite {
        info!("incoming call refused: this endpoint only dials out");
    }
    answer(tx, status, headers).await;
}

/// Answers and forgets the transaction; the library replays the answer to retransmissions.
pub(super) async fn answer(mut tx: Transaction, status: StatusCode, headers: Vec<Header>) {
    let method = tx.original.method;
    if let Err(e) = tx.reply_with(status, headers, None).await {
        debug!(%method, error = %e, "request not answered");
    }
}
