//! RTCP (RFC 3550 §6): a report every five seconds or so, and what the far end's reports tell about our sound. A BYE
//! from the far end is only noted: anybody can send one, so it never ends a call.

use super::rtp::{Random, Reception, Sender};
use crate::terms::Ms;
use bytes::Bytes;
use rtc_rtcp::goodbye::Goodbye;
use rtc_rtcp::packet::{Packet, marshal, unmarshal};
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::source_description::{
    SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem,
};

const INTERVAL_MS: u64 = 5000;

/// One session's control side.
#[derive(Debug)]
pub struct Rtcp {
    random: Random,
    cname: String,
    next: Option<Ms>,
    /// Middle 32 bits of the far end's last SR, and when it came.
    last_sr: Option<(u32, Ms)>,
    remote: RemoteView,
}

/// What the far end says of the sound we send.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct RemoteView {
    /// Round trip in milliseconds.
    pub round_trip_ms: Option<f32>,
    /// Packets of ours it lost.
    pub lost: u32,
    /// Share it lost lately, 0..1.
    pub fraction_lost: f32,
    pub jitter_ms: f32,
    /// Reports about us.
    pub reports: u32,
    /// BYEs seen, and not believed.
    pub byes: u32,
}

impl Rtcp {
    /// The seed randomises report times and the canonical name, which says nothing about this machine (RFC 7022).
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x5254_4350);
        let cname = format!("{:016x}", random.next());
        Rtcp {
            random,
            cname,
            next: None,
            last_sr: None,
            remote: RemoteView::default(),
        }
    }

    /// What the far end told so far.
    #[must_use]
    pub fn remote(&self) -> RemoteView {
        self.remote
    }

    /// The compound packet that is due now, if one is: SR (RR before we sent anything) and SDES.
    pub fn due(
        &mut self,
        now: Ms,
        sender: &Sender,
        received: impl FnOnce() -> Option<Reception>,
    ) -> Option<Vec<u8>> {
        let first = self.next.is_none();
        if self.next.is_some_and(|next| now < next) {
            return None;
        }
        // Half to one and a half intervals; the first comes after half of that (§6.2).
        let spread = INTERVAL_MS / 2 + self.random.next() % INTERVAL_MS;
        self.next = Some(now.after(if first { spread / 2 } else { spread }));
        if first {
            return None;
        }
        let report = self.report(now, sender, received());
        Some(pack(&[report, self.sdes(sender.ssrc)]))
    }

    /// The farewell: report, name and BYE.
    pub fn bye(&self, now: Ms, sender: &Sender) -> Vec<u8> {
        let bye = Goodbye {
            sources: vec![sender.ssrc],
            reason: Bytes::new(),
        };
        pack(&[
            self.report(now, sender, None),
            self.sdes(sender.ssrc),
            Box::new(bye),
        ])
    }

    /// Takes a datagram that came to the RTCP port from the far end.
    pub fn on(&mut self, datagram: &[u8], now: Ms, our_ssrc: u32) {
        if datagram.len() < 8 || datagram[0] >> 6 != 2 {
            return;
        }
        let Ok(packets) = unmarshal(&mut Bytes::copy_from_slice(datagram)) else {
            return;
        };
        for packet in packets {
            let any = packet.as_any();
            if let Some(sr) = any.downcast_ref::<SenderReport>() {
                self.last_sr = Some((middle(sr.ntp_time), now));
                self.about_us(&sr.reports, now, our_ssrc);
            } else if let Some(rr) = any.downcast_ref::<ReceiverReport>() {
                self.about_us(&rr.reports, now, our_ssrc);
            } else if any.is::<Goodbye>() {
                self.remote.byes += 1;
            }
        }
    }

    fn about_us(&mut self, reports: &[ReceptionReport], now: Ms, our_ssrc: u32) {
        let Some(r) = reports.iter().find(|r| r.ssrc == our_ssrc) else {
            return;
        };
        self.remote.reports += 1;
        self.remote.lost = r.total_lost;
        self.remote.fraction_lost = f32::from(r.fraction_lost) / 256.0;
        self.remote.jitter_ms = r.jitter as f32 / 8.0;
        if r.last_sender_report != 0 {
            // §6.4.1: A − LSR − DLSR in 1/65536 s; a nonsense report cannot make it minutes.
            let trip = middle(ntp(now))
                .wrapping_sub(r.last_sender_report)
                .wrapping_sub(r.delay);
            if trip < 10 * 65536 {
                self.remote.round_trip_ms = Some(trip as f32 * 1000.0 / 65536.0);
            }
        }
    }

    fn report(&self, now: Ms, sender: &Sender, received: Option<Reception>) -> Box<dyn Packet> {
        let reports = received
            .map(|r| ReceptionReport {
                ssrc: r.ssrc,
                fraction_lost: r.fraction_lost,
                total_lost: r.lost.clamp(0, 0x7F_FFFF) as u32,
                last_sequence_number: r.highest_seq,
                jitter: r.jitter,
                last_sender_report: self.last_sr.map_or(0, |(middle, _)| middle),
                delay: self
                    .last_sr
                    .map_or(0, |(_, at)| (now.since(at) * 65536 / 1000) as u32),
            })
            .into_iter()
            .collect();
        if sender.packets == 0 {
            return Box::new(ReceiverReport {
                ssrc: sender.ssrc,
                reports,
                ..Default::default()
            });
        }
        Box::new(SenderReport {
            ssrc: sender.ssrc,
            ntp_time: ntp(now),
            rtp_time: sender.timestamp(),
            packet_count: sender.packets,
            octet_count: sender.octets,
            reports,
            ..Default::default()
        })
    }

    fn sdes(&self, ssrc: u32) -> Box<dyn Packet> {
        Box::new(SourceDescription {
            chunks: vec![SourceDescriptionChunk {
                source: ssrc,
                items: vec![SourceDescriptionItem {
                    sdes_type: SdesType::SdesCname,
                    text: Bytes::from(self.cname.clone()),
                }],
            }],
        })
    }
}

/// The call's own time as an NTP timestamp. §4 allows time since joining instead of the wall clock, and it tells nobody
/// when this machine started. One second is added so that it is never 0, which means "none".
fn ntp(now: Ms) -> u64 {
    let ms = now.0 + 1000;
    ((ms / 1000) << 32) | (((ms % 1000) << 32) / 1000)
}

fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

fn pack(packets: &[Box<dyn Packet>]) -> Vec<u8> {
    // Sizes are ours and small, so this cannot fail.
    marshal(packets).map(|b| b.to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ends_learn_loss_and_round_trip_from_each_other() {
        let (mut a, mut b) = (Rtcp::new(1), Rtcp::new(2));
        let (mut sa, sb) = (Sender::new(1), Sender::new(2));
        sa.sound(8, &[0; 160]);
        // a's report takes 30 ms, b answers 400 ms later, and that takes 30 ms too.
        assert!(a.due(Ms(0), &sa, || None).is_none());
        let sr = a.due(Ms(10_000), &sa, || None).unwrap();
        b.on(&sr, Ms(10_030), sb.ssrc);
        b.due(Ms(0), &sb, || None);
        let about_a = Reception {
            ssrc: sa.ssrc,
            fraction_lost: 64,
            lost: 5,
            highest_seq: 9,
            jitter: 80,
        };
        let rr = b.due(Ms(10_430), &sb, || Some(about_a)).unwrap();
        a.on(&rr, Ms(10_460), sa.ssrc);
        let seen = a.remote();
        assert!((seen.round_trip_ms.unwrap() - 60.0).abs() < 2.0, "{seen:?}");
        assert_eq!(
            (seen.lost, seen.fraction_lost, seen.jitter_ms),
            (5, 0.25, 10.0)
        );
    }

    #[test]
    fn reports_come_every_five_seconds_on_average() {
        let mut rtcp = Rtcp::new(9);
        let mut sender = Sender::new(9);
        sender.sound(8, &[0; 160]);
        let n = (0..60_000)
            .filter(|t| rtcp.due(Ms(t * 20), &sender, || None).is_some())
            .count();
        assert!((200..=280).contains(&n), "{n} reports in 20 minutes");
    }

    #[test]
    fn a_bye_is_counted_and_nothing_more() {
        let mut rtcp = Rtcp::new(1);
        let sender = Sender::new(7);
        rtcp.on(&Rtcp::new(2).bye(Ms(5), &sender), Ms(5), 1);
        assert_eq!(rtcp.remote().byes, 1);
    }

    #[test]
    fn random_bytes_never_panic() {
        let mut random = Random::new(4);
        let mut rtcp = Rtcp::new(1);
        let real = Rtcp::new(2).bye(Ms(5), &Sender::new(7));
        for i in 0..50_000 {
            let mut bytes = match i % 2 {
                0 => real.clone(),
                _ => (0..random.next() % 80)
                    .map(|_| random.next() as u8)
                    .collect(),
            };
            for _ in 0..4 {
                if !bytes.is_empty() {
                    let at = random.next() as usize % bytes.len();
                    bytes[at] = random.next() as u8;
                }
            }
            if bytes.len() > 1 {
                bytes[0] = bytes[0] & 0x3F | 0x80;
                bytes[1] = 200 + (random.next() % 8) as u8;
            }
            rtcp.on(&bytes, Ms(i), 1);
        }
    }
}
