//! Kokoro-82M through sherpa-onnx's `OfflineTts`, fed with phonemes. One instance serves any number of threads.

use super::models::{Hashes, ModelError, ModelStore};
use crate::voice::phonemes::{PhonemeError, Phonemizer, Tables};
use crate::voice::traits::{Clause, SynthesisError, Synthesizer};
use sherpa_onnx::{
    GenerationConfig, OfflineTts, OfflineTtsConfig, OfflineTtsKokoroModelConfig,
    OfflineTtsModelConfig,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// The model's name in `models.toml`.
pub const MODEL: &str = "kokoro-zh-en";

/// Beyond this many symbols sherpa-onnx cuts a clause in mid-word.
const LIMIT: usize = 400;

/// This voice has the syllables right and the tones wrong (42 % of characters misheard, other voices 4–8 %).
const BANNED: &str = "zf_xiaoni";

/// 1.0 keeps every pause as it is; the library's default of 0.2 cuts pauses inside sentences with audible edges, and both
/// its settings must be set.
const SILENCE_SCALE: f32 = 1.0;

#[derive(Debug, Error)]
pub enum KokoroError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("{path}: {why}; let scripts/demo build the voice again")]
    BadFile { path: PathBuf, why: String },
    #[error(transparent)]
    Phonemes(#[from] PhonemeError),
    #[error("the speech library refused the voice in {0}; `callsmith models check` says more")]
    Refused(PathBuf),
}

/// The built-in voice, Mandarin and English.
pub struct Kokoro {
    tts: OfflineTts,
    fingerprint: String,
    rate: u32,
    /// Names in the order of their ids, without the banned one.
    voices: Vec<String>,
    ids: Vec<(String, i32)>,
    symbols: BTreeSet<char>,
}

impl Kokoro {
    /// Loads the voice from the store, its files checked first: the library would end the process on a wrong one.
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
        let ids = speakers(&dir.join("speakers.txt"))?;
        let symbols = symbols(&dir.join("tokens.txt"))?;
        let file = |name: &str| Some(dir.join(name).to_string_lossy().into_owned());
        let config = OfflineTtsConfig {
            model: OfflineTtsModelConfig {
                kokoro: OfflineTtsKokoroModelConfig {
                    model: file("model.onnx"),
                    voices: file("voices.bin"),
                    tokens: file("tokens.txt"),
                    ..Default::default()
                },
                // Parallel clauses use the cores better than parallel loops in one clause.
                num_threads: 1,
                ..Default::default()
            },
            silence_scale: SILENCE_SCALE,
            ..Default::default()
        };
        let tts =
            OfflineTts::create(&config).ok_or_else(|| KokoroError::Refused(dir.to_owned()))?;
        let speakers = usize::try_from(tts.num_speakers()).unwrap_or(0);
        if speakers != ids.len() {
            let why = format!("it names {} voices, the model has {speakers}", ids.len());
            return Err(bad(&dir.join("speakers.txt"), why));
        }
        Ok(Kokoro {
            fingerprint,
            rate: u32::try_from(tts.sample_rate()).unwrap_or(24000),
            voices: ids
                .iter()
                .map(|(name, _)| name.clone())
                .filter(|name| name != BANNED)
                .collect(),
            ids,
            symbols,
            tts,
        })
    }
}

impl Synthesizer for Kokoro {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn rate(&self) -> u32 {
        self.rate
    }

    fn voices(&self) -> &[String] {
        &self.voices
    }

    fn knows(&self, symbol: char) -> bool {
        self.symbols.contains(&symbol)
    }

    fn speak(&self, clause: &Clause) -> Result<Vec<f32>, SynthesisError> {
        if clause.voice == BANNED {
            return Err(SynthesisError::UnknownVoice(format!(
                "{BANNED} (installed, but it speaks Mandarin with wrong tones; use zf_xiaobei or zf_xiaoyi)"
            )));
        }
        // An id the library does not know would silently become the first voice.
        let id = self
            .ids
            .iter()
            .find_map(|(name, id)| (*name == clause.voice).then_some(*id))
            .ok_or_else(|| SynthesisError::UnknownVoice(clause.voice.clone()))?;
        let silent = |why: &str| SynthesisError::NoSound(format!("{} ({why})", clause.phonemes));
        let symbols: Vec<i32> = clause.phonemes.chars().map(|c| c as i32).collect();
        if symbols.is_empty() || symbols.len() > LIMIT {
            return Err(silent("a clause has 1 to 400 symbols"));
        }
        if let Some(unknown) = clause.phonemes.chars().find(|c| !self.knows(*c)) {
            return Err(silent(&format!("the voice does not know {unknown:?}")));
        }
        let config = GenerationConfig {
            sid: id,
            speed: clause.speed.clamp(0.5, 2.0),
            silence_scale: SILENCE_SCALE,
            phoneme_codepoints: Some(vec![symbols]),
            ..Default::default()
        };
        let audio = self
            .tts
            .generate_with_config("", &config, None::<fn(&[f32], f32) -> bool>)
            .ok_or_else(|| silent("the library gave up"))?;
        if audio.samples().is_empty() {
            return Err(silent("the library gave up"));
        }
        Ok(audio.samples().to_vec())
    }
}

/// `id name` a line, the ids counting from 0.
fn speakers(path: &Path) -> Result<Vec<(String, i32)>, KokoroError> {
    let text = std::fs::read_to_string(path).map_err(|e| bad(path, e))?;
    text.lines()
        .enumerate()
        .map(|(i, line)| {
            let (id, name) = line.split_once(' ').unwrap_or_default();
            match id.parse::<i32>() {
                Ok(id) if usize::try_from(id) == Ok(i) => Ok((name.to_owned(), id)),
                _ => Err(bad(path, format!("line {} should begin with {i}", i + 1))),
            }
        })
        .collect()
}

/// `symbol id` a line; the space's line has the id alone.
fn symbols(path: &Path) -> Result<BTreeSet<char>, KokoroError> {
    let text = std::fs::read_to_string(path).map_err(|e| bad(path, e))?;
    let set: BTreeSet<char> = text
        .lines()
        .filter_map(|line| line.chars().next())
        .collect();
    if set.len() < 50 {
        return Err(bad(path, "too few symbols"));
    }
    Ok(set)
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
        assert!(!voice.voices().contains(&"zf_xiaoni".to_owned()));
        assert!(speak("ni↓", "nobody").contains("nobody"));
        assert!(speak("g", "af_bella").contains("'g'"));
        assert!(speak("", "af_bella").contains("1 to 400"));
        assert!(speak(&"a".repeat(401), "af_bella").contains("1 to 400"));
    }
}
