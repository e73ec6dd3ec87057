//! Files good and bad, whole and broken.

use super::{MAX_BYTES, Sources};
use crate::dialogue::plan::Dialplan;
use crate::dialogue::{Diagnostic, Severity};
use crate::terms::Lang;
use std::path::{Path, PathBuf};

/// The test data's folder, and what is included from there.
struct Folder(PathBuf);

impl Folder {
    fn of(name: &str) -> Folder {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        Folder(root.join("tests/data/dialplans").join(name))
    }

    fn text(&self, name: &str) -> String {
        let bytes = std::fs::read(self.0.join(name)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn yaml(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = names
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|n| n.ends_with(".yaml"))
            .collect();
        names.sort();
        names
    }
}

impl Sources for Folder {
    fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(self.0.join(path)).map_err(|e| e.to_string())
    }
}

/// What must be found, from `expected.tsv`.
struct Row {
    name: String,
    line: u32,
    message: String,
    advice: String,
    file: String,
}

fn expected(folder: &Folder) -> Vec<Row> {
    folder
        .text("expected.tsv")
        .lines()
        .skip(1)
        .map(|l| {
            let c: Vec<&str> = l.split('\t').collect();
            let get = |i: usize| c.get(i).copied().unwrap_or_default().to_string();
            let name = get(0) + ".yaml";
            let file = if get(4).is_empty() {
                name.clone()
            } else {
                get(4)
            };
            Row {
                line: c[1].parse().unwrap(),
                message: get(2),
                advice: get(3),
                name,
                file,
            }
        })
        .collect()
}

fn shown(found: &[Diagnostic]) -> String {
    found.iter().map(|d| d.render("")).collect()
}

/// Every row's finding is among its file's, with severity, place, message and advice.
fn check(folder: &str, severity: Severity) {
    let folder = Folder::of(folder);
    let rows = expected(&folder);
    let mut names: Vec<String> = rows.iter().map(|r| r.name.clone()).collect();
    names.sort();
    assert_eq!(names, folder.yaml(), "every file has its row");
    let mut wrong = Vec::new();
    for row in rows {
        let parsed = Dialplan::parse_with(&folder.text(&row.name), &row.name, &folder);
        let found = match parsed {
            Ok(_) if severity == Severity::Error => {
                wrong.push(format!("{} was accepted", row.name));
                continue;
            }
            Ok(plan) => plan.warnings,
            Err(found) => found,
        };
        let hit = found.iter().any(|d| {
            d.severity == severity
                && d.file == row.file
                && d.line == row.line
                && d.message.contains(&row.message)
                && d.advice.contains(&row.advice)
        });
        let refused = found.iter().any(|d| d.severity == Severity::Error);
        if !hit || refused != (severity == Severity::Error) {
            wrong.push(format!(
                "{}, line {}: {}",
                row.name,
                row.line,
                shown(&found)
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_bad_dialplan_is_refused_with_its_file_its_line_and_what_to_do() {
    check("bad", Severity::Error);
}

#[test]
fn every_doubtful_dialplan_is_used_with_a_warning() {
    check("warned", Severity::Warning);
}

#[test]
fn a_dialplan_has_what_its_files_give_it_and_its_own_wins() {
    struct Parts;
    impl Sources for Parts {
        fn read(&self, path: &str) -> Result<String, String> {
            Ok(match path {
                "shared/a.yaml" => "include: deeper/c.yaml\nvalues: { place: a, hours: a }\ngrade:\n  - { grade: B, when: { any: [asked] }, reason: a }\n",
                "shared/deeper/c.yaml" => "values: { hours: c, phone_line: c }\nfaq:\n  fees: { ask: [多少钱, 要钱吗], say: \"{place}\", tag: asked }\n",
                "b.yaml" => "values: { place: b }\nback: 说回来。\ngrade:\n  - { grade: C, when: {}, reason: b }\n",
                other => return Err(format!("no {other}")),
            }
            .to_string())
        }
    }
    let own = "callsmith: 1\nname: x\nlang: zh\ninclude: [shared/a.yaml, ./b.yaml]\ncompany: 晨光\nvalues: { hours: 自己的 }\n\
        disclosure: 我是{company}的智能语音助手，通话会录音。\nstart: s\nsteps:\n  s: { say: 再见。, hangup: completed }\n\
        grade:\n  - { grade: A, when: { any: [wants_human] }, reason: own }\n";
    let plan = Dialplan::parse_with(own, "plans/x.yaml", &Parts)
        .unwrap_or_else(|e| panic!("{}", shown(&e)));
    let value = |name: &str| plan.values[name].text.as_str();
    assert_eq!(
        (value("hours"), value("place"), value("phone_line")),
        ("自己的", "b", "c")
    );
    assert!(plan.globals.contains_key("fees"));
    // The dialplan's own rules come first, then those of the later file.
    let reasons: Vec<&str> = plan.grade.iter().map(|g| g.reason.as_str()).collect();
    assert_eq!(reasons, ["own", "b", "a"]);
    let alone = Dialplan::parse(own, "x.yaml").unwrap_err();
    assert!(
        alone[0].message.contains("stands alone"),
        "{}",
        shown(&alone)
    );
    let broken = own
        .replace("place", "x")
        .replace("hours: 自己的", "hours: \"{{\"");
    assert!(
        Dialplan::parse_with(&broken, "plans/x.yaml", &Parts).is_ok(),
        "values are plain text"
    );
    let fault = own.replace("lang: zh", "lang: en");
    let found =
        Dialplan::parse_with(&fault, "plans/x.yaml", &Parts).map_or_else(|e| e, |p| p.warnings);
    assert!(
        found.iter().all(|d| d.file.starts_with("plans/")),
        "{}",
        shown(&found)
    );
}

#[test]
fn a_bomb_of_includes_ends_at_a_limit() {
    struct Bomb;
    impl Sources for Bomb {
        fn read(&self, path: &str) -> Result<String, String> {
            let many: Vec<String> = (0..40).map(|i| format!("{i}/{}", path.len())).collect();
            Ok(format!("include: [{}]\n", many.join(", ")))
        }
    }
    let found = Dialplan::parse_with("callsmith: 1\ninclude: a\n", "x.yaml", &Bomb).unwrap_err();
    let said = shown(&found);
    assert!(
        said.contains("more than 64 files") || said.contains("deeper than 4"),
        "{said}"
    );
}

#[test]
fn the_whole_format_is_read_in_both_its_languages() {
    let folder = Folder::of("good");
    let text = folder.text("everything.yaml");
    let plan =
        Dialplan::parse(&text, "everything.yaml").unwrap_or_else(|e| panic!("{}", shown(&e)));
    assert_eq!(
        plan.tongues.keys().copied().collect::<Vec<_>>(),
        [Lang::Zh, Lang::En]
    );
    assert_eq!(
        plan.values["company"].in_lang(Lang::En),
        "Brightside Clinic"
    );
    assert!(plan.tongues[&Lang::En].intents["reschedule"].examples.len() == 5);
    assert!(
        !plan.tongues[&Lang::En]
            .intents
            .contains_key("speak_english")
    );
    let hello = &plan.steps["hello"];
    let greeting = &hello.say.as_ref().unwrap().variants;
    let told: Vec<_> = greeting
        .iter()
        .map(|v| (v.lang, v.when.is_some(), v.grace_ms))
        .collect();
    assert_eq!(
        told,
        [
            (Some(Lang::Zh), true, 0),
            (Some(Lang::En), true, 0),
            (Some(Lang::Zh), false, 800),
            (Some(Lang::En), false, 0),
            (Some(Lang::En), false, 0),
        ]
    );
    let slot = plan.steps["when"].slot.as_ref().unwrap();
    assert_eq!(slot.valid.weekdays, [1, 2, 3, 4, 5, 7]);
    assert_eq!(slot.valid.hours, Some((540, 1080)));
    assert_eq!(
        plan.steps["order"].slot.as_ref().unwrap().valid.digits,
        Some((6, 8))
    );
    assert_eq!(plan.no_input.lines.len(), 2);
    assert_eq!(plan.no_input.lines[1].variants.len(), 2);
    assert_eq!(
        (plan.card.len(), plan.remember.len(), plan.follow_ups.len()),
        (3, 3, 4)
    );
    let lookup = plan.steps["look"].lookup.as_ref().unwrap();
    assert_eq!(lookup.save["status"], "/visit/status");
    assert!(
        plan.llm
            .is_some_and(|l| l.key_env.as_deref() == Some("LLM_KEY"))
    );
}

#[test]
fn a_file_of_one_language_gets_the_built_in_words_of_it_and_one_of_two_gets_both() {
    let folder = Folder::of("good");
    let one = Dialplan::parse(&folder.text("greeting.yaml"), "x").unwrap();
    assert!(one.goodbye.variants.iter().all(|v| v.lang.is_none()));
    let two = folder
        .text("greeting.yaml")
        .replace("lang: en\n", "lang: en\nlangs: [zh]\n");
    let found = Dialplan::parse(&two, "x").unwrap_err();
    assert!(
        found.iter().all(|d| d.message.contains("missing in zh")),
        "{}",
        shown(&found)
    );
}

#[test]
fn a_file_too_large_is_refused_unread() {
    let text = format!("callsmith: 1\n# {}\n", "x".repeat(10 * MAX_BYTES));
    let found = Dialplan::parse(&text, "big.yaml").unwrap_err();
    assert!(found[0].message.contains("more than a dialplan may have"));
    assert!(found[0].advice.contains("split"));
}

#[test]
fn a_file_of_nothing_but_mistakes_is_answered_shortly() {
    let steps: String = (0..20_000)
        .map(|i| format!("  s{i}: {{ gotoo: x }}\n"))
        .collect();
    let found = Dialplan::parse(&format!("steps:\n{steps}"), "many.yaml").unwrap_err();
    assert!(found.len() <= 200, "{}", found.len());
    let long = "很".repeat(100_000);
    let found =
        Dialplan::parse(&format!("{long}: 1\nname: {{ {long}: 1 }}\n"), "long.yaml").unwrap_err();
    assert!(shown(&found).len() < 20_000, "{}", shown(&found).len());
}

/// A small deterministic generator (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// One mistake of a person or a disk: bytes flipped, lines swapped, doubled or lost, the end cut off, junk put in.
fn spoilt(text: &str, dice: &mut Dice) -> String {
    const JUNK: [&str; 22] = [
        "{{",
        "}",
        "\t",
        "\u{0}",
        "*x",
        "&a",
        ": ",
        "- [",
        "!!x ",
        "\"",
        "\u{feff}",
        "when: {}",
        "[",
        "]",
        "{",
        "''",
        "|\n",
        "? ",
        "<<: ",
        "😀",
        "99999999999999999999",
        "\r",
    ];
    let mut lines: Vec<&str> = text.lines().collect();
    match dice.roll(6) {
        0 => {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=dice.roll(8) {
                let at = dice.roll(bytes.len());
                bytes[at] ^= 1 << dice.roll(8);
            }
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        1 => {
            let (a, b) = (dice.roll(lines.len()), dice.roll(lines.len()));
            lines.swap(a, b);
        }
        2 => {
            let (a, b) = (dice.roll(lines.len()), dice.roll(lines.len()));
            lines.insert(a, lines[b]);
        }
        3 => {
            lines.remove(dice.roll(lines.len()));
        }
        4 => {
            let cut = dice.roll(text.len());
            return String::from_utf8_lossy(&text.as_bytes()[..cut]).into_owned();
        }
        _ => {
            let mut at = dice.roll(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            return format!(
                "{}{}{}",
                &text[..at],
                JUNK[dice.roll(JUNK.len())],
                &text[at..]
            );
        }
    }
    lines.join("\n")
}

#[test]
fn a_spoilt_dialplan_is_an_error_with_a_line_and_never_a_crash() {
    let shipped = Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans"));
    let good = Folder::of("good");
    let mut texts: Vec<String> = shipped.yaml().iter().map(|n| shipped.text(n)).collect();
    texts.extend(good.yaml().iter().map(|n| good.text(n)));
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 0..4000 {
        let text = &texts[round % texts.len()];
        // Of a version that is refused in any case, so that no classifier is trained thousands of times; a few are.
        let trained = round % 400 == 0;
        let text = if trained {
            text.clone()
        } else {
            text.replacen("callsmith: 1", "callsmith: 9", 1)
        };
        let mut spoilt_text = spoilt(&text, &mut dice);
        for _ in 0..dice.roll(3) {
            if !spoilt_text.is_empty() {
                spoilt_text = spoilt(&spoilt_text, &mut dice);
            }
        }
        let found = match Dialplan::parse_with(&spoilt_text, "spoilt.yaml", &good) {
            Ok(plan) => plan.warnings,
            Err(found) => {
                let refused = found.iter().any(|d| d.severity == Severity::Error);
                assert!(refused, "round {round}: refused without an error");
                found
            }
        };
        let most = spoilt_text.lines().count() as u32 + 1;
        for d in &found {
            assert!(
                (1..=most).contains(&d.line),
                "round {round}: line {} of {most}: {}",
                d.line,
                d.message
            );
            assert!(
                !d.message.is_empty() && d.render(&spoilt_text).contains("spoilt.yaml:"),
                "round {round}"
            );
        }
    }
}
