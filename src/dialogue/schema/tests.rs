use super::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|x| x == "yaml"))
        .collect();
    all.sort();
    all
}

#[test]
fn every_good_dialplan_fits_the_schema() {
    let schema = jsonschema::validator_for(&value()).unwrap();
    let mut wrong = Vec::new();
    for folder in ["dialplans", "tests/data/dialplans/good"] {
        for path in files(folder) {
            for error in schema.iter_errors(&yaml(&path)) {
                wrong.push(format!(
                    "{}: {error} at {}",
                    path.display(),
                    error.instance_path()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn dialplans_of_a_wrong_shape_do_not_fit_the_schema() {
    let schema = jsonschema::validator_for(&value()).unwrap();
    for name in [
        "unknown-field",
        "no-disclosure",
        "unknown-disposition",
        "disposition-of-an-unanswered-call",
        "slot-without-type",
        "later-format",
        "lookup-without-failed",
        "lookup-host-variable",
        "key-in-the-file",
        "follow-up-time",
    ] {
        let path = root().join(format!("tests/data/dialplans/bad/{name}.yaml"));
        assert!(!schema.is_valid(&yaml(&path)), "{name}");
    }
}

#[test]
fn schema_and_reader_know_the_same_fields() {
    for part in parts().into_iter().chain([top()]) {
        let listed = part.schema["properties"].as_object().unwrap();
        let listed: BTreeSet<&str> = listed.keys().map(String::as_str).collect();
        let known: BTreeSet<&str> = part.known.iter().copied().collect();
        assert_eq!(listed, known, "{}", part.name);
    }
}

#[test]
fn every_reference_in_the_schema_leads_somewhere_and_every_field_is_explained() {
    let schema = value();
    let text = json();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), schema);
    for piece in text.split("\"#/$defs/").skip(1) {
        let name = piece.split('"').next().unwrap();
        assert!(schema["$defs"].get(name).is_some(), "{name}");
    }
    for (name, field) in schema["properties"].as_object().unwrap() {
        let explained = field.get("description").is_some() || field.get("$ref").is_some();
        assert!(explained, "{name}");
    }
}
