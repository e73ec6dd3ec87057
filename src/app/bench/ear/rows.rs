//! The recordings: manifest.tsv and the WAV files it names.

use crate::audio::resample::{convert, to_i16};
use crate::audio::wav;
use crate::terms::Lang;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::path::Path;

/// One recording and what is said in it.
pub struct Clip {
    pub file: String,
    pub set: String,
    pub speaker: String,
    pub lang: Lang,
    pub text: String,
    /// 8 kHz.
    pub samples: Vec<i16>,
}

/// Reads the whole folder. A bad row is an error that names its line, since a bench over half the rows would mislead.
pub fn read(dir: &Path, most: Option<usize>) -> Result<Vec<Clip>> {
    let path = dir.join("manifest.tsv");
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!(
            "{}: --data wants a folder with manifest.tsv",
            path.display()
        )
    })?;
    let mut lines = text.lines().enumerate();
    let header: Vec<&str> = match lines.next() {
        Some((_, line)) => line.trim_start_matches('\u{feff}').split('\t').collect(),
        None => bail!("{}: empty", path.display()),
    };
    let column = |name: &str| header.iter().position(|h| h.trim() == name);
    let need = |name: &str| {
        column(name).with_context(|| {
            format!(
                "{}, line 1: no column {name:?}; wanted are file, speaker, lang, text and, optional, set",
                path.display()
            )
        })
    };
    let (file, speaker, lang, said) = (
        need("file")?,
        need("speaker")?,
        need("lang")?,
        need("text")?,
    );
    let set = column("set");
    let mut rows: BTreeMap<String, Vec<(usize, Vec<&str>)>> = BTreeMap::new();
    for (i, line) in lines.filter(|(_, l)| !l.trim().is_empty()) {
        let cells: Vec<&str> = line.split('\t').collect();
        ensure!(
            cells.len() > file.max(speaker).max(lang).max(said),
            "{}, line {}: {} columns, the header has {}",
            path.display(),
            i + 1,
            cells.len(),
            header.len()
        );
        // Without a set of its own a recording belongs to its folder and language.
        let folder = Path::new(cells[file])
            .parent()
            .and_then(Path::file_name)
            .map_or_else(|| "all".into(), |f| f.to_string_lossy());
        let name = set
            .and_then(|s| cells.get(s).copied())
            .filter(|s| !s.is_empty())
            .map_or_else(|| format!("{}-{folder}", cells[lang]), str::to_owned);
        rows.entry(name).or_default().push((i + 1, cells));
    }
    let mut clips = Vec::new();
    for (name, rows) in rows {
        let step = most.map_or(1, |m| rows.len().div_ceil(m.max(1)));
        for (line, cells) in rows.iter().step_by(step.max(1)) {
            let at = || format!("{}, line {line}", path.display());
            let lang = match cells[lang] {
                "zh" => Lang::Zh,
                "en" => Lang::En,
                other => bail!("{}: lang {other:?}; write zh or en", at()),
            };
            clips.push(Clip {
                file: cells[file].to_owned(),
                set: name.clone(),
                speaker: cells[speaker].to_owned(),
                lang,
                text: cells[said].to_owned(),
                samples: telephone(&dir.join(cells[file])).with_context(at)?,
            });
        }
    }
    Ok(clips)
}

/// A WAV file as a telephone carries it, before G.711: 8 kHz.
pub fn telephone(path: &Path) -> Result<Vec<i16>> {
    let (samples, rate) = wav::read_mono(path)?;
    Ok(match rate {
        8000 => to_i16(&samples),
        rate => to_i16(&convert(&samples, rate, 8000)),
    })
}

/// The recordings of each set, in the order of the manifest.
pub fn by_set(clips: &[Clip]) -> BTreeMap<String, Vec<&Clip>> {
    let mut sets: BTreeMap<String, Vec<&Clip>> = BTreeMap::new();
    for clip in clips {
        sets.entry(clip.set.clone()).or_default().push(clip);
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_manifest_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let wav = dir.path().join("a.wav");
        wav::write(&wav, &[0; 800], 8000).unwrap();
        let manifest = dir.path().join("manifest.tsv");
        let says = |text: &str| {
            std::fs::write(&manifest, text).unwrap();
            format!("{:#}", read(dir.path(), None).map(|_| ()).unwrap_err())
        };
        assert!(says("file\tlang\ttext\na.wav\ten\tyes\n").contains("speaker"));
        assert!(says("file\tspeaker\tlang\ttext\na.wav\tx\tfr\toui\n").contains("line 2"));
        assert!(says("file\tspeaker\tlang\ttext\na.wav\tx\n").contains("line 2"));
        assert!(says("file\tspeaker\tlang\ttext\nb.wav\tx\ten\tyes\n").contains("b.wav"));
        std::fs::write(&manifest, "file\tspeaker\tlang\ttext\na.wav\tx\ten\tyes\n").unwrap();
        assert_eq!(read(dir.path(), None).unwrap()[0].samples.len(), 800);
    }
}
