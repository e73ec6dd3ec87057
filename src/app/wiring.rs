//! Loads the engines once and hands them to calls: the one place where traits meet implementations.

use super::cli::EarArgs;
use super::models;
use crate::dialogue::traits::Embedder;
use crate::engines::denoise::{self, DenoiserKind};
use crate::engines::embedder::{self, E5};
use crate::engines::kokoro::{self, Kokoro};
use crate::engines::models::{Engine, ModelStore};
use crate::engines::offline::Offline;
use crate::engines::pool::Pool;
use crate::engines::probe;
use crate::engines::runtime;
use crate::engines::streaming::{Streaming, StreamingConfig, engine_of};
use crate::engines::vad::{Earshot, SileroModel};
use crate::engines::whisper::Whisper;
use crate::hearing::pipeline::PipelineConfig;
use crate::hearing::traits::{Denoiser, Recognizer, Vad};
use crate::voice::{Studio, StudioConfig};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
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

/// The sentence model. Without it the words are understood by their letters alone, which is worth a word to the user and
/// never a reason to stop.
pub fn mind() -> Result<Arc<dyn Embedder>, String> {
    let store = models::open().map_err(|e| format!("{e:#}"))?;
    let model = store.check(embedder::MODEL).map_err(|e| e.to_string())?;
    let library = runtime::find().map_err(|e| e.to_string())?;
    let loaded = E5::load(&model.dir, &library).map_err(|e| e.to_string())?;
    Ok(Arc::new(loaded))
}

/// [`mind`], with the word to the user.
pub fn mind_or_say() -> Option<Arc<dyn Embedder>> {
    mind()
        .inspect_err(|why| eprintln!("words are understood by their letters alone: {why}"))
        .ok()
}

/// The embedded model that `--recognizer` names, if it names one.
fn whisper_model(recognizer: &str) -> Option<&'static str> {
    match recognizer {
        "whisper" | "whisper-base-tuned" => Some("whisper-base-tuned"),
        "whisper-base" => Some("whisper-base"),
        _ => None,
    }
}

fn recognizer(ear: &EarArgs, store: &ModelStore, workers: usize) -> Result<Arc<dyn Recognizer>> {
    if let Some(name) = whisper_model(&ear.recognizer) {
        let model = store.check(name)?;
        let pool = Arc::new(Pool::new(workers));
        let sessions = pool.workers();
        return Ok(Whisper::load(
            &model.dir,
            &runtime::find()?,
            pool,
            sessions,
        )?);
    }
    // A name of models.toml, else a folder.
    let known = store
        .model(&ear.recognizer)
        .is_ok_and(|m| m.engine.is_some());
    let dir = if known {
        store.check(&ear.recognizer)?.dir
    } else {
        PathBuf::from(&ear.recognizer)
    };
    if !dir.is_dir() {
        bail!(
            "--recognizer {}: there is no such model or folder; write whisper, a name that `callsmith models list` shows, \
             or the folder of a streaming model",
            dir.display()
        );
    }
    if dir.join("enc.onnx").is_file() {
        let pool = Arc::new(Pool::new(workers));
        let sessions = pool.workers();
        return Ok(Whisper::load(&dir, &runtime::find()?, pool, sessions)?);
    }
    if !known {
        // Nobody has checked this folder, and the speech library ends the process on a file it does not like.
        let exe = std::env::current_exe().context("where this program lies")?;
        probe::probe_folder_in_child(&exe, &dir)?;
    }
    if matches!(
        engine_of(&dir)?,
        Some(Engine::SenseVoice | Engine::Paraformer)
    ) {
        return Ok(Offline::load(&dir, Arc::new(Pool::new(workers)))?);
    }
    Ok(Streaming::load(&StreamingConfig::read(&dir)?)?)
}

fn vad(ear: &EarArgs, store: &ModelStore) -> Result<VadMaker> {
    if ear.vad == "silero" {
        let file = store.check("silero-vad")?.dir.join("silero_vad.onnx");
        let model = SileroModel::load(&file, &runtime::find()?)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::models::hash_file;
    use crate::hearing::traits::Shape;

    fn open(name: &str, store: &ModelStore) -> Result<Arc<dyn Recognizer>> {
        let ear = EarArgs {
            recognizer: name.into(),
            ..EarArgs::default()
        };
        recognizer(&ear, store, 1)
    }

    #[test]
    fn a_streaming_model_is_taken_by_its_name_or_folder_and_what_is_not_there_is_told() {
        let said = |name| {
            open(name, &models::open().unwrap())
                .err()
                .unwrap()
                .to_string()
        };
        assert!(said("/no/such/folder").contains("callsmith models list"));
        let tiny = models::open().unwrap().root().join("models/tiny-streaming");
        if !tiny.is_dir() {
            eprintln!("skipped: tiny-streaming is not installed");
            return;
        }
        let engine = open(&tiny.to_string_lossy(), &models::open().unwrap()).unwrap();
        assert_eq!(engine.shape(), Shape::Streaming);
        let cache = tempfile::tempdir().unwrap();
        let manifest = "[[model]]\nname = \"own\"\npurpose = \"\"\nlicence = \"\"\nupstream = \"\"\n\
            engine = \"streaming-ctc\"\n[model.archive]\nurl = \"http://127.0.0.1:9/own.tar\"\n\
            [[model.file]]\npath = \"model.onnx\"\n[[model.file]]\npath = \"tokens.txt\"\n";
        let store = ModelStore::of_manifest(cache.path(), manifest).unwrap();
        let missing = open("own", &store).err().unwrap().to_string();
        assert!(missing.contains("callsmith models fetch own"), "{missing}");
        let dir = store.dir("own").unwrap();
        std::fs::create_dir_all(&dir).unwrap();
        let mut sums = String::new();
        for file in ["model.onnx", "tokens.txt", "callsmith.toml"] {
            std::fs::copy(tiny.join(file), dir.join(file)).unwrap();
            sums += &format!("{}  {file}\n", hash_file(&dir.join(file)).unwrap());
        }
        std::fs::write(dir.join("SHA256SUMS"), sums).unwrap();
        assert_eq!(open("own", &store).unwrap().shape(), Shape::Streaming);
    }
}
