//! `callsmith models`: what is installed and whether it can be trusted.

use crate::engines::models::{self, ModelStore};
use crate::engines::probe;
use anyhow::{Context, Result};
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// What there is and whether it is installed.
    List,
    /// Verify checksums and load every model in a child process.
    Check,
}

pub fn run(command: &ModelsCommand) -> Result<bool> {
    let store = open()?;
    let exe = std::env::current_exe().context("where this program lies")?;
    let mut good = true;
    for model in store.models() {
        let found = store
            .check(&model.name)
            .map(|_| ())
            .and_then(|()| match command {
                ModelsCommand::List => Ok(()),
                ModelsCommand::Check => probe::probe_in_child(&exe, &store, &model.name),
            });
        let state = if found.is_ok() { "good" } else { "not usable" };
        println!("{:14} {state:10}  {}", model.name, model.purpose);
        if let Err(e) = found {
            good = false;
            println!("{:14} {e}", "");
        }
    }
    Ok(good)
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
