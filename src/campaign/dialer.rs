//! The loop that keeps the lines busy: claims leads that are due, starts their calls as pacing and windows allow, and
//! writes down how each ended and what becomes of the lead.

use super::lane::Lane;
use super::pacing::{Event as Paced, Wait};
use super::retry::{self, Retry, RetryRules};
use super::window::{Gate, Windows};
use super::zones;
use crate::call::effect::Outcome;
use crate::store::recap::FollowUp;
use crate::store::{
    Afterwards, AttemptId, AttemptOutcome, Begun, CallbackWish, CampaignId, ClaimedLead,
    FollowUpWish, LeadNext, NewAttempt, SlotValue, Store, StoreError, TagHit,
};
use crate::terms::{CallId, Clock, Disposition};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

/// What one campaign may do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub campaign: CampaignId,
    pub concurrency: u32,
    /// 1 (first) to 9: of two campaigns that want the last channel, the lower number gets it.
    pub priority: u32,
    pub windows: Windows,
    pub retry: RetryRules,
    /// Wait for leads that fall due later instead of ending when nothing can be dialled now.
    pub wait: bool,
}

/// Which way a call goes.
#[derive(Clone, Debug)]
pub struct Route {
    pub trunk: String,
    pub caller_id: String,
}

/// How a call went, with what was learned in it.
#[derive(Clone, Debug)]
pub struct Ended {
    pub outcome: Outcome,
    pub tags: Vec<TagHit>,
    pub slots: Vec<SlotValue>,
    /// The agent who was bridged.
    pub agent: Option<String>,
    pub recording: Option<String>,
    /// The words that asked to be called back.
    pub callback_evidence: Option<String>,
    pub card: Vec<(String, String)>,
    /// Lasting tags of the contact; `true` takes one away.
    pub contact: Vec<(String, bool)>,
    /// Local time of the callee, campaign, reason.
    pub follow_ups: Vec<FollowUp>,
}

/// Makes the calls; the app wires it to the real thing, the tests to a scripted one.
pub trait Launch: Send + Sync {
    /// The way this lead is to be called; the error is why it cannot be.
    fn route(&self, lead: &ClaimedLead) -> Result<Route, Disposition>;
    /// False while the robot is so far behind that one more call would harm the live ones.
    fn ready(&self) -> bool {
        true
    }
    /// Makes the call and waits for its end.
    fn launch(
        &self,
        call: CallId,
        lead: ClaimedLead,
        route: Route,
    ) -> Pin<Box<dyn Future<Output = Ended> + Send>>;
}

/// What a run did.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    pub calls: u64,
    pub refused: u64,
    /// Leads that wait for a later time.
    pub left: u64,
    /// The circuit breaker ended the run.
    pub broken: bool,
}

pub struct Dialer {
    store: Store,
    clock: Clock,
    launch: Arc<dyn Launch>,
    plan: Plan,
    lane: Lane,
    wake: Arc<Notify>,
    counts: RunCounts,
    /// Failures of the database in a row.
    troubles: u32,
    /// A failure of the database that will not pass: the live calls end, then the run does.
    failed: Option<StoreError>,
    calls: JoinSet<(AttemptId, ClaimedLead, u32, CallId, Ended)>,
}

/// Never look for work more often than this, nor less often than the second.
const SOONEST: Duration = Duration::from_millis(50);
const LATEST: Duration = Duration::from_secs(15);
/// How soon a locked database or an overloaded recogniser is looked at again.
const AGAIN: Duration = Duration::from_secs(1);
/// With no call left, so many failures of the database in a row end the run; each has waited for the lock before.
const TROUBLES: u32 = 10;

impl Dialer {
    #[must_use]
    pub fn new(
        store: Store,
        clock: Clock,
        launch: Arc<dyn Launch>,
        plan: Plan,
        lane: Lane,
    ) -> Self {
        Dialer {
            store,
            clock,
            launch,
            plan,
            lane,
            wake: Arc::default(),
            counts: RunCounts::default(),
            troubles: 0,
            failed: None,
            calls: JoinSet::new(),
        }
    }

    /// Looks for leads at once whenever this is notified.
    #[must_use]
    pub fn woken_by(mut self, wake: Arc<Notify>) -> Self {
        self.wake = wake;
        self
    }

    /// Dials until nothing is left (or, waiting, for ever). Cancelling `drain` starts no more calls and lets the live
    /// ones end.
    ///
    /// # Errors
    /// The database failed for good. No live call is cut off for it: they end first.
    pub async fn run(mut self, drain: CancellationToken) -> Result<RunCounts, StoreError> {
        loop {
            let stopped = drain.is_cancelled() || self.counts.broken || self.failed.is_some();
            let mut wait = LATEST;
            if !stopped {
                match self.start_calls().await {
                    Ok(soon) => wait = soon,
                    Err(e) => wait = self.trouble(e),
                }
            }
            let progress = match self.store.progress(self.plan.campaign).await {
                Ok(progress) => Some(progress),
                Err(e) => {
                    wait = wait.min(self.trouble(e));
                    None
                }
            };
            let stopped = stopped || self.failed.is_some();
            let done = progress.as_ref().is_some_and(|p| {
                let later_only =
                    p.queued > 0 && p.next_at.is_some_and(|at| at > self.clock.unix_ms());
                p.queued == 0 || (later_only && !self.plan.wait)
            });
            if self.calls.is_empty() && (stopped || done) {
                self.counts.left = progress.map_or(0, |p| p.queued);
                return self.failed.map_or(Ok(self.counts), Err);
            }
            tokio::select! {
                Some(ended) = self.calls.join_next(), if !self.calls.is_empty() => match ended {
                    Ok((attempt, lead, attempt_no, call, ended)) => {
                        if let Err(e) = self.finished(attempt, lead, attempt_no, call, ended).await {
                            self.trouble(e);
                        }
                    }
                    // One call's panic is not another's: its attempt is settled by recovery at the next start.
                    Err(e) => error!("a call's task died: {e}"),
                },
                () = tokio::time::sleep(wait) => {}
                () = self.wake.notified() => {}
                () = self.lane.freed() => {}
                () = drain.cancelled(), if !drain.is_cancelled() => info!("draining: no new calls"),
            }
        }
    }

    /// The database failed; says when to try again. What will not pass, or does not, ends the run when no call is live.
    fn trouble(&mut self, e: StoreError) -> Duration {
        self.troubles += 1;
        if e.may_pass() && (self.troubles < TROUBLES || !self.calls.is_empty()) {
            warn!("nothing is dialled until the database works again: {e}");
        } else {
            error!("dialling stops, the live calls may end: {e}");
            self.failed.get_or_insert(e);
        }
        AGAIN
    }

    /// Starts what may be started now; says how long to wait before looking again.
    async fn start_calls(&mut self) -> Result<Duration, StoreError> {
        loop {
            let now = self.clock.unix_ms();
            if self.calls.len() >= self.plan.concurrency as usize {
                return Ok(LATEST);
            }
            if !self.launch.ready() {
                info!("recognition is behind; no new call until it has caught up");
                return Ok(AGAIN);
            }
            match self
                .lane
                .may_start(self.plan.campaign, self.plan.priority, now)
            {
                Ok(()) => {}
                Err(Wait::Until(at)) => return Ok(until(at, now)),
                Err(Wait::Channel | Wait::Concurrency) => return Ok(LATEST),
                Err(Wait::Breaker { failed, of }) => {
                    error!(
                        "{failed} of the last {of} calls failed for technical reasons: dialling stops, look at the trunk"
                    );
                    self.counts.broken = true;
                    return Ok(LATEST);
                }
            }
            let claim = self.store.claim(self.plan.campaign, now, 1).await?;
            self.troubles = 0;
            self.counts.refused += claim.refused.len() as u64;
            let Some(lead) = claim.leads.into_iter().next() else {
                self.lane.leave(self.plan.campaign);
                let next_at = self.store.progress(self.plan.campaign).await?.next_at;
                return Ok(next_at.map_or(LATEST, |at| until(at, now)));
            };
            self.start(now, lead).await?;
        }
    }

    async fn start(&mut self, now: i64, lead: ClaimedLead) -> Result<(), StoreError> {
        // A call the callee asked for at that hour is welcome outside the window; all others are not.
        let zones = zones::of_callee(&lead.phone, lead.tz.as_deref());
        if !lead.is_callback {
            match self.plan.windows.is_open(now, &zones) {
                Gate::Open => {}
                Gate::ClosedUntil(until) => return self.store.release(lead.id, until).await,
                Gate::Never => {
                    self.counts.refused += 1;
                    return self
                        .store
                        .refuse(lead.id, &lead.phone, Disposition::Window, LeadNext::Done)
                        .await;
                }
            }
        }
        let route = match self.launch.route(&lead) {
            Ok(route) => route,
            Err(disposition) => {
                self.counts.refused += 1;
                return self
                    .store
                    .refuse(lead.id, &lead.phone, disposition, LeadNext::Done)
                    .await;
            }
        };
        let call = new_call_id(now);
        let new = NewAttempt {
            lead: lead.id,
            call: call.clone(),
            phone: lead.phone.clone(),
            trunk: route.trunk.clone(),
            caller_id: route.caller_id.clone(),
        };
        match self.store.begin_attempt(&new).await? {
            Begun::Refused(disposition) => {
                self.counts.refused += 1;
                info!(phone = %lead.phone, %disposition, "not dialled");
            }
            Begun::Started { id, attempt_no } => {
                self.lane.on(now, Paced::Started);
                self.counts.calls += 1;
                let work = self.launch.launch(call.clone(), lead.clone(), route);
                self.calls
                    .spawn(async move { (id, lead, attempt_no, call, work.await) });
            }
        }
        Ok(())
    }

    async fn finished(
        &mut self,
        attempt: AttemptId,
        lead: ClaimedLead,
        attempt_no: u32,
        call: CallId,
        ended: Ended,
    ) -> Result<(), StoreError> {
        let now = self.clock.unix_ms();
        let Ended {
            outcome,
            tags,
            slots,
            agent,
            recording,
            callback_evidence,
            card,
            contact,
            follow_ups,
        } = ended;
        let technical = retry::is_trunks_fault(outcome.disposition)
            || outcome.disposition == Disposition::RobotFailure;
        self.lane.on(now, Paced::Ended { technical });
        let zones = zones::of_callee(&lead.phone, lead.tz.as_deref());
        let callback = callback_evidence.map(|evidence| CallbackWish {
            due_unix_ms: outcome
                .callback_at
                .as_deref()
                .and_then(|said| zones::local_to_unix_ms(said, &zones)),
            said: outcome.callback_at.clone(),
            evidence,
        });
        let due = callback.as_ref().and_then(|c| c.due_unix_ms);
        let next = match retry::next(
            outcome.disposition,
            attempt_no,
            outcome.rang,
            due,
            &self.plan.retry,
            now,
        ) {
            Retry::Never => LeadNext::Done,
            Retry::At(at) => LeadNext::At(at),
            // There is one trunk: the lead waits for it.
            Retry::OtherTrunkNow { or_at } => LeadNext::At(or_at),
        };
        let wish = |f: FollowUp| {
            Some(FollowUpWish {
                due_unix_ms: zones::local_to_unix_ms(&f.due, &zones)?,
                campaign: f.campaign,
                reason: f.reason,
            })
        };
        let follow_ups: Vec<FollowUpWish> = follow_ups.into_iter().filter_map(wish).collect();
        // A follow-up of its own campaign brings a lead back that would be done.
        let own = follow_ups.iter().filter(|f| f.campaign.is_none());
        let next = match (next, own.map(|f| f.due_unix_ms).min()) {
            (LeadNext::Done, Some(at)) if outcome.disposition != Disposition::OptOut => {
                LeadNext::At(at)
            }
            (next, _) => next,
        };
        let done = AttemptOutcome {
            attempt,
            call: call.clone(),
            disposition: outcome.disposition,
            result: outcome.result,
            grade: outcome.grade,
            reasons: outcome.reasons,
            cause: outcome.cause,
            ring_ms: outcome.ring_ms,
            talk_ms: outcome.talk_ms,
            bridged: agent,
            recording,
            ended_unix_ms: now,
            tags,
            slots,
            callback,
            after: Afterwards {
                card,
                contact,
                follow_ups,
            },
            next,
        };
        let stored = self.store.finish_attempt(&done).await?;
        if stored == crate::store::Finished::Spooled {
            warn!(%call, "the outcome waits beside the database, which cannot be written now");
        }
        Ok(())
    }
}

fn until(at: i64, now: i64) -> Duration {
    Duration::from_millis((at - now).max(0) as u64).clamp(SOONEST, LATEST)
}

/// Sorts by time, and two processes that start in the same millisecond differ.
fn new_call_id(now: i64) -> CallId {
    CallId(format!("c{now:x}-{:08x}", rand::random::<u32>()))
}
