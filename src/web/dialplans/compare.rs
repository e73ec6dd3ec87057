//! What differs between two versions: the steps in words, then the text.

use super::bundle::BundleSources;
use crate::dialogue::Dialplan;
use crate::dialogue::plan::Step;
use crate::store::{BundleFile, DialplanVersion};
use similar::TextDiff;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A unified diff of every file that changed, with the steps added, removed and changed above it.
#[must_use]
pub fn difference(a: &DialplanVersion, b: &DialplanVersion) -> String {
    let mut out = String::new();
    let load = |v: &DialplanVersion| {
        let (main, beside) = v.files.split_first()?;
        Dialplan::parse_with(&main.text, &main.path, &BundleSources(beside)).ok()
    };
    match (load(a), load(b)) {
        (Some(a), Some(b)) => out.push_str(&steps(&a, &b)),
        (a_plan, _) => {
            let bad = if a_plan.is_none() { a } else { b };
            let _ = writeln!(
                out,
                "# the steps cannot be compared: version {} cannot be read by this program",
                bad.version
            );
        }
    }
    out.push_str(&texts(a, b));
    if out.is_empty() {
        out.push_str("no difference\n");
    }
    out
}

fn texts(a: &DialplanVersion, b: &DialplanVersion) -> String {
    let by_path = |v: &DialplanVersion| -> BTreeMap<String, String> {
        let files = v.files.iter();
        files
            .map(|BundleFile { path, text }| (path.clone(), text.clone()))
            .collect()
    };
    let (old, new) = (by_path(a), by_path(b));
    let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut out = String::new();
    for path in paths {
        let text = |of: &BTreeMap<String, String>| of.get(path).cloned().unwrap_or_default();
        let (x, y) = (text(&old), text(&new));
        if x != y {
            let diff = TextDiff::from_lines(x.as_str(), y.as_str());
            let _ = write!(
                out,
                "{}",
                diff.unified_diff().header(
                    &format!("{path} (version {})", a.version),
                    &format!("{path} (version {})", b.version)
                )
            );
        }
    }
    out
}

/// Steps added, removed and changed. A step is changed when anything but its place in the file is.
fn steps(a: &Dialplan, b: &Dialplan) -> String {
    let mut out = String::new();
    let added = b.steps.keys().filter(|n| !a.steps.contains_key(*n));
    let removed = a.steps.keys().filter(|n| !b.steps.contains_key(*n));
    let changed = a
        .steps
        .iter()
        .filter(|(name, step)| b.steps.get(*name).is_some_and(|s| shape(s) != shape(step)))
        .map(|(name, _)| name);
    for (what, names) in [
        ("added", added.collect::<Vec<_>>()),
        ("removed", removed.collect()),
        ("changed", changed.collect()),
    ] {
        if !names.is_empty() {
            let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
            let _ = writeln!(out, "# steps {what}: {}", names.join(", "));
        }
    }
    out
}

/// A step without its places.
fn shape(step: &Step) -> String {
    let text = format!("{step:?}");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("At {") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find('}').map_or(rest.len(), |e| at + e + 1);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(steps: &str) -> Dialplan {
        let text = format!(
            "callsmith: 1\nname: v\nlang: en\ncompany: Acme\n\
             disclosure: Hello, this is Acme's automated assistant on a recorded line.\nstart: a\nsteps:\n{steps}"
        );
        Dialplan::parse(&text, "v.yaml").unwrap_or_else(|e| panic!("{e:?}"))
    }

    #[test]
    fn steps_are_compared_by_what_they_do_and_not_by_where_they_stand() {
        let old = plan(
            "  a: { say: Hi, goto: b }\n  b: { say: Bye, hangup: { disposition: completed } }\n",
        );
        let moved = plan(
            "\n\n  b: { say: Bye, hangup: { disposition: completed } }\n  a: { say: Hi, goto: b }\n",
        );
        assert_eq!(steps(&old, &moved), "");
        let new = plan(
            "  a: { say: Hi there, goto: c }\n  c: { say: Bye, hangup: { disposition: completed } }\n",
        );
        assert_eq!(
            steps(&old, &new),
            "# steps added: c\n# steps removed: b\n# steps changed: a\n"
        );
    }
}
