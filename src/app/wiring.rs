//! Loads the engines once and hands them to calls: the one place where traits meet implementations.

use super::cli::EarArgs;
use super::models;
use crate::engines::denoise::{self, DenoiserKind};
use crate::engines::kokoro::{self, Kokoro};
use crate::engines::models::ModelStore;
use crate::engines::pool::Pool;
use crate::engines::streaming::{Streaming, StreamingConfig, StreamingKind};
use crate::engines::vad::{Earshot, SileroModel};
use crate::engines::whisper::Whisper;
use crate::hearing::pipeline::PipelineConfig;
use crate::hearing::traits::{Denoiser, Recognizer, Vad};
use crate::voice::{Studio, StudioConfig};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::Arc;

type VadMaker = Box<dyn Fn() -> Box<dyn Vad> + Send + Sync>;
type DenoiserMaker = Box<dyn Fn() -> Option<Box<dyn Denoiser>> + Send + Sync>;

/// What the speech side of every call is made of.
pub struct Engines {
    pub listening: Listening,
    pub studio: Arc<Studio>,
}

/// What every call listens with.
pub struct Listening {
    pub recognizer: Arc<dyn Recognizer>,
    pub vad: VadMaker,
    pub denoiser: DenoiserMaker,
    pub hearing: PipelineConfig,
}

/// Checks the models that are asked for and loads them. A missing or damaged one is an error that says how to mend it.
pub fn load(ear: &EarArgs) -> Result<Engines> {
    let store = models::open()?;
    // Checking takes a moment and loading takes seconds, so a damaged file is told before anything loads.
    store.check(kokoro::MODEL)?;
    let listening = listening(ear, 0)?;
    let voice = Kokoro::open(&store)?;
    let phonemizer = Kokoro::phonemizer(&store.dir(kokoro::MODEL)?)?;
    let prompts = store.root().join("prompts");
    let studio = Arc::new(Studio::new(
        Arc::new(voice),
        phonemizer,
        prompts,
        StudioConfig::default(),
    ));
    Ok(Engines { listening, studio })
}

/// The listening side alone; `workers` recognition threads, 0 for one a core.
pub fn listening(ear: &EarArgs, workers: usize) -> Result<Listening> {
    let store = models::open()?;
    let asked = [
        whisper_model(&ear.recognizer),
        (ear.vad == "silero").then_some("silero-vad"),
        (ear.denoise == "gtcrn").then_some("gtcrn"),
    ];
    for name in asked.into_iter().flatten() {
        store.check(name)?;
    }
    Ok(Listening {
        recognizer: recognizer(ear, &store, workers)?,
        vad: vad(ear, &store)?,
        denoiser: denoiser(ear, &store)?,
        hearing: PipelineConfig {
            denoise_ears: ear.denoise != "off",
            denoise_words: ear.denoise_words,
            ..PipelineConfig::default()
        },
    })
}

/// The embedded model that `--recognizer` names, if it names one.
fn whisper_model(recognizer: &str) -> Option<&'static str> {
    match recognizer {
        "whisper" | "whisper-base" => Some("whisper-base"),
        _ => None,
    }
}

fn recognizer(ear: &EarArgs, store: &ModelStore, workers: usize) -> Result<Arc<dyn Recognizer>> {
    if let Some(name) = whisper_model(&ear.recognizer) {
        let model = store.check(name)?;
        let pool = Arc::new(Pool::new(workers));
        let sessions = pool.workers();
        return Ok(Whisper::load(&model.dir, &runtime(store)?, pool, sessions)?);
    }
    let dir = Path::new(&ear.recognizer);
    if !dir.is_dir() {
        bail!(
            "--recognizer {}: there is no such folder; write whisper, or the folder of a streaming model",
            dir.display()
        );
    }
    if dir.join("enc.onnx").is_file() {
        let pool = Arc::new(Pool::new(workers));
        let sessions = pool.workers();
        return Ok(Whisper::load(dir, &runtime(store)?, pool, sessions)?);
    }
    let has_joiner = std::fs::read_dir(dir)?
        .flatten()
        .any(|e| e.file_name().to_string_lossy().starts_with("joiner"));
    let kind = if has_joiner {
        StreamingKind::Transducer
    } else {
        StreamingKind::Ctc
    };
    Ok(Streaming::load(&StreamingConfig::new(dir, kind))?)
}

fn vad(ear: &EarArgs, store: &ModelStore) -> Result<VadMaker> {
    if ear.vad == "silero" {
        let file = store.check("silero-vad")?.dir.join("silero_vad.onnx");
        let model = SileroModel::load(&file, &runtime(store)?)?;
        return Ok(Box::new(move || model.open()));
    }
    Ok(Box::new(|| Box::new(Earshot::new())))
}

fn denoiser(ear: &EarArgs, store: &ModelStore) -> Result<DenoiserMaker> {
    let (kind, model) = match ear.denoise.as_str() {
        "off" => return Ok(Box::new(|| None)),
        "gtcrn" => (
            DenoiserKind::Gtcrn,
            store.check("gtcrn")?.dir.join("gtcrn_simple.onnx"),
        ),
        _ => (DenoiserKind::Rnnoise, PathBuf::new()),
    };
    // Tried once here, so that a bad model is an error now and not on the first call.
    denoise::open(kind, &model)?;
    Ok(Box::new(move || {
        denoise::open(kind, &model).unwrap_or_else(|e| {
            tracing::warn!("no denoiser for this call: {e}");
            None
        })
    }))
}

/// The ONNX runtime that both speech libraries share.
fn runtime(store: &ModelStore) -> Result<PathBuf> {
    let name = "libonnxruntime.so";
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.join(name)));
    let named = std::env::var_os("SHERPA_ONNX_LIB_DIR").map(|dir| PathBuf::from(dir).join(name));
    let cached = store
        .root()
        .join("native/sherpa-onnx-core-2.0.1/lib")
        .join(name);
    named
        .into_iter()
        .chain(beside)
        .chain([cached])
        .find(|p| p.is_file())
        .with_context(|| {
            format!("{name} is not installed; run scripts/demo or scripts/test, which fetch it")
        })
}
