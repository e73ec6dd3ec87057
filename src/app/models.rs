//! `callsmith models`: what is installed and whether it can be trusted, and what can be fetched.

use crate::engines::fetch::{self, FetchError, Options, Progress};
use crate::engines::models::{self, Model, ModelStore};
use crate::engines::probe;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// What there is, built in or published, and whether it is installed.
    List,
    /// Fetch a published model; the only command that uses the network for itself.
    Fetch(FetchArgs),
    /// Verify checksums and load every installed model in a child process.
    Check {
        /// Only these.
        names: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub struct FetchArgs {
    /// A name that `models list` shows.
    #[arg(required = true)]
    pub names: Vec<String>,
    /// Try this source first: a folder of archives, or an address with {url} or {file} in it. May be given several times.
    #[arg(long, value_name = "URL_PREFIX")]
    pub mirror: Vec<String>,
    /// The archive's SHA-256, in place of the one on record.
    #[arg(long, value_name = "HEX")]
    pub sha256: Option<String>,
    /// Where no checksum is on record, take what comes and hold every later fetch against it.
    #[arg(long, conflicts_with = "sha256")]
    pub trust_first: bool,
}

/// True when all that was asked about is well.
pub fn run(command: &ModelsCommand) -> Result<bool> {
    let store = open()?;
    match command {
        ModelsCommand::List => Ok(list(&store)),
        ModelsCommand::Fetch(args) => {
            if args.sha256.is_some() && args.names.len() > 1 {
                bail!("--sha256 is the checksum of one archive: fetch one model at a time");
            }
            for name in &args.names {
                fetch(&store, name, args)?;
            }
            Ok(true)
        }
        ModelsCommand::Check { names } => check(&store, names),
    }
}

fn list(store: &ModelStore) -> bool {
    let mut good = true;
    for model in store.models() {
        let found = store.check(&model.name);
        let state = match &found {
            Ok(_) => "good",
            Err(_) if absent(store, model) => "not installed",
            Err(_) => "not usable",
        };
        // What can be fetched need not be here.
        let ours = model.archive.is_none() || !absent(store, model);
        good &= found.is_ok() || !ours;
        println!(
            "{:14} {state:14} {:>7}  {}",
            model.name,
            size(model),
            model.licence
        );
        println!("{:14} {}", "", model.purpose);
        println!("{:14} {}", "", model.upstream);
        match found {
            Err(e) if ours => println!("{:14} {e}", ""),
            Err(_) => println!("{:14} to have it, {}", "", model.repair()),
            Ok(_) => {}
        }
    }
    good
}

fn check(store: &ModelStore, names: &[String]) -> Result<bool> {
    let exe = std::env::current_exe().context("where this program lies")?;
    for name in names {
        store.model(name)?;
    }
    let mut good = true;
    for model in store.models() {
        let asked = names.contains(&model.name);
        if !names.is_empty() && !asked {
            continue;
        }
        if model.archive.is_some() && absent(store, model) && !asked {
            println!("{:14} not installed", model.name);
            continue;
        }
        match probe::probe_in_child(&exe, store, &model.name) {
            Ok(()) => println!("{:14} good           {}", model.name, model.purpose),
            Err(e) => {
                good = false;
                println!("{:14} not usable     {}", model.name, model.purpose);
                println!("{:14} {e}", "");
            }
        }
    }
    Ok(good)
}

fn fetch(store: &ModelStore, name: &str, args: &FetchArgs) -> Result<()> {
    let exe = std::env::current_exe().context("where this program lies")?;
    let options = Options {
        mirrors: args.mirror.clone(),
        sha256: args.sha256.clone(),
        trust_first: args.trust_first,
        ..Options::default()
    };
    if let Ok(model) = store.model(name)
        && model.archive.is_some()
    {
        println!("{name}: {}", model.purpose);
        println!("licence: {}", model.licence);
    }
    let bar = ProgressBar::no_length().with_style(style());
    let told = fetch::fetch(
        store,
        name,
        &options,
        &|name| probe::probe_in_child(&exe, store, name),
        &mut |progress| show(&bar, progress),
    );
    bar.finish_and_clear();
    let fetched = told.map_err(|e| match e {
        FetchError::NoSource { .. } if args.mirror.is_empty() => {
            anyhow::Error::new(e).context("with --mirror URL_PREFIX another source is tried first")
        }
        e => e.into(),
    })?;
    match fetched.sha256 {
        None => println!("{name} is installed already, in {}", fetched.dir.display()),
        Some(sha256) => {
            println!("{name} is ready in {}", fetched.dir.display());
            if store
                .model(name)?
                .archive
                .as_ref()
                .is_some_and(|a| a.sha256.is_none())
            {
                println!("its archive has SHA-256 {sha256}; later fetches are held against it");
            }
            println!("use it with --recognizer {name}");
        }
    }
    Ok(())
}

fn show(bar: &ProgressBar, progress: Progress<'_>) {
    // A bar that nobody sees swallows its lines too.
    let line = |text: String| {
        if bar.is_hidden() {
            eprintln!("{text}");
        } else {
            bar.println(text);
        }
    };
    match progress {
        Progress::Asking { url, have } => {
            let from = if have > 0 {
                format!(" from byte {have} on")
            } else {
                String::new()
            };
            line(format!("fetching {url}{from}"));
        }
        Progress::Bytes { done, total } => {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(done);
        }
        Progress::Failed { why } => line(format!("  {why}")),
        Progress::Checking => bar.set_message("checking"),
        Progress::Unpacking { done } => {
            bar.set_message(format!("unpacking {} MB", done / 1_000_000));
        }
        Progress::Trying => bar.set_message("trying it"),
    }
}

fn style() -> ProgressStyle {
    let plain = ProgressStyle::default_bar();
    plain
        .clone()
        .template("{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left {msg}")
        .unwrap_or(plain)
}

/// Nothing of it lies in its place.
fn absent(store: &ModelStore, model: &Model) -> bool {
    store.dir(&model.name).is_ok_and(|dir| !dir.exists())
}

/// What it takes to get it, as far as that is known.
fn size(model: &Model) -> String {
    // The forms of a file for other processors are as large.
    let mut seen = Vec::new();
    let files = model.files.iter().filter(|f| {
        let new = !seen.contains(&&f.path);
        seen.push(&f.path);
        new
    });
    let bytes = match &model.archive {
        Some(archive) => archive.size,
        None => files.map(|f| f.size).sum(),
    };
    bytes.map_or_else(String::new, |b| format!("{} MB", b.div_ceil(1_000_000)))
}

/// Loads one model in this process and ends: the child of `models check`.
pub fn probe(name: &str) -> ExitCode {
    match open() {
        Ok(store) => probe::probe(&store, name),
        Err(e) => {
            eprintln!("{e:#}");
            ExitCode::FAILURE
        }
    }
}

pub fn open() -> Result<ModelStore> {
    Ok(ModelStore::open(&models::default_root())?)
}
