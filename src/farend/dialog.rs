//! SIP of one call: the INVITE's server transaction, the dialog it makes, and our own requests inside it
//! (RFC 3261 §12–15, §17.2). No clock, no socket: time comes in, datagrams go out through [`Dialog::out`].

mod requests;

use super::client::{Due, Resend};
use super::message::{self, ALLOW, Extra};
use super::report::SipLine;
use rsip::{Method, Request, SipMessage};
use std::net::SocketAddr;

/// What the robot did.
#[derive(Debug)]
pub(super) enum Happened {
    /// Our 200 was acknowledged; `sdp` is the answer to an offer of ours.
    Acked {
        sdp: Vec<u8>,
    },
    Canceled {
        reason: Option<String>,
    },
    Bye {
        reason: Option<String>,
    },
    /// re-INVITE, or UPDATE with SDP: to be answered with [`Dialog::accept`].
    Offer(Box<Request>),
    /// DTMF by INFO.
    Key(char),
    /// 200 to our re-INVITE.
    Reinvited {
        sdp: Vec<u8>,
    },
    /// Our re-INVITE was refused.
    Refused(u16),
    /// Our BYE was answered, or nobody answers any more.
    Closed,
    /// Our 200 was never acknowledged; a BYE is on its way.
    NoAck,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum State {
    Early,
    /// A final answer ≥ 300 was sent.
    Refused,
    Up,
    Over,
}

/// One dialog, or the attempt at one.
#[derive(Debug)]
pub(super) struct Dialog {
    invite: Request,
    cseq: u32,
    call_id: String,
    local: SocketAddr,
    peer: SocketAddr,
    transport: &'static str,
    tag: String,
    /// Put ourselves into the route like a proxy.
    record_route: bool,
    state: State,
    last_answer: Option<Vec<u8>>,
    /// The final answer, or a reliable provisional one, until it is acknowledged.
    resend: Option<Resend>,
    reinvite: Option<(u32, Vec<u8>)>,
    target: String,
    local_cseq: u32,
    request: Option<(Method, Resend)>,
    last_ack: Option<(u32, Vec<u8>)>,
    pub(super) out: Vec<Vec<u8>>,
    pub(super) log: Vec<SipLine>,
}

/// Where a dialog lives.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
    pub(super) transport: &'static str,
    pub(super) record_route: bool,
}

impl Dialog {
    /// `None` when the INVITE lacks what a dialog needs.
    pub(super) fn new(invite: Request, place: Place, tag: String) -> Option<Self> {
        let (cseq, _) = message::cseq(&invite.headers)?;
        let call_id = message::value(&invite.headers, "Call-ID")?;
        message::value(&invite.headers, "From")?;
        message::value(&invite.headers, "To")?;
        let contact = message::value(&invite.headers, "Contact")?;
        Some(Dialog {
            cseq,
            call_id,
            local: place.local,
            peer: place.peer,
            transport: place.transport,
            tag,
            record_route: place.record_route,
            state: State::Early,
            last_answer: None,
            resend: None,
            reinvite: None,
            target: message::uri_of(&contact).to_owned(),
            local_cseq: 0,
            request: None,
            last_ack: None,
            out: Vec::new(),
            log: vec![SipLine {
                ms: 0,
                dir: "in",
                what: "INVITE".into(),
            }],
            invite,
        })
    }

    pub(super) fn invite(&self) -> &Request {
        &self.invite
    }

    /// Our own address.
    pub(super) fn place(&self) -> SocketAddr {
        self.local
    }

    /// Seen, but not answered.
    pub(super) fn only_note(&mut self, now: u64, message: &SipMessage) {
        let what = match message {
            SipMessage::Request(request) => request.method.to_string(),
            SipMessage::Response(response) => response.status_code.code().to_string(),
        };
        self.note(now, "in", what);
    }

    pub(super) fn is_early(&self) -> bool {
        self.state == State::Early
    }

    pub(super) fn is_up(&self) -> bool {
        self.state == State::Up
    }

    /// Nothing is left to be said or said again.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self.state, State::Over | State::Refused)
            && self.request.is_none()
            && self.resend.is_none()
    }

    /// A provisional answer; `reliable` asks for PRACK when the caller can.
    pub(super) fn progress(&mut self, now: u64, code: u16, sdp: Option<&str>, reliable: bool) {
        let mut extra = if code > 100 {
            self.contact()
        } else {
            Extra::new()
        };
        let can = ["Supported", "Require"].iter().any(|name| {
            let all = message::values(&self.invite.headers, name);
            all.iter().any(|v| v.contains("100rel"))
        });
        let reliable = reliable && can;
        if reliable {
            extra.push(("Require", "100rel".into()));
            extra.push(("RSeq", "1".into()));
        }
        let bytes = self.invite_answer((code, ""), extra, sdp);
        if reliable {
            self.resend = Some(Resend::new(now, bytes.clone(), self.cseq));
        }
        self.send(now, &format!("{code} INVITE"), bytes);
    }

    /// 200 with our SDP.
    pub(super) fn answer(&mut self, now: u64, sdp: &str, session_expires: Option<u32>) {
        let mut extra = self.contact();
        extra.push(("Allow", ALLOW.into()));
        if let Some(seconds) = session_expires {
            extra.push(("Require", "timer".into()));
            extra.push(("Session-Expires", format!("{seconds};refresher=uac")));
        }
        let bytes = self.invite_answer((200, ""), extra, Some(sdp));
        self.resend = Some(Resend::new(now, bytes.clone(), self.cseq));
        self.state = State::Up;
        self.send(now, "200 INVITE", bytes);
    }

    /// A final answer ≥ 300.
    pub(super) fn refuse(&mut self, now: u64, code: u16, reason: &str, extra: Extra) {
        let bytes = self.invite_answer((code, reason), extra, None);
        self.resend = Some(Resend::new(now, bytes.clone(), self.cseq));
        self.state = State::Refused;
        self.send(now, &format!("{code} INVITE"), bytes);
    }

    /// Bytes that are no answer.
    pub(super) fn garbage(&mut self, now: u64, bytes: &[u8]) {
        self.send(now, "garbage", bytes.to_vec());
    }

    /// 200 with SDP to a re-INVITE or UPDATE, or 488 without.
    pub(super) fn accept(&mut self, now: u64, request: &Request, sdp: Option<&str>) {
        let method = request.method;
        let code = if sdp.is_some() { 200 } else { 488 };
        let bytes = self.respond(request, code, self.contact(), sdp);
        if method == Method::Invite {
            let cseq = message::cseq(&request.headers).map_or(0, |(number, _)| number);
            self.resend = Some(Resend::new(now, bytes.clone(), cseq));
            self.reinvite = Some((cseq, bytes.clone()));
        }
        self.send(now, &format!("{code} {method}"), bytes);
    }

    pub(super) fn tick(&mut self, now: u64) -> Vec<Happened> {
        let mut happened = Vec::new();
        match self.resend.as_mut().map_or(Due::Nothing, |r| r.due(now)) {
            Due::Again => {
                let bytes = self
                    .resend
                    .as_ref()
                    .map(|r| r.bytes.clone())
                    .unwrap_or_default();
                self.send(now, "final again", bytes);
            }
            Due::GiveUp => {
                self.resend = None;
                if self.state == State::Up {
                    self.bye(now, "SIP;cause=408;text=\"ACK missing\"");
                    happened.push(Happened::NoAck);
                }
            }
            Due::Nothing => {}
        }
        let Some((method, resend)) = &mut self.request else {
            return happened;
        };
        let (method, due, bytes) = (*method, resend.due(now), resend.bytes.clone());
        match due {
            Due::Again => self.send(now, &format!("{method} again"), bytes),
            Due::GiveUp => {
                self.request = None;
                happened.push(if method == Method::Bye {
                    Happened::Closed
                } else {
                    Happened::Refused(408)
                });
            }
            Due::Nothing => {}
        }
        happened
    }

    pub(super) fn on_request(&mut self, now: u64, request: Request) -> Option<Happened> {
        let method = request.method;
        self.note(now, "in", method.to_string());
        let (cseq, _) = message::cseq(&request.headers)?;
        let reason = message::value(&request.headers, "Reason");
        match method {
            Method::Invite if cseq == self.cseq => {
                let again = self.last_answer.clone()?;
                self.send(now, "answer again", again);
                None
            }
            Method::Ack => {
                self.resend.take_if(|r| r.cseq == cseq)?;
                (self.state == State::Up).then_some(Happened::Acked { sdp: request.body })
            }
            Method::Cancel => {
                self.reply(now, &request, 200);
                if self.state != State::Early {
                    return None;
                }
                self.refuse(now, 487, "", Extra::new());
                Some(Happened::Canceled { reason })
            }
            _ if !self.knows(&request) => {
                self.reply(now, &request, 481);
                None
            }
            Method::Bye => {
                self.reply(now, &request, 200);
                let before = self.state;
                if before == State::Early {
                    self.refuse(now, 487, "", Extra::new());
                } else {
                    self.resend = None;
                    self.state = State::Over;
                }
                matches!(before, State::Early | State::Up).then_some(Happened::Bye { reason })
            }
            Method::PRack => {
                self.resend = None;
                self.reply(now, &request, 200);
                None
            }
            _ if self.state != State::Up && method != Method::Options => {
                self.reply(now, &request, 481);
                None
            }
            Method::Invite => self.on_reinvite(now, cseq, request),
            Method::Update if !request.body.is_empty() => Some(Happened::Offer(Box::new(request))),
            Method::Update | Method::Options => {
                self.reply(now, &request, 200);
                None
            }
            Method::Info => {
                self.reply(now, &request, 200);
                key_in_info(&request.body).map(Happened::Key)
            }
            _ => {
                self.reply(now, &request, 405);
                None
            }
        }
    }

    fn on_reinvite(&mut self, now: u64, cseq: u32, request: Request) -> Option<Happened> {
        if let Some((_, again)) = self.reinvite.clone().filter(|(last, _)| *last == cseq) {
            self.send(now, "answer again", again);
            return None;
        }
        if self.request.is_some() {
            // Glare, RFC 3261 §14.2.
            self.reply(now, &request, 491);
            return None;
        }
        if let Some(contact) = message::value(&request.headers, "Contact") {
            message::uri_of(&contact).clone_into(&mut self.target);
        }
        Some(Happened::Offer(Box::new(request)))
    }

    /// The request belongs to this dialog.
    fn knows(&self, request: &Request) -> bool {
        let to = message::value(&request.headers, "To").unwrap_or_default();
        message::tag(&to) == Some(self.tag.as_str())
    }

    fn contact(&self) -> Extra {
        let transport = if self.transport == "TCP" {
            ";transport=tcp"
        } else {
            ""
        };
        vec![("Contact", format!("<sip:callee@{}{transport}>", self.local))]
    }

    fn invite_answer(
        &mut self,
        status: (u16, &str),
        mut extra: Extra,
        sdp: Option<&str>,
    ) -> Vec<u8> {
        if self.record_route && status.0 > 100 && status.0 < 300 {
            extra.insert(0, ("Record-Route", format!("<sip:{};lr>", self.local)));
        }
        let bytes = message::respond(&self.invite, status, &self.tag, self.peer, extra, sdp);
        self.last_answer = Some(bytes.clone());
        bytes
    }

    fn respond(&self, request: &Request, code: u16, extra: Extra, sdp: Option<&str>) -> Vec<u8> {
        message::respond(request, (code, ""), &self.tag, self.peer, extra, sdp)
    }

    fn reply(&mut self, now: u64, request: &Request, code: u16) {
        let extra = vec![("Allow", ALLOW.to_owned())];
        let bytes = self.respond(request, code, extra, None);
        self.send(now, &format!("{code} {}", request.method), bytes);
    }

    fn send(&mut self, now: u64, what: &str, bytes: Vec<u8>) {
        self.note(now, "out", what.to_owned());
        self.out.push(bytes);
    }

    fn note(&mut self, ms: u64, dir: &'static str, what: String) {
        // A robot gone wild must not fill the memory.
        if self.log.len() < 1000 {
            self.log.push(SipLine { ms, dir, what });
        }
    }
}

/// `Signal=5` of application/dtmf-relay.
fn key_in_info(body: &[u8]) -> Option<char> {
    let text = String::from_utf8_lossy(body);
    let signal = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Signal="))?;
    signal.trim().chars().next()
}
