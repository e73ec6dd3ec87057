//! A browser's offer before the WebRTC library sees it, and our answer before the browser does.

use super::BrowserError;
use std::net::IpAddr;

/// An offer of one audio stream is 2 to 4 KB; more is no browser.
const LONGEST: usize = 32 * 1024;
const MOST_LINES: usize = 400;
/// PCMU's payload type, RFC 3551 table 4.
const PCMU: &str = "0";

/// An offer that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Without the browser's own addresses: it comes to us, and the server must not be made to send to addresses that a page
    /// names. The address a check comes from is learned from the check (RFC 8445 §7.3.1.3), which needs our password.
    pub sdp: String,
    /// The browser only wants to hear.
    pub listens_only: bool,
}

/// Looks an offer over.
///
/// # Errors
/// It is not one audio stream with PCMU over ICE, DTLS-SRTP and one port; the message says what to do.
pub fn offer(sdp: &str) -> Result<Offer, BrowserError> {
    let bad = |why: &str| Err(BrowserError::Offer(why.to_string()));
    if sdp.len() > LONGEST || sdp.lines().count() > MOST_LINES {
        return bad("it is longer than an offer of one audio stream can be");
    }
    if !sdp.starts_with("v=0")
        || sdp
            .chars()
            .any(|c| c.is_control() && c != '\r' && c != '\n')
    {
        return bad("it is no SDP; send RTCPeerConnection's localDescription.sdp");
    }
    let mut media = sdp.lines().filter_map(|l| l.strip_prefix("m="));
    let (Some(audio), None) = (media.next(), media.next()) else {
        return bad("offer one audio stream and nothing else");
    };
    let words: Vec<&str> = audio.split_whitespace().collect();
    if words.first() != Some(&"audio") || !words.get(2).is_some_and(|p| p.contains("RTP/SAVP")) {
        return bad("offer one audio stream over DTLS-SRTP and nothing else");
    }
    if !words.iter().skip(3).any(|pt| *pt == PCMU) {
        return bad("the audio must be offered as PCMU (payload type 0)");
    }
    for (attribute, name) in [
        ("a=ice-ufrag:", "ICE"),
        ("a=ice-pwd:", "ICE"),
        ("a=fingerprint:", "DTLS"),
        ("a=rtcp-mux", "RTCP on the same port (rtcp-mux)"),
    ] {
        if !sdp.lines().any(|l| l.starts_with(attribute)) {
            return Err(BrowserError::Offer(format!("it lacks {name}")));
        }
    }
    let has = |line: &str| sdp.lines().any(|l| l.trim_end() == line);
    if has("a=sendonly") || has("a=inactive") {
        return bad("the stream must be sendrecv, or recvonly to listen");
    }
    let kept = sdp
        .lines()
        .filter(|l| !l.starts_with("a=candidate:") && !l.starts_with("a=end-of-candidates"));
    let mut clean = String::with_capacity(sdp.len());
    for line in kept {
        clean.push_str(line.trim_end());
        clean.push_str("\r\n");
    }
    Ok(Offer {
        sdp: clean,
        listens_only: has("a=recvonly"),
    })
}

/// The answer with the address that browsers reach us at, where that is not the one we bind: behind a one-to-one NAT.
#[must_use]
pub fn announced(answer: &str, at: Option<IpAddr>) -> String {
    let Some(at) = at else {
        return answer.to_string();
    };
    let mut told = String::with_capacity(answer.len());
    for line in answer.lines() {
        if line.starts_with("a=candidate:") {
            // foundation, component, transport, priority, address, port, …: RFC 8839 §5.1.
            let mut words: Vec<&str> = line.split(' ').collect();
            let address = at.to_string();
            if let Some(word) = words.get_mut(4) {
                *word = &address;
            }
            told.push_str(&words.join(" "));
        } else {
            told.push_str(line);
        }
        told.push_str("\r\n");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 0 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=mid:0\r\na=sendrecv\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\n\
        a=rtpmap:0 PCMU/8000\r\na=rtpmap:126 telephone-event/8000\r\n\
        a=candidate:1 1 udp 2122260223 10.0.0.7 50000 typ host\r\na=end-of-candidates\r\n";

    #[test]
    fn an_offer_loses_the_addresses_that_the_page_names() {
        let taken = offer(GOOD).unwrap();
        assert!(!taken.sdp.contains("10.0.0.7") && taken.sdp.contains("a=ice-ufrag:abcd"));
        assert!(!taken.listens_only);
        let listens = GOOD.replace("sendrecv", "recvonly");
        assert!(offer(&listens).unwrap().listens_only);
    }

    #[test]
    fn what_cannot_be_answered_is_refused_in_words() {
        let cases = [
            ("".to_string(), "no SDP"),
            ("v=0\r\ns=-\r\n".into(), "one audio stream"),
            (
                format!("{GOOD}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"),
                "nothing else",
            ),
            (GOOD.replace("SAVPF 0 126", "SAVPF 111"), "PCMU"),
            (GOOD.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "DTLS-SRTP"),
            (GOOD.replace("a=rtcp-mux\r\n", ""), "rtcp-mux"),
            (GOOD.replace("a=fingerprint:", "a=f:"), "DTLS"),
            (GOOD.replace("a=sendrecv", "a=inactive"), "sendrecv"),
            (GOOD.replace("abcd", "ab\0cd"), "no SDP"),
            (format!("{GOOD}{}", "a=x:y\r\n".repeat(500)), "longer"),
            (format!("v=0\r\na={}", "x".repeat(40_000)), "longer"),
        ];
        for (sdp, word) in cases {
            let told = offer(&sdp).unwrap_err().to_string();
            assert!(told.contains(word), "{told} lacks {word}");
        }
    }

    #[test]
    fn behind_a_nat_the_outer_address_is_told() {
        let answer = "a=mid:0\r\na=candidate:1 1 udp 2130706431 10.1.2.3 40000 typ host\r\n";
        let told = announced(answer, Some("203.0.113.9".parse().unwrap()));
        assert_eq!(
            told,
            "a=mid:0\r\na=candidate:1 1 udp 2130706431 203.0.113.9 40000 typ host\r\n"
        );
        assert_eq!(announced(answer, None), answer);
    }
}
