//! Fetches published models: download with resume and mirrors, checksum, a careful unpacking, a trial run. A model's folder appears
//! whole or not at all, and only what somebody asked for touches the network.

mod disk;
mod download;
#[cfg(test)]
mod tests;
mod unpack;

use super::models::{Archive, Hashes, Model, ModelError, ModelStore, hash_file};
use super::streaming::SETTINGS;
use download::Download;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// What may be chosen.
#[derive(Clone, Debug)]
pub struct Options {
    /// Tried in order, before the archive's own address. `{url}` and `{file}` in one stand for that address and for the archive's
    /// name; one without them is a folder that holds the archive.
    pub mirrors: Vec<String>,
    /// The archive's SHA-256 in hex, in place of the one in `models.toml`.
    pub sha256: Option<String>,
    /// Where nobody knows the checksum, take what comes and hold later fetches against it.
    pub trust_first: bool,
    /// The most that an archive may hold, in bytes.
    pub most_unpacked: u64,
    /// Before a broken download is taken up again.
    pub pause: Duration,
    /// Bytes free for the file system of a folder; `None` where it cannot be told.
    pub free: fn(&Path) -> Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            mirrors: Vec::new(),
            sha256: None,
            trust_first: false,
            most_unpacked: 4 << 30,
            pause: Duration::from_secs(1),
            free: disk::free,
        }
    }
}

/// How far it is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A source is asked; `have` bytes are here from before.
    Asking {
        url: &'a str,
        have: u64,
    },
    /// Bytes of the archive here, of all.
    Bytes {
        done: u64,
        total: Option<u64>,
    },
    /// A source failed and the next try follows.
    Failed {
        why: &'a str,
    },
    Checking,
    /// Bytes unpacked.
    Unpacking {
        done: u64,
    },
    /// The model is loaded in a process of its own.
    Trying,
}

/// A model that is installed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub dir: PathBuf,
    /// SHA-256 of the archive; `None` where the model was installed already.
    pub sha256: Option<String>,
}

#[derive(Debug, Error)]
pub enum FetchError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("{name} is built on this machine, not fetched: run scripts/demo or scripts/test")]
    Built { name: String },
    #[error(
        "nobody has told the checksum of {url}; give it with --sha256 HEX, or take what comes first with --trust-first, \
         which holds every later fetch against it"
    )]
    NoChecksum { url: String },
    #[error("--sha256 {0}: a SHA-256 has 64 hexadecimal digits")]
    BadChecksum(String),
    #[error(
        "{name} could not be fetched{}:\n  {}",
        if *kept > 0 { "; what came is kept and a later run goes on from there" } else { "" },
        failures.join("\n  ")
    )]
    NoSource {
        name: String,
        /// Bytes.
        kept: u64,
        failures: Vec<String>,
    },
    /// In MB.
    #[error(
        "{path}: the disk is full: {} {free} MB are free; what came is kept",
        needed.map_or(String::new(), |n| format!("{n} MB are needed,"))
    )]
    DiskFull {
        path: PathBuf,
        needed: Option<u64>,
        free: u64,
    },
    #[error("{archive}: {why}; nothing was installed")]
    BadArchive { archive: String, why: String },
    #[error("{path}: {error}")]
    Io {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("nothing was installed: {0}")]
    Unusable(ModelError),
}

/// Fetches a model and installs it. `try_out` loads it when its folder is in place; what it refuses is taken away again.
pub fn fetch(
    store: &ModelStore,
    name: &str,
    options: &Options,
    try_out: &dyn Fn(&str) -> Result<(), ModelError>,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<Fetched, FetchError> {
    let model = store.model(name)?;
    let Some(archive) = &model.archive else {
        let name = name.to_owned();
        return Err(FetchError::Built { name });
    };
    let dir = store.dir(name)?;
    let wanted = checksum(archive, &dir, options)?;
    let _lock = disk::lock(store.root())?;
    if store.check(name).is_ok() && !another(&dir, archive, options) {
        let sha256 = None;
        return Ok(Fetched { dir, sha256 });
    }
    let home = store.root().join("fetch");
    fs::create_dir_all(&home).map_err(|e| disk::trouble(&home, e))?;
    let part = home.join(format!("{}.part", archive.file_name()));
    let sources = sources(archive, &options.mirrors);
    let download = Download {
        name,
        part: &part,
        sources: &sources,
        // The size is that of the file whose checksum is known.
        size: archive.size.filter(|_| options.sha256.is_none()),
        sha256: wanted.as_deref(),
        room: room(model, archive),
        options,
    };
    let sha256 = download.run(tell)?;
    let fresh = disk::Temporary::beside(&dir)?;
    unpack::unpack(&part, model, archive, fresh.path(), options, tell)?;
    finish(model, archive, &sha256, fresh.path())?;
    let old = fresh.take_the_place_of(&dir)?;
    tell(Progress::Trying);
    let tried = store.check(name).map(|_| ()).and_then(|()| try_out(name));
    if let Err(e) = tried {
        old.restore(&dir);
        return Err(FetchError::Unusable(e));
    }
    old.discard();
    download::forget(&part);
    Ok(Fetched {
        dir,
        sha256: Some(sha256),
    })
}

/// The checksum that the archive must have; `None` where any will do this once.
fn checksum(
    archive: &Archive,
    dir: &Path,
    options: &Options,
) -> Result<Option<String>, FetchError> {
    if let Some(given) = &options.sha256 {
        let hex = given.len() == 64 && given.chars().all(|c| c.is_ascii_hexdigit());
        if !hex {
            return Err(FetchError::BadChecksum(given.clone()));
        }
        return Ok(Some(given.to_lowercase()));
    }
    let pinned = || Hashes::open(dir).recorded(archive.file_name());
    match archive.sha256.clone().or_else(pinned) {
        None if !options.trust_first => {
            let url = archive.url.clone();
            Err(FetchError::NoChecksum { url })
        }
        known => Ok(known),
    }
}

/// The user asks for an archive with another checksum than the installed one.
fn another(dir: &Path, archive: &Archive, options: &Options) -> bool {
    let installed = Hashes::open(dir).recorded(archive.file_name());
    options
        .sha256
        .as_ref()
        .is_some_and(|s| installed.as_deref() != Some(&s.to_lowercase()))
}

/// Bytes that the unpacked files need: where it is not known, about as many as the archive, of which few files are taken.
fn room(model: &Model, archive: &Archive) -> u64 {
    let sizes: Option<u64> = model.files.iter().map(|f| f.size).sum();
    sizes.or(archive.size).unwrap_or(0)
}

fn sources(archive: &Archive, mirrors: &[String]) -> Vec<String> {
    let file = archive.file_name();
    let address = |m: &String| {
        if m.contains("{url}") || m.contains("{file}") {
            m.replace("{url}", &archive.url).replace("{file}", file)
        } else {
            format!("{}/{file}", m.trim_end_matches('/'))
        }
    };
    mirrors
        .iter()
        .map(address)
        .chain([archive.url.clone()])
        .collect()
}

/// Writes beside the files what they are, and their hashes, against which they are held ever after.
fn finish(model: &Model, archive: &Archive, sha256: &str, folder: &Path) -> Result<(), FetchError> {
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|e| disk::trouble(&path, e))
    };
    let mut sums = format!("{sha256}  {}\n", archive.file_name());
    for file in &model.files {
        let path = folder.join(&file.path);
        if !path.is_file() {
            continue;
        }
        let found = hash_file(&path).map_err(|e| disk::trouble(&path, e))?;
        if file.sha256.as_ref().is_some_and(|wanted| *wanted != found) {
            let why = format!(
                "{} in it has SHA-256 {found}, not the {} on record",
                file.path,
                file.sha256.as_deref().unwrap_or_default()
            );
            return Err(bad_archive(archive, why));
        }
        sums.push_str(&format!("{found}  {}\n", file.path));
    }
    write(SETTINGS, settings(model))?;
    write(Hashes::RECORD, sums)
}

fn settings(model: &Model) -> String {
    let mut text = String::from("# Written by callsmith models fetch.\n");
    let mut line = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!("{key} = {value}\n"));
        }
    };
    line("engine", model.engine.map(|e| format!("{:?}", e.name())));
    line("sample_rate", model.sample_rate.map(|n| n.to_string()));
    line("feature_dim", model.feature_dim.map(|n| n.to_string()));
    line(
        "modeling_unit",
        model.modeling_unit.as_ref().map(|u| format!("{u:?}")),
    );
    text
}

fn bad_archive(archive: &Archive, why: impl Into<String>) -> FetchError {
    FetchError::BadArchive {
        archive: archive.file_name().to_owned(),
        why: why.into(),
    }
}

fn open(path: &Path) -> Result<File, FetchError> {
    File::open(path).map_err(|e| disk::trouble(path, e))
}
