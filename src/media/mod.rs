//! The wire: RTP, jitter buffer, SDP, DTMF, bridge, recording.
//!
//! A call's task owns one [`Port`] for each leg and drives it from its 20 ms tick ([`wheel`]); nothing here blocks that
//! tick. What was received comes out as one frame a tick ([`jitter`], [`conceal`]), [`bridge`] says who hears whom, and
//! [`recorder`] writes on a thread of its own.

pub mod bridge;
pub mod conceal;
pub mod dtmf;
pub mod fresh;
pub mod jitter;
pub mod latch;
pub mod port;
pub mod recorder;
pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod socket;
pub mod wheel;

pub use bridge::{Inputs, Party, Roster, mix};
pub use port::{Incoming, Port, PortRange, PortStats};
pub use recorder::{Recorder, Recording, RecordingInfo};
pub use sdp::{Codec, Negotiated, SdpError};
pub use wheel::{Tick, Ticks, Wheel, WheelHandle};

use std::net::IpAddr;

/// What can go wrong on the wire's side of a call.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error(
        "every RTP port pair from {first} to {last} on {ip} is taken; widen the range of RTP ports (--rtp-ports, two ports a leg) or \
         stop what else uses it"
    )]
    PortsTaken { ip: IpAddr, first: u16, last: u16 },
    #[error("the RTP port range {first}-{last} holds no even port with an odd one above it")]
    BadRange { first: u16, last: u16 },
    #[error("cannot open an RTP socket on {ip}: {source}")]
    Socket { ip: IpAddr, source: std::io::Error },
    #[error(transparent)]
    Sdp(#[from] SdpError),
    #[error("the recording thread cannot start: {0}")]
    Thread(std::io::Error),
}
