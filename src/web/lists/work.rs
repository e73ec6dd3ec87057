//! Checking and importing as jobs.

use super::files::{self, Upload};
use super::{JobStarted, in_words, refused};
use crate::campaign::list::intake::{Aim, Counts, IntakeError, take_in};
use crate::campaign::list::{ListOptions, ListReader, RowError, preview};
use crate::store::{CampaignRow, Kind, TenantId};
use crate::web::Web;
use crate::web::answer::Answer;
use crate::web::campaigns::grown;
use crate::web::guard::Who;
use crate::web::jobs::{Begun, Job, JobKind, JobState};
use axum::Json;
use std::collections::BTreeMap;

/// Starts a check.
pub(super) async fn check(
    web: &Web,
    who: &Who,
    upload: Upload,
    options: ListOptions,
    campaign: Option<CampaignRow>,
) -> Answer<Json<JobStarted>> {
    understood(&upload, &options).await?;
    let begun = begin(web, who.tenant, JobKind::Check, &upload)?;
    let started = JobStarted {
        job: begun.job.clone(),
    };
    let web = web.clone();
    tokio::spawn(async move {
        let aim = Aim::Check(campaign.map(|c| c.id));
        let done = pass(&web, &begun, &upload, &options, aim).await;
        end(&web, &begun.job, &upload, done, |counts| {
            format!(
                "{} lead(s) can be imported, {} row(s) would be left out",
                counts.added,
                counts.bad + counts.duplicates
            )
        });
    });
    Ok(Json(started))
}

/// Starts an import. When no bad row may be skipped, a check comes first.
pub(super) async fn import(
    web: &Web,
    who: &Who,
    upload: Upload,
    options: ListOptions,
    campaign: CampaignRow,
    skip_bad: bool,
) -> Answer<Json<JobStarted>> {
    understood(&upload, &options).await?;
    let begun = begin(web, who.tenant, JobKind::Import, &upload)?;
    remember(web, who.tenant, &upload, &options).await;
    let started = JobStarted {
        job: begun.job.clone(),
    };
    let web = web.clone();
    tokio::spawn(async move {
        if !skip_bad {
            let aim = Aim::Check(Some(campaign.id));
            let checked = pass(&web, &begun, &upload, &options, aim).await;
            match checked {
                Ok(counts) if counts.bad == 0 => web.jobs.update(&begun.job, |job| {
                    job.errors.clear();
                    job.total = Some(counts.rows);
                }),
                Ok(counts) => {
                    web.jobs.update(&begun.job, |job| {
                        job.state = JobState::Failed;
                        job.added = 0;
                        job.on_dnc = 0;
                        job.message = Some(format!(
                            "{} row(s) have something wrong, so nothing was imported; correct them, or import without them",
                            counts.bad
                        ));
                    });
                    return;
                }
                failed => {
                    end(&web, &begun.job, &upload, failed, |_| String::new());
                    return;
                }
            }
        }
        let aim = Aim::Import(campaign.id);
        let done = pass(&web, &begun, &upload, &options, aim).await;
        if done.is_ok() {
            if let Err(e) = web.store.campaign_list(campaign.id, &upload.name).await {
                tracing::warn!("the list's name was not noted: {e}");
            }
            web.lists.forget(&upload.list);
        }
        grown(&web, &campaign);
        end(&web, &begun.job, &upload, done, |counts| {
            format!(
                "{} lead(s) added, {} already there, {} row(s) left out",
                counts.added,
                counts.known,
                counts.bad + counts.duplicates
            )
        });
    });
    Ok(Json(started))
}

/// What is wrong with the header is answered at once and needs no job.
async fn understood(upload: &Upload, options: &ListOptions) -> Answer<()> {
    let (path, options) = (upload.path.clone(), options.clone());
    let opened = tokio::task::spawn_blocking(move || ListReader::open(&path, options).map(drop));
    match opened.await {
        Ok(Err(error)) => Err(refused(upload, &error)),
        Ok(Ok(())) | Err(_) => Ok(()),
    }
}

fn begin(web: &Web, tenant: TenantId, kind: JobKind, upload: &Upload) -> Answer<Begun> {
    let dir = files::folder(web);
    let now = web.clock.unix_ms();
    let begun = web
        .jobs
        .begin(tenant, kind, upload.lines, Some(&dir), now)?;
    web.account.owners.put(Kind::Job, &begun.job, tenant);
    Ok(begun)
}

async fn pass(
    web: &Web,
    begun: &Begun,
    upload: &Upload,
    options: &ListOptions,
    aim: Aim,
) -> Result<Counts, IntakeError> {
    let tell = |counts: &Counts, errors: &[RowError]| {
        web.jobs.update(&begun.job, |job| {
            fill(job, counts);
            job.show(errors);
        });
    };
    let both = begun.stop.clone();
    let stop = tokio_util::sync::CancellationToken::new();
    let _whichever = {
        let (server, stop) = (web.stop.clone(), stop.clone());
        Abort(tokio::spawn(async move {
            tokio::select! { () = both.cancelled() => {}, () = server.cancelled() => {} }
            stop.cancel();
        }))
    };
    take_in(
        &web.store,
        &upload.path,
        options.clone(),
        aim,
        begun.errors.clone(),
        &stop,
        tell,
    )
    .await
}

/// Ends a helper task with its owner.
struct Abort(tokio::task::JoinHandle<()>);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn fill(job: &mut Job, counts: &Counts) {
    job.rows = counts.rows;
    job.added = counts.added;
    job.known = counts.known;
    job.on_dnc = counts.on_dnc;
    job.bad = counts.bad;
    job.duplicates = counts.duplicates;
}

fn end(
    web: &Web,
    job: &str,
    upload: &Upload,
    done: Result<Counts, IntakeError>,
    words: impl FnOnce(&Counts) -> String,
) {
    web.jobs.update(job, |job| match done {
        Ok(counts) => {
            fill(job, &counts);
            job.total = Some(counts.rows);
            job.state = JobState::Done;
            job.message = Some(words(&counts));
        }
        Err(error) => {
            job.state = JobState::Failed;
            job.canceled = matches!(error, IntakeError::Stopped);
            job.message = Some(match &error {
                IntakeError::Stopped if job.kind == JobKind::Check => "stopped".into(),
                IntakeError::Stopped => {
                    "stopped; the leads that went in stay, import the list again to go on".into()
                }
                IntakeError::List(e) => in_words(upload, e),
                IntakeError::Store(e) => {
                    tracing::warn!("a list did not go in: {e}");
                    "the database cannot take it right now; import the list again to go on, nothing goes in twice".into()
                }
                IntakeError::Errors(e) => {
                    tracing::warn!("row errors are not written down: {e}");
                    "the server's disk cannot be written; free some space and try again".into()
                }
            });
        }
    });
}

/// The next list with these headers comes with these fields.
async fn remember(web: &Web, tenant: TenantId, upload: &Upload, options: &ListOptions) {
    if options.map.is_empty() {
        return;
    }
    let (path, sheet) = (upload.path.clone(), options.sheet.clone());
    let looked = tokio::task::spawn_blocking(move || preview(&path, sheet.as_deref(), "CN")).await;
    let Ok(Ok(seen)) = looked else { return };
    let fields: BTreeMap<String, String> = options.map.iter().cloned().collect();
    if let Err(e) = web
        .store
        .columns_remember(tenant, &seen.digest, &fields)
        .await
    {
        tracing::warn!("the columns of a list are not remembered: {e}");
    }
}
