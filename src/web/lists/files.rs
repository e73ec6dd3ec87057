//! Uploaded files: taken from the network to the disk, kept for a day.

use crate::store::TenantId;
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use rand::RngExt;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::io::AsyncWriteExt;

/// The largest list, bytes.
pub(super) const BYTES: u64 = 200 << 20;
/// Uploads of one tenant that are kept; the oldest one goes first.
const KEPT: usize = 20;
const KEPT_MS: i64 = 86_400_000;
const NAME_CHARS: usize = 120;

/// A list on the disk.
#[derive(Clone, Debug)]
pub struct Upload {
    pub list: String,
    pub tenant: TenantId,
    /// As the file was called, without anything that a file system or a page could trip over.
    pub name: String,
    pub path: PathBuf,
    pub bytes: u64,
    /// Line ends in it, about the rows of a CSV; `None` of a workbook.
    pub lines: Option<u64>,
    pub at_unix_ms: i64,
}

/// What these routes keep between requests.
#[derive(Default)]
pub struct State {
    uploads: Mutex<BTreeMap<String, Upload>>,
}

impl State {
    /// The tenant's upload.
    pub(super) fn get(&self, tenant: TenantId, list: &str) -> Answer<Upload> {
        let found = self
            .uploads()
            .get(list)
            .filter(|u| u.tenant == tenant)
            .cloned();
        found.ok_or_else(|| Refusal::not_found("such list any more; upload it again"))
    }

    /// Whose upload it is.
    #[must_use]
    pub fn tenant_of(&self, list: &str) -> Option<TenantId> {
        self.uploads().get(list).map(|u| u.tenant)
    }

    /// Removes an upload, file and all. Whoever reads it at the moment reads it to its end.
    pub(super) fn forget(&self, list: &str) {
        let upload = self.uploads().remove(list);
        if let Some(upload) = upload {
            let _ = std::fs::remove_file(upload.path);
        }
    }

    fn keep(&self, upload: Upload, now: i64) {
        let mut uploads = self.uploads();
        let mut own: Vec<(i64, String)> = uploads
            .values()
            .filter(|u| u.tenant == upload.tenant)
            .map(|u| (u.at_unix_ms, u.list.clone()))
            .collect();
        own.sort();
        let many = (own.len() + 1).saturating_sub(KEPT);
        let mut gone: Vec<String> = own.into_iter().take(many).map(|(_, list)| list).collect();
        let old = uploads.values().filter(|u| u.at_unix_ms < now - KEPT_MS);
        gone.extend(old.map(|u| u.list.clone()));
        for list in gone {
            if let Some(old) = uploads.remove(&list) {
                let _ = std::fs::remove_file(old.path);
            }
        }
        uploads.insert(upload.list.clone(), upload);
    }

    fn uploads(&self) -> MutexGuard<'_, BTreeMap<String, Upload>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name nobody can guess: 128 bits.
pub(in crate::web) fn random_id() -> String {
    let bytes: [u8; 16] = rand::rng().random();
    let mut id = String::with_capacity(32);
    for byte in bytes {
        id.push_str(&format!("{byte:02x}"));
    }
    id
}

/// The folder of uploads.
pub(super) fn folder(web: &Web) -> PathBuf {
    web.data.join("uploads")
}

/// Takes the form's file to the disk as it comes in.
pub(super) async fn receive(web: &Web, tenant: TenantId, mut form: Multipart) -> Answer<Upload> {
    let dir = folder(web);
    let now = web.clock.unix_ms();
    tokio::fs::create_dir_all(&dir)
        .await
        .map_err(|e| disk(&e))?;
    sweep(&dir, web).await;
    loop {
        let field = form.next_field().await.map_err(|e| broken(&e))?;
        let Some(mut field) = field else {
            return Err(Refusal::field("file", "there is no file in the form"));
        };
        if field.name() != Some("file") {
            continue;
        }
        let name = plain_name(field.file_name().unwrap_or("list"));
        let list = random_id();
        // Gone again when anything goes wrong before the end.
        let mut file = Partial::new(dir.join(format!("{list}.list"))).await?;
        let (mut bytes, mut lines, mut ends_open) = (0, 0, false);
        let mut workbook = false;
        while let Some(block) = field.chunk().await.map_err(|e| broken(&e))? {
            if bytes == 0 {
                workbook = block.starts_with(b"PK");
            }
            bytes += block.len() as u64;
            if bytes > BYTES {
                return Err(too_big());
            }
            lines += block.iter().filter(|b| **b == b'\n').count() as u64;
            ends_open = block.last().is_some_and(|b| *b != b'\n');
            file.write(&block).await?;
        }
        if bytes == 0 {
            return Err(Refusal::field("file", "the file is empty"));
        }
        let upload = Upload {
            path: file.keep().await?,
            list,
            tenant,
            name,
            bytes,
            // The header is no row.
            lines: (!workbook).then(|| (lines + u64::from(ends_open)).saturating_sub(1)),
            at_unix_ms: now,
        };
        web.lists.keep(upload.clone(), now);
        return Ok(upload);
    }
}

/// A file that is removed when it does not become whole.
struct Partial {
    path: Option<PathBuf>,
    file: tokio::fs::File,
}

impl Partial {
    async fn new(path: PathBuf) -> Answer<Partial> {
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(&path).await.map_err(|e| disk(&e))?;
        Ok(Partial {
            path: Some(path),
            file,
        })
    }

    async fn write(&mut self, block: &[u8]) -> Answer<()> {
        self.file.write_all(block).await.map_err(|e| disk(&e))
    }

    async fn keep(mut self) -> Answer<PathBuf> {
        self.file.flush().await.map_err(|e| disk(&e))?;
        Ok(self.path.take().unwrap_or_default())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Removes what an earlier run of the server left: files of over a day that nobody knows.
async fn sweep(dir: &Path, web: &Web) {
    let Ok(mut entries) = tokio::fs::read_dir(dir).await else {
        return;
    };
    let day = std::time::Duration::from_millis(KEPT_MS.unsigned_abs());
    while let Ok(Some(entry)) = entries.next_entry().await {
        let name = entry.file_name().to_string_lossy().into_owned();
        let known = name.split('.').next().is_some_and(|id| {
            web.lists.tenant_of(id).is_some() || web.jobs.tenant_of(id).is_some()
        });
        let old = entry.metadata().await.is_ok_and(|m| {
            m.is_file()
                && m.modified()
                    .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > day))
        });
        if old && !known {
            let _ = tokio::fs::remove_file(entry.path()).await;
        }
    }
}

/// The last part of a path of either kind, without signs that cannot be seen.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    let plain: String = last
        .chars()
        .filter(|c| !hidden(*c) && !"<>:\"|?*".contains(*c))
        .take(NAME_CHARS)
        .collect();
    let plain = plain.trim().trim_start_matches('.').trim();
    if plain.is_empty() {
        "list".into()
    } else {
        plain.into()
    }
}

fn too_big() -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_big",
        format!(
            "the file is larger than {} MB; split it into several lists",
            BYTES >> 20
        ),
    )
}

fn broken(error: &MultipartError) -> Refusal {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_big();
    }
    Refusal::field("file", format!("the upload broke off: {error}"))
}

fn disk(error: &std::io::Error) -> Refusal {
    tracing::warn!("an upload cannot be written: {error}");
    let mut refusal = Refusal::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "disk",
        "the server cannot write the file; free some space on its disk",
    );
    refusal.retry_after_s = Some(30);
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_keeps_nothing_that_could_lead_elsewhere() {
        let table = [
            ("客户 名单.xlsx", "客户 名单.xlsx"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\li\\list.csv", "list.csv"),
            ("..", "list"),
            ("", "list"),
            ("a\u{202E}vsc.exe\n", "avsc.exe"),
            ("<img src=x>.csv", "img src=x.csv"),
        ];
        for (name, want) in table {
            assert_eq!(plain_name(name), want);
        }
        assert_eq!(plain_name(&"长".repeat(500)).chars().count(), NAME_CHARS);
    }
}
