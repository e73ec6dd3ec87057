//! `callsmith dialplans`: publishing, listing, comparing and rolling back versions, and loading the one that counts.

use super::cli::DialplansCommand;
use super::{bundle, check};
use crate::dialogue::plan::{Dialplan, Step};
use crate::dialogue::{Diagnostic, Severity};
use crate::store::{BundleFile, DialplanVersion, NewVersion, Published, Store, StoreError};
use crate::terms::Clock;
use anyhow::{Context, Result, bail};
use comfy_table::{ContentArrangement, Table, presets};
use similar::TextDiff;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

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
            print!("{}", difference(&a, &b, &data.dir)?);
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
            let file = bundle::unpack(&found.files, &bundle::folder(&data.dir, &name, version))?;
            check::load(&file)?;
            store.dialplan_rollback(&name, version, &who(by)).await?;
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
        files.push(match published(path, data).await? {
            Some((file, _)) => file,
            None => path.clone(),
        });
    }
    Ok(files)
}

/// The file and number of the version that counts, when `path` is no file and names a published dialplan.
pub async fn published(path: &Path, data: &Path) -> Result<Option<(PathBuf, i64)>> {
    let name = path.to_string_lossy();
    if path.exists() || name.contains(std::path::MAIN_SEPARATOR) || !data.is_dir() {
        return Ok(None);
    }
    let Ok(store) = Store::open_beside(data, Clock::system()).await else {
        return Ok(None);
    };
    let found = store.dialplan(&name, None).await?;
    store.close().await;
    let Some(found) = found else {
        return Ok(None);
    };
    let dir = bundle::folder(data, &found.name, found.version);
    Ok(Some((bundle::unpack(&found.files, &dir)?, found.version)))
}

async fn open(data: &Path) -> Result<Store> {
    Ok(Store::open_beside(data, Clock::system()).await?)
}

async fn version_of(store: &Store, name: &str, version: Option<i64>) -> Result<DialplanVersion> {
    if let Some(found) = store.dialplan(name, version).await? {
        return Ok(found);
    }
    let known: Vec<String> = store
        .dialplans(None)
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

async fn publish(file: &Path, note: &str, by: &str, data: &Path) -> Result<bool> {
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
    let new = NewVersion {
        name: plan.name.clone(),
        lang: plan.lang.to_string(),
        files: files.clone(),
        by: by.to_string(),
        note: note.to_string(),
    };
    // Sound first: a version that counts must be whole.
    let next = store
        .dialplans(Some(&plan.name))
        .await?
        .first()
        .map_or(1, |v| v.version + 1);
    let dir = bundle::folder(data, &plan.name, next);
    bundle::copy_recordings(&plan, file.parent().unwrap_or(Path::new("")), &dir)?;
    match store.dialplan_publish(&new).await? {
        Published::New(version) => {
            bundle::unpack(&files, &bundle::folder(data, &plan.name, version))?;
            println!(
                "{}: published as version {version}; it counts from now on",
                plan.name
            );
        }
        Published::Same(version) => println!(
            "{}: nothing new, version {version} has the same text and counts already",
            plan.name
        ),
    }
    store.close().await;
    Ok(true)
}

async fn list(name: Option<&str>, data: &Path) -> Result<bool> {
    let all = open(data).await?.dialplans(name).await?;
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

/// What differs: the steps first, in words, then the text.
fn difference(a: &DialplanVersion, b: &DialplanVersion, data: &Path) -> Result<String> {
    let mut out = String::new();
    let load = |v: &DialplanVersion| {
        let dir = bundle::folder(data, &v.name, v.version);
        check::load(&bundle::unpack(&v.files, &dir)?)
    };
    match (load(a), load(b)) {
        (Ok(a), Ok(b)) => out.push_str(&steps(&a, &b)),
        (Err(e), _) | (_, Err(e)) => {
            let _ = writeln!(out, "# the steps cannot be compared: {e:#}");
        }
    }
    let texts = |v: &DialplanVersion| -> BTreeMap<String, String> {
        let files = v.files.iter();
        files
            .map(|BundleFile { path, text }| (path.clone(), text.clone()))
            .collect()
    };
    let (old, new) = (texts(a), texts(b));
    let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        let none = String::new();
        let (x, y) = (
            old.get(path).unwrap_or(&none),
            new.get(path).unwrap_or(&none),
        );
        if x != y {
            let diff = TextDiff::from_lines(x.as_str(), y.as_str());
            let _ = write!(
                out,
                "{}",
                diff.unified_diff().header(
                    &format!("{path} (version {})", a.version),
                    &format!("{path} (version {})", b.version)
                )
            );
        }
    }
    if out.is_empty() {
        out.push_str("no difference\n");
    }
    Ok(out)
}

/// Steps added, removed and changed. A step is changed when anything but its place in the file is.
fn steps(a: &Dialplan, b: &Dialplan) -> String {
    let mut out = String::new();
    let added = b.steps.keys().filter(|n| !a.steps.contains_key(*n));
    let removed = a.steps.keys().filter(|n| !b.steps.contains_key(*n));
    let changed = a
        .steps
        .iter()
        .filter(|(name, step)| b.steps.get(*name).is_some_and(|s| shape(s) != shape(step)))
        .map(|(name, _)| name);
    for (what, names) in [
        ("added", added.collect::<Vec<_>>()),
        ("removed", removed.collect()),
        ("changed", changed.collect()),
    ] {
        if !names.is_empty() {
            let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
            let _ = writeln!(out, "# steps {what}: {}", names.join(", "));
        }
    }
    out
}

/// A step without its places.
fn shape(step: &Step) -> String {
    let text = format!("{step:?}");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("At {") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find('}').map_or(rest.len(), |e| at + e + 1);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(steps: &str) -> Dialplan {
        let text = format!(
            "callsmith: 1\nname: v\nlang: en\ncompany: Acme\n\
             disclosure: Hello, this is Acme's automated assistant on a recorded line.\nstart: a\nsteps:\n{steps}"
        );
        Dialplan::parse(&text, "v.yaml").unwrap_or_else(|e| panic!("{e:?}"))
    }

    #[test]
    fn steps_are_compared_by_what_they_do_and_not_by_where_they_stand() {
        let old = plan(
            "  a: { say: Hi, goto: b }\n  b: { say: Bye, hangup: { disposition: completed } }\n",
        );
        let moved = plan(
            "\n\n  b: { say: Bye, hangup: { disposition: completed } }\n  a: { say: Hi, goto: b }\n",
        );
        assert_eq!(steps(&old, &moved), "");
        let new = plan(
            "  a: { say: Hi there, goto: c }\n  c: { say: Bye, hangup: { disposition: completed } }\n",
        );
        assert_eq!(
            steps(&old, &new),
            "# steps added: c\n# steps removed: b\n# steps changed: a\n"
        );
    }
}
