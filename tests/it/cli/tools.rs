//! `test`, `check --json`, `rehearse`, `dialplans` and `suggest`, run as their user runs them.

use super::journal;
use super::*;
use callsmith::dialogue::Dialplan;
use callsmith::dialogue::rehearse::record::record;
use callsmith::dialogue::rehearse::{CallFile, Played};
use std::path::Path;
use std::sync::Arc;

/// The small Chinese dialplan with its scripts beside it.
fn trial() -> Desk {
    let desk = Desk::new();
    let good = format!("{DATA}/dialplans/good/trial-zh.yaml");
    desk.write("plans/trial-zh.yaml", std::fs::read(good).unwrap());
    for entry in std::fs::read_dir(format!("{DATA}/calls")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("zh-") {
            desk.write(
                &format!("plans/tests/trial-zh/{name}"),
                std::fs::read(&path).unwrap(),
            );
        }
    }
    desk
}

fn load(path: &Path) -> Arc<Dialplan> {
    let text = std::fs::read_to_string(path).unwrap();
    Arc::new(Dialplan::parse(&text, "x").unwrap_or_else(|e| panic!("{e:?}")))
}

fn play(path: &Path, plan: &Arc<Dialplan>) -> (CallFile, Played) {
    let text = std::fs::read_to_string(path).unwrap();
    let call = CallFile::parse(&text, &path.display().to_string()).unwrap();
    let played = call.play(Arc::clone(plan));
    assert!(played.failures.is_empty(), "{:?}", played.failures);
    (call, played)
}

#[test]
fn test_finds_scripts_beside_their_dialplan_and_reports_coverage() {
    let desk = trial();
    let ran = desk.run(&["test", "plans/", "--junit", "out.xml"]);
    ran.succeeds(&[
        "15 script(s), 0 failed",
        "covered: steps 7/8",
        "never reached, steps: sorry (line",
    ]);
    let xml = std::fs::read_to_string(desk.path("out.xml")).unwrap();
    let tree = roxmltree::Document::parse(&xml).unwrap();
    let cases = tree.descendants().filter(|n| n.has_tag_name("testcase"));
    assert_eq!(cases.count(), 15);
    assert_eq!(tree.root_element().attribute("failures"), Some("0"));
    // A folder of scripts alone, and a script alone, find the dialplan above them.
    desk.run(&["test", "plans/tests"])
        .succeeds(&["15 script(s) went as written"]);
    desk.run(&["test", "plans/tests/trial-zh/zh-books-a-time.call"])
        .succeeds(&["1 script(s) went as written"]);
    desk.run(&["test", "plans", "--min-coverage", "99"])
        .fails(1, &[]);
}

#[test]
fn a_script_that_goes_otherwise_is_told_with_line_expectation_and_what_happened() {
    let desk = trial();
    desk.write(
        "plans/tests/trial-zh/wrong.call",
        "dialplan trial-zh  lead name=<李&雷>\n0 answered\n     > say greet\n+1 heard \"是的\"\n     > tag \"a<b>\"\n+1 heard \"可以\"\n     > say nowhere\n",
    );
    desk.write(
        "plans/tests/trial-zh/torn.call",
        "dialplan trial-zh\n0 answred\n",
    );
    desk.write(
        "plans/tests/trial-zh/stray.call",
        "dialplan nowhere\n0 answered\n",
    );
    desk.write(
        "plans/tests/trial-zh/latin.call",
        b"dialplan trial-zh lead name=caf\xe9\n",
    );
    let ran = desk.run(&["test", "plans", "--junit", "out.xml"]);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for part in [
        "wrong.call:5\n    expected: tag a<b>",
        "got:      step greet",
        "wrong.call:7\n    expected: say nowhere",
        "torn.call:2\n    \"answred\" is not understood",
        "there is no dialplan \"nowhere\" beside it",
        "latin.call:1\n    is not UTF-8",
        "4 did not",
    ] {
        assert!(ran.out.contains(part), "{part:?} is missing\n{}", ran.all());
    }
    let xml = std::fs::read_to_string(desk.path("out.xml")).unwrap();
    let tree = roxmltree::Document::parse(&xml).unwrap();
    let wrong = tree
        .descendants()
        .find(|n| n.has_tag_name("failure") && n.text().is_some_and(|t| t.contains("wrong.call")))
        .unwrap();
    assert_eq!(
        wrong.attribute("message"),
        Some("line 5: expected tag a<b>")
    );
    let json = desk.run(&["test", "plans", "--json"]);
    assert_eq!(json.code, Some(1));
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["failed"], 4);
    assert!(json["dialplans"][0]["percent"].as_u64().unwrap() > 50);
}

#[test]
fn test_says_what_it_cannot_find() {
    let desk = Desk::new();
    desk.run(&["test"])
        .fails(2, &["name dialplans", "callsmith test dialplans/"]);
    std::fs::create_dir(desk.path("empty")).unwrap();
    desk.run(&["test", "empty"])
        .fails(2, &["empty: neither a dialplan nor a .call script"]);
    desk.run(&["test", "plan.yaml"])
        .fails(2, &["no .call script found", "--walk"]);
    let gone = desk.run(&["test", "gone.yaml"]);
    assert_eq!(gone.code, Some(1), "{}", gone.all());
    assert!(
        gone.out.contains("there is no file gone.yaml"),
        "{}",
        gone.all()
    );
    let gone = desk.run(&["test", "gone.call"]);
    assert_eq!(gone.code, Some(1), "{}", gone.all());
    assert!(gone.out.contains("gone.call:1"), "{}", gone.all());
}

#[test]
fn a_walk_reaches_every_step_without_a_script_and_repeats_itself_by_its_seed() {
    let desk = trial();
    let walk = |seed: &str| {
        desk.run(&[
            "test",
            "plans/trial-zh.yaml",
            "--walk",
            "--seed",
            seed,
            "--json",
        ])
    };
    let first = walk("7");
    assert_eq!(first.code, Some(0), "{}", first.all());
    assert_eq!(first.out, walk("7").out);
    let json: serde_json::Value = serde_json::from_str(&first.out).unwrap();
    let walk = &json["dialplans"][0]["walk"];
    assert!(walk["percent"].as_u64().unwrap() > 90, "{walk}");
    let unreached = walk["findings"].to_string();
    assert!(
        !unreached.contains("no conversation reached"),
        "{unreached}"
    );
}

/// What a live call's journal tells is enough to play the call again.
#[test]
fn every_scripted_call_can_be_recorded_from_its_journal_and_played_again() {
    let mut otherwise = Vec::new();
    for entry in std::fs::read_dir(format!("{DATA}/calls")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let plan = if name.starts_with("zh") {
            "trial-zh"
        } else {
            "survey-en"
        };
        let plan = load(&PathBuf::from(format!("{DATA}/dialplans/good/{plan}.yaml")));
        let (call, played) = play(&path, &plan);
        let events = journal::events("c1", &played.log);
        let made = record(&events, &plan, &plan.name, &call.lead, &[]).unwrap();
        let again = CallFile::parse(&made.text, "again.call")
            .unwrap()
            .play(Arc::clone(&plan));
        assert!(
            again.failures.is_empty(),
            "{name}: {:?}\n{}",
            again.failures,
            made.text
        );
        assert!(made.text.matches("> ").count() > 1, "{name}\n{}", made.text);
        if !made.otherwise.is_empty() {
            otherwise.push(format!("{name}: {:?}\n{}", made.otherwise, made.text));
        }
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
}

#[tokio::test]
async fn record_prints_a_script_that_passes_and_hides_numbers() {
    let desk = trial();
    let plan = load(&desk.path("plans/trial-zh.yaml"));
    let script = "dialplan trial-zh lead name=李雷\n0 answered\n+1 heard \"是的\"\n+1 heard \"可以，我电话13812345678\"\n+1 heard \"后天下午三点\"\n+1 heard \"对的\"\n";
    desk.write("one.call", script);
    let (_, played) = play(&desk.path("one.call"), &plan);
    let lead: &[(&str, &str)] = &[("name", "李雷"), ("order", "6222020200112233445")];
    journal::store(
        &desk.path("data"),
        "plans/trial-zh.yaml",
        &[
            ("c-booked", lead, journal::events("c-booked", &played.log)),
            ("c-silent", lead, Vec::new()),
        ],
    )
    .await;
    let ran = desk.run(&["test", "--record", "c-booked", "--data", "data"]);
    ran.succeeds(&[
        "dialplan trial-zh",
        "name=李雷",
        "lines=said",
        "> slot visit_time=2026-11-23T15:00",
        "> hangup completed:booked",
    ]);
    for secret in ["13812345678", "6222020200112233445", "+8613800000002"] {
        assert!(!ran.out.contains(secret), "{}", ran.all());
    }
    assert!(!ran.err.contains("does otherwise"), "{}", ran.all());
    desk.write("plans/tests/trial-zh/recorded.call", &ran.out);
    desk.run(&["test", "plans/tests/trial-zh/recorded.call"])
        .succeeds(&["1 script(s) went as written"]);
    // Another dialplan does otherwise: the script says so, and still passes.
    let other = std::fs::read_to_string(desk.path("plans/trial-zh.yaml")).unwrap();
    desk.write(
        "plans/trial-zh.yaml",
        other.replace("tag: interested, goto: ask_time", "goto: ask_time"),
    );
    let ran = desk.run(&["test", "--record", "c-booked", "--data", "data"]);
    ran.succeeds(&["# in the call: > tag interested"]);
    assert!(
        ran.err
            .contains("does otherwise than the call did: tag interested"),
        "{}",
        ran.all()
    );

    desk.run(&["test", "--record", "c-silent", "--data", "data"])
        .fails(2, &["journal of this call is empty"]);
    desk.run(&["test", "--record", "nobody", "--data", "data"])
        .fails(2, &["there is no call \"nobody\""]);
    desk.run(&["test", "--record", "c-booked", "--data", "none"])
        .fails(2, &["no database in this folder"]);
    desk.run(&[
        "test",
        "gone.yaml",
        "--record",
        "c-booked",
        "--data",
        "data",
    ])
    .fails(2, &["gone.yaml"]);
}

#[test]
fn check_prints_one_json_array_for_editors() {
    let desk = trial();
    desk.write("bad.yaml", "callsmith: 1\nname: bad\nlang: zz\n");
    let ran = desk.run(&["check", "plans", "bad.yaml", "gone.yaml", "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    let all: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let all = all.as_array().unwrap();
    assert!(
        all.iter()
            .all(|d| d["file"].is_string() && d["line"].as_u64() >= Some(1))
    );
    let lang = all.iter().find(|d| d["line"] == 3).unwrap();
    assert_eq!(
        (lang["file"].as_str(), lang["severity"].as_str()),
        (Some("bad.yaml"), Some("error"))
    );
    assert!(
        lang["column"].is_u64()
            && lang["len"].is_u64()
            && !lang["advice"].as_str().unwrap().is_empty()
    );
    assert!(all.iter().any(|d| d["file"] == "gone.yaml"));
    let good = desk.run(&["check", "plans", "--json"]);
    assert_eq!(
        (good.code, good.out.trim()),
        (Some(0), "[]"),
        "{}",
        good.all()
    );
}

#[test]
fn the_schema_is_json_that_names_the_formats_fields() {
    let ran = Desk::new().run(&["schema"]);
    ran.succeeds(&["\"steps\"", "\"disclosure\""]);
    let schema: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert!(schema["$schema"].is_string() && schema["properties"].is_object());
}

#[test]
fn a_rehearsal_goes_back_jumps_sets_and_explains_the_grade() {
    let desk = trial();
    let typed = "/help\n是的\n/back\n是的\n可以\n/why\n/jump bye_refused\n";
    let ran = desk.type_into(
        &["rehearse", "plans/trial-zh.yaml", "--lead", "name=李雷"],
        typed,
    );
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    for part in [
        "/jump STEP",
        "may mean: affirm",
        "took back: 是的",
        "tags interested",
        "- tag booked",
        "=> B",
        "hangs up, completed:refused",
    ] {
        assert!(ran.out.contains(part), "{part:?} is missing\n{}", ran.all());
    }
    assert!(
        !ran.out.contains('\u{1b}'),
        "colours where nobody sees them"
    );
    let typed = "/jump nowhere\n/set child=小明\n/set x\n/dance\n是的\n";
    let ran = desk.type_into(
        &["rehearse", "plans/trial-zh.yaml", "--lead", "name=李雷"],
        typed,
    );
    for part in [
        "there is no step \"nowhere\"",
        "child = 小明",
        "想请您带小明来听听",
        "write /set NAME=VALUE",
        "/dance is not a command",
    ] {
        assert!(ran.out.contains(part), "{part:?} is missing\n{}", ran.all());
    }
}

#[test]
fn versions_are_published_compared_and_rolled_back() {
    let desk = trial();
    let dialplans = |args: &[&str]| {
        let mut all = vec!["dialplans"];
        all.extend(args);
        all.extend(["--data", "data"]);
        desk.run(&all)
    };
    dialplans(&["list"]).fails(2, &["no database in this folder"]);
    dialplans(&[
        "publish",
        "plans/trial-zh.yaml",
        "--note",
        "erste",
        "--by",
        "王",
    ])
    .succeeds(&["trial-zh: published as version 1"]);
    dialplans(&["publish", "plans/trial-zh.yaml"]).succeeds(&["nothing new, version 1"]);
    let text = std::fs::read_to_string(desk.path("plans/trial-zh.yaml")).unwrap();
    desk.write(
        "plans/trial-zh.yaml",
        text.replace("打错了，再见。", "打扰了，再见。"),
    );
    dialplans(&["publish", "plans/trial-zh.yaml"]).succeeds(&["published as version 2"]);
    desk.write(
        "plans/trial-zh.yaml",
        text.replace("goto: sorry", "goto: sorrow"),
    );
    let refused = dialplans(&["publish", "plans/trial-zh.yaml"]);
    refused.fails(1, &["not published", "what counted before still counts"]);
    assert!(
        refused.out.contains("step \"sorrow\" does not exist"),
        "{}",
        refused.all()
    );
    dialplans(&["list"]).succeeds(&["trial-zh", "王", "erste", "yes"]);
    dialplans(&["diff", "trial-zh", "1", "2"]).succeeds(&[
        "# steps changed: sorry",
        "-    say: 不好意思，打错了，再见。",
        "+    say: 不好意思，打扰了，再见。",
    ]);
    dialplans(&["show", "trial-zh", "1"]).succeeds(&["打错了，再见。"]);
    dialplans(&["rollback", "trial-zh", "1"]).succeeds(&["version 1 counts from now on"]);
    dialplans(&["rollback", "trial-zh", "9"]).fails(2, &["no version 9", "trial-zh 2, trial-zh 1"]);
    dialplans(&["diff", "nobody", "1", "2"]).fails(2, &["no version 1 of \"nobody\""]);
    dialplans(&["publish", "gone.yaml"]).fails(2, &["gone.yaml: cannot be read"]);
    // Its name stands for the version that counts.
    let ran = desk.dial(&["--dialplan", "trial-zh", "--trunk", "gone.toml"]);
    ran.fails(2, &["gone.toml"]);
    assert!(
        desk.path("data/dialplans/trial-zh/1/trial-zh.yaml")
            .is_file()
    );
}

#[tokio::test]
async fn suggest_groups_what_was_not_understood_into_a_patch_that_applies_and_checks() {
    let desk = trial();
    let plan = load(&desk.path("plans/trial-zh.yaml"));
    let mut calls = Vec::new();
    let lead: &[(&str, &str)] = &[("name", "李雷")];
    for (call, words) in [
        ("c1", "能开发票吗"),
        ("c2", "可以开发票吗"),
        ("c3", "发票能开吗，打我13812345678"),
        ("c4", "学费贵不贵呀多少"),
    ] {
        desk.write(
            "x.call",
            format!("dialplan trial-zh lead name=李雷\n0 answered\n+1 heard \"是的\"\n+1 heard \"{words}\"\n+1 hangup\n"),
        );
        let (_, played) = play(&desk.path("x.call"), &plan);
        calls.push((call, lead, journal::events(call, &played.log)));
    }
    journal::store(&desk.path("data"), "plans/trial-zh.yaml", &calls).await;
    let suggest = |more: &[&str]| {
        let mut all = vec![
            "suggest",
            "--data",
            "data",
            "--dialplan",
            "plans/trial-zh.yaml",
        ];
        all.extend(more);
        desk.run(&all)
    };
    let ran = suggest(&["--out", "new.patch"]);
    ran.succeeds(&[
        "of 4 call(s) were not understood",
        "能开发票吗",
        "a new intent:",
        "patch -p0 < new.patch",
    ]);
    assert!(!ran.out.contains("13812345678"), "{}", ran.all());
    let patch = std::fs::read_to_string(desk.path("new.patch")).unwrap();
    assert!(
        patch.starts_with("--- plans/trial-zh.yaml") && !patch.contains("13812345678"),
        "{patch}"
    );
    let done = Command::new("patch")
        .args(["-p0", "-i", "new.patch"])
        .current_dir(desk.path(""))
        .output();
    match done {
        Ok(done) => {
            assert!(done.status.success(), "{done:?}");
            desk.run(&["check", "plans/trial-zh.yaml"]).succeeds(&[]);
            let text = std::fs::read_to_string(desk.path("plans/trial-zh.yaml")).unwrap();
            assert!(text.contains("可以开发票吗"), "{text}");
        }
        Err(_) => eprintln!("skipped: no `patch` on this machine"),
    }
    suggest(&["--campaign", "nobody"]).fails(2, &["there is no campaign \"nobody\""]);
    desk.run(&["suggest", "--dialplan", "plan.yaml", "--data", "none"])
        .fails(2, &["no database in this folder"]);
}

#[test]
fn every_shipped_dialplan_passes_its_scripts_and_they_reach_nearly_all_of_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/dialplans");
    trial()
        .run(&["test", folder, "--min-coverage", "95"])
        .succeeds(&["script(s) went as written", "appointment-reminder.yaml"]);
}
