//! Everything a demo needs before the curtain: its folder, its list, its trunk, its sounds; and the critic afterwards.

use super::cast::{self, Does, Part, Phone};
use super::noise;
use crate::app::dial;
use crate::app::launcher::Loaded;
use crate::audio::{RATE, wav};
use crate::desk::agent::{self, Agent};
use crate::dialogue;
use crate::sip::Trunk;
use crate::terms::{Lang, Line};
use crate::voice::studio::Studio;
use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file by which a folder is known to be the demo's own, so that no other folder is ever cleared.
const MARK: &str = ".callsmith-demo";

/// The demo's files.
pub struct Files {
    pub list: PathBuf,
    pub dialplans: Vec<PathBuf>,
}

/// The same, once the carrier's address is known.
pub struct Wired {
    pub list: PathBuf,
    pub trunk: Arc<Trunk>,
    pub agents: Vec<Agent>,
}

/// Empties the demo's folder, or makes it.
pub fn clear(data: &Path) -> Result<()> {
    if data.exists() {
        if !data.join(MARK).exists() && std::fs::read_dir(data)?.next().is_some() {
            bail!(
                "{} is there and is not a demo's folder; name another with --data",
                data.display()
            );
        }
        std::fs::remove_dir_all(data).with_context(|| data.display().to_string())?;
    }
    std::fs::create_dir_all(data.join("sounds")).with_context(|| data.display().to_string())?;
    std::fs::write(data.join(MARK), "").with_context(|| data.display().to_string())
}

/// The built-in dialplans and the list, as files: the demo goes through the same doors as a user.
pub fn files(data: &Path, parts: &[&Part]) -> Result<Files> {
    let mut dialplans = Vec::new();
    for (name, text) in [
        (
            "education-trial-zh.yaml",
            include_str!("../../../dialplans/education-trial-zh.yaml"),
        ),
        (
            "home-renovation-en.yaml",
            include_str!("../../../dialplans/home-renovation-en.yaml"),
        ),
    ] {
        let path = data.join(name);
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        dialplans.push(path);
    }
    let list = data.join("leads.csv");
    let mut csv = csv::Writer::from_path(&list).with_context(|| list.display().to_string())?;
    csv.write_record(["phone", "name", "language"])?;
    for (i, part) in parts.iter().enumerate() {
        csv.write_record([&number(part, i), part.lead, part.lang.code()])?;
    }
    csv.flush()?;
    Ok(Files { list, dialplans })
}

/// Numbers that look real and can belong to nobody: the far end answers for them, nothing leaves this machine.
#[must_use]
pub fn number(part: &Part, index: usize) -> String {
    match part.lang {
        Lang::Zh => format!("+861380013{:04}", 8000 + index),
        Lang::En => format!("+1202555{:04}", 100 + index),
    }
}

/// Trunk and agents, through the same files that a user writes.
pub fn trunk_and_agents(
    data: &Path,
    files: Files,
    carrier: SocketAddr,
    parts: &[&Part],
) -> Result<Wired> {
    let trunk = data.join("trunk.toml");
    let text = format!(
        "name = \"simulated-carrier\"\nhost = \"{carrier}\"\ntransport = \"udp\"\ncaller_ids = [\"02155550100\"]\ncalls_per_second = 5\nchannels = 40\n"
    );
    std::fs::write(&trunk, text).with_context(|| trunk.display().to_string())?;
    let agents = data.join("agents.toml");
    let mut text = String::new();
    for lang in [Lang::Zh, Lang::En] {
        if parts.iter().any(|p| p.lang == lang) {
            text.push_str(&format!(
                "[[agent]]\nid = \"agent-{lang}\"\nuri = \"sip:agent-{lang}@{carrier}\"\nskills = [\"{lang}\", \"sales\"]\n"
            ));
        }
    }
    std::fs::write(&agents, text).with_context(|| agents.display().to_string())?;
    Ok(Wired {
        list: files.list,
        trunk: Arc::new(Trunk::load(&trunk)?),
        agents: agent::load(&agents)?,
    })
}

/// Lines that hold a lead's name, before the first call; in a real run this happens while the phone rings.
pub async fn render_leads(
    studio: &Arc<Studio>,
    dialplans: &BTreeMap<Lang, Loaded>,
    parts: &[&Part],
    progress: &ProgressBar,
) -> Result<()> {
    for part in parts
        .iter()
        .filter(|p| matches!(p.phone, Phone::Answers { .. } | Phone::Voicemail(_)))
    {
        let Some(loaded) = dialplans.get(&part.lang) else {
            continue;
        };
        let vars = BTreeMap::from([("name".to_string(), part.lead.to_string())]);
        let lead = dialogue::Lead {
            vars,
            phone: String::new(),
            contact: std::collections::BTreeSet::new(),
            now_local: jiff::civil::DateTime::default(),
        };
        let lines = dialogue::lead_lines(&loaded.dialplan, &lead);
        dial::render_all(studio, lines, &loaded.dir, progress).await?;
    }
    Ok(())
}

/// Text and voice → WAV.
pub type Sounds = BTreeMap<(String, String), PathBuf>;

/// What callees, announcements and agents say, as WAV files for the far end.
pub async fn render_cast(
    studio: &Arc<Studio>,
    parts: &[&Part],
    data: &Path,
    progress: &ProgressBar,
) -> Result<Sounds> {
    let mut wanted: Vec<(String, String, Lang, u16)> = Vec::new();
    for part in parts {
        for text in words(part) {
            wanted.push((
                text.to_string(),
                part.voice.to_string(),
                part.lang,
                part.speed_percent,
            ));
        }
        if part.bridged {
            wanted.push((
                cast::agent_says(part.lang).into(),
                cast::agent_voice(part.lang).into(),
                part.lang,
                100,
            ));
        }
    }
    let lines = wanted
        .iter()
        .map(|(text, voice, lang, speed_percent)| Line {
            text: text.clone(),
            lang: *lang,
            voice: voice.clone(),
            speed_percent: *speed_percent,
            recording: None,
        })
        .collect();
    let prompts = dial::render_all(studio, lines, data, progress).await?;
    let mut sounds = Sounds::new();
    for (i, ((text, voice, ..), prompt)) in wanted.into_iter().zip(prompts).enumerate() {
        let path = data.join("sounds").join(format!("{i:03}.wav"));
        wav::write(&path, &prompt.samples, RATE).with_context(|| path.display().to_string())?;
        sounds.insert((text, voice), path);
    }
    if parts.iter().any(|p| p.noise_snr_db.is_some()) {
        let path = street(data);
        wav::write(&path, &noise::street(60.0, 20), RATE)
            .with_context(|| path.display().to_string())?;
    }
    Ok(sounds)
}

/// The street noise's file.
#[must_use]
pub fn street(data: &Path) -> PathBuf {
    data.join("sounds").join("street.wav")
}

fn words(part: &Part) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = part
        .does
        .iter()
        .filter_map(|d| match d {
            Does::Says(text) | Does::SaysOver(_, text) | Does::TellsAgent(text) => Some(*text),
            _ => None,
        })
        .collect();
    match part.phone {
        Phone::Announces(text) | Phone::Voicemail(text) => all.push(text),
        _ => {}
    }
    all
}
