//! Servers, mirrors, broken connections, checksums, full disks.

use super::server::{Reply, Server};
use super::*;
use std::sync::Mutex;

/// A server with the archive at /tiny.tar.bz2.
fn serving(
    answer: impl Fn(&super::server::Request, usize, &[u8]) -> Reply + Send + 'static,
) -> (Server, Rig) {
    let bytes = archive();
    let sum = sha256(&bytes);
    let server = Server::new(move |request, n| answer(request, n, &bytes));
    let rig = Rig::new(&server.url("tiny.tar.bz2"), Some(&sum));
    (server, rig)
}

#[test]
fn a_model_is_fetched_whole_with_its_settings_and_hashes() {
    let (server, rig) = serving(|_, _, bytes| Reply::whole(bytes));
    let told = Mutex::new(Vec::new());
    let fetched = fetch(
        &rig.store,
        "tiny",
        &rig.options,
        &|name| {
            told.lock().unwrap().push(format!("tried {name}"));
            Ok(())
        },
        &mut |p| {
            if let Progress::Bytes { done, total } = p {
                assert!(Some(done) <= total);
            }
        },
    );
    assert_eq!(fetched.unwrap().sha256, Some(sha256(&archive())));
    assert_eq!(*told.lock().unwrap(), ["tried tiny"]);
    assert_eq!(
        (rig.read("model.onnx"), rig.read("tokens.txt")),
        (MODEL.to_vec(), TOKENS.to_vec())
    );
    assert!(!rig.dir().join("test_wavs").exists(), "only what is listed");
    assert!(rig.store.check("tiny").is_ok());
    let config = crate::engines::streaming::StreamingConfig::read(&rig.dir()).unwrap();
    assert_eq!(
        (config.features, config.modeling_unit.as_deref()),
        (40, Some("cjkchar"))
    );
    assert_eq!(rig.kept(), 0, "the archive is not kept");
    // A second time nobody is asked.
    assert_eq!(rig.fetch().unwrap().sha256, None);
    assert_eq!(server.asked().len(), 1);
    // What was changed since is known by the hashes, and mended.
    fs::write(rig.dir().join("tokens.txt"), "<eps> 0\n").unwrap();
    assert!(rig.store.check("tiny").is_err());
    rig.fetch().unwrap();
    assert_eq!(rig.read("tokens.txt"), TOKENS);
}

#[test]
fn a_cut_connection_is_taken_up_where_it_broke() {
    let (server, rig) = serving(|request, n, bytes| {
        let reply = Reply::ranged(request, bytes, "\"one\"");
        if n < 4 { reply.cut(20_000) } else { reply }
    });
    rig.fetch().unwrap();
    assert_eq!(rig.read("model.onnx"), MODEL);
    let from: Vec<_> = server.asked().iter().map(|r| r.from()).collect();
    assert_eq!(
        from,
        [None, Some(20_000), Some(40_000), Some(60_000), Some(80_000)]
    );
    assert_eq!(server.asked()[1].if_range.as_deref(), Some("\"one\""));
}

#[test]
fn a_later_run_goes_on_from_what_an_earlier_one_kept() {
    let (_server, rig) = serving(|request, n, bytes| match n {
        0 => Reply::ranged(request, bytes, "\"one\"").cut(50_000),
        1..4 => Reply::status(503),
        _ => {
            assert_eq!(request.from(), Some(50_000));
            Reply::ranged(request, bytes, "\"one\"")
        }
    });
    let said = rig.refused();
    assert!(
        said.contains("HTTP 503") && said.contains("what came is kept"),
        "{said}"
    );
    assert_eq!(rig.kept(), 50_000);
    let said = rig.refused();
    assert!(said.contains("HTTP 503"), "{said}");
    let said = rig.refused();
    assert!(said.contains("HTTP 503"), "{said}");
    rig.fetch().unwrap();
    assert_eq!(rig.read("model.onnx"), MODEL);
}

#[test]
fn a_server_without_ranges_gives_the_whole_again() {
    let (server, rig) = serving(|_, n, bytes| {
        let whole = Reply::whole(bytes);
        if n == 0 { whole.cut(70_000) } else { whole }
    });
    rig.fetch().unwrap();
    assert_eq!(
        server.asked()[1].from(),
        Some(70_000),
        "it was asked for the rest"
    );
    assert_eq!(rig.read("model.onnx"), MODEL);
}

#[test]
fn a_file_that_changed_between_two_tries_is_begun_again() {
    // One server minds If-Range, the other answers with a range of another file.
    for minds in [true, false] {
        let (server, rig) = serving(move |request, n, bytes| {
            if n == 0 {
                return Reply::ranged(request, &vec![7; bytes.len()], "\"old\"").cut(60_000);
            }
            let mut request = request.clone();
            if !minds {
                request.if_range = None;
            }
            Reply::ranged(&request, bytes, "\"new\"")
        });
        rig.fetch().unwrap();
        assert_eq!(rig.read("model.onnx"), MODEL);
        assert_eq!(server.asked().len(), if minds { 2 } else { 3 });
    }
    // A server that marks nothing: the checksum tells, and it is begun again once.
    let (server, rig) = serving(|request, n, bytes| {
        let mut reply = if n == 0 {
            Reply::whole(&vec![7; bytes.len()]).cut(60_000)
        } else {
            Reply::ranged(request, bytes, "")
        };
        reply.headers.retain(|(name, _)| *name != "ETag");
        reply
    });
    rig.fetch().unwrap();
    assert_eq!(rig.read("model.onnx"), MODEL);
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn an_archive_that_is_all_here_is_not_asked_for_again() {
    let bytes = archive();
    let (len, sum) = (bytes.len(), sha256(&bytes));
    let server = Server::new(move |request, _| Reply::ranged(request, &bytes, "\"one\""));
    let rig = Rig::new(&server.url("tiny.tar.bz2"), Some(&sum));
    fs::create_dir_all(rig.cache.path().join("fetch")).unwrap();
    fs::write(rig.cache.path().join("fetch/tiny.tar.bz2.part"), archive()).unwrap();
    rig.fetch().unwrap();
    let asked = server.asked();
    assert_eq!(
        (asked.len(), asked[0].from()),
        (1, Some(len)),
        "416 says it is all"
    );
}

#[test]
fn a_wrong_checksum_installs_nothing_and_names_both() {
    let (_server, rig) = serving(|_, _, _| Reply::whole(b"a page of the hotel's network"));
    let (found, wanted) = (sha256(b"a page of the hotel's network"), sha256(&archive()));
    let said = rig.refused();
    assert!(said.contains(&found) && said.contains(&wanted), "{said}");
    assert_eq!(rig.kept(), 0, "what is wrong is not kept");
}

#[test]
fn mirrors_are_tried_in_their_order_before_the_address_itself() {
    let good = archive();
    let bytes = good.clone();
    let upstream = Server::new(|_, _| Reply::status(500));
    let gone = Server::new(|_, _| Reply::status(404));
    let wrong = Server::new(|_, _| Reply::whole(b"another file"));
    let right = Server::new(move |_, _| Reply::whole(&bytes));
    let mut rig = Rig::new(&upstream.url("tiny.tar.bz2"), Some(&sha256(&good)));
    rig.options.mirrors = vec![
        gone.url("models/"),
        wrong.url("by-name/{file}?raw=1"),
        right.url("proxy/{url}"),
    ];
    rig.fetch().unwrap();
    let paths = |s: &Server| s.asked().iter().map(|r| r.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&gone), ["/models/tiny.tar.bz2"]);
    assert_eq!(paths(&wrong), ["/by-name/tiny.tar.bz2?raw=1"]);
    assert_eq!(
        paths(&right),
        [format!("/proxy/{}", upstream.url("tiny.tar.bz2"))]
    );
    assert!(paths(&upstream).is_empty());
    // With no good one among them, all are told.
    rig.options.mirrors.pop();
    fs::remove_dir_all(rig.dir()).unwrap();
    let said = rig.refused();
    let lines: Vec<&str> = said.lines().skip(1).collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(
        lines[0].contains("HTTP 404") && lines[1].contains("SHA-256"),
        "{said}"
    );
    assert!(lines[2].contains("HTTP 500"), "{said}");
}

#[test]
fn a_mirror_goes_on_with_the_bytes_of_the_one_before() {
    let good = archive();
    let (a, b) = (good.clone(), good.clone());
    // Cut once, then gone for good.
    let first = Server::new(move |request, n| match n {
        0 => Reply::ranged(request, &a, "\"a\"").cut(90_000),
        _ => Reply::status(404),
    });
    let second = Server::new(move |request, _| Reply::ranged(request, &b, "\"b\""));
    let mut rig = Rig::new(&second.url("tiny.tar.bz2"), Some(&sha256(&good)));
    rig.options.mirrors = vec![first.url("")];
    rig.fetch().unwrap();
    let asked = second.asked();
    assert_eq!((asked[0].from(), &asked[0].if_range), (Some(90_000), &None));
}

#[test]
fn without_a_checksum_nothing_is_fetched_until_the_user_decides() {
    let bytes = archive();
    let served = std::sync::Arc::new(Mutex::new(bytes.clone()));
    let serving = served.clone();
    let server = Server::new(move |_, _| Reply::whole(&serving.lock().unwrap()));
    let mut rig = Rig::new(&server.url("tiny.tar.bz2"), None);
    let said = rig.refused();
    assert!(
        said.contains("--sha256") && said.contains("--trust-first"),
        "{said}"
    );
    assert!(server.asked().is_empty());
    rig.options.sha256 = Some("abc".into());
    assert!(rig.refused().contains("64 hexadecimal digits"));
    rig.options.sha256 = Some("0".repeat(64));
    assert!(rig.refused().contains(&sha256(&bytes)));
    rig.options.sha256 = Some(sha256(&bytes).to_uppercase());
    rig.fetch().unwrap();
    fs::remove_dir_all(rig.dir()).unwrap();
    rig.options.sha256 = None;
    rig.options.trust_first = true;
    rig.fetch().unwrap();
    // From now on it is pinned, even where trust would be given again.
    *served.lock().unwrap() = compress(b"something else, by somebody else");
    fs::write(rig.dir().join("model.onnx"), "damaged").unwrap();
    let said = rig.fetch().unwrap_err().to_string();
    assert!(said.contains(&sha256(&bytes)), "{said}");
}

#[test]
fn another_checksum_replaces_what_is_installed() {
    let bytes = archive();
    let newer = {
        let mut tar = tar::Builder::new(Vec::new());
        append(&mut tar, "tiny/model.onnx", b"newer");
        append(&mut tar, "tiny/tokens.txt", TOKENS);
        compress(&tar.into_inner().unwrap())
    };
    let (old, new) = (bytes.clone(), newer.clone());
    let server = Server::new(move |_, n| Reply::whole(if n == 0 { &old } else { &new }));
    let mut rig = Rig::new(&server.url("tiny.tar.bz2"), Some(&sha256(&bytes)));
    rig.fetch().unwrap();
    rig.options.sha256 = Some(sha256(&newer));
    rig.fetch().unwrap();
    assert_eq!(rig.read("model.onnx"), b"newer");
}

#[test]
fn a_full_disk_is_told_before_and_while_it_happens() {
    let (server, mut rig) = serving(|_, _, bytes| Reply::whole(bytes));
    rig.options.free = |_| Some(1000);
    let said = rig.refused();
    assert!(
        said.contains("the disk is full") && said.contains("0 MB are free"),
        "{said}"
    );
    rig.options.free = |_| None;
    // Writing to this device fails as writing to a full disk does.
    let part = rig.cache.path().join("fetch/tiny.tar.bz2.part");
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    let said = rig.refused();
    assert!(said.contains("the disk is full"), "{said}");
    assert_eq!(server.asked().len(), 2);
    fs::remove_file(&part).unwrap();
    rig.fetch().unwrap();
}

#[test]
fn a_model_that_does_not_run_here_is_taken_away_again() {
    let (_server, rig) = serving(|_, _, bytes| Reply::whole(bytes));
    let refuse = |name: &str| {
        Err(ModelError::Unusable {
            model: name.to_owned(),
            said: "no metadata".into(),
        })
    };
    let fetch = |try_out: &dyn Fn(&str) -> Result<(), ModelError>| {
        fetch(&rig.store, "tiny", &rig.options, try_out, &mut |_| {})
    };
    let said = fetch(&refuse).unwrap_err().to_string();
    assert!(
        said.contains("nothing was installed") && said.contains("no metadata"),
        "{said}"
    );
    assert!(!rig.dir().exists());
    fetch(&|_| Ok(())).unwrap();
    // What served before comes back when the new one does not.
    fs::write(rig.dir().join("tokens.txt"), "mine").unwrap();
    fetch(&refuse).unwrap_err();
    assert_eq!(rig.read("tokens.txt"), b"mine");
}

#[test]
fn what_is_built_here_and_what_nobody_knows_is_not_fetched() {
    let rig = Rig::new("http://127.0.0.1:9/tiny.tar.bz2", None);
    let said = |name: &str| {
        fetch(&rig.store, name, &rig.options, &|_| Ok(()), &mut |_| {})
            .unwrap_err()
            .to_string()
    };
    assert!(said("built").contains("scripts/demo"));
    assert_eq!(
        said("sam"),
        "no model is called \"sam\"; there are tiny, built"
    );
}

#[test]
fn a_redirect_keeps_the_range() {
    let (server, rig) = serving(|request, n, bytes| match request.path.as_str() {
        "/tiny.tar.bz2" => Reply::status(302).with("Location", "/store/1234?signed=yes"),
        _ if n < 2 => Reply::ranged(request, bytes, "\"one\"").cut(30_000),
        _ => Reply::ranged(request, bytes, "\"one\""),
    });
    rig.fetch().unwrap();
    let from: Vec<_> = server.asked().iter().map(|r| r.from()).collect();
    assert_eq!(from, [None, None, Some(30_000), Some(30_000)]);
}

#[test]
fn a_file_of_another_size_is_not_even_read_and_a_whole_one_is_not_asked_for() {
    let good = archive();
    let other = Server::new(|_, _| Reply::whole(b"a page").cut(0));
    let mut rig = Rig::new(&other.url("tiny.tar.bz2"), None);
    let sum = sha256(&good);
    let url = other.url("tiny.tar.bz2");
    rig.store = store(rig.cache.path(), &url, Some(&sum), Some(good.len()));
    let said = rig.refused();
    assert!(
        said.contains(&format!("6 bytes there, not {}", good.len())),
        "{said}"
    );
    assert_eq!(other.asked().len(), 1);
    fs::write(rig.cache.path().join("fetch/tiny.tar.bz2.part"), &good).unwrap();
    rig.fetch().unwrap();
    assert_eq!(other.asked().len(), 1, "it was here already");
}
