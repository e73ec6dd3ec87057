//! `callsmith bench voice`.

use anyhow::{Result, bail};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON line last.
    #[arg(long)]
    pub json: bool,
}

pub async fn run(_args: &Args) -> Result<bool> {
    bail!("being built")
}
