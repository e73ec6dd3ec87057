//! Calls that are over, over HTTP: found, read, played, reviewed.

mod people;

use crate::web_rig::{Client, PLATFORM, Rig};
use callsmith::store::{
    Afterwards, AttemptId, AttemptOutcome, Begun, FollowUpWish, LeadNext, LeadRow, NewAttempt,
    SipTrace, Store, TagHit, TenantId,
};
use callsmith::terms::{CallEvent, CallId, Disposition, Grade, Ms, Phone};
use callsmith::web::access::Role;
use serde_json::{Value, json};

/// Stored in a list, a display name and recognised speech: whoever shows it must show it as text.
const EVIL: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
const NUMBER: &str = "+8613800138000";

struct Seed<'a> {
    call: &'a str,
    phone: &'a str,
    name: &'a str,
    heard: &'a str,
    agent: &'a str,
}

const FIRST: Seed<'_> = Seed {
    call: "c1-0001",
    phone: NUMBER,
    name: EVIL,
    heard: "这个多少钱，我要退款",
    agent: "我们保证收益 guaranteed returns",
};

fn event(call: &str, what: Value) -> CallEvent {
    let mut event = json!({"call": call, "at": what["at"].as_u64().unwrap_or(0)});
    for (k, v) in what.as_object().expect("an object") {
        event[k] = v.clone();
    }
    serde_json::from_value(event).expect("an event")
}

/// A call up to the moment before its outcome.
async fn talk(store: &Store, seed: &Seed<'_>) -> AttemptId {
    let campaign = store
        .campaign_create("spring", "plans/spring.yaml", "list.csv")
        .await;
    let campaign = campaign.expect("a campaign");
    let lead = LeadRow {
        row: 2,
        phones: vec![Phone::new(seed.phone)],
        name: Some(seed.name.into()),
        vars: [("note".to_string(), EVIL.to_string())].into(),
        ..LeadRow::default()
    };
    store.import(campaign, &[lead]).await.expect("imported");
    let lead = store
        .claim(campaign, crate::web_rig::NOW, 1)
        .await
        .expect("claimed")
        .leads
        .remove(0);
    let new = NewAttempt {
        lead: lead.id,
        call: CallId(seed.call.into()),
        phone: lead.phone,
        trunk: "main".into(),
        caller_id: "02112345678".into(),
    };
    let Begun::Started { id, .. } = store.begin_attempt(&new).await.expect("begun") else {
        panic!("refused")
    };
    let journal = store.journal();
    for what in [
        json!({"kind": "answered", "at": 900}),
        json!({"kind": "step", "at": 950, "step": "greet"}),
        json!({"kind": "saying", "at": 1000, "step": "greet", "text": "您好，我是机器人"}),
        json!({"kind": "heard", "at": 4000, "text": seed.heard, "confidence": 0.9, "began": 3000, "ended": 3900}),
        json!({"kind": "agent_said", "at": 9000, "agent": "li", "text": seed.agent, "confidence": 0.8, "began": 8000, "ended": 8900}),
    ] {
        journal.write(event(seed.call, what));
    }
    journal.flush().await;
    id
}

async fn end(store: &Store, attempt: AttemptId, seed: &Seed<'_>) {
    let outcome = AttemptOutcome {
        attempt,
        call: CallId(seed.call.into()),
        disposition: Disposition::Completed,
        result: Some("booked".into()),
        grade: Some(Grade::A),
        reasons: vec!["有兴趣".into()],
        cause: None,
        ring_ms: 3_000,
        talk_ms: 12_000,
        bridged: Some("li".into()),
        recording: Some(format!("{}.wav", seed.call)),
        ended_unix_ms: crate::web_rig::NOW + 15_000,
        tags: vec![TagHit {
            tag: "interested".into(),
            evidence: seed.heard.into(),
            score: 1.0,
            at: Ms(4000),
        }],
        slots: Vec::new(),
        callback: None,
        after: Afterwards {
            card: vec![("预算".into(), EVIL.into())],
            contact: vec![("parent".into(), false)],
            follow_ups: vec![FollowUpWish {
                due_unix_ms: crate::web_rig::NOW + 86_400_000,
                campaign: None,
                reason: "宝宝半岁".into(),
            }],
        },
        next: LeadNext::Done,
    };
    store.finish_attempt(&outcome).await.expect("stored");
    let over = json!({"kind": "ended", "at": 15_000, "disposition": "completed", "result": null, "cause": null, "ring_ms": 3000, "talk_ms": 12_000});
    store.journal().write(event(seed.call, over));
    store.journal().flush().await;
}

fn whole(rig: &Rig, seed: &Seed<'_>) {
    rig.run(async {
        let attempt = talk(&rig.store, seed).await;
        end(&rig.store, attempt, seed).await;
    });
    let folder = rig.web.data.join("recordings");
    std::fs::create_dir_all(&folder).expect("a folder");
    let sound: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    std::fs::write(folder.join(format!("{}.wav", seed.call)), sound).expect("written");
}

fn calls(client: &Client, query: &str) -> Vec<String> {
    let reply = client.get(&format!("/calls?{query}"));
    assert_eq!(reply.status, 200, "{query}: {}", reply.body);
    let items = reply.json()["items"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let name = |c: &Value| c["call"].as_str().unwrap_or_default().to_string();
    items.iter().map(name).collect()
}

#[test]
fn calls_are_found_by_what_was_said_and_by_all_that_is_known_of_them() {
    let rig = Rig::start();
    whole(&rig, &FIRST);
    let second = Seed {
        call: "c2-0002",
        phone: "+12025550100",
        name: "Ann",
        heard: "call me tomorrow please",
        agent: "sure",
    };
    whole(&rig, &second);
    let ops = rig.login(Role::Ops);
    let (one, two) = (FIRST.call.to_string(), second.call.to_string());
    for (query, wanted) in [
        ("", vec![two.clone(), one.clone()]),
        ("q=%E9%80%80%E6%AC%BE", vec![one.clone()]),
        ("q=%E9%92%B1", vec![one.clone()]),
        ("q=tomor", vec![two.clone()]),
        ("q=GUARANTEED%20%E6%94%B6%E7%9B%8A", vec![one.clone()]),
        // No phrase goes over the end of a line.
        ("q=%E6%9C%BA%E5%99%A8%E4%BA%BA%E8%BF%99", vec![]),
        ("q=%22%20OR%20%2A", vec![two.clone(), one.clone()]),
        ("q=%27%3B%20DROP%20TABLE", vec![]),
        (
            "grade=A&tag=interested&agent=li",
            vec![two.clone(), one.clone()],
        ),
        ("tag=x%27%20OR%201%3D1--", vec![]),
        ("agent=nobody", vec![]),
        ("phone=0013-8000", vec![one.clone()]),
        (
            "disposition=completed&since=0",
            vec![two.clone(), one.clone()],
        ),
        ("until=1", vec![]),
    ] {
        let wanted: Vec<String> = wanted;
        // A lone OR is a word like others.
        let wanted = if query.contains("OR%20%2A") {
            vec![]
        } else {
            wanted
        };
        assert_eq!(calls(&ops, query), wanted, "{query}");
    }
    for bad in [
        "grade=Z",
        "disposition=nice",
        "phone=%25",
        "after=x",
        "after=1",
        "limit=x",
    ] {
        let status = ops.get(&format!("/calls?{bad}")).status;
        assert!((400..500).contains(&status), "{bad}: {status}");
    }
    let first = ops.get("/calls?limit=1").json();
    let next = first["next"].as_str().expect("there is more");
    assert_eq!(calls(&ops, &format!("limit=1&after={next}")), [one]);
    assert_eq!(rig.login(Role::Agent).get("/calls").status, 403);
    let other = rig.merchant("other", false);
    assert!(calls(&rig.login_of(other, Role::Admin), "q=tomorrow").is_empty());
}

#[test]
fn what_strangers_wrote_and_said_comes_out_as_it_is_and_only_ever_as_json() {
    let rig = Rig::start();
    let evil = Seed {
        heard: EVIL,
        agent: EVIL,
        ..FIRST
    };
    whole(&rig, &evil);
    rig.run(async {
        let text = format!("INVITE sip:x SIP/2.0\r\nFrom: \"{EVIL}\" <sip:a@b>\r\n\r\n");
        let messages = vec![(crate::web_rig::NOW + 7, "out", text)];
        let call = evil.call.to_string();
        rig.store.journal().write_trace(SipTrace {
            call: call.clone(),
            messages,
        });
        let agent = vec![(
            crate::web_rig::NOW + 9,
            "in",
            "SIP/2.0 200 OK\r\n\r\n".to_string(),
        )];
        rig.store.journal().write_trace(SipTrace {
            call: format!("{call}-li"),
            messages: agent,
        });
        rig.store.journal().flush().await;
    });
    let admin = rig.login(Role::Admin);
    let detail = admin.get(&format!("/calls/{}", evil.call));
    assert_eq!(detail.status, 200, "{}", detail.body);
    assert_eq!(detail.header("content-type"), Some("application/json"));
    assert_eq!(detail.header("x-content-type-options"), Some("nosniff"));
    let detail = detail.json();
    assert_eq!(detail["lead"]["name"], EVIL);
    assert_eq!(detail["card"][0][1], EVIL);
    let said: Vec<(&str, &str)> = detail["transcript"]
        .as_array()
        .expect("lines")
        .iter()
        .filter_map(|l| Some((l["who"].as_str()?, l["text"].as_str()?)))
        .collect();
    assert_eq!(
        said,
        [
            ("robot", "您好，我是机器人"),
            ("callee", EVIL),
            ("agent", EVIL)
        ]
    );
    assert_eq!(detail["steps"][0], json!({"step": "greet", "at_ms": 950}));
    assert_eq!(detail["dialplan"]["name"], "spring");
    assert_eq!(detail["live"], false);
    assert!(!detail.to_string().contains("13800138000"));
    let sip = admin.get(&format!("/calls/{}/sip", evil.call)).json();
    assert_eq!(
        (&sip[0]["at_ms"], &sip[0]["first_line"]),
        (&json!(7), &json!("INVITE sip:x SIP/2.0"))
    );
    assert!(sip[0]["text"].as_str().expect("text").contains(EVIL));
    assert_eq!(sip[1]["dir"], "in");
    assert_eq!(
        rig.login(Role::Supervisor)
            .get(&format!("/calls/{}/sip", evil.call))
            .status,
        403
    );
}

#[test]
fn a_recording_is_played_in_ranges_by_those_who_may_and_nothing_else_is_read_from_the_disk() {
    let rig = Rig::start();
    whole(&rig, &FIRST);
    let supervisor = rig.login(Role::Supervisor);
    let path = format!("/calls/{}/recording.wav", FIRST.call);
    let part = supervisor.send("GET", &path, &[("Range", "bytes=65-70")], None);
    assert_eq!((part.status, part.body.as_str()), (206, "ABCDEF"));
    assert_eq!(part.header("content-range"), Some("bytes 65-70/100000"));
    assert_eq!(part.header("content-type"), Some("audio/wav"));
    let outside = supervisor.send("GET", &path, &[("Range", "bytes=100000-")], None);
    assert_eq!(outside.status, 416);
    let all = supervisor.get(&path);
    assert_eq!(
        (all.status, all.header("content-length")),
        (200, Some("100000"))
    );
    assert_eq!(all.header("accept-ranges"), Some("bytes"));
    assert_eq!(rig.login(Role::Ops).get(&path).status, 403);
    let other = rig.merchant("other", false);
    assert_eq!(rig.login_of(other, Role::Admin).get(&path).status, 404);
    for wrong in [
        "/calls/../../callsmith.db/recording.wav",
        "/calls/%2e%2e%2fx/recording.wav",
        "/calls/nothing/recording.wav",
    ] {
        assert_eq!(supervisor.get(wrong).status, 404, "{wrong}");
    }
    let played = rig.login(Role::Auditor).get("/audit?action=calls").json();
    assert_eq!(played["items"][0]["action"], "calls.play");
    // A link in the folder of recordings leads nowhere.
    let file = rig
        .web
        .data
        .join("recordings")
        .join(format!("{}.wav", FIRST.call));
    std::fs::remove_file(&file).expect("removed");
    std::os::unix::fs::symlink("/etc/passwd", &file).expect("a link");
    assert_eq!(supervisor.get(&path).status, 404);
}

#[test]
fn reviewers_score_calls_and_watched_words_are_found_in_all_three_voices() {
    let rig = Rig::start();
    let supervisor = rig.login(Role::Supervisor);
    for (word, lang) in [
        ("保证收益", "zh"),
        ("guaranteed", "en"),
        ("退款", "zh"),
        ("guarantee", "en"),
    ] {
        let made = supervisor.post(
            "/qc/words",
            json!({"word": word, "lang": lang, "kind": "forbidden"}),
        );
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let again = supervisor.post(
        "/qc/words",
        json!({"word": "退款", "lang": "zh", "kind": "sensitive"}),
    );
    assert_eq!(again.status, 409);
    whole(&rig, &FIRST);
    let hits = supervisor.get("/qc/hits").json();
    let mut found: Vec<(&str, &str)> = hits["items"]
        .as_array()
        .expect("hits")
        .iter()
        .filter_map(|h| Some((h["word"].as_str()?, h["who"].as_str()?)))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("guaranteed", "agent"),
            ("保证收益", "agent"),
            ("退款", "callee")
        ]
    );
    // The same words while a call is live.
    let live = rig.web.calls.watch.hits(PLATFORM, "我们 保证 收益。");
    assert_eq!(live.len(), 1);
    assert!(rig.web.calls.watch.hits(TenantId(9), "保证收益").is_empty());
    let path = format!("/calls/{}/notes", FIRST.call);
    let note = supervisor.post(
        &path,
        json!({"text": "promised a return", "score": 40, "at_ms": 8000}),
    );
    assert_eq!(note.status, 201, "{}", note.body);
    assert_eq!(
        supervisor
            .post(&path, json!({"text": "", "score": 101}))
            .status,
        422
    );
    let detail = supervisor.get(&format!("/calls/{}", FIRST.call)).json();
    assert_eq!(
        (&detail["review"], &detail["notes"][0]["score"]),
        (&json!(40), &json!(40))
    );
    let word = supervisor.get("/qc/words").json()[0]["id"]
        .as_i64()
        .expect("an id");
    assert_eq!(supervisor.delete(&format!("/qc/words/{word}")).status, 204);
    assert_eq!(rig.login(Role::Ops).get("/qc/hits").status, 403);
}
