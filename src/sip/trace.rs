//! The SIP messages of each dialog, kept while it lives and handed over when it ends: what an engineer looks at when a call
//! went wrong. Bounded in number and size; credentials and phone numbers are masked before anybody else sees them.

use crate::terms::Clock;
use rsipstack::sip::SipMessage;
use std::collections::VecDeque;
use std::sync::Arc;

/// Messages of one dialog; of more, the first ones and the latest ones stay.
const MOST: usize = 64;
const FIRST: usize = 16;
/// Bytes of one message.
const LONGEST: usize = 4096;
/// A run of digits this long may be a phone number.
const PHONE: usize = 7;

/// Which way a message went.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
}

impl Direction {
    /// As the journal keeps it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Direction::In => "in",
            Direction::Out => "out",
        }
    }
}

/// One message as text, masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    pub at_unix_ms: i64,
    pub direction: Direction,
    pub text: String,
}

/// All messages of a dialog that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialogTrace {
    /// The user part of the Call-ID, as [`super::Invite::call_id`] gave it.
    pub call: String,
    pub messages: Vec<Traced>,
}

/// Who gets the traces. Called on the dialog's own task: it must not block.
#[derive(Clone)]
pub struct TraceSink(Arc<dyn Fn(DialogTrace) + Send + Sync>);

impl TraceSink {
    #[must_use]
    pub fn new(sink: impl Fn(DialogTrace) + Send + Sync + 'static) -> TraceSink {
        TraceSink(Arc::new(sink))
    }

    /// Masks what the ring held and hands it over.
    pub(super) fn take(&self, call_id: &str, ring: Ring) {
        let call = call_id.split('@').next().unwrap_or(call_id).to_string();
        let messages = ring
            .0
            .into_iter()
            .map(|(at_unix_ms, direction, text)| Traced {
                at_unix_ms,
                direction,
                text: masked(&text),
            });
        (self.0)(DialogTrace {
            call,
            messages: messages.collect(),
        });
    }
}

impl std::fmt::Debug for TraceSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TraceSink")
    }
}

/// The messages of a dialog that lives.
#[derive(Default)]
pub(super) struct Ring(VecDeque<(i64, Direction, String)>);

impl Ring {
    pub(super) fn push(&mut self, direction: Direction, message: &SipMessage) {
        let mut text = message.to_string();
        if text.len() > LONGEST {
            let mut end = LONGEST;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push_str("\r\n…");
        }
        if self.0.len() >= MOST {
            self.0.remove(FIRST);
        }
        self.0
            .push_back((Clock::system().unix_ms(), direction, text));
    }
}

/// The message with credentials and phone numbers starred. The body stays: it holds addresses and codecs, no numbers.
fn masked(text: &str) -> String {
    let (head, body) = match text.split_once("\r\n\r\n") {
        Some((head, body)) => (head, Some(body)),
        None => (text, None),
    };
    let mut out: String = head
        .split("\r\n")
        .map(masked_line)
        .collect::<Vec<_>>()
        .join("\r\n");
    if let Some(body) = body {
        out.push_str("\r\n\r\n");
        out.push_str(body);
    }
    out
}

fn masked_line(line: &str) -> String {
    let name = line.split(':').next().unwrap_or_default().trim();
    let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
    if is("Authorization") || is("Proxy-Authorization") {
        return format!("{name}: ***");
    }
    if is("WWW-Authenticate") || is("Proxy-Authenticate") || is("Authentication-Info") {
        // The scheme and realm explain a refusal; the nonce helps an attacker.
        return without_nonce(line);
    }
    let numbers_of_machines = [
        "Via",
        "v",
        "Call-ID",
        "i",
        "CSeq",
        "Session-ID",
        "RSeq",
        "RAck",
    ];
    if numbers_of_machines.iter().any(|n| is(n)) {
        return line.to_string();
    }
    without_numbers(line)
}

fn without_nonce(line: &str) -> String {
    let part = |part: &str| {
        let key = part.split('=').next().unwrap_or_default();
        let key = key.trim().rsplit(' ').next().unwrap_or_default();
        let secret = ["nonce", "opaque", "cnonce", "nextnonce", "rspauth"];
        if secret.iter().any(|s| key.eq_ignore_ascii_case(s)) {
            let keep = part.find('=').map_or(part.len(), |i| i + 1);
            format!("{}\"***\"", &part[..keep])
        } else {
            part.to_string()
        }
    };
    line.split(',').map(part).collect::<Vec<_>>().join(",")
}

/// Stars the middle of each run of digits that may be a number; what stands behind `=` or `-` is a tag or a branch.
fn without_numbers(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let mut out = String::with_capacity(line.len());
    let mut i = 0;
    while i < chars.len() {
        let before = i.checked_sub(1).and_then(|b| chars.get(b));
        let starts = chars[i].is_ascii_digit()
            && before
                .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '=' | '-' | '_' | '.' | '~'));
        if !starts {
            out.push(chars[i]);
            i += 1;
            continue;
        }
        // Visual separators of tel: addresses belong to the number.
        let len = chars[i..]
            .iter()
            .take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '(' | ')'))
            .count();
        let run = &chars[i..i + len];
        let digits = run.iter().filter(|c| c.is_ascii_digit()).count();
        let (head, tail) = if digits < PHONE {
            (len, 0)
        } else if digits >= 9 {
            (4, 2)
        } else {
            (0, 2)
        };
        for (k, c) in run.iter().enumerate() {
            let open = k < head || k + tail >= len || !c.is_ascii_digit();
            out.push(if open { *c } else { '*' });
        }
        i += len;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_shows_no_number_and_no_credential_and_keeps_the_session_description() {
        let text = "INVITE sip:+8613800138000@203.0.113.9:5060;user=phone SIP/2.0\r\n\
            Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK12345678901\r\n\
            From: \"02112345678\" <sip:02112345678@192.0.2.1>;tag=1234567890\r\n\
            To: <tel:+1-202-555-0100>\r\n\
            P-Asserted-Identity: <sip:+862112345678@x>\r\n\
            Call-ID: c12345678-00aa@192.0.2.1\r\n\
            CSeq: 12345678 INVITE\r\n\
            Authorization: Digest username=\"trunk\", response=\"6629fae4\"\r\n\
            Contact: <sip:robot@192.0.2.1:5060>\r\n\r\n\
            v=0\r\no=- 3940004000 3940004000 IN IP4 192.0.2.1\r\n";
        let shown = masked(text);
        for hidden in [
            "13800138000",
            "02112345678",
            "555-0100",
            "6629fae4",
            "2112345678",
        ] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        for kept in [
            "branch=z9hG4bK12345678901",
            "tag=1234567890",
            "c12345678-00aa@192.0.2.1",
            "CSeq: 12345678 INVITE",
            "Authorization: ***",
            "203.0.113.9:5060;user=phone SIP/2.0",
            "o=- 3940004000 3940004000 IN IP4 192.0.2.1",
        ] {
            assert!(shown.contains(kept), "{kept} not in {shown}");
        }
        assert!(shown.starts_with("INVITE sip:+8613*******00@"), "{shown}");
    }

    #[test]
    fn a_challenge_keeps_its_realm_and_loses_its_nonce() {
        let shown = masked(
            "SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"carrier\", nonce=\"abc123\", qop=\"auth\"",
        );
        assert!(shown.contains("realm=\"carrier\"") && shown.contains("qop=\"auth\""));
        assert!(!shown.contains("abc123"), "{shown}");
    }
}
