use super::*;
use crate::audio::level::rms_dbfs;
use crate::audio::tone::{Tone, level_of};
use std::net::{Ipv4Addr, UdpSocket};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Outside the range that Linux gives to outgoing connections.
const RANGE: PortRange = PortRange {
    first: 21_000,
    last: 28_999,
};

fn port(seed: u64) -> Port {
    // Tests of other processes may run beside this one.
    Port::bind(HERE, RANGE, seed ^ (u64::from(std::process::id()) << 32)).unwrap()
}

fn two(seed: u64) -> (Port, Port) {
    let (mut a, mut b) = (port(seed), port(seed + 1));
    let answer = b.answer(Some(&a.offer())).unwrap();
    a.set_answer(&answer).unwrap();
    (a, b)
}

/// Loopback delivers at once, so ticks in virtual time need no waiting.
fn talk(
    a: &mut Port,
    b: &mut Port,
    from: u64,
    ticks: u64,
    mut each: impl FnMut(u64, &Incoming, &Incoming),
) {
    let (mut tone_a, mut tone_b) = (Tone::new(500.0, -20.0), Tone::new(1500.0, -20.0));
    let (mut got_a, mut got_b) = (Incoming::default(), Incoming::default());
    for n in from..from + ticks {
        let now = Ms(n * 20);
        a.tick(now, &mut got_a);
        b.tick(now, &mut got_b);
        a.send(&tone_a.frame());
        b.send(&tone_b.frame());
        each(n, &got_a, &got_b);
    }
}

#[test]
fn two_ports_hear_each_other() {
    let (mut a, mut b) = two(100);
    let (mut heard_a, mut heard_b) = (Vec::new(), Vec::new());
    let mut firsts = 0;
    talk(&mut a, &mut b, 0, 100, |n, x, y| {
        firsts += u32::from(x.first_packet) + u32::from(y.first_packet);
        assert_eq!(x.frame.is_none(), n == 0);
        if n > 10 {
            heard_a.extend(x.frame.unwrap());
            heard_b.extend(y.frame.unwrap());
        }
    });
    assert_eq!(firsts, 2);
    assert!(level_of(&heard_a, 1500.0) > -21.0 && level_of(&heard_a, 500.0) < -50.0);
    assert!(level_of(&heard_b, 500.0) > -21.0 && level_of(&heard_b, 1500.0) < -50.0);
    let stats = a.close();
    assert_eq!(
        (stats.sent, stats.received, stats.foreign, stats.lost),
        (100, 99, 0, 0)
    );
    let mut got = Incoming::default();
    b.tick(Ms(2020), &mut got);
    assert_eq!(b.stats().remote.byes, 1, "the goodbye is seen");
    assert!(got.frame.is_some(), "and does not end anything");
}

#[test]
fn nothing_is_heard_or_sent_before_the_sdp() {
    let mut a = port(200);
    let stranger = UdpSocket::bind((HERE, 0)).unwrap();
    let packet = Sender::new(1).sound(8, &[0; 160]);
    stranger.send_to(&packet, (HERE, a.port())).unwrap();
    let mut got = Incoming::default();
    a.tick(Ms(20), &mut got);
    a.send(&SILENCE);
    assert_eq!(got.frame, None);
    assert_eq!((a.stats().sent, a.stats().foreign), (0, 1));
}

#[test]
fn an_attacker_is_neither_heard_nor_sent_anything() {
    let (mut a, mut b) = two(300);
    let attacker = UdpSocket::bind((HERE, 0)).unwrap();
    attacker.set_nonblocking(true).unwrap();
    let mut forged = Sender::new(9);
    let loud = [0x2A; 160];
    // Within the first seconds, before the far end spoke: at most five packets get in, and nothing goes out to it.
    let mut got = Incoming::default();
    for n in 0..4 {
        attacker
            .send_to(&forged.sound(8, &loud), (HERE, a.port()))
            .unwrap();
        a.tick(Ms(n * 20), &mut got);
        a.send(&SILENCE);
    }
    assert!(a.stats().received <= 5);
    // The far end speaks: it is locked. The attacker goes on, even with the far end's own SSRC.
    let mut heard = Vec::new();
    forged.ssrc = b.sender.ssrc;
    let port_a = a.port();
    talk(&mut a, &mut b, 4, 200, |n, x, _| {
        for _ in 0..5 {
            attacker
                .send_to(&forged.sound(8, &loud), (HERE, port_a))
                .unwrap();
        }
        if n > 20 {
            heard.extend(x.frame.unwrap());
        }
    });
    assert!((rms_dbfs(&heard) + 20.0).abs() < 0.5);
    assert!(level_of(&heard, 1500.0) > -21.0);
    assert!(a.stats().foreign >= 900);
    assert!(
        attacker.recv_from(&mut [0; 2000]).is_err(),
        "the attacker got a packet"
    );
}

#[test]
fn a_full_range_says_which_range_to_widen() {
    let free = port(400);
    let first = free.port();
    let range = PortRange {
        first,
        last: first + 1,
    };
    let text = Port::bind(HERE, range, 1).unwrap_err().to_string();
    assert!(
        text.contains(&first.to_string()) && text.contains("widen"),
        "{text}"
    );
    drop(free);
    assert_eq!(Port::bind(HERE, range, 1).unwrap().port(), first);
    let empty = PortRange {
        first: 7001,
        last: 7001,
    };
    assert!(matches!(
        Port::bind(HERE, empty, 1),
        Err(MediaError::BadRange { .. })
    ));
}

#[test]
fn keys_travel_and_count_once() {
    let (mut a, mut b) = two(500);
    a.send_digits("1#");
    let mut keys = String::new();
    talk(&mut a, &mut b, 0, 60, |_, _, y| keys.extend(&y.digits));
    assert_eq!(keys, "1#");
}

#[test]
fn a_hold_stops_our_sound_and_a_resume_brings_it_back() {
    let (mut a, mut b) = two(600);
    talk(&mut a, &mut b, 0, 10, |_, _, _| {});
    let mut offer = String::from_utf8(b.offer()).unwrap();
    let hold = offer.replace("sendrecv", "sendonly");
    let answer = String::from_utf8(a.answer(Some(hold.as_bytes())).unwrap()).unwrap();
    assert!(answer.contains("a=recvonly") && a.held());
    let before = a.stats().sent;
    talk(&mut a, &mut b, 10, 50, |_, _, _| {});
    assert_eq!(a.stats().sent, before);
    offer = String::from_utf8(b.offer()).unwrap();
    a.answer(Some(offer.as_bytes())).unwrap();
    assert!(!a.held());
    let mut heard = Vec::new();
    talk(&mut a, &mut b, 60, 50, |n, _, y| {
        if n > 70 {
            heard.extend(y.frame.unwrap());
        }
    });
    assert!(level_of(&heard, 500.0) > -21.0);
    // An offer that cannot be used changes nothing.
    assert!(a.answer(Some(b"v=0\n")).is_err());
    assert!(a.agreed().is_some() && !a.held());
    // An offerless re-INVITE gets our offer, under a new version.
    let ours = String::from_utf8(a.answer(None).unwrap()).unwrap();
    assert!(ours.contains("m=audio") && ours.contains("PCMU"));
}

#[test]
fn a_stalled_call_goes_on_without_a_burst() {
    let (mut a, mut b) = two(700);
    talk(&mut a, &mut b, 0, 50, |_, _, _| {});
    let sent = a.stats().sent;
    let ts = a.sender.timestamp();
    let mut got = Incoming::default();
    a.tick(Ms(5000 + 1000), &mut got);
    a.send(&SILENCE);
    assert_eq!(a.stats().sent, sent + 1);
    assert_eq!(a.sender.timestamp().wrapping_sub(ts), 250 * 160 + 160);
}

#[test]
fn silence_of_the_far_end_is_measured() {
    let (mut a, mut b) = two(800);
    talk(&mut a, &mut b, 0, 10, |_, _, _| {});
    let mut got = Incoming::default();
    a.tick(Ms(200), &mut got);
    a.tick(Ms(15_200), &mut got);
    assert!(
        (14_900..=15_100).contains(&got.silent_ms),
        "{}",
        got.silent_ms
    );
}

#[test]
fn another_source_from_the_same_address_is_a_new_stream() {
    let (mut a, mut b) = two(900);
    talk(&mut a, &mut b, 0, 50, |_, _, _| {});
    // The same socket now carries another stream: other SSRC, timestamp, and µ-law instead of A-law.
    b.sender = Sender::new(77);
    let mut offer = b.agreed.clone().unwrap();
    (offer.codec, offer.payload_type) = (sdp::Codec::Pcmu, 0);
    b.agreed = Some(offer);
    let mut heard = Vec::new();
    talk(&mut a, &mut b, 50, 50, |n, x, _| {
        if n > 60 {
            heard.extend(x.frame.unwrap());
        }
    });
    assert!(level_of(&heard, 1500.0) > -21.0);
    assert_eq!(a.stats().source_changes, 1);
}

#[test]
fn garbage_on_both_ports_is_dropped() {
    let (mut a, mut b) = two(1000);
    talk(&mut a, &mut b, 0, 5, |_, _, _| {});
    let mut random = Random::new(6);
    let port_a = a.port();
    talk(&mut a, &mut b, 5, 500, |_, _, _| {});
    for _ in 0..500 {
        let len = (random.next() % 300) as usize;
        let mut bytes: Vec<u8> = (0..len).map(|_| random.next() as u8).collect();
        if let Some(first) = bytes.first_mut() {
            *first = *first & 0x3F | 0x80;
        }
        // From the far end's own address, so that the latch does not help.
        let _ = b.rtp.send(&bytes, SocketAddr::new(HERE, port_a));
        let _ = b
            .rtcp_socket
            .send(&bytes, SocketAddr::new(HERE, port_a + 1));
        let mut got = Incoming::default();
        a.tick(Ms(11_000), &mut got);
    }
}

/// Not a check but a figure; run it with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn cpu_of_one_call_second() {
    let (mut a, mut b) = two(2000);
    let cpu = || {
        // SAFETY: the pointer is to a local.
        unsafe {
            let mut t: libc::timespec = std::mem::zeroed();
            libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut t);
            t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
        }
    };
    let before = cpu();
    talk(&mut a, &mut b, 0, 50_000, |_, _, _| {});
    let spent = cpu() - before;
    println!(
        "{:.3} ms of CPU for a leg's second, both directions",
        spent * 1000.0 / 2000.0
    );
}
