//! `callsmith check`: dialplan files, with every mistake named.

use crate::dialogue;
use crate::dialogue::{Diagnostic, Dialplan, Severity};
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
                plan.warnings.clone()
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

fn missing_recording(plan: &Dialplan, path: &Path) -> Option<String> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let lines = dialogue::fixed_lines(plan)
        .into_iter()
        .chain(dialogue::lead_lines(plan, &dialogue::Lead::default()));
    lines
        .filter_map(|line| line.recording)
        .find(|name| !dir.join(name).is_file())
}
