//! Published dialplans: numbered versions that never change, and which of them counts. Each tenant has its own.

mod used;

pub use used::StepPassed;

use super::{AuditEntry, Store, StoreError, TenantId, audit};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// One file of a published dialplan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleFile {
    /// As the dialplan's `include` names it; of the dialplan itself, its file name.
    pub path: String,
    pub text: String,
}

/// One version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialplanVersion {
    /// Whose it is.
    pub tenant: TenantId,
    pub name: String,
    /// 1, 2, …
    pub version: i64,
    /// Of every path and text, in hexadecimal.
    pub sha256: String,
    pub lang: String,
    /// The dialplan first, then what it includes.
    pub files: Vec<BundleFile>,
    pub by: String,
    pub note: String,
    pub at_unix_ms: i64,
    /// This version counts.
    pub active: bool,
}

/// A version to be.
#[derive(Clone, Debug)]
pub struct NewVersion {
    pub tenant: TenantId,
    pub name: String,
    pub lang: String,
    pub files: Vec<BundleFile>,
    pub by: String,
    pub note: String,
    /// Goes into the audit log with it.
    pub audit: Option<AuditEntry>,
}

/// What became of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// A new version, which counts from now on.
    New(i64),
    /// The very same files count already, as this version.
    Same(i64),
}

macro_rules! version_columns {
    () => {
        "SELECT d.*, d.version = (SELECT a.version FROM dialplan_active a WHERE a.tenant_id = d.tenant_id \
         AND a.name = d.name ORDER BY a.id DESC LIMIT 1) AS active FROM dialplans d "
    };
}

impl Store {
    /// Publishes files as the next version of a dialplan, which counts from now on.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn dialplan_publish(&self, new: &NewVersion) -> Result<Published, StoreError> {
        let sum = sum(&new.files);
        let files =
            serde_json::to_string(&new.files).map_err(|e| StoreError::Other(e.to_string()))?;
        let at = self.0.clock.unix_ms();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        let active = find(&mut tx, new.tenant, &new.name, None).await?;
        if let Some(active) = active.filter(|v| v.sha256 == sum) {
            return Ok(Published::Same(active.version));
        }
        let row = sqlx::query(
            "INSERT INTO dialplans (tenant_id, name, version, sha256, lang, files, published_by, note, at) \
             SELECT $1, $2, COALESCE(MAX(version), 0) + 1, $3, $4, $5, $6, $7, $8 FROM dialplans \
             WHERE tenant_id = $1 AND name = $2 RETURNING version",
        )
        .bind(new.tenant.0)
        .bind(&new.name)
        .bind(&sum)
        .bind(&new.lang)
        .bind(files)
        .bind(&new.by)
        .bind(&new.note)
        .bind(at)
        .fetch_one(&mut *tx)
        .await
        .map_err(self.sorted())?;
        let version: i64 = row.try_get(0).map_err(self.sorted())?;
        activate(&mut tx, new.tenant, &new.name, version, &new.by, at)
            .await
            .map_err(self.sorted())?;
        if let Some(entry) = &new.audit {
            let mut entry = entry.clone();
            entry.detail["version"] = version.into();
            audit::put(&mut tx, at, &entry)
                .await
                .map_err(self.sorted())?;
        }
        tx.commit().await.map_err(self.sorted())?;
        Ok(Published::New(version))
    }

    /// Lets an earlier version count again; false when there is no such version.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn dialplan_rollback(
        &self,
        tenant: TenantId,
        name: &str,
        version: i64,
        by: &str,
        entry: Option<&AuditEntry>,
    ) -> Result<bool, StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        if find(&mut tx, tenant, name, Some(version)).await?.is_none() {
            return Ok(false);
        }
        activate(&mut tx, tenant, name, version, by, at)
            .await
            .map_err(self.sorted())?;
        if let Some(entry) = entry {
            audit::put(&mut tx, at, entry)
                .await
                .map_err(self.sorted())?;
        }
        tx.commit().await.map_err(self.sorted())?;
        Ok(true)
    }

    /// One version of a tenant's own dialplan, or the one that counts.
    ///
    /// # Errors
    /// The database cannot be read, or the version is not whole any more.
    pub async fn dialplan(
        &self,
        tenant: TenantId,
        name: &str,
        version: Option<i64>,
    ) -> Result<Option<DialplanVersion>, StoreError> {
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        find(&mut db, tenant, name, version).await
    }

    /// The version that counts for a tenant's calls: of its own dialplan, or of the platform's where it has none of that name.
    ///
    /// # Errors
    /// As [`Store::dialplan`].
    pub async fn dialplan_that_counts(
        &self,
        tenant: TenantId,
        name: &str,
    ) -> Result<Option<DialplanVersion>, StoreError> {
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        let own = find(&mut db, tenant, name, None).await?;
        if own.is_some() || tenant == TenantId::PLATFORM {
            return Ok(own);
        }
        find(&mut db, TenantId::PLATFORM, name, None).await
    }

    /// Of each of a tenant's dialplans the version that counts, in the order of their names.
    ///
    /// # Errors
    /// As [`Store::dialplan`].
    pub async fn dialplans_that_count(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<DialplanVersion>, StoreError> {
        let rows = sqlx::query(concat!(
            version_columns!(),
            "WHERE d.tenant_id = $1 AND d.version = (SELECT a.version FROM dialplan_active a WHERE a.tenant_id = $1 \
             AND a.name = d.name ORDER BY a.id DESC LIMIT 1) ORDER BY d.name"
        ))
        .bind(tenant.0)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter().map(version_of).collect()
    }

    /// All versions of one of a tenant's dialplans or of all, the latest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn dialplans(
        &self,
        tenant: TenantId,
        name: Option<&str>,
    ) -> Result<Vec<DialplanVersion>, StoreError> {
        let rows = sqlx::query(concat!(
            version_columns!(),
            "WHERE d.tenant_id = $1 AND (CAST($2 AS TEXT) IS NULL OR d.name = $2) ORDER BY d.name, d.version DESC"
        ))
        .bind(tenant.0)
        .bind(name)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter().map(version_of).collect()
    }
}

async fn activate(
    db: &mut SqliteConnection,
    tenant: TenantId,
    name: &str,
    version: i64,
    by: &str,
    at: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO dialplan_active (tenant_id, name, version, by_whom, at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(tenant.0)
    .bind(name)
    .bind(version)
    .bind(by)
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}

async fn find(
    db: &mut SqliteConnection,
    tenant: TenantId,
    name: &str,
    version: Option<i64>,
) -> Result<Option<DialplanVersion>, StoreError> {
    let other = |e: sqlx::Error| StoreError::Other(e.to_string());
    let row = sqlx::query(concat!(
        version_columns!(),
        "WHERE d.tenant_id = $1 AND d.name = $2 AND d.version = COALESCE($3, \
         (SELECT a.version FROM dialplan_active a WHERE a.tenant_id = $1 AND a.name = $2 ORDER BY a.id DESC LIMIT 1))"
    ))
    .bind(tenant.0)
    .bind(name)
    .bind(version)
    .fetch_optional(db)
    .await
    .map_err(other)?;
    row.as_ref().map(version_of).transpose()
}

fn version_of(row: &SqliteRow) -> Result<DialplanVersion, StoreError> {
    let bad = |e: sqlx::Error| StoreError::BadRow(e.to_string());
    let name: String = row.try_get("name").map_err(bad)?;
    let version: i64 = row.try_get("version").map_err(bad)?;
    let files: String = row.try_get("files").map_err(bad)?;
    let files: Vec<BundleFile> = serde_json::from_str(&files)
        .map_err(|e| StoreError::BadRow(format!("dialplan {name} version {version}: {e}")))?;
    let sha256: String = row.try_get("sha256").map_err(bad)?;
    if sha256 != sum(&files) {
        return Err(StoreError::BadRow(format!(
            "dialplan {name} version {version} was changed after it was published"
        )));
    }
    Ok(DialplanVersion {
        tenant: TenantId(row.try_get("tenant_id").map_err(bad)?),
        lang: row.try_get("lang").map_err(bad)?,
        by: row.try_get("published_by").map_err(bad)?,
        note: row.try_get("note").map_err(bad)?,
        at_unix_ms: row.try_get("at").map_err(bad)?,
        active: row.try_get::<Option<bool>, _>("active").map_err(bad)? == Some(true),
        name,
        version,
        sha256,
        files,
    })
}

/// SHA-256 over every path and text, each with its length, so that no two bundles run into the same bytes.
fn sum(files: &[BundleFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        for part in [&file.path, &file.text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    let bytes = hash.finalize();
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
