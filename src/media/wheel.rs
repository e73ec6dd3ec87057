//! The one 20 ms timer of all calls: a thread that wakes every 5 ms and ticks a quarter of them, so that the load is
//! spread and every call keeps an even pace. Deadlines are absolute, so nothing drifts; a call that was slow gets one
//! tick that says how many it missed, so it never bursts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

const SLOTS: usize = 4;
const STEP: Duration = Duration::from_millis(5);

/// One tick of 20 ms.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// 20 ms steps since registering, missed ones included.
    pub n: u64,
    /// How many ticks before this one came too fast for the receiver, or were slept through.
    pub missed: u64,
}

/// Makes timers.
#[derive(Debug)]
pub struct Wheel;

impl Wheel {
    /// Starts the thread. It ends when the last handle and every [`Ticks`] are gone.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start() -> std::io::Result<WheelHandle> {
        let slots = Arc::new(Slots::default());
        let weak = Arc::downgrade(&slots);
        std::thread::Builder::new()
            .name("ticks".into())
            .spawn(move || {
                ask_for_priority();
                let mut next = Instant::now() + STEP;
                let mut slot = 0;
                loop {
                    let now = Instant::now();
                    if let Some(wait) = next.checked_duration_since(now) {
                        std::thread::sleep(wait);
                    }
                    let Some(slots) = weak.upgrade() else {
                        return;
                    };
                    let mut rounds = [0; SLOTS];
                    let now = Instant::now();
                    while next <= now {
                        rounds[slot] += 1;
                        slot = (slot + 1) % SLOTS;
                        next += STEP;
                    }
                    for (slot, rounds) in rounds.into_iter().enumerate() {
                        slots.turn(slot, rounds);
                    }
                }
            })?;
        Ok(WheelHandle(slots))
    }

    /// A wheel that is turned by hand, for tests.
    #[must_use]
    pub fn manual() -> (WheelHandle, ManualWheel) {
        let slots = Arc::new(Slots::default());
        (WheelHandle(slots.clone()), ManualWheel(slots))
    }
}

/// Turns a wheel without time.
#[derive(Debug)]
pub struct ManualWheel(Arc<Slots>);

impl ManualWheel {
    /// Ticks everyone `rounds` times at once; 1 is 20 ms.
    pub fn turn(&self, rounds: u64) {
        for slot in 0..SLOTS {
            self.0.turn(slot, rounds);
        }
    }
}

/// Registers timers; cheap to clone.
#[derive(Clone, Debug)]
pub struct WheelHandle(Arc<Slots>);

impl WheelHandle {
    /// A timer in the emptiest slot.
    #[must_use]
    pub fn register(&self) -> Ticks {
        let timer = Arc::new(Timer::default());
        let mut slots = self.0.lock();
        if let Some(slot) = slots.iter_mut().min_by_key(|s| s.len()) {
            slot.push(timer.clone());
        }
        drop(slots);
        Ticks {
            timer,
            n: 0,
            _wheel: self.0.clone(),
        }
    }

    /// Timers registered now.
    #[must_use]
    pub fn timers(&self) -> usize {
        self.0.lock().iter().map(Vec::len).sum()
    }
}

/// One call's timer; dropping it ends it.
#[derive(Debug)]
pub struct Ticks {
    timer: Arc<Timer>,
    n: u64,
    _wheel: Arc<Slots>,
}

impl Ticks {
    /// Waits for the next tick. Safe to cancel: nothing is lost. Never `None` while the wheel turns.
    pub async fn next(&mut self) -> Option<Tick> {
        loop {
            let due = self.timer.due.swap(0, Ordering::AcqRel);
            if due > 0 {
                self.n += due;
                return Some(Tick {
                    n: self.n,
                    missed: due - 1,
                });
            }
            self.timer.wake.notified().await;
        }
    }
}

impl Drop for Ticks {
    fn drop(&mut self) {
        self.timer.gone.store(true, Ordering::Release);
    }
}

#[derive(Debug, Default)]
struct Timer {
    due: AtomicU64,
    gone: AtomicBool,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Slots(Mutex<[Vec<Arc<Timer>>; SLOTS]>);

impl Slots {
    fn lock(&self) -> std::sync::MutexGuard<'_, [Vec<Arc<Timer>>; SLOTS]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, slot: usize, rounds: u64) {
        if rounds == 0 {
            return;
        }
        self.lock()[slot].retain(|timer| {
            if timer.gone.load(Ordering::Acquire) {
                return false;
            }
            timer.due.fetch_add(rounds, Ordering::AcqRel);
            timer.wake.notify_one();
            true
        });
    }
}

/// A higher priority keeps the pace under load; without the right to it the wheel turns all the same.
fn ask_for_priority() {
    // SAFETY: no memory is involved; on Linux 0 means the calling thread.
    let refused = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, -10) } != 0;
    if refused {
        tracing::debug!("the tick thread runs at normal priority (no right to raise it)");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_receiver_gets_one_tick_that_says_what_it_missed() {
        let (wheel, hand) = Wheel::manual();
        let mut ticks = wheel.register();
        hand.turn(1);
        assert_eq!(ticks.next().await, Some(Tick { n: 1, missed: 0 }));
        hand.turn(1);
        hand.turn(3);
        assert_eq!(ticks.next().await, Some(Tick { n: 5, missed: 3 }));
        hand.turn(1);
        assert_eq!(ticks.next().await, Some(Tick { n: 6, missed: 0 }));
    }

    #[tokio::test]
    async fn timers_spread_over_the_slots_and_leave_when_dropped() {
        let (wheel, hand) = Wheel::manual();
        let mut timers: Vec<Ticks> = (0..8).map(|_| wheel.register()).collect();
        assert!(wheel.0.lock().iter().all(|s| s.len() == 2));
        timers.truncate(3);
        hand.turn(1);
        assert_eq!(wheel.timers(), 3);
        for t in &mut timers {
            assert_eq!(t.next().await.map(|t| t.n), Some(1));
        }
    }

    #[tokio::test]
    async fn the_thread_ticks_by_itself() {
        let wheel = Wheel::start().unwrap();
        let mut ticks = wheel.register();
        let mut last = 0;
        for _ in 0..3 {
            let tick = ticks.next().await.unwrap();
            assert!(tick.n > last);
            last = tick.n;
        }
    }
}
