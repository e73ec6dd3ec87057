//! The room as a whole: dialplans good and bad, and scripted conversations.

use super::plan::Dialplan;
use super::rehearse::CallFile;
use super::{Lead, Severity, fixed_lines, lead_lines, slot_lines};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn data(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(folder)
}

fn files(folder: &str, ext: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(data(folder))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|x| x == ext))
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&p).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

fn plan(name: &str) -> Arc<Dialplan> {
    let text =
        std::fs::read_to_string(data("dialplans/good").join(format!("{name}.yaml"))).unwrap();
    match Dialplan::parse(&text, name) {
        Ok(plan) => Arc::new(plan),
        Err(found) => panic!(
            "{}",
            found.iter().map(|d| d.render(&text)).collect::<String>()
        ),
    }
}

#[test]
fn good_dialplans_load_without_a_warning() {
    for (name, text) in files("dialplans/good", "yaml") {
        let plan = Dialplan::parse(&text, &name);
        let found = plan.map_or_else(|e| e, |p| p.warnings);
        assert!(
            found.is_empty(),
            "{}",
            found.iter().map(|d| d.render(&text)).collect::<String>()
        );
    }
}

#[test]
fn every_scripted_conversation_goes_as_written() {
    let calls = files("calls", "call");
    assert!(calls.len() >= 10, "only {} conversations", calls.len());
    let mut wrong = Vec::new();
    for (name, text) in calls {
        let call = CallFile::parse(&text, &name).unwrap();
        if let Err(e) = call.run(plan(&call.dialplan)) {
            wrong.push(e.to_string());
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_bad_dialplan_is_refused_with_its_line_and_what_to_do() {
    // file, line, a piece of the message, a piece of the advice
    let table = [
        (
            "unknown-step",
            13,
            "step \"bey\" does not exist",
            "did you mean \"bye\"?",
        ),
        (
            "unknown-intent",
            13,
            "intent \"afirm\" does not exist",
            "did you mean \"affirm\"?",
        ),
        (
            "unknown-field",
            11,
            "a step has no field \"sya\"",
            "did you mean \"say\"?",
        ),
        (
            "unreachable-step",
            15,
            "no way leads to step \"lost\"",
            "lead a branch",
        ),
        ("dead-end", 15, "dead end", "hangup"),
        (
            "undeclared-variable",
            11,
            "{nmae} is not known",
            "did you mean \"name\"?",
        ),
        ("double-braces", 11, "{{ is not used here", "{name}"),
        ("unquoted-brace", 11, "", "quotes"),
        ("no-disclosure", 1, "\"disclosure\" is missing", "who calls"),
        (
            "disclosure-hides-the-robot",
            7,
            "that it is an automated voice",
            "for example",
        ),
        (
            "disclosure-interruptible",
            7,
            "cannot be interrupted",
            "remove",
        ),
        (
            "unknown-disposition",
            17,
            "no disposition \"complete\"",
            "did you mean \"completed\"?",
        ),
        (
            "disposition-of-an-unanswered-call",
            17,
            "never answered",
            "completed",
        ),
        (
            "slot-without-type",
            12,
            "slot \"when\" has no type",
            "datetime",
        ),
        (
            "recording-outside",
            16,
            "leaves the dialplan's folder",
            "relative",
        ),
        (
            "recording-absolute",
            16,
            "leaves the dialplan's folder",
            "relative",
        ),
        (
            "grade-of-an-unknown-tag",
            10,
            "the tag \"boked\"",
            "known here",
        ),
        ("tab", 16, "YAML", "never with tabs"),
        ("duplicate-key", 14, "stands twice", "keep one"),
        ("anchor", 16, "anchors", "quotes"),
        ("silent-circle", 15, "never listens", "circle"),
        ("both-ends", 18, "both goto and hangup", "keep one"),
        ("later-format", 1, "cannot be \"2\"", "1"),
        ("empty", 2, "is empty", "callsmith: 1"),
        ("two-documents", 9, "second document", "remove"),
        ("deep", 1, "", ""),
    ];
    let files = files("dialplans/bad", "yaml");
    assert_eq!(files.len(), table.len(), "every bad file has its row");
    let mut wrong = Vec::new();
    for (name, text) in files {
        let (_, line, message, advice) = table
            .iter()
            .find(|r| format!("{}.yaml", r.0) == name)
            .unwrap();
        match Dialplan::parse(&text, &name) {
            Ok(_) => wrong.push(format!("{name} was accepted")),
            Err(found) => {
                let hit = found.iter().any(|d| {
                    d.severity == Severity::Error
                        && d.line == *line
                        && d.message.contains(message)
                        && d.advice.contains(advice)
                });
                if !hit {
                    wrong.push(found.iter().map(|d| d.render(&text)).collect());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_file_too_large_is_refused_unread() {
    let text = format!("callsmith: 1\n# {}\n", "x".repeat(1 << 20));
    let found = Dialplan::parse(&text, "big.yaml").unwrap_err();
    assert!(found[0].message.contains("more than a dialplan may have"));
}

#[test]
fn broken_text_of_any_kind_is_an_error_and_never_a_crash() {
    let good = &files("dialplans/good", "yaml")[1].1;
    let chars: Vec<char> = good.chars().collect();
    // Every truncation, and every few characters something that YAML or the templates might trip over.
    for cut in (0..chars.len()).step_by(7) {
        let text: String = chars[..cut].iter().collect();
        let _ = Dialplan::parse(&text, "cut.yaml");
    }
    for (i, junk) in (0..chars.len()).step_by(11).zip(
        [
            "{{", "}", "\t", "\u{0}", "*x", "&a", ": ", "- [", "!!x ", "\"", "\u{feff}",
        ]
        .iter()
        .cycle(),
    ) {
        let mut text: String = chars[..i].iter().collect();
        text.push_str(junk);
        text.extend(&chars[i..]);
        let _ = Dialplan::parse(&text, "junk.yaml");
    }
}

#[test]
fn lines_are_sorted_by_when_they_can_be_rendered() {
    let plan = plan("trial-zh");
    let lead = Lead {
        vars: [("name".to_string(), "{李}\n雷".to_string())].into(),
        now_local: jiff::civil::date(2026, 11, 21).at(10, 0, 0, 0),
    };
    let has = |lines: &[crate::terms::Line], text: &str| lines.iter().any(|l| l.text == text);
    let fixed = fixed_lines(&plan);
    assert!(has(
        &fixed,
        "您好，我是晨光教育的智能语音助手，通话会录音。"
    ));
    assert!(has(&fixed, "好的，王老师在校区等您。"));
    assert!(
        fixed
            .iter()
            .all(|l| l.voice == "zf_xiaobei" && l.speed_percent == 110)
    );
    let ringing = lead_lines(&plan, &lead);
    assert!(has(&ringing, "请问是李 雷吗？"));
    assert!(has(&ringing, "想请您带孩子来听听，您看可以吗？"));
    assert!(slot_lines(&plan).contains(&"好的，{visit_time}，对吗？".to_string()));
    assert!(fixed.iter().chain(&ringing).all(|l| !l.text.contains('{')));
}

#[test]
fn a_list_that_lacks_a_required_column_is_known_before_the_call() {
    let plan = plan("trial-zh");
    assert_eq!(
        plan.missing(&[("name".to_string(), " ".to_string())].into()),
        ["name"]
    );
    assert!(
        plan.missing(&[("name".to_string(), "李雷".to_string())].into())
            .is_empty()
    );
}

#[test]
fn a_call_file_that_expects_what_does_not_happen_says_what_did() {
    let text = "dialplan trial-zh lead name=李雷\n0 answered\n   > say bye\n";
    let e = CallFile::parse(text, "x.call")
        .unwrap()
        .run(plan("trial-zh"))
        .unwrap_err();
    assert_eq!(e.line, 3);
    assert!(e.message.contains("请问是李雷吗"), "{e}");
    for (text, line) in [
        ("dialplan x\n0 answerd\n", 2),
        ("dialplan x\n0 answered\n> sya x\n", 3),
        ("0 answered\n", 1),
    ] {
        assert_eq!(
            CallFile::parse(text, "x.call").unwrap_err().line,
            line,
            "{text}"
        );
    }
}
