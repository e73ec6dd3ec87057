//! `models.toml`, and files of the same form.

use super::ModelError;
use serde::Deserialize;
use std::path::Path;

const BUILT_IN: &str = include_str!("../../../models/models.toml");

/// One model: built here from registry packages, or fetched as an archive.
#[derive(Clone, Debug, Deserialize)]
pub struct Model {
    pub name: String,
    /// What it does for a call, for people.
    pub purpose: String,
    pub licence: String,
    /// Where the authors publish it.
    pub upstream: String,
    /// The recogniser that runs it; absent where the program knows the model by name.
    pub engine: Option<Engine>,
    /// What the tokens of a transducer are made of: `cjkchar`, `bpe` or `cjkchar+bpe` (sherpa-onnx's words).
    pub modeling_unit: Option<String>,
    /// Rate and mel bands of a streaming model's features, where they are not the usual 16 kHz and 80.
    pub sample_rate: Option<i32>,
    pub feature_dim: Option<i32>,
    /// The registry packages it is built from.
    #[serde(rename = "package", default)]
    pub packages: Vec<Package>,
    /// The archive it comes in, which `models fetch` gets.
    pub archive: Option<Archive>,
    #[serde(rename = "file")]
    pub files: Vec<File>,
}

/// Which recogniser runs a model.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    StreamingTransducer,
    StreamingCtc,
    SenseVoice,
    Paraformer,
}

impl Engine {
    /// As `models.toml` writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Engine::StreamingTransducer => "streaming-transducer",
            Engine::StreamingCtc => "streaming-ctc",
            Engine::SenseVoice => "sense-voice",
            Engine::Paraformer => "paraformer",
        }
    }
}

/// A published archive.
#[derive(Clone, Debug, Deserialize)]
pub struct Archive {
    /// A .tar.bz2, or a plain .tar.
    pub url: String,
    /// Bytes.
    pub size: Option<u64>,
    pub sha256: Option<String>,
}

impl Archive {
    /// The last part of its address.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }
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
    pub size: Option<u64>,
    pub sha256: Option<String>,
    /// Its last bits depend on the processor that converted it.
    #[serde(default)]
    pub made_here: bool,
    /// Taken where the archive has it.
    #[serde(default)]
    pub optional: bool,
}

impl Model {
    /// What mends it, for people.
    #[must_use]
    pub fn repair(&self) -> String {
        if self.archive.is_some() {
            format!("run `callsmith models fetch {}`", self.name)
        } else {
            "run scripts/demo or scripts/test, which fetch and build what is missing".into()
        }
    }
}

pub(super) fn built_in() -> Result<Vec<Model>, ModelError> {
    parse(BUILT_IN, "models.toml")
}

/// Adds the models of a file. One of a known name takes its place.
pub(super) fn extend(models: &mut Vec<Model>, file: &Path) -> Result<(), ModelError> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|e| ModelError::Manifest {
        file: name.clone(),
        why: e.to_string(),
    })?;
    for model in parse(&text, &name)? {
        models.retain(|m| m.name != model.name);
        models.push(model);
    }
    Ok(())
}

pub(super) fn parse(text: &str, file: &str) -> Result<Vec<Model>, ModelError> {
    #[derive(Deserialize)]
    struct Manifest {
        model: Vec<Model>,
    }
    let wrong = |why: String| ModelError::Manifest {
        file: file.to_owned(),
        why,
    };
    let manifest: Manifest = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
    for model in &manifest.model {
        // Names and paths become folders and files.
        let plain = |s: &str| {
            !s.is_empty()
                && s.split('/').all(|p| !matches!(p, "" | "." | ".."))
                && !s.contains('\\')
        };
        if !plain(&model.name) || model.name.contains('/') || model.name.starts_with('.') {
            return Err(wrong(format!("{:?} cannot be a model's name", model.name)));
        }
        if let Some(bad) = model.files.iter().find(|f| !plain(&f.path)) {
            let why = format!(
                "model {}: {:?} cannot be a file in its folder",
                model.name, bad.path
            );
            return Err(wrong(why));
        }
        if model.archive.is_some() && model.engine.is_none() {
            return Err(wrong(format!("model {}: engine is missing", model.name)));
        }
    }
    Ok(manifest.model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_would_write_elsewhere_is_refused() {
        let entry = |name: &str, path: &str| {
            format!(
                "[[model]]\nname = \"{name}\"\npurpose = \"\"\nlicence = \"\"\nupstream = \"\"\n[[model.file]]\npath = \"{path}\"\n"
            )
        };
        assert!(parse(&entry("own", "g2p/a.tsv"), "f").is_ok());
        for (name, path) in [
            ("../own", "a"),
            (".own", "a"),
            ("own", "../a"),
            ("own", "/a"),
        ] {
            let said = parse(&entry(name, path), "own.toml")
                .unwrap_err()
                .to_string();
            assert!(said.starts_with("own.toml: "), "{said}");
        }
    }

    #[test]
    fn a_model_of_ones_own_joins_the_others_or_takes_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("own.toml");
        let entry = |name: &str| {
            format!(
                "[[model]]\nname = \"{name}\"\npurpose = \"mine\"\nlicence = \"\"\nupstream = \"\"\n[[model.file]]\npath = \"a\"\n"
            )
        };
        std::fs::write(&file, entry("gtcrn") + &entry("own")).unwrap();
        let mut models = built_in().unwrap();
        let before = models.len();
        extend(&mut models, &file).unwrap();
        assert_eq!(models.len(), before + 1);
        let mine = models.iter().filter(|m| m.purpose == "mine");
        assert_eq!(mine.map(|m| &m.name).collect::<Vec<_>>(), ["gtcrn", "own"]);
    }
}
