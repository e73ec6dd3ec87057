//! Ending a session that a 2xx established without any call of ours wanting it: ACK, then BYE (RFC 3261 §13.2.2.4).

use rsipstack::sip::typed::{CSeq, Route};
use rsipstack::sip::{Header, HeadersExt, Method, Request, Response, Uri, Version};
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::{SipAddr, SipConnection};
use tracing::debug;

/// Acknowledges and ends, in the background, over the connection the answer came on.
pub(super) fn end(
    stack: EndpointInnerRef,
    resp: Response,
    connection: SipConnection,
    from: SipAddr,
) {
    tokio::spawn(async move {
        if let Some(ack) = request(&stack, &resp, &from, Method::Ack, 0)
            && let Err(e) = connection.send(ack.into(), Some(&from)).await
        {
            debug!(error = %e, "stray answer not acknowledged");
        }
        bye(stack, resp, from).await;
    });
}

/// Sends a BYE for the dialog that `resp` established and waits for its end.
pub(super) async fn bye(stack: EndpointInnerRef, resp: Response, to: SipAddr) {
    let Some(bye) = request(&stack, &resp, &to, Method::Bye, 1) else {
        return;
    };
    let Ok(key) = TransactionKey::from_request(&bye, TransactionRole::Client) else {
        return;
    };
    let mut tx = Transaction::new_client(key, bye, stack, None);
    tx.destination = Some(to);
    if tx.send().await.is_ok() {
        while tx.receive().await.is_some() {}
    }
}

/// A request inside the dialog of `resp`, its CSeq `later` numbers after the INVITE's.
fn request(
    stack: &EndpointInnerRef,
    resp: &Response,
    to: &SipAddr,
    method: Method,
    later: u32,
) -> Option<Request> {
    let seq = resp.cseq_header().ok()?.seq().ok()?.checked_add(later)?;
    // Without a Contact the source is the best guess of the remote target.
    let uri = resp
        .typed_contact_headers()
        .ok()
        .and_then(|c| c.first().map(|c| c.uri.clone()))
        .unwrap_or_else(|| Uri::from(to));
    let via = stack
        .get_via(
            stack
                .transport_layer
                .get_listen_addrs()
                .into_iter()
                .find(|a| a.r#type == to.r#type),
            None,
        )
        .ok()?;
    let mut headers = vec![
        Header::Via(via.into()),
        Header::CallId(resp.call_id_header().ok()?.clone()),
        Header::From(resp.from_header().ok()?.clone()),
        Header::To(resp.to_header().ok()?.clone()),
        Header::CSeq(CSeq { seq, method }.into()),
    ];
    // The route set of a caller is the Record-Route list backwards (RFC 3261 §12.1.2).
    let recorded = resp.typed_record_route_headers().unwrap_or_default();
    headers.extend(
        recorded
            .into_iter()
            .rev()
            .map(|r| Header::Route(Route::from(r.uri).into())),
    );
    headers.push(Header::MaxForwards(70.into()));
    headers.push(Header::ContentLength(0u32.into()));
    Some(Request {
        method,
        uri,
        headers: headers.into(),
        body: Vec::new(),
        version: Version::V2,
    })
}
