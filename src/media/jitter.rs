//! The adaptive jitter buffer: packets in, one frame of 20 ms out each tick, whatever the network did. Pure.
//!
//! Playing begins 40 ms behind the first packet. When nothing is there in time, a frame is concealed *without moving
//! on*, so that a packet that is merely late still plays and the delay has grown by as much as it was late; if it turns
//! out lost, the concealed time is taken as its place. Beyond 200 ms the oldest sound is given up. When the buffer has
//! held more than it needs for seconds, two frames are blended into one.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::conceal::Concealer;
use crate::audio::{FRAME, Frame, SILENCE};
use crate::terms::Ms;
use std::collections::{BTreeMap, BTreeSet};

/// Delay at the start of a stream, in milliseconds.
pub const START_MS: u64 = 40;
/// The delay never grows beyond this, in milliseconds.
pub const CAP_MS: u64 = 200;

const STEP: i64 = FRAME as i64;
const CAP: i64 = CAP_MS as i64 * 8;
/// Packets a sender may make us hold.
const MAX_PACKETS: usize = 64;
/// Samples of the longest packet that is taken whole: 120 ms.
const MAX_SAMPLES: usize = 960;
/// A timestamp this far from what the clock says (1 s) is another stream's.
const JUMP: i64 = 8000;
/// Ticks of calm before the delay shrinks by 20 ms: 5 s, or 1 s when there is much to shed.
const CALM: u32 = 250;
const CALM_MUCH: u32 = 50;
/// After this much concealing in one piece (200 ms) the stream counts as paused.
const PAUSE: i64 = CAP;

/// What a tick plays.
#[derive(Clone, Debug, PartialEq)]
pub enum Playout {
    /// Sound as it was sent.
    Frame(Frame),
    /// At least partly invented for what is missing: nobody should take it for speech that began.
    Concealed(Frame),
    /// The sender sends nothing on purpose (silence suppression), or has not begun.
    Gap,
}

impl Playout {
    /// The sound, silence for a gap.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        match self {
            Playout::Frame(f) | Playout::Concealed(f) => f,
            Playout::Gap => &SILENCE,
        }
    }
}

/// Counters since the buffer was made.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct JitterStats {
    /// Packets that came after their place was played.
    pub late: u64,
    /// Packets whose place was concealed.
    pub lost: u64,
    pub duplicated: u64,
    /// Frames that were at least partly invented.
    pub concealed: u64,
    /// Milliseconds of sound given up because the delay would have grown beyond the cap.
    pub dropped_ms: u64,
    /// Times a stream began anew (timestamp jump).
    pub restarts: u64,
}

#[derive(Clone, Debug)]
struct Packet {
    seq: i64,
    marker: bool,
    samples: Vec<i16>,
}

#[derive(Copy, Clone, Debug, PartialEq)]
enum State {
    /// Nothing to play; the next packet begins a stretch.
    Idle,
    /// The stretch plays from this time on.
    Waiting {
        until: Ms,
    },
    Playing,
}

/// One stream's buffer.
#[derive(Clone, Debug)]
pub struct JitterBuffer {
    packets: BTreeMap<i64, Packet>,
    state: State,
    /// Extended timestamp of the next sample to play.
    play: i64,
    /// Newest extended timestamp, sequence number and the clock's offset from it.
    newest: Option<Newest>,
    /// Sequence numbers seen, bit n being `newest.seq - n`.
    seen: u64,
    /// Numbers of packets that carried something else than sound.
    others: BTreeSet<i64>,
    last_played_seq: Option<i64>,
    /// Samples concealed without moving on since sound ran out.
    stretched: i64,
    target_ms: u64,
    calm_ticks: u32,
    least_slack: i64,
    concealer: Concealer,
    stats: JitterStats,
}

#[derive(Copy, Clone, Debug)]
struct Newest {
    ts: i64,
    seq: i64,
    clock: i64,
}

impl Default for JitterBuffer {
    fn default() -> Self {
        JitterBuffer {
            packets: BTreeMap::new(),
            state: State::Idle,
            play: 0,
            newest: None,
            seen: 0,
            others: BTreeSet::new(),
            last_played_seq: None,
            stretched: 0,
            target_ms: START_MS,
            calm_ticks: 0,
            least_slack: i64::MAX,
            concealer: Concealer::default(),
            stats: JitterStats::default(),
        }
    }
}

impl JitterBuffer {
    /// Takes the samples of one packet of any length up to 120 ms. `now` is when it arrived.
    pub fn push(&mut self, seq: u16, ts: u32, marker: bool, samples: &[i16], now: Ms) {
        if samples.is_empty() {
            return;
        }
        let samples = &samples[..samples.len().min(MAX_SAMPLES)];
        let clock = now.0 as i64 * 8;
        let (mut ext_ts, mut ext_seq) = match self.newest {
            None => (i64::from(ts), i64::from(seq)),
            Some(n) => (
                n.ts + i64::from(ts.wrapping_sub(n.ts as u32) as i32),
                n.seq + i64::from(seq.wrapping_sub(n.seq as u16) as i16),
            ),
        };
        if let Some(n) = self.newest
            && ((clock - n.clock) - (ext_ts - n.ts)).abs() > JUMP
        {
            self.restart();
            self.stats.restarts += 1;
            (ext_ts, ext_seq) = (i64::from(ts), i64::from(seq));
        }
        if self.already_seen(ext_seq) {
            self.stats.duplicated += 1;
            return;
        }
        match self.newest {
            Some(n) if n.ts >= ext_ts => {}
            _ => {
                self.newest = Some(Newest {
                    ts: ext_ts,
                    seq: ext_seq,
                    clock,
                })
            }
        }
        match self.state {
            State::Playing if ext_ts + samples.len() as i64 <= self.play => {
                self.stats.late += 1;
                self.target_ms = (self.target_ms + 20).min(CAP_MS);
                return;
            }
            State::Idle => {
                self.state = State::Waiting {
                    until: now.after(self.target_ms),
                };
                self.play = ext_ts;
                self.stretched = 0;
            }
            // The first packet was overtaken by the second.
            State::Waiting { .. } => self.play = self.play.min(ext_ts),
            State::Playing => {}
        }
        if self.packets.len() >= MAX_PACKETS {
            self.packets.pop_first();
        }
        self.packets.insert(
            ext_ts,
            Packet {
                seq: ext_seq,
                marker,
                samples: samples.to_vec(),
            },
        );
    }

    /// Tells that packet `seq` carried no sound (a key, comfort noise), so that it is not taken for lost.
    pub fn other(&mut self, seq: u16) {
        let Some(n) = self.newest else {
            return;
        };
        let ext = n.seq + i64::from(seq.wrapping_sub(n.seq as u16) as i16);
        self.already_seen(ext);
        self.others.insert(ext);
        if self.others.len() > MAX_PACKETS {
            self.others.pop_first();
        }
    }

    /// This tick's frame. Call it once every 20 ms.
    pub fn pop(&mut self, now: Ms) -> Playout {
        match self.state {
            State::Idle => return self.gap(),
            State::Waiting { until } if now < until => return self.gap(),
            State::Waiting { .. } => self.state = State::Playing,
            State::Playing => {}
        }
        self.forget_played();
        let Some((first, _)) = self.packets.first_key_value() else {
            return self.ran_out();
        };
        // Time that was concealed while waiting for what turns out lost or not sent is not waited for again.
        let gap = (*first - self.play).max(0);
        self.play += gap.min(self.stretched);
        self.stretched = 0;
        self.give_up_beyond_cap();
        if self.may_shrink() {
            return self.shrink();
        }
        self.compose()
    }

    /// Forgets the stream, as when another source takes over; counters stay.
    pub fn restart(&mut self) {
        let (stats, target_ms) = (self.stats, self.target_ms);
        let concealer = std::mem::take(&mut self.concealer);
        *self = JitterBuffer {
            stats,
            target_ms,
            concealer,
            ..JitterBuffer::default()
        };
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> JitterStats {
        self.stats
    }

    /// Milliseconds of sound that wait to be played.
    #[must_use]
    pub fn delay_ms(&self) -> u64 {
        (self.level().max(0) / 8) as u64
    }

    /// True when a packet has ever come in this stream.
    #[must_use]
    pub fn started(&self) -> bool {
        self.newest.is_some()
    }

    fn already_seen(&mut self, seq: i64) -> bool {
        let newest = self.newest.map_or(seq - 1, |n| n.seq);
        let ahead = seq - newest;
        if ahead > 0 {
            self.seen = if ahead >= 64 { 0 } else { self.seen << ahead };
            self.seen |= 1;
            if let Some(n) = &mut self.newest {
                n.seq = seq;
            }
            return false;
        }
        let bit = 1u64.checked_shl((-ahead) as u32).unwrap_or(0);
        let before = self.seen & bit != 0;
        self.seen |= bit;
        before
    }

    /// Packets with sound that are missing between the last one played and `seq`.
    fn missing_before(&self, seq: i64) -> i64 {
        match self.last_played_seq {
            Some(last) if seq > last + 1 => {
                seq - last - 1 - self.others.range(last + 1..seq).count() as i64
            }
            _ => 0,
        }
    }

    fn level(&self) -> i64 {
        self.packets
            .last_key_value()
            .map_or(0, |(ts, p)| ts + p.samples.len() as i64 - self.play)
    }

    fn forget_played(&mut self) {
        while let Some((ts, p)) = self.packets.first_key_value() {
            if ts + p.samples.len() as i64 > self.play {
                break;
            }
            self.packets.pop_first();
        }
    }

    fn gap(&mut self) -> Playout {
        self.concealer.pause(FRAME);
        Playout::Gap
    }

    fn ran_out(&mut self) -> Playout {
        self.stretched += STEP;
        self.calm_ticks = 0;
        if self.stretched > PAUSE {
            self.state = State::Idle;
            return self.gap();
        }
        // What was concealed once counts towards the delay of the next stretch.
        if self.stretched == STEP {
            self.target_ms = (self.target_ms + 20).min(CAP_MS);
        }
        // The sender went over to keys or comfort noise: it has nothing to say.
        if self
            .last_played_seq
            .is_some_and(|last| self.others.contains(&(last + 1)))
        {
            return self.gap();
        }
        let mut frame = SILENCE;
        self.concealer.conceal(&mut frame);
        self.stats.concealed += 1;
        Playout::Concealed(frame)
    }

    fn give_up_beyond_cap(&mut self) {
        let over = self.level() - STEP - CAP;
        if over > 0 {
            let skip = (over + STEP - 1) / STEP * STEP;
            self.play += skip;
            self.stats.dropped_ms += (skip / 8) as u64;
            self.forget_played();
            self.last_played_seq = None;
            self.calm_ticks = 0;
            self.least_slack = i64::MAX;
        }
    }

    fn may_shrink(&mut self) -> bool {
        let slack = self.level() - STEP;
        self.least_slack = self.least_slack.min(slack);
        self.calm_ticks += 1;
        let wait = if self.least_slack >= 5 * STEP {
            CALM_MUCH
        } else {
            CALM
        };
        if self.calm_ticks < wait {
            return false;
        }
        // One frame must stay in hand after one is shed.
        let shrink = self.least_slack >= 2 * STEP;
        self.calm_ticks = 0;
        self.least_slack = i64::MAX;
        self.target_ms = self.target_ms.saturating_sub(20).max(START_MS);
        shrink
    }

    /// Two frames become one, the first fading into the second.
    fn shrink(&mut self) -> Playout {
        let first = self.compose();
        let second = self.compose();
        let mut out = SILENCE;
        for (i, sample) in out.iter_mut().enumerate() {
            let (a, b) = (i32::from(first.frame()[i]), i32::from(second.frame()[i]));
            let w = i as i32;
            *sample = ((a * (FRAME as i32 - w) + b * w) / FRAME as i32) as i16;
        }
        match (first, second) {
            (Playout::Frame(_), Playout::Frame(_)) => Playout::Frame(out),
            (Playout::Gap, Playout::Gap) => Playout::Gap,
            _ => Playout::Concealed(out),
        }
    }

    /// The next 160 samples, from however many packets, gaps and losses they are made.
    fn compose(&mut self) -> Playout {
        let mut frame = SILENCE;
        let (mut at, mut true_samples, mut invented) = (0, 0, 0);
        while at < FRAME {
            self.forget_played();
            let Some((ts, packet)) = self.packets.first_key_value() else {
                // The tail of the frame has not come yet.
                self.concealer.conceal(&mut frame[at..]);
                self.play += (FRAME - at) as i64;
                invented += FRAME - at;
                break;
            };
            if *ts > self.play {
                let n = (FRAME - at).min((*ts - self.play) as usize);
                let meant = self.missing_before(packet.seq) == 0;
                if meant {
                    self.concealer.pause(n);
                } else {
                    self.concealer.conceal(&mut frame[at..at + n]);
                    invented += n;
                }
                at += n;
                self.play += n as i64;
                continue;
            }
            let from = (self.play - ts) as usize;
            let n = (FRAME - at).min(packet.samples.len() - from);
            frame[at..at + n].copy_from_slice(&packet.samples[from..from + n]);
            let missing = self.missing_before(packet.seq);
            // After a long pause a sender may have begun to count anew.
            if missing < 100 || !packet.marker {
                self.stats.lost += missing as u64;
            }
            self.last_played_seq = Some(self.last_played_seq.unwrap_or(packet.seq).max(packet.seq));
            self.concealer.good(&mut frame[at..at + n]);
            at += n;
            true_samples += n;
            self.play += n as i64;
        }
        self.stats.concealed += u64::from(invented > 0);
        match (true_samples, invented) {
            (_, 1..) => Playout::Concealed(frame),
            (0, 0) => Playout::Gap,
            _ => Playout::Frame(frame),
        }
    }
}

#[cfg(test)]
#[path = "jitter_tests.rs"]
mod tests;
