//! Data folders, reading commands, the do-not-call list and rehearsals.

use super::*;

#[test]
fn a_data_folder_in_use_names_the_process_that_has_it() {
    let desk = Desk::new();
    desk.write("data/callsmith.lock", "4711");
    let lock = std::fs::File::options()
        .write(true)
        .open(desk.path("data/callsmith.lock"))
        .unwrap();
    lock.try_lock().unwrap();
    desk.dial(&[]).fails(
        2,
        &[
            "data is in use by another callsmith process",
            "4711",
            "stop that one first",
        ],
    );
}

#[test]
fn a_data_folder_that_cannot_be_used_is_told_with_the_way_out() {
    let desk = Desk::new();
    desk.write("file", "");
    for folder in ["file", "file/below"] {
        desk.dial(&["--data", folder])
            .fails(2, &["file", "cannot be"]);
    }
    desk.write(
        "data/callsmith.db",
        "this is no database, and long enough to be read as one".repeat(40),
    );
    desk.dial(&[])
        .fails(2, &["callsmith.db is damaged", "backup"]);
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir(desk.path("closed")).unwrap();
    std::fs::set_permissions(desk.path("closed"), PermissionsExt::from_mode(0o500)).unwrap();
    if std::fs::write(desk.path("closed/probe"), "").is_ok() {
        eprintln!("skipped: to root no folder is closed");
        return;
    }
    desk.run(&[
        "dnc",
        "add",
        "2025550100",
        "--country",
        "US",
        "--data",
        "closed",
    ])
    .fails(2, &["closed", "cannot be written", "permissions"]);
}

#[tokio::test]
async fn a_locked_database_is_told_after_a_fair_wait() {
    use sqlx::ConnectOptions;
    let desk = Desk::new();
    desk.run(&[
        "dnc",
        "add",
        "2025550100",
        "--country",
        "US",
        "--data",
        "data",
    ])
    .succeeds(&["will not be called again"]);
    let mut other = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(desk.path("data/callsmith.db"))
        .connect()
        .await
        .unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let ran = desk.run(&[
        "dnc",
        "add",
        "2025550101",
        "--country",
        "US",
        "--data",
        "data",
    ]);
    ran.fails(
        2,
        &[
            "callsmith.db stayed locked by another program",
            "close whatever has it open",
        ],
    );
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
}

#[test]
fn looking_for_what_is_not_there_says_so() {
    let desk = Desk::new();
    for args in [
        &["calls", "--data", "none"][..],
        &["show", "c1", "--data", "none"],
        &["play", "c1", "--data", "none"],
        &["dnc", "list", "--data", "none"],
    ] {
        desk.run(args).fails(
            2,
            &["none/callsmith.db", "no database in this folder", "--data"],
        );
    }
    assert!(!desk.path("none").exists(), "looking made a folder");
    desk.run(&[
        "dnc",
        "add",
        "2025550100",
        "--country",
        "US",
        "--data",
        "data",
    ])
    .succeeds(&[]);
    desk.run(&["calls", "--data", "data"])
        .succeeds(&["no calls yet"]);
    desk.run(&["show", "c1", "--data", "data"]).fails(
        2,
        &[
            "there is no call \"c1\" in data",
            "`callsmith calls` lists them",
        ],
    );
    desk.run(&["calls", "--disposition", "fine", "--data", "data"])
        .fails(2, &["\"fine\"", "no_answer", "completed"]);
}

#[test]
fn the_do_not_call_list_takes_numbers_and_refuses_what_is_none() {
    let desk = Desk::new();
    let add = |number: &str, country: &str| {
        desk.run(&["dnc", "add", number, "--country", country, "--data", "data"])
    };
    add("(202) 555-0100", "US").succeeds(&["will not be called again"]);
    add("13800138000", "CN").succeeds(&[]);
    add("12", "US").fails(2, &["\"12\"", "not a number"]);
    add("2025550100", "ATLANTIS").fails(2, &["country", "CN, US or GB"]);
    desk.run(&["dnc", "list", "--data", "data"])
        .succeeds(&["+12025550100", "+8613800138000"]);
}

#[test]
fn a_scripted_rehearsal_ends_well_or_says_at_which_line_it_did_not() {
    let desk = Desk::new();
    let plan = format!("{DATA}/dialplans/good/survey-en.yaml");
    let good = format!("{DATA}/calls/en-wrong-number.call");
    desk.run(&["rehearse", &plan, "--script", &good])
        .succeeds(&["went as written"]);
    let text = std::fs::read_to_string(&good).unwrap();
    desk.write(
        "other.call",
        text.replace("tag wrong_person", "tag interested"),
    );
    desk.run(&["rehearse", &plan, "--script", "other.call"])
        .fails(1, &["other.call:4", "interested"]);
    desk.write("torn.call", "dialplan survey-en\n0.0 answred\n");
    desk.run(&["rehearse", &plan, "--script", "torn.call"])
        .fails(2, &["torn.call:2"]);
    desk.run(&["rehearse", &plan, "--script", "gone.call"])
        .fails(2, &["gone.call"]);
    desk.run(&["rehearse", "gone.yaml"])
        .fails(2, &["there is no file gone.yaml"]);
}
