//! The JUnit report, as CI servers read it: a suite a dialplan, a case a script.

use super::{Case, Suite};
use std::fmt::Write as _;

/// The whole file.
pub fn write(suites: &[Suite]) -> String {
    let count = |of: &dyn Fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"callsmith\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        count(&tests),
        count(&Suite::failed),
        count(&errors)
    );
    for suite in suites {
        let seconds: f64 = suite.cases.iter().map(|c| c.seconds).sum();
        let name = escaped(&suite.dialplan);
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{seconds:.3}\">",
            tests(suite),
            suite.failed(),
            errors(suite)
        );
        let _ = writeln!(
            out,
            "    <properties><property name=\"coverage\" value=\"{}\"/></properties>",
            suite.coverage.percent()
        );
        if let Some(why) = &suite.broken {
            let _ = writeln!(
                out,
                "    <testcase name=\"loads\" classname=\"{name}\" time=\"0\"><error message=\"the dialplan cannot be used\" \
                 type=\"dialplan\">{}</error></testcase>",
                escaped(why)
            );
        }
        for case in &suite.cases {
            out.push_str(&one(case, &name));
        }
        if let Some(walked) = &suite.walked {
            let _ = write!(
                out,
                "    <testcase name=\"simulated callee\" classname=\"{name}\" time=\"0\">"
            );
            for finding in walked.findings.iter().filter(|f| f.trouble.is_error()) {
                let _ = write!(
                    out,
                    "<error message=\"{}\" type=\"walk\">{}</error>",
                    escaped(&finding.trouble.to_string()),
                    escaped(&finding.script)
                );
            }
            out.push_str("</testcase>\n");
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn tests(suite: &Suite) -> usize {
    suite.cases.len() + usize::from(suite.broken.is_some()) + usize::from(suite.walked.is_some())
}

fn errors(suite: &Suite) -> usize {
    let walked = suite.walked.iter().flat_map(|w| &w.findings);
    let walked = walked.filter(|f| f.trouble.is_error()).count();
    usize::from(suite.broken.is_some()) + walked
}

fn one(case: &Case, dialplan: &str) -> String {
    let file = escaped(&case.script);
    let mut out = format!(
        "    <testcase name=\"{file}\" classname=\"{dialplan}\" file=\"{file}\" time=\"{:.3}\"",
        case.seconds
    );
    if case.failures.is_empty() {
        out.push_str("/>\n");
        return out;
    }
    out.push('>');
    // One `failure` a case is what readers of this format expect: the first names the place, the text holds all.
    let all: Vec<String> = case.failures.iter().map(ToString::to_string).collect();
    let first = &case.failures[0];
    let message = match &first.expected {
        Some(expected) => format!("line {}: expected {expected}", first.line),
        None => format!("line {}: {}", first.line, first.message),
    };
    let _ = writeln!(
        out,
        "<failure message=\"{}\" type=\"expectation\">{}</failure></testcase>",
        escaped(&message),
        escaped(&all.join("\n"))
    );
    out
}

/// Text for XML 1.0: marks escaped, characters that the format forbids left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::coverage::Coverage;
    use crate::dialogue::rehearse::CallFileError;

    #[test]
    fn marks_and_control_characters_in_speech_cannot_break_the_report() {
        let failure = CallFileError {
            file: "a<b>.call".into(),
            line: 3,
            message: "]]> & \"quoted\"\u{1}".into(),
            expected: Some("say greet \"<x>\"".into()),
            got: Vec::new(),
        };
        let suite = Suite {
            dialplan: "plans/'a'.yaml".into(),
            cases: vec![Case {
                script: "a<b>.call".into(),
                failures: vec![failure],
                seconds: 0.25,
            }],
            coverage: Coverage::default(),
            walked: None,
            broken: None,
        };
        let text = write(&[suite]);
        assert!(text.contains("]]&gt; &amp; &quot;quoted&quot;"), "{text}");
        assert!(!text.contains('\u{1}') && text.contains("tests=\"1\" failures=\"1\""));
        assert_eq!(text.matches("<testcase").count(), 1);
        assert_eq!(text.matches("</testsuites>").count(), 1);
    }
}
