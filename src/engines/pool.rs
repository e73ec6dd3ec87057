//! The few threads that run recognition for all calls. Finals go before candidate scoring, scoring before rough texts; rough
//! texts are dropped first, and counted. A job that panics is answered as failed and its worker goes on.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What waits for whom. Smaller is more urgent.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// A turn is over and somebody waits on the line.
    Final,
    Candidates,
    /// A rough text over a prompt, which may stop it.
    Partial,
    /// A rough text for the screen only.
    Idle,
}

/// How a job ended that did not run to its end.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Unrun {
    /// Its deadline passed while it waited, or there was no room.
    Dropped,
    /// It panicked.
    Panicked,
}

/// One piece of work. `run` does it on a worker; `unrun` is called instead when it is dropped, after it when it panicked.
pub struct Job {
    pub priority: Priority,
    /// How long it may wait in the queue.
    pub patience: Duration,
    pub run: Box<dyn FnOnce() + Send>,
    pub unrun: Box<dyn FnOnce(Unrun) + Send>,
}

/// Counters since the start.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolCounts {
    pub done: u64,
    pub dropped_partials: u64,
    pub dropped_finals: u64,
    pub panicked: u64,
    pub waiting: usize,
}

/// The worker threads; dropping it lets running jobs finish and drops the rest.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    done: AtomicU64,
    dropped_partials: AtomicU64,
    dropped_finals: AtomicU64,
    panicked: AtomicU64,
    workers: usize,
}

#[derive(Default)]
struct Queue {
    /// By urgency, then by age.
    jobs: BTreeMap<(Priority, u64), (Job, Instant)>,
    next: u64,
    running: usize,
    closed: bool,
}

/// Waiting jobs of all kinds; more than this and rough texts are refused, later also finals.
const ROOM: usize = 256;
/// Waiting finals a worker that mean there is no time for rough texts, none for candidate scoring, and none for new calls.
const BUSY: usize = 1;
const FULL: usize = 2;
const BEHIND: usize = 4;

/// How far behind the workers are, and with it what is left out: first rough texts, then candidate scoring, then new calls
/// ([`Pool::overloaded`]). Sound never waits for any of them.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Load {
    Easy,
    /// Texts that somebody waits for queue up: rough texts are not made.
    Busy,
    /// … and nothing is scored.
    Full,
}

impl Pool {
    /// `workers` threads (0: one per core), a little less urgent to the system than the threads that carry sound.
    #[must_use]
    pub fn new(workers: usize) -> Self {
        let workers = match workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            done: AtomicU64::new(0),
            dropped_partials: AtomicU64::new(0),
            dropped_finals: AtomicU64::new(0),
            panicked: AtomicU64::new(0),
            workers,
        });
        let threads = (0..workers)
            .filter_map(|i| {
                let shared = shared.clone();
                std::thread::Builder::new()
                    .name(format!("ear-{i}"))
                    .spawn(move || {
                        be_nice();
                        shared.work();
                    })
                    .inspect_err(|e| tracing::error!("no recognition thread {i}: {e}"))
                    .ok()
            })
            .collect();
        Pool {
            shared,
            workers: threads,
        }
    }

    /// Worker threads.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.shared.workers
    }

    /// Hands in a job; never blocks. Without room the least urgent job is dropped, which may be this one.
    pub fn submit(&self, job: Job) {
        let mut queue = self.shared.lock();
        let load = self.shared.load(&queue);
        let refused = match job.priority {
            Priority::Final => false,
            Priority::Candidates => load >= Load::Full,
            Priority::Partial => load >= Load::Busy,
            // One worker stays free for the text that somebody will wait for in a moment.
            Priority::Idle => {
                !queue.jobs.is_empty() || queue.running + 1 >= self.shared.workers.max(2)
            }
        };
        if queue.closed || refused {
            drop(queue);
            self.shared.give_up(job);
            return;
        }
        let number = queue.next;
        queue.next += 1;
        queue
            .jobs
            .insert((job.priority, number), (job, Instant::now()));
        let spilled = if queue.jobs.len() > ROOM {
            queue.jobs.pop_last()
        } else {
            None
        };
        drop(queue);
        self.shared.wake.notify_one();
        if let Some((_, (job, _))) = spilled {
            self.shared.give_up(job);
        }
    }

    /// Finals wait so long that new calls should not be started.
    #[must_use]
    pub fn overloaded(&self) -> bool {
        self.shared.lock().finals() >= BEHIND * self.shared.workers
    }

    /// How far behind the workers are.
    #[must_use]
    pub fn load(&self) -> Load {
        self.shared.load(&self.shared.lock())
    }

    #[must_use]
    pub fn counts(&self) -> PoolCounts {
        let get = |a: &AtomicU64| a.load(Ordering::Relaxed);
        PoolCounts {
            done: get(&self.shared.done),
            dropped_partials: get(&self.shared.dropped_partials),
            dropped_finals: get(&self.shared.dropped_finals),
            panicked: get(&self.shared.panicked),
            waiting: self.shared.lock().jobs.len(),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let left = {
            let mut queue = self.shared.lock();
            queue.closed = true;
            std::mem::take(&mut queue.jobs)
        };
        self.shared.wake.notify_all();
        for (_, (job, _)) in left {
            self.shared.give_up(job);
        }
        let here = std::thread::current().id();
        for worker in self.workers.drain(..) {
            // The last owner may be a job on a worker; that one cannot wait for itself.
            if worker.thread().id() != here {
                let _ = worker.join();
            }
        }
    }
}

impl Queue {
    /// Texts that somebody waits for and no worker has begun.
    fn finals(&self) -> usize {
        self.jobs.range(..(Priority::Candidates, 0)).count()
    }
}

impl Shared {
    fn load(&self, queue: &Queue) -> Load {
        match queue.finals() {
            n if n >= FULL * self.workers => Load::Full,
            n if n >= BUSY * self.workers => Load::Busy,
            _ => Load::Easy,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn work(&self) {
        while let Some((job, since)) = self.next() {
            if since.elapsed() > job.patience {
                self.give_up(job);
            } else {
                let Job { run, unrun, .. } = job;
                if catch_unwind(AssertUnwindSafe(run)).is_err() {
                    self.panicked.fetch_add(1, Ordering::Relaxed);
                    tracing::error!("a recognition job panicked; its worker goes on");
                    let _ = catch_unwind(AssertUnwindSafe(|| unrun(Unrun::Panicked)));
                } else {
                    self.done.fetch_add(1, Ordering::Relaxed);
                }
            }
            self.lock().running -= 1;
        }
    }

    fn next(&self) -> Option<(Job, Instant)> {
        let mut queue = self.lock();
        loop {
            if queue.closed {
                return None;
            }
            if let Some((_, job)) = queue.jobs.pop_first() {
                queue.running += 1;
                return Some(job);
            }
            queue = self.wake.wait(queue).unwrap_or_else(|e| e.into_inner());
        }
    }

    fn give_up(&self, job: Job) {
        let counter = match job.priority {
            Priority::Final => &self.dropped_finals,
            _ => &self.dropped_partials,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        let _ = catch_unwind(AssertUnwindSafe(|| (job.unrun)(Unrun::Dropped)));
    }
}

/// Linux applies the nice value to the calling thread alone.
fn be_nice() {
    #[cfg(target_os = "linux")]
    // SAFETY: changes the scheduling of this thread only; no memory is touched.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, libc::gettid() as libc::id_t, 5);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    type Log = mpsc::Sender<String>;

    fn job(priority: Priority, patience_ms: u64, log: &Log, name: &'static str) -> Job {
        let (ok, bad) = (log.clone(), log.clone());
        Job {
            priority,
            patience: Duration::from_millis(patience_ms),
            run: Box::new(move || ok.send(name.to_owned()).unwrap()),
            unrun: Box::new(move |u| bad.send(format!("{name} {u:?}")).unwrap()),
        }
    }

    /// Occupies the only worker until the returned sender is dropped.
    fn block(pool: &Pool) -> mpsc::Sender<()> {
        let (hold, held) = mpsc::channel::<()>();
        let (begun, begins) = mpsc::channel();
        pool.submit(Job {
            priority: Priority::Final,
            patience: Duration::from_secs(60),
            run: Box::new(move || {
                begun.send(()).unwrap();
                let _ = held.recv();
            }),
            unrun: Box::new(|_| {}),
        });
        begins.recv().unwrap();
        hold
    }

    #[test]
    fn finals_overtake_scoring_and_scoring_overtakes_rough_texts() {
        let (log, got) = mpsc::channel();
        let pool = Pool::new(1);
        let hold = block(&pool);
        pool.submit(job(Priority::Partial, 60_000, &log, "rough"));
        pool.submit(job(Priority::Candidates, 60_000, &log, "score"));
        pool.submit(job(Priority::Final, 60_000, &log, "final"));
        pool.submit(job(Priority::Idle, 60_000, &log, "idle"));
        drop(hold);
        let order: Vec<String> = got.iter().take(4).collect();
        assert_eq!(order, ["idle Dropped", "final", "score", "rough"]);
    }

    #[test]
    fn a_job_that_panics_is_answered_and_the_worker_goes_on() {
        let (log, got) = mpsc::channel();
        let pool = Pool::new(1);
        let mut bad = job(Priority::Final, 60_000, &log, "bad");
        bad.run = Box::new(|| panic!("on purpose"));
        pool.submit(bad);
        pool.submit(job(Priority::Final, 60_000, &log, "next"));
        let order: Vec<String> = got.iter().take(2).collect();
        assert_eq!(order, ["bad Panicked", "next"]);
        assert_eq!(pool.counts().panicked, 1);
    }

    #[test]
    fn a_full_queue_drops_rough_texts_first_and_says_it_is_behind() {
        let (log, got) = mpsc::channel();
        let pool = Pool::new(1);
        let hold = block(&pool);
        assert!(!pool.overloaded());
        pool.submit(job(Priority::Partial, 60_000, &log, "rough"));
        for _ in 0..ROOM {
            pool.submit(job(Priority::Final, 60_000, &log, "final"));
        }
        assert_eq!(got.recv().unwrap(), "rough Dropped");
        assert!(pool.overloaded());
        assert_eq!(pool.counts().dropped_partials, 1);
        assert_eq!(pool.counts().dropped_finals, 0);
        drop(hold);
    }

    #[test]
    fn under_a_growing_backlog_rough_texts_go_first_then_scoring_then_new_calls() {
        let (log, got) = mpsc::channel();
        let pool = Pool::new(1);
        let hold = block(&pool);
        let queue = |priority, name| pool.submit(job(priority, 60_000, &log, name));
        assert_eq!(pool.load(), Load::Easy);
        queue(Priority::Partial, "rough");
        queue(Priority::Candidates, "score");
        assert!(got.try_recv().is_err(), "there is time for all");
        queue(Priority::Final, "final");
        assert_eq!(pool.load(), Load::Busy);
        queue(Priority::Partial, "rough");
        assert_eq!(got.recv().unwrap(), "rough Dropped");
        queue(Priority::Candidates, "score");
        assert!(got.try_recv().is_err(), "scoring has its turn yet");
        queue(Priority::Final, "final");
        assert_eq!(pool.load(), Load::Full);
        queue(Priority::Candidates, "score");
        assert_eq!(got.recv().unwrap(), "score Dropped");
        assert!(!pool.overloaded(), "calls may still begin");
        queue(Priority::Final, "final");
        queue(Priority::Final, "final");
        assert!(pool.overloaded());
        drop(hold);
        let order: Vec<String> = got.iter().take(7).collect();
        assert_eq!(order[..4], ["final", "final", "final", "final"]);
        assert_eq!(pool.load(), Load::Easy);
    }

    #[test]
    fn texts_for_the_screen_leave_a_worker_free() {
        let (log, got) = mpsc::channel();
        let pool = Pool::new(2);
        let hold = block(&pool);
        pool.submit(job(Priority::Idle, 60_000, &log, "idle"));
        assert_eq!(got.recv().unwrap(), "idle Dropped");
        pool.submit(job(Priority::Final, 60_000, &log, "final"));
        assert_eq!(got.recv().unwrap(), "final");
        drop(hold);
    }

    #[test]
    fn a_job_past_its_patience_is_dropped_not_run() {
        let (log, got) = mpsc::channel();
        let pool = Pool::new(1);
        let hold = block(&pool);
        pool.submit(job(Priority::Final, 0, &log, "late"));
        drop(hold);
        assert_eq!(got.recv().unwrap(), "late Dropped");
    }
}
