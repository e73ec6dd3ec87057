//! `callsmith check`: dialplan files, with every mistake named.

use crate::dialogue;
use crate::dialogue::lines::prompts;
use crate::dialogue::traits::Embedder;
use crate::dialogue::{Diagnostic, Dialplan, Severity};
use crate::engines::kokoro::{self, Kokoro};
use crate::web::dialplans::sources;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads a dialplan for use; its mistakes become the error.
pub fn load(path: &Path) -> Result<Dialplan> {
    let name = path.display().to_string();
    let plan = sources::load(path).map_err(|found| {
        let all: Vec<String> = found.iter().map(|d| d.render("")).collect();
        anyhow::anyhow!("the dialplan cannot be used:\n{}", all.join("\n"))
    })?;
    let unsayable = pronunciations(&plan, &name);
    if !unsayable.is_empty() {
        let source = read(path)?;
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

/// [`load`], understanding by meaning too where the sentence model is installed.
pub fn load_with(path: &Path, mind: Option<&Arc<dyn Embedder>>) -> Result<Dialplan> {
    let mut plan = load(path)?;
    super::vectors::teach(&mut plan, path, mind);
    Ok(plan)
}

/// Checks files, and the dialplans of folders, and prints what is wrong; false when something is.
pub fn run(files: &[PathBuf], json: bool) -> Result<bool> {
    let mut good = true;
    let mut all = Vec::new();
    let listed = super::plan_files::dialplans(files);
    for missing in &listed.empty {
        let words = format!(
            "{}: no dialplan in this folder; a dialplan is a .yaml file that begins with `callsmith: 1`",
            missing.display()
        );
        good = false;
        if json {
            all.push(unreadable(&missing.display().to_string(), &words));
        } else {
            eprintln!("{words}");
        }
    }
    for path in &listed.files {
        let name = path.display().to_string();
        match examine(path) {
            Ok((source, found, opening)) => {
                if json {
                    good &= !found.iter().any(|d| d.severity == Severity::Error);
                    all.extend(found.iter().map(as_json));
                } else {
                    if let Some(said) = opening {
                        println!("{name}: every call opens with the notice: {said}");
                    }
                    good &= report(&name, &source, &found);
                }
            }
            Err(e) => {
                good = false;
                if json {
                    all.push(unreadable(&name, &format!("{e:#}")));
                } else {
                    eprintln!("{e:#}");
                }
            }
        }
    }
    if json {
        println!("{}", serde_json::Value::Array(all));
    } else if let Err(why) = super::wiring::mind() {
        println!(
            "note: without the sentence model calls understand by letters alone (the same words and words that sound alike, \
             not the same meaning): {why}"
        );
    }
    Ok(good)
}

/// The file's text, everything found in it, and the words every call opens with.
pub fn examine(path: &Path) -> Result<(String, Vec<Diagnostic>, Option<String>)> {
    let name = path.display().to_string();
    let source = read(path)?;
    let plan = match sources::load(path) {
        Ok(plan) => plan,
        Err(found) => return Ok((source, found, None)),
    };
    let mut found = plan.warnings.clone();
    found.extend(recording(&plan, path, &name));
    found.extend(speech(&plan, &name, &source));
    let opening = plan.disclosure.variants.first().map(|opening| {
        opening.text.fill(&|v| {
            let known = plan.values.get(v).map(|w| w.in_lang(plan.lang).into());
            Some(known.unwrap_or_else(|| format!("{{{v}}}")))
        })
    });
    Ok((source, found, opening))
}

/// What the installed voice cannot say of a dialplan.
pub fn speech(plan: &Dialplan, name: &str, source: &str) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = voice(plan, name, source).into_iter().collect();
    found.extend(pronunciations(plan, name));
    found
}

fn as_json(d: &Diagnostic) -> serde_json::Value {
    serde_json::json!({
        "file": d.file, "line": d.line, "column": d.column, "len": d.len,
        "severity": match d.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "message": d.message, "advice": d.advice,
    })
}

/// A file that cannot even be read has no place; line 1 is where an editor opens it.
fn unreadable(file: &str, message: &str) -> serde_json::Value {
    serde_json::json!({
        "file": file, "line": 1, "column": 1, "len": 1, "severity": "error",
        "message": message, "advice": "give the file's right name, or save it as UTF-8",
    })
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

/// A dialplan's text.
pub fn read(path: &Path) -> Result<String> {
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

/// A recording that is named and not there.
fn recording(plan: &Dialplan, path: &Path, name: &str) -> Option<Diagnostic> {
    let missing = missing_recording(plan, path)?;
    let variant = prompts(plan)
        .into_iter()
        .flat_map(|p| &p.variants)
        .find(|v| v.recording.as_deref() == Some(missing.as_str()))?;
    Some(Diagnostic::new(
        name,
        variant.at,
        Severity::Error,
        format!("recording {missing:?} is not there"),
        "put the WAV beside the dialplan, or remove `recording:`",
    ))
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
