//! `callsmith dial`: one list, one trunk, until nothing is left to dial. The demo runs the same job on its own trunk.

use super::launcher::{Launcher, Loaded};
use super::live::Live;
use super::meanings::Queue;
use super::reload::{Prepare, Reloading, Source};
use super::sink::{self, StoredOptOuts};
use super::tally::Tallies;
use super::wiring::Engines;
use crate::call::kit::Kit;
use crate::call::outside::Meanings;
use crate::call::registry::Registry;
use crate::campaign::dialer::{Dialer, Plan, RunCounts};
use crate::campaign::pacing::{Pacer, PacingRules};
use crate::campaign::retry::RetryRules;
use crate::campaign::window::Windows;
use crate::desk::agent::Agent;
use crate::desk::desk_task;
use crate::dialogue::traits::Embedder;
use crate::media::port::{Port, PortRange};
use crate::media::recorder::{Recorder, repair_folder};
use crate::media::wheel::Wheel;
use crate::sip::{Endpoint, EndpointConfig, Target, Trunk};
use crate::store::{CampaignId, RecoverRules, Store};
use crate::terms::{Clock, Lang, Line, Phone};
use crate::voice::{Prompt, Studio, filler};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Everything a run of a campaign needs to know.
pub struct Job {
    pub store: Store,
    pub clock: Clock,
    pub campaign: CampaignId,
    pub trunk: Arc<Trunk>,
    pub agents: Vec<Agent>,
    pub dialplans: BTreeMap<Lang, Loaded>,
    /// Where they came from, to take them anew when they change; nothing is watched without it.
    pub watch: Vec<Source>,
    pub data_dir: PathBuf,
    pub bind: SocketAddr,
    /// Address in our SDP; without it, the one that faces the trunk.
    pub media_ip: Option<IpAddr>,
    pub rtp_ports: PortRange,
    pub concurrency: u32,
    pub ring_timeout: Duration,
    pub windows: Windows,
    pub retry: RetryRules,
    pub wait: bool,
    pub record: bool,
    /// The sentence model.
    pub mind: Option<Arc<dyn Embedder>>,
    pub live: Option<Arc<Live>>,
}

/// Call events that may wait for the desk; it reads them as they come.
const DESK_BACKLOG: usize = 4096;

/// Runs the campaign to its end, or until `drain` is cancelled and the live calls are over.
pub async fn run(job: Job, engines: Engines, drain: CancellationToken) -> Result<RunCounts> {
    settle_leftovers(&job).await?;
    let recordings = job.record.then(|| job.data_dir.join("recordings"));
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
            trunks: vec![job.trunk.clone()],
            extra_peers: job.agents.iter().filter_map(agent_address).collect(),
            ..EndpointConfig::new(job.bind)
        },
        stop.clone(),
    )
    .await?;
    let media_ip = match job.media_ip {
        Some(ip) => ip,
        None => {
            let target = Target::Trunk {
                trunk: job.trunk.clone(),
                number: Phone::new("0"),
            };
            endpoint.media_address(&target).await?
        }
    };
    // An address that is not ours or a range that is full would fail every call; better to fail none.
    Port::bind(media_ip, job.rtp_ports, rand::random())?;
    let registry = Registry::default();
    let (events, desk_events) = broadcast::channel(DESK_BACKLOG);
    let desk = tokio::spawn(desk_task::run(job.agents, desk_events, registry.clone()));
    let tallies = Arc::new(Tallies::default());
    let journal = job.store.journal();
    let dialplans = if job.watch.is_empty() {
        Reloading::fixed(job.dialplans)
    } else {
        Reloading::start(
            job.dialplans,
            job.watch,
            Some(prepare(engines.studio.clone())),
            job.mind.clone(),
        )
    };
    let kit = Arc::new(Kit {
        dial: {
            let endpoint = endpoint.clone();
            Box::new(move |invite| endpoint.invite(invite))
        },
        studio: engines.studio,
        recognizer: engines.listening.recognizer,
        vad: engines.listening.vad,
        denoiser: engines.listening.denoiser,
        hearing: engines.listening.hearing,
        wheel: Wheel::start().context("the audio wheel")?,
        rtp_ports: job.rtp_ports,
        media_ip,
        recorder,
        opt_outs: Arc::new(StoredOptOuts(job.store.clone())),
        meanings: job.mind.map(|m| {
            let queue: Arc<dyn Meanings> = Arc::new(Queue::start(m));
            queue
        }),
        outside: Arc::new(super::outside::Http::new()),
        sink: sink::sink(journal.clone(), tallies.clone(), job.live.clone(), events),
        registry,
        rtp_timeout: Duration::from_secs(15),
        agent_ring_timeout: Duration::from_secs(20),
    });
    let pacer = Pacer::new(PacingRules {
        cps: job.trunk.calls_per_second,
        channels: job.trunk.channels,
        concurrency: job.concurrency,
        ..PacingRules::default()
    });
    let launcher = Launcher {
        kit,
        trunk: job.trunk,
        dialplans,
        clock: job.clock.clone(),
        ring_timeout: job.ring_timeout,
        recordings,
        tallies,
        live: job.live,
    };
    let plan = Plan {
        campaign: job.campaign,
        concurrency: job.concurrency,
        windows: job.windows,
        retry: job.retry,
        wait: job.wait,
    };
    let counts = Dialer::new(job.store, job.clock, Arc::new(launcher), plan, pacer)
        .run(drain)
        .await?;
    // Agents' legs may still wait for the answer to their BYE.
    endpoint.drained().await;
    journal.flush().await;
    stop.cancel();
    desk.abort();
    Ok(counts)
}

/// `20000-20999` as a range.
pub fn port_range(text: &str) -> Result<PortRange> {
    let range = text.split_once('-').and_then(|(first, last)| {
        Some(PortRange {
            first: first.trim().parse().ok()?,
            last: last.trim().parse().ok()?,
        })
    });
    range
        // One leg takes an even port and the odd one above it.
        .filter(|r| r.first >= 1024 && r.last > r.first + r.first % 2)
        .with_context(|| {
            format!(
                "--rtp-ports {text}: write the first and the last of a range of ports from 1024 to 65535, such as 20000-20999"
            )
        })
}

/// What an earlier process that died left behind.
async fn settle_leftovers(job: &Job) -> Result<()> {
    let found = job
        .store
        .recover(job.clock.unix_ms(), RecoverRules::default())
        .await?;
    if found != crate::store::Recovered::default() {
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

/// Where an agent's phone sends its signalling from; a name is left to the endpoint's resolver.
fn agent_address(agent: &Agent) -> Option<SocketAddr> {
    let host = agent.uri.split_once('@')?.1.split([';', '?', '>']).next()?;
    host.parse()
        .ok()
        .or_else(|| format!("{host}:5060").parse().ok())
}

/// A changed dialplan's fixed prompts are rendered before a call takes it.
fn prepare(studio: Arc<Studio>) -> Prepare {
    Arc::new(move |loaded| {
        let studio = studio.clone();
        Box::pin(async move {
            let one = BTreeMap::from([(loaded.dialplan.lang, loaded)]);
            render_fixed(&studio, &one, &indicatif::ProgressBar::hidden()).await
        })
    })
}

/// The lines every call will need, before the first call: their sound is in the cache afterwards.
pub async fn render_fixed(
    studio: &Arc<Studio>,
    dialplans: &BTreeMap<Lang, Loaded>,
    progress: &indicatif::ProgressBar,
) -> Result<()> {
    for loaded in dialplans.values() {
        let mut lines = crate::dialogue::fixed_lines(&loaded.dialplan);
        lines.extend(
            lines
                .first()
                .into_iter()
                .flat_map(filler::lines)
                .collect::<Vec<_>>(),
        );
        let own = Arc::new(studio.with_words(&loaded.dialplan.words())?);
        render_all(&own, lines, &loaded.dir, progress)
            .await
            .with_context(|| format!("dialplan {}", loaded.dialplan.name))?;
    }
    Ok(())
}

/// Renders lines side by side, as many at once as the studio has workers; the sounds in the order of the lines.
pub async fn render_all(
    studio: &Arc<Studio>,
    lines: Vec<Line>,
    dir: &Path,
    progress: &indicatif::ProgressBar,
) -> Result<Vec<Arc<Prompt>>> {
    progress.inc_length(lines.len() as u64);
    let mut work = JoinSet::new();
    let mut sounds = vec![None; lines.len()];
    for (i, line) in lines.into_iter().enumerate() {
        let (studio, dir) = (studio.clone(), dir.to_path_buf());
        work.spawn(async move {
            let sound = studio.render(&line, &dir, false).await;
            (i, sound.with_context(|| format!("{:?}", line.text)))
        });
    }
    while let Some(done) = work.join_next().await {
        let (i, sound) = done?;
        sounds[i] = Some(sound?);
        progress.inc(1);
    }
    Ok(sounds.into_iter().flatten().collect())
}

/// Reads, checks and names the dialplans, one a language.
pub fn load_dialplans(
    files: &[PathBuf],
    mind: Option<&Arc<dyn Embedder>>,
) -> Result<BTreeMap<Lang, Loaded>> {
    let mut all: BTreeMap<Lang, Loaded> = BTreeMap::new();
    for file in files {
        let loaded = Loaded {
            dialplan: Arc::new(super::check::load_with(file, mind)?),
            dir: file.parent().map(PathBuf::from).unwrap_or_default(),
        };
        let lang = loaded.dialplan.lang;
        let taken = all.insert(lang, loaded.clone());
        if taken.is_some_and(|t| t.dialplan.lang == lang) {
            anyhow::bail!(
                "{}: another dialplan is for language {lang} already; give one dialplan for each language",
                file.display()
            );
        }
        // A file of several languages also stands for each that no other file begins in.
        for other in loaded.dialplan.tongues.keys() {
            all.entry(*other).or_insert_with(|| loaded.clone());
        }
    }
    Ok(all)
}
