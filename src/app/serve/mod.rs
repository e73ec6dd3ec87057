//! `callsmith serve`: the console, the API and all campaigns in one process.

mod prepare;
mod sensitive;
mod server;
mod speak;

pub use server::{Parts, Server};

use super::cli::ServeArgs;
use super::station::{self, Station};
use super::{dial, wiring};
use crate::desk::agent;
use crate::desk::browser::BrowserSettings;
use crate::sip::{Endpoint, Trunk};
use crate::store::{Store, StoreOptions};
use crate::terms::Clock;
use crate::web::account;
use anyhow::{Context, Result, bail};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Runs the server until Ctrl-C or SIGTERM; calls that are live may end first.
pub async fn run(args: ServeArgs) -> Result<()> {
    // Everything that can be wrong is looked at before the first engine loads.
    let mut trunks: Vec<Arc<Trunk>> = Vec::new();
    for file in &args.trunk {
        let trunk = Arc::new(Trunk::load(file)?);
        if trunks.iter().any(|t| t.name == trunk.name) {
            bail!(
                "{}: another trunk is called {:?} already; give each its own name",
                file.display(),
                trunk.name
            );
        }
        trunks.push(trunk);
    }
    let agents = match &args.agents {
        Some(file) => agent::load(file)?,
        None => Vec::new(),
    };
    let rtp_ports = dial::port_range(&args.rtp_ports)?;
    Endpoint::may_listen(args.bind)?;
    let listener = TcpListener::bind(args.listen).await.with_context(|| {
        format!(
            "--listen {}: the console's address cannot be used",
            args.listen
        )
    })?;
    let clock = Clock::system();
    let store = Store::open_with(&args.data.dir, clock.clone(), StoreOptions::default()).await?;
    let base_url = args
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", listener.local_addr().unwrap_or(args.listen)));
    let first = account::first_link(&store, &base_url).await?;
    println!("Loading the models");
    let mind = wiring::mind_or_say();
    let engines = wiring::load(&args.ear)?;
    let studio = engines.studio.clone();
    let station = Station::start(
        station::Plan {
            store: store.clone(),
            clock: clock.clone(),
            trunks: trunks.clone(),
            peers: agents.iter().filter_map(dial::agent_address).collect(),
            data_dir: args.data.dir.clone(),
            bind: args.bind,
            media_ip: args.media_ip,
            rtp_ports,
            record: !args.no_recording,
            mind: mind.clone(),
            live: None,
        },
        engines,
    )
    .await?;
    let media_ip = station.media_ip;
    let server = Server::start(
        Parts {
            store: store.clone(),
            clock,
            station: Arc::new(station),
            trunks,
            agents,
            browsers: browsers(&args, media_ip)?,
            studio,
            mind,
            data_dir: args.data.dir.clone(),
            dialplans: args.dialplans.clone(),
            webhook_allow: args.webhook_allow.clone(),
            public_url: base_url.clone(),
            behind_proxy: args.public_url.is_some(),
            demo: false,
        },
        listener,
    )
    .await?;
    println!("The console: {base_url}");
    if let Some(link) = first {
        println!(
            "Nobody can log in yet. Choose the admin's password here (works once, for a day):\n  {link}"
        );
    }
    if args.trunk.is_empty() {
        println!("No trunk: campaigns cannot dial. Start with --trunk FILE to call anybody.");
    }
    let stop = asked_to_stop();
    stop.cancelled().await;
    server.close().await;
    store.close().await;
    Ok(())
}

/// Where browsers send their sound.
fn browsers(args: &ServeArgs, media_ip: IpAddr) -> Result<BrowserSettings> {
    let ports = match &args.browser_ports {
        Some(text) => {
            let range = dial::port_range(text).with_context(|| "--browser-ports")?;
            Some((range.first, range.last))
        }
        None => None,
    };
    let own = args.listen.ip();
    let ips = match args.browser_ip.is_empty() {
        false => args.browser_ip.clone(),
        true if own.is_unspecified() => vec![media_ip],
        true => vec![own],
    };
    Ok(BrowserSettings {
        ips,
        announce: args.browser_public_ip,
        ports,
        ..BrowserSettings::default()
    })
}

/// First Ctrl-C or SIGTERM: no new calls, live ones may end. The second one stops at once.
pub fn asked_to_stop() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        signal().await;
        eprintln!("\nNo new calls; the live ones may end. Once more stops at once.");
        token.cancel();
        signal().await;
        std::process::exit(130);
    });
    stop
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}
