//! Our own requests inside a dialog: BYE, re-INVITE, and the ACKs they need.

use super::{Dialog, Happened, State};
use crate::farend::client::Resend;
use crate::farend::message::{self, Extra, Outgoing};
use rsip::{Method, Response, SipMessage};

impl Dialog {
    pub(in crate::farend) fn bye(&mut self, now: u64, reason: &str) {
        let extra = vec![("Reason", reason.to_owned())];
        self.resend = None;
        self.ask(now, Method::Bye, extra, None);
        self.state = State::Over;
    }

    pub(in crate::farend) fn reinvite(&mut self, now: u64, sdp: &str) {
        let extra = self.contact();
        self.ask(now, Method::Invite, extra, Some(sdp));
    }

    pub(in crate::farend) fn on_response(
        &mut self,
        now: u64,
        response: &Response,
    ) -> Option<Happened> {
        let code = response.status_code.code();
        let (cseq, of) = message::cseq(&response.headers)?;
        self.note(now, "in", format!("{code} {of}"));
        if let Some((_, ack)) = self
            .last_ack
            .clone()
            .filter(|(acked, _)| *acked == cseq && code >= 200 && of == "INVITE")
        {
            self.send(now, "ACK again", ack);
            return None;
        }
        let (method, resend) = self.request.as_mut().filter(|(_, r)| r.cseq == cseq)?;
        let method = *method;
        if code < 200 {
            if method == Method::Invite {
                resend.hold();
            }
            return None;
        }
        let branch_of = resend.bytes.clone();
        self.request = None;
        if method == Method::Bye {
            return Some(Happened::Closed);
        }
        self.acknowledge(now, cseq, code, &branch_of);
        Some(if code < 300 {
            if let Some(contact) = message::value(&response.headers, "Contact") {
                message::uri_of(&contact).clone_into(&mut self.target);
            }
            Happened::Reinvited {
                sdp: response.body.clone(),
            }
        } else {
            Happened::Refused(code)
        })
    }

    fn ask(&mut self, now: u64, method: Method, extra: Extra, sdp: Option<&str>) {
        self.local_cseq += 1;
        let cseq = self.local_cseq;
        let via = format!(
            "SIP/2.0/{} {};branch=z9hG4bK{}{cseq}",
            self.transport, self.local, self.tag
        );
        if let Some(bytes) = self.own_request(method, cseq, via, extra, sdp) {
            self.request = Some((method, Resend::new(now, bytes.clone(), cseq)));
            self.send(now, &method.to_string(), bytes);
        }
    }

    /// ACK: a transaction of its own for 2xx, the INVITE's own branch for the rest (RFC 3261 §13.2.2.4, §17.1.1.3).
    fn acknowledge(&mut self, now: u64, cseq: u32, code: u16, invite: &[u8]) {
        let mut via = format!(
            "SIP/2.0/{} {};branch=z9hG4bK{}a{cseq}",
            self.transport, self.local, self.tag
        );
        if code >= 300 {
            let sent = message::parse(invite);
            let old = match &sent {
                Some(SipMessage::Request(request)) => message::value(&request.headers, "Via"),
                _ => None,
            };
            via = old.unwrap_or(via);
        }
        if let Some(bytes) = self.own_request(Method::Ack, cseq, via, Extra::new(), None) {
            self.last_ack = Some((cseq, bytes.clone()));
            self.send(now, "ACK", bytes);
        }
    }

    fn own_request(
        &self,
        method: Method,
        cseq: u32,
        via: String,
        extra: Extra,
        sdp: Option<&str>,
    ) -> Option<Vec<u8>> {
        let headers = &self.invite.headers;
        let mut routes = message::values(headers, "Record-Route");
        // Behind our own pretended proxy the way is direct.
        let own = format!("<sip:{};lr>", self.local);
        routes.retain(|route| *route != own);
        let from = format!("{};tag={}", message::value(headers, "To")?, self.tag);
        message::request(Outgoing {
            method,
            target: &self.target,
            via,
            routes: &routes,
            from: &from,
            to: &message::value(headers, "From")?,
            call_id: &self.call_id,
            cseq,
            extra,
            body: sdp,
        })
    }
}
