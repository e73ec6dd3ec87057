//! The models on this machine, held against `models/models.toml` before anything is loaded: a wrong file would make the C
//! library end the whole process.

mod hashes;

pub use hashes::Hashes;

use serde::Deserialize;
use std::path::{Path, PathBuf};
use thiserror::Error;

const MANIFEST: &str = include_str!("../../models/models.toml");
/// Sets the cache folder, in place of `$XDG_CACHE_HOME/callsmith`.
pub const CACHE_VAR: &str = "CALLSMITH_CACHE";

/// `models.toml`: one entry a model.
#[derive(Clone, Debug, Deserialize)]
pub struct Model {
    pub name: String,
    /// What it does for a call, for people.
    pub purpose: String,
    pub licence: String,
    /// Where the authors publish it.
    pub upstream: String,
    /// The registry packages it is built from.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
    #[serde(rename = "file")]
    pub files: Vec<File>,
}

/// A package of a registry.
#[derive(Clone, Debug, Deserialize)]
pub struct Package {
    pub registry: String,
    pub name: String,
    pub version: String,
    pub sha256: String,
}

/// A file of a model's folder, or one of its allowed forms.
#[derive(Clone, Debug, Deserialize)]
pub struct File {
    pub path: String,
    /// Bytes.
    pub size: u64,
    pub sha256: String,
    /// Its last bits depend on the processor that converted it.
    #[serde(default)]
    pub made_here: bool,
}

#[derive(Debug, Error)]
pub enum ModelError {
    #[error("no model is called {name:?}; there are {known}")]
    Unknown { name: String, known: String },
    #[error("model {model} is not complete: {path} is missing; {REPAIR}")]
    Missing { model: String, path: PathBuf },
    #[error("model {model} is damaged: {path} has {found} bytes instead of {wanted}; {REPAIR}")]
    WrongSize {
        model: String,
        path: PathBuf,
        found: u64,
        wanted: u64,
    },
    #[error(
        "model {model} is damaged: {path} has SHA-256 {found}, which models.toml does not list; delete the file, then {REPAIR}"
    )]
    WrongHash {
        model: String,
        path: PathBuf,
        found: String,
    },
    #[error("{path}: {error}")]
    Unreadable {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("model {model} was checked but cannot be run here: {said}")]
    Unusable { model: String, said: String },
    #[error("models.toml: {0}")]
    Manifest(#[from] toml::de::Error),
}

const REPAIR: &str = "run scripts/demo or scripts/test, which fetch and build what is missing";

/// A model whose files are as they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub dir: PathBuf,
    /// `(path, sha256)` of every file, in the order of `models.toml`.
    pub files: Vec<(String, String)>,
}

/// The model folders below a cache folder.
#[derive(Clone, Debug)]
pub struct ModelStore {
    root: PathBuf,
    models: Vec<Model>,
}

impl ModelStore {
    /// The models in `cache_root/models`; the folder need not exist yet.
    pub fn open(cache_root: &Path) -> Result<ModelStore, ModelError> {
        #[derive(Deserialize)]
        struct Manifest {
            model: Vec<Model>,
        }
        let manifest: Manifest = toml::from_str(MANIFEST)?;
        Ok(ModelStore {
            root: cache_root.to_owned(),
            models: manifest.model,
        })
    }

    /// The cache folder it was opened on.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every model of `models.toml`, installed or not.
    #[must_use]
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    pub fn model(&self, name: &str) -> Result<&Model, ModelError> {
        let unknown = || ModelError::Unknown {
            name: name.to_owned(),
            known: self.names().join(", "),
        };
        self.models
            .iter()
            .find(|m| m.name == name)
            .ok_or_else(unknown)
    }

    /// The names of all models.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.models.iter().map(|m| m.name.as_str()).collect()
    }

    /// A model's folder, which may be absent.
    pub fn dir(&self, name: &str) -> Result<PathBuf, ModelError> {
        Ok(self.root.join("models").join(&self.model(name)?.name))
    }

    /// Holds every file of a model against `models.toml`. Hashes only what changed since the last check.
    pub fn check(&self, name: &str) -> Result<Checked, ModelError> {
        let model = self.model(name)?;
        let dir = self.dir(name)?;
        let mut hashes = Hashes::open(&dir);
        let mut files: Vec<(String, String)> = Vec::new();
        for file in &model.files {
            if files.iter().any(|(path, _)| *path == file.path) {
                continue;
            }
            let forms: Vec<&File> = model.files.iter().filter(|f| f.path == file.path).collect();
            let found = check_file(model, &dir, &forms, &mut hashes)?;
            files.push((file.path.clone(), found));
        }
        hashes.save();
        Ok(Checked { dir, files })
    }
}

/// `$CALLSMITH_CACHE`, else `callsmith` in `$XDG_CACHE_HOME` or `~/.cache`.
#[must_use]
pub fn default_root() -> PathBuf {
    let var = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    var(CACHE_VAR).unwrap_or_else(|| {
        var("XDG_CACHE_HOME")
            .or_else(|| var("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("callsmith")
    })
}

/// The hash of a file that matches one of its allowed forms.
fn check_file(
    model: &Model,
    dir: &Path,
    forms: &[&File],
    hashes: &mut Hashes,
) -> Result<String, ModelError> {
    let name = &forms[0].path;
    let path = dir.join(name);
    let size = match std::fs::metadata(&path) {
        Ok(meta) => meta.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let model = model.name.clone();
            return Err(ModelError::Missing { model, path });
        }
        Err(error) => return Err(ModelError::Unreadable { path, error }),
    };
    let made_here = forms.iter().any(|f| f.made_here);
    if !made_here && !forms.iter().any(|f| f.size == size) {
        return Err(ModelError::WrongSize {
            model: model.name.clone(),
            path,
            found: size,
            wanted: forms[0].size,
        });
    }
    let found = match hashes.of(name) {
        Ok(found) => found,
        Err(error) => return Err(ModelError::Unreadable { path, error }),
    };
    let listed = forms.iter().any(|f| f.sha256 == found);
    if listed || (made_here && hashes.recorded(name).as_deref() == Some(&found)) {
        return Ok(found);
    }
    Err(ModelError::WrongHash {
        model: model.name.clone(),
        path,
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store with one small model, the VAD, faked at its right size.
    fn store() -> (tempfile::TempDir, ModelStore, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let store = ModelStore::open(dir.path()).unwrap();
        let file = store.dir("silero-vad").unwrap().join("silero_vad.onnx");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        (dir, store, file)
    }

    #[test]
    fn a_missing_a_short_and_a_changed_file_are_told_apart_with_their_path_and_the_repair() {
        let (_dir, store, file) = store();
        let error = store.check("silero-vad").unwrap_err();
        assert!(matches!(error, ModelError::Missing { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains("silero_vad.onnx is missing; run scripts/demo")
        );
        std::fs::write(&file, "short").unwrap();
        let error = store.check("silero-vad").unwrap_err().to_string();
        assert!(error.contains("has 5 bytes instead of 2327524"), "{error}");
        std::fs::write(&file, vec![0; 2_327_524]).unwrap();
        let error = store.check("silero-vad").unwrap_err();
        assert!(matches!(error, ModelError::WrongHash { .. }), "{error}");
    }

    #[test]
    fn an_unknown_model_is_answered_with_the_known_ones() {
        let (_dir, store, _) = store();
        let error = store.check("sam").unwrap_err().to_string();
        assert_eq!(
            error,
            "no model is called \"sam\"; there are whisper-base, kokoro-zh-en, silero-vad, gtcrn"
        );
    }

    #[test]
    fn every_file_and_package_is_pinned() {
        let (_dir, store, _) = store();
        for model in store.models() {
            assert!(!model.packages.is_empty() && !model.files.is_empty());
            let hashes = model.files.iter().map(|f| &f.sha256);
            for hash in hashes.chain(model.packages.iter().map(|p| &p.sha256)) {
                assert!(
                    hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit()),
                    "{hash}"
                );
            }
            assert!(model.files.iter().all(|f| f.size > 0), "{}", model.name);
        }
    }

    #[test]
    fn the_installed_models_are_whole() {
        let store = ModelStore::open(&default_root()).unwrap();
        for name in store.names() {
            match store.check(name) {
                Ok(checked) => assert_eq!(checked.dir, store.dir(name).unwrap()),
                Err(ModelError::Missing { .. }) => eprintln!("skipped: {name} is not installed"),
                Err(error) => panic!("{error}"),
            }
        }
    }
}
