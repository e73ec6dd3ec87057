//! A campaign's results as files: CSV for people (opens in spreadsheets), JSON for programs.

use crate::campaign::export;
use crate::store::Store;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Writes `<campaign>.csv` and `<campaign>.json` into the data folder's `results`.
pub async fn write(store: &Store, campaign: &str, data: &Path) -> Result<(PathBuf, PathBuf)> {
    let rows = store.export(campaign).await?;
    let dir = data.join("results");
    std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    let name: String = campaign
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let (csv, json) = (
        dir.join(format!("{name}.csv")),
        dir.join(format!("{name}.json")),
    );
    export::csv(&mut create(&csv)?, &rows).with_context(|| csv.display().to_string())?;
    export::json(&mut create(&json)?, &rows).with_context(|| json.display().to_string())?;
    Ok((csv, json))
}

fn create(path: &Path) -> Result<std::io::BufWriter<std::fs::File>> {
    Ok(std::io::BufWriter::new(
        std::fs::File::create(path).with_context(|| path.display().to_string())?,
    ))
}
