//! Published dialplans.

use super::*;
use crate::store::{BundleFile, NewVersion, Published};
use sqlx::Connection;

const OWN: TenantId = TenantId::PLATFORM;

fn version(text: &str) -> NewVersion {
    NewVersion {
        tenant: OWN,
        name: "trial-zh".into(),
        lang: "zh".into(),
        files: vec![BundleFile {
            path: "trial-zh.yaml".into(),
            text: text.into(),
        }],
        by: "ops".into(),
        note: "试一试".into(),
        audit: None,
    }
}

#[test]
fn versions_are_numbered_never_change_and_one_counts() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (store, clock) = open(dir.path()).await;
        let publish = async |text: &str| store.dialplan_publish(&version(text)).await.unwrap();
        assert_eq!(publish("one").await, Published::New(1));
        assert_eq!(publish("one").await, Published::Same(1));
        clock.set(NOW + 1000);
        assert_eq!(publish("two").await, Published::New(2));
        let active = store
            .dialplan(OWN, "trial-zh", None)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((active.version, active.active), (2, true));
        assert_eq!(active.files[0].text, "two");
        assert!(
            store
                .dialplan_rollback(OWN, "trial-zh", 1, "ops", None)
                .await
                .unwrap()
        );
        assert!(
            !store
                .dialplan_rollback(OWN, "trial-zh", 7, "ops", None)
                .await
                .unwrap()
        );
        let active = store
            .dialplan(OWN, "trial-zh", None)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((active.version, active.files[0].text.as_str()), (1, "one"));
        // What was rolled back from may be published again: it is a version of its own.
        assert_eq!(publish("two").await, Published::New(3));
        let all = store.dialplans(OWN, Some("trial-zh")).await.unwrap();
        let all: Vec<(i64, bool)> = all.iter().map(|v| (v.version, v.active)).collect();
        assert_eq!(all, [(3, true), (2, false), (1, false)]);
        assert!(store.dialplan(OWN, "other", None).await.unwrap().is_none());
        assert!(
            store
                .dialplans(OWN, Some("other"))
                .await
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn a_version_that_was_tampered_with_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (store, _) = open(dir.path()).await;
        store.dialplan_publish(&version("one")).await.unwrap();
        let mut db = sqlx::SqliteConnection::connect(&format!(
            "sqlite:{}",
            dir.path().join("callsmith.db").display()
        ))
        .await
        .unwrap();
        sqlx::query("UPDATE dialplans SET files = replace(files, 'one', 'evil')")
            .execute(&mut db)
            .await
            .unwrap();
        let told = store.dialplan(OWN, "trial-zh", None).await.unwrap_err();
        assert!(told.to_string().contains("changed after it was published"));
    });
}

#[test]
fn tenants_have_dialplans_of_the_same_name_and_see_the_platforms_where_they_have_none() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (store, _) = open(dir.path()).await;
        let merchant = TenantId(2);
        store.dialplan_publish(&version("ours")).await.unwrap();
        let counts = |t| {
            let store = store.clone();
            async move {
                let found = store.dialplan_that_counts(t, "trial-zh").await.unwrap();
                found.map(|v| (v.tenant, v.version, v.files[0].text.clone()))
            }
        };
        assert_eq!(counts(merchant).await, Some((OWN, 1, "ours".into())));
        assert!(
            store
                .dialplan(merchant, "trial-zh", None)
                .await
                .unwrap()
                .is_none()
        );
        assert!(store.dialplans(merchant, None).await.unwrap().is_empty());
        let theirs = NewVersion {
            tenant: merchant,
            ..version("theirs")
        };
        assert_eq!(
            store.dialplan_publish(&theirs).await.unwrap(),
            Published::New(1)
        );
        store
            .dialplan_publish(&version("ours again"))
            .await
            .unwrap();
        assert_eq!(counts(merchant).await, Some((merchant, 1, "theirs".into())));
        assert_eq!(counts(OWN).await, Some((OWN, 2, "ours again".into())));
        // A version of the platform's is not the merchant's to go back to.
        assert!(
            !store
                .dialplan_rollback(merchant, "trial-zh", 2, "m", None)
                .await
                .unwrap()
        );
        let all = store.dialplans_that_count(merchant).await.unwrap();
        assert_eq!(all.iter().map(|v| v.version).collect::<Vec<_>>(), [1]);
    });
}

#[test]
fn calls_are_counted_by_step_for_the_tenant_and_the_dialplan_they_used() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (store, clock) = open(dir.path()).await;
        let leads = leads(3);
        let id = store
            .campaign_create("spring", "plans/trial-zh.yaml, other", "list.csv")
            .await
            .unwrap();
        store.import(id, &leads).await.unwrap();
        let claimed = store.claim(id, NOW, 10).await.unwrap().leads;
        let ways: [&[&str]; 3] = [
            &["greet", "ask", "bye"],
            &["greet"],
            &["greet", "ask", "greet"],
        ];
        for (i, (lead, steps)) in claimed.iter().zip(ways).enumerate() {
            let call = format!("call-{i}");
            let attempt = begin(&store, lead, &call).await;
            for (n, step) in steps.iter().enumerate() {
                let step = Happening::Step {
                    step: (*step).into(),
                };
                store.journal().write(event(&call, n as u64, step));
            }
            store.journal().flush().await;
            let done = outcome(attempt, &call, Disposition::Completed);
            store.finish_attempt(&done).await.unwrap();
        }
        let count = |t, name: &'static str, since| {
            let store = store.clone();
            async move { store.dialplan_passed(t, name, since).await.unwrap() }
        };
        let row = |step: &str, entered, left| StepPassed {
            step: step.into(),
            entered,
            left,
        };
        let want = [row("ask", 2, 0), row("bye", 1, 1), row("greet", 3, 2)];
        assert_eq!(count(OWN, "trial-zh", 0).await, want);
        assert_eq!(count(OWN, "other", 0).await, want);
        assert_eq!(count(OWN, "trial", 0).await, []);
        assert_eq!(count(TenantId(2), "trial-zh", 0).await, []);
        assert_eq!(count(OWN, "trial-zh", clock.unix_ms() + 1).await, []);
        let calls = store.dialplan_calls(OWN, "trial-zh", 0, 10).await.unwrap();
        assert_eq!(calls.len(), 3);
        assert!(
            store
                .dialplan_calls(TenantId(2), "trial-zh", 0, 10)
                .await
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn what_was_dismissed_stays_so_for_its_tenant_and_dialplan() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (store, _) = open(dir.path()).await;
        let words = ["a b".to_string(), "c".to_string()];
        for _ in 0..2 {
            store
                .suggestions_dismiss(OWN, "p", &words, "ops")
                .await
                .unwrap();
        }
        let known = store.suggestions_dismissed(OWN, "p").await.unwrap();
        assert_eq!(known, words.into());
        assert!(
            store
                .suggestions_dismissed(OWN, "q")
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            store
                .suggestions_dismissed(TenantId(2), "p")
                .await
                .unwrap()
                .is_empty()
        );
    });
}
