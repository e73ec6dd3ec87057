//! `callsmith bench`: the figures in the README, on this machine. Every bench prints tables for people and, with `--json`,
//! one JSON line last.

mod ear;
mod intents;
mod turns;
mod voice;

use anyhow::Result;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// How well the recogniser hears a folder of recordings, through the telephone path.
    Ear(ear::Args),
    /// How well replies are understood, on public sets of intents.
    Intents(intents::Args),
    /// How fast the robot answers and falls silent in real calls.
    Turns(turns::Args),
    /// How well the voices are understood.
    Voice(voice::Args),
}

pub async fn run(command: &BenchCommand) -> Result<bool> {
    match command {
        BenchCommand::Ear(args) => ear::run(args).await,
        BenchCommand::Intents(args) => intents::run(args).await,
        BenchCommand::Turns(args) => turns::run(args).await,
        BenchCommand::Voice(args) => voice::run(args).await,
    }
}
