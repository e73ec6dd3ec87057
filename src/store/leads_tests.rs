//! Campaigns with settings, leads by the page, results and figures.

use super::tests::{NOW, begin, campaign, event, lead, leads, open, outcome, phone, run};
use super::*;
use crate::terms::{CallEvent, Disposition, Grade, Happening};
use sqlx::Row;

fn settings(name: &str) -> CampaignSettings {
    CampaignSettings {
        name: name.into(),
        dialplans: vec!["course".into()],
        trunk: "main".into(),
        concurrency: 5,
        priority: 5,
        windows: "default".into(),
        max_attempts: 3,
        country: "CN".into(),
    }
}

async fn made(store: &Store, tenant: TenantId, name: &str) -> CampaignId {
    match store.campaign_add(tenant, &settings(name)).await {
        Ok(Kept::Yes(id)) => id,
        other => panic!("not made: {other:?}"),
    }
}

#[test]
fn a_name_is_free_in_another_tenant_and_taken_in_its_own() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let (one, two) = (TenantId(1), TenantId(2));
        let first = made(&store, one, "spring").await;
        let other = made(&store, two, "spring").await;
        assert_ne!(first, other);
        let again = store.campaign_add(one, &settings("spring")).await;
        assert_eq!(again.expect("read"), Kept::NameTaken);
        let summer = made(&store, one, "summer").await;
        let renamed = store
            .campaign_change(one, summer, &settings("spring"))
            .await;
        assert_eq!(renamed.expect("read"), Kept::NameTaken);
        let foreign = store.campaign_change(two, summer, &settings("mine")).await;
        assert_eq!(foreign.expect("read"), Kept::Gone);
        assert_eq!(store.campaign_of(two, first).await.expect("read"), None);
        let row = store.campaign_of(one, first).await.expect("read");
        let row = row.expect("there");
        assert_eq!(row.settings, settings("spring"));
        assert_eq!(row.state, CampaignState::Stopped);
        let mine = store.campaigns_of(Some(one)).await.expect("read");
        assert_eq!(mine.len(), 2);
        assert_eq!(store.campaigns_of(None).await.expect("read").len(), 3);
    });
}

#[test]
fn campaigns_of_an_earlier_version_keep_their_leads() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("callsmith.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .foreign_keys(true);
        let db = sqlx::SqlitePool::connect_with(options)
            .await
            .expect("a database");
        let mut migrator = sqlx::migrate::Migrator::DEFAULT;
        let before: Vec<_> = migrations::MIGRATIONS
            .iter()
            .filter(|m| m.0 <= 5)
            .map(|(version, name, sql)| {
                let sql = sqlx::SqlSafeStr::into_sql_str(*sql);
                let simple = sqlx::migrate::MigrationType::Simple;
                sqlx::migrate::Migration::new(*version, (*name).into(), simple, sql, false)
            })
            .collect();
        migrator.migrations = before.into();
        migrator.run(&db).await.expect("the old shape");
        for sql in [
            "INSERT INTO campaigns (id, name, dialplan, list, state, created_at) VALUES (7, 'old', 'a.yaml', 'l.csv', 'paused', 5)",
            "INSERT INTO leads (id, campaign_id, list_row, vars, status, next_at) VALUES (3, 7, 2, '{}', 'queued', 0)",
            "INSERT INTO lead_phones (lead_id, position, campaign_id, phone) VALUES (3, 0, 7, '+8613800000001')",
        ] {
            sqlx::query(sql).execute(&db).await.expect("written");
        }
        db.close().await;
        let (store, _) = open(dir.path()).await;
        let row = store.campaign_of(TenantId(1), CampaignId(7)).await;
        let row = row.expect("read").expect("there");
        assert_eq!(
            (row.settings.name.as_str(), row.state),
            ("old", CampaignState::Paused)
        );
        assert_eq!(row.settings.max_attempts, 3);
        let progress = store.progress(CampaignId(7)).await.expect("read");
        assert_eq!(progress.queued, 1);
        let broken = sqlx::query("PRAGMA foreign_key_check")
            .fetch_all(&store.0.read)
            .await;
        assert!(broken.expect("read").is_empty());
        let orphan = sqlx::query(
            "INSERT INTO leads (campaign_id, list_row, vars, status, next_at) VALUES (99, 2, '{}', 'queued', 0)",
        );
        assert!(
            orphan.execute(&store.0.write).await.is_err(),
            "references are kept"
        );
    });
}

#[test]
fn leads_come_by_the_page_and_are_found_by_name_and_number() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(30)).await;
        let all = LeadFilter::default();
        let first = store.leads(id, &all, None, 20).await.expect("read");
        let next = store.leads(id, &all, first.last().map(|l| l.id), 20).await;
        assert_eq!((first.len(), next.expect("read").len()), (20, 10));
        let found = |words: &str| {
            let filter = LeadFilter {
                words: Some(words.into()),
                ..LeadFilter::default()
            };
            let store = store.clone();
            async move {
                store
                    .leads(id, &filter, None, 50)
                    .await
                    .expect("read")
                    .len()
            }
        };
        assert_eq!(found("Lead 7").await, 1);
        assert_eq!(found("1380 0000 021").await, 1);
        assert_eq!(found("%").await, 0, "signs mean themselves");
        assert_eq!(found("' OR 1=1 --").await, 0);
        assert_eq!(found("  ").await, 30);
    });
}

#[test]
fn a_waiting_lead_is_canceled_on_record_and_one_in_a_call_is_not() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(3)).await;
        let page = store.leads(id, &LeadFilter::default(), None, 10).await;
        let page = page.expect("read");
        let cancel = |lead| store.lead_cancel(id, lead);
        assert_eq!(cancel(page[2].id).await.expect("written"), Cancelled::Yes);
        assert_eq!(cancel(page[2].id).await.expect("written"), Cancelled::Done);
        assert_eq!(cancel(LeadId(999)).await.expect("read"), Cancelled::Gone);
        let elsewhere = store.lead_cancel(CampaignId(999), page[1].id).await;
        assert_eq!(elsewhere.expect("read"), Cancelled::Gone);
        let claim = store.claim(id, NOW, 10).await.expect("claimed");
        assert_eq!(claim.leads.len(), 2, "the canceled one is not dialled");
        assert_eq!(cancel(page[0].id).await.expect("read"), Cancelled::Calling);
        let seen = store.lead_of(id, page[2].id).await.expect("read");
        let seen = seen.expect("there");
        assert_eq!(seen.disposition, Some(Disposition::Canceled));
        assert_eq!((seen.status.as_str(), seen.next_unix_ms), ("done", None));
    });
}

#[test]
fn a_check_counts_what_an_import_would_do_and_stores_nothing() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(2)).await;
        store
            .dnc_add(&phone(3), "asked", "operator")
            .await
            .expect("written");
        let list = leads(5);
        let checked = store.import_check(Some(id), &list).await.expect("read");
        assert_eq!((checked.added, checked.known, checked.on_dnc), (3, 2, 1));
        let free = store.import_check(None, &list).await.expect("read");
        assert_eq!((free.added, free.known), (5, 0));
        assert_eq!(store.progress(id).await.expect("read").queued, 2);
        let done = store.import(id, &list).await.expect("written");
        assert_eq!(done, checked);
    });
}

#[test]
fn columns_are_remembered_for_each_tenant() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let fields = [("客户".to_owned(), "name".to_owned())].into();
        let (one, two) = (TenantId(1), TenantId(2));
        store
            .columns_remember(one, "abc", &fields)
            .await
            .expect("written");
        assert_eq!(
            store.columns_recall(one, "abc").await.expect("read"),
            Some(fields)
        );
        assert_eq!(store.columns_recall(two, "abc").await.expect("read"), None);
    });
}

/// A call with the events that figures are made of.
async fn call(store: &Store, lead: &ClaimedLead, id: &str, steps: &[&str], end: Disposition) {
    let attempt = begin(store, lead, id).await;
    let mut events: Vec<CallEvent> = vec![event(id, 10, Happening::Answered)];
    for step in steps {
        events.push(event(
            id,
            20,
            Happening::Step {
                step: (*step).into(),
            },
        ));
        let intent = Happening::Intent {
            intent: "yes".into(),
            score: 0.9,
            evidence: "好".into(),
        };
        events.push(event(id, 30, intent));
        let said = Happening::Said {
            spoken_ms: 900,
            interrupted: *step == "offer",
        };
        events.push(event(id, 35, said));
        events.push(event(id, 40, Happening::TurnLatency { ms: 500 }));
    }
    events.push(event(id, 50, Happening::NoMatch { count: 1 }));
    for event in events {
        store.journal().write(event);
    }
    store.journal().flush().await;
    let mut done = outcome(attempt, id, end);
    done.talk_ms = 30_000;
    done.grade = Some(Grade::A);
    done.bridged = (end == Disposition::Transferred).then(|| "lin".into());
    done.tags = vec![TagHit {
        tag: "interested".into(),
        evidence: "好".into(),
        score: 0.9,
        at: crate::terms::Ms(30),
    }];
    store.finish_attempt(&done).await.expect("stored");
}

#[test]
fn figures_count_calls_steps_and_hours() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let id = campaign(&store, "spring", &leads(4)).await;
        let claim = store.claim(id, NOW, 4).await.expect("claimed");
        let l = &claim.leads;
        call(
            &store,
            &l[0],
            "a",
            &["open", "offer"],
            Disposition::Transferred,
        )
        .await;
        call(&store, &l[1], "b", &["open"], Disposition::CalleeHangup).await;
        let busy = begin(&store, &l[2], "c").await;
        store
            .finish_attempt(&outcome(busy, "c", Disposition::Busy))
            .await
            .expect("stored");
        let stats = store
            .campaign_stats(id, 8 * 3_600_000, NOW)
            .await
            .expect("read");
        assert_eq!((stats.dialed, stats.connected), (3, 2));
        assert_eq!((stats.intent, stats.converted), (2, 1));
        assert_eq!(stats.grades, [(Grade::A, 2)]);
        assert!(stats.dispositions.contains(&(Disposition::Busy, 1)));
        let step = |step: &str, entered, left| StepCount {
            step: step.into(),
            entered,
            left,
        };
        assert_eq!(stats.funnel, [step("open", 2, 1), step("offer", 1, 1)]);
        assert_eq!(stats.intents, [("yes".to_owned(), 3)]);
        assert_eq!(stats.talk_p50_ms, Some(30_000));
        // 08:00 UTC is four in the afternoon in China.
        assert_eq!(
            stats.hours,
            [HourCount {
                hour: 16,
                dialed: 3,
                connected: 2
            }]
        );
        assert_eq!(stats.pace.len(), 1);
        let robot = store
            .robot_stats(TenantId(1), NOW - 1000)
            .await
            .expect("read");
        assert_eq!((robot.calls, robot.connected), (3, 2));
        assert_eq!((robot.no_match, robot.interruptions), (2, 1));
        assert_eq!(robot.latency_p95_ms, Some(500));
        let none = store.robot_stats(TenantId(2), 0).await.expect("read");
        assert_eq!((none.calls, none.latency_p50_ms), (0, None));
        let agents = store
            .agent_stats(TenantId(1), 0, &["sold"])
            .await
            .expect("read");
        assert!(agents.is_empty());
    });
}

#[test]
fn agents_figures_come_from_offers_work_and_reviews() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        for sql in [
            "INSERT INTO agent_offers (tenant_id, agent, call_id, offered_at, how) VALUES (1, 'lin', 'a', 10, 'accepted'), \
             (1, 'lin', 'b', 20, 'timeout'), (1, 'lin', 'c', 30, 'taken'), (2, 'far', 'd', 30, 'accepted')",
            "INSERT INTO agent_work (tenant_id, agent, call_id, answered_at, left_at, wrapped_at, outcome) \
             VALUES (1, 'lin', 'a', 100, 5100, 7100, 'sold'), (1, 'lin', 'e', 200, NULL, NULL, NULL)",
            "INSERT INTO call_notes (call_id, tenant_id, by_whom, text, score, at) VALUES ('a', 1, 'sun', 'good', 80, 9), \
             ('a', 1, 'sun', 'better', 90, 9), ('a', 1, 'sun', 'no score', NULL, 9)",
        ] {
            sqlx::query(sql)
                .execute(&store.0.write)
                .await
                .expect("written");
        }
        let agents = store
            .agent_stats(TenantId(1), 0, &["sold"])
            .await
            .expect("read");
        assert_eq!(agents.len(), 1);
        let lin = &agents[0];
        assert_eq!((lin.offered, lin.accepted, lin.missed), (3, 1, 1));
        assert_eq!((lin.talk_ms, lin.wrap_ms, lin.conversions), (5000, 2000, 1));
        assert_eq!(lin.score, Some(85.0));
    });
}

#[test]
fn figures_read_the_index_and_not_the_journal() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let plan = sqlx::query(
            "EXPLAIN QUERY PLAN SELECT COALESCE(e.json ->> 'step', e.json ->> 'intent', e.json ->> 'ms', e.json ->> 'interrupted') \
             FROM leads l JOIN attempts a ON a.lead_id = l.id JOIN events e ON e.call_id = a.call_id \
             WHERE l.campaign_id = 1 AND e.json ->> 'kind' = 'step' AND e.json ->> 'kind' IN \
             ('step', 'intent', 'heard', 'said', 'no_match', 'no_input', 'turn_latency', 'agent_wanted')",
        )
        .fetch_all(&store.0.read)
        .await
        .expect("a plan");
        let lines: Vec<String> = plan.iter().map(|r| r.get::<String, _>(3)).collect();
        let lines = lines.join("\n");
        assert!(lines.contains("events_marks"), "{lines}");
    });
}

#[test]
fn results_by_the_page_are_the_results_at_once() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        let mut list = leads(7);
        list[3] = LeadRow { row: 2, ..lead(3) };
        let id = campaign(&store, "spring", &list).await;
        let claim = store.claim(id, NOW, 2).await.expect("claimed");
        call(
            &store,
            &claim.leads[0],
            "a",
            &["open"],
            Disposition::Completed,
        )
        .await;
        call(&store, &claim.leads[1], "b", &[], Disposition::NoAnswer).await;
        let all = store.export("spring").await.expect("read");
        let mut paged = Vec::new();
        let mut from = Some(ResultCursor::START);
        while let Some(at) = from {
            let (rows, next) = store.results(id, at, 2).await.expect("read");
            paged.extend(rows);
            from = next;
        }
        assert_eq!(paged.len(), all.len());
        for row in &all {
            assert!(paged.contains(row), "{row:?}");
        }
        assert_eq!(store.result_columns(id).await.expect("read"), ["城市"]);
    });
}
