//! The campaigns of a server: each runs, pauses and stops on its own, all share the trunks.

use super::dialer::{Dialer, Launch, Plan};
use super::lane::Lane;
use super::pacing::Event as Paced;
use crate::store::{CampaignId, CampaignState, Store, StoreError};
use crate::terms::Clock;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use thiserror::Error;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

/// What a campaign needs to dial.
pub struct Prepared {
    pub launch: Arc<dyn Launch>,
    pub plan: Plan,
    pub lane: Lane,
}

/// Gets a campaign ready: its dialplans loaded and rendered, its trunk found. The error is for the one who pressed start.
pub trait Prepare: Send + Sync {
    fn prepare(
        &self,
        campaign: CampaignId,
    ) -> Pin<Box<dyn Future<Output = Result<Prepared, String>> + Send>>;
}

#[derive(Debug, Error)]
pub enum ManagerError {
    #[error("{0}")]
    NotReady(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

const BROKEN: &str = "dialling stopped: too many calls failed for technical reasons; look at the trunk, then start again";

/// A campaign's run changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunChanged {
    pub campaign: CampaignId,
    pub state: CampaignState,
}

/// How a campaign's run is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunState {
    /// Dialling, or waiting for the next lead to fall due.
    pub running: bool,
    /// It is being made ready: dialplans are checked and rendered.
    pub preparing: bool,
    /// Why it does not dial although it should.
    pub problem: Option<String>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Manager(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    prepare: Arc<dyn Prepare>,
    runs: Mutex<BTreeMap<CampaignId, Run>>,
    changed: broadcast::Sender<RunChanged>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Default)]
struct Run {
    /// Grows with each start, so that a run that ends late does not speak for the one after it.
    number: u64,
    drain: Option<CancellationToken>,
    wake: Arc<Notify>,
    state: RunState,
    lane: Option<Lane>,
}

impl Manager {
    /// Needs a runtime. Cancelling `stop` drains every campaign.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Clock,
        prepare: Arc<dyn Prepare>,
        stop: CancellationToken,
    ) -> Manager {
        Manager(Arc::new(Inner {
            store,
            clock,
            prepare,
            runs: Mutex::default(),
            changed: broadcast::channel(256).0,
            tasks: TaskTracker::new(),
            stop,
        }))
    }

    /// Goes on with what ran when the server went down.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn resume_all(&self) -> Result<(), StoreError> {
        for campaign in self.0.store.campaigns().await? {
            if campaign.state == CampaignState::Running {
                let manager = self.clone();
                self.0.tasks.spawn(async move {
                    if let Err(e) = manager.start(campaign.id).await {
                        warn!("campaign {:?} cannot go on: {e}", campaign.name);
                        manager.problem(campaign.id, e.to_string());
                    }
                });
            }
        }
        Ok(())
    }

    /// Starts a campaign, or goes on with a paused one; an open circuit breaker is closed. One that runs already only
    /// looks for new leads.
    ///
    /// # Errors
    /// It cannot dial (a dialplan with errors, no trunk), in words for the one who pressed start.
    pub async fn start(&self, id: CampaignId) -> Result<(), ManagerError> {
        let Some((number, drain)) = self.begin(id) else {
            return Ok(());
        };
        // Rendering its prompts may take minutes: whoever asked may stop waiting, the campaign gets ready all the same.
        let manager = self.clone();
        let begun = self
            .0
            .tasks
            .spawn(async move { manager.launch(id, number, drain).await });
        begun.await.unwrap_or_else(|e| {
            let why = format!("getting ready broke off: {e}");
            self.ended(id, number, Some(why.clone()));
            Err(ManagerError::NotReady(why))
        })
    }

    /// The new run's number and its drain; `None` when one is under way.
    fn begin(&self, id: CampaignId) -> Option<(u64, CancellationToken)> {
        let mut runs = self.lock();
        let run = runs.entry(id).or_default();
        if let Some(lane) = run.lane.as_ref().filter(|_| run.state.problem.is_some()) {
            lane.on(self.0.clock.unix_ms(), Paced::Resume);
        }
        if (run.state.running || run.state.preparing) && run.drain.is_some() {
            run.wake.notify_one();
            return None;
        }
        run.number += 1;
        let drain = self.0.stop.child_token();
        run.drain = Some(drain.clone());
        run.state = RunState {
            preparing: true,
            ..RunState::default()
        };
        Some((run.number, drain))
    }

    async fn launch(
        &self,
        id: CampaignId,
        number: u64,
        drain: CancellationToken,
    ) -> Result<(), ManagerError> {
        let prepared = match self.0.prepare.prepare(id).await {
            Ok(prepared) => prepared,
            Err(why) => {
                self.ended(id, number, Some(why.clone()));
                return Err(ManagerError::NotReady(why));
            }
        };
        // Paused or stopped meanwhile.
        if drain.is_cancelled() {
            return Ok(());
        }
        self.0
            .store
            .campaign_set_state(id, CampaignState::Running)
            .await?;
        let wake = {
            let mut runs = self.lock();
            let run = runs.entry(id).or_default();
            run.state = RunState {
                running: true,
                ..RunState::default()
            };
            run.lane = Some(prepared.lane.clone());
            run.wake.clone()
        };
        self.tell(id, CampaignState::Running);
        let dialer = Dialer::new(
            self.0.store.clone(),
            self.0.clock.clone(),
            prepared.launch,
            prepared.plan,
            prepared.lane.clone(),
        )
        .woken_by(wake);
        let manager = self.clone();
        self.0.tasks.spawn(async move {
            let ran = dialer.run(drain.clone()).await;
            prepared.lane.leave(id);
            manager
                .run_over(id, number, ran, drain.is_cancelled())
                .await;
        });
        Ok(())
    }

    /// No new calls from now on; live ones go on.
    ///
    /// # Errors
    /// The database cannot be written; the calls are held back all the same.
    pub async fn pause(&self, id: CampaignId) -> Result<(), ManagerError> {
        self.halt(id, CampaignState::Paused).await
    }

    /// As [`Manager::pause`], and meant to stay so.
    ///
    /// # Errors
    /// As [`Manager::pause`].
    pub async fn stop(&self, id: CampaignId) -> Result<(), ManagerError> {
        self.halt(id, CampaignState::Stopped).await
    }

    /// Leads were added: a run that waits looks at once, one that had finished goes on.
    pub fn wake(&self, id: CampaignId) {
        if let Some(run) = self.lock().get(&id) {
            run.wake.notify_one();
        }
    }

    #[must_use]
    pub fn state(&self, id: CampaignId) -> RunState {
        self.lock()
            .get(&id)
            .map(|r| r.state.clone())
            .unwrap_or_default()
    }

    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<RunChanged> {
        self.0.changed.subscribe()
    }

    /// Waits until every run has drained; call it after `stop` was cancelled.
    pub async fn drained(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    async fn halt(&self, id: CampaignId, state: CampaignState) -> Result<(), ManagerError> {
        if let Some(run) = self.lock().get_mut(&id) {
            if let Some(drain) = run.drain.take() {
                drain.cancel();
            }
            run.state = RunState::default();
        }
        self.0.store.campaign_set_state(id, state).await?;
        self.tell(id, state);
        Ok(())
    }

    async fn run_over(
        &self,
        id: CampaignId,
        number: u64,
        ran: Result<super::dialer::RunCounts, StoreError>,
        drained: bool,
    ) {
        let (problem, then) = match ran {
            Err(e) => {
                error!("campaign {}: {e}", id.0);
                (Some(e.to_string()), None)
            }
            Ok(counts) if counts.broken => (Some(BROKEN.to_string()), Some(CampaignState::Paused)),
            Ok(_) if drained => (None, None),
            Ok(counts) => {
                info!(campaign = id.0, calls = counts.calls, "campaign finished");
                if let Err(e) = self.0.store.announce_finished(id).await {
                    warn!("the campaign's end is not told to webhooks: {e}");
                }
                (None, Some(CampaignState::Finished))
            }
        };
        // A run that was started anew meanwhile has its own say.
        if self.ended(id, number, problem)
            && let Some(state) = then
        {
            self.mark(id, state).await;
        }
    }

    async fn mark(&self, id: CampaignId, state: CampaignState) {
        if let Err(e) = self.0.store.campaign_set_state(id, state).await {
            warn!("the campaign's state could not be stored: {e}");
        }
        self.tell(id, state);
    }

    /// True when it was the campaign's current run.
    fn ended(&self, id: CampaignId, number: u64, problem: Option<String>) -> bool {
        let mut runs = self.lock();
        let Some(run) = runs.get_mut(&id).filter(|r| r.number == number) else {
            return false;
        };
        run.drain = None;
        run.state = RunState {
            problem,
            ..RunState::default()
        };
        true
    }

    fn problem(&self, id: CampaignId, why: String) {
        self.lock().entry(id).or_default().state.problem = Some(why);
    }

    fn tell(&self, campaign: CampaignId, state: CampaignState) {
        // Nobody may be watching.
        let _ = self.0.changed.send(RunChanged { campaign, state });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CampaignId, Run>> {
        // Entries are replaced whole; a poisoned lock says nothing about them.
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
