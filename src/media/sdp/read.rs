//! Reading what the far end wrote.

use super::{Codec, Direction, Negotiated, SdpError};
use std::net::{IpAddr, SocketAddr};

/// Longer than any real SDP; what a far end may make us read.
const MAX: usize = 16 * 1024;

/// An offer: what was agreed and the m-lines its answer must repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub negotiated: Negotiated,
    /// Media, transport and formats of each m-line, and whether it is the audio stream we take.
    pub(super) lines: Vec<MediaLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MediaLine {
    pub media: String,
    pub transport: String,
    pub formats: String,
    pub ours: bool,
}

/// Reads an answer to our offer.
///
/// # Errors
/// When it refuses the audio stream, or lacks an address or a codec of ours.
pub fn read_answer(sdp: &[u8]) -> Result<Negotiated, SdpError> {
    read_offer(sdp).map(|o| o.negotiated)
}

/// Reads an offer of the far end.
///
/// # Errors
/// As [`read_answer`].
pub fn read_offer(sdp: &[u8]) -> Result<Offer, SdpError> {
    let raw = parse(sdp)?;
    let usable = |m: &Media| m.kind == "audio" && m.transport.starts_with("RTP/AVP");
    let chosen = raw
        .media
        .iter()
        .position(|m| usable(m) && m.port != 0)
        .ok_or_else(|| match raw.media.iter().any(usable) {
            true => SdpError::Refused,
            false => SdpError::NoAudio,
        })?;
    let media = &raw.media[chosen];
    let ip = media.address.or(raw.address).ok_or(SdpError::NoAddress)?;
    let codecs: Vec<(u8, Codec)> = media
        .formats
        .iter()
        .filter_map(|pt| Some((*pt, media.codec_of(*pt)?)))
        .collect();
    let (payload_type, codec) = *codecs
        .first()
        .ok_or_else(|| SdpError::NoCodec(media.format_text.clone()))?;
    let direction = media.direction.or(raw.direction).unwrap_or_default();
    let rtcp = match media.rtcp {
        Some((port, address)) => SocketAddr::new(address.unwrap_or(ip), port),
        None => SocketAddr::new(ip, media.port.saturating_add(1)),
    };
    let negotiated = Negotiated {
        remote: SocketAddr::new(ip, media.port),
        remote_rtcp: rtcp,
        codec,
        payload_type,
        dtmf_pt: media.telephone_event(),
        ptime: media
            .ptime
            .unwrap_or(20)
            .clamp(10, 60)
            .min(media.maxptime.unwrap_or(60).max(10)),
        direction,
        held: ip.is_unspecified() || matches!(direction, Direction::SendOnly | Direction::Inactive),
        codecs,
    };
    let lines = raw
        .media
        .iter()
        .enumerate()
        .map(|(i, m)| MediaLine {
            media: m.kind.clone(),
            transport: m.transport.clone(),
            formats: m.format_text.clone(),
            ours: i == chosen,
        })
        .collect();
    Ok(Offer { negotiated, lines })
}

#[derive(Debug, Default)]
struct Raw {
    address: Option<IpAddr>,
    direction: Option<Direction>,
    media: Vec<Media>,
}

#[derive(Debug, Default)]
struct Media {
    kind: String,
    port: u16,
    transport: String,
    format_text: String,
    formats: Vec<u8>,
    /// Payload type, upper-case name, clock.
    maps: Vec<(u8, String, u32)>,
    address: Option<IpAddr>,
    direction: Option<Direction>,
    ptime: Option<u32>,
    maxptime: Option<u32>,
    rtcp: Option<(u16, Option<IpAddr>)>,
}

impl Media {
    fn map(&self, pt: u8) -> Option<&(u8, String, u32)> {
        self.maps.iter().find(|m| m.0 == pt)
    }

    /// A static payload type needs no rtpmap (RFC 3551 §6); one that has it is what the rtpmap says.
    fn codec_of(&self, pt: u8) -> Option<Codec> {
        match self.map(pt) {
            Some((_, name, 8000)) if name == "PCMA" => Some(Codec::Pcma),
            Some((_, name, 8000)) if name == "PCMU" => Some(Codec::Pcmu),
            Some(_) => None,
            None => [Codec::Pcma, Codec::Pcmu]
                .into_iter()
                .find(|c| c.static_pt() == pt),
        }
    }

    fn telephone_event(&self) -> Option<u8> {
        self.formats
            .iter()
            .copied()
            .find(|pt| matches!(self.map(*pt), Some((_, name, 8000)) if name == "TELEPHONE-EVENT"))
    }
}

fn parse(sdp: &[u8]) -> Result<Raw, SdpError> {
    if sdp.len() > MAX {
        return Err(SdpError::TooLong(MAX));
    }
    // Session names may hold any encoding; only ASCII lines matter here.
    let text = String::from_utf8_lossy(sdp);
    if text.contains('\0') {
        return Err(SdpError::NotText);
    }
    let mut raw = Raw::default();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        let Some((kind, value)) = line.split_once('=') else {
            continue;
        };
        let bad = |what| SdpError::Line {
            line: i + 1,
            what,
            text: line.chars().take(80).collect(),
        };
        match kind {
            "m" => raw
                .media
                .push(media_line(value).ok_or_else(|| bad("a media line"))?),
            "c" => {
                let address = connection(value).ok_or_else(|| bad("an address (numbers only)"))?;
                match raw.media.last_mut() {
                    Some(media) => media.address = Some(address),
                    None => raw.address = Some(address),
                }
            }
            "a" => attribute(value, &mut raw),
            _ => {}
        }
    }
    Ok(raw)
}

fn media_line(value: &str) -> Option<Media> {
    let mut words = value.split_whitespace();
    let kind = words.next()?.to_ascii_lowercase();
    let port = words.next()?;
    let port = port.split('/').next()?.parse().ok()?;
    let transport = words.next()?.to_string();
    let formats: Vec<&str> = words.collect();
    Some(Media {
        kind,
        port,
        transport,
        format_text: formats.join(" "),
        formats: formats
            .iter()
            .filter_map(|f| f.parse().ok())
            .filter(|pt| *pt < 128)
            .collect(),
        ..Media::default()
    })
}

/// `IN IP4 192.0.2.1`, perhaps with a multicast TTL behind a slash. Host names are not looked up.
fn connection(value: &str) -> Option<IpAddr> {
    let address = value.split_whitespace().nth(2)?;
    address.split('/').next()?.parse().ok()
}

fn attribute(value: &str, raw: &mut Raw) {
    let (name, rest) = value.split_once(':').unwrap_or((value, ""));
    let rest = rest.trim();
    let direction = match name.trim() {
        "sendrecv" => Some(Direction::SendRecv),
        "sendonly" => Some(Direction::SendOnly),
        "recvonly" => Some(Direction::RecvOnly),
        "inactive" => Some(Direction::Inactive),
        _ => None,
    };
    let Some(media) = raw.media.last_mut() else {
        if direction.is_some() {
            raw.direction = direction;
        }
        return;
    };
    if direction.is_some() {
        media.direction = direction;
        return;
    }
    // What cannot be read here is like an unknown attribute: passed over (RFC 8866 §5.13).
    match name.trim() {
        "rtpmap" => media.maps.extend(rtpmap(rest)),
        "ptime" => {
            media.ptime = rest
                .parse::<f32>()
                .ok()
                .map(|p| p as u32)
                .filter(|p| *p > 0)
        }
        "maxptime" => {
            media.maxptime = rest
                .parse::<f32>()
                .ok()
                .map(|p| p as u32)
                .filter(|p| *p > 0)
        }
        "rtcp" => {
            let mut words = rest.split_whitespace();
            if let Some(port) = words
                .next()
                .and_then(|p| p.parse().ok())
                .filter(|p| *p != 0)
            {
                media.rtcp = Some((port, words.nth(2).and_then(|a| a.parse().ok())));
            }
        }
        _ => {}
    }
}

fn rtpmap(value: &str) -> Option<(u8, String, u32)> {
    let (pt, rest) = value.split_once(char::is_whitespace)?;
    let mut parts = rest.trim().split('/');
    let name = parts.next()?.trim().to_ascii_uppercase();
    let clock = parts.next()?.trim().parse().ok()?;
    Some((pt.parse().ok()?, name, clock))
}
