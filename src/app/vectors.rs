//! The sentence vectors of a dialplan's examples, kept in a file: embedding 2,400 examples takes seconds, reading them back
//! none. The file is `.callsmith/vectors-<model>.bin` beside the dialplan, or in the cache folder where that cannot be written.
//!
//! Form: the line `callsmith vectors 1`, then for each text the first 16 bytes of its SHA-256 and its numbers as 32-bit floats,
//! little endian, then the SHA-256 of all that. Damaged or of another form, it is made anew.

use crate::dialogue::Dialplan;
use crate::dialogue::intent::{Classifier, IntentSpec, Replies, Vectors};
use crate::dialogue::traits::{EmbedError, Embedder};
use crate::engines::models;
use crate::terms::Lang;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::warn;

const HEAD: &[u8] = b"callsmith vectors 1\n";
const KEY: usize = 16;
type Key = [u8; KEY];

/// Lets a dialplan understand by meaning as well as by letters, where there is a sentence model.
pub fn teach(plan: &mut Dialplan, file: &Path, mind: Option<&Arc<dyn Embedder>>) {
    let Some(mind) = mind else { return };
    for lang in plan.tongues.keys().copied().collect::<Vec<_>>() {
        let Some(tongue) = plan.tongues.get(&lang) else {
            continue;
        };
        let learnt = for_specs(mind.as_ref(), file, lang, &tongue.intents)
            .map_err(|e| e.to_string())
            .and_then(|vectors| {
                let replies = replies(mind.as_ref(), lang);
                plan.learn(lang, &vectors, replies)
                    .map_err(|e| e.to_string())
            });
        if let Err(why) = learnt {
            warn!(file = %file.display(), %lang, "words are understood by their letters alone: {why}");
        }
    }
}

/// What short replies mean, learnt once a process and language; its vectors are kept in the cache folder.
fn replies(mind: &dyn Embedder, lang: Lang) -> Option<Arc<Replies>> {
    type Known = BTreeMap<(Lang, String), Option<Arc<Replies>>>;
    static KNOWN: Mutex<Known> = Mutex::new(Known::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let learn = || {
        let file = format!("vectors/replies-{lang}-{}.bin", mind.id());
        let homes = [models::default_root().join(file)];
        let texts = Replies::texts(lang);
        of_texts(mind, &homes, &texts, Old::Forget, |_| {})
            .inspect_err(|e| warn!(%lang, "no second opinion on short replies: {e}"))
            .ok()
            .and_then(|vectors| Replies::train(lang, &vectors))
            .map(Arc::new)
    };
    known
        .entry((lang, mind.id().to_string()))
        .or_insert_with(learn)
        .clone()
}

/// The vectors of all texts that training on `specs` wants, from the file and, where it lacks them, from the model; texts that
/// are no longer wanted leave the file.
///
/// # Errors
/// A text could not be embedded. A file that cannot be read or written is only warned about.
pub fn for_specs(
    embedder: &dyn Embedder,
    dialplan: &Path,
    lang: Lang,
    specs: &BTreeMap<String, IntentSpec>,
) -> Result<Vectors, EmbedError> {
    let texts = Classifier::texts(lang, specs);
    let homes = homes(dialplan, embedder.id(), &models::default_root());
    of_texts(embedder, &homes, &texts, Old::Forget, |_| {})
}

/// What becomes of stored vectors that nobody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Old {
    Keep,
    Forget,
}

/// As [`for_specs`] for any texts. The first of `homes` that can be read is read, the first that can be written is written;
/// `tick` is told of every text that was embedded.
pub fn of_texts(
    embedder: &dyn Embedder,
    homes: &[PathBuf],
    texts: &[String],
    old: Old,
    mut tick: impl FnMut(&str),
) -> Result<Vectors, EmbedError> {
    let mut known = homes.iter().find_map(|file| read(file)).unwrap_or_default();
    let had = known.len();
    let mut vectors = Vectors::default();
    let mut wanted = BTreeSet::new();
    let mut news = false;
    for text in texts {
        let key = key(text);
        wanted.insert(key);
        let vector = match known.get(&key) {
            Some(vector) => vector.clone(),
            None => {
                let vector = embedder.embed(text)?;
                news = true;
                tick(text);
                known.insert(key, vector.clone());
                vector
            }
        };
        vectors.insert(text, vector);
    }
    if old == Old::Forget {
        known.retain(|key, _| wanted.contains(key));
    }
    if news || known.len() < had {
        save(homes, &known);
    }
    Ok(vectors)
}

/// Where a dialplan's vectors may lie, best first.
fn homes(dialplan: &Path, model: &str, cache: &Path) -> Vec<PathBuf> {
    let folder = dialplan.parent().unwrap_or(Path::new(""));
    let stem = dialplan.file_stem().unwrap_or_default().to_string_lossy();
    // Dialplans in one folder share examples, but each takes its old ones out of its own file.
    let whole = std::path::absolute(dialplan).unwrap_or_else(|_| dialplan.to_owned());
    let place = hex(&Sha256::digest(whole.to_string_lossy().as_bytes())[..6]);
    vec![
        folder.join(format!(".callsmith/vectors-{stem}-{model}.bin")),
        cache.join(format!("vectors/{stem}-{place}-{model}.bin")),
    ]
}

fn key(text: &str) -> Key {
    let hash = Sha256::digest(Vectors::key(text).as_bytes());
    std::array::from_fn(|i| hash[i])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn read(file: &Path) -> Option<BTreeMap<Key, Vec<f32>>> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return None,
        Err(e) => {
            warn!(file = %file.display(), "the stored sentence vectors cannot be read: {e}");
            return None;
        }
    };
    let parsed = parse(&bytes);
    if parsed.is_none() {
        warn!(file = %file.display(), "the stored sentence vectors are damaged; they are made anew");
    }
    parsed
}

fn parse(bytes: &[u8]) -> Option<BTreeMap<Key, Vec<f32>>> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    if Sha256::digest(body)[..] != *sum {
        return None;
    }
    let rest = body.strip_prefix(HEAD)?;
    let (width, rows) = rest.split_first_chunk::<4>()?;
    let width = u32::from_le_bytes(*width) as usize;
    let size = KEY.checked_add(width.checked_mul(4)?)?;
    if width == 0 || rows.len() % size != 0 {
        return None;
    }
    let row = |row: &[u8]| {
        let (key, numbers) = row.split_first_chunk::<KEY>()?;
        let numbers = numbers.chunks_exact(4);
        let vector = numbers.filter_map(|n| Some(f32::from_le_bytes(n.try_into().ok()?)));
        Some((*key, vector.collect()))
    };
    rows.chunks_exact(size).map(row).collect()
}

fn save(homes: &[PathBuf], known: &BTreeMap<Key, Vec<f32>>) {
    let width = known.values().next().map_or(0, Vec::len) as u32;
    let mut bytes = HEAD.to_vec();
    bytes.extend(width.to_le_bytes());
    for (key, vector) in known {
        bytes.extend(key);
        vector.iter().for_each(|x| bytes.extend(x.to_le_bytes()));
    }
    let sum = Sha256::digest(&bytes);
    bytes.extend(sum);
    let mut why = String::new();
    for file in homes {
        match write(file, &bytes) {
            Ok(()) => return,
            Err(e) => why = format!("{}: {e}", file.display()),
        }
    }
    warn!("the sentence vectors cannot be stored, the next start makes them again: {why}");
}

/// The file is there whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder)?;
    let temp = file.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&temp, bytes)
        .and_then(|()| std::fs::rename(&temp, file))
        .inspect_err(|_| {
            let _ = std::fs::remove_file(&temp);
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts what it is asked.
    struct Letters(AtomicUsize);

    impl Embedder for Letters {
        fn embed(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let n = text.chars().count() as f32;
            Ok(vec![n, n.sqrt(), 1.0])
        }

        fn id(&self) -> &str {
            "letters"
        }
    }

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|t| (*t).to_owned()).collect()
    }

    fn made(homes: &[PathBuf], all: &[&str]) -> (usize, Vectors) {
        let letters = Letters(AtomicUsize::new(0));
        let vectors = of_texts(&letters, homes, &texts(all), Old::Forget, |_| {}).unwrap();
        (letters.0.into_inner(), vectors)
    }

    #[test]
    fn the_second_time_nothing_is_embedded_and_a_new_example_alone_the_third() {
        let dir = tempfile::tempdir().unwrap();
        let homes = homes(&dir.path().join("plan.yaml"), "m", dir.path());
        let (asked, first) = made(&homes, &["多少钱", "too dear"]);
        assert_eq!(asked, 2);
        assert!(dir.path().join(".callsmith/vectors-plan-m.bin").is_file());
        let (asked, second) = made(&homes, &["多少钱", "too dear"]);
        assert_eq!((asked, &second), (0, &first));
        let (asked, _) = made(&homes, &["多少钱", "too dear", "later"]);
        assert_eq!(asked, 1);
    }

    #[test]
    fn an_example_that_went_away_leaves_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let homes = homes(&dir.path().join("plan.yaml"), "m", dir.path());
        made(&homes, &["a", "bb"]);
        made(&homes, &["bb"]);
        let (asked, _) = made(&homes, &["a", "bb"]);
        assert_eq!(asked, 1);
    }

    #[test]
    fn a_damaged_file_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let homes = homes(&dir.path().join("plan.yaml"), "m", dir.path());
        let (_, whole) = made(&homes, &["a", "bb"]);
        let bytes = std::fs::read(&homes[0]).unwrap();
        let mut flipped = bytes.clone();
        flipped[HEAD.len() + 30] ^= 1;
        for damaged in [
            &flipped[..],
            &bytes[..bytes.len() - 5],
            b"",
            b"callsmith vectors 1\n",
        ] {
            std::fs::write(&homes[0], damaged).unwrap();
            let (asked, vectors) = made(&homes, &["a", "bb"]);
            assert_eq!((asked, &vectors), (2, &whole));
            assert_eq!(made(&homes, &["a", "bb"]).0, 0);
        }
    }

    #[test]
    fn where_the_dialplans_folder_cannot_be_written_the_cache_folder_is_used() {
        let dir = tempfile::tempdir().unwrap();
        // A file where the folder should be: nobody can write there, root neither.
        std::fs::write(dir.path().join(".callsmith"), "").unwrap();
        let cache = dir.path().join("cache");
        let homes = homes(&dir.path().join("plan.yaml"), "m", &cache);
        assert_eq!(made(&homes, &["a"]).0, 1);
        assert!(homes[1].is_file());
        assert_eq!(made(&homes, &["a"]).0, 0);
    }
}
