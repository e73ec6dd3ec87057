//! SDP offers and answers (RFC 8866, RFC 3264) for one audio stream of G.711 and telephone-event.
//!
//! An own reader, because carriers send what a strict one refuses: bare line feeds, no `t=` line, unknown attributes,
//! payload types without `rtpmap`, an address at either level.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Offer, read_answer, read_offer};
pub use write::{Local, answer, offer};

use crate::audio::g711::Law;
use std::net::SocketAddr;

/// Our payload type for telephone-event in offers.
pub const DTMF_PT: u8 = 101;

/// A codec both sides may send.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
}

impl Codec {
    /// The static payload type of RFC 3551.
    #[must_use]
    pub const fn static_pt(self) -> u8 {
        match self {
            Codec::Pcma => 8,
            Codec::Pcmu => 0,
        }
    }

    /// The companding law behind it.
    #[must_use]
    pub const fn law(self) -> Law {
        match self {
            Codec::Pcma => Law::A,
            Codec::Pcmu => Law::Mu,
        }
    }

    /// The name in `a=rtpmap`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Pcma => "PCMA",
            Codec::Pcmu => "PCMU",
        }
    }
}

/// Which way a stream flows, from the view of whoever wrote the SDP.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    #[default]
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    /// The same flow seen from the other side.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Direction::SendOnly => Direction::RecvOnly,
            Direction::RecvOnly => Direction::SendOnly,
            other => other,
        }
    }

    /// The attribute's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }
}

/// What the two sides agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// Where the far end receives RTP.
    pub remote: SocketAddr,
    /// Where it receives RTCP: the port after RTP's unless `a=rtcp` says otherwise (RFC 3605).
    pub remote_rtcp: SocketAddr,
    /// The codec we send: the first of the far end's list that we speak.
    pub codec: Codec,
    /// The payload type we send it with.
    pub payload_type: u8,
    /// Every payload type that may arrive.
    pub codecs: Vec<(u8, Codec)>,
    /// telephone-event, if the far end speaks it.
    pub dtmf_pt: Option<u8>,
    /// Milliseconds of sound the far end wants in a packet (20 unless it says otherwise).
    pub ptime: u32,
    /// The flow from the far end's view.
    pub direction: Direction,
    /// The far end does not listen: sendonly, inactive or the address 0.0.0.0.
    pub held: bool,
}

/// Why an SDP cannot be used; says what is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    #[error("the SDP is not text")]
    NotText,
    #[error("the SDP is longer than {0} bytes")]
    TooLong(usize),
    #[error("SDP line {line}: {text:?} is not understood as {what}")]
    Line {
        line: usize,
        what: &'static str,
        text: String,
    },
    #[error("the SDP has no m=audio line with RTP/AVP")]
    NoAudio,
    #[error("the far end refused the audio stream (port 0)")]
    Refused,
    #[error("the SDP has no c= line for the audio stream")]
    NoAddress,
    #[error("the SDP offers none of PCMA and PCMU, only payload types {0}")]
    NoCodec(String),
}
