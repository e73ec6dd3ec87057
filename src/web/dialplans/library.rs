//! Which dialplan a name means: the tenant's own, the platform's, or a file of the server's folder; and those loaded already.

use super::bundle::{self, Head, MOST_FILES};
use super::examine::{examine, worked};
use crate::dialogue::Dialplan;
use crate::dialogue::graph::Passed;
use crate::store::{BundleFile, DialplanVersion, TenantId};
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

/// Where a dialplan comes from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The tenant published it.
    Own,
    /// The platform published it; a merchant may read and copy it.
    Platform,
    /// A file that lies in the server's folder and was not published yet.
    Folder,
}

/// A dialplan that was looked for.
#[derive(Clone, Debug)]
pub struct Found {
    pub name: String,
    pub origin: Origin,
    /// `None` of a file.
    pub version: Option<i64>,
    /// The dialplan first, then what it includes.
    pub files: Vec<BundleFile>,
    pub by: String,
    pub at_unix_ms: i64,
    /// Its files and recordings lie here.
    pub dir: PathBuf,
}

impl Found {
    fn of(version: DialplanVersion, tenant: TenantId, data: &Path) -> Found {
        Found {
            dir: bundle::folder(data, version.tenant, &version.name, version.version),
            origin: if version.tenant == tenant {
                Origin::Own
            } else {
                Origin::Platform
            },
            name: version.name,
            version: Some(version.version),
            files: version.files,
            by: version.by,
            at_unix_ms: version.at_unix_ms,
        }
    }

    /// The dialplan's own text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.files.first().map_or("", |f| &f.text)
    }

    /// What it includes.
    #[must_use]
    pub fn included(&self) -> &[BundleFile] {
        self.files.get(1..).unwrap_or_default()
    }

    /// The same dialplan with other text, and with other texts of what it includes.
    #[must_use]
    pub fn with(&self, text: &str, changed: &[BundleFile]) -> Vec<BundleFile> {
        let mut files = self.files.clone();
        if let Some(main) = files.first_mut() {
            main.text = text.to_string();
        }
        for file in changed {
            match files.iter_mut().skip(1).find(|f| f.path == file.path) {
                Some(there) => there.text.clone_from(&file.text),
                None => files.push(file.clone()),
            }
        }
        files
    }
}

/// Everything a tenant may see, in the order of the names.
///
/// # Errors
/// The database cannot be read.
pub async fn all(web: &Web, tenant: TenantId) -> Answer<Vec<Found>> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for file in in_folder(web).await {
        found.insert(file.name.clone(), file);
    }
    for whose in [TenantId::PLATFORM, tenant] {
        for version in web.store.dialplans_that_count(whose).await? {
            let one = Found::of(version, tenant, &web.data);
            found.insert(one.name.clone(), one);
        }
    }
    Ok(found.into_values().collect())
}

/// The dialplan that a name means to a tenant; a version only of where the name leads.
///
/// # Errors
/// 404, or the database cannot be read.
pub async fn find(web: &Web, tenant: TenantId, name: &str, version: Option<i64>) -> Answer<Found> {
    if let Some(found) = look_up(web, tenant, name).await? {
        let Some(version) = version else {
            return Ok(found);
        };
        let whose = match found.origin {
            Origin::Own => Some(tenant),
            Origin::Platform => Some(TenantId::PLATFORM),
            Origin::Folder => None,
        };
        if let Some(whose) = whose
            && let Some(found) = web.store.dialplan(whose, name, Some(version)).await?
        {
            return Ok(Found::of(found, tenant, &web.data));
        }
        return Err(Refusal::not_found(format!(
            "version {version} of dialplan {name:?}"
        )));
    }
    Err(Refusal::not_found(format!("dialplan {name:?}")))
}

/// As [`find`] for the version that counts.
///
/// # Errors
/// The database cannot be read.
pub async fn look_up(web: &Web, tenant: TenantId, name: &str) -> Answer<Option<Found>> {
    if let Some(version) = web.store.dialplan_that_counts(tenant, name).await? {
        return Ok(Some(Found::of(version, tenant, &web.data)));
    }
    let files = in_folder(web).await;
    Ok(files.into_iter().find(|f| f.name == name))
}

/// The dialplans of the server's folder. A file that cannot be read is passed over: it is nobody's in the console.
async fn in_folder(web: &Web) -> Vec<Found> {
    let Some(folder) = web.dialplans.folder.clone() else {
        return Vec::new();
    };
    let read = tokio::task::spawn_blocking(move || {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "yaml" || e == "yml"))
            .collect();
        paths.sort();
        paths.iter().filter_map(|p| of_file(p)).collect()
    });
    read.await.unwrap_or_default()
}

fn of_file(path: &Path) -> Option<Found> {
    let files = bundle::gather(path).ok()?;
    let text = &files.first()?.text;
    if !text.lines().any(|l| l.starts_with("callsmith:")) {
        return None;
    }
    let modified = std::fs::metadata(path).and_then(|m| m.modified()).ok();
    let at = modified.and_then(|t| jiff::Timestamp::try_from(t).ok());
    Some(Found {
        name: Head::of(text).name?,
        origin: Origin::Folder,
        version: None,
        by: String::new(),
        at_unix_ms: at.map_or(0, |t| t.as_millisecond()),
        dir: path.parent()?.to_path_buf(),
        files,
    })
}

/// The dialplan itself, checked and trained; loaded ones are kept.
///
/// # Errors
/// 409 when it cannot be used (any more) by this program, 503 when that took too long to find out.
pub async fn load(web: &Web, found: &Found) -> Answer<Arc<Dialplan>> {
    loaded(web, found.files.clone(), Some(found.dir.clone())).await
}

/// As [`load`] for any files.
///
/// # Errors
/// As [`load`]; the findings are in the refusal's detail.
pub async fn loaded(
    web: &Web,
    files: Vec<BundleFile>,
    dir: Option<PathBuf>,
) -> Answer<Arc<Dialplan>> {
    let key = digest(&files);
    if let Some(plan) = web.dialplans.memory.loaded(&key) {
        return Ok(plan);
    }
    let teach = web.dialplans.teach.clone();
    // A text that stands alone has a place too: what is learnt of it is kept there.
    let home = dir
        .clone()
        .unwrap_or_else(|| web.data.join("dialplans/@unsaved"));
    let here = web.clone();
    let examined = worked(web, move || {
        let mut examined = examine(&files, dir.as_deref(), None);
        if let (Some(teach), Some(plan)) = (teach, &mut examined.plan)
            && let Some(main) = files.first()
        {
            teach(Arc::make_mut(plan), &home.join(&main.path));
        }
        // Kept even where nobody waited so long.
        if let Some(plan) = examined.plan.as_ref().filter(|_| examined.good()) {
            here.dialplans.memory.keep(key, plan);
        }
        examined
    })
    .await?;
    if let Some(plan) = examined.plan.clone().filter(|_| examined.good()) {
        return Ok(plan);
    }
    Err(super::refused(&examined))
}

/// The most files and bytes of a dialplan that comes over the wire.
///
/// # Errors
/// 413 or 422 with what is too much or wrong.
pub fn bounded(text: &str, files: &[BundleFile]) -> Answer<()> {
    use crate::dialogue::file::MAX_BYTES;
    for (name, text) in [("text", text)]
        .into_iter()
        .chain(files.iter().map(|f| (f.path.as_str(), f.text.as_str())))
    {
        if text.len() > MAX_BYTES {
            return Err(Refusal::new(
                axum::http::StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                format!(
                    "{name}: {} bytes are more than a dialplan may have ({MAX_BYTES}); split the conversation into several files",
                    text.len()
                ),
            ));
        }
    }
    if files.len() >= MOST_FILES {
        return Err(Refusal::field(
            "files",
            format!(
                "more than {} files are included; join some of them",
                MOST_FILES - 1
            ),
        ));
    }
    match files.iter().find(|f| !bundle::is_below(Path::new(&f.path))) {
        Some(f) => Err(Refusal::field(
            "files",
            format!(
                "{:?} leaves the dialplan's folder; give a path without ..",
                f.path
            ),
        )),
        None => Ok(()),
    }
}

/// The text standing alone, or in the place of a known dialplan's.
#[must_use]
pub fn bundled(
    known: Option<&Found>,
    name: &str,
    text: &str,
    files: &[BundleFile],
) -> Vec<BundleFile> {
    match known {
        Some(known) => known.with(text, files),
        None => {
            let main = BundleFile {
                path: format!("{}.yaml", bundle::plain(name)),
                text: text.to_string(),
            };
            std::iter::once(main).chain(files.iter().cloned()).collect()
        }
    }
}

/// Leaves out the files that the dialplan does not include (any more).
#[must_use]
pub fn tidied(files: Vec<BundleFile>) -> Vec<BundleFile> {
    let wanted = bundle::wanted(&files);
    files
        .into_iter()
        .enumerate()
        .filter(|(i, f)| *i == 0 || wanted.contains(&f.path))
        .map(|(_, f)| f)
        .collect()
}

type Key = [u8; 32];

fn digest(files: &[BundleFile]) -> Key {
    let mut hash = Sha256::new();
    for part in files.iter().flat_map(|f| [&f.path, &f.text]) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// How many loaded dialplans are kept.
const KEPT: usize = 24;
/// Counts of a dialplan's steps are read again after so long, ms.
const COUNTED_MS: i64 = 15_000;

/// What the room remembers between requests.
pub struct Memory {
    pub(super) gate: Arc<Semaphore>,
    loaded: Mutex<VecDeque<(Key, Arc<Dialplan>)>>,
    counted: Mutex<BTreeMap<(TenantId, String), Counted>>,
}

#[derive(Clone)]
struct Counted {
    at_unix_ms: i64,
    passed: BTreeMap<String, Passed>,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            gate: Arc::new(Semaphore::new(2)),
            loaded: Mutex::default(),
            counted: Mutex::default(),
        }
    }
}

impl Memory {
    fn loaded(&self, key: &Key) -> Option<Arc<Dialplan>> {
        let mut loaded = lock(&self.loaded);
        let at = loaded.iter().position(|(k, _)| k == key)?;
        let hit = loaded.remove(at)?;
        let plan = hit.1.clone();
        loaded.push_back(hit);
        Some(plan)
    }

    fn keep(&self, key: Key, plan: &Arc<Dialplan>) {
        let mut loaded = lock(&self.loaded);
        loaded.retain(|(k, _)| *k != key);
        loaded.push_back((key, plan.clone()));
        while loaded.len() > KEPT {
            loaded.pop_front();
        }
    }
}

/// How many calls came to each step of a dialplan in the last 30 days.
///
/// # Errors
/// The database cannot be read.
pub async fn passed(web: &Web, tenant: TenantId, name: &str) -> Answer<BTreeMap<String, Passed>> {
    const SINCE_MS: i64 = 30 * 86_400_000;
    let memory = &web.dialplans.memory;
    let now = web.clock.unix_ms();
    let key = (tenant, name.to_string());
    let known = lock(&memory.counted).get(&key).cloned();
    if let Some(known) = known.filter(|k| (0..COUNTED_MS).contains(&(now - k.at_unix_ms))) {
        return Ok(known.passed);
    }
    let rows = web
        .store
        .dialplan_passed(tenant, name, now - SINCE_MS)
        .await?;
    let passed: BTreeMap<String, Passed> = rows
        .into_iter()
        .map(|r| {
            let passed = Passed {
                entered: r.entered,
                left: r.left,
            };
            (r.step, passed)
        })
        .collect();
    let mut counted = lock(&memory.counted);
    counted.retain(|_, c| now - c.at_unix_ms < COUNTED_MS);
    let new = Counted {
        at_unix_ms: now,
        passed: passed.clone(),
    };
    counted.insert(key, new);
    Ok(passed)
}

/// What is behind these locks is whole after every change; a panic elsewhere says nothing about it.
pub(in crate::web) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
