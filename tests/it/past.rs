//! Calls that are over, over HTTP: found, read, played, reviewed; contacts, the do-not-call list, and forgetting people.

use crate::web_rig::{Client, PLATFORM, Rig};
use callsmith::store::{
    Afterwards, AttemptId, AttemptOutcome, Begun, FollowUpWish, LeadNext, LeadRow, NewAttempt,
    SipTrace, Store, TagHit, TenantId,
};
use callsmith::terms::{CallEvent, CallId, Disposition, Grade, Ms, Phone};
use callsmith::web::access::Role;
use serde_json::{Value, json};
use std::path::Path;

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

#[test]
fn the_do_not_call_list_is_each_tenants_own_and_counts_for_all() {
    let rig = Rig::start();
    let admin = rig.login(Role::Admin);
    let made = admin.post(
        "/dnc",
        json!({"phone": "138 0013 8000", "reason": "complaint"}),
    );
    assert_eq!(
        (made.status, &made.json()["added"]),
        (201, &json!(1)),
        "{}",
        made.body
    );
    assert_eq!(
        admin
            .post("/dnc", json!({"phone": "123", "reason": "x"}))
            .status,
        422
    );
    assert_eq!(
        admin
            .post("/dnc", json!({"phone": NUMBER, "reason": " "}))
            .status,
        422
    );
    let listed = admin.get("/dnc?q=8000").json();
    assert_eq!(listed["items"][0]["phone"], "+8613*******00");
    let other = rig.merchant("other", false);
    let merchant = rig.login_of(other, Role::Admin);
    assert_eq!(merchant.get("/dnc").json()["items"], json!([]));
    let entry = listed["items"][0]["id"].as_i64().expect("an id");
    let path = format!("/dnc/{entry}");
    let reason = Some(json!({"reason": "signed consent"}));
    assert_eq!(
        merchant.send("DELETE", &path, &[], reason.clone()).status,
        404
    );
    assert_eq!(
        merchant
            .post("/dnc", json!({"phone": NUMBER, "reason": "ours too"}))
            .status,
        201
    );
    assert_eq!(
        rig.login(Role::Ops)
            .send("DELETE", &path, &[], reason.clone())
            .status,
        403
    );
    assert_eq!(admin.send("DELETE", &path, &[], reason).status, 204);
    let phone = Phone::new(NUMBER);
    assert!(
        rig.run(rig.store.is_dnc(&phone)).expect("read"),
        "the merchant still has it"
    );
    let log = rig.login(Role::Auditor).get("/audit?action=dnc").json();
    assert_eq!(log["items"][0]["action"], "dnc.remove");
    assert!(!log.to_string().contains("13800138000"));
}

#[test]
fn contacts_have_ids_that_say_nothing_tags_history_and_follow_ups() {
    let rig = Rig::start();
    whole(&rig, &FIRST);
    let ops = rig.login(Role::Ops);
    let all = ops.get("/contacts").json();
    let id = all["items"][0]["contact"]
        .as_str()
        .expect("an id")
        .to_string();
    assert!(id.len() == 32 && !all.to_string().contains("13800138000"));
    assert_eq!(all["items"][0]["tags"], json!(["parent"]));
    for (query, found) in [
        ("q=8000", 1),
        ("q=SCRIPT", 1),
        ("q=%25", 0),
        ("tag=parent", 1),
        ("tag=no", 0),
    ] {
        let items = ops.get(&format!("/contacts?{query}")).json();
        assert_eq!(
            items["items"].as_array().map(Vec::len),
            Some(found),
            "{query}"
        );
    }
    let path = format!("/contacts/{id}");
    assert_eq!(
        ops.post(&format!("{path}/tags"), json!({"tag": "大客户"}))
            .status,
        204
    );
    assert_eq!(ops.delete(&format!("{path}/tags/parent")).status, 204);
    let one = ops.get(&path).json();
    assert_eq!(one["tags"][0]["tag"], "大客户");
    assert_eq!(one["history"][0]["call"], FIRST.call);
    assert_eq!(one["follow_ups"][0]["reason"], "宝宝半岁");
    let open = ops.get("/follow_ups").json();
    let follow_up = open["items"][0]["id"].as_i64().expect("an id");
    let done = format!("/follow_ups/{follow_up}/done");
    assert_eq!(ops.post(&done, json!({})).status, 204);
    assert_eq!(ops.post(&done, json!({})).status, 409);
    let other = rig.merchant("other", false);
    let stranger = rig.login_of(other, Role::Admin);
    assert_eq!(stranger.get(&path).status, 404);
    assert_eq!(stranger.post(&done, json!({})).status, 404);
}

/// Whether any file of the data folder holds this text.
fn anywhere(dir: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(anywhere(&path, text));
        } else if std::fs::read(&path)
            .is_ok_and(|b| b.windows(text.len()).any(|w| w == text.as_bytes()))
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn who_is_erased_is_gone_from_every_file_after_the_live_call_and_stays_on_the_do_not_call_list() {
    let rig = Rig::start();
    let name = Seed {
        name: "张三丰",
        ..FIRST
    };
    let admin = rig.login(Role::Admin);
    let hook =
        json!({"url": "https://crm.example.invalid/", "events": ["call.ended", "lead.opted_out"]});
    assert_eq!(admin.post("/webhooks", hook).status, 201);
    let attempt = rig.run(talk(&rig.store, &name));
    let uploads = rig.web.data.join("uploads");
    std::fs::create_dir_all(&uploads).expect("a folder");
    std::fs::write(uploads.join("a.csv"), "name,phone\n张三丰,138-0013-8000\n").expect("written");
    std::fs::write(uploads.join("b.csv"), "name,phone\n李四,13900139000\n").expect("written");
    let contact = admin.get("/contacts").json()["items"][0]["contact"].clone();
    let path = format!("/contacts/{}/erase", contact.as_str().expect("an id"));
    assert_eq!(
        rig.login(Role::Ops)
            .post(&path, json!({"reason": "letter"}))
            .status,
        403
    );
    let asked = admin.post(&path, json!({"reason": "letter"}));
    assert_eq!(
        (asked.status, &asked.json()["state"]),
        (202, &json!("waiting")),
        "{}",
        asked.body
    );
    assert_eq!(calls(&admin, "").len(), 1, "a live call is left alone");
    // The call goes on, ends, and the request comes to its turn.
    rig.run(async {
        end(&rig.store, attempt, &name).await;
        let folder = rig.web.data.join("recordings");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{}.wav", name.call)), b"RIFF").expect("written");
        rig.store
            .opt_out(
                &Phone::new(NUMBER),
                "别打了",
                &format!("callee, call {}", name.call),
            )
            .await
            .expect("kept");
        let open = rig.store.erasures_open().await.expect("read");
        // The server's own task may have been quicker.
        for erasure in open {
            assert!(
                rig.store
                    .erase_run(erasure.id)
                    .await
                    .expect("erased")
                    .is_some()
            );
        }
    });
    assert!(
        !rig.web
            .data
            .join("recordings")
            .join(format!("{}.wav", name.call))
            .exists()
    );
    assert!(!uploads.join("a.csv").exists() && uploads.join("b.csv").exists());
    for text in ["张三丰", "我要退款", "保证收益", "宝宝半岁"] {
        assert_eq!(
            anywhere(&rig.web.data, text),
            Vec::<String>::new(),
            "{text}"
        );
    }
    // The number itself stands on the do-not-call list and nowhere else.
    assert!(
        rig.run(rig.store.is_dnc(&Phone::new(NUMBER)))
            .expect("read")
    );
    let kept = rig.run(rig.store.dnc_list(9)).expect("read");
    assert_eq!(kept.len(), 1);
    assert_eq!(admin.get("/contacts").json()["items"], json!([]));
    let row = &admin.get("/calls").json()["items"][0];
    assert_eq!(
        (&row["disposition"], &row["lead"]["name"], &row["phone"]),
        (&json!("completed"), &Value::Null, &json!(""))
    );
    assert!(calls(&admin, "q=%E9%80%80%E6%AC%BE").is_empty());
    let log = rig
        .login(Role::Auditor)
        .get("/audit?action=contacts")
        .json();
    assert!(log.to_string().contains(contact.as_str().expect("an id")));
    assert!(!log.to_string().contains("13800138000"));
    assert!(admin.get("/audit/verify").json()["broken_at"].is_null());
}
