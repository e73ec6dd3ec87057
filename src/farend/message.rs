//! SIP messages: reading what a robot sent, writing answers to it (RFC 3261 §7, §8.2.6, §18.2).

use rsip::{Header, Headers, Method, Request, Response, SipMessage, StatusCode, Version};
use std::net::SocketAddr;

pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO";

/// A datagram or a framed stretch of a TCP stream; `None` when it is no SIP.
pub(super) fn parse(bytes: &[u8]) -> Option<SipMessage> {
    SipMessage::try_from(bytes).ok()
}

/// All values of a header, long or compact form, in order.
pub(super) fn values(headers: &Headers, name: &str) -> Vec<String> {
    let compact = match name {
        "Call-ID" => "i",
        "Contact" => "m",
        "Content-Length" => "l",
        "Content-Type" => "c",
        "From" => "f",
        "Supported" => "k",
        "To" => "t",
        "Via" => "v",
        _ => "",
    };
    headers
        .iter()
        .filter_map(|header| {
            let line = header.to_string();
            let (key, value) = line.split_once(':')?;
            let key = key.trim();
            let same = key.eq_ignore_ascii_case(name)
                || (!compact.is_empty() && key.eq_ignore_ascii_case(compact));
            same.then(|| value.trim().to_owned())
        })
        .collect()
}

/// The first value of a header.
pub(super) fn value(headers: &Headers, name: &str) -> Option<String> {
    values(headers, name).into_iter().next()
}

/// Number and method of CSeq.
pub(super) fn cseq(headers: &Headers) -> Option<(u32, String)> {
    let value = value(headers, "CSeq")?;
    let (number, method) = value.split_once(char::is_whitespace)?;
    Some((number.trim().parse().ok()?, method.trim().to_uppercase()))
}

/// The tag of a From or To value.
pub(super) fn tag(value: &str) -> Option<&str> {
    let params = value.rsplit_once('>').map_or(value, |(_, params)| params);
    params
        .split(';')
        .find_map(|p| p.trim().strip_prefix("tag="))
}

/// The URI inside a Contact, From, To or Record-Route value.
pub(super) fn uri_of(value: &str) -> &str {
    match (value.find('<'), value.find('>')) {
        (Some(open), Some(close)) if open < close => &value[open + 1..close],
        _ => value.split(';').next().unwrap_or(value).trim(),
    }
}

/// The user part of a `sip:` URI or the number of a `tel:` URI.
pub(super) fn user_of(uri: &str) -> String {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let user = rest.split_once('@').map_or(rest, |(user, _)| user);
    user.split(';').next().unwrap_or(user).to_owned()
}

/// Extra headers of a message, by name.
pub(super) type Extra = Vec<(&'static str, String)>;

/// A response to `request`. `tag` goes on To where it has none; `peer` is where the request came from (RFC 3581).
pub(super) fn respond(
    request: &Request,
    (code, reason): (u16, &str),
    tag_of_to: &str,
    peer: SocketAddr,
    extra: Extra,
    body: Option<&str>,
) -> Vec<u8> {
    let mut headers = Headers::default();
    for (index, via) in values(&request.headers, "Via").into_iter().enumerate() {
        let via = if index == 0 {
            with_source(&via, peer)
        } else {
            via
        };
        headers.push(Header::Via(via.into()));
    }
    if code > 100 {
        for route in values(&request.headers, "Record-Route") {
            headers.push(Header::RecordRoute(route.into()));
        }
    }
    if let Some(from) = value(&request.headers, "From") {
        headers.push(Header::From(from.into()));
    }
    if let Some(mut to) = value(&request.headers, "To") {
        if code > 100 && tag(&to).is_none() {
            to = format!("{to};tag={tag_of_to}");
        }
        headers.push(Header::To(to.into()));
    }
    for name in ["Call-ID", "CSeq"] {
        if let Some(value) = value(&request.headers, name) {
            headers.push(Header::Other(name.into(), value));
        }
    }
    finish(&mut headers, extra, body);
    let reason = if reason.is_empty() {
        phrase(code)
    } else {
        reason.to_owned()
    };
    Response {
        status_code: StatusCode::Other(code, reason),
        version: Version::V2,
        headers,
        body: body.unwrap_or_default().as_bytes().to_vec(),
    }
    .into()
}

/// What a request of our own needs.
pub(super) struct Outgoing<'a> {
    pub(super) method: Method,
    pub(super) target: &'a str,
    pub(super) via: String,
    pub(super) routes: &'a [String],
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) call_id: &'a str,
    pub(super) cseq: u32,
    pub(super) extra: Extra,
    pub(super) body: Option<&'a str>,
}

/// A request inside a dialog; `None` when the peer's Contact is no URI.
pub(super) fn request(out: Outgoing<'_>) -> Option<Vec<u8>> {
    let mut headers = Headers::default();
    headers.push(Header::Via(out.via.into()));
    headers.push(Header::Other("Max-Forwards".into(), "70".into()));
    for route in out.routes {
        headers.push(Header::Route(route.clone().into()));
    }
    headers.push(Header::From(out.from.into()));
    headers.push(Header::To(out.to.into()));
    headers.push(Header::CallId(out.call_id.into()));
    headers.push(Header::CSeq(format!("{} {}", out.cseq, out.method).into()));
    finish(&mut headers, out.extra, out.body);
    let request = Request {
        method: out.method,
        uri: rsip::Uri::try_from(out.target).ok()?,
        version: Version::V2,
        headers,
        body: out.body.unwrap_or_default().as_bytes().to_vec(),
    };
    Some(request.into())
}

fn finish(headers: &mut Headers, extra: Extra, body: Option<&str>) {
    for (name, value) in extra {
        headers.push(Header::Other(name.into(), value));
    }
    if body.is_some() {
        headers.push(Header::ContentType("application/sdp".into()));
    }
    let length = body.map_or(0, str::len).to_string();
    headers.push(Header::ContentLength(length.into()));
}

/// RFC 3581: received and rport are filled in by who answers.
fn with_source(via: &str, peer: SocketAddr) -> String {
    let mut parts: Vec<String> = via
        .split(';')
        .map(|part| match part.trim() {
            "rport" => format!("rport={}", peer.port()),
            part => part.to_owned(),
        })
        .collect();
    if !via.contains(";received=") {
        parts.push(format!("received={}", peer.ip()));
    }
    parts.join(";")
}

fn phrase(code: u16) -> String {
    match code {
        200 => "OK".into(),
        // The crate names its codes in one word; the wire has spaces before capitals.
        code => {
            let name = StatusCode::from(code).to_string();
            let name = name.split_once(' ').map_or("", |(_, name)| name);
            let mut spaced = String::new();
            for c in name.chars() {
                if c.is_uppercase() && !spaced.is_empty() {
                    spaced.push(' ');
                }
                spaced.push(c);
            }
            spaced
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:13800000001@127.0.0.1:5070;transport=udp SIP/2.0\r\n\
        v: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKa\r\nf: \"R\" <sip:r@h;x=1>;tag=abc\r\n\
        To: <sip:13800000001@127.0.0.1>\r\ni: c1\r\nCSeq: 7 INVITE\r\nRecord-Route: <sip:p;lr>\r\n\r\n";

    #[test]
    fn compact_forms_are_read_and_the_answer_goes_back_by_rport() {
        let Some(SipMessage::Request(request)) = parse(INVITE.as_bytes()) else {
            panic!("not a request")
        };
        assert_eq!(cseq(&request.headers), Some((7, "INVITE".into())));
        assert_eq!(user_of(&request.uri.to_string()), "13800000001");
        let from = value(&request.headers, "From").unwrap_or_default();
        assert_eq!(tag(&from), Some("abc"));
        assert_eq!(uri_of(&from), "sip:r@h;x=1");
        let peer = SocketAddr::from(([127, 0, 0, 1], 9));
        let answer = respond(
            &request,
            (486, ""),
            "t",
            peer,
            vec![("Allow", ALLOW.into())],
            None,
        );
        let answer = String::from_utf8(answer).unwrap_or_default();
        assert!(answer.starts_with("SIP/2.0 486 Busy Here\r\n"), "{answer}");
        for part in [
            "rport=9;branch=z9hG4bKa;received=127.0.0.1\r\n",
            "To: <sip:13800000001@127.0.0.1>;tag=t\r\n",
            "Call-ID: c1\r\n",
            "Record-Route: <sip:p;lr>\r\n",
            "Content-Length: 0\r\n\r\n",
        ] {
            assert!(answer.contains(part), "{part} in {answer}");
        }
    }
}
