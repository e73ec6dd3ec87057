//! `callsmith demo --keep`: the server with a carrier, callees who keep answering and simulated agents, for whoever
//! wants to click through every role.

use super::cast::Part;
use super::{FAR_RTP, LOOPBACK, ROBOT_RTP, carrier, stage};
use crate::app::carrier::Carrier;
use crate::app::cli::DemoArgs;
use crate::app::serve::{Parts, Server, asked_to_stop};
use crate::app::station::{self, Station};
use crate::app::{dial, dial_command, versions, wiring};
use crate::campaign::list::ListOptions;
use crate::campaign::manager::Manager;
use crate::desk::browser::BrowserSettings;
use crate::farend::scenario::Answer;
use crate::store::{
    CampaignId, CampaignSettings, CampaignState, Caps, Kept, Store, StoreOptions, TenantId,
};
use crate::terms::{Clock, Lang};
use crate::web::account;
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Simulated agents leave a visitor's browser this long to take the call, ms.
const AGENT_RINGS_MS: u64 = 12_000;
/// Each callee is on the list under many numbers; the far end tells them by the last eight digits.
const MAINLAND: [&str; 29] = [
    "130", "131", "132", "133", "134", "135", "136", "137", "138", "139", "150", "151", "152",
    "153", "155", "156", "157", "158", "159", "180", "181", "182", "183", "184", "185", "186",
    "187", "188", "189",
];
/// The first two digits of area codes that end in 2, as 202 does.
const AREAS: [&str; 15] = [
    "20", "21", "30", "31", "40", "41", "50", "51", "60", "61", "70", "71", "80", "81", "91",
];

/// Runs until Ctrl-C.
pub async fn run(args: &DemoArgs, parts: &[&Part]) -> Result<()> {
    let listener = TcpListener::bind(args.listen).await.with_context(|| {
        format!(
            "--listen {}: the console's address cannot be used; name another",
            args.listen
        )
    })?;
    let address = listener.local_addr()?;
    let base_url = format!("http://{address}");
    let data = std::path::absolute(args.data.dir.join("demo-desk"))?;
    stage::clear(&data)?;
    println!("Loading the models");
    let engines = wiring::load(&crate::app::cli::EarArgs::default())?;
    let studio = engines.studio.clone();
    let mind = wiring::mind_or_say();
    println!("Rendering what will be said (cached: the next run takes no time)");
    let files = stage::files(&data, parts)?;
    let dialplans = dial::load_dialplans(&files.dialplans, mind.as_ref())?;
    let progress = dial_command::bar();
    dial::render_fixed(&studio, &dialplans, &progress).await?;
    stage::render_leads(&studio, &dialplans, parts, &progress).await?;
    let sounds = stage::render_cast(&studio, parts, &data, &progress).await?;
    progress.finish_and_clear();

    let mut scenario = carrier::scenario(parts, &sounds, &data, FAR_RTP);
    for agent in &mut scenario.agents {
        agent.answer = Answer::Ring { ms: AGENT_RINGS_MS };
        agent.record = None;
    }
    for callee in &mut scenario.callees {
        callee.record = None;
    }
    let mut carrier = Carrier::start(&scenario, &data).await?;
    let dialplan_files = files.dialplans.clone();
    let mut wired = stage::trunk_and_agents(&data, files, carrier.address, parts)?;
    // Whoever sits at a browser is asked first.
    for skill in wired.agents.iter_mut().flat_map(|a| &mut a.skills) {
        skill.push_str(":2");
    }
    for file in &dialplan_files {
        versions::publish(file, "the demo's", "demo", &data).await?;
    }
    let clock = Clock::system();
    // The same simulated callees answer again and again: they do not mind being called often.
    let options = StoreOptions {
        caps: Caps::NONE,
        ..StoreOptions::default()
    };
    let store = Store::open_with(&data, clock.clone(), options).await?;
    let trunk = wired.trunk.name.clone();
    let campaign = campaign(&store, &trunk, args.concurrency, 1).await?;
    let list = list(&data, parts)?;
    dial_command::import(&store, campaign, &list, ListOptions::default()).await?;
    let station = Station::start(
        station::Plan {
            store: store.clone(),
            clock: clock.clone(),
            trunks: vec![wired.trunk.clone()],
            peers: wired
                .agents
                .iter()
                .filter_map(dial::agent_address)
                .collect(),
            data_dir: data.clone(),
            bind: SocketAddr::new(LOOPBACK, 0),
            media_ip: Some(LOOPBACK),
            rtp_ports: ROBOT_RTP,
            record: true,
            mind: mind.clone(),
            live: None,
        },
        engines,
    )
    .await?;
    let server = Server::start(
        Parts {
            store: store.clone(),
            clock,
            station: Arc::new(station),
            trunks: vec![wired.trunk],
            agents: wired.agents,
            browsers: BrowserSettings::default(),
            studio,
            mind,
            data_dir: data.clone(),
            dialplans: Some(data.clone()),
            webhook_allow: Vec::new(),
            public_url: base_url.clone(),
            behind_proxy: false,
            demo: true,
        },
        listener,
    )
    .await?;
    server.manager.start(campaign).await?;
    let repeat = tokio::spawn(again(
        store.clone(),
        server.manager.clone(),
        trunk,
        args.concurrency,
        list,
    ));
    greet(&store, &base_url).await?;
    asked_to_stop().cancelled().await;
    repeat.abort();
    server.close().await;
    carrier.stop().await?;
    store.close().await;
    Ok(())
}

async fn greet(store: &Store, base_url: &str) -> Result<()> {
    println!("\nThe console is up: {base_url}");
    println!("Open a link to be that person (each in its own browser window or profile):");
    for (role, link) in account::demo_links(store, base_url).await? {
        println!("  {:<11} {link}", role.code());
    }
    println!(
        "\nAs an agent, go on duty (ready) and wait for a hot lead: it rings in the browser; after {} s a simulated agent \
         takes it. As the supervisor, open the live wall and listen, whisper, steer, barge or take over.\nCtrl-C ends it.",
        AGENT_RINGS_MS / 1000
    );
    Ok(())
}

async fn campaign(store: &Store, trunk: &str, concurrency: u32, round: u32) -> Result<CampaignId> {
    let settings = CampaignSettings {
        name: format!("Demo 演示 {round}"),
        dialplans: vec!["education-trial-zh".into(), "home-renovation-en".into()],
        trunk: trunk.into(),
        concurrency,
        priority: 5,
        windows: "always".into(),
        max_attempts: 1,
        country: "CN".into(),
    };
    match store.campaign_add(TenantId::PLATFORM, &settings).await? {
        Kept::Yes(id) => Ok(id),
        other => bail!("the demo's campaign could not be made: {other:?}"),
    }
}

/// Every callee under many numbers.
fn list(data: &Path, parts: &[&Part]) -> Result<PathBuf> {
    let path = data.join("leads-desk.csv");
    let mut csv = csv::Writer::from_path(&path).with_context(|| path.display().to_string())?;
    csv.write_record(["phone", "name", "language"])?;
    for round in 0..MAINLAND.len() {
        for (i, part) in parts.iter().enumerate() {
            let number = stage::number(part, i);
            let tail = &number[number.len() - 8..];
            let number = match part.lang {
                Lang::Zh => Some(format!("+86{}{tail}", MAINLAND[round])),
                Lang::En => AREAS.get(round).map(|area| format!("+1{area}{tail}")),
            };
            if let Some(number) = number {
                csv.write_record([&number, part.lead, part.lang.code()])?;
            }
        }
    }
    csv.flush()?;
    Ok(path)
}

/// When everybody was called, everybody is called again, in a campaign of its own.
async fn again(
    store: Store,
    manager: Manager,
    trunk: String,
    concurrency: u32,
    list: PathBuf,
) -> Result<()> {
    let mut changes = manager.changes();
    let mut round = 1;
    while let Ok(change) = changes.recv().await {
        if change.state != CampaignState::Finished {
            continue;
        }
        round += 1;
        let next = campaign(&store, &trunk, concurrency, round).await?;
        dial_command::import(&store, next, &list, ListOptions::default()).await?;
        manager.start(next).await?;
    }
    Ok(())
}
