use super::*;
use crate::audio::tone::{Tone, level_of};
use crate::media::rtp::Random;

/// Sends packets of a tone with the delays given and plays them; virtual time throughout.
struct Line {
    buffer: JitterBuffer,
    arrivals: Vec<(u64, usize)>,
    packets: Vec<(u16, u32, Vec<i16>)>,
}

impl Line {
    /// `delay(i)` is packet i's transit in ms; `None` loses it.
    fn new(
        n: usize,
        ptime: usize,
        seq: u16,
        ts: u32,
        delay: impl Fn(usize) -> Option<u64>,
    ) -> Self {
        let mut tone = Tone::new(200.0, -20.0);
        let mut packets = Vec::new();
        let mut arrivals = Vec::new();
        for i in 0..n {
            let mut samples = vec![0; ptime * 8];
            tone.fill(&mut samples);
            packets.push((
                seq.wrapping_add(i as u16),
                ts.wrapping_add((i * ptime * 8) as u32),
                samples,
            ));
            if let Some(d) = delay(i) {
                arrivals.push(((i * ptime) as u64 + d, i));
            }
        }
        arrivals.sort();
        Line {
            buffer: JitterBuffer::default(),
            arrivals,
            packets,
        }
    }

    fn play(&mut self, ms: u64) -> Vec<Playout> {
        let mut out = Vec::new();
        let mut next = 0;
        for now in (0..ms).step_by(20) {
            while next < self.arrivals.len() && self.arrivals[next].0 <= now {
                let (at, i) = self.arrivals[next];
                let (seq, ts, samples) = &self.packets[i];
                self.buffer.push(*seq, *ts, i == 0, samples, Ms(at));
                next += 1;
            }
            out.push(self.buffer.pop(Ms(now)));
        }
        out
    }
}

fn sound(played: &[Playout]) -> Vec<i16> {
    played.iter().flat_map(|p| *p.frame()).collect()
}

#[test]
fn a_clean_stream_plays_whole_40_ms_later() {
    let mut line = Line::new(500, 20, 65_500, u32::MAX - 9000, |_| Some(0));
    let out = line.play(10_000);
    assert_eq!(out[..2], [Playout::Gap, Playout::Gap]);
    assert!(out[2..].iter().all(|p| matches!(p, Playout::Frame(_))));
    let sent: Vec<i16> = line.packets.iter().flat_map(|p| p.2.clone()).collect();
    assert_eq!(sound(&out[2..])[..70_000], sent[..70_000]);
    assert_eq!(line.buffer.stats(), JitterStats::default());
}

#[test]
fn any_packet_length_becomes_frames_of_20_ms() {
    for ptime in [10, 20, 30, 40, 60] {
        let mut line = Line::new(3000 / ptime, ptime, 0, 0, |_| Some(0));
        let out = line.play(2800);
        let first = out.iter().position(|p| *p != Playout::Gap).unwrap();
        let late = line.buffer.stats();
        assert!(late.lost == 0 && late.late == 0, "{ptime} ms: {late:?}");
        assert!(late.concealed <= 3, "{ptime} ms: {late:?}");
        assert!(level_of(&sound(&out[first + 10..]), 200.0) > -21.0);
    }
}

#[test]
fn overtaking_and_doubled_packets_are_put_right() {
    let mut line = Line::new(200, 20, 0, 0, |i| Some(if i % 4 == 1 { 25 } else { 0 }));
    let doubled: Vec<_> = line.arrivals.iter().flat_map(|a| [*a, *a]).collect();
    line.arrivals = doubled;
    let out = line.play(3900);
    let stats = line.buffer.stats();
    assert_eq!(
        (stats.late, stats.lost, stats.concealed),
        (0, 0, 0),
        "{stats:?}"
    );
    assert!(stats.duplicated >= 190);
    assert!(out[2..].iter().all(|p| matches!(p, Playout::Frame(_))));
}

#[test]
fn a_lost_packet_is_concealed_in_its_place() {
    let mut line = Line::new(100, 20, 0, 0, |i| (i != 50).then_some(0));
    let out = line.play(1900);
    let stats = line.buffer.stats();
    assert_eq!((stats.lost, stats.concealed, stats.late), (1, 1, 0));
    assert!(matches!(out[52], Playout::Concealed(_)));
    // Sound after the loss is where it would have been.
    assert_eq!(out[60].frame()[..], line.packets[58].2[..]);
    assert!(level_of(out[52].frame(), 200.0) > -25.0);
}

#[test]
fn heavy_loss_neither_stops_nor_shifts_the_sound() {
    let mut random = Random::new(11);
    let lost: Vec<bool> = (0..1000).map(|_| random.next().is_multiple_of(5)).collect();
    let n = lost.iter().filter(|l| **l).count() as u64;
    let mut line = Line::new(1000, 20, 0, 0, |i| (!lost[i]).then_some(0));
    line.play(19_900);
    let stats = line.buffer.stats();
    assert!(stats.lost.abs_diff(n) <= 8, "{stats:?} of {n}");
    assert!(line.buffer.delay_ms() <= 100, "{}", line.buffer.delay_ms());
}

#[test]
fn the_delay_grows_under_jitter_and_shrinks_in_calm() {
    let mut random = Random::new(2);
    let delays: Vec<u64> = (0..3000)
        .map(|i| if i < 500 { random.next() % 120 } else { 0 })
        .collect();
    let mut line = Line::new(3000, 20, 0, 0, |i| Some(delays[i]));
    let mut deepest = 0;
    let mut concealed_rough = 0;
    let mut next = 0;
    for now in (0..59_000u64).step_by(20) {
        while next < line.arrivals.len() && line.arrivals[next].0 <= now {
            let (at, i) = line.arrivals[next];
            let (seq, ts, samples) = &line.packets[i];
            line.buffer.push(*seq, *ts, false, samples, Ms(at));
            next += 1;
        }
        line.buffer.pop(Ms(now));
        deepest = deepest.max(line.buffer.delay_ms());
        if now == 10_000 {
            concealed_rough = line.buffer.stats().concealed;
        }
    }
    assert!((80..=220).contains(&deepest), "{deepest}");
    assert!(line.buffer.delay_ms() <= 60, "{}", line.buffer.delay_ms());
    let stats = line.buffer.stats();
    assert!(
        concealed_rough < 40,
        "it adapts and does not conceal for long: {concealed_rough}"
    );
    assert_eq!(stats.concealed, concealed_rough, "calm needs no concealing");
}

#[test]
fn a_spike_of_300_ms_keeps_the_delay_below_the_cap() {
    let mut line = Line::new(400, 20, 0, 0, |i| {
        Some(if (100..115).contains(&i) {
            300 - (i as u64 - 100) * 20
        } else {
            0
        })
    });
    let out = line.play(7900);
    assert!(line.buffer.delay_ms() <= CAP_MS);
    let concealed = out
        .iter()
        .filter(|p| matches!(p, Playout::Concealed(_)))
        .count();
    assert!(concealed <= 15, "{concealed}");
    assert!(out[150..].iter().all(|p| matches!(p, Playout::Frame(_))));
}

#[test]
fn a_pause_that_was_meant_is_silence_and_no_loss() {
    let mut buffer = JitterBuffer::default();
    let mut tone = Tone::new(200.0, -20.0);
    let mut out = Vec::new();
    let mut seq = 0;
    for tick in 0..300u64 {
        // Half a second of speech, one and a half of nothing; the timestamp goes on, the number does not.
        if tick % 100 < 25 {
            let marker = tick % 100 == 0;
            buffer.push(seq, tick as u32 * 160, marker, &tone.frame(), Ms(tick * 20));
            seq += 1;
        }
        out.push(buffer.pop(Ms(tick * 20)));
    }
    let stats = buffer.stats();
    assert_eq!(
        (stats.lost, stats.late, stats.restarts),
        (0, 0, 0),
        "{stats:?}"
    );
    assert!(out.iter().filter(|p| **p == Playout::Gap).count() > 180);
    assert!(
        out.iter()
            .filter(|p| matches!(p, Playout::Frame(_)))
            .count()
            >= 74
    );
}

#[test]
fn a_timestamp_jump_begins_a_new_stream_at_once() {
    let mut buffer = JitterBuffer::default();
    let mut tone = Tone::new(200.0, -20.0);
    let mut out = Vec::new();
    for tick in 0..100u64 {
        let base = if tick < 50 { 1000 } else { 3_000_000_000u32 };
        let ts = base.wrapping_add(tick as u32 * 160);
        buffer.push(tick as u16, ts, tick == 50, &tone.frame(), Ms(tick * 20));
        out.push(buffer.pop(Ms(tick * 20)));
    }
    assert_eq!(buffer.stats().restarts, 1);
    assert!(out[56..].iter().all(|p| matches!(p, Playout::Frame(_))));
}

#[test]
fn nothing_a_sender_does_panics_or_grows_memory() {
    let mut random = Random::new(8);
    let mut buffer = JitterBuffer::default();
    let samples = [5i16; 4000];
    for i in 0..100_000u64 {
        let r = random.next();
        let len = (random.next() % 1200) as usize;
        let ts = if r.is_multiple_of(3) {
            random.next() as u32
        } else {
            i as u32 * 160
        };
        let seq = if r.is_multiple_of(5) {
            random.next() as u16
        } else {
            i as u16
        };
        buffer.push(seq, ts, r.is_multiple_of(7), &samples[..len], Ms(i * 10));
        if r.is_multiple_of(2) {
            buffer.pop(Ms(i * 10));
        }
        assert!(buffer.packets.len() <= MAX_PACKETS);
    }
}

#[test]
fn keys_and_comfort_noise_between_sound_are_no_loss() {
    let mut buffer = JitterBuffer::default();
    let mut tone = Tone::new(200.0, -20.0);
    let mut out = Vec::new();
    for tick in 0..200u64 {
        let (seq, now) = (tick as u16, Ms(tick * 20));
        match tick % 50 {
            40..47 => buffer.other(seq),
            _ => buffer.push(seq, tick as u32 * 160, false, &tone.frame(), now),
        }
        out.push(buffer.pop(now));
    }
    let stats = buffer.stats();
    assert_eq!(
        (stats.lost, stats.late, stats.concealed),
        (0, 0, 0),
        "{stats:?}"
    );
    assert!(out[2..].iter().filter(|p| **p == Playout::Gap).count() >= 21);
}
