//! Which files are meant when folders are named: dialplans, and the `.call` scripts beside them.

use std::path::{Path, PathBuf};

/// Dialplans that were named or found.
#[derive(Debug, Default)]
pub struct Listed {
    pub files: Vec<PathBuf>,
    /// Folders that hold none.
    pub empty: Vec<PathBuf>,
}

/// Named files as they are; of folders, every dialplan below them. What is no folder is taken for a dialplan.
pub fn dialplans(named: &[PathBuf]) -> Listed {
    let mut listed = Listed::default();
    for path in named {
        if !path.is_dir() {
            listed.files.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        below(path, &mut found, 0);
        found.retain(|f| is_yaml(f) && is_dialplan(f));
        if found.is_empty() {
            listed.empty.push(path.clone());
        }
        listed.files.extend(found);
    }
    listed
}

/// `.call` files among the named files and below the named folders.
pub fn scripts(named: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in named {
        if path.is_dir() {
            below(path, &mut found, 0);
        } else {
            found.push(path.clone());
        }
    }
    found.retain(|f| is_call(f));
    found
}

/// The scripts that lie beside a dialplan: `tests/<its file name without .yaml>/*.call`.
pub fn scripts_beside(dialplan: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let (Some(dir), Some(stem)) = (dialplan.parent(), dialplan.file_stem()) {
        below(&dir.join("tests").join(stem), &mut found, 0);
    }
    found.retain(|f| is_call(f));
    found
}

/// Where a script's dialplan is: among `known` by file name, then beside the script and up from there.
pub fn dialplan_of(name: &str, script: &Path, known: &[PathBuf]) -> Option<PathBuf> {
    let stem = name.strip_suffix(".yaml").unwrap_or(name);
    let named =
        |p: &&PathBuf| p.file_stem().is_some_and(|s| s == stem) || p.as_path() == Path::new(name);
    if let Some(path) = known.iter().find(named) {
        return Some(path.clone());
    }
    let file = format!("{stem}.yaml");
    let mut dir = script.parent();
    for _ in 0..4 {
        let here = dir?;
        for folder in [here.to_path_buf(), here.join("dialplans")] {
            let path = folder.join(&file);
            if path.is_file() {
                return Some(path);
            }
        }
        dir = here.parent();
    }
    None
}

/// The folder tree's files, in the order of their names. Links are not followed round in circles: ten levels are enough.
fn below(dir: &Path, out: &mut Vec<PathBuf>, depth: u8) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    let mut entries: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if depth < 10 {
                below(&path, out, depth + 1);
            }
        } else {
            out.push(path);
        }
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "yaml" || e == "yml")
}

pub fn is_call(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "call")
}

/// It says which format it has; parts that dialplans include do not.
fn is_dialplan(path: &Path) -> bool {
    let begins = |text: String| {
        text.trim_start_matches('\u{feff}')
            .lines()
            .any(|l| l.starts_with("callsmith:"))
    };
    std::fs::read(path).is_ok_and(|b| begins(String::from_utf8_lossy(&b).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_dialplans_and_each_its_own_scripts() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let plan = write("plans/a.yaml", "callsmith: 1\n");
        write("plans/shared/faq.yaml", "globals: {}\n");
        let script = write("plans/tests/a/one.call", "dialplan a\n");
        write("plans/tests/b/two.call", "dialplan b\n");
        let listed = dialplans(&[dir.path().join("plans")]);
        assert_eq!(listed.files, std::slice::from_ref(&plan));
        assert_eq!(scripts_beside(&plan), std::slice::from_ref(&script));
        assert_eq!(dialplan_of("a", &script, &[]), Some(plan));
        assert_eq!(dialplan_of("b", &script, &[]), None);
        let empty = dialplans(&[dir.path().join("plans/tests")]);
        assert_eq!(empty.empty.len(), 1);
    }
}
