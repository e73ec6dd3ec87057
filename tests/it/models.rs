//! `callsmith models` as a user runs it: a published model from a server on this machine, in a cache of its own.

use callsmith::engines::models::default_root;
use callsmith::engines::probe;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A cache, and a list of models whose archives lie at `address`.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new(address: &str) -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let entry = |name: &str| {
            format!(
                "[[model]]\nname = \"{name}\"\npurpose = \"hears whistles\"\nlicence = \"none\"\nupstream = \"here\"\n\
                 engine = \"streaming-ctc\"\nsample_rate = 8000\nfeature_dim = 40\n\
                 [model.archive]\nurl = \"{address}/{name}.tar.bz2\"\n\
                 [[model.file]]\npath = \"model.onnx\"\n[[model.file]]\npath = \"tokens.txt\"\n"
            )
        };
        let list = entry("whistles") + &entry("impostor");
        std::fs::write(folder.path().join("own.toml"), list).unwrap();
        Machine { folder }
    }

    fn run(&self, args: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_callsmith"))
            .arg("models")
            .args(args)
            .env("CALLSMITH_CACHE", self.folder.path())
            .env("CALLSMITH_MODELS", self.folder.path().join("own.toml"))
            .output()
            .unwrap();
        Said(output)
    }

    fn models(&self) -> PathBuf {
        self.folder.path().join("models")
    }
}

struct Said(Output);

impl Said {
    fn well(self) -> String {
        assert!(self.0.status.success(), "{}", self.all());
        self.all()
    }

    fn badly(self, code: i32) -> String {
        assert_eq!(self.0.status.code(), Some(code), "{}", self.all());
        self.all()
    }

    fn all(&self) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        text(&self.0.stdout) + &text(&self.0.stderr)
    }
}

/// A tiny model of the cache, or `None` with a line that says so.
fn installed(model: &str) -> Option<PathBuf> {
    let folder = default_root().join("models").join(model);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {model} is not installed");
    None
}

fn archive(top: &str, files: &[(&str, &Path)]) -> Vec<u8> {
    let bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    let mut tar = tar::Builder::new(bz);
    for (name, from) in files {
        tar.append_path_with_name(from, format!("{top}/{name}"))
            .unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// Gives every file its bytes, whole; 404 for what it does not have.
fn serve(files: Vec<(&'static str, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.find(String::is_empty);
            let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
            let (status, body): (_, &[u8]) = match files.iter().find(|(name, _)| *name == path) {
                Some((_, bytes)) => ("200 OK", bytes),
                None => ("404 Not Found", b""),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(body);
        }
    });
    address
}

#[test]
fn a_published_model_is_listed_fetched_checked_and_mended() {
    let Some(tiny) = installed("tiny-streaming") else {
        return;
    };
    let (model, tokens) = (tiny.join("model.onnx"), tiny.join("tokens.txt"));
    let files = [("model.onnx", &*model), ("tokens.txt", &*tokens)];
    let bytes = archive("whistles", &files);
    let machine = Machine::new(&serve(vec![("/whistles.tar.bz2", bytes)]));
    // What must be built is missing in this cache; what can be fetched is only told of.
    let said = machine.run(&["list"]).badly(1);
    assert!(
        said.contains("run `callsmith models fetch zh-en`"),
        "{said}"
    );
    assert!(
        said.contains("run `callsmith models fetch whistles`"),
        "{said}"
    );
    assert!(
        machine
            .run(&["check", "whistles"])
            .badly(1)
            .contains("is missing")
    );
    // Nobody knows the checksum.
    let said = machine.run(&["fetch", "whistles"]).badly(2);
    assert!(said.contains("--trust-first"), "{said}");
    let wrong = "0".repeat(64);
    let said = machine
        .run(&["fetch", "whistles", "--sha256", &wrong])
        .badly(2);
    assert!(said.contains(&wrong) && said.contains("SHA-256"), "{said}");
    let said = machine.run(&["fetch", "whistles", "--trust-first"]).well();
    assert!(said.contains("use it with --recognizer whistles"), "{said}");
    assert!(machine.run(&["check", "whistles"]).well().contains("good"));
    assert!(
        machine
            .run(&["fetch", "whistles"])
            .well()
            .contains("is installed already")
    );
    // A damaged file is found and fetched again.
    std::fs::write(machine.models().join("whistles/tokens.txt"), "<blk> 0\n").unwrap();
    let said = machine.run(&["check", "whistles"]).badly(1);
    assert!(
        said.contains("is damaged") && said.contains("models fetch whistles"),
        "{said}"
    );
    machine.run(&["fetch", "whistles"]).well();
    machine.run(&["check", "whistles"]).well();
}

#[test]
fn a_graph_of_another_kind_kills_a_child_and_nothing_else() {
    let (Some(tiny), Some(other)) = (installed("tiny-streaming"), installed("tiny-transducer"))
    else {
        return;
    };
    // A whole and valid file, but no CTC model: the speech library ends the process that loads it.
    let (model, tokens) = (other.join("decoder.onnx"), tiny.join("tokens.txt"));
    let files = [("model.onnx", &*model), ("tokens.txt", &*tokens)];
    let bytes = archive("impostor", &files);
    let machine = Machine::new(&serve(vec![("/impostor.tar.bz2", bytes)]));
    let said = machine
        .run(&["fetch", "impostor", "--trust-first"])
        .badly(2);
    assert!(said.contains("nothing was installed"), "{said}");
    assert!(said.contains("cannot be run here"), "{said}");
    assert!(!machine.models().join("impostor").exists());
    // The same as a folder that somebody names.
    let exe = Path::new(env!("CARGO_BIN_EXE_callsmith"));
    let folder = machine.folder.path().join("by-hand");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(&model, folder.join("model.onnx")).unwrap();
    std::fs::copy(&tokens, folder.join("tokens.txt")).unwrap();
    let said = probe::probe_folder_in_child(exe, &folder).unwrap_err();
    assert!(said.to_string().contains("cannot be run here"), "{said}");
    for good in [&tiny, &other] {
        probe::probe_folder_in_child(exe, good).unwrap();
    }
    // 404 of another one, as people read it.
    let said = machine
        .run(&["fetch", "whistles", "--trust-first"])
        .badly(2);
    assert!(
        said.contains("HTTP 404") && said.contains("--mirror"),
        "{said}"
    );
}
