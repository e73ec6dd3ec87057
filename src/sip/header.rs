//! Small readings of header values and bodies that the SIP library leaves as text.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// `cause` of the first value of `protocol` in a list of Reason header values (RFC 3326), e.g. `Q.850;cause=17;text="busy"`.
pub(super) fn reason_cause<'a>(
    values: impl IntoIterator<Item = &'a str>,
    protocol: &str,
) -> Option<u16> {
    values
        .into_iter()
        .flat_map(|v| split_quoted(v, ','))
        .find_map(|one| {
            let mut parts = split_quoted(one, ';').into_iter();
            if !parts.next()?.trim().eq_ignore_ascii_case(protocol) {
                return None;
            }
            parts.find_map(|p| {
                let (name, value) = p.split_once('=')?;
                name.trim()
                    .eq_ignore_ascii_case("cause")
                    .then(|| value.trim().trim_matches('"').parse().ok())?
            })
        })
}

/// A Reason header value for a normal end by us, with our words as its text.
pub(super) fn reason_value(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !c.is_control() && *c != '"' && *c != '\\')
        .take(120)
        .collect();
    format!("Q.850;cause=16;text=\"{text}\"")
}

/// The digit of an INFO body: `application/dtmf-relay` (`Signal=5`) or `application/dtmf` (`5`).
pub(super) fn dtmf(content_type: &str, body: &[u8]) -> Option<char> {
    let media = content_type.split(';').next()?.trim();
    let body = std::str::from_utf8(body).ok()?;
    let signal = if media.eq_ignore_ascii_case("application/dtmf-relay") {
        body.lines().find_map(|line| {
            let (name, value) = line.split_once(['=', ':'])?;
            name.trim()
                .eq_ignore_ascii_case("signal")
                .then(|| value.trim())
        })?
    } else if media.eq_ignore_ascii_case("application/dtmf") {
        body.trim()
    } else {
        return None;
    };
    match signal {
        // Some senders write the event number of RFC 4733.
        "10" => Some('*'),
        "11" => Some('#'),
        "12" => Some('A'),
        "13" => Some('B'),
        "14" => Some('C'),
        "15" => Some('D'),
        one => {
            let mut chars = one.chars();
            let c = chars.next()?.to_ascii_uppercase();
            (chars.next().is_none() && ("0123456789*#ABCD".contains(c))).then_some(c)
        }
    }
}

/// True when a body is a session description.
pub(super) fn is_sdp(content_type: Option<&str>, body: &[u8]) -> bool {
    if body.is_empty() {
        return false;
    }
    match content_type {
        Some(t) => t
            .split(';')
            .next()
            .is_some_and(|m| m.trim().eq_ignore_ascii_case("application/sdp")),
        None => body.starts_with(b"v=0"),
    }
}

/// Splits at `at` outside of double quotes.
pub(super) fn split_quoted(s: &str, at: char) -> Vec<&str> {
    let mut quoted = false;
    s.split(|c: char| {
        if c == '"' {
            quoted = !quoted;
        }
        c == at && !quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_q850_cause_is_found_wherever_the_carrier_puts_it() {
        for (values, want) in [
            (vec!["Q.850;cause=17"], Some(17)),
            (
                vec![
                    "SIP;cause=486;text=\"Busy\"",
                    "Q.850 ;cause=17;text=\"User busy\"",
                ],
                Some(17),
            ),
            (
                vec!["SIP;cause=200;text=\"a, b;cause=9\", q.850;text=\"x\";cause=31"],
                Some(31),
            ),
            (vec!["SIP;cause=486"], None),
            (vec!["Q.850;cause=abc"], None),
            (vec![""], None),
        ] {
            assert_eq!(reason_cause(values.clone(), "Q.850"), want, "{values:?}");
        }
    }

    #[test]
    fn our_reason_cannot_break_out_of_its_header() {
        let v = reason_value("a\"\r\nBye: x\\");
        assert_eq!(v, "Q.850;cause=16;text=\"aBye: x\"");
    }

    #[test]
    fn keys_are_read_from_both_kinds_of_info() {
        let relay = "application/dtmf-relay";
        for (t, body, want) in [
            (relay, "Signal=5\r\nDuration=160\r\n", Some('5')),
            (relay, "Signal= #\nDuration=100", Some('#')),
            (relay, "Signal=11\r\n", Some('#')),
            ("Application/DTMF", "*", Some('*')),
            ("application/dtmf", "d\r\n", Some('D')),
            ("application/dtmf", "55", None),
            ("application/dtmf", "", None),
            (relay, "Duration=5", None),
            ("text/plain", "5", None),
        ] {
            assert_eq!(dtmf(t, body.as_bytes()), want, "{t} {body:?}");
        }
        assert_eq!(dtmf(relay, &[0xff, 0xfe]), None);
    }
}
