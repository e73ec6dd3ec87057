//! Writing our offers and answers.

use super::{Codec, DTMF_PT, Direction, Offer};
use std::fmt::Write as _;
use std::net::IpAddr;

/// Our side of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Where we receive, as the far end must see it.
    pub ip: IpAddr,
    /// The RTP port; RTCP is the next one.
    pub port: u16,
    /// `o=`: stays the same for the whole leg.
    pub session_id: u64,
    /// `o=`: one more each time the SDP changes (RFC 3264 §8).
    pub version: u64,
}

/// An offer of PCMA, PCMU and telephone-event at 20 ms.
#[must_use]
pub fn offer(local: &Local, direction: Direction) -> Vec<u8> {
    let mut s = head(local);
    let _ = write!(s, "m=audio {} RTP/AVP 8 0 {DTMF_PT}\r\n", local.port);
    for codec in [Codec::Pcma, Codec::Pcmu] {
        let _ = write!(
            s,
            "a=rtpmap:{} {}/8000\r\n",
            codec.static_pt(),
            codec.name()
        );
    }
    tail(&mut s, Some(DTMF_PT), direction);
    s.into_bytes()
}

/// The answer to an offer: the one codec chosen, the flow mirrored, every other stream refused with port 0.
#[must_use]
pub fn answer(offer: &Offer, local: &Local) -> Vec<u8> {
    let agreed = &offer.negotiated;
    let mut s = head(local);
    for line in &offer.lines {
        if !line.ours {
            let _ = write!(
                s,
                "m={} 0 {} {}\r\n",
                line.media, line.transport, line.formats
            );
            continue;
        }
        let _ = write!(
            s,
            "m=audio {} {} {}",
            local.port, line.transport, agreed.payload_type
        );
        if let Some(pt) = agreed.dtmf_pt {
            let _ = write!(s, " {pt}");
        }
        let _ = write!(
            s,
            "\r\na=rtpmap:{} {}/8000\r\n",
            agreed.payload_type,
            agreed.codec.name()
        );
        // An offer that holds by 0.0.0.0 may still say sendrecv; then so do we.
        tail(&mut s, agreed.dtmf_pt, agreed.direction.mirrored());
    }
    s.into_bytes()
}

fn head(local: &Local) -> String {
    let family = if local.ip.is_ipv4() { "IP4" } else { "IP6" };
    format!(
        "v=0\r\no=- {} {} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n",
        local.session_id,
        local.version,
        ip = local.ip
    )
}

fn tail(s: &mut String, dtmf: Option<u8>, direction: Direction) {
    if let Some(pt) = dtmf {
        let _ = write!(
            s,
            "a=rtpmap:{pt} telephone-event/8000\r\na=fmtp:{pt} 0-15\r\n"
        );
    }
    let _ = write!(s, "a=ptime:20\r\na={}\r\n", direction.name());
}
