//! What `callsmith test` prints.

use super::{Suite, walk};
use crate::dialogue::coverage::{Coverage, Item, Kind, percent};
use std::fmt::Write as _;

/// One dialplan: failures first, then the coverage and what of it is missing.
pub fn text(suite: &Suite, min_coverage: u32) -> String {
    let mut out = String::new();
    if let Some(why) = &suite.broken {
        let _ = writeln!(out, "{}: {why}", suite.dialplan);
        return out;
    }
    let _ = writeln!(
        out,
        "{}: {} script(s), {} failed",
        suite.dialplan,
        suite.cases.len(),
        suite.failed()
    );
    for failure in suite.cases.iter().flat_map(|c| &c.failures) {
        let _ = writeln!(out, "  FAILED {}:{}", failure.file, failure.line);
        match &failure.expected {
            None => {
                let _ = writeln!(out, "    {}", failure.message);
            }
            Some(expected) => {
                let _ = writeln!(out, "    expected: {expected}");
                if failure.got.is_empty() {
                    let _ = writeln!(out, "    got:      nothing");
                }
                for (n, got) in failure.got.iter().enumerate() {
                    let margin = if n == 0 { "got:     " } else { "         " };
                    let _ = writeln!(out, "    {margin} {got}");
                }
            }
        }
    }
    if suite.coverage.share(None).1 > 0 && (min_coverage > 0 || !suite.cases.is_empty()) {
        out.push_str(&coverage(&suite.coverage, min_coverage));
    }
    if let Some(walked) = &suite.walked {
        out.push_str(&walk::text(walked));
    }
    out
}

fn coverage(coverage: &Coverage, min_coverage: u32) -> String {
    let mut out = String::from("  covered:");
    for kind in Kind::ALL {
        let (done, all) = coverage.share(Some(kind));
        if all > 0 {
            let _ = write!(
                out,
                " {} {done}/{all} ({} %),",
                kind.name(),
                percent((done, all))
            );
        }
    }
    let _ = writeln!(out, " together {} %", coverage.percent());
    if coverage.percent() < min_coverage {
        let _ = writeln!(out, "  FAILED: less than the {min_coverage} % asked for");
    }
    out.push_str(&missed(coverage, "never reached"));
    out
}

/// What no conversation went through, a line a kind.
pub fn missed(coverage: &Coverage, words: &str) -> String {
    let mut out = String::new();
    let missed = coverage.missed();
    for kind in Kind::ALL {
        let of: Vec<String> = missed
            .iter()
            .filter(|i| i.kind == kind)
            .map(|i| called(i))
            .collect();
        if !of.is_empty() {
            let _ = writeln!(out, "  {words}, {}: {}", kind.name(), of.join(", "));
        }
    }
    out
}

fn called(item: &Item) -> String {
    match item.line {
        0 => item.name.clone(),
        line => format!("{} (line {line})", item.name),
    }
}

/// The last line.
pub fn total(suites: &[Suite]) -> String {
    let cases: usize = suites.iter().map(|s| s.cases.len()).sum();
    let failed: usize = suites.iter().map(Suite::failed).sum();
    let broken = suites.iter().filter(|s| s.broken.is_some()).count();
    let mut line = format!(
        "{} script(s) went as written, {failed} did not",
        cases - failed
    );
    if broken > 0 {
        let _ = write!(line, "; {broken} dialplan(s) cannot be used");
    }
    line
}

/// All of it for a machine.
pub fn json(suites: &[Suite]) -> serde_json::Value {
    let plans: Vec<serde_json::Value> = suites.iter().map(suite_json).collect();
    serde_json::json!({
        "scripts": suites.iter().map(|s| s.cases.len()).sum::<usize>(),
        "failed": suites.iter().map(Suite::failed).sum::<usize>(),
        "dialplans": plans,
    })
}

fn suite_json(suite: &Suite) -> serde_json::Value {
    let failures: Vec<serde_json::Value> = suite
        .cases
        .iter()
        .flat_map(|c| &c.failures)
        .map(|f| {
            serde_json::json!({
                "file": f.file, "line": f.line, "message": f.message, "expected": f.expected, "got": f.got,
            })
        })
        .collect();
    let kinds: serde_json::Map<String, serde_json::Value> = Kind::ALL
        .into_iter()
        .map(|kind| {
            let (done, all) = suite.coverage.share(Some(kind));
            (
                kind.name().to_string(),
                serde_json::json!({"covered": done, "all": all}),
            )
        })
        .collect();
    let missed: Vec<serde_json::Value> = suite
        .coverage
        .missed()
        .iter()
        .map(|i| serde_json::json!({"kind": i.kind.name(), "name": i.name, "line": i.line}))
        .collect();
    serde_json::json!({
        "dialplan": suite.dialplan, "broken": suite.broken, "scripts": suite.cases.len(),
        "failed": suite.failed(), "failures": failures, "percent": suite.coverage.percent(),
        "coverage": kinds, "missed": missed, "walk": suite.walked.as_ref().map(walk::json),
    })
}
