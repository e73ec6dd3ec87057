//! How fast a trunk is dialled: calls per second with a ramp, channels with a reserve for transfers, concurrency, and
//! the circuit breaker.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::VecDeque;

/// One trunk's limits, each a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct PacingRules {
    /// Calls started per second at most; not above 0 means nothing is dialled.
    pub cps: f64,
    /// The rate starts at 1 a second and grows by 1 each time this long passed, ms; 0 starts at full rate.
    pub ramp_step_ms: i64,
    /// Calls the trunk carries at once, agents' legs included.
    pub channels: u32,
    /// Share of the channels kept for transfers to agents, %.
    pub reserve_percent: u32,
    /// Calls of the campaign at once.
    pub concurrency: u32,
    /// The breaker opens when, within this time (ms), …
    pub breaker_window_ms: i64,
    /// … at least this many calls ended …
    pub breaker_min_calls: usize,
    /// … and this share of them for technical reasons, %.
    pub breaker_percent: usize,
}

impl Default for PacingRules {
    fn default() -> Self {
        PacingRules {
            cps: 5.0,
            ramp_step_ms: 10_000,
            channels: 30,
            reserve_percent: 10,
            concurrency: 30,
            breaker_window_ms: 120_000,
            breaker_min_calls: 20,
            breaker_percent: 50,
        }
    }
}

/// What the pacer is told.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An INVITE to a callee left.
    Started,
    /// A call to a callee ended; `technical` when the trunk or we were at fault, not the callee.
    Ended {
        technical: bool,
    },
    /// An agent's leg took a channel of this trunk.
    AgentLegStarted,
    AgentLegEnded,
    /// The trunk asked for a pause (503 with Retry-After), ms from now.
    RetryAfter {
        ms: i64,
    },
    /// An operator looked and wants the breaker closed.
    Resume,
}

/// Why no call may start now.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Too early: at this time (ms) again.
    Until(i64),
    /// When a call ends.
    Channel,
    Concurrency,
    /// The breaker is open: dialling is paused until an operator resumes it.
    Breaker {
        failed: usize,
        of: usize,
    },
}

/// One trunk's pacer. Times are milliseconds of any one clock.
#[derive(Clone, Debug)]
pub struct Pacer {
    rules: PacingRules,
    ramp_from: Option<i64>,
    next_at: i64,
    calls: u32,
    agent_legs: u32,
    /// (when, technical) of the calls that ended within the breaker's window.
    ended: VecDeque<(i64, bool)>,
    open: Option<(usize, usize)>,
    /// The latest time seen, to notice a clock that was set back.
    seen: i64,
}

impl Pacer {
    #[must_use]
    pub fn new(rules: PacingRules) -> Self {
        Pacer {
            rules,
            ramp_from: None,
            next_at: i64::MIN,
            calls: 0,
            agent_legs: 0,
            ended: VecDeque::new(),
            open: None,
            seen: i64::MIN,
        }
    }

    /// Takes in what happened at `now`.
    pub fn on(&mut self, now: i64, event: Event) {
        self.follow(now);
        match event {
            Event::Started => {
                self.calls += 1;
                self.ramp_from.get_or_insert(now);
                self.next_at = now.saturating_add(self.gap_ms(now));
            }
            Event::Ended { technical } => {
                self.calls = self.calls.saturating_sub(1);
                self.judge(now, technical);
            }
            Event::AgentLegStarted => self.agent_legs += 1,
            Event::AgentLegEnded => self.agent_legs = self.agent_legs.saturating_sub(1),
            Event::RetryAfter { ms } => {
                self.next_at = self.next_at.max(now.saturating_add(ms.max(0)));
                // The trunk is overloaded: begin slowly again.
                self.ramp_from = None;
            }
            Event::Resume => {
                self.open = None;
                self.ended.clear();
                self.ramp_from = None;
            }
        }
    }

    /// Whether a call may start at `now`.
    ///
    /// # Errors
    /// What to wait for.
    pub fn may_start(&mut self, now: i64) -> Result<(), Wait> {
        self.follow(now);
        if let Some((failed, of)) = self.open {
            return Err(Wait::Breaker { failed, of });
        }
        if self.calls >= self.rules.concurrency {
            return Err(Wait::Concurrency);
        }
        if self.calls + self.agent_legs.max(self.reserve()) >= self.rules.channels {
            return Err(Wait::Channel);
        }
        if now < self.next_at {
            return Err(Wait::Until(self.next_at));
        }
        Ok(())
    }

    /// Calls to callees that are on now.
    #[must_use]
    pub const fn calls(&self) -> u32 {
        self.calls
    }

    /// A clock that was set back takes every remembered time back with it, so that no wait grows by the jump.
    fn follow(&mut self, now: i64) {
        let back = self.seen.saturating_sub(now);
        if self.seen != i64::MIN && back > 0 {
            self.next_at = self.next_at.saturating_sub(back);
            self.ramp_from = self.ramp_from.map(|t| t.saturating_sub(back));
            for (at, _) in &mut self.ended {
                *at = at.saturating_sub(back);
            }
        }
        self.seen = now;
    }

    /// Channels that agents' legs may use beyond those in use: the reserve, rounded up; none on a trunk of one channel.
    fn reserve(&self) -> u32 {
        if self.rules.channels <= 1 {
            return 0;
        }
        let percent = u64::from(self.rules.reserve_percent.min(100));
        let kept = (u64::from(self.rules.channels) * percent).div_ceil(100);
        u32::try_from(kept)
            .unwrap_or(u32::MAX)
            .min(self.rules.channels - 1)
    }

    /// Milliseconds between two calls at the rate the ramp allows now, rounded up so that the rate is never passed.
    fn gap_ms(&self, now: i64) -> i64 {
        let full = self.rules.cps;
        let ramped = match (self.ramp_from, self.rules.ramp_step_ms) {
            (Some(from), step) if step > 0 => 1.0 + ((now - from).max(0) / step) as f64,
            _ => full,
        };
        let rate = full.min(ramped);
        if rate > 0.0 {
            (1000.0 / rate).ceil() as i64
        } else {
            i64::MAX
        }
    }

    fn judge(&mut self, now: i64, technical: bool) {
        let window = self.rules.breaker_window_ms;
        self.ended.push_back((now, technical));
        while self
            .ended
            .front()
            .is_some_and(|(at, _)| *at <= now - window)
        {
            self.ended.pop_front();
        }
        let of = self.ended.len();
        let failed = self
            .ended
            .iter()
            .filter(|(_, technical)| *technical)
            .count();
        if of >= self.rules.breaker_min_calls && failed * 100 >= of * self.rules.breaker_percent {
            self.open.get_or_insert((failed, of));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts calls as fast as allowed for `for_ms`; each ends `hold_ms` later. Returns the start times.
    fn run(pacer: &mut Pacer, for_ms: i64, hold_ms: i64) -> Vec<i64> {
        let mut starts: Vec<i64> = Vec::new();
        for now in 0..for_ms {
            let over = starts.iter().filter(|t| **t + hold_ms == now).count();
            for _ in 0..over {
                pacer.on(now, Event::Ended { technical: false });
            }
            while pacer.may_start(now).is_ok() {
                pacer.on(now, Event::Started);
                starts.push(now);
            }
        }
        starts
    }

    #[test]
    fn the_rate_climbs_by_one_each_ten_seconds_and_never_passes_the_trunks_limit() {
        let mut pacer = Pacer::new(PacingRules {
            channels: 1000,
            concurrency: 1000,
            ..PacingRules::default()
        });
        let starts = run(&mut pacer, 80_000, 1_000);
        let within = |from: i64, to: i64| starts.iter().filter(|t| (from..to).contains(*t)).count();
        assert_eq!(within(0, 10_000), 10);
        assert_eq!(within(10_000, 20_000), 20);
        assert_eq!(within(60_000, 70_000), 50);
        for from in 0..79_000 {
            assert!(within(from, from + 1_000) <= 5, "at {from}");
        }
    }

    #[test]
    fn a_tenth_of_the_channels_stays_free_for_transfers() {
        let mut pacer = Pacer::new(PacingRules {
            channels: 20,
            concurrency: 100,
            ..PacingRules::default()
        });
        run(&mut pacer, 60_000, i64::MAX / 2);
        assert_eq!(pacer.calls(), 18);
        assert_eq!(pacer.may_start(100_000), Err(Wait::Channel));
        // Agents use the reserve without taking from the callees, and beyond it they do.
        pacer.on(100_000, Event::Ended { technical: false });
        pacer.on(100_000, Event::AgentLegStarted);
        pacer.on(100_000, Event::AgentLegStarted);
        assert_eq!(pacer.may_start(100_000), Ok(()));
        pacer.on(100_000, Event::AgentLegStarted);
        assert_eq!(pacer.may_start(100_000), Err(Wait::Channel));
    }

    #[test]
    fn a_trunk_with_one_channel_still_dials() {
        let mut pacer = Pacer::new(PacingRules {
            channels: 1,
            ..PacingRules::default()
        });
        assert_eq!(pacer.may_start(0), Ok(()));
        pacer.on(0, Event::Started);
        assert_eq!(pacer.may_start(9_999), Err(Wait::Channel));
    }

    #[test]
    fn half_technical_failures_among_twenty_calls_stop_the_dialling_until_resumed() {
        let mut pacer = Pacer::new(PacingRules::default());
        for i in 0..19 {
            pacer.on(i * 100, Event::Started);
            pacer.on(
                i * 100,
                Event::Ended {
                    technical: i % 2 == 0,
                },
            );
        }
        assert_eq!(pacer.may_start(60_000), Ok(()), "19 calls are too few");
        pacer.on(2_000, Event::Ended { technical: false });
        assert_eq!(
            pacer.may_start(60_000),
            Err(Wait::Breaker { failed: 10, of: 20 })
        );
        pacer.on(61_000, Event::Resume);
        assert_eq!(pacer.may_start(61_000), Ok(()));
    }

    #[test]
    fn failures_that_are_long_past_do_not_count() {
        let mut pacer = Pacer::new(PacingRules::default());
        for i in 0..15 {
            pacer.on(i, Event::Ended { technical: true });
        }
        for i in 0..20 {
            pacer.on(130_000 + i, Event::Ended { technical: false });
        }
        assert_eq!(pacer.may_start(140_000), Ok(()));
    }

    #[test]
    fn a_trunk_that_asks_for_a_pause_gets_it_and_a_slow_start_after() {
        let mut pacer = Pacer::new(PacingRules::default());
        pacer.on(0, Event::Started);
        pacer.on(100, Event::RetryAfter { ms: 30_000 });
        assert_eq!(pacer.may_start(30_099), Err(Wait::Until(30_100)));
        assert_eq!(pacer.may_start(30_100), Ok(()));
        pacer.on(30_100, Event::Started);
        assert_eq!(pacer.may_start(30_600), Err(Wait::Until(31_100)));
    }

    #[test]
    fn a_clock_set_back_an_hour_does_not_stop_the_dialling_for_an_hour() {
        let mut pacer = Pacer::new(PacingRules::default());
        pacer.on(3_600_000, Event::Started);
        assert_eq!(pacer.may_start(0), Err(Wait::Until(1_000)));
        assert_eq!(pacer.may_start(1_000), Ok(()));
    }
}
