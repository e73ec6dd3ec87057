//! Kokoro-82M, fed with phonemes, its voices mixed as asked. One instance serves any number of threads.

pub mod catalog;
mod graph;
mod styles;

use super::models::{Hashes, ModelError, ModelStore};
use super::runtime::{self, EngineError};
use crate::voice::blend::Blend;
use crate::voice::phonemes::{PhonemeError, Phonemizer, Tables};
use crate::voice::traits::{Clause, SynthesisError, Synthesizer};
use catalog::Named;
use graph::Graph;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use styles::Styles;
use thiserror::Error;

/// The model's name in `models.toml`.
pub const MODEL: &str = "kokoro-zh-en";

/// Longer clauses were never heard in training.
const LIMIT: usize = 400;

/// Samples a second of the model's sound.
const RATE: u32 = 24_000;

/// Stands before and behind every clause.
const PAD: i64 = 0;

/// This voice has the syllables right and the tones wrong (42 % of characters misheard, other voices 4–8 %), and so has
/// every blend with it.
const BANNED: &str = "zf_xiaoni";
const BANNED_WHY: &str =
    "it is installed, but speaks Mandarin with wrong tones; use zf_xiaobei or zf_xiaoyi";

#[derive(Debug, Error)]
pub enum KokoroError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("{path}: {why}; let scripts/demo build the voice again")]
    BadFile { path: PathBuf, why: String },
    #[error(transparent)]
    Phonemes(#[from] PhonemeError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Voice(#[from] SynthesisError),
    #[error("models.toml: {0}")]
    Catalog(#[from] toml::de::Error),
}

/// The built-in voice, Mandarin and English.
pub struct Kokoro {
    graph: Graph,
    styles: Styles,
    fingerprint: String,
    /// Names that can be asked for: the catalog's, then the model's own without the banned one.
    voices: Vec<String>,
    catalog: Vec<Named>,
    symbols: BTreeMap<char, i64>,
}

impl Kokoro {
    /// Loads the voice from the store, its files checked first.
    pub fn open(store: &ModelStore) -> Result<Kokoro, KokoroError> {
        Kokoro::load(&store.check(MODEL)?.dir)
    }

    /// The tables for turning text into this voice's symbols.
    pub fn phonemizer(dir: &Path) -> Result<Phonemizer, KokoroError> {
        let table = |name: &str| -> Result<Arc<[u8]>, KokoroError> {
            let path = dir.join("g2p").join(name);
            let bytes = std::fs::read(&path).map_err(|e| bad(&path, e))?;
            Ok(Arc::from(bytes))
        };
        Ok(Phonemizer::new(Tables {
            zh_words: table("zh-words.tsv")?,
            zh_pinyin: table("zh-pinyin.tsv")?,
            en_words: table("en-words.tsv")?,
        })?)
    }

    /// Loads the voice from a folder whose files have been checked.
    pub fn load(dir: &Path) -> Result<Kokoro, KokoroError> {
        let mut hashes = Hashes::open(dir);
        let mut hash = |name: &str| hashes.of(name).map_err(|e| bad(&dir.join(name), e));
        let fingerprint = format!("{} {}", hash("model.onnx")?, hash("voices.bin")?);
        hashes.save();
        let styles = Styles::read(dir)?;
        let symbols = symbols(&dir.join("tokens.txt"))?;
        let catalog = catalog::read()?;
        runtime::load(&runtime::find()?)?;
        Ok(Kokoro {
            graph: Graph::load(&dir.join("model.onnx"))?,
            fingerprint,
            voices: catalog
                .iter()
                .map(|v| &v.name)
                .chain(styles.names().iter().filter(|name| *name != BANNED))
                .cloned()
                .collect(),
            catalog,
            styles,
            symbols,
        })
    }

    fn blend(&self, voice: &str) -> Result<Blend, SynthesisError> {
        blend(voice, self.styles.names(), &self.catalog)
    }
}

/// Whether a voice's name or formula can be used, told by the lists of the voice in `dir` alone, without loading it.
pub fn check_voice(dir: &Path, voice: &str) -> Result<(), KokoroError> {
    let names = styles::speakers(&dir.join("speakers.txt"))?;
    blend(voice, &names, &catalog::read()?)?;
    Ok(())
}

/// What a name or formula comes to in the model's own voices.
fn blend(voice: &str, names: &[String], catalog: &[Named]) -> Result<Blend, SynthesisError> {
    let parse = |formula: &str| {
        Blend::parse(formula).map_err(|e| SynthesisError::BadVoice {
            voice: voice.to_owned(),
            why: e.to_string(),
        })
    };
    let own = |name: &str| {
        if name == BANNED {
            return Err(SynthesisError::BadVoice {
                voice: name.to_owned(),
                why: BANNED_WHY.to_owned(),
            });
        }
        if names.iter().any(|n| n == name) {
            return Ok(Blend::of(name));
        }
        Err(SynthesisError::UnknownVoice(name.to_owned()))
    };
    // The catalog is made of the model's own voices only, so this goes no deeper.
    parse(voice)?.resolve(|name| match catalog.iter().find(|v| v.name == name) {
        Some(named) => parse(&named.voice)?.resolve(own),
        None => own(name),
    })
}

impl Synthesizer for Kokoro {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn rate(&self) -> u32 {
        RATE
    }

    fn voices(&self) -> &[String] {
        &self.voices
    }

    fn resolve(&self, voice: &str) -> Result<String, SynthesisError> {
        Ok(self.blend(voice)?.to_string())
    }

    fn knows(&self, symbol: char) -> bool {
        self.symbols.contains_key(&symbol)
    }

    fn speak(&self, clause: &Clause) -> Result<Vec<f32>, SynthesisError> {
        let blend = self.blend(&clause.voice)?;
        let silent = |why: &str| SynthesisError::NoSound(format!("{} ({why})", clause.phonemes));
        let count = clause.phonemes.chars().count();
        if count == 0 || count > LIMIT {
            return Err(silent("a clause has 1 to 400 symbols"));
        }
        let mut tokens = vec![PAD];
        for symbol in clause.phonemes.chars() {
            match self.symbols.get(&symbol) {
                Some(id) => tokens.push(*id),
                None => return Err(silent(&format!("the voice does not know {symbol:?}"))),
            }
        }
        tokens.push(PAD);
        let style = self
            .styles
            .style(&blend, count)
            .ok_or_else(|| SynthesisError::UnknownVoice(clause.voice.clone()))?;
        let sound = self
            .graph
            .run(tokens, style, clause.speed.clamp(0.5, 2.0))
            .map_err(|e| silent(&e.to_string()))?;
        if sound.is_empty() {
            return Err(silent("the model gave nothing"));
        }
        Ok(sound)
    }
}

/// `symbol id` a line; the space's line has the id alone.
fn symbols(path: &Path) -> Result<BTreeMap<char, i64>, KokoroError> {
    let text = std::fs::read_to_string(path).map_err(|e| bad(path, e))?;
    let mut symbols = BTreeMap::new();
    for (i, line) in text.lines().enumerate() {
        let wrong = || bad(path, format!("line {}: not a symbol and its number", i + 1));
        let symbol = line.chars().next().ok_or_else(wrong)?;
        let id = line
            .trim()
            .rsplit(' ')
            .next()
            .and_then(|id| id.parse().ok());
        symbols.insert(symbol, id.ok_or_else(wrong)?);
    }
    if symbols.len() < 50 {
        return Err(bad(path, "too few symbols"));
    }
    Ok(symbols)
}

fn bad(path: &Path, why: impl ToString) -> KokoroError {
    KokoroError::BadFile {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::{Lang, Line};
    use crate::voice::{Studio, StudioConfig, post};
    use std::time::Instant;

    /// The installed voice, or a note that the test does nothing.
    fn kokoro() -> Option<(Kokoro, Phonemizer)> {
        let store = ModelStore::open(&super::super::models::default_root()).unwrap();
        if store.check(MODEL).is_err() {
            eprintln!("skipped: {MODEL} is not installed (scripts/test installs it)");
            return None;
        }
        let voice = Kokoro::open(&store).unwrap();
        let phonemizer = Kokoro::phonemizer(&store.dir(MODEL).unwrap()).unwrap();
        Some((voice, phonemizer))
    }

    #[tokio::test]
    async fn it_speaks_both_languages_at_telephone_level() {
        let Some((voice, phonemizer)) = kokoro() else {
            return;
        };
        let voice: Arc<dyn Synthesizer> = Arc::new(voice);
        let dir = tempfile::tempdir().unwrap();
        let studio = Studio::new(
            voice,
            phonemizer,
            dir.path().to_owned(),
            StudioConfig::default(),
        );
        for (lang, name, text, seconds) in [
            (
                Lang::Zh,
                "zf_xiaobei",
                "您好，请问明天下午3点半方便吗？",
                2.0..6.0,
            ),
            (
                Lang::En,
                "af_bella",
                "Hello, the estimate is $1,280.50 for the whole kitchen.",
                3.0..7.5,
            ),
        ] {
            let line = Line {
                text: text.into(),
                lang,
                voice: name.into(),
                speed_percent: 100,
                recording: None,
            };
            let began = Instant::now();
            let prompt = studio.render(&line, Path::new("."), true).await.unwrap();
            let took = began.elapsed().as_secs_f64();
            let length = prompt.ms() as f64 / 1000.0;
            eprintln!(
                "{name}: {length:.2} s of speech in {took:.2} s, RTF {:.2}",
                took / length
            );
            assert!(seconds.contains(&length), "{length}");
            let floats: Vec<f32> = prompt
                .samples
                .iter()
                .map(|s| f32::from(*s) / 32767.0)
                .collect();
            let level = 20.0 * post::active_rms(&floats).log10();
            assert!((level - post::LEVEL_DBFS).abs() < 3.0, "{level} dBFS");
        }
    }

    #[test]
    fn what_it_cannot_speak_is_an_error_and_not_silence() {
        let Some((voice, _)) = kokoro() else {
            return;
        };
        let speak = |phonemes: &str, name: &str| {
            voice
                .speak(&Clause {
                    phonemes: phonemes.into(),
                    voice: name.into(),
                    speed: 1.0,
                })
                .unwrap_err()
                .to_string()
        };
        assert!(speak("ni↓", "zf_xiaoni").contains("wrong tones"));
        assert!(speak("ni↓", "0.9*mei+0.1*zf_xiaoni").contains("wrong tones"));
        assert!(speak("ni↓", "0.9*mei+0.2*lan").contains("add up to 1.1"));
        assert!(!voice.voices().contains(&"zf_xiaoni".to_owned()));
        assert!(speak("ni↓", "nobody").contains("nobody"));
        assert!(speak("g", "af_bella").contains("'g'"));
        assert!(speak("", "af_bella").contains("1 to 400"));
        assert!(speak(&"a".repeat(401), "af_bella").contains("1 to 400"));
    }

    #[test]
    fn every_named_voice_and_blend_speaks_and_one_mixture_has_one_name_in_the_cache() {
        let Some((voice, _)) = kokoro() else {
            return;
        };
        for named in catalog::read().unwrap() {
            let resolved = voice.resolve(&named.name).unwrap();
            assert_eq!(voice.resolve(&named.voice).unwrap(), resolved);
            assert!(!resolved.contains(BANNED));
        }
        assert_eq!(
            voice.resolve("0.5*anran+0.5*zf_xiaobei").unwrap(),
            "0.75*zf_xiaobei+0.25*zf_xiaoxiao"
        );
        let say = |name: &str| {
            voice
                .speak(&Clause {
                    phonemes: "ni↓ xau↓.".into(),
                    voice: name.into(),
                    speed: 1.0,
                })
                .unwrap()
        };
        assert_eq!(say("mei"), say("zf_xiaobei"));
        assert_eq!(say("1*zf_xiaobei"), say("zf_xiaobei"));
        assert_ne!(say("0.5*mei+0.5*af_heart"), say("zf_xiaobei"));
    }
}
