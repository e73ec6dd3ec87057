//! Archives that are damaged, or made by somebody who means harm.

use super::server::{Reply, Server};
use super::*;

type Tar = tar::Builder<Vec<u8>>;

/// Serves an archive with its right checksum, so that only its inside can be at fault.
fn serving(bytes: Vec<u8>) -> (Server, Rig) {
    let sum = sha256(&bytes);
    let server = Server::new(move |_, _| Reply::whole(&bytes));
    let rig = Rig::new(&server.url("tiny.tar.bz2"), Some(&sum));
    (server, rig)
}

/// A whole model, and before it what `add` puts into the archive.
fn with(add: impl Fn(&mut Tar)) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    add(&mut tar);
    append(&mut tar, "tiny/tokens.txt", TOKENS);
    append(&mut tar, "tiny/model.onnx", MODEL);
    compress(&tar.into_inner().unwrap())
}

fn link(tar: &mut Tar, kind: tar::EntryType, name: &str, target: &str) {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(0);
    header.set_mode(0o777);
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
    header.set_cksum();
    tar.append(&header, &b""[..]).unwrap();
}

#[test]
fn an_archive_that_is_cut_off_or_no_archive_installs_nothing() {
    let whole = archive();
    for (bytes, why) in [
        (whole[..whole.len() / 2].to_vec(), "cut off or damaged"),
        (b"<html>not found</html>".repeat(40), "cut off or damaged"),
        (
            b"BZh9 and then nothing of the kind".to_vec(),
            "cut off or damaged",
        ),
        (b"ab".to_vec(), "it is empty"),
    ] {
        let (_server, rig) = serving(bytes);
        let said = rig.refused();
        assert!(
            said.contains(why) && said.contains("nothing was installed"),
            "{said}"
        );
    }
}

#[test]
fn entries_that_would_lie_outside_damn_the_archive() {
    for name in [
        "../evil",
        "/etc/evil",
        "tiny/../../evil",
        "tiny/more/../../../evil",
        "tiny\\..\\evil",
    ] {
        let (_server, rig) = serving(with(|tar| append(tar, name, b"evil")));
        let said = rig.refused();
        assert!(
            said.contains("it would write outside its folder"),
            "{name}: {said}"
        );
        let evil = rig.cache.path().join("evil");
        assert!(!evil.exists() && !evil.with_file_name("models/evil").exists());
    }
}

#[test]
fn links_are_never_made_and_one_that_leads_out_damns_the_archive() {
    use tar::EntryType::{Link, Symlink};
    for (kind, name, target) in [
        (Symlink, "tiny/more", "/tmp"),
        (Symlink, "tiny/more", "../../.."),
        (Link, "tiny/passwd", "/etc/passwd"),
        // Through an inner link a wanted file would be another one.
        (Symlink, "tiny/model.onnx", "tokens.txt"),
    ] {
        let (_server, rig) = serving(with(|tar| link(tar, kind, name, target)));
        let said = rig.refused();
        assert!(said.contains("is a link to"), "{name}: {said}");
    }
    // One among files that nobody wants does no harm.
    let (_server, rig) = serving(with(|tar| link(tar, Symlink, "tiny/README", "tokens.txt")));
    rig.fetch().unwrap();
    assert!(!rig.dir().join("README").exists());
}

#[test]
fn devices_doubles_and_missing_files_are_refused() {
    let (_server, rig) = serving(with(|tar| link(tar, tar::EntryType::Char, "tiny/zero", "")));
    assert!(rig.refused().contains("no file, folder or link"));
    let (_server, rig) = serving(with(|tar| append(tar, "tiny/tokens.txt", b"other")));
    assert!(rig.refused().contains("tokens.txt is in it twice"));
    let mut tar = tar::Builder::new(Vec::new());
    append(&mut tar, "tiny/tokens.txt", TOKENS);
    let (_server, rig) = serving(compress(&tar.into_inner().unwrap()));
    assert!(rig.refused().contains("it does not hold model.onnx"));
}

#[test]
fn an_archive_that_swells_beyond_all_measure_is_refused() {
    // 20 MB of zeros are a few bytes of bzip2.
    let bytes = with(|tar| append(tar, "tiny/bomb", &vec![0; 20_000_000]));
    assert!(bytes.len() < 10_000);
    let (_server, mut rig) = serving(bytes);
    rig.options.most_unpacked = 10_000_000;
    assert!(rig.refused().contains("more than 10000000 bytes"));
}

#[test]
fn a_plain_tar_and_optional_files_in_folders_are_taken_too() {
    let mut tar = tar::Builder::new(Vec::new());
    append(&mut tar, "./tokens.txt", TOKENS);
    append(&mut tar, "model.onnx", MODEL);
    append(&mut tar, "more/notes.txt", b"read me");
    let (_server, rig) = serving(tar.into_inner().unwrap());
    rig.fetch().unwrap();
    assert_eq!(rig.read("more/notes.txt"), b"read me");
    assert!(rig.store.check("tiny").is_ok());
}
