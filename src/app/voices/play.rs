//! `callsmith voices play`: a voice's sample, or any text, through the speaker or into a file.

use crate::app::calls;
use crate::audio::g711::Law;
use crate::engines::kokoro::catalog;
use crate::terms::{Lang, Line};
use crate::voice::marking::{self, Channel, Marking};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A voice: a name from `voices list`, or a blend.
    pub name: String,
    /// Say this instead of the voice's sample.
    #[arg(long)]
    pub text: Option<String>,
    /// 1 is the voice's normal speed.
    #[arg(long, default_value_t = 1.0)]
    pub speed: f32,
    /// Write this WAV file instead of playing it.
    #[arg(long, value_name = "WAV")]
    pub out: Option<PathBuf>,
    /// As it sounds on a telephone line (through G.711).
    #[arg(long)]
    pub line: bool,
}

pub fn run(args: &Args) -> Result<bool> {
    if !(0.5..=2.0).contains(&args.speed) {
        bail!("--speed {}: write a number from 0.5 to 2", args.speed);
    }
    let named = catalog::read()?.into_iter().find(|v| v.name == args.name);
    let text = match (&args.text, named) {
        (Some(text), _) => text.clone(),
        (None, Some(named)) => named.sample,
        (None, None) if args.name.contains("zf_") || args.name.contains("zm_") => {
            "您好，这是一段试听的声音。".into()
        }
        (None, None) => "Hello, this is how the voice sounds on the telephone.".into(),
    };
    let line = Line {
        lang: language(&text),
        text,
        voice: args.name.clone(),
        speed_percent: (args.speed * 100.0).round() as u16,
        recording: None,
    };
    let mut samples = super::studio()?.render_once(&line)?.samples;
    if samples.is_empty() {
        bail!("--text: there is nothing to say in it");
    }
    if args.line {
        for sample in &mut samples {
            *sample = Law::A.decode_sample(Law::A.encode_sample(*sample));
        }
    }
    if let Some(out) = &args.out {
        save(out, &samples)?;
        println!("{}", out.display());
        return Ok(true);
    }
    let path = std::env::temp_dir().join(format!("callsmith-voice-{}.wav", std::process::id()));
    save(&path, &samples)?;
    calls::play_file(&path)?;
    // Where no player works the file stays for the user.
    let _ = std::fs::remove_file(&path);
    Ok(true)
}

/// Chinese when any of it is.
fn language(text: &str) -> Lang {
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    if text.chars().any(han) {
        Lang::Zh
    } else {
        Lang::En
    }
}

/// Writes 8 kHz speech with the mark of a synthetic voice.
pub fn save(path: &Path, samples: &[i16]) -> Result<()> {
    let date = jiff::Timestamp::now().to_string();
    let channel = Channel {
        channel: 1,
        who: "robot".into(),
        synthetic: true,
        spans: Vec::new(),
    };
    let marking = Marking::new(&date, "", vec![channel]);
    let wav = marking::mark(&marking::plain_wav(samples), &marking)?;
    std::fs::write(path, wav).with_context(|| path.display().to_string())
}
