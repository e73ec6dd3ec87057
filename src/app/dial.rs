//! `callsmith dial`: one list, one trunk, until nothing is left to dial. The demo runs the same job on its own trunk.

use super::launcher::Loaded;
use super::live::Live;
use super::reload::{Prepare, Reloading, Source};
use super::station::{self, Errand, Station};
use super::wiring::Engines;
use crate::campaign::dialer::{Dialer, Plan, RunCounts};
use crate::campaign::lane::Lane;
use crate::campaign::pacing::{Pacer, PacingRules};
use crate::campaign::retry::RetryRules;
use crate::campaign::window::Windows;
use crate::desk::agent::Agent;
use crate::desk::board::Named;
use crate::desk::desk_task;
use crate::dialogue::traits::Embedder;
use crate::media::port::PortRange;
use crate::sip::Trunk;
use crate::store::{CampaignId, Store, TenantId};
use crate::terms::{Clock, Lang, Line};
use crate::voice::{Prompt, Studio, filler};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

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

/// Runs the campaign to its end, or until `drain` is cancelled and the live calls are over.
pub async fn run(job: Job, engines: Engines, drain: CancellationToken) -> Result<RunCounts> {
    let studio = engines.studio.clone();
    let station = Station::start(
        station::Plan {
            store: job.store.clone(),
            clock: job.clock.clone(),
            trunks: vec![job.trunk.clone()],
            peers: job.agents.iter().filter_map(agent_address).collect(),
            data_dir: job.data_dir,
            bind: job.bind,
            media_ip: job.media_ip,
            rtp_ports: job.rtp_ports,
            record: job.record,
            mind: job.mind.clone(),
            live: job.live,
        },
        engines,
    )
    .await?;
    let desk = tokio::spawn(desk_task::run(
        job.agents,
        station.events(),
        station.registry.clone(),
    ));
    let dialplans = if job.watch.is_empty() {
        Reloading::fixed(job.dialplans)
    } else {
        Reloading::start(job.dialplans, job.watch, Some(prepare(studio)), job.mind)
    };
    let lane = lane(&job.trunk);
    let launcher = station.launcher(Errand {
        tenant: TenantId::PLATFORM,
        campaign: Named::default(),
        trunk: job.trunk,
        dialplans,
        ring_timeout: job.ring_timeout,
    });
    let plan = Plan {
        campaign: job.campaign,
        concurrency: job.concurrency,
        priority: 0,
        windows: job.windows,
        retry: job.retry,
        wait: job.wait,
    };
    let counts = Dialer::new(job.store, job.clock, Arc::new(launcher), plan, lane)
        .run(drain)
        .await?;
    station.close().await;
    desk.abort();
    Ok(counts)
}

/// A trunk's own limits.
pub fn lane(trunk: &Trunk) -> Lane {
    Lane::new(Pacer::new(PacingRules {
        cps: trunk.calls_per_second,
        channels: trunk.channels,
        ..PacingRules::default()
    }))
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

/// Where an agent's phone sends its signalling from; a name is left to the endpoint's resolver.
pub fn agent_address(agent: &Agent) -> Option<SocketAddr> {
    let host = agent.uri.split_once('@')?.1.split([';', '?', '>']).next()?;
    host.parse()
        .ok()
        .or_else(|| format!("{host}:5060").parse().ok())
}

/// A changed dialplan's fixed prompts are rendered before a call takes it.
pub fn prepare(studio: Arc<Studio>) -> Prepare {
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
