//! One call's RTP: frames out, packets in.

use super::FarError;
use super::ears::Ears;
use super::g711;
use super::mouth::Frame;
use super::rtp::{Counter, Packet, RtpIn, key_of};
use super::scenario::{Callee, Codec};
use super::sdp::{Direction, Local, Remote};
use super::wav::FRAME;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use tokio::net::UdpSocket;

/// Port pairs tried before giving up.
const TRIES: u16 = 1000;

/// The next RTP port to try; 0 lets the system choose.
#[derive(Debug)]
pub(super) struct Ports {
    base: u16,
    next: AtomicU16,
}

impl Ports {
    pub(super) fn new(base: u16) -> Self {
        Ports {
            base,
            next: AtomicU16::new(0),
        }
    }

    /// An even port and the odd one above it.
    fn open(&self, ip: IpAddr) -> Result<(UdpSocket, UdpSocket), FarError> {
        let mut last = std::io::Error::from(std::io::ErrorKind::AddrInUse);
        for _ in 0..TRIES {
            let step = self.next.fetch_add(1, Ordering::Relaxed) % TRIES;
            let port = match self.base {
                0 => 0,
                base => base.wrapping_add(step * 2) & !1,
            };
            match pair(ip, port) {
                Ok(Some(pair)) => return Ok(pair),
                Ok(None) => {}
                Err(error) => last = error,
            }
        }
        Err(FarError::Bind {
            addr: SocketAddr::new(ip, self.base),
            source: last,
        })
    }
}

/// What a stream counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) rtp_in: RtpIn,
    pub(super) sent: u64,
    pub(super) dropped: u64,
    pub(super) keys: String,
    /// First packet at or after the answer.
    pub(super) first_ms: Option<u64>,
}

/// Both directions of one stream.
#[derive(Debug)]
pub(super) struct Media {
    pub(super) rtp: Arc<UdpSocket>,
    rtcp: UdpSocket,
    ip: IpAddr,
    remote: Option<SocketAddr>,
    codec: Codec,
    /// Where key presses go, and where they are expected.
    dtmf_out: Option<u8>,
    dtmf_in: Option<u8>,
    may_send: bool,
    version: u32,
    seq: u16,
    stamp: u32,
    ssrc: u32,
    marker: bool,
    key_stamp: u32,
    last_key: Option<u32>,
    loss: f64,
    jitter_ms: u64,
    /// Packets on their way, by the millisecond at which they leave.
    delayed: Vec<(u64, Vec<u8>)>,
    random: StdRng,
    counter: Counter,
    counts: Counts,
}

impl Media {
    /// `offer` is the robot's; without one we offer and learn the rest from the ACK. `None` when nothing fits.
    pub(super) fn open(
        ip: IpAddr,
        ports: &Ports,
        callee: &Callee,
        offer: Option<&Remote>,
        seed: u64,
    ) -> Result<Option<Self>, FarError> {
        let codec = match offer.map(|o| &o.codecs) {
            None => callee.codec,
            Some(codecs) if codecs.contains(&callee.codec) => callee.codec,
            Some(codecs) => match codecs.first() {
                Some(codec) => *codec,
                None => return Ok(None),
            },
        };
        let (rtp, rtcp) = ports.open(ip)?;
        let mut random = StdRng::seed_from_u64(seed);
        let offered = offer.map_or(Some(101), |o| o.dtmf_pt);
        let mut media = Media {
            rtp: Arc::new(rtp),
            rtcp,
            ip,
            remote: None,
            codec,
            dtmf_out: offered,
            dtmf_in: offered.map(|pt| callee.dtmf_pt.unwrap_or(pt)),
            may_send: true,
            version: 0,
            seq: random.random(),
            stamp: random.random(),
            ssrc: random.random(),
            marker: true,
            key_stamp: 0,
            last_key: None,
            loss: callee.loss_pct / 100.0,
            jitter_ms: callee.jitter_ms,
            delayed: Vec::new(),
            random,
            counter: Counter::default(),
            counts: Counts::default(),
        };
        if let Some(offer) = offer {
            media.learn(offer);
        }
        Ok(Some(media))
    }

    /// The robot's side has changed, or is known at last.
    pub(super) fn learn(&mut self, remote: &Remote) {
        self.remote = Some(remote.rtp).filter(|to| to.port() != 0 && !to.ip().is_unspecified());
        if !remote.codecs.is_empty() && !remote.codecs.contains(&self.codec) {
            self.codec = remote.codecs[0];
        }
        self.dtmf_out = remote.dtmf_pt.or(self.dtmf_out);
        self.may_send = matches!(remote.direction, Direction::SendRecv | Direction::RecvOnly);
    }

    pub(super) fn codec_name(&self) -> &'static str {
        match self.codec {
            Codec::Pcma => "PCMA",
            Codec::Pcmu => "PCMU",
        }
    }

    /// Our side for an offer or an answer.
    pub(super) fn describe(&mut self, direction: Direction) -> Local {
        self.version += 1;
        let port = self.rtp.local_addr().map_or(0, |addr| addr.port());
        Local {
            rtp: SocketAddr::new(self.ip, port),
            codecs: vec![self.codec],
            dtmf_pt: self.dtmf_in,
            direction,
            version: self.version,
        }
    }

    /// Sends one frame, or as many packets as its loss and delay leave.
    pub(super) fn send(&mut self, now: u64, frame: &Frame) {
        match frame {
            Frame::Audio { samples, .. } => {
                let payload: Vec<u8> = samples
                    .iter()
                    .map(|s| g711::encode(self.codec, *s))
                    .collect();
                let (pt, stamp) = (g711::payload_type(self.codec), self.stamp);
                self.packet(now, pt, stamp, &payload);
            }
            Frame::Key {
                code,
                length,
                first,
                last,
            } => {
                if *first {
                    self.key_stamp = self.stamp;
                    self.marker = true;
                }
                let end = if *last { 0x80 } else { 0 };
                let [high, low] = length.to_be_bytes();
                let payload = [*code, end | 10, high, low];
                if let Some(pt) = self.dtmf_out {
                    // The end is said three times (RFC 4733 §2.5.1.4).
                    for _ in 0..if *last { 3 } else { 1 } {
                        self.packet(now, pt, self.key_stamp, &payload);
                    }
                }
            }
        }
        self.stamp = self.stamp.wrapping_add(FRAME as u32);
    }

    /// When a delayed packet has to leave.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.delayed.iter().map(|(at, _)| *at).min()
    }

    /// Sends what is due.
    pub(super) fn flush(&mut self, now: u64) {
        let Some(remote) = self.remote else {
            self.delayed.clear();
            return;
        };
        let mut at = 0;
        while at < self.delayed.len() {
            if self.delayed[at].0 <= now {
                let (_, bytes) = self.delayed.remove(at);
                drop(self.rtp.try_send_to(&bytes, remote));
            } else {
                at += 1;
            }
        }
        let mut buffer = [0; 1500];
        while self.rtcp.try_recv(&mut buffer).is_ok() {
            self.counter.so_far.rtcp_packets += 1;
        }
    }

    /// A datagram on the RTP port. `answered` tells early media from the call.
    pub(super) fn receive(&mut self, now: f64, bytes: &[u8], answered: bool, ears: &mut Ears) {
        let Some(packet) = Packet::read(bytes) else {
            self.counter.so_far.garbage += 1;
            return;
        };
        if answered {
            self.counts.first_ms.get_or_insert(now as u64);
        }
        if !self.counter.on(now, &packet) {
            return;
        }
        if packet.pt == g711::payload_type(self.codec) {
            let samples: Vec<i16> = packet
                .payload
                .iter()
                .map(|b| g711::decode(self.codec, *b))
                .collect();
            ears.hear(now as u64, &samples);
        } else if Some(packet.pt) == self.dtmf_in {
            if let [code, ..] = packet.payload
                && self.last_key != Some(packet.stamp)
            {
                self.last_key = Some(packet.stamp);
                self.counts.keys.extend(key_of(*code));
            }
        } else {
            self.counter.so_far.unknown_payloads += 1;
        }
    }

    pub(super) fn key_by_info(&mut self, key: char) {
        self.counts.keys.push(key);
    }

    pub(super) fn counts(self) -> Counts {
        Counts {
            rtp_in: self.counter.report(),
            ..self.counts
        }
    }

    fn packet(&mut self, now: u64, pt: u8, stamp: u32, payload: &[u8]) {
        if !self.may_send {
            return;
        }
        let bytes = Packet {
            marker: std::mem::take(&mut self.marker),
            pt,
            seq: self.seq,
            stamp,
            ssrc: self.ssrc,
            payload,
        }
        .write();
        self.seq = self.seq.wrapping_add(1);
        if self.loss > 0.0 && self.random.random_bool(self.loss.min(1.0)) {
            self.counts.dropped += 1;
            return;
        }
        self.counts.sent += 1;
        let delay = match self.jitter_ms {
            0 => 0,
            most => self.random.random_range(0..=most),
        };
        self.delayed.push((now + delay, bytes));
    }
}

/// `None` when the pair is not free or the system chose an odd port.
fn pair(ip: IpAddr, port: u16) -> std::io::Result<Option<(UdpSocket, UdpSocket)>> {
    let open = |port| -> std::io::Result<UdpSocket> {
        let socket = std::net::UdpSocket::bind(SocketAddr::new(ip, port))?;
        socket.set_nonblocking(true)?;
        UdpSocket::from_std(socket)
    };
    let rtp = open(port)?;
    let port = rtp.local_addr()?.port();
    if port % 2 == 1 {
        return Ok(None);
    }
    match open(port + 1) {
        Ok(rtcp) => Ok(Some((rtp, rtcp))),
        Err(_) => Ok(None),
    }
}
