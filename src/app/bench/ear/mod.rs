//! `callsmith bench ear`: recordings with their texts, through the product's own path from G.711 frames to final words.

mod measure;
mod noise;
mod path;
mod report;
mod rows;
mod score;
mod sounds;

use crate::app::cli::EarArgs;
use crate::app::wiring;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use measure::{Asked, Bench, Turn};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A folder with manifest.tsv (a header naming at least: file speaker lang text; optional: set) and WAV files of 8 or
    /// 16 kHz, mono.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Noises to mix in at 20, 10 and 5 dB, WAV files, searched in subfolders too.
    #[arg(long, value_name = "DIR")]
    pub noise: Option<PathBuf>,
    /// Only these sets.
    #[arg(long, value_name = "NAME")]
    pub set: Vec<String>,
    /// At most this many recordings a set, evenly spread.
    #[arg(long, value_name = "N")]
    pub most: Option<usize>,
    /// Leave out what takes long: only open text and closed sets of 30.
    #[arg(long)]
    pub quick: bool,
    /// Write one line a turn into this file (TSV), for looking at single turns.
    #[arg(long, value_name = "FILE")]
    pub turns: Option<PathBuf>,
    #[command(flatten)]
    pub ear: EarArgs,
    /// Print one JSON line last.
    #[arg(long)]
    pub json: bool,
}

/// Sizes of the closed sets.
const CLOSED: [usize; 3] = [10, 30, 100];
/// Signal to noise, dB.
const NOISE_DB: [i32; 3] = [20, 10, 5];

pub async fn run(args: &Args) -> Result<bool> {
    let mut clips = rows::read(&args.data, args.most)?;
    clips.retain(|c| args.set.is_empty() || args.set.contains(&c.set));
    anyhow::ensure!(
        !clips.is_empty(),
        "no recording is left to measure; check --data and --set"
    );
    let noises = match &args.noise {
        Some(dir) => noise::read(dir)?,
        None => Vec::new(),
    };
    let bench = Bench::new(wiring::listening(&args.ear, 1)?);
    let sets = rows::by_set(&clips);
    let mut report = report::Report::new(&bench, &args.ear);
    let bar = bar((sets.values().map(Vec::len).sum::<usize>()) as u64);
    for (set, own) in &sets {
        let mut passes: BTreeMap<Asked, Vec<Turn>> = BTreeMap::new();
        for clip in own {
            for asked in measure::passes(own, args.quick) {
                let turn = bench.turn(clip, &clip.samples, asked, &clips).await?;
                passes.entry(asked).or_default().push(turn);
            }
            bar.inc(1);
        }
        report.set(set, own[0].lang, passes);
    }
    bar.finish_and_clear();
    if !noises.is_empty() {
        noisy(&bench, &sets, &noises, &mut report).await?;
    }
    report.non_speech(sounds::through(&bench, &noises).await?);
    report.print();
    if let Some(path) = &args.turns {
        report
            .write_turns(path)
            .with_context(|| path.display().to_string())?;
    }
    if args.json {
        println!("{}", report.json());
    }
    Ok(true)
}

/// Open text under noise, the words path raw and denoised.
async fn noisy(
    bench: &Bench,
    sets: &BTreeMap<String, Vec<&rows::Clip>>,
    noises: &[noise::Noise],
    report: &mut report::Report,
) -> Result<()> {
    let denoised = bench.denoising_words();
    let kinds = noise::kinds(noises);
    let total = sets.values().map(Vec::len).sum::<usize>() * NOISE_DB.len() * kinds.len() * 2;
    let bar = bar(total as u64);
    for (set, own) in sets {
        for (kind, of_kind) in &kinds {
            for db in NOISE_DB {
                for (words, bench) in [("raw", bench), ("denoised", &denoised)] {
                    let mut turns = Vec::new();
                    for (at, clip) in own.iter().enumerate() {
                        let mixed = of_kind[at % of_kind.len()].over(&clip.samples, db, at);
                        turns.push(bench.turn(clip, &mixed, Asked::Open, &[]).await?);
                        bar.inc(1);
                    }
                    report.noise(set, own[0].lang, kind, db, words, turns);
                }
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn bar(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {elapsed} gone, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}
