//! The voices as a user meets them: listed, heard, and speaking a file of lines. With the installed voice, else skipped.

use callsmith::engines::kokoro::{self, Kokoro};
use callsmith::engines::models::{ModelStore, default_root};
use callsmith::terms::{Lang, Line};
use callsmith::voice::{Studio, StudioConfig, marking};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Instant;

fn installed() -> bool {
    let there = ModelStore::open(&default_root()).is_ok_and(|s| s.check(kokoro::MODEL).is_ok());
    if !there {
        eprintln!("skipped: the voice is not installed");
    }
    there
}

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callsmith"))
        .args(args)
        .current_dir(dir)
        .env("CALLSMITH_CACHE", default_root())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_voices_are_listed_with_what_they_are_made_of() {
    let dir = tempfile::tempdir().unwrap();
    let out = text(&run(dir.path(), &["voices", "list"]).stdout);
    for told in [
        "mei",
        "zf_xiaobei",
        "haoran",
        "0.5*zm_yunxi+0.5*zm_yunjian",
        "owen",
    ] {
        assert!(out.contains(told), "{told} is not in\n{out}");
    }
    assert!(!out.contains("xiaoni"));
}

#[test]
fn a_file_of_lines_becomes_marked_telephone_sound_and_bad_lines_are_told() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let lines = "lang\tvoice\tspeed\ttext\nzh\tmei\t1.05\t您好。\nen\tzf_xiaoni\t1\tYes.\nen\t0.6*bella+0.4*am_puck\t1\tYes, please.\nen\tnobody\t1\tYes.\n";
    std::fs::write(dir.path().join("lines.tsv"), lines).unwrap();
    let done = run(
        dir.path(),
        &["voices", "speak", "--lines", "lines.tsv", "--out", "out"],
    );
    assert_eq!(done.status.code(), Some(1));
    let told = text(&done.stderr);
    assert!(
        told.contains("lines.tsv:3: ") && told.contains("wrong tones"),
        "{told}"
    );
    assert!(
        told.contains("lines.tsv:5: ") && told.contains("installed are mei"),
        "{told}"
    );
    let manifest = std::fs::read_to_string(dir.path().join("out/manifest.tsv")).unwrap();
    assert_eq!(
        manifest,
        "file\tspeaker\tlang\ttext\n00001.wav\tmei\tzh\t您好。\n00003.wav\t0.6*bella+0.4*am_puck\ten\tYes, please.\n"
    );
    let wav = std::fs::read(dir.path().join("out/00003.wav")).unwrap();
    let mark = marking::read(&wav).expect("it is marked");
    assert!(mark.synthetic);
    let samples = callsmith::audio::wav::read(&dir.path().join("out/00003.wav")).unwrap();
    assert!((4000..20000).contains(&samples.len()), "{}", samples.len());
}

#[test]
fn a_voice_can_be_written_to_a_file_as_a_telephone_carries_it() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let args = [
        "voices",
        "play",
        "leo",
        "--text",
        "Hi there.",
        "--line",
        "--out",
        "leo.wav",
    ];
    let done = run(dir.path(), &args);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(
        callsmith::audio::wav::read(&dir.path().join("leo.wav"))
            .unwrap()
            .len()
            > 4000
    );
    let done = run(dir.path(), &["voices", "play", "lea", "--out", "x.wav"]);
    assert!(text(&done.stderr).contains("\"lea\" is not installed"));
}

#[test]
fn a_pronunciation_that_cannot_be_said_is_told_with_its_line() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let plan = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/dialplans/education-trial-zh.yaml"
    );
    let source = std::fs::read_to_string(plan).unwrap();
    let with = |said: &str| {
        source.replace(
            "company:",
            &format!("pronounce:\n  单老师: {said}\ncompany:"),
        )
    };
    std::fs::write(dir.path().join("good.yaml"), with("shan4 lao3 shi1")).unwrap();
    std::fs::write(dir.path().join("bad.yaml"), with("shan9")).unwrap();
    let good = run(dir.path(), &["check", "good.yaml"]);
    assert!(good.status.success(), "{}", text(&good.stdout));
    let told = text(&good.stdout);
    assert!(
        told.contains("every call opens with the notice: 您好，我是晨光少儿编程的智能语音助手"),
        "{told}"
    );
    let bad = run(dir.path(), &["check", "bad.yaml"]);
    let told = text(&bad.stdout);
    let line = with("x")
        .lines()
        .position(|l| l.contains("单老师: x"))
        .unwrap()
        + 1;
    assert!(
        told.contains(&format!("bad.yaml:{line}:")) && told.contains("shan9"),
        "{told}"
    );
    assert_eq!(bad.status.code(), Some(1));
}

#[test]
fn a_voice_that_is_not_there_or_must_not_be_used_is_told_by_check() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let plan = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/dialplans/education-trial-zh.yaml"
    );
    let source = std::fs::read_to_string(plan).unwrap();
    for (voice, told) in [
        ("anran", None),
        ("0.6*mei+0.4*af_heart", None),
        ("zf_xiaonu", Some("\"zf_xiaonu\" is not among")),
        ("0.9*mei+0.1*zf_xiaoni", Some("wrong tones")),
        ("0.9*mei+0.2*lan", Some("add up to 1.1")),
    ] {
        let path = dir.path().join("plan.yaml");
        std::fs::write(&path, source.replace("zf_xiaobei", voice)).unwrap();
        let out = run(dir.path(), &["check", "plan.yaml"]);
        let said = text(&out.stdout);
        assert_eq!(out.status.success(), told.is_none(), "{voice}: {said}");
        let line = source
            .lines()
            .position(|l| l.starts_with("voice:"))
            .unwrap()
            + 1;
        if let Some(told) = told {
            assert!(
                said.contains(told) && said.contains(&format!("plan.yaml:{line}:")),
                "{said}"
            );
        }
    }
}

/// How soon a line with a caller's own words can be heard. Printed, not judged: the machine may be busy.
#[tokio::test]
async fn a_live_line_gives_its_first_clause_long_before_its_last() {
    if !installed() {
        return;
    }
    let store = ModelStore::open(&default_root()).unwrap();
    let voice = Arc::new(Kokoro::open(&store).unwrap());
    let phonemizer = Kokoro::phonemizer(&store.dir(kokoro::MODEL).unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let studio = Studio::new(
        voice,
        phonemizer,
        dir.path().into(),
        StudioConfig::default(),
    );
    for (lang, voice, text) in [
        (
            Lang::Zh,
            "mei",
            "好的王女士，那我帮您约在11月28号下午3点半，地址是人民路128号3楼，到时候会有老师接待您，您看可以吗？",
        ),
        (
            Lang::En,
            "bella",
            "Great, Ms. Johnson, I have you down for November 28th at 3:30 in the afternoon, and the estimate is $12,850 in total. Does that sound right?",
        ),
    ] {
        let line = Line {
            text: text.into(),
            lang,
            voice: voice.into(),
            speed_percent: 100,
            recording: None,
        };
        let began = Instant::now();
        let mut clauses = studio.clauses(&line, dir.path()).unwrap();
        let (mut heard_ms, mut parts, mut last_seen) = (0, 0, false);
        while let Some(part) = clauses.next().await {
            let (prompt, last) = part.unwrap();
            parts += 1;
            eprintln!(
                "{lang}: part {parts} of {} ms after {} ms: {}",
                prompt.ms(),
                began.elapsed().as_millis(),
                prompt.clauses[0].text
            );
            assert!(!last_seen);
            if parts == 1 {
                assert!(prompt.ms() < 3500, "a short clause goes first");
            }
            (heard_ms, last_seen) = (heard_ms + prompt.ms(), last);
        }
        assert!(last_seen && parts >= 2 && heard_ms > 5000);
        let mut again = studio.clauses(&line, dir.path()).unwrap();
        let (whole, last) = again.next().await.unwrap().unwrap();
        eprintln!("{lang}: cached {} ms, all at once: {last}", whole.ms());
    }
}
