//! Noise over speech at a given distance in level.

use super::rows::telephone;
use crate::audio::level::active_rms;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::path::Path;

/// A recorded noise, 8 kHz.
pub struct Noise {
    /// The first part of its folder and name: street, babble, n.
    pub kind: String,
    pub file: String,
    pub samples: Vec<i16>,
}

impl Noise {
    /// The speech with this noise `db` below its active level, from a place in the noise that depends on `at`.
    #[must_use]
    pub fn over(&self, speech: &[i16], db: i32, at: usize) -> Vec<i16> {
        let start = (at * 8009) % self.samples.len();
        let noise = || self.samples.iter().cycle().skip(start);
        let power: f64 = noise()
            .take(speech.len())
            .map(|s| f64::from(*s).powi(2))
            .sum::<f64>()
            / speech.len().max(1) as f64;
        let speech_rms = 32768.0 * 10f64.powf(f64::from(active_rms(speech)) / 20.0);
        let gain = speech_rms / power.sqrt().max(1.0) / 10f64.powf(f64::from(db) / 20.0);
        speech
            .iter()
            .zip(noise())
            .map(|(s, n)| (f64::from(*s) + gain * f64::from(*n)).clamp(-32768.0, 32767.0) as i16)
            .collect()
    }
}

/// Every WAV file below `dir`, by name.
pub fn read(dir: &Path) -> Result<Vec<Noise>> {
    let mut noises = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for path in entries.flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("wav"))
            {
                let samples = telephone(&path)?;
                // Digital silence is no noise, and too short a piece is a click.
                if samples.len() < 4000 || samples.iter().all(|s| s.unsigned_abs() < 8) {
                    continue;
                }
                let file = path
                    .strip_prefix(dir)
                    .unwrap_or(&path)
                    .display()
                    .to_string();
                noises.push(Noise {
                    kind: kind(&path),
                    file,
                    samples,
                });
            }
        }
    }
    ensure!(!noises.is_empty(), "{}: no WAV file in it", dir.display());
    noises.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(noises)
}

/// The noises a telephone hears most, street and babble, each on their own where the folder has them; else all together.
#[must_use]
pub fn kinds(noises: &[Noise]) -> BTreeMap<String, Vec<&Noise>> {
    let mut kinds: BTreeMap<String, Vec<&Noise>> = BTreeMap::new();
    for wanted in ["street", "babble", "car"] {
        let of: Vec<&Noise> = noises.iter().filter(|n| n.kind.contains(wanted)).collect();
        if !of.is_empty() {
            kinds.insert(wanted.to_owned(), of);
        }
    }
    if kinds.is_empty() {
        kinds.insert("noise".into(), noises.iter().collect());
    }
    kinds
}

fn kind(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |s| s.to_string_lossy().to_lowercase())
}
