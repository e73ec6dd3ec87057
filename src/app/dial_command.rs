//! The `dial` command: from a user's files to a [`Job`].

use super::cli::DialArgs;
use super::dial::{self, Job};
use super::launcher::Loaded;
use super::live::Live;
use super::reload::Source;
use super::{results, versions, wiring};
use crate::campaign::list::{ListOptions, ListReader, Wanted};
use crate::campaign::retry::RetryRules;
use crate::campaign::window::Windows;
use crate::desk::agent;
use crate::sip::{Endpoint, Trunk};
use crate::store::{CampaignId, Caps, Store, StoreOptions};
use crate::terms::{Clock, Lang};
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub async fn run(args: DialArgs) -> Result<()> {
    // Everything that can be wrong is looked at before the first engine loads and long before the first INVITE.
    let files = versions::resolve(&args.dialplan, &args.data.dir).await?;
    let mind = wiring::mind_or_say();
    let dialplans = dial::load_dialplans(&files, mind.as_ref())?;
    let trunk = Arc::new(Trunk::load(&args.trunk)?);
    let agents = args
        .agents
        .as_deref()
        .map(agent::load)
        .transpose()?
        .unwrap_or_default();
    let rtp_ports = dial::port_range(&args.rtp_ports)?;
    let options = list_options(&args, &dialplans)?;
    ListReader::open(&args.list, options.clone())?;
    Endpoint::may_listen(args.bind)?;
    let clock = Clock::system();
    let caps = if args.ignore_caps {
        Caps::NONE
    } else {
        Caps::default()
    };
    let store = Store::open_with(
        &args.data.dir,
        clock.clone(),
        StoreOptions {
            caps,
            ..StoreOptions::default()
        },
    )
    .await?;
    let name = campaign_name(&args);
    let dialplan_names: Vec<String> = args
        .dialplan
        .iter()
        .map(|p| p.display().to_string())
        .collect();
    let campaign = store
        .campaign_create(
            &name,
            &dialplan_names.join(", "),
            &args.list.display().to_string(),
        )
        .await?;
    import(&store, campaign, &args.list, options).await?;
    let adopted = store.adopt_follow_ups(campaign).await?;
    if adopted > 0 {
        println!("{adopted} follow-up(s) of earlier calls joined this campaign");
    }

    let engines = wiring::load(&args.ear)?;
    println!("Rendering the fixed prompts (cached: a second start takes no time)");
    let progress = bar();
    dial::render_fixed(&engines.studio, &dialplans, &progress).await?;
    progress.finish_and_clear();

    let windows = if args.ignore_window {
        Windows::always()
    } else {
        Windows::for_country(&args.country)
    };
    let job = Job {
        store: store.clone(),
        clock,
        campaign,
        trunk,
        agents,
        dialplans,
        watch: args
            .dialplan
            .iter()
            .map(|given| Source::of(given, &args.data.dir))
            .collect(),
        data_dir: args.data.dir.clone(),
        bind: args.bind,
        media_ip: args.media_ip,
        rtp_ports,
        concurrency: args.concurrency,
        ring_timeout: Duration::from_secs(args.ring_timeout),
        windows,
        retry: RetryRules::default(),
        wait: args.wait,
        record: !args.no_recording,
        mind,
        live: Some(Arc::new(Live::default())),
    };
    let counts = dial::run(job, engines, drain_on_ctrl_c()).await?;
    println!(
        "{} call(s) made, {} lead(s) not dialled, {} left for later (start again with the same list to go on)",
        counts.calls, counts.refused, counts.left
    );
    let (csv, json) = results::write(&store, &name, &args.data.dir).await?;
    println!("results: {} and {}", csv.display(), json.display());
    if args.json {
        println!(
            "{}",
            serde_json::json!({"campaign": name, "calls": counts.calls, "refused": counts.refused, "left": counts.left})
        );
    }
    store.close().await;
    Ok(())
}

/// How the list is to be read: the columns that were mapped by hand, the variables that the dialplans use.
fn list_options(args: &DialArgs, dialplans: &BTreeMap<Lang, Loaded>) -> Result<ListOptions> {
    let map = args
        .map
        .iter()
        .map(|m| {
            let (column, field) = m
                .split_once('=')
                .with_context(|| format!("--map {m}: write COLUMN=FIELD, as in 客户电话=phone"))?;
            Ok((column.trim().to_string(), field.trim().to_string()))
        })
        .collect::<Result<Vec<_>>>()?;
    let wanted = dialplans
        .values()
        .flat_map(|l| &l.dialplan.lead)
        .map(|(name, field)| Wanted {
            name: name.clone(),
            required: field.required,
        })
        .collect();
    Ok(ListOptions {
        country: args.country.clone(),
        map,
        wanted,
        ..ListOptions::default()
    })
}

fn campaign_name(args: &DialArgs) -> String {
    args.campaign
        .clone()
        .or_else(|| Some(args.list.file_stem()?.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "list".into())
}

/// Rows that go into the database in one transaction.
const BATCH: usize = 1000;
/// Row errors that are printed; a list in the wrong format has one on every row.
const SHOWN: u64 = 50;

/// Reads a list into the campaign and tells what became of its rows.
pub async fn import(
    store: &Store,
    campaign: CampaignId,
    list: &Path,
    options: ListOptions,
) -> Result<()> {
    let mut reader = ListReader::open(list, options)?;
    for warning in reader.summary().warnings.clone() {
        println!("  {warning}");
    }
    let (mut added, mut known, mut wrong) = (0, 0, 0);
    let mut batch = Vec::new();
    loop {
        let row = reader.next();
        let over = row.is_none();
        match row {
            Some(Ok(lead)) => batch.push(lead),
            Some(Err(e)) => {
                wrong += 1;
                match wrong {
                    1..=SHOWN => println!("  {e}"),
                    n if n == SHOWN + 1 => println!("  … further row errors are counted only"),
                    _ => {}
                }
            }
            None => {}
        }
        if batch.len() >= BATCH || (over && !batch.is_empty()) {
            let counts = store.import(campaign, &std::mem::take(&mut batch)).await?;
            added += counts.added;
            known += counts.known;
        }
        if over {
            break;
        }
    }
    println!(
        "{}: {added} lead(s) added, {known} already there, {wrong} row(s) left out",
        list.display()
    );
    Ok(())
}

/// First Ctrl-C: no new calls, live ones end as they will. Second: stop at once.
fn drain_on_ctrl_c() -> CancellationToken {
    let drain = CancellationToken::new();
    let token = drain.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!(
                "\nNo new calls; the live ones may end. Ctrl-C again stops at once (calls end as interrupted)."
            );
            token.cancel();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    drain
}

pub fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("  {bar:40} {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let progress = ProgressBar::new(0).with_style(style);
    progress.enable_steady_tick(Duration::from_millis(200));
    progress
}
