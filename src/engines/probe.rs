//! Loads a model in a process of its own. A file that passes every checksum can still be one that this machine's library
//! cannot run, and the C library answers that by ending the process: better a child than the server.

use super::kokoro::Kokoro;
use super::models::{CACHE_VAR, Engine, ModelError, ModelStore};
use super::offline::Offline;
use super::pool::Pool;
use super::runtime::EngineError;
use super::streaming::{StreamingConfig, engine_of};
use crate::hearing::traits::RecognisedKind;
use crate::terms::Lang;
use sherpa_onnx::{
    OfflineSpeechDenoiserGtcrnModelConfig, OfflineSpeechDenoiserModelConfig, OnlineRecognizer,
    OnlineSpeechDenoiser, OnlineSpeechDenoiserConfig, SileroVadModelConfig, VadModelConfig,
    VoiceActivityDetector,
};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

/// The hidden subcommand that calls [`probe`].
pub const SUBCOMMAND: &str = "probe-model";

/// Loads the model and says on standard error what is wrong with it. May end the process.
#[must_use]
pub fn probe(store: &ModelStore, name: &str) -> ExitCode {
    match load(store, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Checks the model's files, then has `exe probe-model NAME` (this program itself) load it.
pub fn probe_in_child(exe: &Path, store: &ModelStore, name: &str) -> Result<(), ModelError> {
    store.check(name)?;
    run_child(exe, store.root(), name)
}

/// Has a child load the recogniser in a folder that nobody has checked.
pub fn probe_folder_in_child(exe: &Path, dir: &Path) -> Result<(), ModelError> {
    // Absolute, and so never a model's name.
    let dir = std::path::absolute(dir).map_err(|error| ModelError::Unreadable {
        path: dir.to_owned(),
        error,
    })?;
    run_child(exe, &super::models::default_root(), &dir.to_string_lossy())
}

fn run_child(exe: &Path, root: &Path, name: &str) -> Result<(), ModelError> {
    let unusable = |said: String| ModelError::Unusable {
        model: name.to_owned(),
        said,
    };
    let child = Command::new(exe)
        .args([SUBCOMMAND, name])
        .env(CACHE_VAR, root)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| unusable(format!("{} could not be started: {e}", exe.display())))?;
    if child.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&child.stderr);
    let last: Vec<&str> = said
        .lines()
        .rev()
        .filter(|l| !l.trim().is_empty())
        .take(3)
        .collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    Err(unusable(format!("{} ({})", last.join(" / "), child.status)))
}

fn load(store: &ModelStore, name: &str) -> Result<(), String> {
    if Path::new(name).is_absolute() {
        return recogniser(Path::new(name));
    }
    let dir = store.dir(name).map_err(|e| e.to_string())?;
    let file = |name: &str| Some(dir.join(name).to_string_lossy().into_owned());
    let loaded = match name {
        super::kokoro::MODEL => {
            Kokoro::load(&dir).map_err(|e| e.to_string())?;
            Kokoro::phonemizer(&dir).map_err(|e| e.to_string())?;
            true
        }
        "silero-vad" => {
            let config = VadModelConfig {
                silero_vad: SileroVadModelConfig {
                    model: file("silero_vad.onnx"),
                    ..Default::default()
                },
                ..Default::default()
            };
            VoiceActivityDetector::create(&config, 1.0).is_some()
        }
        "gtcrn" => {
            let config = OnlineSpeechDenoiserConfig {
                model: OfflineSpeechDenoiserModelConfig {
                    gtcrn: OfflineSpeechDenoiserGtcrnModelConfig {
                        model: file("gtcrn_simple.onnx"),
                    },
                    ..Default::default()
                },
            };
            OnlineSpeechDenoiser::create(&config).is_some()
        }
        // Whisper is loaded through ort, where a bad file is an ordinary error.
        _ => match store.model(name).map_err(|e| e.to_string())?.engine {
            Some(_) => return recogniser(&dir),
            None => true,
        },
    };
    if loaded { Ok(()) } else { Err(refused(&dir)) }
}

/// Loads a recogniser and has it hear a second of silence: shapes that do not fit show only then.
fn recogniser(dir: &Path) -> Result<(), String> {
    let said = |e: EngineError| e.to_string();
    if let Some(Engine::SenseVoice | Engine::Paraformer) = engine_of(dir).map_err(said)? {
        let engine = Offline::load(dir, Arc::new(Pool::new(1))).map_err(said)?;
        return match engine.recognise(&[0; 8000], Lang::Zh) {
            RecognisedKind::Failed(why) => Err(why),
            _ => Ok(()),
        };
    }
    let config = StreamingConfig::read(dir).map_err(said)?;
    let recognizer =
        OnlineRecognizer::create(&config.to_sherpa().map_err(said)?).ok_or_else(|| refused(dir))?;
    let stream = recognizer.create_stream();
    let rate = config.model_rate;
    stream.accept_waveform(rate, &vec![0.0; rate.unsigned_abs() as usize]);
    stream.input_finished();
    while recognizer.is_ready(&stream) {
        recognizer.decode(&stream);
    }
    match recognizer.get_result(&stream) {
        Some(_) => Ok(()),
        None => Err(format!("{} gives no result", dir.display())),
    }
}

fn refused(dir: &Path) -> String {
    format!("the speech library refused {}", dir.display())
}

#[cfg(test)]
mod tests {
    use super::super::models::default_root;
    use super::*;

    #[test]
    fn a_child_that_dies_is_an_error_with_its_last_words() {
        let store = ModelStore::open(&default_root()).unwrap();
        if store.check("gtcrn").is_err() {
            eprintln!("skipped: gtcrn is not installed");
            return;
        }
        assert!(probe_in_child(Path::new("/bin/true"), &store, "gtcrn").is_ok());
        let error = probe_in_child(Path::new("/bin/false"), &store, "gtcrn").unwrap_err();
        assert!(error.to_string().contains("exit status: 1"), "{error}");
        let error = probe_in_child(Path::new("/no/such/program"), &store, "gtcrn").unwrap_err();
        assert!(
            error.to_string().contains("could not be started"),
            "{error}"
        );
    }

    #[test]
    fn the_installed_models_load() {
        let store = ModelStore::open(&default_root()).unwrap();
        for name in ["silero-vad", "gtcrn"] {
            if store.check(name).is_ok() {
                assert_eq!(load(&store, name), Ok(()));
            } else {
                eprintln!("skipped: {name} is not installed");
            }
        }
    }
}
