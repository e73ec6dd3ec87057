//! A dialplan with everything it includes: as a list of files to publish, and as a folder to load from.

use super::plan_files;
use crate::dialogue::Dialplan;
use crate::dialogue::lines::prompts;
use crate::store::BundleFile;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Includes inside includes; the format allows four.
const DEEPEST: usize = 8;

/// The file and what it includes, paths relative to its folder; the file itself first.
pub fn gather(file: &Path) -> Result<Vec<BundleFile>> {
    let dir = file.parent().map(PathBuf::from).unwrap_or_default();
    let name = file
        .file_name()
        .map(PathBuf::from)
        .with_context(|| format!("{} is no file", file.display()))?;
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    add(&dir, &name, 0, &mut seen, &mut files)?;
    Ok(files)
}

fn add(
    dir: &Path,
    file: &Path,
    depth: usize,
    seen: &mut BTreeSet<PathBuf>,
    out: &mut Vec<BundleFile>,
) -> Result<()> {
    if depth > DEEPEST || !seen.insert(file.to_path_buf()) {
        return Ok(());
    }
    let text = super::check::read(&dir.join(file))?;
    let included = includes(&text);
    out.push(BundleFile {
        path: file.display().to_string(),
        text,
    });
    let here = file.parent().map(PathBuf::from).unwrap_or_default();
    for path in included {
        let path = PathBuf::from(path.trim_start_matches("./"));
        if !is_below(&path) {
            bail!(
                "{}: include {} leaves the dialplan's folder",
                file.display(),
                path.display()
            );
        }
        add(dir, &here.join(path), depth + 1, seen, out)?;
    }
    Ok(())
}

/// A relative path without a way up.
fn is_below(path: &Path) -> bool {
    path.components().all(|c| matches!(c, Component::Normal(_)))
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    include: Option<Include>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Include {
    One(String),
    Many(Vec<String>),
}

/// What a file includes; a file that cannot be read as YAML is told of by the check.
fn includes(text: &str) -> Vec<String> {
    let begins = |l: &str| l.starts_with("include");
    if !text.lines().any(begins) {
        return Vec::new();
    }
    match serde_saphyr::from_str::<Head>(text) {
        Ok(Head {
            include: Some(Include::One(path)),
        }) => vec![path],
        Ok(Head {
            include: Some(Include::Many(paths)),
        }) => paths,
        _ => Vec::new(),
    }
}

/// Writes the files into `dir`, where they are not there already, and gives the dialplan's own.
pub fn unpack(files: &[BundleFile], dir: &Path) -> Result<PathBuf> {
    let first = files.first().context("the version holds no file")?;
    for file in files {
        let path = Path::new(&file.path);
        if !is_below(path) {
            bail!("{:?} leaves the dialplan's folder", file.path);
        }
        let path = dir.join(path);
        if std::fs::read_to_string(&path).is_ok_and(|there| there == file.text) {
            continue;
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        std::fs::write(&path, &file.text).with_context(|| path.display().to_string())?;
    }
    Ok(dir.join(&first.path))
}

/// Copies the recordings that a dialplan plays from its folder to another.
pub fn copy_recordings(plan: &Dialplan, from: &Path, to: &Path) -> Result<()> {
    let variants = prompts(plan).into_iter().flat_map(|p| &p.variants);
    let names: BTreeSet<&String> = variants.filter_map(|v| v.recording.as_ref()).collect();
    for name in names {
        let target = to.join(name);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        std::fs::copy(from.join(name), &target)
            .with_context(|| format!("recording {name} cannot be kept with the version"))?;
    }
    Ok(())
}

/// Where a version's files lie in the data folder.
pub fn folder(data: &Path, name: &str, version: i64) -> PathBuf {
    data.join("dialplans")
        .join(plan_files::plain(name))
        .join(version.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialplan_is_gathered_with_what_it_includes_and_unpacked_as_it_was() {
        let from = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = from.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("a.yaml", "callsmith: 1\ninclude: [shared/faq.yaml]\n");
        write("shared/faq.yaml", "include:\n  - more.yaml\nfaq: {}\n");
        write("shared/more.yaml", "faq: {}\n");
        let files = gather(&from.path().join("a.yaml")).unwrap();
        let paths: Vec<&str> = files.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["a.yaml", "shared/faq.yaml", "shared/more.yaml"]);
        let to = tempfile::tempdir().unwrap();
        let main = unpack(&files, to.path()).unwrap();
        assert_eq!(gather(&main).unwrap(), files);
    }

    #[test]
    fn nothing_outside_the_folder_is_read_or_written() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.yaml");
        std::fs::write(&file, "include: ../../etc/passwd\n").unwrap();
        let told = gather(&file).unwrap_err().to_string();
        assert!(told.contains("leaves the dialplan's folder"), "{told}");
        let evil = BundleFile {
            path: "../evil.yaml".into(),
            text: String::new(),
        };
        assert!(unpack(&[evil], dir.path()).is_err());
    }
}
