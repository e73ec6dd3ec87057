//! One whole lead per language with the real models: list in, SIP and RTP, Kokoro speaking, Whisper hearing, the shipped
//! dialplans, the database, the table and the JSON out. The callee is a process of its own.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const CALLSMITH: &str = env!("CARGO_BIN_EXE_callsmith");

fn callsmith(args: &[&str]) -> Output {
    Command::new(CALLSMITH)
        .args(args)
        .output()
        .expect("the program runs")
}

fn models_are_here() -> bool {
    let list = callsmith(&["models", "list"]);
    if !list.status.success() {
        println!("skipped: speech models are not installed; scripts/test installs them");
    }
    list.status.success()
}

fn lead<'a>(result: &'a Value, name: &str) -> &'a Value {
    result["leads"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["lead"] == name)
        .unwrap()
}

#[test]
fn a_lead_in_each_language_is_called_understood_graded_and_recorded() {
    if !models_are_here() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let only = [
        "--only",
        "zh-refuses",
        "--only",
        "en-busy-now",
        "--only",
        "zh-human",
    ];
    let output = callsmith(&[&["demo", "--json", "--data", data][..], &only].concat());
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{stdout}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let result: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!(result["totals"]["as_expected"], 3);
    assert_eq!(result["totals"]["bridged"], 1);

    let refuses = lead(&result, "zh-refuses");
    assert_eq!(refuses["disposition"], "completed");
    assert!(
        refuses["turns"]
            .as_array()
            .unwrap()
            .iter()
            .all(|t| !t["heard"].as_str().unwrap().is_empty())
    );
    assert!(
        refuses["turns"][0]["latency_ms"].is_u64(),
        "measured on the wire"
    );
    let recording = hound::WavReader::open(refuses["recording"].as_str().unwrap()).unwrap();
    assert_eq!(recording.spec().channels, 2);
    assert!(
        f64::from(recording.duration()) / 8000.0
            > refuses["talk_ms"].as_f64().unwrap() / 1000.0 - 1.0
    );

    let busy = lead(&result, "en-busy-now");
    assert_eq!(busy["disposition"], "callback");
    assert!(
        busy["slots"]["callback_at"]
            .as_str()
            .unwrap()
            .ends_with("T17:00"),
        "{busy}"
    );

    let human = lead(&result, "zh-human");
    // A when both the interest and the wish were heard, B when only the wish was.
    assert!(
        ["A", "B"].contains(&human["grade"].as_str().unwrap()),
        "{human}"
    );
    assert!(!human["reasons"].as_array().unwrap().is_empty());
    assert_eq!(human["bridged"], true);
    assert!(
        human["tags"]
            .as_array()
            .unwrap()
            .iter()
            .any(|t| t["tag"] == "wants_human" && t["evidence"] != "")
    );

    reads_back(&folder.path().join("demo"));
}

/// The calls can be listed and shown afterwards, numbers masked.
fn reads_back(data: &Path) {
    let data = data.to_str().unwrap();
    let list = callsmith(&["calls", "--json", "--data", data]);
    let text = String::from_utf8(list.stdout).unwrap();
    assert_eq!(text.lines().count(), 3);
    let calls: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert!(
        calls
            .iter()
            .all(|c| c["phone"].as_str().unwrap().contains('*'))
    );
    let call = calls.iter().find(|c| c["bridged"].is_string()).unwrap()["call"]
        .as_str()
        .unwrap();
    let shown = String::from_utf8(callsmith(&["show", call, "--data", data]).stdout).unwrap();
    for word in ["转人工", "agent-zh", "recording:"] {
        assert!(shown.contains(word), "{word} in:\n{shown}");
    }
    let csv = std::fs::read_to_string(Path::new(data).join("results/demo.csv")).unwrap();
    assert!(csv.starts_with('\u{feff}') && csv.contains("transferred"));
}
