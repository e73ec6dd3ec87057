//! `callsmith bench turns`: real calls over SIP and RTP to the simulated carrier, whose callees speak. All times are the
//! far end's: from the callee's last voiced frame sent to the robot's first voiced frame received, and from the first
//! voiced frame of an interruption to the robot's last.

mod calls;
mod cast;
mod figures;
mod sounds;

use crate::app::carrier::{Carrier, WireReport};
use crate::app::cli::EarArgs;
use crate::app::demo::noise;
use crate::app::launcher::Loaded;
use crate::app::{dial, dial_command, models, usage, wiring};
use crate::audio::{RATE, wav};
use crate::dialogue::Dialplan;
use crate::farend::scenario::Scenario;
use crate::terms::Lang;
use anyhow::{Context, Result, bail};
use calls::{Planned, Studio};
use cast::Part;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The far end's RTP ports; the robot's lie above.
const FAR_RTP: u16 = 25_000;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON line last.
    #[arg(long)]
    pub json: bool,
    /// Calls at once; every number is a run of its own.
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "1,5,20", value_parser = clap::value_parser!(u32).range(1..=60))]
    pub calls: Vec<u32>,
    /// Only this language.
    #[arg(long)]
    pub lang: Option<Lang>,
    /// Only these parts: yes_no, open, number, date, interrupt, back_channel.
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave the wire report, the robot's events and what every callee heard in this folder.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    #[command(flatten)]
    pub ear: EarArgs,
}

/// Runs the bench; true when every planned call was made.
pub async fn run(args: &Args) -> Result<bool> {
    let parts = chosen(&args.only)?;
    let langs: Vec<Lang> = [Lang::Zh, Lang::En]
        .into_iter()
        .filter(|l| args.lang.is_none_or(|only| only == *l))
        .collect();
    println!("Loading the models");
    let engines = wiring::load(&args.ear)?;
    let data = models::open()?.root().join("bench-turns");
    std::fs::create_dir_all(data.join("sounds")).with_context(|| data.display().to_string())?;
    println!("Rendering what will be said (cached: the next run takes no time)");
    let plans = dialplans(&langs)?;
    let progress = dial_command::bar();
    dial::render_fixed(&engines.studio, &plans, &progress).await?;
    let planned = planned(&args.calls, &langs, &parts);
    let mut sounds = BTreeMap::new();
    for call in &planned {
        for text in call.texts() {
            let wanted = (text, call.voice);
            if sounds.contains_key(&wanted) {
                continue;
            }
            let path = data.join("sounds").join(format!("{:03}.wav", sounds.len()));
            sounds::write(
                &engines.studio,
                text,
                call.voice,
                call.lang,
                &path,
                &progress,
            )
            .await?;
            sounds.insert(wanted, path);
        }
    }
    progress.finish_and_clear();
    let noise_file = data.join("sounds").join("line.wav");
    wav::write(&noise_file, &noise::street(30.0, 7), RATE)
        .with_context(|| noise_file.display().to_string())?;

    let mut scenario = Scenario::on_loopback();
    scenario.rtp_base = FAR_RTP;
    scenario.report = Some(data.join("wire.json"));
    scenario.callees = planned
        .iter()
        .map(|call| {
            let mut callee = call.callee(&sounds, &noise_file);
            callee.record = args.keep.as_ref().map(|_| {
                data.join("heard-by")
                    .join(format!("{}.wav", &call.number[1..]))
            });
            callee
        })
        .collect();
    let mut carrier = Carrier::start(&scenario, &data).await?;
    let recognizer = engines.listening.recognizer.name();
    let studio = Studio::open(engines, plans, carrier.address).await?;
    let mut costs = BTreeMap::new();
    for at_once in &args.calls {
        let level: Vec<&Planned> = planned.iter().filter(|c| c.at_once == *at_once).collect();
        println!("{} calls, {at_once} at once", level.len());
        let progress = dial_command::bar();
        let (cpu, before) = (usage::cpu_seconds(), std::time::Instant::now());
        studio.call_all(&level, *at_once, &progress).await;
        progress.finish_and_clear();
        let (cpu, wall) = (usage::cpu_seconds() - cpu, before.elapsed().as_secs_f64());
        costs.insert(
            *at_once,
            figures::Cost {
                cpu_s: cpu,
                wall_s: wall,
            },
        );
    }
    let wire = carrier.stop().await?;
    let events = studio.close().await;
    if let Some(dir) = &args.keep {
        keep(&data, dir, &events)?;
    }
    let all = figures::collect(&planned, &wire, &events);
    println!("\n{}", figures::tables(&all, &costs, recognizer));
    if args.json {
        println!("{}", figures::json(&all, &costs, recognizer));
    }
    Ok(complete(&planned, &wire))
}

fn chosen(only: &[String]) -> Result<Vec<Part>> {
    if only.is_empty() {
        return Ok(Part::ALL.to_vec());
    }
    only.iter()
        .map(|name| match Part::ALL.iter().find(|p| p.name() == name) {
            Some(part) => Ok(*part),
            None => {
                let names: Vec<&str> = Part::ALL.iter().map(|p| p.name()).collect();
                bail!("--only {name}: there are {}", names.join(", "))
            }
        })
        .collect()
}

fn dialplans(langs: &[Lang]) -> Result<BTreeMap<Lang, Loaded>> {
    langs
        .iter()
        .map(|lang| {
            let text = cast::dialplan(*lang);
            let plan = Dialplan::parse(text, "bench.yaml").map_err(|found| {
                let all: Vec<String> = found.iter().map(|d| d.render(text)).collect();
                anyhow::anyhow!("{}", all.join("\n"))
            })?;
            let dialplan = Arc::new(plan);
            Ok((
                *lang,
                Loaded {
                    dialplan,
                    dir: PathBuf::new(),
                },
            ))
        })
        .collect()
}

/// Every part in every language, with as many calls as the level has lines; each call with a voice of its own turn.
fn planned(levels: &[u32], langs: &[Lang], parts: &[Part]) -> Vec<Planned> {
    let mut planned: Vec<Planned> = Vec::new();
    for at_once in levels.iter().copied().collect::<BTreeSet<_>>() {
        let kinds = langs.len() * parts.len();
        let rounds = (at_once as usize).div_ceil(kinds);
        for round in 0..rounds {
            for (at, part) in parts.iter().enumerate() {
                for lang in langs {
                    let voices = cast::voices(*lang);
                    let nth = planned.len();
                    planned.push(Planned {
                        number: format!("+1202555{:04}", 1000 + nth),
                        at_once,
                        lang: *lang,
                        part: *part,
                        voice: voices[(round + at) % voices.len()],
                    });
                }
            }
        }
    }
    planned
}

fn complete(planned: &[Planned], wire: &WireReport) -> bool {
    let missing: Vec<&str> = planned
        .iter()
        .map(|p| p.number.as_str())
        .filter(|n| !wire.calls.iter().any(|c| c.number == *n))
        .collect();
    if !missing.is_empty() {
        eprintln!("{} calls never reached the far end", missing.len());
    }
    missing.is_empty()
}

fn keep(data: &Path, to: &Path, events: &calls::Events) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    std::fs::copy(data.join("wire.json"), to.join("wire.json"))?;
    for entry in std::fs::read_dir(data.join("heard-by"))?.flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    std::fs::write(to.join("events.json"), serde_json::to_vec(events)?)?;
    Ok(())
}
