//! A dialplan with everything it includes: as a list of files to publish, and as a folder to load from.

use super::sources::{FolderSources, read_text};
use crate::dialogue::Dialplan;
use crate::dialogue::file::Sources;
use crate::dialogue::lines::prompts;
use crate::store::{BundleFile, TenantId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Includes inside includes; the format allows four.
const DEEPEST: usize = 8;
/// The most files of one dialplan, itself among them; the format includes 64.
pub const MOST_FILES: usize = 65;

/// Why files cannot be put together, taken apart or kept.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("{}: {why}", file.display())]
    Unreadable { file: PathBuf, why: String },
    #[error("{}: include {} leaves the dialplan's folder", file.display(), include.display())]
    Leaves { file: PathBuf, include: PathBuf },
    #[error("{0:?} leaves the dialplan's folder")]
    Path(String),
    #[error("the version holds no file")]
    Empty,
    #[error("{}: {source}", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("recording {name} cannot be kept with the version: {source}")]
    Recording {
        name: String,
        source: std::io::Error,
    },
}

/// The file and what it includes, paths relative to its folder; the file itself first.
///
/// # Errors
/// A file that cannot be read, or an include outside the folder.
pub fn gather(file: &Path) -> Result<Vec<BundleFile>, BundleError> {
    let unreadable = |file: &Path, why: String| BundleError::Unreadable {
        file: file.to_path_buf(),
        why,
    };
    let name = file
        .file_name()
        .map(PathBuf::from)
        .ok_or_else(|| unreadable(file, "it is no file".into()))?;
    let text = read_text(file).map_err(|why| unreadable(file, why))?;
    let mut gathered = Gathered {
        sources: &FolderSources::beside(file),
        seen: BTreeSet::new(),
        files: Vec::new(),
    };
    gathered.add(&name, text, 0)?;
    Ok(gathered.files)
}

/// The paths that a dialplan and what it includes ask for, as far as they are in the bundle.
#[must_use]
pub fn wanted(files: &[BundleFile]) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    let mut open: Vec<&BundleFile> = files.iter().take(1).collect();
    while let Some(file) = open.pop() {
        let here = Path::new(&file.path)
            .parent()
            .map(PathBuf::from)
            .unwrap_or_default();
        for path in includes(&file.text) {
            let path = here
                .join(path.trim_start_matches("./"))
                .display()
                .to_string();
            let found = files.iter().skip(1).find(|f| f.path == path);
            if let Some(found) = found
                && wanted.insert(path)
            {
                open.push(found);
            }
        }
    }
    wanted
}

struct Gathered<'a> {
    sources: &'a dyn Sources,
    seen: BTreeSet<PathBuf>,
    files: Vec<BundleFile>,
}

impl Gathered<'_> {
    fn add(&mut self, file: &Path, text: String, depth: usize) -> Result<(), BundleError> {
        self.seen.insert(file.to_path_buf());
        let included = includes(&text);
        self.files.push(BundleFile {
            path: file.display().to_string(),
            text,
        });
        let here = file.parent().map(PathBuf::from).unwrap_or_default();
        for path in included {
            let path = PathBuf::from(path.trim_start_matches("./"));
            if !is_below(&path) {
                return Err(BundleError::Leaves {
                    file: file.to_path_buf(),
                    include: path,
                });
            }
            let path = here.join(path);
            if depth >= DEEPEST || self.seen.contains(&path) || self.files.len() >= MOST_FILES {
                continue;
            }
            let text = self.sources.read(&path.display().to_string());
            let text = text.map_err(|why| BundleError::Unreadable {
                file: path.clone(),
                why,
            })?;
            self.add(&path, text, depth + 1)?;
        }
        Ok(())
    }
}

/// A relative path without a way up.
#[must_use]
pub fn is_below(path: &Path) -> bool {
    let plain = |c| matches!(c, Component::Normal(_));
    path.components().next().is_some() && path.components().all(plain)
}

/// The files beside a dialplan that are in its bundle; nothing is read from the disk.
pub struct BundleSources<'a>(pub &'a [BundleFile]);

impl Sources for BundleSources<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        let found = self.0.iter().find(|f| f.path == path);
        found.map(|f| f.text.clone()).ok_or_else(|| {
            let known: Vec<&str> = self.0.iter().map(|f| f.path.as_str()).collect();
            if known.is_empty() {
                return "no file goes with this dialplan".to_string();
            }
            format!(
                "the files that go with this dialplan are {}",
                known.join(", ")
            )
        })
    }
}

/// What a file says of itself, read without checking anything.
#[derive(Debug, Default, Deserialize)]
pub struct Head {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub lang: Option<String>,
    #[serde(default)]
    langs: Option<Langs>,
    #[serde(default)]
    steps: Option<BTreeMap<String, IgnoredAny>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Langs {
    List(Vec<String>),
    Map(BTreeMap<String, IgnoredAny>),
}

impl Head {
    /// Nothing, where the text is no YAML: the check tells of it.
    #[must_use]
    pub fn of(text: &str) -> Head {
        serde_saphyr::from_str(text).unwrap_or_default()
    }

    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps.as_ref().map_or(0, BTreeMap::len)
    }

    /// Every language of the file, its first one first.
    #[must_use]
    pub fn langs(&self) -> Vec<String> {
        let mut langs: Vec<String> = self.lang.clone().into_iter().collect();
        let more: Vec<String> = match &self.langs {
            Some(Langs::List(list)) => list.clone(),
            Some(Langs::Map(map)) => map.keys().cloned().collect(),
            None => Vec::new(),
        };
        for lang in more {
            if !langs.contains(&lang) {
                langs.push(lang);
            }
        }
        langs
    }
}

#[derive(Deserialize)]
struct Includes {
    include: Include,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Include {
    One(String),
    Many(Vec<String>),
}

/// What a file includes; a file that cannot be read as YAML is told of by the check.
fn includes(text: &str) -> Vec<String> {
    if !text.lines().any(|l| l.starts_with("include")) {
        return Vec::new();
    }
    match serde_saphyr::from_str(text).map(|i: Includes| i.include) {
        Ok(Include::One(path)) => vec![path],
        Ok(Include::Many(paths)) => paths,
        Err(_) => Vec::new(),
    }
}

/// Writes the files into `dir`, where they are not there already, and gives the dialplan's own.
///
/// # Errors
/// A path leaves the folder, or cannot be written.
pub fn unpack(files: &[BundleFile], dir: &Path) -> Result<PathBuf, BundleError> {
    let first = files.first().ok_or(BundleError::Empty)?;
    for file in files {
        let path = Path::new(&file.path);
        if !is_below(path) {
            return Err(BundleError::Path(file.path.clone()));
        }
        let path = dir.join(path);
        if std::fs::read_to_string(&path).is_ok_and(|there| there == file.text) {
            continue;
        }
        let failed = |source| BundleError::Write {
            path: path.clone(),
            source,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&path, &file.text).map_err(failed)?;
    }
    Ok(dir.join(&first.path))
}

/// The recordings that a dialplan plays.
#[must_use]
pub fn recordings(plan: &Dialplan) -> BTreeSet<&str> {
    let variants = prompts(plan).into_iter().flat_map(|p| &p.variants);
    variants.filter_map(|v| v.recording.as_deref()).collect()
}

/// Copies the recordings that a dialplan plays from its folder to another.
///
/// # Errors
/// One is not there or cannot be written.
pub fn copy_recordings(plan: &Dialplan, from: &Path, to: &Path) -> Result<(), BundleError> {
    for name in recordings(plan) {
        let target = to.join(name);
        let failed = |source| BundleError::Recording {
            name: name.to_string(),
            source,
        };
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::copy(from.join(name), &target).map_err(failed)?;
    }
    Ok(())
}

/// Where a version's files lie in the data folder.
#[must_use]
pub fn folder(data: &Path, tenant: TenantId, name: &str, version: i64) -> PathBuf {
    let mut dir = data.join("dialplans");
    if tenant != TenantId::PLATFORM {
        // No dialplan's folder looks so: `@` is taken out of names.
        dir = dir.join(format!("@{}", tenant.0));
    }
    dir.join(plain(name)).join(version.to_string())
}

/// A name as part of a path: letters, digits, `-`, `_` and `.`; anything else becomes `_`.
#[must_use]
pub fn plain(name: &str) -> String {
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let plain: String = name
        .chars()
        .map(|c| if keep(c) { c } else { '_' })
        .collect();
    if plain.trim_matches('.').is_empty() {
        return "_".into();
    }
    plain
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
