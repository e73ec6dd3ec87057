//! Large lists: what they cost. `cargo test --release --test it lists::large -- --ignored --nocapture`

use callsmith::campaign::list::ListOptions;
use callsmith::campaign::list::intake::{Aim, Counts, IntakeError, take_in};
use callsmith::store::Store;
use callsmith::terms::Clock;
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// A list of so many good rows.
fn list(rows: u32) -> String {
    let mut text = String::from("手机号,姓名,城市,产品,备注\n");
    for n in 0..rows {
        let _ = writeln!(text, "138{n:08},客户{n},上海,课程{},第{n}行", n % 7);
    }
    text
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Memory of this process in KiB: now, and the most it ever was.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|l| l.starts_with(name));
        line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok())
    };
    (
        field("VmRSS:").unwrap_or_default(),
        field("VmHWM:").unwrap_or_default(),
    )
}

async fn put(store: &Store, path: &Path, aim: Aim) -> Result<Counts, IntakeError> {
    let stop = CancellationToken::new();
    let options = ListOptions::default();
    take_in(store, path, options, aim, None, &stop, |_, _| {}).await
}

#[test]
fn an_import_that_is_stopped_keeps_what_went_in_and_goes_on_the_next_time() {
    runtime().block_on(async {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(dir.path(), Clock::system())
            .await
            .expect("opens");
        let path = dir.path().join("list.csv");
        std::fs::write(&path, list(4000)).expect("written");
        let id = store
            .campaign_create("c", "plan", "list")
            .await
            .expect("made");
        let stop = CancellationToken::new();
        let errors = dir.path().join("errors.csv");
        let stopped = take_in(
            &store,
            &path,
            ListOptions::default(),
            Aim::Import(id),
            Some(errors),
            &stop,
            |counts, _| {
                if counts.rows >= 1000 {
                    stop.cancel();
                }
            },
        )
        .await;
        assert!(matches!(stopped, Err(IntakeError::Stopped)), "{stopped:?}");
        let before = store.progress(id).await.expect("read").queued;
        assert!(before > 0 && before < 4000, "{before}");
        let done = put(&store, &path, Aim::Import(id)).await.expect("done");
        assert_eq!(done.known, before);
        let again = put(&store, &path, Aim::Import(id)).await.expect("done");
        assert_eq!((again.added, again.known), (0, done.added + done.known));
    });
}

#[test]
#[ignore = "measures"]
fn a_hundred_thousand_rows() {
    runtime().block_on(async {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(dir.path(), Clock::system())
            .await
            .expect("opens");
        let id = store
            .campaign_create("c", "plan", "list")
            .await
            .expect("made");
        let csv = dir.path().join("list.csv");
        std::fs::write(&csv, list(100_000)).expect("written");
        println!("before: {:?} KiB (now, peak)", memory());
        for (what, aim) in [
            ("check, no campaign", Aim::Check(None)),
            ("import", Aim::Import(id)),
            ("check, all known", Aim::Check(Some(id))),
            ("import again", Aim::Import(id)),
        ] {
            let began = Instant::now();
            let counts = put(&store, &csv, aim).await.expect("done");
            println!(
                "csv, {what}: {:?}, {:?} KiB, {counts:?}",
                began.elapsed(),
                memory()
            );
        }
    });
}

#[test]
#[ignore = "measures"]
fn figures_of_twenty_thousand_calls() {
    runtime().block_on(async {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(dir.path(), Clock::system()).await.expect("opens");
        let id = store.campaign_create("c", "plan", "list").await.expect("made");
        store.close().await;
        let script = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
             INSERT INTO leads (id, campaign_id, list_row, vars, status, next_at) \
               SELECT i, {0}, i, '{{}}', 'done', 0 FROM n; \
             INSERT INTO lead_phones SELECT id, 0, {0}, '+86138' || printf('%08d', id) FROM leads; \
             INSERT INTO attempts (lead_id, attempt_no, call_id, phone, node, epoch, state, reached, disposition, grade, \
               talk_ms, started_at, ended_at) SELECT id, 1, 'c' || id, '+86138' || printf('%08d', id), 'n', 1, 'ended', 2, \
               'completed', 'B', 1000 + id, 1800000000000 - id * 1000, 1800000000000 FROM leads; \
             WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < 59) \
             INSERT INTO events SELECT 'c' || l.id, k.i, k.i * 100, json_object('call', 'c' || l.id, 'at', k.i * 100, 'kind', \
               CASE k.i % 6 WHEN 0 THEN 'step' WHEN 1 THEN 'saying' WHEN 2 THEN 'said' WHEN 3 THEN 'heard' WHEN 4 THEN 'intent' \
               ELSE 'turn_latency' END, 'step', 's' || (k.i / 6 % 8), 'intent', 'i' || (l.id % 9), 'ms', 400 + l.id % 900, \
               'text', '一句差不多这么长的话') FROM leads l, k;",
            id.0
        );
        let file = dir.path().join("callsmith.db");
        let done = std::process::Command::new("sqlite3").arg(&file).arg(&script).status();
        if !done.is_ok_and(|s| s.success()) {
            println!("skipped: no sqlite3 here");
            return;
        }
        let store = Store::open(dir.path(), Clock::system()).await.expect("opens");
        for _ in 0..2 {
            let began = Instant::now();
            let stats = store.campaign_stats(id, 0, 1_800_000_000_000).await.expect("read");
            println!("campaign: {:?}, {} steps", began.elapsed(), stats.funnel.len());
            let began = Instant::now();
            let tenant = callsmith::store::TenantId::PLATFORM;
            let robot = store.robot_stats(tenant, 0).await.expect("read");
            println!("robot: {:?}, {:?} turns", began.elapsed(), robot.turns);
        }
    });
}
