//! A human's audio line that is no SIP leg: a browser's. The desk owns a [`Line`] for as long as the human is signed in and
//! plugs browsers into it; a call holds its [`Tap`]. A browser that reconnects is another [`Plug`] into the same line, so
//! the call goes on without doing anything.

use crate::audio::g711::Law;
use crate::audio::{FRAME, Frame};
use crate::media::fresh::Fresh;
use crate::media::jitter::{JitterBuffer, JitterStats, Playout};
use crate::media::port::Incoming;
use crate::terms::{CallId, Ms};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Packets from a browser that may wait for the call's next tick: 1 s.
const IN_WAITING: usize = 50;
/// Frames that may wait for a browser to be sent, 200 ms: what is older is worth nothing in a conversation.
const OUT_WAITING: usize = 10;
/// Bytes of a packet that are taken: 120 ms.
const LONGEST: usize = 960;

/// One RTP packet's worth of a human's voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub seq: u16,
    /// In samples, 8000 a second.
    pub timestamp: u32,
    /// PCMU; 160 bytes are 20 ms.
    pub payload: Bytes,
}

/// What a line carried since it was made.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct LineStats {
    pub received: u64,
    pub sent: u64,
    /// Packets given up because the call did not take them in time.
    pub dropped_in: u64,
    /// Frames given up because the browser did not take them in time.
    pub dropped_out: u64,
}

/// One human's line. Clones are the same line.
#[derive(Clone, Debug)]
pub struct Line(Arc<Inner>);

impl PartialEq for Line {
    fn eq(&self, other: &Line) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Debug)]
struct Inner {
    id: String,
    name: String,
    state: Mutex<State>,
    /// Told when a frame waits for the browser, or another browser took its place.
    outgoing: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the newest plug; the others are out of it.
    plug: u64,
    plugged: bool,
    from_browser: VecDeque<Packet>,
    /// A sign of life without sound since the call looked last.
    alive: bool,
    to_browser: VecDeque<Bytes>,
    call: Option<CallId>,
    stats: LineStats,
}

impl Line {
    /// `id` is the human's own (unique), `name` what others read.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Line {
        Line(Arc::new(Inner {
            id: id.into(),
            name: name.into(),
            state: Mutex::default(),
            outgoing: Notify::new(),
        }))
    }

    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Plugs a browser in, in the place of the one before, if any. It is unplugged when the plug is dropped.
    #[must_use]
    pub fn plug(&self) -> Plug {
        let mut state = self.lock();
        state.plug += 1;
        state.plugged = true;
        state.from_browser.clear();
        state.to_browser.clear();
        let number = state.plug;
        drop(state);
        self.0.outgoing.notify_waiters();
        Plug {
            line: self.clone(),
            number,
        }
    }

    /// A browser is plugged in.
    #[must_use]
    pub fn plugged(&self) -> bool {
        self.lock().plugged
    }

    /// The call that holds this line now.
    #[must_use]
    pub fn in_call(&self) -> Option<CallId> {
        self.lock().call.clone()
    }

    #[must_use]
    pub fn stats(&self) -> LineStats {
        self.lock().stats
    }

    /// Takes the line for a call, until the tap is dropped. `None` while a call holds it.
    #[must_use]
    pub fn attach(&self, call: &CallId) -> Option<Tap> {
        let mut state = self.lock();
        if state.call.is_some() {
            return None;
        }
        state.call = Some(call.clone());
        state.from_browser.clear();
        state.to_browser.clear();
        let plug = state.plug;
        drop(state);
        Some(Tap {
            line: self.clone(),
            plug,
            jitter: JitterBuffer::default(),
            fresh: Fresh::default(),
            ever: false,
            last_packet: None,
            waiting: VecDeque::new(),
            samples: Vec::with_capacity(FRAME),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Queues and counters are whole after any panic.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A browser's side of a line. Once another one was plugged in, it takes and gives nothing.
#[derive(Debug)]
pub struct Plug {
    line: Line,
    number: u64,
}

impl Plug {
    /// A packet from the browser; never waits. While no call holds the line it is thrown away.
    pub fn packet(&self, packet: Packet) {
        let mut state = self.line.lock();
        if state.plug != self.number || state.call.is_none() || packet.payload.is_empty() {
            return;
        }
        state.stats.received += 1;
        if state.from_browser.len() >= IN_WAITING {
            state.from_browser.pop_front();
            state.stats.dropped_in += 1;
        }
        state.from_browser.push_back(packet);
    }

    /// The browser is there although it sends no sound (RTCP, a keep-alive, silence suppression).
    pub fn alive(&self) {
        let mut state = self.line.lock();
        state.alive |= state.plug == self.number;
    }

    /// The next 20 ms for the browser, 160 bytes of PCMU; `None` once another browser took this one's place. May be
    /// dropped while it waits; one task at a time waits here.
    pub async fn next(&self) -> Option<Bytes> {
        loop {
            let told = self.line.0.outgoing.notified();
            tokio::pin!(told);
            // Registered before looking, so that a frame that comes in between is not slept through.
            told.as_mut().enable();
            {
                let mut state = self.line.lock();
                if state.plug != self.number {
                    return None;
                }
                if let Some(frame) = state.to_browser.pop_front() {
                    return Some(frame);
                }
            }
            told.await;
        }
    }

    /// Whether this is the browser the line talks to.
    #[must_use]
    pub fn current(&self) -> bool {
        self.line.lock().plug == self.number
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        let mut state = self.line.lock();
        if state.plug == self.number {
            state.plugged = false;
            state.to_browser.clear();
        }
    }
}

/// A call's side of a line: a frame in and a frame out each tick, whatever the browser does. Dropped, the line is free.
#[derive(Debug)]
pub struct Tap {
    line: Line,
    /// The plug whose packets are in the jitter buffer.
    plug: u64,
    jitter: JitterBuffer,
    fresh: Fresh,
    ever: bool,
    /// When the last sign of life came, or when waiting for the first began.
    last_packet: Option<Ms>,
    /// Reused from tick to tick.
    waiting: VecDeque<Packet>,
    samples: Vec<i16>,
}

impl Tap {
    #[must_use]
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Takes what came and fills in this tick's frame, like a SIP leg's port. Call it once every 20 ms.
    pub fn tick(&mut self, now: Ms, got: &mut Incoming) {
        got.digits.clear();
        got.fresh.clear();
        got.first_packet = false;
        let (plug, alive) = {
            let mut state = self.line.lock();
            std::mem::swap(&mut state.from_browser, &mut self.waiting);
            (state.plug, std::mem::take(&mut state.alive))
        };
        if plug != self.plug {
            // Another browser counts its packets anew.
            self.plug = plug;
            self.jitter.restart();
            self.fresh.restart();
        }
        if alive || self.last_packet.is_none() {
            self.last_packet = Some(now);
        }
        while let Some(packet) = self.waiting.pop_front() {
            got.first_packet |= !self.ever;
            self.ever = true;
            self.last_packet = Some(now);
            self.samples.clear();
            let payload = &packet.payload[..packet.payload.len().min(LONGEST)];
            Law::Mu.decode(payload, &mut self.samples);
            self.jitter
                .push(packet.seq, packet.timestamp, false, &self.samples, now);
            self.fresh.push(packet.seq, &self.samples, &mut got.fresh);
        }
        got.concealed = false;
        got.frame = self.ever.then(|| {
            let playout = self.jitter.pop(now);
            got.concealed = matches!(playout, Playout::Concealed(_));
            *playout.frame()
        });
        got.silent_ms = self.last_packet.map_or(0, |at| now.since(at));
    }

    /// Counts silence from here on: whoever was not to be heard so far need not have sent anything.
    pub fn count_anew(&mut self) {
        self.last_packet = None;
    }

    /// Gives the browser its 20 ms; never waits, and drops the oldest when the browser does not keep up.
    pub fn send(&mut self, frame: &Frame) {
        let bytes = Bytes::copy_from_slice(&Law::Mu.encode_frame(frame));
        let mut state = self.line.lock();
        if !state.plugged {
            return;
        }
        if state.to_browser.len() >= OUT_WAITING {
            state.to_browser.pop_front();
            state.stats.dropped_out += 1;
        }
        state.to_browser.push_back(bytes);
        state.stats.sent += 1;
        drop(state);
        self.line.0.outgoing.notify_waiters();
    }

    #[must_use]
    pub fn stats(&self) -> JitterStats {
        self.jitter.stats()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let mut state = self.line.lock();
        state.call = None;
        state.from_browser.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone::{Tone, level_of};

    fn call(id: &str) -> CallId {
        CallId(id.into())
    }

    /// A browser that sends a tone.
    struct Browser {
        plug: Plug,
        tone: Tone,
        seq: u16,
        ts: u32,
    }

    impl Browser {
        fn new(line: &Line, hz: f64, seq: u16, ts: u32) -> Browser {
            Browser {
                plug: line.plug(),
                tone: Tone::new(hz, -20.0),
                seq,
                ts,
            }
        }

        fn speak(&mut self) {
            let payload = Law::Mu.encode_frame(&self.tone.frame());
            self.plug.packet(Packet {
                seq: self.seq,
                timestamp: self.ts,
                payload: Bytes::copy_from_slice(&payload),
            });
            self.seq = self.seq.wrapping_add(1);
            self.ts = self.ts.wrapping_add(160);
        }
    }

    /// Ticks of both sides; what the call hears.
    fn ticks(browser: &mut Browser, tap: &mut Tap, from: u64, n: u64) -> Vec<i16> {
        let mut heard = Vec::new();
        let mut got = Incoming::default();
        for i in 0..n {
            browser.speak();
            tap.tick(Ms((from + i) * 20), &mut got);
            heard.extend(got.frame.unwrap_or([0; FRAME]));
            assert_eq!(got.silent_ms, 0);
        }
        heard
    }

    #[test]
    fn a_browser_that_reconnects_goes_on_in_the_same_call() {
        let line = Line::new("7", "Li");
        let mut tap = line.attach(&call("a")).unwrap();
        let mut first = Browser::new(&line, 500.0, 65_530, u32::MAX - 500);
        let heard = ticks(&mut first, &mut tap, 0, 50);
        assert!(level_of(&heard[1600..], 500.0) > -22.0);
        let mut second = Browser::new(&line, 900.0, 3, 77);
        first.speak();
        drop(first);
        assert!(line.plugged(), "the old browser's end unplugs nobody");
        let heard = ticks(&mut second, &mut tap, 50, 50);
        assert!(level_of(&heard[1600..], 900.0) > -22.0);
        assert!(level_of(&heard[1600..], 500.0) < -55.0);
        drop(second);
        assert!(!line.plugged());
    }

    #[test]
    fn a_browser_that_is_gone_is_silent_and_one_that_only_says_nothing_is_not() {
        let line = Line::new("7", "Li");
        let mut tap = line.attach(&call("a")).unwrap();
        let mut browser = Browser::new(&line, 500.0, 0, 0);
        ticks(&mut browser, &mut tap, 0, 10);
        let mut got = Incoming::default();
        tap.tick(Ms(1180), &mut got);
        assert_eq!(got.silent_ms, 1000);
        tap.count_anew();
        tap.tick(Ms(1190), &mut got);
        assert_eq!(got.silent_ms, 0);
        tap.tick(Ms(2190), &mut got);
        assert_eq!(got.silent_ms, 1000);
        browser.plug.alive();
        tap.tick(Ms(2200), &mut got);
        assert_eq!(got.silent_ms, 0);
    }

    #[test]
    fn one_call_at_a_time_holds_the_line() {
        let line = Line::new("7", "Li");
        let tap = line.attach(&call("a")).unwrap();
        assert!(line.clone().attach(&call("b")).is_none());
        assert_eq!(line.in_call(), Some(call("a")));
        drop(tap);
        assert!(line.attach(&call("b")).is_some());
    }

    #[test]
    fn whoever_does_not_take_the_sound_in_time_loses_the_oldest_and_blocks_nobody() {
        let line = Line::new("7", "Li");
        let mut tap = line.attach(&call("a")).unwrap();
        let mut browser = Browser::new(&line, 500.0, 0, 0);
        for _ in 0..100 {
            browser.speak();
            tap.send(&[0; FRAME]);
        }
        let stats = line.stats();
        assert_eq!(stats.dropped_in, 100 - IN_WAITING as u64);
        assert_eq!(stats.dropped_out, 100 - OUT_WAITING as u64);
    }

    #[tokio::test]
    async fn the_browser_gets_frames_as_they_come_and_is_told_when_it_was_replaced() {
        let line = Line::new("7", "Li");
        let mut tap = line.attach(&call("a")).unwrap();
        let plug = Arc::new(line.plug());
        let waits = tokio::spawn({
            let plug = plug.clone();
            async move { (plug.next().await, plug.next().await) }
        });
        tokio::task::yield_now().await;
        tap.send(&Tone::new(500.0, -20.0).frame());
        tokio::task::yield_now().await;
        let _other = line.plug();
        let (first, second) = waits.await.unwrap();
        assert_eq!(first.map(|b| b.len()), Some(FRAME));
        assert_eq!(second, None);
        assert!(!plug.current());
    }

    #[test]
    fn packets_of_any_length_are_taken() {
        let line = Line::new("7", "Li");
        let mut tap = line.attach(&call("a")).unwrap();
        let plug = line.plug();
        let mut got = Incoming::default();
        for (seq, len) in [(0u16, 80usize), (1, 240), (2, 0), (3, 5000)] {
            plug.packet(Packet {
                seq,
                timestamp: u32::from(seq) * 240,
                payload: vec![0xFF; len].into(),
            });
            tap.tick(Ms(u64::from(seq) * 20), &mut got);
        }
        assert_eq!(line.stats().received, 3);
        assert!(got.frame.is_some());
    }
}
