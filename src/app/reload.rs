//! Dialplans that change while calls are made: new calls take the new text, live ones end on theirs, and a bad file never
//! replaces a good one.

use super::launcher::Loaded;
use super::{check, versions};
use crate::dialogue::traits::Embedder;
use crate::store::TenantId;
use crate::terms::Lang;
use crate::web::dialplans::bundle;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{error, info};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// Done with a new dialplan before calls take it, such as rendering its fixed prompts.
pub type Prepare =
    Arc<dyn Fn(Loaded) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

/// Where a dialplan comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    /// The version of this name that counts for a tenant: its own, else the platform's.
    Published {
        tenant: TenantId,
        name: String,
        data: PathBuf,
    },
}

impl Source {
    /// A file when there is one; else a name.
    #[must_use]
    pub fn of(given: &Path, data: &Path) -> Source {
        if given.exists() {
            Source::File(given.to_path_buf())
        } else {
            Source::Published {
                tenant: TenantId::PLATFORM,
                name: given.to_string_lossy().into_owned(),
                data: data.to_path_buf(),
            }
        }
    }

    /// The dialplan's file as it stands now.
    pub async fn file(&self) -> Result<PathBuf> {
        match self {
            Source::File(file) => Ok(file.clone()),
            Source::Published { tenant, name, data } => {
                let (tenant, name, data) = (*tenant, name.clone(), data.clone());
                let runtime = tokio::runtime::Handle::current();
                blocking(move || {
                    let found =
                        runtime.block_on(versions::published(tenant, Path::new(&name), &data))?;
                    let (file, _) =
                        found.with_context(|| format!("{name}: no such dialplan is published"))?;
                    Ok(file)
                })
                .await
            }
        }
    }

    fn name(&self) -> String {
        match self {
            Source::File(file) => file.display().to_string(),
            Source::Published { name, .. } => name.clone(),
        }
    }
}

/// The dialplans of a run, one a language, as they stand now. Cheap to clone; the watching ends with the last clone.
#[derive(Clone)]
pub struct Reloading {
    now: watch::Receiver<Arc<BTreeMap<Lang, Loaded>>>,
    _stop: Option<Arc<DropGuard>>,
}

impl Reloading {
    /// Dialplans that never change.
    #[must_use]
    pub fn fixed(dialplans: BTreeMap<Lang, Loaded>) -> Reloading {
        Reloading {
            now: watch::channel(Arc::new(dialplans)).1,
            _stop: None,
        }
    }

    /// Watches where the dialplans came from. Needs a runtime.
    #[must_use]
    pub fn start(
        dialplans: BTreeMap<Lang, Loaded>,
        sources: Vec<Source>,
        prepare: Option<Prepare>,
        mind: Option<Arc<dyn Embedder>>,
    ) -> Reloading {
        let (to, now) = watch::channel(Arc::new(dialplans));
        let stop = CancellationToken::new();
        let over = stop.clone();
        tokio::spawn(async move {
            let mut watcher = Watcher::new(sources, to, prepare, mind);
            watcher.begin().await;
            let mut ticks = tokio::time::interval(EVERY);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = over.cancelled() => break,
                    _ = ticks.tick() => {
                        for news in watcher.look().await {
                            news.tell();
                        }
                    }
                }
            }
        });
        Reloading {
            now,
            _stop: Some(Arc::new(stop.drop_guard())),
        }
    }

    /// The dialplan that a call in this language takes now.
    #[must_use]
    pub fn current(&self, lang: Lang) -> Option<Loaded> {
        self.now.borrow().get(&lang).cloned()
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Arc<BTreeMap<Lang, Loaded>> {
        self.now.borrow().clone()
    }
}

/// What a look brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// New calls take the new text.
    Taken { name: String, version: String },
    /// The new text is not used, for this reason.
    Refused { name: String, why: String },
}

impl News {
    /// To the log and the terminal.
    fn tell(&self) {
        match self {
            News::Taken { name, version } => {
                info!(dialplan = name, version, "a changed dialplan is in use");
                println!(
                    "{name}: changed; new calls take version {version}, live calls end on theirs"
                );
            }
            News::Refused { name, why } => {
                error!(dialplan = name, why, "a changed dialplan is not used");
                println!(
                    "{name}: changed, and NOT used; calls go on with the text before it\n{why}"
                );
            }
        }
    }
}

/// The state of a dialplan's files: what the file system says of them, and what they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stamp {
    files: Vec<(PathBuf, Option<SystemTime>, u64)>,
    hash: [u8; 32],
}

struct Watched {
    source: Source,
    stamp: Stamp,
}

struct Watcher {
    watched: Vec<Watched>,
    to: watch::Sender<Arc<BTreeMap<Lang, Loaded>>>,
    prepare: Option<Prepare>,
    mind: Option<Arc<dyn Embedder>>,
}

impl Watcher {
    fn new(
        sources: Vec<Source>,
        to: watch::Sender<Arc<BTreeMap<Lang, Loaded>>>,
        prepare: Option<Prepare>,
        mind: Option<Arc<dyn Embedder>>,
    ) -> Watcher {
        let watched = sources.into_iter().map(|source| Watched {
            source,
            stamp: Stamp::default(),
        });
        Watcher {
            watched: watched.collect(),
            to,
            prepare,
            mind,
        }
    }

    /// Remembers the files as they are.
    async fn begin(&mut self) {
        for watched in &mut self.watched {
            if let Ok(file) = watched.source.file().await {
                watched.stamp = blocking(move || stamp(&file, None))
                    .await
                    .unwrap_or_default();
            }
        }
    }

    /// Looks at every file once.
    async fn look(&mut self) -> Vec<News> {
        let mut news = Vec::new();
        for i in 0..self.watched.len() {
            match self.look_at(i).await {
                Ok(None) => {}
                Ok(Some(n)) => news.push(n),
                Err(e) => news.push(News::Refused {
                    name: self.watched[i].source.name(),
                    why: format!("{e:#}"),
                }),
            }
        }
        news
    }

    async fn look_at(&mut self, i: usize) -> Result<Option<News>> {
        let watched = &mut self.watched[i];
        // A file that is gone for a moment (editors write a new one in its place) is looked at again.
        let Ok(file) = watched.source.file().await else {
            return Ok(None);
        };
        let before = watched.stamp.clone();
        let path = file.clone();
        let Ok(stamp) = blocking(move || stamp(&path, Some(&before))).await else {
            return Ok(None);
        };
        let same = stamp.hash == watched.stamp.hash;
        watched.stamp = stamp;
        if same {
            return Ok(None);
        }
        let name = watched.source.name();
        let path = file.clone();
        // Training a classifier takes a moment; no call may wait for it.
        let mind = self.mind.clone();
        let dialplan = blocking(move || check::load_with(&path, mind.as_ref())).await?;
        let version = dialplan.version.clone();
        let lang = dialplan.lang;
        let loaded = Loaded {
            dialplan: Arc::new(dialplan),
            dir: file.parent().map(PathBuf::from).unwrap_or_default(),
        };
        if !self.to.borrow().contains_key(&lang) {
            bail!(
                "its language is {lang} now, and no call of this run is in {lang}; start again to use it"
            );
        }
        if let Some(prepare) = &self.prepare {
            prepare(loaded.clone()).await?;
        }
        self.to.send_modify(|all| {
            let mut new = BTreeMap::clone(all);
            // A file of several languages stood for each that no other file speaks.
            if let Some(old) = new.insert(lang, loaded.clone()) {
                for other in new.values_mut() {
                    if Arc::ptr_eq(&other.dialplan, &old.dialplan) {
                        *other = loaded.clone();
                    }
                }
            }
            *all = Arc::new(new);
        });
        Ok(Some(News::Taken { name, version }))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}

/// The files' stamp. Where the file system says that nothing changed since `before`, nothing is read.
fn stamp(file: &Path, before: Option<&Stamp>) -> Result<Stamp> {
    let of = |path: &Path| -> Result<(PathBuf, Option<SystemTime>, u64)> {
        let meta = std::fs::metadata(path)?;
        Ok((path.to_path_buf(), meta.modified().ok(), meta.len()))
    };
    if let Some(before) = before.filter(|b| !b.files.is_empty()) {
        let files: Result<Vec<_>> = before.files.iter().map(|(path, ..)| of(path)).collect();
        if files.is_ok_and(|files| files == before.files) && before.files[0].0 == file {
            return Ok(before.clone());
        }
    }
    let dir = file.parent().unwrap_or(Path::new(""));
    let mut hash = Sha256::new();
    let mut files = Vec::new();
    match bundle::gather(file) {
        Ok(gathered) => {
            for part in gathered {
                files.push(of(&dir.join(&part.path))?);
                hash.update(part.path.as_bytes());
                hash.update([0]);
                hash.update(part.text.as_bytes());
                hash.update([0]);
            }
        }
        // A file that is no text or includes what is not there is a changed one too; loading it says what is wrong.
        Err(_) => {
            files.push(of(file)?);
            hash.update(std::fs::read(file)?);
        }
    }
    Ok(Stamp {
        files,
        hash: hash.finalize().into(),
    })
}

#[cfg(test)]
mod tests;
