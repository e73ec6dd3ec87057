//! One libonnxruntime for the whole process: the library that sherpa-onnx brings also runs our own graphs.

use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Why an engine could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("{}: the file is missing; run `callsmith models fetch`", .0.display())]
    Missing(PathBuf),
    #[error("{}: {why}", .path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("{}: not the model that was expected: {why}; run `callsmith models check`", .path.display())]
    WrongModel { path: PathBuf, why: String },
    #[error("the ONNX runtime {} could not be loaded: {why}", .path.display())]
    Runtime { path: PathBuf, why: String },
}

/// Loads the runtime from `library` the first time; later calls do nothing, whatever they name.
pub fn load(library: &Path) -> Result<(), EngineError> {
    static LOADED: Mutex<bool> = Mutex::new(false);
    let mut loaded = LOADED.lock().unwrap_or_else(|e| e.into_inner());
    if *loaded {
        return Ok(());
    }
    if !library.is_file() {
        return Err(EngineError::Missing(library.to_owned()));
    }
    let environment = ort::init_from(library).map_err(|e| EngineError::Runtime {
        path: library.to_owned(),
        why: e.to_string(),
    })?;
    environment.commit();
    *loaded = true;
    Ok(())
}

/// The runtime's library: in `$SHERPA_ONNX_LIB_DIR`, beside this program, or in the cache folder.
pub fn find() -> Result<PathBuf, EngineError> {
    const NAME: &str = "libonnxruntime.so";
    let named = std::env::var_os("SHERPA_ONNX_LIB_DIR").map(|dir| PathBuf::from(dir).join(NAME));
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.join(NAME)));
    let cached = super::models::default_root()
        .join("native/sherpa-onnx-core-2.0.1/lib")
        .join(NAME);
    named
        .into_iter()
        .chain(beside)
        .chain([cached.clone()])
        .find(|p| p.is_file())
        .ok_or(EngineError::Missing(cached))
}

/// A session on one thread: many calls share the cores, so that no single decode may take them all.
pub fn session(model: &Path) -> Result<Session, EngineError> {
    if !model.is_file() {
        return Err(EngineError::Missing(model.to_owned()));
    }
    let build = || -> Result<Session, ort::Error> {
        Session::builder()?
            .with_optimization_level(GraphOptimizationLevel::Level3)?
            .with_intra_threads(1)?
            .with_inter_threads(1)?
            .with_intra_op_spinning(false)?
            .with_inter_op_spinning(false)?
            .commit_from_file(model)
    };
    build().map_err(|e| EngineError::Unreadable {
        path: model.to_owned(),
        why: e.to_string(),
    })
}

#[cfg(test)]
pub(super) mod testing {
    use std::path::PathBuf;

    fn cache() -> PathBuf {
        std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .unwrap_or_else(|| {
                PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache")
            })
            .join("callsmith")
    }

    /// The runtime library and the folder of a model, or `None` (and a line that says so) where they are not installed.
    pub fn installed(model: &str) -> Option<(PathBuf, PathBuf)> {
        let native = std::env::var_os("SHERPA_ONNX_LIB_DIR")
            .map(PathBuf::from)
            .unwrap_or_else(|| cache().join("native/sherpa-onnx-core-2.0.1/lib"));
        let (library, folder) = (
            native.join("libonnxruntime.so"),
            cache().join("models").join(model),
        );
        if library.is_file() && folder.is_dir() {
            return Some((library, folder));
        }
        eprintln!("skipped: {model} or the ONNX runtime is not installed");
        None
    }

    /// Recorded speech beside the checkout, or `None` with a line that says so.
    pub fn shared_data() -> Option<PathBuf> {
        let dir = std::env::var_os("CALLSMITH_SHARED")
            .map(PathBuf::from)
            .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"));
        if dir.join("data/speech/dev").is_dir() {
            return Some(dir.join("data"));
        }
        eprintln!("skipped: no recorded speech (CALLSMITH_SHARED)");
        None
    }
}
