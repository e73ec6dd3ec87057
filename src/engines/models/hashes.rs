//! SHA-256 of a model folder's files, remembered as long as a file keeps its size and time, so that a start does not read
//! a quarter of a gigabyte.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What was hashed and when it was last changed: lines `sha256 size mtime-in-ns path`. scripts/models/build.py writes it too.
const MEMORY: &str = ".checked";

/// The hashes of one folder.
#[derive(Debug)]
pub struct Hashes {
    dir: PathBuf,
    known: BTreeMap<String, (String, u64, u128)>,
    changed: bool,
}

impl Hashes {
    /// Hashes recorded when the folder was made (converted or unpacked), in the form of sha256sum(1).
    pub const RECORD: &str = "SHA256SUMS";

    /// Remembered hashes of `dir`, if there are any.
    #[must_use]
    pub fn open(dir: &Path) -> Hashes {
        let text = std::fs::read_to_string(dir.join(MEMORY)).unwrap_or_default();
        let known = text.lines().filter_map(|line| {
            let mut words = line.splitn(4, ' ');
            let sha = words.next()?.to_owned();
            let size = words.next()?.parse().ok()?;
            let time = words.next()?.parse().ok()?;
            Some((words.next()?.to_owned(), (sha, size, time)))
        });
        Hashes {
            dir: dir.to_owned(),
            known: known.collect(),
            changed: false,
        }
    }

    /// The hash of the file `name`, in hex.
    pub fn of(&mut self, name: &str) -> std::io::Result<String> {
        let path = self.dir.join(name);
        let meta = std::fs::metadata(&path)?;
        let time = meta
            .modified()?
            .duration_since(UNIX_EPOCH)
            .map_or(0, |t| t.as_nanos());
        if let Some((sha, size, when)) = self.known.get(name)
            && (*size, *when) == (meta.len(), time)
        {
            return Ok(sha.clone());
        }
        let sha = hash_file(&path)?;
        self.known
            .insert(name.to_owned(), (sha.clone(), meta.len(), time));
        self.changed = true;
        Ok(sha)
    }

    /// The hash written down when the file was made on this machine.
    #[must_use]
    pub fn recorded(&self, name: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.dir.join(Self::RECORD)).ok()?;
        text.lines()
            .filter_map(|line| line.split_once("  "))
            .find_map(|(sha, path)| (path == name).then(|| sha.to_owned()))
    }

    /// Remembers for next time. A folder that cannot be written only costs the next start a second.
    pub fn save(&self) {
        if !self.changed {
            return;
        }
        let lines = self
            .known
            .iter()
            .map(|(name, (sha, size, time))| format!("{sha} {size} {time} {name}\n"));
        let text: String = lines.collect();
        let temp = self.dir.join(format!("{MEMORY}.{}", std::process::id()));
        let written = std::fs::write(&temp, text)
            .and_then(|()| std::fs::rename(&temp, self.dir.join(MEMORY)));
        if let Err(error) = written {
            tracing::debug!(dir = %self.dir.display(), %error, "checksums could not be remembered");
        }
    }
}

/// SHA-256 of a file, in hex.
pub fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(hash.finalize().iter().map(|b| format!("{b:02x}")).collect());
        }
        hash.update(&buffer[..n]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_remembered_until_the_file_changes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        std::fs::write(&file, "abc").unwrap();
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let mut hashes = Hashes::open(dir.path());
        assert_eq!(hashes.of("a").unwrap(), abc);
        hashes.save();
        let mut again = Hashes::open(dir.path());
        assert_eq!(again.of("a").unwrap(), abc);
        assert!(!again.changed, "nothing was read");
        std::fs::write(&file, "abcd").unwrap();
        assert_ne!(again.of("a").unwrap(), abc);
        assert!(again.of("b").is_err());
    }

    #[test]
    fn the_record_of_the_conversion_is_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(Hashes::RECORD), "aa  x/y.onnx\nbb  z\n").unwrap();
        let hashes = Hashes::open(dir.path());
        assert_eq!(hashes.recorded("x/y.onnx").as_deref(), Some("aa"));
        assert_eq!(hashes.recorded("y.onnx"), None);
    }
}
