//! Outgoing webhooks from the outcome in the database to a real receiver over HTTP, and what people do about them.

mod receiver;

use crate::web_rig::Rig;
use callsmith::app::webhook_http::WebhookHttp;
use callsmith::campaign::webhook::guard::Guard;
use callsmith::campaign::webhook::{Sender, sign};
use callsmith::store::{
    Afterwards, AttemptOutcome, Begun, CallbackWish, CampaignId, LeadNext, LeadRow, NewAttempt,
    NewHook, Store, StoreOptions, TenantId, outbox,
};
use callsmith::terms::{CallEvent, CallId, Clock, Disposition, Grade, Happening, Ms, Phone};
use callsmith::web::access::Role;
use receiver::{Does, Got, receiver};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

const NOW: i64 = 1_800_000_000_000;

fn run<F: Future>(body: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(body)
}

async fn open(dir: &Path, clock: &Clock) -> Store {
    let store = Store::open_with(dir, clock.clone(), StoreOptions::default()).await;
    store.expect("the store opens")
}

async fn hook(store: &Store, port: u16, events: &[&str]) -> i64 {
    let new = NewHook {
        url: format!("http://127.0.0.1:{port}/hook"),
        events: events.iter().map(|e| (*e).to_string()).collect(),
        secret: sign::secret_of(&[9; 32]).0,
        by: "ops".into(),
    };
    let made = store.webhook_create(TenantId::PLATFORM, &new).await;
    made.expect("written")
}

/// A campaign of one lead, its call begun.
async fn dialled(store: &Store, call: &str) -> (CampaignId, callsmith::store::AttemptId) {
    let campaign = store
        .campaign_create("spring", "plan.yaml", "list.csv")
        .await;
    let campaign = campaign.expect("a campaign");
    let lead = LeadRow {
        row: 2,
        phones: vec![Phone::new("+8613800138000")],
        name: Some("王芳".into()),
        vars: [("城市".to_string(), "上海".to_string())].into(),
        ..LeadRow::default()
    };
    store.import(campaign, &[lead]).await.expect("imported");
    let now = NOW;
    let lead = store
        .claim(campaign, now, 1)
        .await
        .expect("claimed")
        .leads
        .remove(0);
    let new = NewAttempt {
        lead: lead.id,
        call: CallId(call.into()),
        phone: lead.phone,
        trunk: "main".into(),
        caller_id: "02112345678".into(),
    };
    match store.begin_attempt(&new).await.expect("begun") {
        Begun::Started { id, .. } => (campaign, id),
        Begun::Refused(why) => panic!("refused: {why}"),
    }
}

fn outcome(attempt: callsmith::store::AttemptId, call: &str) -> AttemptOutcome {
    AttemptOutcome {
        attempt,
        call: CallId(call.into()),
        disposition: Disposition::Callback,
        result: Some("booked".into()),
        grade: Some(Grade::A),
        reasons: vec!["有兴趣".into()],
        cause: None,
        ring_ms: 3_000,
        talk_ms: 42_000,
        bridged: Some("li".into()),
        recording: Some(format!("{call}.wav")),
        ended_unix_ms: NOW,
        tags: Vec::new(),
        slots: Vec::new(),
        callback: Some(CallbackWish {
            evidence: "明天下午三点".into(),
            said: Some("2027-01-16T15:00".into()),
            due_unix_ms: Some(NOW + 86_400_000),
        }),
        after: Afterwards {
            card: vec![("孩子年级".into(), "小学".into())],
            ..Afterwards::default()
        },
        next: LeadNext::Done,
    }
}

fn sender(store: &Store, clock: &Clock, port: u16) -> Sender {
    let guard = Guard::new(&[format!("127.0.0.1:{port}")]);
    Sender::new(store.clone(), clock.clone(), guard, Arc::new(WebhookHttp))
}

#[test]
fn what_a_dead_process_did_not_deliver_comes_after_the_restart_byte_for_byte() {
    let dir = tempfile::tempdir().expect("a folder");
    let clock = Clock::fixed(NOW);
    // The first try arrives and is not answered: at least once means twice then.
    let (port, got) = receiver(vec![Does::Dies, Does::Status(200)]);
    let stored = run(async {
        let store = open(dir.path(), &clock).await;
        hook(&store, port, &["call.ended"]).await;
        let (_, attempt) = dialled(&store, "c1").await;
        let end = outcome(attempt, "c1");
        store.finish_attempt(&end).await.expect("stored");
        let due = store.deliveries_due(NOW, 4, &Default::default()).await;
        // Nothing is closed or flushed: the process is gone here.
        due.expect("read").remove(0)
    });
    run(async {
        let store = open(dir.path(), &clock).await;
        let sending = sender(&store, &clock, port);
        assert_eq!(sending.send_due().await.expect("sent"), 1);
        clock.set(NOW + 5_000);
        assert_eq!(sending.send_due().await.expect("sent"), 1);
        let (first, second) = (got.recv().expect("one"), got.recv().expect("two"));
        assert_eq!(first.body, stored.body);
        assert_eq!(second.body, stored.body);
        assert_eq!(first.header("webhook-id"), stored.message);
        assert_eq!(second.header("webhook-id"), stored.message);
        let told = second.json();
        assert_eq!(told["type"], "call.ended");
        let data = &told["data"];
        assert_eq!(data["phone"], "+8613800138000");
        assert_eq!(data["lead"]["vars"]["城市"], "上海");
        assert_eq!(data["disposition"], "callback");
        assert_eq!(data["grade"], "A");
        assert_eq!(data["card"]["孩子年级"], "小学");
        assert_eq!(data["recording"], "/api/v1/calls/c1/recording.wav");
        assert_eq!(data["callback"]["said"], "2027-01-16T15:00");
        let (_, shown) = sign::secret_of(&[9; 32]);
        let signed = |got: &Got, body: &str, now: i64| {
            let headers = (
                got.header("webhook-id"),
                got.header("webhook-timestamp"),
                got.header("webhook-signature"),
            );
            sign::verify(&shown, headers, body, now / 1000)
        };
        assert_eq!(signed(&second, &second.body, NOW), Ok(()));
        let tampered = second.body.replacen("王", "汪", 1);
        assert!(signed(&second, &tampered, NOW).is_err());
        assert!(signed(&second, &second.body, NOW + 600_000).is_err());
        // The same outcome again, as after a replayed spool file, is no second message.
        clock.set(NOW + 100_000);
        assert_eq!(sending.send_due().await.expect("sent"), 0);
    });
}

#[test]
fn messages_about_one_call_come_in_their_order_and_every_event_has_its_message() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Clock::fixed(NOW);
        let (port, got) = receiver(vec![Does::Status(500), Does::Status(200)]);
        let store = open(dir.path(), &clock).await;
        hook(&store, port, &outbox::EVENTS).await;
        let (_, attempt) = dialled(&store, "c1").await;
        let graded = CallEvent {
            call: CallId("c1".into()),
            at: Ms(0),
            what: serde_json::from_value(
                json!({"kind": "graded", "grade": "A", "reasons": ["有兴趣"]}),
            )
            .expect("an event"),
        };
        assert!(matches!(graded.what, Happening::Graded { .. }));
        store.journal().write(graded);
        store.journal().flush().await;
        let sending = sender(&store, &clock, port);
        // While the call is live, and not taken.
        assert_eq!(sending.send_due().await.expect("sent"), 1);
        let phone = Phone::new("+8613800138000");
        store
            .opt_out(&phone, "别打了", "callee, call c1")
            .await
            .expect("kept");
        store
            .finish_attempt(&outcome(attempt, "c1"))
            .await
            .expect("stored");
        // Only what is about no call: the others wait behind the first.
        assert_eq!(sending.send_due().await.expect("sent"), 1);
        clock.set(NOW + 5_000);
        assert_eq!(sending.send_due().await.expect("sent"), 4);
        let mut types = Vec::new();
        while let Ok(message) = got.try_recv() {
            types.push(
                message.json()["type"]
                    .as_str()
                    .unwrap_or_default()
                    .to_string(),
            );
        }
        assert_eq!(
            types,
            [
                "lead.graded_hot",
                "campaign.finished",
                "lead.graded_hot",
                "lead.opted_out",
                "callback.requested",
                "call.ended",
            ]
        );
    });
}

#[test]
fn a_redirect_to_this_machine_and_a_flood_of_an_answer_do_no_harm() {
    run(async {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Clock::fixed(NOW);
        let (trap, trapped) = receiver(vec![Does::Status(200)]);
        let to = format!("http://127.0.0.1:{trap}/");
        let (port, got) = receiver(vec![Does::Redirects(to), Does::Floods]);
        let store = open(dir.path(), &clock).await;
        let hook = hook(&store, port, &["call.ended"]).await;
        store
            .webhook_test(TenantId::PLATFORM, hook)
            .await
            .expect("written");
        let sending = sender(&store, &clock, port);
        sending.send_due().await.expect("sent");
        assert!(got.try_recv().is_ok());
        assert!(trapped.try_recv().is_err(), "the redirect was followed");
        clock.set(NOW + 5_000);
        sending.send_due().await.expect("sent");
        let rows = store
            .deliveries(TenantId::PLATFORM, hook, None, 9)
            .await
            .expect("read");
        assert_eq!(rows[0].status, "done");
    });
}

#[test]
fn the_sample_in_the_documentation_tells_good_messages_from_bad_ones() {
    let guide = include_str!("../../../src/web/webhooks/guide.md");
    let code = guide
        .split("```python")
        .nth(1)
        .and_then(|c| c.split("```").next());
    let code = code.expect("the sample");
    let (kept, secret) = sign::secret_of(&[4; 32]);
    let body = "{\"type\": \"call.ended\", \"data\": {\"name\": \"王\"}}";
    let signed = sign::signatures(&[kept], "msg_1", 1_000, body).expect("signed");
    let program = format!(
        "{code}\nimport sys\nheaders = {{'webhook-id': 'msg_1', 'webhook-timestamp': '1000', 'webhook-signature': 'v1,AAAA {signed}'}}\n\
         body = sys.argv[1].encode()\nverify({secret:?}, headers, body, now=1100)\n\
         for bad, now in ((body.replace(b'ended', b'endet'), 1100), (body, 1301), (body, 699)):\n    try:\n        verify({secret:?}, headers, bad, now=now)\n    except ValueError:\n        continue\n    raise SystemExit('a bad message was believed')\n"
    );
    let ran = std::process::Command::new("python3")
        .args(["-c", &program, body])
        .output();
    match ran {
        Ok(ran) => assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        ),
        Err(_) => println!("skipped: there is no python3 here"),
    }
}

#[test]
fn people_make_test_change_and_replay_webhooks_and_see_the_secret_once() {
    let (port, got) = receiver(vec![Does::Status(200)]);
    let allowed = Guard::new(&[format!("127.0.0.1:{port}")]);
    let guard = allowed.clone();
    let rig = Rig::start_with(|shared| shared.webhooks.guard = guard);
    let ops = rig.login(Role::Ops);
    for url in [
        "http://crm.example/",
        "https://169.254.169.254/",
        "https://[::ffff:127.0.0.1]/",
        "https://0x7f.1/",
        "https://localhost/",
        "gopher://crm.example/",
    ] {
        let made = ops.post("/webhooks", json!({"url": url, "events": ["call.ended"]}));
        assert_eq!(made.status, 422, "{url}: {}", made.body);
        assert_eq!(made.json()["error"]["field"], "url");
    }
    let url = format!("http://127.0.0.1:{port}/x");
    let bad = ops.post("/webhooks", json!({"url": url, "events": ["call.began"]}));
    assert_eq!(bad.json()["error"]["field"], "events");
    let made = ops.post("/webhooks", json!({"url": url, "events": ["call.ended"]}));
    assert_eq!(made.status, 201, "{}", made.body);
    let secret = made.json()["secret"]
        .as_str()
        .expect("a secret")
        .to_string();
    let id = made.json()["hook"]["id"].as_i64().expect("an id");
    assert!(!ops.get("/webhooks").body.contains(&secret[6..]));
    assert_eq!(rig.login(Role::Supervisor).get("/webhooks").status, 403);
    let other = rig.merchant("other", false);
    let stranger = rig.login_of(other, Role::Admin);
    let path = format!("/webhooks/{id}/deliveries");
    assert_eq!(stranger.get(&path).status, 404);
    assert_eq!(stranger.delete(&format!("/webhooks/{id}")).status, 404);
    assert_eq!(
        ops.post(&format!("/webhooks/{id}/test"), json!({})).status,
        202
    );
    let post = Arc::new(WebhookHttp);
    let sending = Sender::new(rig.store.clone(), rig.clock.clone(), allowed, post);
    assert_eq!(rig.run(sending.send_due()).expect("sent"), 1);
    let message = got.recv().expect("it came");
    let headers = (
        message.header("webhook-id"),
        message.header("webhook-timestamp"),
        message.header("webhook-signature"),
    );
    let now = crate::web_rig::NOW / 1000;
    assert_eq!(sign::verify(&secret, headers, &message.body, now), Ok(()));
    let rows = ops.get(&format!("/webhooks/{id}/deliveries")).json();
    assert_eq!(rows["items"][0]["status"], "done");
    let delivery = rows["items"][0]["id"].as_i64();
    // A new secret: for a day both are good.
    let rotated = ops
        .post(&format!("/webhooks/{id}/secret"), json!({}))
        .json();
    let fresh = rotated["secret"].as_str().expect("a secret").to_string();
    let again = ops.post(
        &format!("/webhooks/{id}/replay"),
        json!({"delivery": delivery}),
    );
    assert_eq!(again.json()["deliveries"], 1);
    assert_eq!(rig.run(sending.send_due()).expect("sent"), 1);
    let message = got.recv().expect("it came");
    for secret in [&secret, &fresh] {
        let headers = (
            message.header("webhook-id"),
            message.header("webhook-timestamp"),
            message.header("webhook-signature"),
        );
        assert_eq!(sign::verify(secret, headers, &message.body, now), Ok(()));
    }
    let paused = ops.patch(&format!("/webhooks/{id}"), json!({"active": false}));
    assert_eq!(paused.json()["state"], "paused");
    let moved = ops.patch(
        &format!("/webhooks/{id}"),
        json!({"url": "https://10.0.0.1/"}),
    );
    assert_eq!(moved.status, 422);
    assert_eq!(ops.delete(&format!("/webhooks/{id}")).status, 204);
    let log = rig
        .login(Role::Auditor)
        .get("/audit?action=webhooks")
        .json();
    let actions: Vec<&str> = log["items"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|r| r["action"].as_str())
        .collect();
    assert!(
        actions.contains(&"webhooks.create") && actions.contains(&"webhooks.secret"),
        "{actions:?}"
    );
    assert!(
        !rig.login(Role::Auditor)
            .get("/audit")
            .body
            .contains(&fresh[6..])
    );
}
