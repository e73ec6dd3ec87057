//! Asking for credentials (RFC 3261 §22, RFC 7616 with MD5).

use super::message::{self, Extra};
use super::scenario::Credentials;
use rsip::Request;
use rsip::headers::auth::Algorithm;
use rsip::services::DigestGenerator;

/// What a request's credentials are worth.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Missing,
    /// The nonce is not one of ours: challenge again with stale=true.
    Stale,
    Wrong,
}

/// Gives out nonces and knows them again.
#[derive(Debug)]
pub(super) struct Guard {
    who: Credentials,
    seed: u64,
    given: u64,
}

impl Guard {
    pub(super) fn new(who: Credentials, seed: u64) -> Self {
        Guard {
            who,
            seed,
            given: 0,
        }
    }

    /// The header of a 407.
    pub(super) fn challenge(&mut self, stale: bool) -> Extra {
        self.given += 1;
        let stale = if stale { ", stale=true" } else { "" };
        let value = format!(
            "Digest realm=\"{}\", nonce=\"{}\", algorithm=MD5, qop=\"auth\"{stale}",
            self.who.realm,
            self.nonce(self.given)
        );
        vec![("Proxy-Authenticate", value)]
    }

    pub(super) fn judge(&self, request: &Request) -> Verdict {
        let headers = message::values(&request.headers, "Proxy-Authorization");
        let ours = headers
            .iter()
            .map(|h| params(h))
            .find(|p| get(p, "realm") == Some(&self.who.realm));
        let Some(given) = ours else {
            return Verdict::Missing;
        };
        let (Some(nonce), Some(response), Some(uri)) = (
            get(&given, "nonce"),
            get(&given, "response"),
            get(&given, "uri"),
        ) else {
            return Verdict::Wrong;
        };
        if !(1..=self.given).any(|n| self.nonce(n) == nonce) {
            return Verdict::Stale;
        }
        let Ok(uri) = rsip::Uri::try_from(uri) else {
            return Verdict::Wrong;
        };
        // With qop the hash runs over nonce:nc:cnonce:qop where it ran over the nonce alone. Said so, because the
        // crate's own qop type writes nc in decimal.
        let salt = match get(&given, "qop") {
            Some(qop) => format!(
                "{nonce}:{}:{}:{qop}",
                get(&given, "nc").unwrap_or(""),
                get(&given, "cnonce").unwrap_or("")
            ),
            None => nonce.to_owned(),
        };
        let expected = DigestGenerator {
            username: &self.who.user,
            password: &self.who.password,
            nonce: &salt,
            uri: &uri,
            realm: &self.who.realm,
            method: &request.method,
            qop: None,
            algorithm: Algorithm::Md5,
        };
        let right = get(&given, "username") == Some(&self.who.user) && expected.verify(response);
        if right { Verdict::Good } else { Verdict::Wrong }
    }

    fn nonce(&self, number: u64) -> String {
        let mixed = (self.seed ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{number:x}-{mixed:016x}")
    }
}

/// `Digest a="b", c=d` as pairs.
fn params(header: &str) -> Vec<(String, String)> {
    let rest = header.trim().split_once(' ').map_or("", |(_, rest)| rest);
    let mut pairs = Vec::new();
    let mut quoted = false;
    let parts = rest.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    for part in parts {
        if let Some((key, value)) = part.split_once('=') {
            let value = value.trim().trim_matches('"');
            pairs.push((key.trim().to_ascii_lowercase(), value.to_owned()));
        }
    }
    pairs
}

fn get<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(k, _)| k == key)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(authorization: &str) -> Request {
        let text = format!("INVITE sip:1@h SIP/2.0\r\nCall-ID: c\r\n{authorization}\r\n");
        match message::parse(text.as_bytes()) {
            Some(rsip::SipMessage::Request(request)) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_the_right_password_over_our_own_nonce_is_good() {
        let who = Credentials {
            realm: "carrier".into(),
            user: "bob".into(),
            password: "secret".into(),
        };
        let mut guard = Guard::new(who, 7);
        assert_eq!(guard.judge(&request("")), Verdict::Missing);
        guard.challenge(false);
        let nonce = guard.nonce(1);
        let uri = rsip::Uri::try_from("sip:1@h").unwrap_or_default();
        let answer = |password: &str, nonce: &str| {
            let response = DigestGenerator {
                username: "bob",
                password,
                nonce: &format!("{nonce}:0000000a:xyz:auth"),
                uri: &uri,
                realm: "carrier",
                method: &rsip::Method::Invite,
                qop: None,
                algorithm: Algorithm::Md5,
            }
            .compute();
            request(&format!(
                "Proxy-Authorization: Digest username=\"bob\",realm=\"carrier\", nonce=\"{nonce}\", uri=\"sip:1@h\", \
                 response=\"{response}\", algorithm=MD5, qop=auth, nc=0000000a, cnonce=\"xyz\"\r\n"
            ))
        };
        assert_eq!(guard.judge(&answer("secret", &nonce)), Verdict::Good);
        assert_eq!(guard.judge(&answer("wrong", &nonce)), Verdict::Wrong);
        assert_eq!(guard.judge(&answer("secret", "old")), Verdict::Stale);
    }
}
