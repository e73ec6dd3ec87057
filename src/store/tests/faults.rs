//! Deaths, locks and damage.

use super::*;
use sqlx::{Connection, Executor, SqliteConnection};

pub async fn grab(dir: &Path) -> SqliteConnection {
    let url = format!("sqlite://{}", dir.join("callsmith.db").display());
    let mut other = SqliteConnection::connect(&url).await.expect("connects");
    other.execute("BEGIN EXCLUSIVE").await.expect("locks");
    other
}

pub async fn let_go(mut other: SqliteConnection) {
    other.execute("ROLLBACK").await.expect("unlocks");
    other.close().await.expect("closes");
}

#[test]
fn a_second_process_is_turned_away_by_name_and_may_open_when_the_first_is_gone() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let second = Store::open(dir.path(), Clock::fixed(NOW)).await;
        let text = second.err().expect("turned away").to_string();
        assert!(
            text.contains("in use by another callsmith process"),
            "{text}"
        );
        assert!(text.contains(&std::process::id().to_string()), "{text}");
        store.close().await;
        open(dir.path()).await;
    });
}

#[test]
fn after_a_death_what_may_have_rung_is_not_dialled_again_and_what_cannot_have_is() {
    let dir = tempfile::tempdir().expect("a folder");
    run(async {
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(4)).await;
        let claimed = store.claim(id, NOW, 4).await.expect("claimed").leads;
        begin(&store, &claimed[0], "silent").await;
        begin(&store, &claimed[1], "rang").await;
        begin(&store, &claimed[2], "talked").await;
        let journal = store.journal();
        journal.write(event("rang", 900, Happening::Ringing { code: 180 }));
        journal.write(event("talked", 900, Happening::Answered));
        journal.flush().await;
        // The fourth was claimed and never dialled. Here the process dies.
    });
    run(async {
        let (store, _) = open(dir.path()).await;
        let now = NOW + 1_000;
        let found = store
            .recover(now, RecoverRules::default())
            .await
            .expect("recovers");
        assert_eq!(found.requeued, [CallId("silent".into())]);
        let interrupted = [CallId("rang".into()), CallId("talked".into())];
        assert_eq!(found.interrupted, interrupted);
        assert_eq!(found.unclaimed, 1);
        let id = store
            .campaign_find("spring")
            .await
            .expect("read")
            .expect("there")
            .id;
        let due = |leads: Vec<ClaimedLead>| -> Vec<u64> { leads.iter().map(|l| l.row).collect() };
        let at_once = store.claim(id, now, 9).await.expect("claimed").leads;
        assert_eq!(due(at_once), [5], "only the one that was never dialled");
        let before = store
            .claim(id, NOW + 76_999, 9)
            .await
            .expect("claimed")
            .leads;
        assert!(due(before).is_empty(), "a stray answer may still come");
        let after = store
            .claim(id, NOW + 77_000, 9)
            .await
            .expect("claimed")
            .leads;
        assert_eq!(after[0].attempt_no, 2);
        assert_eq!(due(after), [2]);
        let rows = store.calls(&CallFilter::default(), 9).await.expect("read");
        assert!(
            rows.iter()
                .all(|r| r.disposition == Some(Disposition::Interrupted))
        );
        let second = store.recover(now, RecoverRules::default()).await;
        assert_eq!(second.expect("recovers"), Recovered::default());
    });
}

#[test]
fn while_the_database_is_locked_nothing_is_lost_and_nothing_comes_in_twice() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(2)).await;
        let lead = store
            .claim(id, NOW, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        let attempt = begin(&store, &lead, "call-1").await;
        let journal = store.journal();
        journal.write(event("call-1", 10, Happening::Ringing { code: 180 }));
        journal.flush().await;

        let other = grab(dir.path()).await;
        for n in 0..300 {
            journal.write(event("call-1", 20 + n, Happening::NoInput { count: 1 }));
        }
        journal.flush().await;
        let end = outcome(attempt, "call-1", Disposition::OptOut);
        assert_eq!(
            store.finish_attempt(&end).await.expect("kept"),
            Finished::Spooled
        );
        assert_eq!(
            store.finish_attempt(&end).await.expect("kept"),
            Finished::Spooled
        );
        store
            .opt_out(&phone(1), "不要再打", "callee")
            .await
            .expect("kept");
        assert!(store.is_dnc(&phone(1)).await.expect("known at once"));
        let refused = store.claim(id, NOW, 1).await.expect_err("no claim");
        assert!(matches!(refused, StoreError::Busy { .. }), "{refused}");
        assert_eq!(journal.counts().spooled, 300);
        let_go(other).await;

        journal.write(event("call-1", 999, Happening::NoInput { count: 2 }));
        journal.flush().await;
        let counts = journal.counts();
        assert_eq!((counts.replayed, counts.lost), (303, 0));
        let shown = store.show("call-1").await.expect("read").expect("there");
        assert_eq!(shown.events.len(), 302);
        assert!(shown.events.is_sorted_by_key(|e| e.at));
        assert_eq!(shown.attempt.disposition, Some(Disposition::OptOut));
        let listed = store.dnc_list(9).await.expect("read");
        assert_eq!(listed.len(), 2);
        let spool = std::fs::metadata(dir.path().join("journal.ndjson")).expect("there");
        assert_eq!(spool.len(), 0);
    });
}

#[test]
fn an_opt_out_that_only_reached_the_spool_file_survives_a_death() {
    let dir = tempfile::tempdir().expect("a folder");
    run(async {
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(1)).await;
        let lead = store
            .claim(id, NOW, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        let attempt = begin(&store, &lead, "call-1").await;
        let other = grab(dir.path()).await;
        store
            .opt_out(&phone(0), "stop", "callee")
            .await
            .expect("kept");
        let end = outcome(attempt, "call-1", Disposition::OptOut);
        store.finish_attempt(&end).await.expect("kept");
        let_go(other).await;
    });
    // The death left half a line behind.
    let spool = dir.path().join("journal.ndjson");
    let mut text = std::fs::read_to_string(&spool).expect("there");
    text.push_str("{\"event\":{\"se");
    std::fs::write(&spool, text).expect("written");
    run(async {
        let (store, _) = open(dir.path()).await;
        assert!(store.is_dnc(&phone(0)).await.expect("read"));
        let found = store
            .recover(NOW, RecoverRules::default())
            .await
            .expect("recovers");
        assert_eq!((found.replayed, found.interrupted.len()), (2, 0));
        let row = &store.calls(&CallFilter::default(), 9).await.expect("read")[0];
        assert_eq!(row.disposition, Some(Disposition::OptOut));
        let aside = dir.path().join("journal.rejected.ndjson");
        assert!(
            std::fs::read_to_string(aside)
                .expect("there")
                .contains("\"se")
        );
    });
}

#[test]
fn a_damaged_database_is_refused_with_the_way_to_repair_it() {
    let dir = tempfile::tempdir().expect("a folder");
    run(async {
        let (store, _) = open(dir.path()).await;
        campaign(&store, "spring", &leads(400)).await;
        store.close().await;
    });
    let file = dir.path().join("callsmith.db");
    let mut bytes = std::fs::read(&file).expect("there");
    let whole = bytes.clone();
    let end = bytes.len();
    bytes[8192..end].fill(0x5A);
    for broken in [
        bytes,
        b"this is no database, only some text in its place".to_vec(),
    ] {
        std::fs::write(&file, broken).expect("written");
        run(async {
            let error = Store::open(dir.path(), Clock::fixed(NOW))
                .await
                .err()
                .expect("refused");
            let text = error.to_string();
            assert!(matches!(error, StoreError::Corrupt { .. }), "{text}");
            assert!(
                text.contains(".recover") && text.contains("backup"),
                "{text}"
            );
        });
    }
    std::fs::write(&file, whole).expect("written");
    run(async { drop(open(dir.path()).await) });
}

#[test]
fn a_database_of_a_later_version_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    run(async {
        let (store, _) = open(dir.path()).await;
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'later', TRUE, x'00', 0)",
        )
        .execute(&store.0.write)
        .await
        .expect("written");
        store.close().await;
        let error = Store::open(dir.path(), Clock::fixed(NOW))
            .await
            .err()
            .expect("refused");
        assert!(matches!(error, StoreError::Version { .. }), "{error}");
    });
}

#[test]
fn a_folder_that_is_a_file_or_has_no_database_is_named() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let beside = Store::open_beside(dir.path(), Clock::fixed(NOW)).await;
        let text = beside.err().expect("refused").to_string();
        assert!(text.contains("no database in this folder"), "{text}");
        let file = dir.path().join("data");
        std::fs::write(&file, "x").expect("written");
        let text = Store::open(&file, Clock::fixed(NOW))
            .await
            .err()
            .expect("refused")
            .to_string();
        assert!(text.contains("data"), "{text}");
    });
}

#[test]
fn a_full_database_says_so_and_the_outcome_is_kept_beside_it() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(1)).await;
        let lead = store
            .claim(id, NOW, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        let attempt = begin(&store, &lead, "call-1").await;
        // SQLite reports the same code for this limit as for a full disk.
        sqlx::query("PRAGMA max_page_count = 1")
            .execute(&store.0.write)
            .await
            .expect("set");
        let error = store.import(id, &leads(2000)).await.expect_err("full");
        assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
        let long = AttemptOutcome {
            result: Some("long ".repeat(200_000)),
            ..outcome(attempt, "call-1", Disposition::Completed)
        };
        assert_eq!(
            store.finish_attempt(&long).await.expect("kept"),
            Finished::Spooled
        );
        sqlx::query("PRAGMA max_page_count = 1000000")
            .execute(&store.0.write)
            .await
            .expect("set");
        store.journal().flush().await;
        let row = &store.calls(&CallFilter::default(), 9).await.expect("read")[0];
        assert_eq!(row.disposition, Some(Disposition::Completed));
    });
}

#[test]
fn a_late_event_takes_no_attempt_back() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(1)).await;
        let lead = store
            .claim(id, NOW, 1)
            .await
            .expect("claimed")
            .leads
            .remove(0);
        let attempt = begin(&store, &lead, "call-1").await;
        let journal = store.journal();
        journal.write(event("call-1", 2, Happening::Answered));
        journal.write(event("call-1", 1, Happening::Ringing { code: 180 }));
        journal.flush().await;
        let state = |s: &Store| {
            let s = s.clone();
            async move {
                s.show("call-1")
                    .await
                    .expect("read")
                    .expect("there")
                    .attempt
                    .state
            }
        };
        assert_eq!(state(&store).await, AttemptState::Talking);
        store
            .finish_attempt(&outcome(attempt, "call-1", Disposition::Completed))
            .await
            .expect("ends");
        journal.write(event(
            "call-1",
            3,
            Happening::Bridged { agent: "an".into() },
        ));
        journal.flush().await;
        assert_eq!(state(&store).await, AttemptState::Ended);
    });
}
