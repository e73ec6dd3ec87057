//! The models on this machine, held against `models/models.toml` before anything is loaded: a wrong file would make the C
//! library end the whole process.

mod hashes;
mod manifest;

pub use hashes::{Hashes, hash_file};
pub use manifest::{Archive, Engine, File, Model, Package};

use std::path::{Path, PathBuf};
use thiserror::Error;

/// Sets the cache folder, in place of `$XDG_CACHE_HOME/callsmith`.
pub const CACHE_VAR: &str = "CALLSMITH_CACHE";
/// Names a file of the form of `models.toml` with models of one's own.
pub const MANIFEST_VAR: &str = "CALLSMITH_MODELS";

#[derive(Debug, Error)]
pub enum ModelError {
    #[error("no model is called {name:?}; there are {known}")]
    Unknown { name: String, known: String },
    #[error("model {model} is not complete: {path} is missing; {repair}")]
    Missing {
        model: String,
        path: PathBuf,
        repair: String,
    },
    #[error("model {model} is damaged: {path} has {found} bytes instead of {wanted}; {repair}")]
    WrongSize {
        model: String,
        path: PathBuf,
        found: u64,
        wanted: u64,
        repair: String,
    },
    #[error(
        "model {model} is damaged: {path} has SHA-256 {found}, which is not the one on record; delete the file, then {repair}"
    )]
    WrongHash {
        model: String,
        path: PathBuf,
        found: String,
        repair: String,
    },
    #[error("{path}: {error}")]
    Unreadable {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("model {model} was checked but cannot be run here: {said}")]
    Unusable { model: String, said: String },
    #[error("{file}: {why}")]
    Manifest { file: String, why: String },
}

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
    /// The models in `cache_root/models`; the folder need not exist yet. [`MANIFEST_VAR`] may name a file with more of them.
    pub fn open(cache_root: &Path) -> Result<ModelStore, ModelError> {
        let mut models = manifest::built_in()?;
        if let Some(file) = std::env::var_os(MANIFEST_VAR).filter(|f| !f.is_empty()) {
            manifest::extend(&mut models, Path::new(&file))?;
        }
        Ok(ModelStore {
            root: cache_root.to_owned(),
            models,
        })
    }

    /// The models of another manifest's text, and no others.
    pub fn of_manifest(cache_root: &Path, text: &str) -> Result<ModelStore, ModelError> {
        Ok(ModelStore {
            root: cache_root.to_owned(),
            models: manifest::parse(text, "manifest")?,
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
            if file.optional && !dir.join(&file.path).exists() {
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
            let (model, repair) = (model.name.clone(), model.repair());
            return Err(ModelError::Missing {
                model,
                path,
                repair,
            });
        }
        Err(error) => return Err(ModelError::Unreadable { path, error }),
    };
    // What an archive held is known by what was written down when it was unpacked.
    let recorded = forms.iter().any(|f| f.made_here || f.sha256.is_none());
    let sizes = || forms.iter().filter_map(|f| f.size);
    if !recorded
        && let Some(wanted) = sizes().next()
        && !sizes().any(|s| s == size)
    {
        return Err(ModelError::WrongSize {
            model: model.name.clone(),
            path,
            found: size,
            wanted,
            repair: model.repair(),
        });
    }
    let found = match hashes.of(name) {
        Ok(found) => found,
        Err(error) => return Err(ModelError::Unreadable { path, error }),
    };
    let listed = forms.iter().any(|f| f.sha256.as_ref() == Some(&found));
    if listed || (recorded && hashes.recorded(name).as_deref() == Some(&found)) {
        return Ok(found);
    }
    Err(ModelError::WrongHash {
        model: model.name.clone(),
        path,
        found,
        repair: model.repair(),
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
    fn a_published_model_says_how_to_fetch_it_and_is_held_against_what_was_unpacked() {
        let dir = tempfile::tempdir().unwrap();
        let store = ModelStore::open(dir.path()).unwrap();
        let error = store.check("zh-en").unwrap_err().to_string();
        assert!(
            error.contains("run `callsmith models fetch zh-en`"),
            "{error}"
        );
        let folder = store.dir("zh-small").unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("model.int8.onnx"), "abc").unwrap();
        std::fs::write(folder.join("tokens.txt"), "abc").unwrap();
        let error = store.check("zh-small").unwrap_err();
        assert!(matches!(error, ModelError::WrongHash { .. }), "{error}");
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let sums = format!("{abc}  model.int8.onnx\n{abc}  tokens.txt\n");
        std::fs::write(folder.join(Hashes::RECORD), sums).unwrap();
        assert!(store.check("zh-small").is_ok());
        std::fs::write(folder.join("tokens.txt"), "abd!").unwrap();
        assert!(store.check("zh-small").is_err());
    }

    #[test]
    fn an_unknown_model_is_answered_with_the_known_ones() {
        let (_dir, store, _) = store();
        let error = store.check("sam").unwrap_err().to_string();
        assert_eq!(
            error,
            "no model is called \"sam\"; there are whisper-base, whisper-base-tuned, kokoro-zh-en, silero-vad, gtcrn, e5-small, zh-en, zh-small, en, \
             sense-voice, paraformer-zh"
        );
    }

    #[test]
    fn every_file_and_package_is_pinned() {
        let (_dir, store, _) = store();
        let hex = |h: &str| h.len() == 64 && h.chars().all(|c| c.is_ascii_hexdigit());
        for model in store.models() {
            assert!(!model.files.is_empty());
            if let Some(archive) = &model.archive {
                assert!(model.packages.is_empty() && model.engine.is_some());
                assert!(archive.url.starts_with("https://") && archive.size.is_some());
                assert!(archive.sha256.as_deref().is_some_and(hex), "{}", model.name);
                continue;
            }
            assert!(!model.packages.is_empty(), "{}", model.name);
            assert!(model.packages.iter().all(|p| hex(&p.sha256)));
            for file in &model.files {
                assert!(file.sha256.as_deref().is_some_and(hex), "{}", file.path);
                assert!(file.size.is_some_and(|s| s > 0), "{}", file.path);
            }
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
