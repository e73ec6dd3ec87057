//! As much SDP (RFC 8866) and offer/answer (RFC 3264) as one audio stream needs.

use super::g711::payload_type;
use super::scenario::Codec;
use std::net::{IpAddr, SocketAddr};

/// What an offer or answer says about its first audio stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    pub(super) rtp: SocketAddr,
    pub(super) codecs: Vec<Codec>,
    pub(super) dtmf_pt: Option<u8>,
    pub(super) direction: Direction,
    /// The m= lines beside the audio one, to be answered with port 0.
    pub(super) others_before: Vec<String>,
    pub(super) others_after: Vec<String>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    pub(super) fn word(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }

    /// The answer to an offer of this direction.
    pub(super) fn answered(self) -> Self {
        match self {
            Direction::SendOnly => Direction::RecvOnly,
            Direction::RecvOnly => Direction::SendOnly,
            other => other,
        }
    }
}

/// Reads a body; `None` when it has no audio stream on a literal address.
pub(super) fn read(body: &[u8]) -> Option<Remote> {
    let text = String::from_utf8_lossy(body);
    let mut address: Option<IpAddr> = None;
    let (mut port, mut formats) = (None, Vec::new());
    let mut in_audio = false;
    let mut maps: Vec<(u8, String)> = Vec::new();
    let mut direction = Direction::SendRecv;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(media) = line.strip_prefix("m=") {
            in_audio = port.is_none() && media.starts_with("audio ");
            if in_audio {
                let mut words = media.split(' ').skip(1);
                port = words.next()?.parse::<u16>().ok();
                formats = words.skip(1).filter_map(|f| f.parse().ok()).collect();
            } else if port.is_none() {
                before.push(refused(media));
            } else {
                after.push(refused(media));
            }
        } else if let Some(place) = line.strip_prefix("c=") {
            if in_audio || port.is_none() {
                address = place.split(' ').nth(2).and_then(|a| a.parse().ok());
            }
        } else if let Some(attribute) = line.strip_prefix("a=") {
            if !in_audio && port.is_some() {
                continue;
            }
            direction = match attribute {
                "sendonly" => Direction::SendOnly,
                "recvonly" => Direction::RecvOnly,
                "inactive" => Direction::Inactive,
                "sendrecv" => Direction::SendRecv,
                _ => direction,
            };
            if let Some((pt, name)) = attribute
                .strip_prefix("rtpmap:")
                .and_then(|map| map.split_once(' '))
            {
                maps.extend(pt.parse().ok().map(|pt| (pt, name.to_ascii_lowercase())));
            }
        }
    }
    let codecs = formats
        .iter()
        .filter_map(|pt| match pt {
            0 => Some(Codec::Pcmu),
            8 => Some(Codec::Pcma),
            _ => None,
        })
        .collect();
    let dtmf = maps
        .iter()
        .find(|(_, name)| name.starts_with("telephone-event/8000"));
    let address = address?;
    // RFC 3264 §8.4: the old way to say hold.
    if address.is_unspecified() {
        direction = Direction::SendOnly;
    }
    Some(Remote {
        rtp: SocketAddr::new(address, port?),
        codecs,
        dtmf_pt: dtmf.map(|(pt, _)| *pt),
        direction,
        others_before: before,
        others_after: after,
    })
}

/// Our side of the stream.
pub(super) struct Local {
    pub(super) rtp: SocketAddr,
    pub(super) codecs: Vec<Codec>,
    pub(super) dtmf_pt: Option<u8>,
    pub(super) direction: Direction,
    /// Rises by one with every change (RFC 3264 §8).
    pub(super) version: u32,
}

/// Writes an offer, or the answer to `offer`.
pub(super) fn write(local: &Local, offer: Option<&Remote>) -> String {
    let ip = local.rtp.ip();
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    let mut formats: Vec<String> = Vec::new();
    let mut maps = String::new();
    for codec in &local.codecs {
        let name = match codec {
            Codec::Pcma => "PCMA",
            Codec::Pcmu => "PCMU",
        };
        let pt = payload_type(*codec);
        formats.push(pt.to_string());
        maps.push_str(&format!("a=rtpmap:{pt} {name}/8000\r\n"));
    }
    if let Some(pt) = local.dtmf_pt {
        formats.push(pt.to_string());
        maps.push_str(&format!(
            "a=rtpmap:{pt} telephone-event/8000\r\na=fmtp:{pt} 0-15\r\n"
        ));
    }
    let lines = |list: Option<&Vec<String>>| list.map_or(String::new(), |l| l.concat());
    format!(
        "v=0\r\no=callee 1 {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n{before}\
         m=audio {port} RTP/AVP {formats}\r\n{maps}a=ptime:20\r\na={direction}\r\n{after}",
        version = local.version,
        port = local.rtp.port(),
        formats = formats.join(" "),
        direction = local.direction.word(),
        before = lines(offer.map(|o| &o.others_before)),
        after = lines(offer.map(|o| &o.others_after)),
    )
}

/// `video 5000 RTP/AVP 31` → the same stream with port 0.
fn refused(media: &str) -> String {
    let mut words: Vec<&str> = media.split(' ').collect();
    if let Some(port) = words.get_mut(1) {
        *port = "0";
    }
    format!("m={}\r\n", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_the_number_of_streams_and_names_one_codec() {
        let offer = read(
            b"v=0\r\no=r 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8 101\r\n\
              a=rtpmap:101 telephone-event/8000\r\na=sendonly\r\nm=video 4002 RTP/AVP 31\r\na=inactive\r\n",
        );
        let Some(offer) = offer else {
            panic!("no offer")
        };
        assert_eq!(offer.rtp, SocketAddr::from(([127, 0, 0, 1], 4000)));
        assert_eq!(
            (offer.dtmf_pt, offer.direction),
            (Some(101), Direction::SendOnly)
        );
        let local = Local {
            rtp: SocketAddr::from(([127, 0, 0, 1], 5000)),
            codecs: vec![Codec::Pcma],
            dtmf_pt: Some(96),
            direction: offer.direction.answered(),
            version: 1,
        };
        let answer = write(&local, Some(&offer));
        assert!(answer.contains("m=audio 5000 RTP/AVP 8 96\r\n"), "{answer}");
        assert!(
            answer.contains("a=recvonly\r\n") && answer.ends_with("m=video 0 RTP/AVP 31\r\n"),
            "{answer}"
        );
        assert!(read(b"hello").is_none());
    }
}
