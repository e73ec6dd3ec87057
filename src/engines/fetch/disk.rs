//! Room on the disk, and folders that appear whole or not at all.

use super::FetchError;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Bytes that this user may still write where `path` lies.
pub fn free(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let path = std::ffi::CString::new(path.as_os_str().as_bytes()).ok()?;
        let mut stat = std::mem::MaybeUninit::<libc::statvfs>::uninit();
        // SAFETY: the path ends in a zero, and `stat` is read only when the call filled it.
        let stat = unsafe {
            if libc::statvfs(path.as_ptr(), stat.as_mut_ptr()) != 0 {
                return None;
            }
            stat.assume_init()
        };
        #[allow(clippy::useless_conversion)] // the widths differ between systems
        return u64::from(stat.f_bavail).checked_mul(u64::from(stat.f_frsize));
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// An error of the file system; a full disk is told as one.
pub fn trouble(path: &Path, error: std::io::Error) -> FetchError {
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            let folder = path.parent().unwrap_or(&path);
            FetchError::DiskFull {
                needed: None,
                free: free(folder).unwrap_or(0) / 1_000_000,
                path,
            }
        }
        _ => FetchError::Io { path, error },
    }
}

/// Nobody else builds or fetches models in this cache while the file is open; scripts/lib.sh takes the same lock.
pub fn lock(root: &Path) -> Result<File, FetchError> {
    fs::create_dir_all(root).map_err(|e| trouble(root, e))?;
    let path = root.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| trouble(&path, e))?;
    if file.try_lock().is_err() {
        tracing::warn!(
            "another callsmith is busy in {}; waiting for it",
            root.display()
        );
        file.lock().map_err(|e| trouble(&path, e))?;
    }
    Ok(file)
}

/// A folder in the making, gone when dropped.
pub struct Temporary(PathBuf);

impl Temporary {
    /// An empty folder beside `dir`. What a killed run left there goes.
    pub fn beside(dir: &Path) -> Result<Temporary, FetchError> {
        let path = hidden(dir, "new");
        for stale in [&path, &hidden(dir, "old")] {
            if stale.exists() {
                fs::remove_dir_all(stale).map_err(|e| trouble(stale, e))?;
            }
        }
        fs::create_dir_all(&path).map_err(|e| trouble(&path, e))?;
        Ok(Temporary(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Puts it where `dir` was; what was there is kept until it is known that the new one serves.
    pub fn take_the_place_of(self, dir: &Path) -> Result<Old, FetchError> {
        let old = hidden(dir, "old");
        let had = dir.exists();
        if had {
            fs::rename(dir, &old).map_err(|e| trouble(dir, e))?;
        }
        if let Err(e) = fs::rename(&self.0, dir) {
            if had {
                let _ = fs::rename(&old, dir);
            }
            return Err(trouble(dir, e));
        }
        Ok(Old(had.then_some(old)))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The folder that was in a place before.
pub struct Old(Option<PathBuf>);

impl Old {
    /// The new one does not serve: it goes, the old one comes back.
    pub fn restore(self, dir: &Path) {
        let _ = fs::remove_dir_all(dir);
        if let Some(old) = self.0 {
            let _ = fs::rename(old, dir);
        }
    }

    pub fn discard(self) {
        if let Some(old) = self.0 {
            let _ = fs::remove_dir_all(old);
        }
    }
}

/// `.NAME.what` beside a folder; the store never lists it.
fn hidden(dir: &Path, what: &str) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    dir.with_file_name(format!(".{name}.{what}"))
}
