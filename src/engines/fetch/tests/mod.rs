//! Fetching against a web server on this machine.

mod archives;
mod server;
mod sources;

use super::*;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The model of the tests: tiny.tar.bz2 with model.onnx and tokens.txt, and perhaps notes.txt.
struct Rig {
    cache: tempfile::TempDir,
    store: ModelStore,
    options: Options,
}

/// Files, and the bytes of their archive.
const MODEL: &[u8] = b"weights";
const TOKENS: &[u8] = b"<blk> 0\n";

impl Rig {
    /// A manifest whose archive lies at `url`.
    fn new(url: &str, sha256: Option<&str>) -> Rig {
        let cache = tempfile::tempdir().unwrap();
        let store = store(cache.path(), url, sha256, None);
        let options = Options {
            pause: Duration::ZERO,
            ..Options::default()
        };
        Rig {
            cache,
            store,
            options,
        }
    }

    fn fetch(&self) -> Result<Fetched, FetchError> {
        fetch(&self.store, "tiny", &self.options, &|_| Ok(()), &mut |_| {})
    }

    /// What `fetch` says when it does not succeed; nothing may be left of the model then.
    fn refused(&self) -> String {
        let said = self.fetch().unwrap_err().to_string();
        assert!(!self.dir().exists(), "{said}");
        let left = fs::read_dir(self.cache.path().join("models"));
        let left: Vec<_> = left.into_iter().flatten().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
        said
    }

    fn dir(&self) -> PathBuf {
        self.store.dir("tiny").unwrap()
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.dir().join(file)).unwrap()
    }

    /// Bytes of the download that were kept.
    fn kept(&self) -> u64 {
        let part = self.cache.path().join("fetch/tiny.tar.bz2.part");
        fs::metadata(part).map_or(0, |m| m.len())
    }
}

fn store(cache: &Path, url: &str, sha256: Option<&str>, size: Option<usize>) -> ModelStore {
    let mut known = sha256.map_or(String::new(), |s| format!("sha256 = \"{s}\"\n"));
    known += &size.map_or(String::new(), |s| format!("size = {s}\n"));
    let manifest = format!(
        "[[model]]\nname = \"tiny\"\npurpose = \"\"\nlicence = \"\"\nupstream = \"\"\nengine = \"streaming-ctc\"\n\
         feature_dim = 40\nmodeling_unit = \"cjkchar\"\n\
         [model.archive]\nurl = \"{url}\"\n{known}\
         [[model.file]]\npath = \"model.onnx\"\n[[model.file]]\npath = \"tokens.txt\"\n\
         [[model.file]]\npath = \"more/notes.txt\"\noptional = true\n\
         [[model]]\nname = \"built\"\npurpose = \"\"\nlicence = \"\"\nupstream = \"\"\n[[model.file]]\npath = \"a\"\n"
    );
    ModelStore::of_manifest(cache, &manifest).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|b| format!("{b:02x}")).collect()
}

/// A .tar.bz2 as they are published: a top folder of the archive's name.
fn archive() -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    // Noise, so that the archive is large enough to be cut in the middle.
    let mut seed = 1_u32;
    let wave: Vec<u8> = (0..200_000)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .collect();
    for (name, bytes) in [
        ("tiny/tokens.txt", TOKENS),
        ("tiny/test_wavs/0.wav", &wave),
        ("tiny/model.onnx", MODEL),
    ] {
        append(&mut tar, name, bytes);
    }
    compress(&tar.into_inner().unwrap())
}

fn append(tar: &mut tar::Builder<Vec<u8>>, name: &str, bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    // `set_path` itself refuses the names that a hostile archive has.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_cksum();
    tar.append(&header, bytes).unwrap();
}

fn compress(tar: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bz.write_all(tar).unwrap();
    bz.finish().unwrap()
}
