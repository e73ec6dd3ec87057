//! The chain against whoever changes the log behind its back.

use super::*;
use crate::store::tests::{open, run};
use serde_json::json;

fn entry(n: u32) -> AuditEntry {
    AuditEntry {
        tenant: TenantId(1),
        who: "sun".into(),
        role: "supervisor".into(),
        action: "calls.listen".into(),
        object: format!("call:c{n}"),
        detail: json!({"n": n}),
    }
}

/// What somebody with the database file does, and the row that is then said to be broken.
fn after(tampering: &'static [&'static str]) -> Option<i64> {
    run(async move {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path()).await;
        for n in 1..=5 {
            store.audit(&entry(n)).await.unwrap();
        }
        let whole = store.audit_verify().await.unwrap();
        assert_eq!((whole.rows, whole.broken_at), (5, None));
        for sql in tampering {
            sqlx::query(*sql).execute(&store.0.write).await.unwrap();
        }
        store.audit_verify().await.unwrap().broken_at
    })
}

#[test]
fn a_row_that_was_changed_taken_out_or_put_in_is_named() {
    const OPEN_U: &str = "DROP TRIGGER audit_is_not_changed";
    const OPEN_D: &str = "DROP TRIGGER audit_is_not_deleted";
    assert_eq!(
        after(&[OPEN_U, "UPDATE audit SET who = 'wang' WHERE id = 3"]),
        Some(3)
    );
    assert_eq!(
        after(&[OPEN_U, "UPDATE audit SET at = at + 1 WHERE id = 1"]),
        Some(1)
    );
    assert_eq!(
        after(&[OPEN_U, "UPDATE audit SET detail = 'x' WHERE id = 2"]),
        Some(2)
    );
    assert_eq!(
        after(&[OPEN_U, "UPDATE audit SET hash = 'x' WHERE id = 4"]),
        Some(4)
    );
    assert_eq!(after(&[OPEN_D, "DELETE FROM audit WHERE id = 2"]), Some(2));
    assert_eq!(after(&[OPEN_D, "DELETE FROM audit WHERE id = 5"]), Some(5));
    assert_eq!(after(&[OPEN_D, "DELETE FROM audit"]), Some(1));
    const COPY: &str = "INSERT INTO audit SELECT id + 1, tenant_id, at, who, role, action, object, detail, hash FROM audit WHERE id = 5";
    assert_eq!(after(&[COPY]), Some(6));
}

#[test]
fn the_database_itself_refuses_to_change_or_delete_a_row() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path()).await;
        store.audit(&entry(1)).await.unwrap();
        for sql in ["UPDATE audit SET who = 'wang'", "DELETE FROM audit"] {
            let refused = sqlx::query(sql).execute(&store.0.write).await;
            let words = refused.expect_err(sql).to_string();
            assert!(words.contains("append-only"), "{words}");
        }
    });
}

#[test]
fn no_phone_number_reaches_the_log() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path()).await;
        let mut said = entry(1);
        said.detail = json!({"q": ["call +8613800138000 now"], "row": "1234567", "at": 1_800_000_000_000_i64});
        store.audit(&said).await.unwrap();
        let filter = AuditFilter {
            limit: 10,
            ..AuditFilter::default()
        };
        let rows = store.audit_rows(TenantId(1), &filter).await.unwrap();
        let detail = rows[0].entry.detail.to_string();
        assert_eq!(
            detail,
            r#"{"q":["call +861****00 now"],"row":"1234567","at":1800000000000}"#
        );
        assert_eq!(store.audit_verify().await.unwrap().broken_at, None);
    });
}

#[test]
fn a_tenant_reads_its_own_rows_only_and_by_person_and_action() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path()).await;
        for (tenant, who, action) in [
            (1, "sun", "calls.listen"),
            (2, "sun", "calls.listen"),
            (1, "wang", "calls.listen"),
            (1, "sun", "callsign"),
            (1, "sun", "users.add"),
        ] {
            let mut row = entry(1);
            (row.tenant, row.who, row.action) = (TenantId(tenant), who.into(), action.into());
            store.audit(&row).await.unwrap();
        }
        let filter = AuditFilter {
            who: Some("sun".into()),
            action: Some("calls".into()),
            limit: 10,
            ..AuditFilter::default()
        };
        let rows = store.audit_rows(TenantId(1), &filter).await.unwrap();
        assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [1]);
    });
}
