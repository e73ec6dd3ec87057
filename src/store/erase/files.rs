//! What a person left in files: recordings, uploaded lists, exports, and set-aside lines of the spool file.

use super::Erased;
use std::io;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;

/// Folders that hold lists and results of whole campaigns.
const LISTS: [&str; 4] = ["uploads", "lists", "exports", "results"];
/// Read at once while looking for a number.
const CHUNK: usize = 64 * 1024;
/// A file this young may be in the middle of an import.
const YOUNG_S: u64 = 3600;

pub(super) async fn erase(
    dir: &Path,
    phone: &str,
    calls: &[String],
    recordings: &[String],
    erased: &mut Erased,
) -> io::Result<()> {
    for call in calls {
        // A call that died has a file and no name in its row.
        remove_recording(dir, &format!("{call}.wav"), erased).await?;
    }
    for name in recordings {
        remove_recording(dir, name, erased).await?;
    }
    let wanted = digits(phone);
    for folder in LISTS {
        for file in files(&dir.join(folder)).await? {
            if mentions(&file, &wanted).await? {
                tokio::fs::remove_file(&file).await?;
                *erased.entry("files".into()).or_default() += 1;
            }
        }
    }
    rejected(&dir.join("journal.rejected.ndjson"), phone, calls).await
}

async fn remove_recording(dir: &Path, name: &str, erased: &mut Erased) -> io::Result<()> {
    let plain = Path::new(name).file_name().is_some_and(|f| f == name);
    if !plain {
        return Ok(());
    }
    match tokio::fs::remove_file(dir.join("recordings").join(name)).await {
        Ok(()) => {
            *erased.entry("recordings".into()).or_default() += 1;
            Ok(())
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    }
}

/// The digits that are the same in all ways to write the number: without the country code.
fn digits(phone: &str) -> Vec<u8> {
    let all: Vec<u8> = phone.bytes().filter(u8::is_ascii_digit).collect();
    let own = all.len().saturating_sub(2).clamp(all.len().min(6), 10);
    all[all.len() - own..].to_vec()
}

/// All plain files below a folder; none when it is not there. Links are not followed.
async fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        let mut entries = match tokio::fs::read_dir(&dir).await {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e),
        };
        while let Some(entry) = entries.next_entry().await? {
            let kind = entry.file_type().await?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    Ok(found)
}

/// True when the file holds the number. A spreadsheet is packed: an old one counts as holding it, because the list is in
/// the database and an export can be made again.
async fn mentions(file: &Path, wanted: &[u8]) -> io::Result<bool> {
    let mut reader = tokio::fs::File::open(file).await?;
    let mut buffer = vec![0; CHUNK];
    // Digits seen in a row, spaces and hyphens between them left out.
    let mut run: Vec<u8> = Vec::new();
    let mut first = true;
    loop {
        let n = reader.read(&mut buffer).await?;
        if n == 0 {
            return Ok(false);
        }
        if first && buffer[..n].starts_with(b"PK\x03\x04") {
            let age = reader.metadata().await?.modified()?.elapsed();
            return Ok(age.is_ok_and(|a| a.as_secs() > YOUNG_S));
        }
        first = false;
        for &b in &buffer[..n] {
            match b {
                b'0'..=b'9' => {
                    run.push(b);
                    if run.len() > 64 {
                        run.drain(..32);
                    }
                    if run.ends_with(wanted) && !wanted.is_empty() {
                        return Ok(true);
                    }
                }
                // UTF-16 has a zero beside each digit.
                b' ' | b'-' | b'(' | b')' | b'.' | 0 => {}
                _ => run.clear(),
            }
        }
    }
}

/// Set-aside lines about the number or its calls go, the others stay.
async fn rejected(file: &Path, phone: &str, calls: &[String]) -> io::Result<()> {
    let text = match tokio::fs::read_to_string(file).await {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    let about = |line: &str| {
        line.contains(phone) || calls.iter().any(|c| line.contains(&format!("\"{c}\"")))
    };
    if !text.lines().any(about) {
        return Ok(());
    }
    let rest: Vec<&str> = text.lines().filter(|l| !about(l)).collect();
    let mut rest = rest.join("\n");
    if !rest.is_empty() {
        rest.push('\n');
    }
    let fresh = file.with_extension("tmp");
    tokio::fs::write(&fresh, rest).await?;
    tokio::fs::rename(&fresh, file).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_recognised_without_its_country_code() {
        assert_eq!(digits("+8613800138000"), b"3800138000");
        assert_eq!(digits("+12025550100"), b"025550100");
        assert_eq!(digits("110"), b"110");
    }
}
