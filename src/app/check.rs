//! `callsmith check`: dialplan files, with every mistake named.

use crate::dialogue;
use crate::dialogue::{Diagnostic, Dialplan, Severity};
use crate::engines::kokoro::{self, Kokoro};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Reads a dialplan for use; its mistakes become the error.
pub fn load(path: &Path) -> Result<Dialplan> {
    let source = read(path)?;
    let name = path.display().to_string();
    let plan = Dialplan::parse(&source, &name).map_err(|found| {
        let all: Vec<String> = found.iter().map(|d| d.render(&source)).collect();
        anyhow::anyhow!("the dialplan cannot be used:\n{}", all.join("\n"))
    })?;
    let unsayable = pronunciations(&plan, &name);
    if !unsayable.is_empty() {
        let all: Vec<String> = unsayable.iter().map(|d| d.render(&source)).collect();
        bail!("the dialplan cannot be used:\n{}", all.join("\n"));
    }
    if let Some(missing) = missing_recording(&plan, path) {
        bail!(
            "{name}: recording {missing:?} is not there; put the WAV beside the dialplan, or remove `recording:`"
        );
    }
    Ok(plan)
}

/// Checks files and prints what is wrong; false when something is.
pub fn run(files: &[PathBuf]) -> Result<bool> {
    let mut good = true;
    for path in files {
        let name = path.display().to_string();
        let source = match read(path) {
            Ok(source) => source,
            Err(e) => {
                eprintln!("{e:#}");
                good = false;
                continue;
            }
        };
        let found = match Dialplan::parse(&source, &name) {
            Ok(plan) => {
                if let Some(missing) = missing_recording(&plan, path) {
                    eprintln!(
                        "{name}: recording {missing:?} is not there; put the WAV beside the dialplan"
                    );
                    good = false;
                }
                if let Some(opening) = plan.disclosure.variants.first() {
                    let said = opening.text.fill(&|v| {
                        let known = plan.values.get(v).map(|w| w.in_lang(plan.lang).into());
                        Some(known.unwrap_or_else(|| format!("{{{v}}}")))
                    });
                    println!("{name}: every call opens with the notice: {said}");
                }
                let mut found = plan.warnings.clone();
                found.extend(voice(&plan, &name, &source));
                found.extend(pronunciations(&plan, &name));
                found
            }
            Err(found) => found,
        };
        good &= report(&name, &source, &found);
    }
    Ok(good)
}

fn report(name: &str, source: &str, found: &[Diagnostic]) -> bool {
    for diagnostic in found {
        println!("{}", diagnostic.render(source));
    }
    let errors = found
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .count();
    match (errors, found.len() - errors) {
        (0, 0) => println!("{name}: good"),
        (0, warnings) => println!("{name}: usable, {warnings} warning(s)"),
        (errors, warnings) => println!("{name}: {errors} error(s), {warnings} warning(s)"),
    }
    errors == 0
}

fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| {
        let advice = if path.is_dir() {
            "a dialplan is a YAML file, not a folder"
        } else {
            "check the name and who may read it"
        };
        format!("{}: cannot be read; {advice}", path.display())
    })?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let line = e.as_bytes()[..e.utf8_error().valid_up_to()]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        anyhow::anyhow!(
            "{}:{line}: not UTF-8 from here on; save the file as UTF-8",
            path.display()
        )
    })?;
    Ok(text
        .strip_prefix('\u{feff}')
        .map_or_else(|| text.clone(), ToString::to_string))
}

/// A voice that is not there. Nothing is found where no voice is installed.
fn voice(plan: &Dialplan, name: &str, source: &str) -> Option<Diagnostic> {
    let dir = super::models::open().ok()?.dir(kokoro::MODEL).ok()?;
    if !dir.is_dir() {
        return None;
    }
    let names = plan.tongues.values().map(|t| t.voice.name.as_str());
    let error = names
        .filter_map(|name| kokoro::check_voice(&dir, name).err())
        .next()?;
    let line = source.lines().position(|l| l.starts_with("voice:"));
    let mut found = Diagnostic::new(
        name,
        plan.disclosure.variants.first()?.at,
        Severity::Error,
        error.to_string(),
        "`callsmith voices list` names the voices",
    );
    found.line = line.map_or(1, |l| l as u32 + 1);
    found.column = 1;
    found.len = 5;
    Some(found)
}

/// The file's own pronunciations that the voice cannot say. Nothing is found where the voice is not installed.
fn pronunciations(plan: &Dialplan, name: &str) -> Vec<Diagnostic> {
    if plan.pronounce.is_empty() {
        return Vec::new();
    }
    let phonemizer = super::models::open()
        .ok()
        .and_then(|store| Kokoro::phonemizer(&store.dir(kokoro::MODEL).ok()?).ok());
    let Some(phonemizer) = phonemizer else {
        return Vec::new();
    };
    plan.pronounce
        .iter()
        .filter_map(|(word, p)| {
            let entry = [(word.clone(), p.said.clone())].into();
            let error = phonemizer.clone().with_words(&entry).err()?;
            let advice = "write pinyin with tone digits (`单: shan4`), or words that sound like it (`Xiaomi: shau mee`)";
            Some(Diagnostic::new(name, p.at, Severity::Error, error.to_string(), advice))
        })
        .collect()
}

fn missing_recording(plan: &Dialplan, path: &Path) -> Option<String> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let lines = dialogue::fixed_lines(plan)
        .into_iter()
        .chain(dialogue::lead_lines(plan, &dialogue::Lead::default()));
    lines
        .filter_map(|line| line.recording)
        .find(|name| !dir.join(name).is_file())
}
