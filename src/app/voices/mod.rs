//! `callsmith voices`: hear the robot's voices, or have them speak a file of lines.

mod list;
mod play;
mod speak;

use super::models;
use crate::engines::kokoro::{self, Kokoro};
use crate::voice::{Studio, StudioConfig};
use anyhow::Result;
use clap::Subcommand;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub enum VoicesCommand {
    /// What voices there are.
    List {
        /// The model's own voices too, which named voices and blends are made of.
        #[arg(long)]
        all: bool,
    },
    /// Hear a voice: a name or a blend (0.6*zf_xiaobei+0.4*af_heart).
    Play(play::Args),
    /// Have voices speak a file of lines into a folder of WAV files.
    Speak(speak::Args),
}

pub async fn run(command: &VoicesCommand) -> Result<bool> {
    match command {
        VoicesCommand::List { all } => list::run(*all),
        VoicesCommand::Play(args) => play::run(args),
        VoicesCommand::Speak(args) => speak::run(args),
    }
}

/// The built-in voice.
fn kokoro() -> Result<Kokoro> {
    Ok(Kokoro::open(&models::open()?)?)
}

/// The built-in voice with the prompt cache.
pub fn studio() -> Result<Studio> {
    let store = models::open()?;
    let voice = Arc::new(kokoro()?);
    let phonemizer = Kokoro::phonemizer(&store.dir(kokoro::MODEL)?)?;
    let prompts = store.root().join("prompts");
    Ok(Studio::new(
        voice,
        phonemizer,
        prompts,
        StudioConfig::default(),
    ))
}
