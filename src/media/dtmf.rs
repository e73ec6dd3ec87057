//! Keys as RTP events (RFC 4733), both ways. Pure.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::VecDeque;

const KEYS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D',
];

/// RTP clock ticks of 20 ms.
const STEP: u16 = 160;

/// Hears keys. A key counts with the first packet of its event, so a lost end changes nothing.
#[derive(Clone, Debug, Default)]
pub struct KeyReceiver {
    last: Option<Event>,
}

#[derive(Copy, Clone, Debug)]
struct Event {
    code: u8,
    timestamp: u32,
    duration: u16,
    ended: bool,
}

impl KeyReceiver {
    /// Takes one event packet; returns the key when it is a new one.
    pub fn on(&mut self, payload: &[u8], timestamp: u32, marker: bool) -> Option<char> {
        let [code, flags, high, low, ..] = *payload else {
            return None;
        };
        let key = *KEYS.get(usize::from(code))?;
        let now = Event {
            code,
            timestamp,
            duration: u16::from_be_bytes([high, low]),
            ended: flags & 0x80 != 0,
        };
        let Some(last) = &mut self.last else {
            self.last = Some(now);
            return Some(key);
        };
        let ahead = timestamp.wrapping_sub(last.timestamp) as i32;
        if ahead == 0 && last.code == code {
            last.duration = last.duration.max(now.duration);
            last.ended |= now.ended;
            return None;
        }
        // An old event's packet that was overtaken.
        if (-80_000..0).contains(&ahead) {
            return None;
        }
        // A key held longer than a duration can tell goes on under a new timestamp without a marker (§2.5.1.3), and
        // some gateways move the timestamp with every packet: the same key, never ended, with no pause between.
        let continued = !marker
            && last.code == code
            && !last.ended
            && i64::from(ahead) <= i64::from(last.duration) + 2 * i64::from(STEP);
        self.last = Some(now);
        (!continued).then_some(key)
    }
}

/// One event packet to send.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct KeyPacket {
    pub payload: [u8; 4],
    pub timestamp: u32,
    pub marker: bool,
}

/// Presses keys: 100 ms each, the end three times, 100 ms between two keys.
#[derive(Clone, Debug, Default)]
pub struct KeySender {
    queue: VecDeque<u8>,
    /// Code, timestamp of the press, 20 ms steps since.
    current: Option<(u8, u32, u16)>,
    pause: u8,
}

/// Steps that carry sound of the key, the last of them ending it.
const LENGTH: u16 = 5;
const END_REPEATS: u16 = 2;
const PAUSE: u8 = 3;

impl KeySender {
    /// Queues the keys `0-9 * # A-D` of `digits`; other characters are passed over.
    pub fn press(&mut self, digits: &str) {
        let codes = digits.chars().filter_map(|c| {
            let key = c.to_ascii_uppercase();
            KEYS.iter().position(|k| *k == key).map(|code| code as u8)
        });
        self.queue.extend(codes);
    }

    /// True while keys wait or one is pressed.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.current.is_some() || !self.queue.is_empty()
    }

    /// The packet of this 20 ms tick, which takes the place of sound. `timestamp` is what the sound would have had.
    pub fn tick(&mut self, timestamp: u32) -> Option<KeyPacket> {
        if self.current.is_none() {
            if self.pause > 0 {
                self.pause -= 1;
                return None;
            }
            self.current = self.queue.pop_front().map(|code| (code, timestamp, 0));
        }
        let (code, pressed, steps) = self.current.as_mut()?;
        *steps += 1;
        let end = if *steps >= LENGTH { 0x80 } else { 0 };
        let duration = ((*steps).min(LENGTH) * STEP).to_be_bytes();
        let packet = KeyPacket {
            // −10 dBm0, the usual level.
            payload: [*code, end | 10, duration[0], duration[1]],
            timestamp: *pressed,
            marker: *steps == 1,
        };
        if *steps == LENGTH + END_REPEATS {
            self.current = None;
            self.pause = PAUSE;
        }
        Some(packet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(keys: &str) -> Vec<KeyPacket> {
        let mut sender = KeySender::default();
        sender.press(keys);
        let mut out = Vec::new();
        let mut ts = 5000u32;
        while sender.busy() {
            out.extend(sender.tick(ts));
            ts += 160;
        }
        out
    }

    fn receive(packets: impl IntoIterator<Item = KeyPacket>) -> String {
        let mut receiver = KeyReceiver::default();
        packets
            .into_iter()
            .filter_map(|p| receiver.on(&p.payload, p.timestamp, p.marker))
            .collect()
    }

    #[test]
    fn keys_arrive_once_each_even_when_repeated() {
        assert_eq!(receive(send("1122*#0d")), "1122*#0D");
        assert_eq!(receive(send("1 2-3")), "123");
    }

    #[test]
    fn a_key_is_100_ms_long_and_ends_three_times() {
        let packets = send("5");
        assert_eq!(packets.len(), 7);
        assert!(packets[0].marker && packets[1..].iter().all(|p| !p.marker));
        assert!(packets.iter().all(|p| p.timestamp == 5000));
        let ends: Vec<_> = packets
            .iter()
            .filter(|p| p.payload[1] & 0x80 != 0)
            .collect();
        assert_eq!(ends.len(), 3);
        assert!(ends.iter().all(|p| p.payload[2..] == 800u16.to_be_bytes()));
    }

    #[test]
    fn any_surviving_packet_is_enough_and_duplicates_add_nothing() {
        for keep in 0..7 {
            let mut packets = send("77");
            let second = packets.split_off(7);
            let kept = [packets[keep], packets[keep], second[keep]];
            assert_eq!(receive(kept), "77", "packet {keep} alone");
        }
        let doubled = send("31").into_iter().flat_map(|p| [p, p]);
        assert_eq!(receive(doubled), "31");
    }

    #[test]
    fn a_key_held_for_minutes_counts_once() {
        let mut receiver = KeyReceiver::default();
        let mut heard = String::new();
        for segment in 0..4u32 {
            let ts = 1000 + segment * 65_535;
            for duration in (160..=65_535u32).step_by(160).chain([65_535]) {
                let d = (duration as u16).to_be_bytes();
                let marker = segment == 0 && duration == 160;
                heard.extend(receiver.on(&[9, 10, d[0], d[1]], ts, marker));
            }
        }
        assert_eq!(heard, "9");
    }

    #[test]
    fn an_overtaken_packet_of_the_key_before_is_not_a_new_key() {
        let packets = send("12");
        let mut order: Vec<KeyPacket> = packets[..6].to_vec();
        order.push(packets[7]);
        order.push(packets[6]);
        order.extend(&packets[8..]);
        assert_eq!(receive(order), "12");
    }

    #[test]
    fn anything_else_is_ignored() {
        let mut receiver = KeyReceiver::default();
        assert_eq!(receiver.on(&[], 0, true), None);
        assert_eq!(receiver.on(&[1, 2], 0, true), None);
        assert_eq!(receiver.on(&[200, 10, 0, 160], 0, true), None);
        let mut random = crate::media::rtp::Random::new(3);
        for _ in 0..20_000 {
            let bytes = random.next().to_be_bytes();
            let len = (random.next() % 9) as usize;
            receiver.on(
                &bytes[..len],
                random.next() as u32,
                random.next().is_multiple_of(2),
            );
        }
    }
}
