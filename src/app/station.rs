//! What every call of this process shares: the SIP socket, the engines, the audio wheel, the recorder, the streams of
//! events. One run of `dial` has one, a server has one for all its campaigns.

use super::launcher::Launcher;
use super::live::Live;
use super::meanings::Queue;
use super::reload::Reloading;
use super::sink::{self, NoOptOuts, StoredOptOuts};
use super::tally::Tallies;
use super::wiring::Engines;
use crate::call::kit::{Kit, OptOutBook};
use crate::call::outside::Meanings;
use crate::call::registry::Registry;
use crate::desk::board::{Board, Named};
use crate::dialogue::traits::Embedder;
use crate::hearing::traits::{Denoiser, Vad};
use crate::media::port::{Port, PortRange};
use crate::media::recorder::{Recorder, repair_folder};
use crate::media::wheel::Wheel;
use crate::sip::trace::DialogTrace;
use crate::sip::{Endpoint, EndpointConfig, Target, TraceSink, Trunk};
use crate::store::{Journal, RecoverRules, Recovered, SipTrace, Store, TenantId};
use crate::terms::{CallEvent, Clock, Phone};
use anyhow::{Context, Result};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// What a station is made of.
pub struct Plan {
    pub store: Store,
    pub clock: Clock,
    pub trunks: Vec<Arc<Trunk>>,
    /// Addresses that may also send us SIP: agents' phones.
    pub peers: Vec<SocketAddr>,
    pub data_dir: PathBuf,
    pub bind: SocketAddr,
    /// Address in our SDP; without it, the one that faces the trunk.
    pub media_ip: Option<IpAddr>,
    pub rtp_ports: PortRange,
    pub record: bool,
    /// The sentence model.
    pub mind: Option<Arc<dyn Embedder>>,
    /// Prints events as they come.
    pub live: Option<Arc<Live>>,
}

pub struct Station {
    pub kit: Arc<Kit>,
    /// For calls that are only tried: nothing of them is kept, nobody is put on the do-not-call list.
    pub rehearsal: Arc<Kit>,
    pub registry: Registry,
    pub board: Board,
    pub media_ip: IpAddr,
    events: broadcast::Sender<CallEvent>,
    endpoint: Endpoint,
    journal: Journal,
    tallies: Arc<Tallies>,
    recordings: Option<PathBuf>,
    clock: Clock,
    live: Option<Arc<Live>>,
    stop: CancellationToken,
}

/// Whose calls a launcher makes.
pub struct Errand {
    pub tenant: TenantId,
    pub campaign: Named,
    pub trunk: Arc<Trunk>,
    pub dialplans: Reloading,
    pub ring_timeout: Duration,
}

/// Call events that may wait for one reader; readers take them as they come.
const BACKLOG: usize = 8192;

impl Station {
    pub async fn start(plan: Plan, engines: Engines) -> Result<Station> {
        settle_leftovers(&plan.store, &plan.clock).await?;
        let recordings = plan.record.then(|| plan.data_dir.join("recordings"));
        let recorder = match &recordings {
            Some(dir) => {
                std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
                // What a killed run was recording gets its header put right.
                repair_folder(dir).with_context(|| dir.display().to_string())?;
                Some(Recorder::start()?)
            }
            None => None,
        };
        let stop = CancellationToken::new();
        let endpoint = Endpoint::start(
            EndpointConfig {
                trunks: plan.trunks.clone(),
                extra_peers: plan.peers,
                tracer: Some(tracer(plan.store.journal())),
                ..EndpointConfig::new(plan.bind)
            },
            stop.clone(),
        )
        .await?;
        let media_ip = match (plan.media_ip, plan.trunks.first()) {
            (Some(ip), _) => ip,
            (None, Some(trunk)) => {
                let target = Target::Trunk {
                    trunk: trunk.clone(),
                    number: Phone::new("0"),
                };
                endpoint.media_address(&target).await?
            }
            (None, None) => plan.bind.ip(),
        };
        // An address that is not ours or a range that is full would fail every call; better to fail none.
        Port::bind(media_ip, plan.rtp_ports, rand::random())?;
        let registry = Registry::default();
        let board = Board::default();
        let (events, _) = broadcast::channel(BACKLOG);
        let tallies = Arc::new(Tallies::default());
        let journal = plan.store.journal();
        let vad: Arc<dyn Fn() -> Box<dyn Vad> + Send + Sync> = Arc::from(engines.listening.vad);
        let denoiser: Arc<dyn Fn() -> Option<Box<dyn Denoiser>> + Send + Sync> =
            Arc::from(engines.listening.denoiser);
        let wheel = Wheel::start().context("the audio wheel")?;
        let meanings = plan.mind.map(|m| {
            let queue: Arc<dyn Meanings> = Arc::new(Queue::start(m));
            queue
        });
        let outside = Arc::new(super::outside::Http::new());
        let kit = |recorder, opt_outs, sink| {
            let (vad, denoiser, endpoint) = (vad.clone(), denoiser.clone(), endpoint.clone());
            Arc::new(Kit {
                dial: Box::new(move |invite| endpoint.invite(invite)),
                studio: engines.studio.clone(),
                recognizer: engines.listening.recognizer.clone(),
                vad: Box::new(move || vad()),
                denoiser: Box::new(move || denoiser()),
                hearing: engines.listening.hearing.clone(),
                wheel: wheel.clone(),
                rtp_ports: plan.rtp_ports,
                media_ip,
                recorder,
                opt_outs,
                meanings: meanings.clone(),
                outside: outside.clone(),
                sink,
                registry: registry.clone(),
                rtp_timeout: Duration::from_secs(15),
                agent_ring_timeout: Duration::from_secs(20),
            })
        };
        let readers = sink::Readers {
            journal: journal.clone(),
            tallies: tallies.clone(),
            live: plan.live.clone(),
            board: board.clone(),
            clock: plan.clock.clone(),
            events: events.clone(),
        };
        let book: Arc<dyn OptOutBook> = Arc::new(StoredOptOuts(plan.store.clone()));
        let rehearsal = kit(
            None,
            Arc::new(NoOptOuts),
            sink::board_only(board.clone(), plan.clock.clone()),
        );
        let kit = kit(recorder, book, sink::sink(readers));
        Ok(Station {
            kit,
            rehearsal,
            registry,
            board,
            media_ip,
            events,
            endpoint,
            journal,
            tallies,
            recordings,
            clock: plan.clock,
            live: plan.live,
            stop,
        })
    }

    /// Everything that happens in calls from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<CallEvent> {
        self.events.subscribe()
    }

    /// Makes the calls of one campaign.
    #[must_use]
    pub fn launcher(&self, errand: Errand) -> Launcher {
        Launcher {
            kit: self.kit.clone(),
            board: self.board.clone(),
            errand,
            clock: self.clock.clone(),
            recordings: self.recordings.clone(),
            tallies: self.tallies.clone(),
            live: self.live.clone(),
        }
    }

    /// Call it when no call is left: waits for the last answers to BYE and for the journal, then closes the socket.
    pub async fn close(&self) {
        // Agents' legs may still wait for the answer to their BYE.
        self.endpoint.drained().await;
        self.journal.flush().await;
        self.stop.cancel();
    }
}

/// What a call said on the wire goes beside its journal.
fn tracer(journal: Journal) -> TraceSink {
    TraceSink::new(move |trace: DialogTrace| {
        journal.write_trace(SipTrace {
            call: trace.call,
            messages: trace
                .messages
                .into_iter()
                .map(|m| (m.at_unix_ms, m.direction.code(), m.text))
                .collect(),
        });
    })
}

/// What an earlier process that died left behind.
async fn settle_leftovers(store: &Store, clock: &Clock) -> Result<()> {
    let found = store
        .recover(clock.unix_ms(), RecoverRules::default())
        .await?;
    if found != Recovered::default() {
        warn!(
            interrupted = found.interrupted.len(),
            requeued = found.requeued.len(),
            unclaimed = found.unclaimed,
            replayed = found.replayed,
            "an earlier run did not end cleanly; its calls are settled"
        );
    }
    Ok(())
}
