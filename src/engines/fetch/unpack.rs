//! Unpacks the wanted files of an archive that nobody here has made. Every entry is looked at, wanted or not: one that would lie
//! outside the folder, or a link that leads out of it, damns the whole archive.

use super::{FetchError, Options, Progress, bad_archive, disk, open};
use crate::engines::models::{Archive, Model};
use bzip2::read::MultiBzDecoder;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use tar::EntryType;

/// More entries than this is no model.
const MOST_ENTRIES: usize = 10_000;

pub fn unpack(
    part: &Path,
    model: &Model,
    archive: &Archive,
    folder: &Path,
    options: &Options,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<(), FetchError> {
    let bad = |why: String| bad_archive(archive, why);
    let mut tar = tar::Archive::new(reader(part, archive)?);
    let broken = |e: std::io::Error| bad(format!("it is cut off or damaged ({e})"));
    let mut unpacked = 0;
    for (n, entry) in tar.entries().map_err(broken)?.enumerate() {
        let mut entry = entry.map_err(broken)?;
        if n >= MOST_ENTRIES {
            return Err(bad(format!("it holds more than {MOST_ENTRIES} entries")));
        }
        let path = entry.path().map_err(broken)?.into_owned();
        let Some(inside) = inside(&path, archive) else {
            let why = format!("it would write outside its folder, to {}", path.display());
            return Err(bad(why));
        };
        unpacked += entry.size();
        if unpacked > options.most_unpacked {
            let most = options.most_unpacked;
            return Err(bad(format!("it unpacks to more than {most} bytes")));
        }
        let wanted = model.files.iter().any(|f| Path::new(&f.path) == inside);
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Directory | EntryType::XGlobalHeader => continue,
            EntryType::Symlink | EntryType::Link => {
                let target = entry.link_name().map_err(broken)?.unwrap_or_default();
                let escapes = target.components().any(|c| !is_plain(c));
                if escapes || wanted {
                    let (path, target) = (path.display(), target.display());
                    return Err(bad(format!("{path} in it is a link to {target}")));
                }
                continue;
            }
            _ => {
                let why = format!("{} in it is no file, folder or link", path.display());
                return Err(bad(why));
            }
        }
        if wanted {
            let target = folder.join(&inside);
            if target.exists() {
                return Err(bad(format!("{} is in it twice", inside.display())));
            }
            write(&mut entry, &target, &bad)?;
        }
        tell(Progress::Unpacking { done: unpacked });
    }
    let missing =
        |f: &&crate::engines::models::File| !f.optional && !folder.join(&f.path).is_file();
    match model.files.iter().find(missing) {
        Some(file) => Err(bad(format!("it does not hold {}", file.path))),
        None => Ok(()),
    }
}

/// The archive's bytes, decompressed: a bzip2 file begins with BZh, anything else is read as plain tar.
fn reader(part: &Path, archive: &Archive) -> Result<Box<dyn Read>, FetchError> {
    let mut file = open(part)?;
    let mut magic = [0; 3];
    let read = file.read_exact(&mut magic);
    if read.is_err() {
        return Err(bad_archive(archive, "it is empty"));
    }
    file.seek(SeekFrom::Start(0))
        .map_err(|e| disk::trouble(part, e))?;
    let file = BufReader::with_capacity(1 << 18, file);
    Ok(if &magic == b"BZh" {
        Box::new(MultiBzDecoder::new(file))
    } else {
        Box::new(file)
    })
}

/// The path of an entry in the model's folder, without the archive's own top folder; `None` where it leads out.
fn inside(path: &Path, archive: &Archive) -> Option<PathBuf> {
    if !path.components().all(is_plain) || path.to_string_lossy().contains('\\') {
        return None;
    }
    let plain: PathBuf = path
        .components()
        .filter(|c| matches!(c, Component::Normal(_)))
        .collect();
    let name = archive.file_name();
    let top = name
        .strip_suffix(".tar.bz2")
        .or_else(|| name.strip_suffix(".tar"))
        .unwrap_or(name);
    Some(match plain.strip_prefix(top) {
        Ok(rest) => rest.to_owned(),
        Err(_) => plain,
    })
}

fn is_plain(part: Component<'_>) -> bool {
    matches!(part, Component::Normal(_) | Component::CurDir)
}

fn write(
    entry: &mut impl Read,
    target: &Path,
    bad: &dyn Fn(String) -> FetchError,
) -> Result<(), FetchError> {
    let here = |e| disk::trouble(target, e);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(here)?;
    }
    let mut file = File::create_new(target).map_err(here)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = entry
            .read(&mut buffer)
            .map_err(|e| bad(format!("it is cut off or damaged ({e})")))?;
        if n == 0 {
            return file.sync_all().map_err(here);
        }
        file.write_all(&buffer[..n]).map_err(here)?;
    }
}
