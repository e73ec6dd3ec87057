//! RTP packets (RFC 3550 §5.1), key presses (RFC 4733 §2.3), and what went wrong with a received stream.

use serde::Serialize;
use std::collections::BTreeSet;

/// A packet's header and payload.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub(super) marker: bool,
    pub(super) pt: u8,
    pub(super) seq: u16,
    pub(super) stamp: u32,
    pub(super) ssrc: u32,
    pub(super) payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// `None` when the bytes are not RTP.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let head: &[u8; 12] = bytes.first_chunk()?;
        if head[0] >> 6 != 2 {
            return None;
        }
        let mut start = 12 + 4 * usize::from(head[0] & 15);
        if head[0] & 0x10 != 0 {
            let extension = bytes.get(start..start + 4)?;
            start += 4 + 4 * usize::from(u16::from_be_bytes([extension[2], extension[3]]));
        }
        let mut end = bytes.len();
        if head[0] & 0x20 != 0 {
            end = end.checked_sub(usize::from(*bytes.last()?))?;
        }
        Some(Packet {
            marker: head[1] & 0x80 != 0,
            pt: head[1] & 0x7f,
            seq: u16::from_be_bytes([head[2], head[3]]),
            stamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            payload: bytes.get(start..end)?,
        })
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(12 + self.payload.len());
        bytes.extend([0x80, (u8::from(self.marker) << 7) | self.pt]);
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.stamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.extend(self.payload);
        bytes
    }
}

const KEYS: &[u8; 16] = b"0123456789*#ABCD";

/// The RFC 4733 event of a key.
pub(super) fn key_code(key: char) -> Option<u8> {
    let at = KEYS
        .iter()
        .position(|k| char::from(*k) == key.to_ascii_uppercase())?;
    u8::try_from(at).ok()
}

/// The key of an RFC 4733 event.
pub(super) fn key_of(code: u8) -> Option<char> {
    KEYS.get(usize::from(code)).map(|key| char::from(*key))
}

/// What happened to the packets of the robot's stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RtpIn {
    pub received: u64,
    /// Never came.
    pub lost: u64,
    pub duplicated: u64,
    /// Came after a later one.
    pub reordered: u64,
    /// Came more than 40 ms and more than 60 ms after the packet before.
    pub late_40ms: u64,
    pub late_60ms: u64,
    /// Interarrival jitter at the end and at its worst, ms (RFC 3550 A.8).
    pub jitter_ms: f64,
    pub jitter_max_ms: f64,
    /// The longest time without a packet.
    pub max_gap_ms: u64,
    /// Payload types that were not negotiated.
    pub unknown_payloads: u64,
    pub ssrc_changes: u64,
    /// Datagrams that were not RTP.
    pub garbage: u64,
    pub rtcp_packets: u64,
}

/// Counts a stream.
#[derive(Debug, Default)]
pub(super) struct Counter {
    pub(super) so_far: RtpIn,
    ssrc: Option<u32>,
    /// Extended numbers lately seen, to tell a duplicate from a late one.
    recent: BTreeSet<i64>,
    first: i64,
    highest: i64,
    seen: u64,
    transit: Option<f64>,
    last_ms: Option<f64>,
    lost_before: u64,
}

impl Counter {
    /// `now` in ms. False for a duplicate.
    pub(super) fn on(&mut self, now: f64, packet: &Packet<'_>) -> bool {
        if self.ssrc != Some(packet.ssrc) {
            if self.ssrc.is_some() {
                self.so_far.ssrc_changes += 1;
                self.lost_before = self.lost();
            }
            self.ssrc = Some(packet.ssrc);
            self.recent.clear();
            self.first = i64::from(packet.seq);
            self.highest = self.first - 1;
            (self.seen, self.transit) = (0, None);
        }
        let step = i64::from(packet.seq.wrapping_sub(self.highest as u16).cast_signed());
        let number = self.highest + step;
        self.so_far.received += 1;
        if !self.recent.insert(number) {
            self.so_far.duplicated += 1;
            return false;
        }
        self.seen += 1;
        if number < self.highest {
            self.so_far.reordered += 1;
        }
        self.highest = self.highest.max(number);
        while self.recent.len() > 512 {
            self.recent.pop_first();
        }
        self.spacing(now, packet.stamp);
        true
    }

    pub(super) fn report(&self) -> RtpIn {
        let round = |ms: f64| (ms * 100.0).round() / 100.0;
        RtpIn {
            lost: self.lost(),
            jitter_ms: round(self.so_far.jitter_ms),
            jitter_max_ms: round(self.so_far.jitter_max_ms),
            ..self.so_far.clone()
        }
    }

    fn lost(&self) -> u64 {
        if self.ssrc.is_none() {
            return 0;
        }
        let expected = u64::try_from(self.highest - self.first + 1).unwrap_or(0);
        self.lost_before + expected.saturating_sub(self.seen)
    }

    fn spacing(&mut self, now: f64, stamp: u32) {
        if let Some(last) = self.last_ms {
            let gap = now - last;
            self.so_far.max_gap_ms = self.so_far.max_gap_ms.max(gap as u64);
            self.so_far.late_40ms += u64::from(gap > 40.0);
            self.so_far.late_60ms += u64::from(gap > 60.0);
        }
        self.last_ms = Some(now);
        let transit = now - f64::from(stamp) / 8.0;
        if let Some(before) = self.transit.replace(transit) {
            let change = (transit - before).abs();
            // A jump of the time stamp is no jitter.
            if change < 1000.0 {
                self.so_far.jitter_ms += (change - self.so_far.jitter_ms) / 16.0;
                self.so_far.jitter_max_ms = self.so_far.jitter_max_ms.max(self.so_far.jitter_ms);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(seq: u16) -> Packet<'static> {
        Packet {
            marker: false,
            pt: 8,
            seq,
            stamp: u32::from(seq) * 160,
            ssrc: 5,
            payload: b"abc",
        }
    }

    #[test]
    fn a_header_survives_the_round_trip_and_odd_ones_are_read() {
        let bytes = packet(7).write();
        assert_eq!(Packet::read(&bytes), Some(packet(7)));
        let mut padded = bytes.clone();
        padded[0] |= 0x30;
        padded.splice(12..12, [0xbe, 0xde, 0, 1, 9, 9, 9, 9]);
        padded.extend([0, 0, 3]);
        assert_eq!(
            Packet::read(&padded).map(|p| p.payload.to_vec()),
            Some(b"abc".to_vec())
        );
        assert_eq!(Packet::read(&bytes[..11]), None);
        assert_eq!(Packet::read(&[0; 40]), None);
    }

    #[test]
    fn loss_duplicates_and_disorder_are_told_apart_across_the_wrap() {
        let mut counter = Counter::default();
        assert_eq!(counter.report(), RtpIn::default());
        let order = [65534u16, 65535, 1, 0, 0, 3, 4];
        for (at, seq) in order.iter().enumerate() {
            counter.on(at as f64 * 20.0, &packet(*seq));
        }
        let report = counter.report();
        assert_eq!(
            (
                report.received,
                report.lost,
                report.duplicated,
                report.reordered
            ),
            (7, 1, 1, 1)
        );
    }

    #[test]
    fn keys_have_the_event_codes_of_rfc_4733() {
        assert_eq!(key_code('#'), Some(11));
        assert_eq!(key_of(10), Some('*'));
        assert_eq!(key_code('x'), None);
    }
}
