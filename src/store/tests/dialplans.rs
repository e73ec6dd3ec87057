//! Published dialplans.

use super::*;
use crate::store::{BundleFile, NewVersion, Published};
use sqlx::Connection;

fn version(text: &str) -> NewVersion {
    NewVersion {
        name: "trial-zh".into(),
        lang: "zh".into(),
        files: vec![BundleFile {
            path: "trial-zh.yaml".into(),
            text: text.into(),
        }],
        by: "ops".into(),
        note: "试一试".into(),
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
        let active = store.dialplan("trial-zh", None).await.unwrap().unwrap();
        assert_eq!((active.version, active.active), (2, true));
        assert_eq!(active.files[0].text, "two");
        assert!(store.dialplan_rollback("trial-zh", 1, "ops").await.unwrap());
        assert!(!store.dialplan_rollback("trial-zh", 7, "ops").await.unwrap());
        let active = store.dialplan("trial-zh", None).await.unwrap().unwrap();
        assert_eq!((active.version, active.files[0].text.as_str()), (1, "one"));
        // What was rolled back from may be published again: it is a version of its own.
        assert_eq!(publish("two").await, Published::New(3));
        let all = store.dialplans(Some("trial-zh")).await.unwrap();
        let all: Vec<(i64, bool)> = all.iter().map(|v| (v.version, v.active)).collect();
        assert_eq!(all, [(3, true), (2, false), (1, false)]);
        assert!(store.dialplan("other", None).await.unwrap().is_none());
        assert!(store.dialplans(Some("other")).await.unwrap().is_empty());
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
        let told = store.dialplan("trial-zh", None).await.unwrap_err();
        assert!(told.to_string().contains("changed after it was published"));
    });
}
