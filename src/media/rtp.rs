//! RTP (RFC 3550): reading packets, what a receiver knows of its stream, and numbering what we send.

use crate::terms::Ms;
use bytes::Bytes;
use rtc_rtp::{header::Header, packet::Packet};
use rtc_shared::marshal::{Marshal, Unmarshal};

/// RTP clock ticks in a millisecond, at 8 kHz.
pub const TICKS_PER_MS: u64 = 8;
/// Comfort noise (RFC 3389).
pub const COMFORT_NOISE_PT: u8 = 13;

/// Reads one datagram; `None` when it is no RTP packet (RFC 3550 A.1).
#[must_use]
pub fn read(datagram: &[u8]) -> Option<Packet> {
    // RTCP that came to the wrong port (RFC 5761 §4): types 64–95 of the second octet.
    if datagram.len() < 12 || datagram[0] >> 6 != 2 || (192..=223).contains(&datagram[1]) {
        return None;
    }
    Packet::unmarshal(&mut Bytes::copy_from_slice(datagram)).ok()
}

/// What RFC 3550 §6.4.1 wants said about one received stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reception {
    pub ssrc: u32,
    /// Share of packets lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the stream began.
    pub lost: i64,
    pub highest_seq: u32,
    /// In RTP clock ticks.
    pub jitter: u32,
}

/// Statistics of one received stream.
#[derive(Clone, Debug)]
pub struct Receiver {
    pub ssrc: u32,
    base: i64,
    highest: i64,
    received: u64,
    expected_prior: i64,
    received_prior: u64,
    transit: i64,
    /// Scaled by 16, as in A.8.
    jitter16: i64,
}

/// What a sequence number does to a stream.
const MAX_JUMP: i64 = 3000;

impl Receiver {
    /// Begins with the first packet of a stream.
    #[must_use]
    pub fn new(first: &Header, arrival: Ms) -> Self {
        let seq = i64::from(first.sequence_number);
        Receiver {
            ssrc: first.ssrc,
            base: seq,
            highest: seq,
            received: 1,
            expected_prior: 0,
            received_prior: 0,
            transit: transit(first, arrival),
            jitter16: 0,
        }
    }

    /// Counts a further packet of the same SSRC.
    pub fn on(&mut self, header: &Header, arrival: Ms) {
        let step = i64::from(header.sequence_number.wrapping_sub(self.highest as u16) as i16);
        if step.abs() > MAX_JUMP {
            // The sender restarted its numbering: what came before says nothing about loss from here on.
            let jitter16 = self.jitter16;
            *self = Receiver::new(header, arrival);
            self.jitter16 = jitter16;
            return;
        }
        self.highest = self.highest.max(self.highest + step);
        self.received += 1;
        let transit = transit(header, arrival);
        // The difference of two 32 bit clocks, so that a timestamp that wraps is no jump.
        let d = i64::from((transit.wrapping_sub(self.transit)) as i32).abs();
        self.transit = transit;
        // A timestamp jump of more than a second is a new talk spurt or a new source, not jitter.
        if d < 8000 {
            self.jitter16 += d - ((self.jitter16 + 8) >> 4);
        }
    }

    /// Packets that never came; below 0 when duplicates came.
    #[must_use]
    pub fn lost(&self) -> i64 {
        self.highest - self.base + 1 - self.received as i64
    }

    /// Interarrival jitter in milliseconds.
    #[must_use]
    pub fn jitter_ms(&self) -> f32 {
        (self.jitter16 >> 4) as f32 / TICKS_PER_MS as f32
    }

    /// The report since the last one.
    pub fn report(&mut self) -> Reception {
        let expected = self.highest - self.base + 1;
        let expected_now = expected - self.expected_prior;
        let lost_now = expected_now - (self.received - self.received_prior) as i64;
        self.expected_prior = expected;
        self.received_prior = self.received;
        let fraction_lost = match expected_now > 0 && lost_now > 0 {
            true => (lost_now * 256 / expected_now).min(255) as u8,
            false => 0,
        };
        Reception {
            ssrc: self.ssrc,
            fraction_lost,
            lost: self.lost(),
            highest_seq: self.highest as u32,
            jitter: (self.jitter16 >> 4) as u32,
        }
    }
}

fn transit(header: &Header, arrival: Ms) -> i64 {
    i64::from((arrival.0.wrapping_mul(TICKS_PER_MS) as u32).wrapping_sub(header.timestamp))
}

/// Numbers our packets.
#[derive(Clone, Debug)]
pub struct Sender {
    pub ssrc: u32,
    seq: u16,
    timestamp: u32,
    marker: bool,
    pub packets: u32,
    /// Payload octets, for the sender report.
    pub octets: u32,
}

impl Sender {
    /// SSRC, first number and first timestamp come from the seed (RFC 3550 §5.1 wants them random).
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        Sender {
            ssrc: random.next() as u32,
            seq: random.next() as u16 & 0x7FFF,
            timestamp: random.next() as u32,
            marker: true,
            packets: 0,
            octets: 0,
        }
    }

    /// The timestamp of the next sound.
    #[must_use]
    pub fn timestamp(&self) -> u32 {
        self.timestamp
    }

    /// Passes over sound that is not sent (a hold, a key, a stall); what comes next begins a talk spurt.
    pub fn skip(&mut self, samples: u32) {
        self.timestamp = self.timestamp.wrapping_add(samples);
        self.marker = true;
    }

    /// The datagram of `payload`, which holds as many samples as bytes.
    pub fn sound(&mut self, pt: u8, payload: &[u8]) -> Vec<u8> {
        let (timestamp, marker) = (self.timestamp, self.marker);
        self.marker = false;
        self.timestamp = timestamp.wrapping_add(payload.len() as u32);
        self.packet(pt, timestamp, marker, payload)
    }

    /// The datagram of an event that has its own timestamp.
    pub fn event(&mut self, pt: u8, timestamp: u32, marker: bool, payload: &[u8]) -> Vec<u8> {
        self.packet(pt, timestamp, marker, payload)
    }

    fn packet(&mut self, pt: u8, timestamp: u32, marker: bool, payload: &[u8]) -> Vec<u8> {
        let packet = Packet {
            header: Header {
                version: 2,
                marker,
                payload_type: pt,
                sequence_number: self.seq,
                timestamp,
                ssrc: self.ssrc,
                ..Header::default()
            },
            payload: Bytes::copy_from_slice(payload),
        };
        self.seq = self.seq.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload.len() as u32);
        // A plain header and a payload in a buffer of their size cannot fail.
        packet.marshal().map(|b| b.to_vec()).unwrap_or_default()
    }
}

/// Numbers from a seed (SplitMix64, Steele et al. 2014): enough to pick ports, SSRCs and report times reproducibly.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The next 64 bits.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(seq: u16, timestamp: u32) -> Header {
        Header {
            version: 2,
            sequence_number: seq,
            timestamp,
            ssrc: 1,
            ..Header::default()
        }
    }

    #[test]
    fn what_we_send_is_read_back_in_order() {
        let mut sender = Sender::new(3);
        let first = read(&sender.sound(8, &[0xD5; 160])).unwrap();
        let second = read(&sender.sound(8, &[0xD5; 160])).unwrap();
        assert!(first.header.marker && !second.header.marker);
        assert_eq!(
            second.header.sequence_number,
            first.header.sequence_number + 1
        );
        assert_eq!(
            second.header.timestamp,
            first.header.timestamp.wrapping_add(160)
        );
        assert_eq!(second.payload.len(), 160);
        sender.skip(320);
        let third = read(&sender.sound(8, &[0xD5; 160])).unwrap();
        assert!(third.header.marker);
        assert_eq!(
            third.header.timestamp,
            second.header.timestamp.wrapping_add(480)
        );
        assert_eq!((sender.packets, sender.octets), (3, 480));
    }

    #[test]
    fn loss_is_counted_across_the_wrap_of_sequence_numbers() {
        let mut r = Receiver::new(&header(65530, 0), Ms(0));
        for i in 1..20u16 {
            if i % 5 != 0 {
                r.on(
                    &header(65530u16.wrapping_add(i), u32::from(i) * 160),
                    Ms(u64::from(i) * 20),
                );
            }
        }
        assert_eq!(r.lost(), 3);
        let report = r.report();
        assert_eq!(report.fraction_lost, (3 * 256 / 20) as u8);
        assert_eq!(report.highest_seq, 65536 + 13);
        assert_eq!(report.jitter, 0);
        assert_eq!(r.report().fraction_lost, 0);
    }

    #[test]
    fn jitter_follows_the_standard_and_survives_a_wrapping_timestamp() {
        let mut r = Receiver::new(&header(0, u32::MAX - 1000), Ms(0));
        for i in 1..400u32 {
            // Every other packet is 10 ms late: the mean deviation is 10 ms.
            let late = u64::from(i % 2) * 10;
            let ts = (u32::MAX - 1000).wrapping_add(i * 160);
            r.on(&header(i as u16, ts), Ms(u64::from(i) * 20 + late));
        }
        assert!((r.jitter_ms() - 10.0).abs() < 0.5, "{}", r.jitter_ms());
    }

    #[test]
    fn a_sender_that_restarts_its_numbers_lost_nothing() {
        let mut r = Receiver::new(&header(100, 0), Ms(0));
        r.on(&header(40000, 160), Ms(20));
        r.on(&header(40001, 320), Ms(40));
        assert_eq!(r.lost(), 0);
    }

    #[test]
    fn random_bytes_never_panic() {
        let mut random = Random::new(1);
        for _ in 0..50_000 {
            let len = (random.next() % 64) as usize;
            let mut bytes: Vec<u8> = (0..len).map(|_| random.next() as u8).collect();
            if let Some(first) = bytes.first_mut() {
                *first = *first & 0x3F | 0x80;
            }
            if let Some(p) = read(&bytes) {
                let mut r = Receiver::new(&p.header, Ms(0));
                r.on(&p.header, Ms(5));
                r.report();
            }
        }
        assert!(read(b"GET / HTTP/1.1\r\n").is_none());
    }
}
