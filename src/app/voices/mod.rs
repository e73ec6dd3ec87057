//! `callsmith voices`: hear the robot's voices, or have them speak a file of lines.

mod speak;

use super::models;
use crate::engines::kokoro::{self, Kokoro};
use crate::voice::{Studio, StudioConfig};
use anyhow::{Result, bail};
use clap::Subcommand;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub enum VoicesCommand {
    /// What voices there are.
    List,
    /// Have voices speak a file of lines into a folder of WAV files.
    Speak(speak::Args),
}

pub async fn run(command: &VoicesCommand) -> Result<bool> {
    match command {
        VoicesCommand::List => bail!("being built"),
        VoicesCommand::Speak(args) => speak::run(args),
    }
}

/// The built-in voice with the prompt cache.
fn studio() -> Result<Studio> {
    let store = models::open()?;
    let voice = Arc::new(Kokoro::open(&store)?);
    let phonemizer = Kokoro::phonemizer(&store.dir(kokoro::MODEL)?)?;
    let prompts = store.root().join("prompts");
    Ok(Studio::new(
        voice,
        phonemizer,
        prompts,
        StudioConfig::default(),
    ))
}
