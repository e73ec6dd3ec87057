//! What is told to others and what can be found later, when the database was locked or the process died.

use super::faults::{grab, let_go};
use super::*;
use crate::store::outbox::CALL_ENDED;

async fn hook(store: &Store) {
    let new = NewHook {
        url: "https://crm.example/".into(),
        events: vec![CALL_ENDED.into()],
        secret: "AAAA".into(),
        by: "ops".into(),
    };
    let made = store.webhook_create(TenantId::PLATFORM, &new).await;
    made.expect("written");
}

async fn due(store: &Store) -> Vec<DueDelivery> {
    let due = store
        .deliveries_due(NOW + DAY, 9, &Default::default())
        .await;
    due.expect("read")
}

async fn dialled(store: &Store, call: &str) -> AttemptId {
    let id = campaign(store, "spring", &leads(1)).await;
    let claim = store.claim(id, NOW, 1).await.expect("claimed");
    begin(store, &claim.leads[0], call).await
}

fn saying(call: &str, at: u64, text: &str) -> CallEvent {
    let (step, text) = ("s".to_string(), text.to_string());
    event(call, at, Happening::Saying { step, text })
}

fn over(call: &str) -> CallEvent {
    let what = Happening::Ended {
        disposition: Disposition::Completed,
        result: None,
        cause: None,
        ring_ms: 0,
        talk_ms: 0,
    };
    event(call, 9000, what)
}

async fn found(store: &Store, words: &str) -> usize {
    let filter = PastFilter {
        words: Some(words.into()),
        ..PastFilter::default()
    };
    let calls = store.past_calls(TenantId::PLATFORM, &filter, 9).await;
    calls.expect("read").len()
}

#[test]
fn an_outcome_that_came_by_the_spool_file_is_told_once() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        hook(&store).await;
        let attempt = dialled(&store, "call-1").await;
        let end = outcome(attempt, "call-1", Disposition::Busy);
        let other = grab(dir.path()).await;
        for _ in 0..2 {
            let kept = store.finish_attempt(&end).await.expect("kept");
            assert_eq!(kept, Finished::Spooled);
        }
        assert!(due(&store).await.is_empty());
        let_go(other).await;
        store.journal().flush().await;
        let told = due(&store).await;
        assert_eq!(told.len(), 1);
        assert!(told[0].body.contains("\"disposition\":\"busy\""));
        let again = store.finish_attempt(&end).await.expect("known");
        assert_eq!(again, Finished::AlreadyEnded);
        assert_eq!(due(&store).await, told);
    });
}

#[test]
fn a_call_that_the_process_died_in_is_told_and_found_after_the_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    run(async {
        let (store, _) = open(dir.path()).await;
        hook(&store).await;
        dialled(&store, "call-1").await;
        let journal = store.journal();
        journal.write(saying("call-1", 10, "您好，续费优惠"));
        journal.flush().await;
    });
    run(async {
        let (store, _) = open(dir.path()).await;
        assert_eq!(found(&store, "续费").await, 0);
        let recovered = store.recover(NOW, RecoverRules::default()).await;
        recovered.expect("settled");
        assert_eq!(found(&store, "续费").await, 1);
        let told = due(&store).await;
        assert_eq!(told.len(), 1);
        assert!(told[0].body.contains("\"disposition\":\"interrupted\""));
    });
}

#[test]
fn words_that_come_late_are_found_as_well() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        dialled(&store, "call-1").await;
        let journal = store.journal();
        let other = grab(dir.path()).await;
        journal.write(saying("call-1", 10, "您好"));
        journal.flush().await;
        let_go(other).await;
        // The end goes into the database before the spool file does.
        journal.write(over("call-1"));
        journal.flush().await;
        assert_eq!(found(&store, "您好").await, 1);
        let detail = store.past_call(TenantId::PLATFORM, "call-1").await;
        let detail = detail.expect("read").expect("there");
        assert_eq!(detail.transcript.len(), 1);
    });
}

#[test]
fn numbers_called_before_there_was_a_book_of_contacts_are_in_it() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        dialled(&store, "call-1").await;
        let mut db = store.0.write.acquire().await.expect("a connection");
        sqlx::query("DELETE FROM contacts")
            .execute(&mut *db)
            .await
            .expect("as before");
        drop(db);
        let all = ContactFilter::default();
        let book = store
            .contacts(TenantId::PLATFORM, &all, 9)
            .await
            .expect("read");
        assert_eq!(book.len(), 1);
        let id = store.contact_id(TenantId::PLATFORM, &phone(0)).await;
        assert_eq!(book[0].contact, id.expect("made"));
        assert_eq!(book[0].calls, 1);
    });
}

#[test]
fn delivered_messages_are_forgotten_after_their_time_and_waiting_ones_are_not() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = open(dir.path()).await;
        hook(&store).await;
        let attempt = dialled(&store, "call-1").await;
        let end = outcome(attempt, "call-1", Disposition::Busy);
        store.finish_attempt(&end).await.expect("stored");
        assert_eq!(store.outbox_trim(NOW + DAY).await.expect("trimmed"), 0);
        let waiting = due(&store).await.remove(0);
        store
            .delivery_tried(&waiting, &Tried::Done)
            .await
            .expect("written");
        assert_eq!(store.outbox_trim(NOW + DAY).await.expect("trimmed"), 1);
        assert_eq!(store.deliveries_waiting().await.expect("read"), 0);
    });
}
