//! Sound that was made once: in memory while there is room, and on disk as WAV files named by what they hold.

use super::post;
use crate::audio::RATE;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// 8 kHz samples of one clause or recording.
pub type Sound = Arc<Vec<i16>>;

/// The name of a sound: SHA-256, in hex, of everything that shapes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// The key of a synthesised clause.
    #[must_use]
    pub fn of_clause(fingerprint: &str, voice: &str, speed_percent: u16, phonemes: &str) -> Key {
        let speed = speed_percent.to_string();
        let version = post::VERSION.to_string();
        Key::of(&["clause", fingerprint, voice, &speed, &version, phonemes])
    }

    /// The key of some texts, each set off from the next.
    #[must_use]
    pub fn of(parts: &[&str]) -> Key {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Key(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
    }
}

/// The WAV files. Any number of processes may share the folder.
#[derive(Clone, Debug)]
pub struct Disk {
    dir: PathBuf,
}

impl Disk {
    #[must_use]
    pub fn new(dir: PathBuf) -> Disk {
        Disk { dir }
    }

    /// Where a sound lies or would lie.
    #[must_use]
    pub fn path(&self, key: &Key) -> PathBuf {
        self.dir
            .join(&key.0[..2])
            .join(format!("{}.wav", &key.0[2..]))
    }

    /// The stored sound; `None` when there is none or the file is damaged (it will be written anew).
    #[must_use]
    pub fn read(&self, key: &Key) -> Option<Sound> {
        let path = self.path(key);
        if !path.exists() {
            return None;
        }
        match read_wav(&path) {
            Ok(samples) => Some(Arc::new(samples)),
            Err(why) => {
                tracing::warn!(path = %path.display(), why, "damaged speech in the cache; it is made again");
                None
            }
        }
    }

    /// Stores a sound, whole or not at all. A full disk costs time at the next start, never a call: it is only logged.
    pub fn write(&self, key: &Key, samples: &[i16]) {
        let path = self.path(key);
        if let Err(error) = write_wav(&path, samples) {
            tracing::warn!(path = %path.display(), %error, "speech could not be cached on disk");
        }
    }
}

fn read_wav(path: &Path) -> Result<Vec<i16>, String> {
    let mut reader = hound::WavReader::open(path).map_err(|e| e.to_string())?;
    let spec = reader.spec();
    if (spec.sample_rate, spec.channels, spec.bits_per_sample) != (RATE, 1, 16) {
        return Err("not 8 kHz mono 16 bit".into());
    }
    let samples: Vec<i16> = reader
        .samples()
        .collect::<Result<_, _>>()
        .map_err(|e| e.to_string())?;
    if samples.is_empty() {
        return Err("no samples".into());
    }
    Ok(samples)
}

fn write_wav(path: &Path, samples: &[i16]) -> std::io::Result<()> {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    let mut bytes = std::io::Cursor::new(Vec::with_capacity(samples.len() * 2 + 44));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(&mut bytes, spec).map_err(std::io::Error::other)?;
    for s in samples {
        writer.write_sample(*s).map_err(std::io::Error::other)?;
    }
    writer.finalize().map_err(std::io::Error::other)?;
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let temp = path.with_extension(format!("{}-{serial}.tmp", std::process::id()));
    let written = std::fs::File::create(&temp).and_then(|mut file| {
        file.write_all(bytes.get_ref())?;
        // Without this a power cut can leave a file of the right length full of zeros.
        file.sync_all()?;
        std::fs::rename(&temp, path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&temp);
    }
    written
}

/// Sounds in memory; the longest unused go first when there are too many.
#[derive(Debug)]
pub struct Memory {
    sounds: HashMap<Key, (Sound, u64)>,
    bytes: usize,
    limit: usize,
    clock: u64,
}

impl Memory {
    /// Holds about `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Memory {
        Memory {
            sounds: HashMap::new(),
            bytes: 0,
            limit,
            clock: 0,
        }
    }

    pub fn get(&mut self, key: &Key) -> Option<Sound> {
        self.clock += 1;
        let (sound, used) = self.sounds.get_mut(key)?;
        *used = self.clock;
        Some(sound.clone())
    }

    pub fn put(&mut self, key: Key, sound: Sound) {
        self.clock += 1;
        self.bytes += size(&sound);
        if let Some((old, _)) = self.sounds.insert(key, (sound, self.clock)) {
            self.bytes -= size(&old);
        }
        // Down to nine tenths at once, so that the search below is rare.
        if self.bytes > self.limit {
            let mut by_age: Vec<(u64, Key)> = self
                .sounds
                .iter()
                .map(|(k, (_, used))| (*used, k.clone()))
                .collect();
            by_age.sort_by_key(|(used, _)| *used);
            for (_, key) in by_age {
                if self.bytes <= self.limit / 10 * 9 {
                    break;
                }
                if let Some((old, _)) = self.sounds.remove(&key) {
                    self.bytes -= size(&old);
                }
            }
        }
    }
}

fn size(sound: &Sound) -> usize {
    sound.len() * 2 + 200
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_shapes_a_sound_changes_its_name() {
        let key = Key::of_clause("engine", "af_bella", 100, "hˈI");
        assert_eq!(key, Key::of_clause("engine", "af_bella", 100, "hˈI"));
        for other in [
            Key::of_clause("engine2", "af_bella", 100, "hˈI"),
            Key::of_clause("engine", "am_puck", 100, "hˈI"),
            Key::of_clause("engine", "af_bella", 90, "hˈI"),
            Key::of_clause("engine", "af_bella", 100, "hˈA"),
        ] {
            assert_ne!(key, other);
        }
    }

    #[test]
    fn a_sound_survives_the_disk_and_a_damaged_one_is_not_played() {
        let dir = tempfile::tempdir().unwrap();
        let disk = Disk::new(dir.path().to_owned());
        let key = Key::of(&["x"]);
        assert_eq!(disk.read(&key), None);
        let samples: Vec<i16> = (0..1000).collect();
        disk.write(&key, &samples);
        assert_eq!(disk.read(&key).as_deref(), Some(&samples));
        let path = disk.path(&key);
        let whole = std::fs::read(&path).unwrap();
        for damaged in [&whole[..0], &whole[..30], &whole[..500], b"no sound at all"] {
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(disk.read(&key), None);
        }
        let files = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "no temporary file stays");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let disk = Disk::new(file);
        disk.write(&Key::of(&["x"]), &[1, 2, 3]);
        assert_eq!(disk.read(&Key::of(&["x"])), None);
    }

    #[test]
    fn memory_forgets_the_longest_unused_first() {
        let mut memory = Memory::new(10 * 2200);
        let key = |i: u32| Key::of(&[&i.to_string()]);
        for i in 0..10 {
            memory.put(key(i), Arc::new(vec![0; 1000]));
        }
        assert!(memory.get(&key(0)).is_some());
        memory.put(key(10), Arc::new(vec![0; 1000]));
        assert!(memory.get(&key(0)).is_some());
        assert!(memory.get(&key(1)).is_none());
        assert!(memory.get(&key(10)).is_some());
        assert!(memory.bytes <= memory.limit);
    }
}
