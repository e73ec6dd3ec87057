//! The simulated callee of `callsmith test --walk`.

use super::report;
use crate::app::cli::TestArgs;
use crate::dialogue::Dialplan;
use crate::dialogue::walk::{self, Walk, Walked};
use std::fmt::Write as _;
use std::sync::Arc;

pub fn walk(plan: &Arc<Dialplan>, args: &TestArgs) -> Walked {
    let rules = Walk {
        seed: args.seed,
        calls: args.calls,
        ..Walk::default()
    };
    walk::walk(plan, &plan.name, &rules)
}

/// What the walk found, each trouble with the conversation that shows it.
pub fn text(walked: &Walked) -> String {
    let mut out = format!(
        "  walk: {} simulated call(s) went through {} % of it\n",
        walked.calls,
        walked.coverage.percent()
    );
    out.push_str(&report::missed(&walked.coverage, "never walked"));
    for finding in &walked.findings {
        let word = if finding.trouble.is_error() {
            "error"
        } else {
            "note"
        };
        let _ = writeln!(out, "  {word}: {}", finding.trouble);
        for line in finding.script.lines() {
            let _ = writeln!(out, "      {line}");
        }
    }
    out
}

pub fn json(walked: &Walked) -> serde_json::Value {
    let findings: Vec<serde_json::Value> = walked
        .findings
        .iter()
        .map(|f| {
            serde_json::json!({
                "trouble": f.trouble.to_string(), "error": f.trouble.is_error(), "turns": f.turns, "script": f.script,
            })
        })
        .collect();
    serde_json::json!({
        "calls": walked.calls, "percent": walked.coverage.percent(), "findings": findings,
    })
}
