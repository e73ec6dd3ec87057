//! Our RTP stream to one browser: numbers, times, and where a talk spurt begins.

use bytes::Bytes;
use rtc::rtp::Header;
use rtc::rtp::packet::Packet;

/// PCMU's payload type, RFC 3551 table 4.
pub const PCMU: u8 = 0;
const FRAME_MS: u64 = 20;
const FRAME_SAMPLES: u32 = 160;
/// µ-law's zero.
const SILENCE: [u8; FRAME_SAMPLES as usize] = [0xFF; FRAME_SAMPLES as usize];
/// Jitter of our own tick; a pause that is longer moves the timestamps on.
const TICK_SLACK_MS: u64 = 2 * FRAME_MS;

#[derive(Clone, Debug)]
pub struct Stream {
    ssrc: u32,
    seq: u16,
    timestamp: u32,
    /// When the last packet left, ms.
    last: Option<u64>,
    talking: bool,
}

impl Stream {
    #[must_use]
    pub fn new(ssrc: u32, seq: u16, timestamp: u32) -> Stream {
        Stream {
            ssrc,
            seq,
            timestamp,
            last: None,
            talking: false,
        }
    }

    /// 20 ms of a call, PCMU. The first after silence is marked (RFC 3551 §4.1).
    pub fn voice(&mut self, now_ms: u64, payload: Bytes) -> Packet {
        let marker = !self.talking;
        self.talking = true;
        self.packet(now_ms, marker, payload)
    }

    /// 20 ms of nothing, while no call is on: browsers shut their audio down when nothing comes.
    pub fn silence(&mut self, now_ms: u64) -> Packet {
        self.talking = false;
        self.packet(now_ms, false, Bytes::from_static(&SILENCE))
    }

    fn packet(&mut self, now_ms: u64, marker: bool, payload: Bytes) -> Packet {
        if let Some(last) = self.last {
            let gap = now_ms.saturating_sub(last);
            let frames = if gap > TICK_SLACK_MS + FRAME_MS {
                gap / FRAME_MS
            } else {
                1
            };
            self.timestamp = self
                .timestamp
                .wrapping_add((frames as u32).wrapping_mul(FRAME_SAMPLES));
            self.seq = self.seq.wrapping_add(1);
        }
        self.last = Some(now_ms);
        Packet {
            header: Header {
                version: 2,
                marker,
                payload_type: PCMU,
                sequence_number: self.seq,
                timestamp: self.timestamp,
                ssrc: self.ssrc,
                ..Header::default()
            },
            payload,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_run_on_and_only_a_talk_spurt_s_first_packet_is_marked() {
        let mut stream = Stream::new(7, u16::MAX, u32::MAX - 100);
        let frame = || Bytes::from_static(&SILENCE);
        let packets = [
            stream.silence(0),
            stream.voice(21, frame()),
            stream.voice(39, frame()),
            stream.silence(60),
            stream.voice(80, frame()),
            // The computer slept for a second.
            stream.voice(1080, frame()),
        ];
        let seqs: Vec<u16> = packets.iter().map(|p| p.header.sequence_number).collect();
        assert_eq!(seqs, [u16::MAX, 0, 1, 2, 3, 4]);
        let marks: Vec<bool> = packets.iter().map(|p| p.header.marker).collect();
        assert_eq!(marks, [false, true, false, false, true, false]);
        let steps: Vec<u32> = packets
            .windows(2)
            .map(|w| w[1].header.timestamp.wrapping_sub(w[0].header.timestamp))
            .collect();
        assert_eq!(steps, [160, 160, 160, 160, 8000]);
    }
}
