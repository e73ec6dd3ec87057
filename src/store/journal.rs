//! The journal of everything that happens in calls, written in batches off the media path.

use super::{AttemptState, StoreError, error::sort, outbox, qc, spool::Spool, spool::SpoolLine};
use crate::terms::{CallEvent, CallId, Grade, Happening};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqlitePool;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Events that may wait between the calls and the writer.
const QUEUE: usize = 16_384;
/// A batch goes out when it has this many events, or this much time passed.
const BATCH: usize = 256;
const BATCH_AFTER: Duration = Duration::from_millis(200);
/// How long after a failure the spool is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Events kept in memory when neither the database nor the spool file can be written.
const KEEP: usize = 100_000;
/// Ended calls whose sequence numbers are remembered, for events that come late.
const REMEMBER: usize = 4096;

/// Where calls write what happens. Cheap to clone; never blocks.
#[derive(Clone)]
pub struct Journal {
    to_writer: mpsc::Sender<Order>,
    counts: Arc<Counts>,
    /// The folder stays locked as long as somebody may write.
    _lock: Option<Arc<File>>,
}

/// What the journal had to do, for the operator.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalCounts {
    /// Events in the database.
    pub stored: u64,
    /// Events that went through the spool file because the database could not be written.
    pub spooled: u64,
    /// Lines of the spool file that are in the database by now.
    pub replayed: u64,
    /// Events that are nowhere: the queue was full, or the disk too.
    pub lost: u64,
}

#[derive(Default)]
struct Counts {
    stored: AtomicU64,
    spooled: AtomicU64,
    replayed: AtomicU64,
    lost: AtomicU64,
}

enum Order {
    Write(Box<CallEvent>),
    Trace(SipTrace),
    Flush(oneshot::Sender<()>),
}

impl Journal {
    pub(super) fn start(spool: Arc<Spool>, pool: SqlitePool, lock: Option<Arc<File>>) -> Self {
        let (to_writer, orders) = mpsc::channel(QUEUE);
        let counts = Arc::new(Counts::default());
        let writer = Writer {
            spool,
            pool,
            counts: counts.clone(),
            seqs: Sequences::default(),
            batch: Vec::new(),
            traces: Vec::new(),
        };
        tokio::spawn(writer.run(orders));
        Journal {
            to_writer,
            counts,
            _lock: lock,
        }
    }

    /// Hands an event over. Words that may still change ([`Happening::Partial`]) are not kept.
    pub fn write(&self, event: CallEvent) {
        if matches!(event.what, Happening::Partial { .. }) {
            return;
        }
        if let Err(e) = self.to_writer.try_send(Order::Write(Box::new(event)))
            && self
                .counts
                .lost
                .fetch_add(1, Ordering::Relaxed)
                .is_multiple_of(1000)
        {
            tracing::error!(error = %e, "the journal cannot keep up; events of calls are being lost");
        }
    }

    /// Hands the SIP messages of a leg over. They are for looking at: what cannot be written is dropped.
    pub fn write_trace(&self, trace: SipTrace) {
        if self.to_writer.try_send(Order::Trace(trace)).is_err() {
            tracing::warn!("the journal cannot keep up; a SIP trace is dropped");
        }
    }

    /// Waits until everything handed over so far is in the database or in the spool file.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.to_writer.send(Order::Flush(done)).await.is_ok() {
            let _ = wait.await;
        }
    }

    #[must_use]
    pub fn counts(&self) -> JournalCounts {
        let of = |n: &AtomicU64| n.load(Ordering::Relaxed);
        JournalCounts {
            stored: of(&self.counts.stored),
            spooled: of(&self.counts.spooled),
            replayed: of(&self.counts.replayed),
            lost: of(&self.counts.lost),
        }
    }
}

/// Writes one event and moves the attempt's state forward, inside the caller's transaction.
pub(super) async fn put_event(
    db: &mut SqliteConnection,
    seq: i64,
    event: &CallEvent,
) -> Result<(), sqlx::Error> {
    let json = serde_json::to_string(event).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    sqlx::query(
        "INSERT INTO events (call_id, seq, at_ms, json) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (call_id, seq) DO NOTHING",
    )
    .bind(&event.call.0)
    .bind(seq)
    .bind(i64::try_from(event.at.0).unwrap_or(i64::MAX))
    .bind(json)
    .execute(&mut *db)
    .await?;
    if let Some(state) = state_of(&event.what) {
        sqlx::query(
            "UPDATE attempts SET reached = $2, state = CASE WHEN state = 'ended' THEN state ELSE $3 END \
             WHERE call_id = $1 AND reached < $2",
        )
        .bind(&event.call.0)
        .bind(state.rank())
        .bind(state.code())
        .execute(&mut *db)
        .await?;
    }
    match &event.what {
        Happening::Ended { .. } => qc::close_call(db, &event.call.0).await?,
        // A hot lead is news while the call is live, not only when it is over.
        Happening::Graded {
            grade: Grade::A, ..
        } => {
            let after = i64::try_from(event.at.0).unwrap_or(0);
            outbox::graded_hot(db, &event.call.0, after).await?;
        }
        _ => {}
    }
    Ok(())
}

/// SIP messages of one leg, to be kept with its call.
#[derive(Clone, Debug)]
pub struct SipTrace {
    /// The user part of the Call-ID.
    pub call: String,
    /// When, `in` or `out`, and the text with secrets and numbers masked.
    pub messages: Vec<(i64, &'static str, String)>,
}

async fn put_trace(db: &mut SqliteConnection, trace: &SipTrace) -> Result<(), sqlx::Error> {
    for (seq, (at, dir, text)) in (0_i64..).zip(&trace.messages) {
        sqlx::query(
            "INSERT INTO sip_traces (call_id, seq, at, dir, text) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(&trace.call)
        .bind(seq)
        .bind(at)
        .bind(dir)
        .bind(text)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// The state an event proves. These are what recovery decides by, so they do not wait for a batch to fill.
fn state_of(what: &Happening) -> Option<AttemptState> {
    Some(match what {
        Happening::Ringing { .. } | Happening::EarlyMedia => AttemptState::Ringing,
        Happening::Answered => AttemptState::Talking,
        Happening::Bridged { .. } | Happening::TakenOver { .. } => AttemptState::Bridged,
        _ => return None,
    })
}

fn is_urgent(what: &Happening) -> bool {
    state_of(what).is_some() || matches!(what, Happening::Ended { .. })
}

/// Numbers the events of each call from 0.
#[derive(Default)]
struct Sequences {
    next: BTreeMap<CallId, i64>,
    ended: VecDeque<CallId>,
}

impl Sequences {
    fn take(&mut self, event: &CallEvent) -> i64 {
        let next = self.next.entry(event.call.clone()).or_insert(0);
        let seq = *next;
        *next += 1;
        if matches!(event.what, Happening::Ended { .. }) {
            self.ended.push_back(event.call.clone());
            if self.ended.len() > REMEMBER
                && let Some(old) = self.ended.pop_front()
            {
                self.next.remove(&old);
            }
        }
        seq
    }
}

struct Writer {
    spool: Arc<Spool>,
    pool: SqlitePool,
    counts: Arc<Counts>,
    seqs: Sequences,
    batch: Vec<SpoolLine>,
    traces: Vec<SipTrace>,
}

impl Writer {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            let order = if self.spool.waits() || !self.batch.is_empty() {
                // Something could not be stored: try it again even when no call says anything.
                match tokio::time::timeout(RETRY_AFTER, orders.recv()).await {
                    Ok(order) => order,
                    Err(_) => {
                        self.write_out().await;
                        self.replay().await;
                        continue;
                    }
                }
            } else {
                orders.recv().await
            };
            let Some(order) = order else { break };
            let mut flushes = Vec::new();
            if !self.take(order, &mut flushes) {
                let until = tokio::time::Instant::now() + BATCH_AFTER;
                while self.batch.len() < BATCH {
                    match tokio::time::timeout_at(until, orders.recv()).await {
                        Ok(Some(order)) => {
                            if self.take(order, &mut flushes) {
                                break;
                            }
                        }
                        Ok(None) | Err(_) => break,
                    }
                }
            }
            self.write_out().await;
            if !flushes.is_empty() {
                self.replay().await;
            }
            for done in flushes {
                let _ = done.send(());
            }
        }
        self.write_out().await;
    }

    /// Takes an order in; true when the batch must go out at once.
    fn take(&mut self, order: Order, flushes: &mut Vec<oneshot::Sender<()>>) -> bool {
        match order {
            Order::Write(event) => {
                let urgent = is_urgent(&event.what);
                let seq = self.seqs.take(&event);
                self.batch.push(SpoolLine::Event { seq, event: *event });
                urgent
            }
            Order::Trace(trace) => {
                self.traces.push(trace);
                false
            }
            Order::Flush(done) => {
                flushes.push(done);
                true
            }
        }
    }

    async fn write_out(&mut self) {
        if !self.traces.is_empty() {
            let traces = std::mem::take(&mut self.traces);
            if let Err(e) = self.store_traces(&traces).await {
                tracing::warn!(error = %e, count = traces.len(), "SIP traces are dropped");
            }
        }
        if self.batch.is_empty() {
            return;
        }
        let count = self.batch.len() as u64;
        match self.store_batch().await {
            Ok(()) => {
                self.counts.stored.fetch_add(count, Ordering::Relaxed);
                self.batch.clear();
                if self.spool.waits() {
                    self.replay().await;
                }
            }
            Err(e) => {
                tracing::warn!(error = %e, count, "events of calls go to the spool file");
                match self.spool.append(&self.batch).await {
                    Ok(()) => {
                        self.counts.spooled.fetch_add(count, Ordering::Relaxed);
                        self.batch.clear();
                    }
                    Err(e) => self.hold_on(&e),
                }
            }
        }
    }

    /// Neither database nor file: keep what fits in memory for the next try.
    fn hold_on(&mut self, error: &std::io::Error) {
        tracing::error!(%error, "neither the database nor the spool file can be written");
        if self.batch.len() > KEEP {
            let lost = self.batch.len() - KEEP;
            self.batch.drain(..lost);
            self.counts.lost.fetch_add(lost as u64, Ordering::Relaxed);
        }
    }

    async fn store_traces(&self, traces: &[SipTrace]) -> Result<(), StoreError> {
        let failed = |e| sort(self.spool.database(), e);
        let mut tx = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(failed)?;
        for trace in traces {
            put_trace(&mut tx, trace).await.map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    }

    async fn store_batch(&self) -> Result<(), StoreError> {
        let failed = |e| sort(self.spool.database(), e);
        let mut tx = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(failed)?;
        for line in &self.batch {
            if let SpoolLine::Event { seq, event } = line {
                put_event(&mut tx, *seq, event).await.map_err(failed)?;
            }
        }
        tx.commit().await.map_err(failed)
    }

    async fn replay(&mut self) {
        match self.spool.replay().await {
            Ok(0) => {}
            Ok(n) => {
                self.counts.replayed.fetch_add(n, Ordering::Relaxed);
                tracing::info!(lines = n, "the spool file is in the database");
            }
            Err(e) => tracing::debug!(error = %e, "the spool file has to wait"),
        }
    }
}
