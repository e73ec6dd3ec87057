//! `callsmith dialplans`: publishing, listing, comparing and rolling back versions, and loading the one that counts.

use super::check;
use super::cli::DialplansCommand;
use crate::dialogue::{Diagnostic, Severity};
use crate::store::{AuditEntry, DialplanVersion, Published, Store, StoreError, TenantId};
use crate::terms::Clock;
use crate::web::dialplans::publish::{self, Publication};
use crate::web::dialplans::{bundle, compare};
use anyhow::{Context, Result, bail};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The command line works on the platform's own dialplans.
const OWN: TenantId = TenantId::PLATFORM;

pub async fn run(command: DialplansCommand) -> Result<bool> {
    match command {
        DialplansCommand::Publish {
            file,
            note,
            by,
            data,
        } => publish(&file, &note.unwrap_or_default(), &who(by), &data.dir).await,
        DialplansCommand::List { name, data } => list(name.as_deref(), &data.dir).await,
        DialplansCommand::Show {
            name,
            version,
            data,
        } => {
            let store = open(&data.dir).await?;
            let found = version_of(&store, &name, Some(version)).await?;
            for (n, file) in found.files.iter().enumerate() {
                if n > 0 {
                    println!("\n# ---- {}", file.path);
                }
                print!("{}", file.text);
            }
            Ok(true)
        }
        DialplansCommand::Diff { name, a, b, data } => {
            let store = open(&data.dir).await?;
            let a = version_of(&store, &name, Some(a)).await?;
            let b = version_of(&store, &name, Some(b)).await?;
            print!("{}", compare::difference(&a, &b));
            Ok(true)
        }
        DialplansCommand::Rollback {
            name,
            version,
            by,
            data,
        } => {
            let store = open(&data.dir).await?;
            let found = version_of(&store, &name, Some(version)).await?;
            // What was good once may not be so for this program.
            let file = bundle::unpack(
                &found.files,
                &bundle::folder(&data.dir, OWN, &name, version),
            )?;
            check::load(&file)?;
            let by = who(by);
            let entry = entry(
                "dialplans.rollback",
                &name,
                &by,
                json!({ "version": version }),
            );
            store
                .dialplan_rollback(OWN, &name, version, &by, Some(&entry))
                .await?;
            println!("{name}: version {version} counts from now on; live calls end on theirs");
            store.close().await;
            Ok(true)
        }
    }
}

/// Turns names of published dialplans into the files of the version that counts; what is a file stays as it is.
pub async fn resolve(given: &[PathBuf], data: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in given {
        files.push(match published(OWN, path, data).await? {
            Some((file, _)) => file,
            None => path.clone(),
        });
    }
    Ok(files)
}

/// The file and number of the version that counts for a tenant, when `path` is no file and names a published dialplan.
pub async fn published(
    tenant: TenantId,
    path: &Path,
    data: &Path,
) -> Result<Option<(PathBuf, i64)>> {
    let name = path.to_string_lossy();
    if path.exists() || name.contains(std::path::MAIN_SEPARATOR) || !data.is_dir() {
        return Ok(None);
    }
    let Ok(store) = Store::open_beside(data, Clock::system()).await else {
        return Ok(None);
    };
    let found = store.dialplan_that_counts(tenant, &name).await?;
    store.close().await;
    let Some(found) = found else {
        return Ok(None);
    };
    let dir = bundle::folder(data, found.tenant, &found.name, found.version);
    Ok(Some((bundle::unpack(&found.files, &dir)?, found.version)))
}

async fn open(data: &Path) -> Result<Store> {
    Ok(Store::open_beside(data, Clock::system()).await?)
}

async fn version_of(store: &Store, name: &str, version: Option<i64>) -> Result<DialplanVersion> {
    if let Some(found) = store.dialplan(OWN, name, version).await? {
        return Ok(found);
    }
    let known: Vec<String> = store
        .dialplans(OWN, None)
        .await?
        .iter()
        .map(|v| format!("{} {}", v.name, v.version))
        .collect();
    if known.is_empty() {
        bail!("no dialplan was published yet; `callsmith dialplans publish FILE` does it");
    }
    bail!(
        "there is no version {} of {name:?}; published are {}",
        version.unwrap_or_default(),
        known.join(", ")
    )
}

/// Who publishes, for the list.
fn who(by: Option<String>) -> String {
    by.or_else(|| std::env::var("USER").ok())
        .filter(|w| !w.trim().is_empty())
        .unwrap_or_else(|| "unknown".into())
}

/// What was done at the terminal, for the audit log.
fn entry(action: &str, name: &str, by: &str, detail: Value) -> AuditEntry {
    AuditEntry {
        tenant: OWN,
        who: by.into(),
        role: "command line".into(),
        action: action.into(),
        object: name.into(),
        detail,
    }
}

pub async fn publish(file: &Path, note: &str, by: &str, data: &Path) -> Result<bool> {
    let (source, found, _) = check::examine(file)?;
    for diagnostic in &found {
        println!("{}", diagnostic.render(&source));
    }
    let is_error = |d: &&Diagnostic| d.severity == Severity::Error;
    let errors = found.iter().filter(is_error).count();
    if errors > 0 {
        eprintln!(
            "{}: not published, {errors} error(s); what counted before still counts",
            file.display()
        );
        return Ok(false);
    }
    let plan = check::load(file)?;
    let files = bundle::gather(file)?;
    std::fs::create_dir_all(data).with_context(|| data.display().to_string())?;
    let store = match Store::open_beside(data, Clock::system()).await {
        Ok(store) => store,
        Err(StoreError::CannotOpen { .. }) => Store::open(data, Clock::system()).await?,
        Err(e) => return Err(e.into()),
    };
    let publication = Publication {
        tenant: OWN,
        files,
        by: by.to_string(),
        note: note.to_string(),
        audit: entry("dialplans.publish", &plan.name, by, json!({})),
    };
    let beside = file.parent().unwrap_or(Path::new(""));
    match publish::publish(&store, data, &plan, &publication, Some(beside)).await? {
        Published::New(version) => println!(
            "{}: published as version {version}; it counts from now on",
            plan.name
        ),
        Published::Same(version) => println!(
            "{}: nothing new, version {version} has the same text and counts already",
            plan.name
        ),
    }
    store.close().await;
    Ok(true)
}

async fn list(name: Option<&str>, data: &Path) -> Result<bool> {
    let all = open(data).await?.dialplans(OWN, name).await?;
    if all.is_empty() {
        match name {
            Some(name) => println!("no version of {name:?} was published"),
            None => {
                println!(
                    "no dialplan was published yet; `callsmith dialplans publish FILE` does it"
                )
            }
        }
        return Ok(name.is_none());
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "dialplan",
        "version",
        "counts",
        "published",
        "by",
        "sha256",
        "note",
    ]);
    for v in &all {
        let at = jiff::Timestamp::from_millisecond(v.at_unix_ms).unwrap_or_default();
        table.add_row([
            v.name.clone(),
            v.version.to_string(),
            if v.active { "yes" } else { "" }.to_string(),
            at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            v.by.clone(),
            v.sha256.chars().take(12).collect(),
            v.note.clone(),
        ]);
    }
    println!("{table}");
    Ok(true)
}
