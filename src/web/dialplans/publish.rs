//! Publishing: the files go to disk first, so that a version that counts is whole.

use super::bundle::{self, BundleError};
use crate::dialogue::Dialplan;
use crate::store::{AuditEntry, BundleFile, NewVersion, Published, Store, StoreError, TenantId};
use std::path::Path;

/// A version to be.
#[derive(Clone, Debug)]
pub struct Publication {
    pub tenant: TenantId,
    /// The dialplan first, then what it includes.
    pub files: Vec<BundleFile>,
    pub by: String,
    pub note: String,
    /// Goes into the audit log with the version's number.
    pub audit: AuditEntry,
}

/// Why a dialplan was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Publishes a dialplan that was checked. Its recordings are taken from `recordings`, and lie with the version afterwards.
///
/// # Errors
/// A file cannot be written, a recording is missing, or the database cannot be written; what counted before still counts.
pub async fn publish(
    store: &Store,
    data: &Path,
    plan: &Dialplan,
    publication: &Publication,
    recordings: Option<&Path>,
) -> Result<Published, PublishError> {
    let tenant = publication.tenant;
    let latest = store.dialplans(tenant, Some(&plan.name)).await?;
    let next = latest.first().map_or(1, |v| v.version + 1);
    let dir = bundle::folder(data, tenant, &plan.name, next);
    if let Some(from) = recordings {
        bundle::copy_recordings(plan, from, &dir)?;
    }
    let new = NewVersion {
        tenant,
        name: plan.name.clone(),
        lang: plan.lang.to_string(),
        files: publication.files.clone(),
        by: publication.by.clone(),
        note: publication.note.clone(),
        audit: Some(publication.audit.clone()),
    };
    let published = store.dialplan_publish(&new).await?;
    if let Published::New(version) = published {
        let dir = bundle::folder(data, tenant, &plan.name, version);
        bundle::unpack(&publication.files, &dir)?;
    }
    Ok(published)
}
