//! Dialplans on the disk: their text, and the files they include from the folder they lie in.

use crate::dialogue::file::{MAX_BYTES, Sources};
use crate::dialogue::{Diagnostic, Dialplan};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A dialplan's folder; nothing outside it is read.
#[derive(Debug)]
pub struct FolderSources {
    folder: PathBuf,
}

impl FolderSources {
    /// The folder of the dialplan at `path`.
    #[must_use]
    pub fn beside(path: &Path) -> FolderSources {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        FolderSources {
            folder: folder.unwrap_or(Path::new(".")).to_path_buf(),
        }
    }
}

impl Sources for FolderSources {
    fn read(&self, path: &str) -> Result<String, String> {
        let wanted = self.folder.join(path);
        let inside = |p: &Path| {
            let (folder, file) = (self.folder.canonicalize(), p.canonicalize());
            match (folder, file) {
                (Ok(folder), Ok(file)) => Ok(file.starts_with(folder)),
                (_, Err(e)) | (Err(e), _) => Err(e),
            }
        };
        // A link may lead anywhere, whatever the path looks like.
        match inside(&wanted) {
            Ok(true) => read_text(&wanted),
            Ok(false) => Err("it is a link that leads out of the dialplan's folder".into()),
            Err(e) => Err(unreadable(&wanted, &e)),
        }
    }
}

/// The text of a file: UTF-8, with or without a byte order mark, at most as large as a dialplan may be.
///
/// # Errors
/// Why not, in words for its author.
pub fn read_text(path: &Path) -> Result<String, String> {
    if path.is_dir() {
        return Err("it is a folder, not a YAML file".into());
    }
    let file = File::open(path).map_err(|e| unreadable(path, &e))?;
    let length = file.metadata().map_or(0, |m| m.len());
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| unreadable(path, &e))?;
    if bytes.len() > MAX_BYTES {
        let size = length.max(bytes.len() as u64);
        return Err(format!(
            "{size} bytes are more than a dialplan may have ({MAX_BYTES}); split the conversation into several files"
        ));
    }
    decode(&bytes, path)
}

/// Reads, checks and trains a dialplan with what it includes.
///
/// # Errors
/// Everything that is wrong with it; a file that cannot be read gives one finding.
pub fn load(path: &Path) -> Result<Dialplan, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let text = read_text(path).map_err(|why| vec![unread(&name, why)])?;
    Dialplan::parse_with(&text, &name, &FolderSources::beside(path))
}

/// A file that could not be read at all, as a finding about it.
fn unread(name: &str, why: String) -> Diagnostic {
    let (why, advice) = why
        .split_once("; ")
        .map_or((why.as_str(), ""), |(why, advice)| (why, advice));
    Diagnostic::new(
        name,
        crate::dialogue::diagnostic::At::default(),
        crate::dialogue::Severity::Error,
        why,
        advice,
    )
}

fn unreadable(path: &Path, e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => {
            format!("there is no file {}; check the name", path.display())
        }
        std::io::ErrorKind::PermissionDenied => "it may not be read; check who may".into(),
        _ => format!("it cannot be read: {e}"),
    }
}

fn decode(bytes: &[u8], path: &Path) -> Result<String, String> {
    let plain = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let name = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let convert = |from: &str| {
        format!("save it as UTF-8, or convert it: iconv -f {from} -t UTF-8 {name} > utf8.yaml")
    };
    // Without a mark, UTF-16 shows in the zero bytes beside plain letters.
    let zeros = |odd: usize| {
        bytes
            .iter()
            .skip(odd)
            .step_by(2)
            .take(64)
            .filter(|b| **b == 0)
            .count()
    };
    let wide = match bytes {
        [0xFF, 0xFE, ..] => Some("UTF-16LE"),
        [0xFE, 0xFF, ..] => Some("UTF-16BE"),
        _ if zeros(1) >= 8 => Some("UTF-16LE"),
        _ if zeros(0) >= 8 => Some("UTF-16BE"),
        _ => None,
    };
    if let Some(wide) = wide {
        return Err(format!("it is {wide}, not UTF-8; {}", convert(wide)));
    }
    let e = match std::str::from_utf8(plain) {
        Ok(text) => return Ok(text.to_string()),
        Err(e) => e,
    };
    let line = plain[..e.valid_up_to()]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
        + 1;
    let (text, _, broken) = encoding_rs::GB18030.decode(plain);
    let chinese = text
        .chars()
        .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
        .count();
    if !broken && chinese > 0 {
        return Err(format!(
            "line {line} is GB18030 (GBK), not UTF-8; {}",
            convert("GB18030")
        ));
    }
    Err(format!("line {line} is not UTF-8; save the file as UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("plans")).unwrap();
        std::fs::write(dir.path().join("secret.yaml"), "values: { a: b }").unwrap();
        std::fs::write(dir.path().join("plans/in.yaml"), "\u{feff}values: { a: b }").unwrap();
        dir
    }

    #[test]
    fn only_files_inside_the_dialplans_folder_are_read() {
        let dir = folder();
        let sources = FolderSources::beside(&dir.path().join("plans/main.yaml"));
        assert_eq!(sources.read("in.yaml").unwrap(), "values: { a: b }");
        assert!(sources.read("gone.yaml").unwrap_err().contains("no file"));
        assert!(sources.read(".").unwrap_err().contains("folder"));
        assert!(sources.read("../secret.yaml").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_folder_is_refused() {
        let dir = folder();
        let link = dir.path().join("plans/link.yaml");
        std::os::unix::fs::symlink(dir.path().join("secret.yaml"), link).unwrap();
        std::os::unix::fs::symlink("in.yaml", dir.path().join("plans/near.yaml")).unwrap();
        let sources = FolderSources::beside(&dir.path().join("plans/main.yaml"));
        assert!(sources.read("link.yaml").unwrap_err().contains("leads out"));
        assert!(sources.read("near.yaml").is_ok());
    }

    #[test]
    fn other_encodings_are_refused_with_how_to_convert_them() {
        let text = "name: 试听课\n";
        let (gbk, _, _) = encoding_rs::GB18030.encode(text);
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [vec![0xFF, 0xFE], wide].concat();
        let path = Path::new("a.yaml");
        let said = decode(&gbk, path).unwrap_err();
        assert!(said.contains("GB18030") && said.contains("iconv"), "{said}");
        let said = decode(&marked, path).unwrap_err();
        assert!(
            said.contains("UTF-16LE") && said.contains("iconv"),
            "{said}"
        );
        let plain: Vec<u8> = "callsmith: 1\nname: a\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert!(decode(&plain, path).unwrap_err().contains("UTF-16BE"));
        assert!(
            decode(b"name: a\n\xff\xff\xff", path)
                .unwrap_err()
                .contains("line 2")
        );
    }

    #[test]
    fn a_file_too_large_is_not_read_into_memory() {
        let dir = folder();
        let big = dir.path().join("plans/big.yaml");
        File::create(&big).unwrap().set_len(10 << 20).unwrap();
        let found = load(&big).unwrap_err();
        assert!(
            found[0].message.contains("10485760 bytes"),
            "{}",
            found[0].message
        );
        assert!(found[0].advice.contains("split"));
    }
}
