//! The public sets: `<folder>/{train,dev}.tsv`, text TAB intent. What has an intent that training does not know is out of scope.

use crate::dialogue::intent::text::is_han;
use crate::terms::Lang;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One set of intents to learn and replies to read.
pub struct Set {
    pub name: String,
    /// The folder it is read from; sets of one folder share their texts.
    pub corpus: String,
    pub lang: Lang,
    pub classes: usize,
    pub train: Vec<(String, usize)>,
    pub test: Vec<(String, usize)>,
    /// Replies that belong to no intent.
    pub out_of_scope: Vec<String>,
}

/// Name, folder, training file, examples an intent at most.
const ENGLISH: &[(&str, &str, &str, usize)] = &[
    ("clinc150", "clinc150", "train.tsv", usize::MAX),
    ("clinc150-40", "clinc150", "train40.tsv", usize::MAX),
    ("clinc150-10", "clinc150", "train10.tsv", usize::MAX),
    ("banking77", "banking77", "train.tsv", usize::MAX),
    ("banking77-10", "banking77", "train.tsv", 10),
    ("snips-10", "snips", "train.tsv", 10),
    ("snips-40", "snips", "train.tsv", 40),
];

/// All sets found in a folder, or those named in `only`.
pub fn read(dir: &Path, only: &[String]) -> Result<Vec<Set>> {
    let wanted = |name: &str| only.is_empty() || only.iter().any(|o| o == name);
    let mut sets = Vec::new();
    for &(name, folder, file, most) in ENGLISH {
        let home = dir.join(folder);
        if wanted(name) && home.join(file).is_file() {
            sets.push(one(name, folder, &home, file, most)?);
        }
    }
    for folder in folders(dir)? {
        let known = ENGLISH.iter().any(|(_, f, _, _)| *f == folder);
        let home = dir.join(&folder);
        if known || !wanted(&folder) || !home.join("train.tsv").is_file() {
            continue;
        }
        let set = one(&folder, &folder, &home, "train.tsv", usize::MAX)?;
        if set.lang == Lang::Zh {
            sets.push(set);
        }
    }
    if sets.is_empty() {
        bail!(
            "no set of intents in {}; there should be folders such as clinc150 with train.tsv and dev.tsv (text, tab, intent)",
            dir.display()
        );
    }
    Ok(sets)
}

fn folders(dir: &Path) -> Result<BTreeSet<String>> {
    let entries = std::fs::read_dir(dir).with_context(|| {
        format!(
            "{}: the sets of intents are not here; name their folder with --data, or set CALLSMITH_SHARED to the folder whose data/intents holds them",
            dir.display()
        )
    })?;
    let mut out = BTreeSet::new();
    for entry in entries {
        let entry = entry?;
        if entry.path().is_dir() {
            out.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(out)
}

fn one(name: &str, corpus: &str, home: &Path, file: &str, most: usize) -> Result<Set> {
    let mut had: BTreeMap<String, usize> = BTreeMap::new();
    let mut train = rows(&home.join(file))?;
    // The first ones of each intent, in the order of the file.
    train.retain(|(_, intent)| {
        let count = had.entry(intent.clone()).or_default();
        *count += 1;
        *count <= most
    });
    let classes: BTreeMap<String, usize> = had.into_keys().zip(0..).collect();
    let (mut test, mut out_of_scope) = (Vec::new(), Vec::new());
    for (text, intent) in rows(&home.join("dev.tsv"))? {
        match classes.get(&intent) {
            Some(class) => test.push((text, *class)),
            None => out_of_scope.push(text),
        }
    }
    if train.is_empty() || test.is_empty() {
        bail!("{}: no rows to learn from or to read", home.display());
    }
    let all = || train.iter().flat_map(|(text, _)| text.chars());
    let lang = if all().filter(|c| is_han(*c)).count() * 2 > all().count() {
        Lang::Zh
    } else {
        Lang::En
    };
    Ok(Set {
        name: name.to_owned(),
        corpus: corpus.to_owned(),
        lang,
        classes: classes.len(),
        train: train
            .into_iter()
            .map(|(text, intent)| (text, classes[&intent]))
            .collect(),
        test,
        out_of_scope,
    })
}

fn rows(file: &Path) -> Result<Vec<(String, String)>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let lines = text.lines().enumerate().filter(|(_, l)| !l.is_empty());
    lines
        .map(|(at, line)| {
            let (text, intent) = line.split_once('\t').with_context(|| {
                format!(
                    "{}:{}: no tab between text and intent",
                    file.display(),
                    at + 1
                )
            })?;
            Ok((text.to_owned(), intent.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_set_is_found_by_its_letters_and_unknown_intents_are_out_of_scope() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("zh-new");
        std::fs::create_dir(&home).unwrap();
        std::fs::write(home.join("train.tsv"), "多少钱\tprice\n在忙\tbusy\n").unwrap();
        std::fs::write(home.join("dev.tsv"), "贵不贵\tprice\n天气好\toos\n").unwrap();
        let sets = read(dir.path(), &[]).unwrap();
        assert_eq!(
            (sets[0].name.as_str(), sets[0].lang, sets[0].classes),
            ("zh-new", Lang::Zh, 2)
        );
        assert_eq!(sets[0].test, [("贵不贵".to_owned(), 1)]);
        assert_eq!(sets[0].out_of_scope, ["天气好"]);
    }

    #[test]
    fn a_row_without_a_tab_is_named_by_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("zh-new");
        std::fs::create_dir(&home).unwrap();
        std::fs::write(home.join("train.tsv"), "多少钱\tprice\n在忙\n").unwrap();
        let error = read(dir.path(), &[]).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("train.tsv:2: no tab"), "{error}");
    }
}
