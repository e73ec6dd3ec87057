//! A far end made of plain text over a UDP socket. It shares no SIP code with the endpoint.

use std::collections::HashSet;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

/// A guard against hanging for ever, not a measure of anything.
pub async fn within<T>(what: &str, f: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(30), f).await {
        Ok(v) => v,
        Err(_) => panic!("waited too long for {what}"),
    }
}

/// A received message.
#[derive(Clone, Debug)]
pub struct Msg {
    pub text: String,
    pub from: SocketAddr,
}

impl Msg {
    pub fn start(&self) -> &str {
        self.text.lines().next().unwrap_or("")
    }

    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.text
            .split("\r\n\r\n")
            .next()
            .unwrap_or("")
            .lines()
            .skip(1)
            .filter_map(|l| l.split_once(':'))
            .filter(|(n, _)| n.trim().eq_ignore_ascii_case(name))
            .map(|(_, v)| v.trim())
            .collect()
    }

    pub fn header(&self, name: &str) -> &str {
        match self.headers(name).first() {
            Some(v) => v,
            None => panic!("no {name} in:\n{}", self.text),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        !self.headers(name).is_empty()
    }

    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, b)| b)
    }

    /// The URI in angle brackets of a header.
    pub fn uri_of(&self, name: &str) -> String {
        let value = self.header(name);
        let begin = value.find('<').map_or(0, |i| i + 1);
        let end = value.find('>').unwrap_or(value.len());
        value[begin..end].to_string()
    }

    /// The same request, apart from what a retransmission repeats.
    fn identity(&self) -> String {
        self.text.clone()
    }
}

pub struct FarEnd {
    pub socket: UdpSocket,
    seen: HashSet<String>,
}

impl FarEnd {
    pub async fn new() -> FarEnd {
        FarEnd::at("127.0.0.1:0").await
    }

    pub async fn at(addr: &str) -> FarEnd {
        FarEnd {
            socket: UdpSocket::bind(addr).await.unwrap(),
            seen: HashSet::new(),
        }
    }

    pub fn addr(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// The next message that is no retransmission.
    pub async fn next(&mut self, what: &str) -> Msg {
        let mut buf = vec![0; 65536];
        loop {
            let (len, from) = within(what, self.socket.recv_from(&mut buf)).await.unwrap();
            let text = String::from_utf8_lossy(&buf[..len]).into_owned();
            let msg = Msg { text, from };
            if self.seen.insert(msg.identity()) {
                return msg;
            }
        }
    }

    /// The next message, which must begin with `start`: a method or `SIP/2.0 <code>`.
    pub async fn expect(&mut self, start: &str) -> Msg {
        let msg = self.next(start).await;
        assert!(
            msg.text.starts_with(start),
            "wanted {start}, got:\n{}",
            msg.text
        );
        msg
    }

    pub async fn send(&self, text: &str, to: SocketAddr) {
        self.socket.send_to(text.as_bytes(), to).await.unwrap();
    }

    /// Answers `request` with a To tag of `tag`; `more` are whole header lines.
    pub async fn reply(&self, request: &Msg, status: &str, tag: &str, more: &[&str], body: &str) {
        self.send(
            &response(request, status, tag, self.addr(), more, body),
            request.from,
        )
        .await;
    }

    pub async fn ok_with(&self, request: &Msg, tag: &str, body: &str) {
        self.reply(request, "200 OK", tag, &[], body).await;
    }
}

pub fn response(
    request: &Msg,
    status: &str,
    tag: &str,
    me: SocketAddr,
    more: &[&str],
    body: &str,
) -> String {
    let mut out = format!("SIP/2.0 {status}\r\n");
    for via in request.headers("Via") {
        out += &format!("Via: {via}\r\n");
    }
    let to = request.header("To");
    let to = if to.contains("tag=") || tag.is_empty() {
        to.to_string()
    } else {
        format!("{to};tag={tag}")
    };
    out += &format!(
        "From: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {}\r\nContact: <sip:far@{me}>\r\n",
        request.header("From"),
        request.header("Call-ID"),
        request.header("CSeq"),
    );
    finish(&mut out, more, body);
    out
}

fn finish(out: &mut String, more: &[&str], body: &str) {
    for line in more {
        *out += &format!("{line}\r\n");
    }
    if !body.is_empty() && !more.iter().any(|l| l.starts_with("Content-Type")) {
        *out += "Content-Type: application/sdp\r\n";
    }
    *out += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
}

/// A request of the far end inside the dialog of `invite`.
pub fn in_dialog(
    invite: &Msg,
    tag: &str,
    method: &str,
    cseq: u32,
    me: SocketAddr,
    more: &[&str],
    body: &str,
) -> String {
    let mut out = format!(
        "{method} {} SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bKfar{method}{cseq}{tag}{}\r\nMax-Forwards: 70\r\n\
         From: {};tag={tag}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\nContact: <sip:far@{me}>\r\n",
        invite.uri_of("Contact"),
        if method == "ACK" { "2xx" } else { "" },
        invite.header("To"),
        invite.header("From"),
        invite.header("Call-ID"),
    );
    finish(&mut out, more, body);
    out
}

/// A request outside of any dialog.
pub fn out_of_dialog(method: &str, to: SocketAddr, me: SocketAddr) -> String {
    format!(
        "{method} sip:robot@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bKout{method}{}\r\nMax-Forwards: 70\r\n\
         From: <sip:scan@{me}>;tag=scan\r\nTo: <sip:robot@{to}>\r\nCall-ID: out-{method}-{}\r\nCSeq: 1 {method}\r\n\
         Contact: <sip:scan@{me}>\r\nContent-Length: 0\r\n\r\n",
        me.port(),
        me.port(),
    )
}
