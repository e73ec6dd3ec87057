//! Whose packets count, and where ours go. Pure.
//!
//! The SDP names the far end's address, but a far end behind NAT sends from another. So a source that is not the
//! signalled one may be learned: from at most five packets within three seconds, then it is locked, and only a new SDP
//! opens the question again. Until then our sound goes to the signalled address and nowhere else.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::Ms;
use std::net::SocketAddr;

/// Packets from unsignalled sources that are believed before one is locked.
const LEARN_PACKETS: u32 = 5;
const LEARN_MS: u64 = 3000;
/// A far end that is not behind NAT has spoken within this time, and then no stranger is locked, however fast it sends.
const LEARN_LEAST_MS: u64 = 200;

/// The latch of one RTP socket.
#[derive(Clone, Debug, Default)]
pub struct Latch {
    /// What the last SDP said.
    signalled: Option<SocketAddr>,
    locked: Option<SocketAddr>,
    /// Locked before the SDP was renewed without a change: as good as the signalled one.
    known: Option<SocketAddr>,
    learning: Option<Learning>,
    /// Packets refused since the beginning.
    refused: u64,
}

#[derive(Copy, Clone, Debug)]
struct Learning {
    from: SocketAddr,
    since: Ms,
    packets: u32,
}

impl Latch {
    /// A new SDP names the far end's address. Sources are learned again; one that is known from before stays known as
    /// long as the address did not change.
    pub fn signalled(&mut self, address: SocketAddr) {
        self.known = match self.signalled == Some(address) {
            true => self.locked.or(self.known),
            false => None,
        };
        self.signalled = Some(address);
        self.locked = None;
        self.learning = None;
    }

    /// Whether a packet counts.
    pub fn accepts(&mut self, from: SocketAddr, now: Ms) -> bool {
        let ok = self.decide(from, now);
        self.refused += u64::from(!ok);
        ok
    }

    /// Where our packets go: the locked source, or the signalled address before there is one.
    #[must_use]
    pub fn destination(&self) -> Option<SocketAddr> {
        self.locked
            .or(self.known)
            .or(self.signalled)
            .filter(|a| !a.ip().is_unspecified() && a.port() != 0)
    }

    /// The source that is locked.
    #[must_use]
    pub fn locked(&self) -> Option<SocketAddr> {
        self.locked
    }

    /// Packets that did not count.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn decide(&mut self, from: SocketAddr, now: Ms) -> bool {
        let Some(signalled) = self.signalled else {
            return false;
        };
        if from == signalled || self.known == Some(from) {
            // It takes over from a learned source as long as learning may last.
            let open = self.learning.is_some_and(|l| now.since(l.since) < LEARN_MS);
            if self.locked.is_none() || open {
                self.locked = Some(from);
                self.learning = None;
            }
            return self.locked == Some(from);
        }
        if let Some(locked) = self.locked {
            return locked == from;
        }
        let learning = self.learning.get_or_insert(Learning {
            from,
            since: now,
            packets: 0,
        });
        // The signalled host from another port is the likelier far end than whoever was first.
        let better = from.ip() == signalled.ip() && learning.from.ip() != signalled.ip();
        if better {
            learning.from = from;
        }
        learning.packets += 1;
        let waited = now.since(learning.since);
        if waited >= LEARN_MS || (learning.packets > LEARN_PACKETS && waited >= LEARN_LEAST_MS) {
            self.locked = Some(learning.from);
            return learning.from == from;
        }
        learning.from == from && learning.packets <= LEARN_PACKETS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_signalled_source_is_locked_at_once() {
        let mut latch = Latch::default();
        let (far, attacker) = (at("10.0.0.1:4000"), at("6.6.6.6:1"));
        assert!(!latch.accepts(far, Ms(0)), "nothing counts before an SDP");
        latch.signalled(far);
        assert!(latch.accepts(far, Ms(0)));
        for i in 0..1000 {
            assert!(!latch.accepts(attacker, Ms(i)));
        }
        assert_eq!(latch.destination(), Some(far));
        assert_eq!(latch.refused(), 1001);
    }

    #[test]
    fn a_far_end_behind_nat_is_learned_and_then_locked() {
        let mut latch = Latch::default();
        let (sdp, nat) = (at("192.168.1.5:4000"), at("203.0.113.7:6123"));
        latch.signalled(sdp);
        let mut taken = 0;
        for i in 0..10 {
            taken += u32::from(latch.accepts(nat, Ms(i * 20)));
            assert_eq!(
                latch.destination(),
                Some(sdp),
                "nothing goes to an unlocked source"
            );
        }
        assert_eq!(taken, 5);
        assert!(latch.accepts(nat, Ms(200)));
        assert_eq!(
            (latch.locked(), latch.destination()),
            (Some(nat), Some(nat))
        );
        assert!(!latch.accepts(sdp, Ms(3200)), "learning is over");
    }

    #[test]
    fn an_attacker_in_the_first_seconds_gets_at_most_five_packets_in_and_none_out() {
        let mut latch = Latch::default();
        let (far, attacker) = (at("10.0.0.1:4000"), at("6.6.6.6:1"));
        latch.signalled(far);
        // A thousand packets a second, while the far end needs 150 ms to begin.
        let taken = (0..150).filter(|i| latch.accepts(attacker, Ms(*i))).count();
        assert_eq!(taken, 5);
        assert_eq!(latch.destination(), Some(far));
        assert!(
            latch.accepts(far, Ms(150)),
            "the signalled source takes over"
        );
        assert!(!latch.accepts(attacker, Ms(151)));
        // A session refresh gives the attacker no second chance, as the far end goes on speaking.
        latch.signalled(far);
        let taken = (0..100)
            .filter(|i| {
                if i % 20 == 0 {
                    latch.accepts(far, Ms(5000 + i));
                }
                latch.accepts(attacker, Ms(5000 + i))
            })
            .count();
        assert_eq!((taken, latch.destination()), (0, Some(far)));
    }

    #[test]
    fn the_signalled_source_takes_over_from_a_learned_one_within_three_seconds() {
        let mut latch = Latch::default();
        let (far, stranger) = (at("10.0.0.1:4000"), at("6.6.6.6:1"));
        latch.signalled(far);
        for i in 0..50 {
            latch.accepts(stranger, Ms(i * 20));
        }
        assert_eq!(latch.locked(), Some(stranger));
        assert!(latch.accepts(far, Ms(2000)));
        assert_eq!(latch.destination(), Some(far));
        assert!(!latch.accepts(stranger, Ms(2001)));
    }

    #[test]
    fn the_signalled_host_is_preferred_among_strangers() {
        let mut latch = Latch::default();
        latch.signalled(at("10.0.0.1:4000"));
        assert!(latch.accepts(at("6.6.6.6:1"), Ms(0)));
        let mut taken = 1;
        for i in 1..20 {
            taken += u32::from(latch.accepts(at("6.6.6.6:1"), Ms(i * 20)));
            taken += u32::from(latch.accepts(at("10.0.0.1:5555"), Ms(i * 20)));
            if latch.locked().is_some() {
                break;
            }
        }
        assert_eq!(latch.locked(), Some(at("10.0.0.1:5555")));
        assert!(taken <= 6, "{taken}");
    }

    #[test]
    fn learning_ends_after_three_seconds() {
        let mut latch = Latch::default();
        latch.signalled(at("10.0.0.1:4000"));
        assert!(latch.accepts(at("6.6.6.6:1"), Ms(0)));
        assert!(latch.accepts(at("6.6.6.6:1"), Ms(3100)));
        assert_eq!(latch.locked(), Some(at("6.6.6.6:1")));
    }

    #[test]
    fn only_a_new_sdp_opens_the_lock() {
        let mut latch = Latch::default();
        let (sdp, nat, other) = (
            at("192.168.1.5:4000"),
            at("203.0.113.7:6123"),
            at("203.0.113.7:7000"),
        );
        latch.signalled(sdp);
        for i in 0..20 {
            latch.accepts(nat, Ms(i * 20));
        }
        assert!(!latch.accepts(other, Ms(9000)));
        // A session refresh with the same address: sound goes on to the known source, a rebound NAT is learned.
        latch.signalled(sdp);
        assert_eq!(latch.destination(), Some(nat));
        for i in 0..20 {
            latch.accepts(other, Ms(9100 + i * 20));
        }
        assert_eq!(latch.destination(), Some(other));
        // The far end moved.
        let moved = at("198.51.100.1:9000");
        latch.signalled(moved);
        assert_eq!(latch.destination(), Some(moved));
        assert!(latch.accepts(moved, Ms(9800)));
    }

    #[test]
    fn a_held_address_gets_nothing() {
        let mut latch = Latch::default();
        latch.signalled(at("0.0.0.0:4000"));
        assert_eq!(latch.destination(), None);
    }
}
