//! `callsmith demo`: the whole chain on one machine. A separate process plays a carrier with callees and agents' phones; the
//! robot imports a list, dials it, and every call is held against its script.

mod carrier;
mod cast;
mod critic;
mod keep;
pub mod noise;
mod report;
mod score;
mod stage;

use super::carrier::Carrier;
use super::cli::DemoArgs;
use super::dial::{self, Job};
use super::live::Live;
use super::{dial_command, results, usage, wiring};
use crate::campaign::list::ListOptions;
use crate::campaign::retry::RetryRules;
use crate::campaign::window::Windows;
use crate::media::port::PortRange;
use crate::store::{CallFilter, Caps, Store, StoreOptions};
use crate::terms::Clock;
use anyhow::{Result, bail};
use cast::Part;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The robot's RTP ports and the far end's must not overlap.
const ROBOT_RTP: PortRange = PortRange {
    first: 21_000,
    last: 21_999,
};
const FAR_RTP: u16 = 23_000;
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Runs the demo; true when every lead ended as its script says.
pub async fn run(args: DemoArgs) -> Result<bool> {
    let began = Instant::now();
    let parts = chosen(&args.only)?;
    if args.keep {
        keep::run(&args, &parts).await?;
        return Ok(true);
    }
    // A demo starts from nothing each time: yesterday's demo must not make today's numbers "called too often".
    // Absolute, because the carrier reads its sounds from another place.
    let data = std::path::absolute(args.data.dir.join("demo"))?;
    stage::clear(&data)?;
    println!("Loading the models");
    let engines = wiring::load(&super::cli::EarArgs::default())?;
    println!("Rendering what will be said (cached: the next run takes no time)");
    let files = stage::files(&data, &parts)?;
    let mind = wiring::mind_or_say();
    let dialplans = dial::load_dialplans(&files.dialplans, mind.as_ref())?;
    let progress = dial_command::bar();
    dial::render_fixed(&engines.studio, &dialplans, &progress).await?;
    stage::render_leads(&engines.studio, &dialplans, &parts, &progress).await?;
    let sounds = stage::render_cast(&engines.studio, &parts, &data, &progress).await?;
    progress.finish_and_clear();
    let ready = began.elapsed();

    let scenario = carrier::scenario(&parts, &sounds, &data, FAR_RTP);
    let mut carrier = Carrier::start(&scenario, &data).await?;
    let files = stage::trunk_and_agents(&data, files, carrier.address, &parts)?;
    let clock = Clock::system();
    let store = Store::open_with(
        &data,
        clock.clone(),
        StoreOptions {
            caps: Caps::NONE,
            ..StoreOptions::default()
        },
    )
    .await?;
    let campaign = store
        .campaign_create("demo", "demo", &files.list.display().to_string())
        .await?;
    dial_command::import(&store, campaign, &files.list, ListOptions::default()).await?;
    let job = Job {
        store: store.clone(),
        clock,
        campaign,
        trunk: files.trunk,
        agents: files.agents,
        dialplans,
        watch: Vec::new(),
        data_dir: data.clone(),
        bind: SocketAddr::new(LOOPBACK, 0),
        media_ip: Some(LOOPBACK),
        rtp_ports: ROBOT_RTP,
        concurrency: args.concurrency,
        ring_timeout: Duration::from_secs(8),
        windows: Windows::always(),
        // One try each: a retry would blur what the script expects.
        retry: RetryRules {
            max_attempts: 1,
            ..RetryRules::default()
        },
        wait: false,
        mind,
        record: true,
        live: Some(Arc::new(Live::default())),
    };
    println!("Dialling {} leads\n", parts.len());
    let (cpu, calling) = (usage::cpu_seconds(), Instant::now());
    dial::run(job, engines, CancellationToken::new()).await?;
    let (cpu, calling) = (usage::cpu_seconds() - cpu, calling.elapsed());
    let wire = carrier.stop().await?;

    let calls = store.calls(&CallFilter::default(), 1000).await?;
    let mut leads = Vec::new();
    for part in &parts {
        let call = calls
            .iter()
            .find(|c| c.name.as_deref() == Some(part.lead))
            .and_then(|c| c.call.clone());
        let record = match call {
            Some(call) => store.show(&call.0).await?,
            None => None,
        };
        let mut lead = report::lead_report(
            part,
            record.as_ref(),
            &carrier::latencies(&wire, part, &parts),
            &data,
        );
        critic::complain(part, record.as_ref(), &data, &store, &mut lead.complaints).await;
        leads.push(lead);
    }
    let talk_s: f64 = leads.iter().map(|l| l.talk_ms as f64 / 1000.0).sum();
    let cost = json!({
        "cpu_percent_of_a_core_per_live_call": round(100.0 * cpu / talk_s.max(1.0)),
        "resident_mib": round(usage::resident_mib()),
        "prepare_s": round(ready.as_secs_f64()),
        "calling_s": round(calling.as_secs_f64()),
    });
    finish(&store, &data, &leads, cost, args.json).await?;
    if let Some(dir) = &args.keep_report {
        carrier::keep(&data, dir)?;
    }
    store.close().await;
    Ok(leads.iter().all(report::LeadReport::as_expected))
}

async fn finish(
    store: &Store,
    data: &Path,
    leads: &[report::LeadReport],
    cost: serde_json::Value,
    as_json: bool,
) -> Result<()> {
    println!("\n{}", report::table(leads));
    let t = report::totals(leads);
    println!(
        "{} of {} leads as expected, {} bridged; turn latency on the wire p50 {} ms, p95 {} ms; recognised: zh {} of characters wrong, en {} of words wrong",
        t.as_expected,
        t.calls,
        t.bridged,
        t.p50.map_or("–".into(), |v| v.to_string()),
        t.p95.map_or("–".into(), |v| v.to_string()),
        percent(t.zh.rate()),
        percent(t.en.rate()),
    );
    let (csv, _) = results::write(store, "demo", data).await?;
    println!("{cost}");
    println!(
        "results: {}   look at one call: callsmith show CALL --data {}",
        csv.display(),
        data.display()
    );
    if as_json {
        println!("{}", report::json(leads, cost));
    }
    Ok(())
}

fn chosen(only: &[String]) -> Result<Vec<&'static Part>> {
    let all = cast::cast();
    if only.is_empty() {
        return Ok(all.iter().collect());
    }
    let mut parts = Vec::new();
    for name in only {
        match all.iter().find(|p| p.name == name) {
            Some(part) => parts.push(part),
            None => {
                let names: Vec<&str> = all.iter().map(|p| p.name).collect();
                bail!(
                    "no lead of the demo is called {name:?}; there are {}",
                    names.join(", ")
                );
            }
        }
    }
    Ok(parts)
}

fn percent(rate: Option<f64>) -> String {
    rate.map_or("–".into(), |r| format!("{:.1} %", r * 100.0))
}

fn round(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}
