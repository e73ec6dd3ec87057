//! `callsmith voices`: hear the robot's voices, or have them speak a file of lines.

use anyhow::{Result, bail};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum VoicesCommand {
    /// What voices there are.
    List,
}

pub async fn run(command: &VoicesCommand) -> Result<bool> {
    match command {
        VoicesCommand::List => bail!("being built"),
    }
}
