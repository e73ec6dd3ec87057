//! One leg's RTP and RTCP sockets with everything behind them: negotiation, latch, jitter buffer, keys, reports. Driven
//! by the call's tick; nothing here waits.

use super::MediaError;
use super::dtmf::{KeyReceiver, KeySender};
use super::fresh::Fresh;
use super::jitter::{JitterBuffer, JitterStats, Playout};
use super::latch::Latch;
use super::rtcp::{RemoteView, Rtcp};
use super::rtp::{self, COMFORT_NOISE_PT, Random, Receiver, Sender};
use super::sdp::{self, Codec, Direction, Local, Negotiated};
use super::socket::Socket;
use crate::audio::{FRAME, FRAME_MS, Frame, SILENCE};
use crate::terms::Ms;
use std::net::{IpAddr, SocketAddr};

/// Datagrams read in one tick; a flood waits in the kernel, which drops what is too much.
const DRAIN: usize = 256;
/// The sender's clock may lag the call's by this much before silence is passed over, in milliseconds.
const SEND_LAG_MS: u64 = 3 * FRAME_MS;

/// The ports that may be used, both ends included.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
}

/// What one tick brought. Reused from tick to tick.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    /// The far end's sound; `None` until its first packet ever.
    pub frame: Option<Frame>,
    /// What came since the last tick, not yet through the jitter buffer: for ears that cannot wait.
    pub fresh: Vec<Frame>,
    /// The frame is at least partly invented for lost packets.
    pub concealed: bool,
    /// Keys pressed, in order.
    pub digits: Vec<char>,
    /// The first packet ever came within this tick.
    pub first_packet: bool,
    /// Milliseconds since the last packet, or since the SDP that allows one.
    pub silent_ms: u64,
}

/// Counters of a leg.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PortStats {
    pub sent: u32,
    pub received: u64,
    /// Packets from sources that do not count.
    pub foreign: u64,
    /// Packets from the right source that were no RTP or of an unknown payload type.
    pub unknown: u64,
    /// Changes of the far end's SSRC.
    pub source_changes: u32,
    pub lost: i64,
    pub jitter_ms: f32,
    pub playout: JitterStats,
    pub delay_ms: u64,
    pub remote: RemoteView,
    pub send_errors: u64,
}

/// One leg's media.
#[derive(Debug)]
pub struct Port {
    rtp: Socket,
    rtcp_socket: Socket,
    local: Local,
    agreed: Option<Negotiated>,
    latch: Latch,
    sender: Sender,
    receiver: Option<Receiver>,
    rtcp: Rtcp,
    jitter: JitterBuffer,
    fresh: Fresh,
    keys_in: KeyReceiver,
    keys_out: KeySender,
    now: Ms,
    /// When sending began and how many samples the clock has counted since.
    send_began: Option<(Ms, u64)>,
    outbox: Vec<u8>,
    last_packet: Option<Ms>,
    ever: bool,
    stats: PortStats,
}

impl Port {
    /// Binds an even port and the odd one above it out of `range`, beginning at one that the seed picks.
    ///
    /// # Errors
    /// When all pairs are taken, the range holds none, or the address is not this machine's.
    pub fn bind(ip: IpAddr, range: PortRange, seed: u64) -> Result<Self, MediaError> {
        let (rtp, rtcp_socket) = pair(ip, range, seed)?;
        let port = rtp
            .local()
            .map_err(|source| MediaError::Socket { ip, source })?
            .port();
        let mut random = Random::new(seed);
        Ok(Port {
            rtp,
            rtcp_socket,
            local: Local {
                ip,
                port,
                session_id: random.next() >> 2,
                version: 0,
            },
            agreed: None,
            latch: Latch::default(),
            sender: Sender::new(random.next()),
            receiver: None,
            rtcp: Rtcp::new(random.next()),
            jitter: JitterBuffer::default(),
            fresh: Fresh::default(),
            keys_in: KeyReceiver::default(),
            keys_out: KeySender::default(),
            now: Ms(0),
            send_began: None,
            outbox: Vec::with_capacity(480),
            last_packet: None,
            ever: false,
            stats: PortStats::default(),
        })
    }

    /// Names another address to the far end than the one that is bound: behind NAT with a fixed mapping, or when bound
    /// to the unspecified address, which in an SDP would mean hold.
    pub fn announce(&mut self, ip: IpAddr) {
        self.local.ip = ip;
    }

    /// The RTP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.local.port
    }

    /// Our offer. Each call makes a new version of it.
    pub fn offer(&mut self) -> Vec<u8> {
        self.local.version += 1;
        sdp::offer(&self.local, Direction::SendRecv)
    }

    /// Takes the far end's answer, in a 183, a 200 or an ACK.
    ///
    /// # Errors
    /// When it cannot be used; what was agreed before stays.
    pub fn set_answer(&mut self, answer: &[u8]) -> Result<(), MediaError> {
        let agreed = sdp::read_answer(answer)?;
        self.adopt(agreed);
        Ok(())
    }

    /// Answers a re-INVITE or UPDATE. Without an offer in it, ours is returned, and the answer comes by
    /// [`Port::set_answer`].
    ///
    /// # Errors
    /// When the offer cannot be used (answer 488); the call goes on as it was.
    pub fn answer(&mut self, offer: Option<&[u8]>) -> Result<Vec<u8>, MediaError> {
        let Some(offer) = offer else {
            return Ok(self.offer());
        };
        let offer = sdp::read_offer(offer)?;
        self.local.version += 1;
        let answer = sdp::answer(&offer, &self.local);
        self.adopt(offer.negotiated);
        Ok(answer)
    }

    /// Reads what came, and fills in this tick's frame. Call it once every 20 ms.
    pub fn tick(&mut self, now: Ms, got: &mut Incoming) {
        self.now = now;
        got.digits.clear();
        got.fresh.clear();
        got.first_packet = false;
        self.drain_rtp(now, got);
        self.drain_rtcp(now);
        got.concealed = false;
        got.frame = self.ever.then(|| {
            let playout = self.jitter.pop(now);
            got.concealed = matches!(playout, Playout::Concealed(_));
            *playout.frame()
        });
        got.silent_ms = self.last_packet.map_or(0, |at| now.since(at));
        self.report(now);
    }

    /// Sends one frame; a key that is being pressed takes its place. Nothing leaves before the far end's SDP, or while
    /// it holds. Call it once a tick.
    pub fn send(&mut self, frame: &Frame) {
        let Some((pt, codec, ptime, dtmf)) = self
            .agreed
            .as_ref()
            .map(|a| (a.payload_type, a.codec, a.ptime, a.dtmf_pt))
        else {
            return;
        };
        self.keep_pace();
        let Some(to) = self.latch.destination().filter(|_| !self.held()) else {
            self.outbox.clear();
            self.sender.skip(FRAME as u32);
            return;
        };
        if let Some(dtmf) = dtmf
            && let Some(key) = self.keys_out.tick(self.sender.timestamp())
        {
            let datagram = self
                .sender
                .event(dtmf, key.timestamp, key.marker, &key.payload);
            self.outbox.clear();
            self.sender.skip(FRAME as u32);
            self.transmit(&datagram, to);
            return;
        }
        codec.law().encode(frame, &mut self.outbox);
        let size = ptime as usize * 8;
        while self.outbox.len() >= size {
            let datagram = self.sender.sound(pt, &self.outbox[..size]);
            self.outbox.drain(..size);
            self.transmit(&datagram, to);
        }
    }

    /// Silence right after a 183 or 200: many trunks and NATs send nothing before they received something.
    pub fn send_first(&mut self) {
        self.send(&SILENCE);
    }

    /// Presses keys, one after the other, in place of sound. Does nothing when the far end does not take them.
    pub fn send_digits(&mut self, digits: &str) {
        if self.agreed.as_ref().is_some_and(|a| a.dtmf_pt.is_some()) {
            self.keys_out.press(digits);
        }
    }

    /// The far end does not listen now.
    #[must_use]
    pub fn held(&self) -> bool {
        self.agreed.as_ref().is_some_and(|a| a.held)
    }

    /// What was agreed last.
    #[must_use]
    pub fn agreed(&self) -> Option<&Negotiated> {
        self.agreed.as_ref()
    }

    /// The counters up to now.
    #[must_use]
    pub fn stats(&self) -> PortStats {
        PortStats {
            sent: self.sender.packets,
            foreign: self.latch.refused(),
            lost: self.receiver.as_ref().map_or(0, Receiver::lost),
            jitter_ms: self.receiver.as_ref().map_or(0.0, Receiver::jitter_ms),
            playout: self.jitter.stats(),
            delay_ms: self.jitter.delay_ms(),
            remote: self.rtcp.remote(),
            ..self.stats.clone()
        }
    }

    /// Says goodbye by RTCP and gives the ports back.
    pub fn close(self) -> PortStats {
        if self.sender.packets > 0
            && let Some(to) = self.rtcp_destination()
        {
            let _ = self
                .rtcp_socket
                .send(&self.rtcp.bye(self.now, &self.sender), to);
        }
        self.stats()
    }

    fn adopt(&mut self, agreed: Negotiated) {
        self.latch.signalled(agreed.remote);
        if self
            .agreed
            .as_ref()
            .is_some_and(|a| a.codec != agreed.codec || a.ptime != agreed.ptime)
        {
            self.outbox.clear();
        }
        self.last_packet = Some(self.now);
        self.agreed = Some(agreed);
    }

    fn drain_rtp(&mut self, now: Ms, got: &mut Incoming) {
        let mut buffer = [0u8; 2048];
        for _ in 0..DRAIN {
            let Some(received) = self.rtp.receive(&mut buffer) else {
                return;
            };
            let arrival = Ms(now.0.saturating_sub(received.age_ms));
            let datagram = &buffer[..received.len];
            // What is no RTP must not win the latch either.
            let Some(packet) = rtp::read(datagram) else {
                self.stats.unknown += 1;
                continue;
            };
            if self.latch.accepts(received.from, arrival) {
                self.take(&packet, arrival, got);
            }
        }
    }

    fn take(&mut self, packet: &rtc_rtp::packet::Packet, arrival: Ms, got: &mut Incoming) {
        let Some(agreed) = &self.agreed else {
            return;
        };
        let header = &packet.header;
        let pt = header.payload_type;
        // Our offer named both laws, and some far ends switch to the one their answer left out.
        let codec = agreed
            .codecs
            .iter()
            .copied()
            .chain([Codec::Pcma, Codec::Pcmu].map(|c| (c.static_pt(), c)))
            .find_map(|(p, c)| (p == pt).then_some(c));
        let key = agreed.dtmf_pt == Some(pt);
        if codec.is_none() && !key && pt != COMFORT_NOISE_PT {
            self.stats.unknown += 1;
            return;
        }
        got.first_packet |= !self.ever;
        self.ever = true;
        self.last_packet = Some(arrival.max(self.last_packet.unwrap_or_default()));
        self.stats.received += 1;
        match &mut self.receiver {
            Some(receiver) if receiver.ssrc == header.ssrc => receiver.on(header, arrival),
            other => {
                // The announcement server gave way to the callee: another SSRC is another stream.
                if other.is_some() {
                    self.stats.source_changes += 1;
                    self.jitter.restart();
                    self.fresh.restart();
                }
                *other = Some(Receiver::new(header, arrival));
            }
        }
        if codec.is_none() {
            // Comfort noise says no more than that the line lives: its place is silence.
            self.jitter.other(header.sequence_number);
        }
        if key {
            got.digits.extend(
                self.keys_in
                    .on(&packet.payload, header.timestamp, header.marker),
            );
        } else if let Some(codec) = codec {
            let mut samples = Vec::with_capacity(packet.payload.len());
            codec.law().decode(&packet.payload, &mut samples);
            self.fresh
                .push(header.sequence_number, &samples, &mut got.fresh);
            self.jitter.push(
                header.sequence_number,
                header.timestamp,
                header.marker,
                &samples,
                arrival,
            );
        }
    }

    fn drain_rtcp(&mut self, now: Ms) {
        let mut buffer = [0u8; 2048];
        for _ in 0..16 {
            let Some(received) = self.rtcp_socket.receive(&mut buffer) else {
                return;
            };
            let expected = self.rtcp_destination().map(|a| a.ip());
            if expected == Some(received.from.ip()) {
                self.rtcp.on(&buffer[..received.len], now, self.sender.ssrc);
            }
        }
    }

    fn report(&mut self, now: Ms) {
        let Some(to) = self.rtcp_destination() else {
            return;
        };
        let receiver = &mut self.receiver;
        let due = self.rtcp.due(now, &self.sender, || {
            receiver.as_mut().map(Receiver::report)
        });
        if let Some(datagram) = due
            && self.rtcp_socket.send(&datagram, to).is_err()
        {
            self.stats.send_errors += 1;
        }
    }

    /// The signalled RTCP address, or the port above a learned RTP source.
    fn rtcp_destination(&self) -> Option<SocketAddr> {
        let agreed = self.agreed.as_ref()?;
        let rtp = self.latch.destination()?;
        Some(match rtp == agreed.remote {
            true => agreed.remote_rtcp,
            false => SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?),
        })
    }

    /// A call that was stalled goes on at the right time instead of sending what it missed.
    fn keep_pace(&mut self) {
        let (began, counted) = self.send_began.get_or_insert((self.now, 0));
        let due_ms = self.now.since(*began);
        let lag = due_ms.saturating_sub(*counted * FRAME_MS);
        *counted += 1;
        if lag >= SEND_LAG_MS {
            let frames = lag / FRAME_MS;
            *counted += frames;
            self.outbox.clear();
            self.sender.skip((frames * FRAME as u64) as u32);
        }
    }

    fn transmit(&mut self, datagram: &[u8], to: SocketAddr) {
        if self.rtp.send(datagram, to).is_err() {
            self.stats.send_errors += 1;
        }
    }
}

fn pair(ip: IpAddr, range: PortRange, seed: u64) -> Result<(Socket, Socket), MediaError> {
    let PortRange { first, last } = range;
    let even = u32::from(first) + u32::from(first % 2);
    let pairs = (u32::from(last) + 1).saturating_sub(even) / 2;
    if pairs == 0 || even == 0 {
        return Err(MediaError::BadRange { first, last });
    }
    let start = (Random::new(seed).next() % u64::from(pairs)) as u32;
    for i in 0..pairs {
        let port = (even + (start + i) % pairs * 2) as u16;
        let both = Socket::bind(SocketAddr::new(ip, port))
            .and_then(|rtp| Ok((rtp, Socket::bind(SocketAddr::new(ip, port + 1))?)));
        match both {
            Ok(both) => return Ok(both),
            Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => {}
            // A port that only root may open is as good as taken.
            Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {}
            Err(source) => return Err(MediaError::Socket { ip, source }),
        }
    }
    Err(MediaError::PortsTaken { ip, first, last })
}

#[cfg(test)]
#[path = "port_tests.rs"]
mod tests;
