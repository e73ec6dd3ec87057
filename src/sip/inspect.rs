//! What passes between the wire and the SIP library: unknown sources are dropped, challenges vetted, our reasons added.

use super::book::Book;
use super::challenge;
use super::stray;
use super::trace::Direction;
use rsipstack::sip::{
    HasHeaders, Header, HeadersExt, Method, Request, Response, SipMessage, StatusCode,
    StatusCodeKind,
};
use rsipstack::transaction::endpoint::{MessageInspector, TransportEventInspector};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transport::{SipAddr, TransportEvent};
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use tracing::{debug, trace, warn};

/// On responses the library made itself (timer B, a broken stream); a far end cannot forge it, because it is stripped from
/// everything received.
const LOCAL: &str = "X-Callsmith-Local";
/// On responses whose challenge must not be answered, with the original code.
const REFUSED: &str = "X-Callsmith-Refused";
/// A dialog answers this many challenges before it gives up.
const MAX_TRIES: u8 = 2;

/// True when no far end sent this response.
pub(super) fn is_local(resp: &Response) -> bool {
    own_header(resp, LOCAL).is_some()
}

/// The challenge's code and why it was not answered.
pub(super) fn refused_challenge(resp: &Response) -> Option<(u16, &str)> {
    let (code, why) = own_header(resp, REFUSED)?.split_once(' ')?;
    Some((code.parse().ok()?, why))
}

fn own_header<'a>(resp: &'a Response, name: &str) -> Option<&'a str> {
    resp.headers.iter().find_map(|h| match h {
        Header::Other(n, v) if n == name => Some(v.as_str()),
        _ => None,
    })
}

fn ip_of(from: &SipAddr) -> Option<IpAddr> {
    from.get_socketaddr().ok().map(|a| a.ip())
}

/// Drops what neither a known peer sent nor a live dialog expects, before any of it is answered.
pub(super) struct SourceFilter(pub Arc<Book>);

impl TransportEventInspector for SourceFilter {
    fn handle<'life0, 'async_trait>(
        &'life0 self,
        event: TransportEvent,
    ) -> Pin<Box<dyn Future<Output = Option<TransportEvent>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let TransportEvent::Incoming(msg, connection, from) = &event else {
                return Some(event);
            };
            let known = ip_of(from).is_some_and(|ip| self.0.trusts(ip));
            if !known && !self.0.owns(msg) {
                self.0.ignore();
                trace!(%from, "SIP message from an unknown source ignored");
                return None;
            }
            if let SipMessage::Response(resp) = msg
                && self.is_stray_answer(resp)
                && let Some(stack) = self.0.stack.get().and_then(std::sync::Weak::upgrade)
            {
                debug!(%from, "an answer to no call of ours: acknowledged and ended");
                stray::end(stack, resp.clone(), connection.clone(), from.clone());
                return None;
            }
            Some(event)
        })
    }
}

impl SourceFilter {
    /// A 2xx to an INVITE that no transaction of ours waits for, as after a restart (RFC 3261 §13.2.2.4).
    fn is_stray_answer(&self, resp: &Response) -> bool {
        if resp.status_code.kind() != StatusCodeKind::Successful
            || !resp
                .cseq_header()
                .and_then(|c| c.method())
                .is_ok_and(|m| m == Method::Invite)
        {
            return false;
        }
        let Some(stack) = self.0.stack.get().and_then(std::sync::Weak::upgrade) else {
            return false;
        };
        let Ok(key) = TransactionKey::from_response(resp, TransactionRole::Client) else {
            return false;
        };
        !stack.transactions.contains_key(&key) && !stack.finished_transactions.contains_key(&key)
    }
}

/// Vets challenges on the way in, dresses CANCEL and BYE on the way out.
pub(super) struct Dresser(pub Arc<Book>);

impl MessageInspector for Dresser {
    fn before_send(&self, msg: SipMessage, _dest: Option<&SipAddr>) -> SipMessage {
        let msg = self.dress(msg);
        self.0.trace(Direction::Out, &msg);
        msg
    }

    fn after_received(&self, msg: SipMessage, from: Option<&SipAddr>) -> SipMessage {
        // What the library made itself was not on the wire.
        if from.is_some() {
            self.0.trace(Direction::In, &msg);
        }
        self.vet_received(msg, from)
    }
}

impl Dresser {
    fn dress(&self, mut msg: SipMessage) -> SipMessage {
        for header in msg.headers_mut().iter_mut() {
            match header {
                Header::Authorization(v) => v.replace(challenge::standard_credentials(v.value())),
                Header::ProxyAuthorization(v) => {
                    v.replace(challenge::standard_credentials(v.value()));
                }
                _ => {}
            }
        }
        match msg {
            SipMessage::Request(mut req) if req.method == Method::Cancel => {
                // The library copies the whole INVITE; a CANCEL carries only what matches it (RFC 3261 §9.1).
                req.headers.retain(|h| {
                    matches!(
                        h,
                        Header::Via(_)
                            | Header::From(_)
                            | Header::To(_)
                            | Header::CallId(_)
                            | Header::CSeq(_)
                            | Header::MaxForwards(_)
                            | Header::Route(_)
                            | Header::UserAgent(_)
                            | Header::ContentLength(_)
                    )
                });
                self.add_reason(&mut req);
                req.into()
            }
            SipMessage::Request(mut req)
                if req.method == Method::Bye && req.reason_header().is_none() =>
            {
                self.add_reason(&mut req);
                req.into()
            }
            other => other,
        }
    }

    fn vet_received(&self, msg: SipMessage, from: Option<&SipAddr>) -> SipMessage {
        let SipMessage::Response(mut resp) = msg else {
            return msg;
        };
        resp.headers
            .retain(|h| !matches!(h, Header::Other(n, _) if n.eq_ignore_ascii_case(LOCAL) || n.eq_ignore_ascii_case(REFUSED)));
        match from {
            None => resp.headers.push(Header::Other(LOCAL.into(), "1".into())),
            Some(from) => {
                if matches!(
                    resp.status_code,
                    StatusCode::Unauthorized | StatusCode::ProxyAuthenticationRequired
                ) {
                    self.vet(&mut resp, from);
                } else if resp.status_code.kind() == StatusCodeKind::Successful
                    && let Ok(call_id) = resp.call_id_header()
                {
                    // A long call may be challenged again and again, once for each request.
                    self.0.with(call_id.value(), |e| e.tries = 0);
                }
            }
        }
        resp.into()
    }
}

impl Dresser {
    fn add_reason(&self, req: &mut Request) {
        let reason = req
            .call_id_header()
            .ok()
            .and_then(|id| self.0.with(id.value(), |e| e.reason.clone()))
            .flatten();
        if let Some(reason) = reason {
            req.headers.push(Header::Reason(reason.into()));
        }
    }

    /// Leaves only challenges that our credentials may answer, the strongest first. With none left the response becomes a
    /// 403, so that the library cannot answer it whatever else it carries.
    fn vet(&self, resp: &mut Response, from: &SipAddr) {
        let Some(call_id) = resp.call_id_header().ok().map(|h| h.value().to_string()) else {
            return;
        };
        let Some((binding, tries, answered)) = self
            .0
            .with(&call_id, |e| (e.binding.clone(), e.tries, e.answered))
        else {
            return;
        };
        let code = resp.status_code.code();
        let Some(binding) = binding else {
            // The first INVITE's challenge is a plain final response; inside a dialog the library would wait for ever.
            if answered {
                refuse(resp, code, "no credentials for this peer");
            }
            return;
        };
        let verdict = if ip_of(from) != Some(binding.peer) {
            Err("the challenge does not come from the trunk's own address")
        } else if tries >= MAX_TRIES {
            Err("the trunk did not accept the credentials")
        } else {
            let proxy = code == 407;
            let mut fitting: Vec<_> = resp
                .headers
                .iter()
                .filter_map(|h| match h {
                    Header::WwwAuthenticate(v) if !proxy => challenge::read(v.value()),
                    Header::ProxyAuthenticate(v) if proxy => challenge::read(v.value()),
                    _ => None,
                })
                .filter(|c| self.0.realm_fits(&binding, &c.realm))
                .collect();
            fitting.sort_by_key(|c| std::cmp::Reverse(c.strength));
            match fitting.into_iter().next() {
                Some(c) => Ok((proxy, c.answerable)),
                None => Err("the challenge names another realm, or a digest we do not answer"),
            }
        };
        match verdict {
            Ok((proxy, value)) => {
                self.0.with(&call_id, |e| e.tries += 1);
                drop_challenges(resp);
                resp.headers.push(if proxy {
                    Header::ProxyAuthenticate(value.into())
                } else {
                    Header::WwwAuthenticate(value.into())
                });
            }
            Err(why) => {
                warn!(trunk = %binding.trunk, %from, why, "digest challenge not answered");
                refuse(resp, code, why);
            }
        }
    }
}

fn drop_challenges(resp: &mut Response) {
    resp.headers
        .retain(|h| !matches!(h, Header::WwwAuthenticate(_) | Header::ProxyAuthenticate(_)));
}

fn refuse(resp: &mut Response, code: u16, why: &str) {
    drop_challenges(resp);
    resp.status_code = StatusCode::Forbidden;
    resp.headers
        .push(Header::Other(REFUSED.into(), format!("{code} {why}")));
}
