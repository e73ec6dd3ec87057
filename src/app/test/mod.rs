//! `callsmith test`: `.call` scripts on their dialplans with a coverage report, a simulated callee, and recordings of real
//! calls as scripts.

mod junit;
mod record;
mod report;
mod walk;

use super::cli::TestArgs;
use super::{check, plan_files, wiring};
use crate::dialogue::Dialplan;
use crate::dialogue::coverage::Coverage;
use crate::dialogue::rehearse::{CallFile, CallFileError};
use crate::dialogue::traits::Embedder;
use crate::dialogue::walk::Walked;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// One dialplan with its scripts, as they went.
pub struct Suite {
    /// The dialplan's file; of scripts without one, what they call it.
    pub dialplan: String,
    pub cases: Vec<Case>,
    pub coverage: Coverage,
    pub walked: Option<Walked>,
    /// Why the dialplan cannot be used.
    pub broken: Option<String>,
}

/// One script, as it went.
pub struct Case {
    pub script: String,
    pub failures: Vec<CallFileError>,
    pub seconds: f64,
}

impl Suite {
    /// Scripts that did not go as written.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|c| !c.failures.is_empty()).count()
    }

    fn good(&self, min_coverage: u32) -> bool {
        let walked = self.walked.iter().flat_map(|w| &w.findings);
        self.broken.is_none()
            && self.failed() == 0
            && self.coverage.percent() >= min_coverage
            && !walked.into_iter().any(|f| f.trouble.is_error())
    }
}

/// Runs what was asked for; false when a script, the walk or the coverage is not as it should be.
pub async fn run(args: &TestArgs) -> Result<bool> {
    if let Some(call) = &args.record {
        return record::run(args, call).await.map(|()| true);
    }
    if args.files.is_empty() {
        bail!(
            "name dialplans, .call scripts or folders of them, as in `callsmith test dialplans/`"
        );
    }
    let mind = wiring::mind_or_say();
    let suites = suites(args, mind.as_ref())?;
    if !args.walk
        && suites
            .iter()
            .all(|s| s.cases.is_empty() && s.broken.is_none())
    {
        bail!(
            "no .call script found; a dialplan's scripts lie beside it in tests/<its name>/, and --walk needs none"
        );
    }
    if let Some(out) = &args.junit {
        std::fs::write(out, junit::write(&suites))
            .with_context(|| format!("{}: cannot be written", out.display()))?;
    }
    if args.json {
        println!("{}", report::json(&suites));
    } else {
        for suite in &suites {
            print!("{}", report::text(suite, args.min_coverage));
        }
        println!("{}", report::total(&suites));
    }
    Ok(suites.iter().all(|s| s.good(args.min_coverage)))
}

/// Every dialplan with the scripts that belong to it, played.
fn suites(args: &TestArgs, mind: Option<&Arc<dyn Embedder>>) -> Result<Vec<Suite>> {
    let (calls, plans): (Vec<PathBuf>, Vec<PathBuf>) = args
        .files
        .iter()
        .cloned()
        .partition(|f| plan_files::is_call(f));
    let mut known = plan_files::dialplans(&plans);
    // A folder of scripts alone is as good as one of dialplans.
    known
        .empty
        .retain(|dir| plan_files::scripts(std::slice::from_ref(dir)).is_empty());
    if let Some(dir) = known.empty.first() {
        bail!(
            "{}: neither a dialplan nor a .call script is in this folder",
            dir.display()
        );
    }
    let mut scripts: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    let mut strays: Vec<(PathBuf, CallFileError)> = Vec::new();
    let mut all = calls;
    all.extend(plan_files::scripts(&plans));
    for plan in &known.files {
        scripts.entry(plan.clone()).or_default();
        all.extend(plan_files::scripts_beside(plan));
    }
    all.sort();
    all.dedup();
    for script in all {
        match plan_of(&script, &known.files) {
            Ok(plan) => scripts.entry(plan).or_default().push(script),
            Err(e) => strays.push((script, e)),
        }
    }
    let mut suites: Vec<Suite> = scripts
        .into_iter()
        .map(|(plan, scripts)| play(&plan, &scripts, args, mind))
        .collect();
    if !strays.is_empty() {
        suites.push(Suite {
            dialplan: "(scripts without a dialplan)".into(),
            cases: strays
                .into_iter()
                .map(|(script, e)| Case {
                    script: script.display().to_string(),
                    failures: vec![e],
                    seconds: 0.0,
                })
                .collect(),
            coverage: Coverage::default(),
            walked: None,
            broken: None,
        });
    }
    Ok(suites)
}

fn read(script: &Path) -> Result<CallFile, CallFileError> {
    let name = script.display().to_string();
    let text = std::fs::read(script).map_err(|e| error(&name, format!("cannot be read: {e}")))?;
    let text = String::from_utf8(text)
        .map_err(|_| error(&name, "is not UTF-8; save it as UTF-8".into()))?;
    CallFile::parse(&text, &name)
}

fn error(file: &str, message: String) -> CallFileError {
    CallFileError {
        file: file.to_string(),
        line: 1,
        message,
        expected: None,
        got: Vec::new(),
    }
}

/// The dialplan a script is for.
fn plan_of(script: &Path, known: &[PathBuf]) -> Result<PathBuf, CallFileError> {
    let call = read(script)?;
    plan_files::dialplan_of(&call.dialplan, script, known).ok_or_else(|| {
        error(
            &script.display().to_string(),
            format!(
                "there is no dialplan {:?} beside it, above it or among the files given",
                call.dialplan
            ),
        )
    })
}

fn play(
    file: &Path,
    scripts: &[PathBuf],
    args: &TestArgs,
    mind: Option<&Arc<dyn Embedder>>,
) -> Suite {
    let mut suite = Suite {
        dialplan: file.display().to_string(),
        cases: Vec::new(),
        coverage: Coverage::default(),
        walked: None,
        broken: None,
    };
    let plan: Arc<Dialplan> = match check::load_with(file, mind) {
        Ok(plan) => Arc::new(plan),
        Err(e) => {
            suite.broken = Some(format!("{e:#}"));
            return suite;
        }
    };
    suite.coverage = Coverage::of(&plan);
    for script in scripts {
        let began = Instant::now();
        let failures = match read(script) {
            Ok(call) => {
                let played = call.play_with(Arc::clone(&plan), mind);
                suite.coverage.add(&plan, &played.log);
                played.failures
            }
            Err(e) => vec![e],
        };
        suite.cases.push(Case {
            script: script.display().to_string(),
            failures,
            seconds: began.elapsed().as_secs_f64(),
        });
    }
    if args.walk {
        suite.walked = Some(walk::walk(&plan, args));
    }
    suite
}
