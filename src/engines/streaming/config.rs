//! What a folder with a streaming model holds, and how sherpa-onnx wants to be told.

use super::hotwords::Vocabulary;
use crate::engines::models::Engine;
use crate::engines::runtime::EngineError;
use serde::Deserialize;
use sherpa_onnx::OnlineRecognizerConfig;
use std::path::{Path, PathBuf};

/// The settings that lie beside a model: what its files do not say. Written when a model is fetched.
pub const SETTINGS: &str = "callsmith.toml";
/// The vocabulary of word pieces that English hotwords are cut with.
const BPE_VOCAB: &str = "bpe.vocab";
/// How much an expected phrase is favoured, per token, in log-probability. sherpa-onnx's own default.
const HOTWORDS_SCORE: f32 = 1.5;
/// Hypotheses kept at once where phrases are expected.
const PATHS: i32 = 4;

/// Which family of model a folder holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum StreamingKind {
    /// encoder*.onnx, decoder*.onnx, joiner*.onnx.
    Transducer,
    /// One model*.onnx (zipformer2 CTC).
    Ctc,
}

/// A model on disk. Where a folder holds several, the int8 files are taken; `tokens.txt` must lie beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamingConfig {
    pub dir: PathBuf,
    pub kind: StreamingKind,
    /// Rate of the model's features in Hz; 8 kHz sound is resampled where it differs.
    pub model_rate: i32,
    /// Mel bands.
    pub features: i32,
    pub threads: i32,
    /// What the tokens are made of, where expected phrases are to be favoured: `cjkchar`, `bpe` or `cjkchar+bpe`.
    pub modeling_unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    engine: Option<Engine>,
    sample_rate: Option<i32>,
    feature_dim: Option<i32>,
    modeling_unit: Option<String>,
}

impl StreamingConfig {
    /// The usual 16 kHz model with 80 mel bands.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, kind: StreamingKind) -> Self {
        StreamingConfig {
            dir: dir.into(),
            kind,
            model_rate: 16_000,
            features: 80,
            threads: 1,
            modeling_unit: None,
        }
    }

    /// Reads a folder: its [`SETTINGS`] where they are, else what its file names tell.
    pub fn read(dir: &Path) -> Result<Self, EngineError> {
        let settings = settings(dir)?;
        let kind = match settings.engine {
            Some(Engine::StreamingTransducer) => StreamingKind::Transducer,
            Some(Engine::StreamingCtc) => StreamingKind::Ctc,
            Some(other) => {
                return Err(EngineError::WrongModel {
                    path: dir.to_owned(),
                    why: format!("{} is no streaming engine", other.name()),
                });
            }
            None if find(dir, "joiner").is_ok() => StreamingKind::Transducer,
            None => StreamingKind::Ctc,
        };
        let plain = StreamingConfig::new(dir, kind);
        Ok(StreamingConfig {
            model_rate: settings.sample_rate.unwrap_or(plain.model_rate),
            features: settings.feature_dim.unwrap_or(plain.features),
            modeling_unit: settings.modeling_unit,
            ..plain
        })
    }

    /// Which phrases this model can favour; `None` where it can favour none: CTC models, and transducers whose tokens nobody
    /// has described.
    pub(super) fn vocabulary(&self) -> Result<Option<Vocabulary>, EngineError> {
        let Some(unit) = &self.modeling_unit else {
            return Ok(None);
        };
        if self.kind == StreamingKind::Ctc {
            return Ok(None);
        }
        let pieces = self.dir.join(BPE_VOCAB).is_file();
        let chars = unit.contains("cjkchar");
        if !chars && !pieces {
            return Ok(None);
        }
        let tokens = self.dir.join("tokens.txt");
        let text = std::fs::read_to_string(&tokens).map_err(|e| EngineError::Unreadable {
            path: tokens,
            why: e.to_string(),
        })?;
        Ok(Some(Vocabulary::new(&text, chars, pieces)))
    }

    pub(in crate::engines) fn to_sherpa(&self) -> Result<OnlineRecognizerConfig, EngineError> {
        let tokens = self.dir.join("tokens.txt");
        if !tokens.is_file() {
            return Err(EngineError::Missing(tokens));
        }
        let file = |stem: &str| find(&self.dir, stem).map(|p| Some(text(&p)));
        let mut c = OnlineRecognizerConfig::default();
        c.feat_config.sample_rate = self.model_rate;
        c.feat_config.feature_dim = self.features;
        c.decoding_method = Some("greedy_search".into());
        c.model_config.num_threads = self.threads;
        c.model_config.tokens = Some(text(&tokens));
        match self.kind {
            StreamingKind::Transducer => {
                c.model_config.transducer.encoder = file("encoder")?;
                c.model_config.transducer.decoder = file("decoder")?;
                c.model_config.transducer.joiner = file("joiner")?;
            }
            StreamingKind::Ctc => c.model_config.zipformer2_ctc.model = file("model")?,
        }
        if let Some(vocabulary) = self.vocabulary()? {
            c.decoding_method = Some("modified_beam_search".into());
            c.max_active_paths = PATHS;
            c.hotwords_score = HOTWORDS_SCORE;
            c.model_config.modeling_unit = Some(vocabulary.unit().into());
            if vocabulary.pieces() {
                c.model_config.bpe_vocab = Some(text(&self.dir.join(BPE_VOCAB)));
            }
        }
        Ok(c)
    }
}

/// Which engine runs the model in a folder, by its [`SETTINGS`].
pub fn engine_of(dir: &Path) -> Result<Option<Engine>, EngineError> {
    Ok(settings(dir)?.engine)
}

fn settings(dir: &Path) -> Result<Settings, EngineError> {
    let path = dir.join(SETTINGS);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => {
            let why = e.to_string();
            return Err(EngineError::Unreadable { path, why });
        }
    };
    toml::from_str(&text).map_err(|e| EngineError::Unreadable {
        path,
        why: e.to_string(),
    })
}

/// The file that begins with `stem`, int8 before others.
pub(in crate::engines) fn find(dir: &Path, stem: &str) -> Result<PathBuf, EngineError> {
    let missing = || EngineError::Missing(dir.join(format!("{stem}*.onnx")));
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .map_err(|_| missing())?
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| {
            let name = p.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(stem) && name.ends_with(".onnx")
        })
        .collect();
    let int8 = |p: &Path| {
        p.file_name()
            .is_some_and(|n| n.to_string_lossy().contains("int8"))
    };
    found.sort_by_key(|p| (!int8(p), p.clone()));
    found.into_iter().next().ok_or_else(missing)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        dir
    }

    const TRANSDUCER: [(&str, &str); 4] = [
        ("encoder-1.onnx", ""),
        ("encoder-1.int8.onnx", ""),
        ("decoder.onnx", ""),
        ("joiner.onnx", ""),
    ];

    #[test]
    fn a_folder_without_its_files_is_an_error_that_names_the_file() {
        let dir = folder(&[]);
        let said = |kind| {
            let config = StreamingConfig::new(dir.path(), kind);
            config.to_sherpa().err().map(|e| e.to_string()).unwrap()
        };
        assert!(said(StreamingKind::Transducer).contains("tokens.txt"));
        std::fs::write(dir.path().join("tokens.txt"), "<blk> 0\n").unwrap();
        assert!(said(StreamingKind::Transducer).contains("encoder*.onnx"));
        assert!(said(StreamingKind::Ctc).contains("model*.onnx"));
    }

    #[test]
    fn int8_files_are_preferred_and_a_joiner_tells_a_transducer() {
        let dir = folder(&TRANSDUCER);
        std::fs::write(dir.path().join("tokens.txt"), "").unwrap();
        let config = StreamingConfig::read(dir.path()).unwrap();
        assert_eq!(config.kind, StreamingKind::Transducer);
        let t = config.to_sherpa().unwrap().model_config.transducer;
        assert!(t.encoder.unwrap().ends_with("encoder-1.int8.onnx"));
        assert!(t.joiner.unwrap().ends_with("joiner.onnx"));
    }

    #[test]
    fn the_settings_beside_a_model_are_read_and_a_wrong_one_is_named() {
        let dir = folder(&[(
            SETTINGS,
            "engine = \"streaming-ctc\"\nsample_rate = 8000\nfeature_dim = 40\n",
        )]);
        let config = StreamingConfig::read(dir.path()).unwrap();
        assert_eq!(config.kind, StreamingKind::Ctc);
        assert_eq!((config.model_rate, config.features), (8000, 40));
        std::fs::write(dir.path().join(SETTINGS), "rate = 8000\n").unwrap();
        let said = StreamingConfig::read(dir.path()).unwrap_err().to_string();
        assert!(said.contains(SETTINGS) && said.contains("rate"), "{said}");
        std::fs::write(dir.path().join(SETTINGS), "engine = \"paraformer\"\n").unwrap();
        let said = StreamingConfig::read(dir.path()).unwrap_err().to_string();
        assert!(said.contains("paraformer is no streaming engine"), "{said}");
    }

    #[test]
    fn phrases_are_favoured_only_by_transducers_whose_tokens_are_described() {
        let dir = folder(&TRANSDUCER);
        std::fs::write(dir.path().join("tokens.txt"), "<blk> 0\n好 1\n").unwrap();
        std::fs::write(dir.path().join("model.onnx"), "").unwrap();
        let method = |kind, unit: Option<&str>| {
            let mut config = StreamingConfig::new(dir.path(), kind);
            config.modeling_unit = unit.map(str::to_owned);
            let c = config.to_sherpa().unwrap();
            (c.decoding_method.unwrap(), c.model_config.modeling_unit)
        };
        let greedy = ("greedy_search".to_owned(), None);
        let beam = |unit: &str| ("modified_beam_search".to_owned(), Some(unit.to_owned()));
        use StreamingKind::{Ctc, Transducer};
        assert_eq!(method(Ctc, Some("cjkchar")), greedy);
        assert_eq!(method(Transducer, None), greedy);
        assert_eq!(method(Transducer, Some("bpe")), greedy, "no bpe.vocab");
        assert_eq!(method(Transducer, Some("cjkchar")), beam("cjkchar"));
        assert_eq!(method(Transducer, Some("cjkchar+bpe")), beam("cjkchar"));
        std::fs::write(dir.path().join(BPE_VOCAB), "").unwrap();
        assert_eq!(method(Transducer, Some("cjkchar+bpe")), beam("cjkchar+bpe"));
        assert_eq!(method(Transducer, Some("bpe")), beam("bpe"));
    }
}
