//! Checking a dialplan that is a list of files: in the editor, and before it is published.

use super::bundle::{BundleSources, recordings};
use super::library::Found;
use super::{Speech, TIME_MS};
use crate::dialogue::graph::Graph;
use crate::dialogue::{Diagnostic, Dialplan, Severity};
use crate::store::BundleFile;
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use axum::http::StatusCode;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// One finding, as `callsmith check --json` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// The dialplan's own file or the included one that it is about.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// How many characters are meant.
    pub len: u32,
    /// `error` or `warning`
    pub severity: &'static str,
    pub message: String,
    pub advice: String,
}

impl From<&Diagnostic> for Finding {
    fn from(d: &Diagnostic) -> Finding {
        Finding {
            file: d.file.clone(),
            line: d.line,
            column: d.column,
            len: d.len,
            severity: match d.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: d.message.clone(),
            advice: d.advice.clone(),
        }
    }
}

/// What came of a check.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// Nothing where the file cannot be used at all.
    pub plan: Option<Arc<Dialplan>>,
    pub findings: Vec<Diagnostic>,
}

impl Examined {
    /// Without an error: it may be published.
    #[must_use]
    pub fn good(&self) -> bool {
        self.plan.is_some() && self.findings.iter().all(|d| d.severity != Severity::Error)
    }

    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.findings.iter().map(Finding::from).collect()
    }

    #[must_use]
    pub fn graph(&self) -> Option<Graph> {
        self.plan.as_deref().map(Graph::of)
    }
}

/// Reads, checks and trains files; the first is the dialplan. Some tenths of a second of work. Recordings are looked for in
/// `kept`, the folder of the version before.
#[must_use]
pub fn examine(files: &[BundleFile], kept: Option<&Path>, speech: Option<&Speech>) -> Examined {
    let Some((main, beside)) = files.split_first() else {
        return Examined::default();
    };
    let plan = match Dialplan::parse_with(&main.text, &main.path, &BundleSources(beside)) {
        Ok(plan) => plan,
        Err(findings) => {
            return Examined {
                plan: None,
                findings,
            };
        }
    };
    let mut findings = plan.warnings.clone();
    findings.extend(missing_recording(&plan, kept, &main.path));
    if let Some(speech) = speech {
        findings.extend(speech(&plan, &main.path, &main.text));
    }
    Examined {
        plan: Some(Arc::new(plan)),
        findings,
    }
}

fn missing_recording(plan: &Dialplan, kept: Option<&Path>, name: &str) -> Option<Diagnostic> {
    let there = |name: &str| kept.is_some_and(|dir| dir.join(name).is_file());
    let missing = recordings(plan).into_iter().find(|name| !there(name))?;
    let variants = crate::dialogue::lines::prompts(plan).into_iter();
    let variant = variants
        .flat_map(|p| &p.variants)
        .find(|v| v.recording.as_deref() == Some(missing))?;
    Some(Diagnostic::new(
        name,
        variant.at,
        Severity::Error,
        format!("recording {missing:?} is not there"),
        "publish this version with `callsmith dialplans publish FILE` where the WAV lies beside it, or remove `recording:`",
    ))
}

/// [`examine`] beside the calls: not more than two at once, and nobody waits for longer than [`TIME_MS`].
///
/// # Errors
/// 503 when it took too long.
pub async fn examined(web: &Web, files: Vec<BundleFile>, kept: Option<&Found>) -> Answer<Examined> {
    let speech = web.dialplans.speech.clone();
    let dir = kept.map(|f| f.dir.clone());
    worked(web, move || {
        examine(&files, dir.as_deref(), speech.as_ref())
    })
    .await
}

/// Work of this room, off the threads that answer requests.
///
/// # Errors
/// 503 when it took too long or the work broke.
pub async fn worked<T: Send + 'static>(
    web: &Web,
    work: impl FnOnce() -> T + Send + 'static,
) -> Answer<T> {
    let gate = web.dialplans.memory.gate.clone();
    let done = async {
        let permit = gate.acquire_owned().await;
        tokio::task::spawn_blocking(move || {
            // Kept until the work is over, though nobody may wait for it any more.
            let _permit = permit;
            work()
        })
        .await
    };
    let busy = |what: &str| {
        let mut refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too_slow", what);
        refusal.retry_after_s = Some(5);
        refusal
    };
    match tokio::time::timeout(Duration::from_millis(TIME_MS), done).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) => Err(busy("the dialplan could not be read; try again")),
        Err(_) => Err(busy(
            "reading the dialplan took too long: the server is busy, or the file is very large; try again in a moment",
        )),
    }
}
