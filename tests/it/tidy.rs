//! The house rules that a compiler does not know: who may import whom, where foreign libraries live, how long files grow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Room → rooms it may import. The same table stands in `src/lib.rs` for people.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("terms", &[]),
    ("audio", &["terms"]),
    ("sip", &["terms"]),
    ("dialogue", &["terms"]),
    ("store", &["terms"]),
    ("media", &["terms", "audio"]),
    ("hearing", &["terms", "audio"]),
    ("voice", &["terms", "audio"]),
    (
        "engines",
        &["terms", "audio", "hearing", "voice", "dialogue"],
    ),
    (
        "call",
        &[
            "terms", "audio", "sip", "media", "hearing", "dialogue", "voice",
        ],
    ),
    ("campaign", &["terms", "store", "call"]),
    ("desk", &["terms", "audio", "store", "call"]),
    (
        "web",
        &["terms", "store", "dialogue", "call", "campaign", "desk"],
    ),
    ("farend", &[]),
    (
        "app",
        &[
            "terms", "audio", "sip", "dialogue", "store", "media", "hearing", "voice", "engines",
            "call", "campaign", "desk", "web", "farend",
        ],
    ),
];

/// Foreign library → the rooms it lives in.
const HOMES: &[(&str, &[&str])] = &[
    ("rsipstack", &["sip"]),
    ("rsip", &["farend"]),
    ("ort", &["engines"]),
    ("sherpa_onnx", &["engines"]),
    ("sherpa_onnx_sys", &["engines"]),
    ("ureq", &["engines", "app"]),
    ("tar", &["engines"]),
    ("bzip2", &["engines"]),
    ("tokenizers", &["engines"]),
    ("nnnoiseless", &["engines"]),
    ("earshot", &["engines"]),
    ("sqlx", &["store"]),
    ("axum", &["web", "app"]),
    ("utoipa_axum", &["web"]),
    ("rust_embed", &["web"]),
    ("webrtc", &["desk"]),
    ("rtc", &["desk"]),
    ("calamine", &["campaign"]),
    ("rust_xlsxwriter", &["campaign"]),
    ("flate2", &["campaign"]),
    ("rtc_rtp", &["media"]),
    ("rtc_rtcp", &["media"]),
    ("rtc_sdp", &["media"]),
];

/// Files that decide and therefore may not touch clocks, files, tasks or chance; each must wall itself in.
const PURE: &[&str] = &[
    "hearing/endpointer",
    "hearing/expectation",
    "hearing/amd",
    "hearing/gate",
    "voice/phonemes",
    "voice/spoken",
    "voice/player",
    "dialogue",
    "call/machine",
    "call/handover",
    "call/speech",
    "media/jitter",
    "media/bridge",
    "desk/queue",
    "campaign/window",
    "campaign/retry",
    "campaign/pacing",
];

const WALL: &str = "#![deny(clippy::disallowed_methods, clippy::disallowed_types)]";
const LONGEST: usize = 500;

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every source file with its path below `src/` and its text.
fn sources() -> BTreeMap<String, String> {
    let mut paths = Vec::new();
    files(&src(), &mut paths);
    paths
        .into_iter()
        .map(|p| {
            (
                p.strip_prefix(src()).unwrap().display().to_string(),
                std::fs::read_to_string(&p).unwrap(),
            )
        })
        .collect()
}

fn room(path: &str) -> Option<&str> {
    path.split_once('/').map(|(room, _)| room)
}

/// Code without its comments.
fn code(text: &str) -> String {
    text.lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn rooms_import_only_what_the_rule_of_direction_allows() {
    let rooms: Vec<&str> = MAY_IMPORT.iter().map(|(r, _)| *r).collect();
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let Some(here) = room(&path) else { continue };
        let allowed = MAY_IMPORT
            .iter()
            .find(|(r, _)| *r == here)
            .unwrap_or_else(|| panic!("{here} is no known room"))
            .1;
        let code = code(&text);
        for there in &rooms {
            let named = code.contains(&format!("crate::{there}::"))
                || code.contains(&format!("callsmith::{there}::"));
            if *there != here && named && !allowed.contains(there) {
                broken.push(format!("src/{path} imports {there}"));
            }
        }
        assert!(
            !code.contains("use crate::{"),
            "src/{path}: name the room in its own `use` line"
        );
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_foreign_library_has_one_home() {
    let mut strays = Vec::new();
    for (path, text) in sources() {
        let here = room(&path).unwrap_or("");
        let code = code(&text);
        for (library, homes) in HOMES {
            let named = code.lines().any(|l| {
                l.trim_start().starts_with(&format!("use {library}::"))
                    || l.contains(&format!(" {library}::"))
                    || l.contains(&format!("({library}::"))
            });
            if named && !homes.contains(&here) {
                strays.push(format!("src/{path} uses {library}"));
            }
        }
    }
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

#[test]
fn pure_files_stand_behind_their_wall() {
    for (path, text) in sources() {
        let stem = path.trim_end_matches(".rs");
        let pure = PURE.iter().any(|p| {
            stem == *p
                || stem
                    .strip_prefix(p)
                    .is_some_and(|rest| rest.starts_with('/'))
        });
        if pure && !path.ends_with("tests.rs") {
            assert!(text.contains(WALL), "src/{path} is pure and lacks {WALL}");
        }
    }
}

#[test]
fn no_file_grows_past_the_cap() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("src"), &mut paths);
    files(&root.join("tests"), &mut paths);
    let long: Vec<String> = paths
        .into_iter()
        .map(|path| {
            (
                std::fs::read_to_string(&path).unwrap().lines().count(),
                path,
            )
        })
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
