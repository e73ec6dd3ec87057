//! The far end called by a caller made of bare datagrams.

mod calls;
mod phone;
mod refusals;

use super::scenario::{Act, Callee, Scenario};
use super::{FarEnd, FarError, start};
use std::path::PathBuf;

/// A scenario with these callees, running.
fn far(callees: Vec<Callee>) -> FarEnd {
    begin(Scenario {
        callees,
        ..Scenario::on_loopback()
    })
}

fn begin(scenario: Scenario) -> FarEnd {
    start(scenario).unwrap_or_else(|error| panic!("{error}"))
}

fn callee(number: &str, script: Vec<Act>) -> Callee {
    Callee {
        answer: super::Answer::Ring { ms: 40 },
        script,
        ..Callee::new(number)
    }
}

/// A WAV with 300 ms of a 500 Hz sine and 200 ms of silence, at 16 kHz.
fn word(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("word.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).expect("a WAV in a temporary folder");
    for n in 0..8000 {
        let angle = 2.0 * std::f64::consts::PI * 500.0 * f64::from(n) / 16_000.0;
        let sample = if n < 4800 { 8000.0 * angle.sin() } else { 0.0 };
        writer.write_sample(sample as i16).expect("room for a WAV");
    }
    writer.finalize().expect("room for a WAV");
    path
}

#[test]
fn a_scenario_file_is_read_with_its_defaults_and_paths_count_from_its_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("s.json");
    let text = r#"{"sip":"127.0.0.1:0","callees":[
        {"number":"13800000001","script":[{"act":"wait_robot"},{"act":"say","wav":"a/b.wav","text":"好的"},
          {"act":"repeat","times":2,"acts":[{"act":"say_over","after_ms":900,"wav":"c.wav"}]},{"act":"hangup"}]},
        {"number":"2","answer":{"kind":"busy"},"later":[{"kind":"ring","ms":10}],"codec":"pcmu"}],
        "agents":[{"user":"101"}]}"#;
    std::fs::write(&path, text).expect("a file in a temporary folder");
    let scenario = Scenario::load(&path).unwrap_or_else(|error| panic!("{error}"));
    let flat = scenario.callees[0].flat_script();
    assert_eq!(flat.len(), 5);
    assert_eq!(flat[1].wav(), Some(&folder.path().join("a/b.wav")));
    assert_eq!(flat[3].wav(), Some(&folder.path().join("c.wav")));
    assert_eq!(scenario.everyone().len(), 3);
    let missing = start(scenario).err();
    assert!(matches!(missing, Some(FarError::Wav { .. })), "{missing:?}");
}

#[test]
fn a_wrong_scenario_names_the_field_and_the_callee() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("s.json");
    let load = |text: &str| {
        std::fs::write(&path, text).expect("a file in a temporary folder");
        Scenario::load(&path)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let error = load(r#"{"sip":"127.0.0.1:0","calees":[]}"#).unwrap_err();
    assert!(
        error.contains("unknown field `calees`") && error.contains("line 1"),
        "{error}"
    );
    let error = load(r#"{"sip":"127.0.0.1:0","callees":[{"number":"7","script":[{"act":"dtmf","digits":"1x"}]}]}"#).unwrap_err();
    assert!(
        error.contains("callee 7") && error.contains("\"1x\""),
        "{error}"
    );
    let error = load(
        r#"{"sip":"127.0.0.1:0","callees":[{"number":"7","answer":{"kind":"reject","code":200}}]}"#,
    )
    .unwrap_err();
    assert!(error.contains("200 is not a refusal"), "{error}");
    let error =
        load(r#"{"sip":"127.0.0.1:0","callees":[{"number":"7","script":[{"act":"sing"}]}]}"#)
            .unwrap_err();
    assert!(error.contains("unknown variant `sing`"), "{error}");
}
