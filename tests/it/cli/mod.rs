//! The program as its user meets it: bad input is answered with the file, the place and what to do, and never by a panic.

mod data;
mod journal;
mod tools;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const TRUNK: &str = "name = \"t\"\nhost = \"127.0.0.1:9\"\ncaller_ids = [\"12025550199\"]\n";
const LIST: &str = "phone,name\n2025550100,Ann\n";
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

/// A folder with a usable trunk, list and dialplan, and no speech models: what is asked here never gets as far as a call.
struct Desk(tempfile::TempDir);

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
    what: String,
}

impl Desk {
    fn new() -> Self {
        let desk = Desk(tempfile::tempdir().unwrap());
        desk.write("trunk.toml", TRUNK);
        desk.write("list.csv", LIST);
        std::fs::copy(
            format!("{DATA}/dialplans/good/keys.yaml"),
            desk.path("plan.yaml"),
        )
        .unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.type_into(args, "")
    }

    /// Runs the program with a person who types this and then nothing more.
    fn type_into(&self, args: &[&str], typed: &str) -> Ran {
        let mut program = Command::new(env!("CARGO_BIN_EXE_callsmith"))
            .args(args)
            .current_dir(self.0.path())
            .env("CALLSMITH_CACHE", self.path("cache"))
            .env_remove("CALLSMITH_DATA")
            .env_remove("CALLSMITH_LOG")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that has ended already reads nothing.
        let _ = program.stdin.take().unwrap().write_all(typed.as_bytes());
        let done = program.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is printed is UTF-8");
        let ran = Ran {
            code: done.status.code(),
            out: text(done.stdout),
            err: text(done.stderr),
            what: args.join(" "),
        };
        assert!(
            !ran.err.contains("panicked") && !ran.out.contains("panicked"),
            "{}",
            ran.all()
        );
        ran
    }

    /// `dial` with usable files, and `more` in their place or beside them.
    fn dial(&self, more: &[&str]) -> Ran {
        let mut args = vec!["dial"];
        for (option, value) in [
            ("--data", "data"),
            ("--list", "list.csv"),
            ("--dialplan", "plan.yaml"),
            ("--trunk", "trunk.toml"),
            ("--country", "US"),
            ("--bind", "127.0.0.1:0"),
        ] {
            if !more.contains(&option) {
                args.extend([option, value]);
            }
        }
        args.extend(more);
        self.run(&args)
    }
}

impl Ran {
    fn all(&self) -> String {
        let mut all = format!("callsmith {}\nexit code {:?}\n", self.what, self.code);
        let _ = write!(all, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        all
    }

    /// The exit code, and every one of `words` on standard error.
    fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.all());
        for word in words {
            assert!(
                self.err.contains(word),
                "{word:?} is missing\n{}",
                self.all()
            );
        }
    }

    fn succeeds(&self, words: &[&str]) {
        assert_eq!(self.code, Some(0), "{}", self.all());
        for word in words {
            assert!(
                self.out.contains(word),
                "{word:?} is missing\n{}",
                self.all()
            );
        }
    }
}

#[test]
fn check_says_of_every_bad_dialplan_where_it_is_wrong_and_what_to_do() {
    let desk = Desk::new();
    let mut files: Vec<String> = std::fs::read_dir(format!("{DATA}/dialplans/bad"))
        .unwrap()
        .map(|e| e.unwrap().path().display().to_string())
        .filter(|f| f.ends_with(".yaml"))
        .collect();
    files.sort();
    assert!(files.len() > 60);
    for file in &files {
        let ran = desk.run(&["check", file]);
        assert_eq!(ran.code, Some(1), "{}", ran.all());
        // The fault may lie in a file that this one includes, in the same folder or below it.
        let place = format!("--> {DATA}/dialplans/bad/");
        assert!(
            ran.out.contains(&place) && ran.out.contains("= help: "),
            "{}",
            ran.all()
        );
        let line = ran.out.split(&place).nth(1).unwrap();
        let line = line.split_once(".yaml:").map_or("", |(_, line)| line);
        assert!(line.starts_with(|c: char| c.is_ascii_digit()), "{line}");
    }
}

#[test]
fn check_goes_on_after_files_it_cannot_read_and_names_each() {
    let desk = Desk::new();
    desk.write("latin.yaml", b"callsmith: 1\nname: caf\xe9\n");
    let ran = desk.run(&["check", "gone.yaml", "latin.yaml", "plan.yaml"]);
    ran.fails(
        1,
        &[
            "gone.yaml: cannot be read; check the name",
            "latin.yaml:2: not UTF-8 from here on; save the file as UTF-8",
        ],
    );
    std::fs::create_dir(desk.path("empty")).unwrap();
    desk.run(&["check", "empty"])
        .fails(1, &["empty: no dialplan in this folder"]);
    assert!(ran.out.contains("plan.yaml: good"), "{}", ran.all());
    desk.run(&["check", "plan.yaml"])
        .succeeds(&["plan.yaml: good"]);
}

#[test]
fn dial_refuses_bad_files_and_options_before_anything_is_stored() {
    let desk = Desk::new();
    desk.write("password.toml", format!("{TRUNK}password = \"hunter2\"\n"));
    desk.write("key.toml", format!("{TRUNK}chanels = 3\n"));
    desk.write("latin.toml", b"name = \"caf\xe9\"\n");
    desk.write("no-phone.csv", "a,b\n1,2\n");
    desk.write("empty.csv", "");
    desk.write("workbook.csv", b"PK\x03\x04rest of a workbook");
    let utf16: Vec<u8> = format!("\u{feff}{LIST}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    desk.write("utf16.csv", utf16);
    let agent = "[[agent]]\nid = \"li\"\nuri = \"sip:1@127.0.0.1\"\n";
    desk.write("twice.toml", format!("{agent}{agent}"));
    desk.write("torn.toml", "[[agent]\n");
    std::fs::copy(desk.path("plan.yaml"), desk.path("second.yaml")).unwrap();
    desk.write("broken.yaml", "callsmith: 1\nsteps: [\n");

    let cases: &[(&[&str], &[&str])] = &[
        (
            &["--trunk", "gone.toml"],
            &["gone.toml: cannot be read: there is no such file"],
        ),
        (
            &["--trunk", "password.toml"],
            &["password.toml:4:", "password_file", "password_env"],
        ),
        (
            &["--trunk", "key.toml"],
            &["key.toml:4: unknown key `chanels`; did you mean `channels`?"],
        ),
        (
            &["--trunk", "latin.toml"],
            &["latin.toml: cannot be read", "save it as UTF-8"],
        ),
        (&["--list", "gone.csv"], &["gone.csv: cannot be read"]),
        (
            &["--list", "empty.csv"],
            &["empty.csv: the list is empty", "phone,name"],
        ),
        (
            &["--list", "no-phone.csv"],
            &["no-phone.csv, row 1:", "found: a, b", "--map COLUMN=phone"],
        ),
        (
            &["--list", "utf16.csv"],
            &["utf16.csv: this is UTF-16", "CSV UTF-8"],
        ),
        (
            &["--list", "workbook.csv"],
            &["workbook.csv: the workbook is damaged", "CSV UTF-8"],
        ),
        (
            &["--map", "Fone=phone"],
            &["--map Fone=phone", "it has: phone, name"],
        ),
        (&["--map", "Fone"], &["--map Fone: write COLUMN=FIELD"]),
        (
            &["--country", "ATLANTIS"],
            &["country \"ATLANTIS\" is not known", "CN, US, GB"],
        ),
        (
            &["--rtp-ports", "abc"],
            &["--rtp-ports abc", "from 1024 to 65535"],
        ),
        (
            &["--rtp-ports", "20000-99999"],
            &["--rtp-ports 20000-99999", "from 1024 to 65535"],
        ),
        // An odd port and the even one above it make no pair.
        (
            &["--rtp-ports", "20001-20002"],
            &["--rtp-ports 20001-20002"],
        ),
        (&["--concurrency", "0"], &["--concurrency", "1.."]),
        (
            &["--agents", "gone.toml"],
            &["gone.toml: cannot be read: there is no such file"],
        ),
        (
            &["--agents", "twice.toml"],
            &["twice.toml: agent 2 (\"li\")", "ids must differ"],
        ),
        (&["--agents", "torn.toml"], &["torn.toml:", "line 1"]),
        (
            &["--dialplan", "gone.yaml"],
            &["there is no file gone.yaml", "check the name"],
        ),
        (
            &["--dialplan", "plan.yaml", "--dialplan", "second.yaml"],
            &["second.yaml: another dialplan is for language en already"],
        ),
        (&["--dialplan", "broken.yaml"], &["broken.yaml:", "help"]),
        (
            &["--bind", "203.0.113.7:5060"],
            &["203.0.113.7:5060", "one of its own addresses"],
        ),
    ];
    for (args, words) in cases {
        let ran = desk.dial(args);
        ran.fails(2, words);
        assert!(!ran.err.contains("hunter2"), "a secret is printed");
        assert!(
            !desk.path("data").exists(),
            "something was stored\n{}",
            ran.all()
        );
    }
}

#[test]
fn a_taken_sip_port_is_told_before_the_models_load() {
    let desk = Desk::new();
    let holder = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    desk.dial(&["--bind", &taken]).fails(
        2,
        &[
            &format!("cannot listen for SIP on {taken}"),
            "another program uses this port",
            "choose another port",
        ],
    );
}

#[test]
fn wrong_rows_are_named_and_the_others_are_taken() {
    let desk = Desk::new();
    desk.write(
        "list.csv",
        "phone,name\n2025550100,Ann\nabc,Bob\n,Eve\n2025550100,Ann again\n2025550101,Cy\n",
    );
    let ran = desk.dial(&[]);
    for part in [
        "row 3, column phone",
        "row 4, column phone: there is no number; fill the cell in or delete the row",
        "row 5, column phone",
        "stands in row 2 already",
        "2 lead(s) added, 0 already there, 3 row(s) left out",
    ] {
        assert!(ran.out.contains(part), "{part:?} is missing\n{}", ran.all());
    }
}

#[test]
fn missing_and_damaged_models_are_named_with_the_repair() {
    let desk = Desk::new();
    desk.dial(&[]).fails(
        2,
        &[
            "model kokoro-zh-en is not complete",
            "is missing",
            "run scripts/demo",
        ],
    );
    let ran = desk.run(&["models", "list"]);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    // The six built-in models; the published ones name their own command.
    assert_eq!(
        ran.out.matches("run scripts/demo").count(),
        6,
        "{}",
        ran.all()
    );

    desk.write("cache/models/gtcrn/gtcrn_simple.onnx", "cut off");
    let ran = desk.run(&["models", "check"]);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for part in [
        "model gtcrn is damaged",
        "gtcrn_simple.onnx has 7 bytes instead of",
    ] {
        assert!(ran.out.contains(part), "{part:?} is missing\n{}", ran.all());
    }
}

#[test]
fn one_damaged_file_among_good_models_stops_the_dialling_with_its_name() {
    let root = callsmith::engines::models::default_root();
    if !root.join("models/kokoro-zh-en/model.onnx").is_file() {
        eprintln!("skipped: the models are not installed");
        return;
    }
    let desk = Desk::new();
    for model in std::fs::read_dir(root.join("models")).unwrap() {
        let model = model.unwrap();
        let copy = desk.path("cache/models").join(model.file_name());
        std::fs::create_dir_all(&copy).unwrap();
        for file in std::fs::read_dir(model.path()).unwrap() {
            let file = file.unwrap();
            // What was hashed before need not be hashed again; but it must not be written through a link.
            let (from, to) = (file.path(), copy.join(file.file_name()));
            if file.file_name() == ".checked" {
                std::fs::copy(from, to).unwrap();
            } else {
                std::os::unix::fs::symlink(from, to).unwrap();
            }
        }
    }
    let damaged = desk.path("cache/models/whisper-base-tuned/tokens.txt");
    std::fs::remove_file(&damaged).unwrap();
    std::fs::write(&damaged, "cut off").unwrap();
    desk.dial(&[]).fails(
        2,
        &[
            "model whisper-base-tuned is damaged",
            "tokens.txt",
            "scripts/demo",
        ],
    );
}
