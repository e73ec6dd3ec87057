//! Dialplans over HTTP: what is published, who sees it, and conversations in the page.

use crate::web_rig::{Client, PLATFORM, Rig};
use callsmith::desk::board::{CardLead, Entry, Named};
use callsmith::store::{AttemptOutcome, Begun, LeadNext, LeadRow, NewAttempt, TenantId};
use callsmith::terms::{CallEvent, CallId, Disposition, Happening, Lang, Ms, Phone};
use callsmith::web::access::Role;
use callsmith::web::dialplans::{Asked, answers};
use callsmith::web::rehearse::{Speak, Spoken};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const GOOD: &str = r#"callsmith: 1
name: trial
lang: en
company: Acme
disclosure: Hello, this is Acme's automated assistant on a recorded line.
start: greet
intents:
  price: { examples: [how much is it, what does it cost, is it expensive, what is the price, what do you charge] }
steps:
  greet:
    say: Would you like a free lesson?
    on: { affirm: ask, deny: bye }
    else: bye
  ask:
    say: How many lessons?
    slot: { name: many, type: number }
    then: bye
  bye: { say: Goodbye., hangup: { disposition: completed } }
globals:
  price: { say: It is free. }
"#;

const SHIPPED: [&str; 6] = [
    "appointment-reminder",
    "debt-reminder-zh",
    "ecommerce-repurchase-zh",
    "education-trial-zh",
    "home-renovation-en",
    "loan-offer-zh",
];

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans")
}

fn rig() -> Rig {
    Rig::start_with(|shared| shared.dialplans.folder = Some(shipped()))
}

fn publish(client: &Client, text: &str) -> Value {
    let reply = client.post(
        "/dialplans/trial/publish",
        json!({"text": text, "note": "first"}),
    );
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

#[test]
fn the_shipped_dialplans_are_there_for_everybody_to_read_and_for_merchants_to_copy() {
    let rig = rig();
    let shop = rig.merchant("shop", true);
    let ops = rig.login_of(shop, Role::Ops);
    let list = ops.get("/dialplans").json();
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, SHIPPED);
    assert_eq!(list[0]["langs"], json!(["zh", "en"]));
    assert_eq!(
        (&list[3]["origin"], &list[3]["editable"]),
        (&json!("folder"), &json!(false))
    );
    assert!(list[3]["steps"].as_u64().unwrap() > 5);
    for name in SHIPPED {
        let one = ops.get(&format!("/dialplans/{name}"));
        assert_eq!(one.status, 200, "{}", one.body);
        let one = one.json();
        assert!(
            one["graph"]["nodes"].as_array().unwrap().len() > 10,
            "{name}"
        );
        assert_eq!(one["findings"], json!([]), "{name}");
        let again = ops.post(
            "/dialplans/check",
            json!({"text": one["text"], "name": name}),
        );
        assert_eq!(again.json()["findings"], json!([]), "{name}");
    }
    let reply = ops.post("/dialplans/loan-offer-zh/copy", json!({"name": "our-loan"}));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let own = ops.get("/dialplans/our-loan").json();
    assert_eq!(
        (&own["origin"], &own["version"]),
        (&json!("own"), &json!(1))
    );
    assert!(own["text"].as_str().unwrap().contains("\nname: our-loan\n"));
    assert!(!own["files"].as_array().unwrap().is_empty());
    assert_eq!(
        ops.post("/dialplans/loan-offer-zh/copy", json!({"name": "our-loan"}))
            .status,
        409
    );
    // Nobody else has it.
    assert_eq!(rig.login(Role::Ops).get("/dialplans/our-loan").status, 404);
}

#[test]
fn a_bad_dialplan_is_never_published_and_the_version_before_goes_on_counting() {
    let rig = rig();
    let ops = rig.login(Role::Ops);
    assert_eq!(publish(&ops, GOOD), json!({"version": 1, "new": true}));
    assert_eq!(publish(&ops, GOOD), json!({"version": 1, "new": false}));
    let bad = GOOD.replace("affirm: ask", "affirm: aks");
    let refused = ops.post("/dialplans/trial/publish", json!({"text": bad}));
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (422, "bad_dialplan")
    );
    let finding = refused.json()["error"]["detail"]["findings"][0].clone();
    assert_eq!(
        (&finding["line"], &finding["column"], &finding["len"]),
        (&json!(12), &json!(19), &json!(3))
    );
    assert_eq!(
        (&finding["severity"], &finding["file"]),
        (&json!("error"), &json!("trial.yaml"))
    );
    assert!(
        finding["advice"].as_str().unwrap().contains("\"ask\""),
        "{finding}"
    );
    for wrong in [
        json!({"text": GOOD.replace("name: trial", "name: other")}),
        json!({"text": format!("{GOOD}# {}", "x".repeat(1 << 20))}),
        json!({"text": GOOD, "files": [{"path": "../up.yaml", "text": ""}]}),
        json!({"text": format!("include: ../../etc/passwd\n{GOOD}")}),
        json!({"text": format!("include: [shared/grades.yaml]\n{GOOD}")}),
        json!({"text": ": : :"}),
    ] {
        let reply = ops.post("/dialplans/trial/publish", wrong);
        assert!(
            matches!(reply.status, 413 | 422),
            "{} {}",
            reply.status,
            reply.body
        );
    }
    assert_eq!(ops.get("/dialplans/trial").json()["version"], 1);
    // Supervisors look and rehearse, and change nothing.
    let supervisor = rig.login(Role::Supervisor);
    assert_eq!(
        supervisor
            .post("/dialplans/trial/publish", json!({"text": GOOD}))
            .status,
        403
    );
}

#[test]
fn versions_are_compared_and_gone_back_to_and_the_audit_log_knows() {
    let rig = rig();
    let ops = rig.login(Role::Ops);
    publish(&ops, GOOD);
    let new = GOOD.replace("Goodbye.", "Bye for now.");
    assert_eq!(publish(&ops, &new)["version"], 2);
    let diff = ops.get("/dialplans/trial/diff?from=1&to=2").json();
    let diff = diff["diff"].as_str().unwrap();
    assert!(diff.starts_with("# steps changed: bye\n"), "{diff}");
    assert!(
        diff.contains("-  bye: { say: Goodbye.") && diff.contains("+  bye: { say: Bye for now.")
    );
    assert_eq!(
        ops.post("/dialplans/trial/rollback", json!({"version": 1}))
            .status,
        200
    );
    assert_eq!(
        ops.post("/dialplans/trial/rollback", json!({"version": 9}))
            .status,
        404
    );
    let versions = ops.get("/dialplans/trial/versions").json();
    let active: Vec<&Value> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|v| &v["active"])
        .collect();
    assert_eq!(active, [&json!(false), &json!(true)]);
    assert_eq!(
        ops.get("/dialplans/trial?version=2").json()["text"],
        json!(new)
    );
    assert_eq!(ops.get("/dialplans/trial").json()["text"], json!(GOOD));
    let audit = rig.login(Role::Auditor).get("/audit").json();
    let actions: Vec<&str> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|r| r["action"].as_str())
        .collect();
    assert!(actions.contains(&"dialplans.rollback"), "{actions:?}");
    assert_eq!(
        actions
            .iter()
            .filter(|a| **a == "dialplans.publish")
            .count(),
        2
    );
}

#[test]
fn a_tenant_sees_its_own_and_the_platforms_dialplans_and_nobody_elses() {
    let rig = rig();
    let (one, two) = (rig.merchant("one", true), rig.merchant("two", true));
    let (ops, of_one, of_two) = (
        rig.login(Role::Ops),
        rig.login_of(one, Role::Ops),
        rig.login_of(two, Role::Ops),
    );
    publish(&of_one, GOOD);
    assert_eq!(of_two.get("/dialplans/trial").status, 404);
    assert_eq!(ops.get("/dialplans/trial").status, 404);
    assert_eq!(of_two.get("/dialplans/trial/diff?from=1&to=1").status, 404);
    let ours = GOOD.replace("Acme", "Platform");
    publish(&ops, &ours);
    assert_eq!(of_one.get("/dialplans/trial").json()["text"], json!(GOOD));
    let seen = of_two.get("/dialplans/trial").json();
    assert_eq!(
        (&seen["text"], &seen["origin"]),
        (&json!(ours), &json!("platform"))
    );
    assert_eq!(
        of_two
            .post("/dialplans/trial/rollback", json!({"version": 1}))
            .status,
        403
    );
    // A publication of its own changes nothing for anybody else.
    assert_eq!(publish(&of_two, &GOOD.replace("Acme", "Two"))["version"], 1);
    assert_eq!(ops.get("/dialplans/trial").json()["text"], json!(ours));
    let counts = |t: TenantId| {
        rig.run(rig.store.dialplan_that_counts(t, "trial"))
            .unwrap()
            .unwrap()
    };
    assert_eq!(counts(one).tenant, one);
    assert_eq!(counts(PLATFORM).files[0].text, ours);
}

/// A made-up lead with a value in every column that the dialplan needs.
fn lead(one: &Value) -> Value {
    let columns = one["lead"].as_array().unwrap().iter();
    let needed = columns.filter(|c| c["required"] == json!(true));
    Value::Object(
        needed
            .map(|c| (c["name"].as_str().unwrap().to_string(), json!("5")))
            .collect(),
    )
}

#[test]
fn the_shipped_dialplans_are_rehearsed_in_the_page() {
    let rig = rig();
    let ops = rig.login(Role::Supervisor);
    for name in SHIPPED {
        let one = ops.get(&format!("/dialplans/{name}")).json();
        let begun = ops.post("/rehearse", json!({"name": name, "lead": lead(&one)}));
        assert_eq!(begun.status, 200, "{name}: {}", begun.body);
        let begun = begun.json();
        assert!(
            begun["out"]
                .as_array()
                .unwrap()
                .iter()
                .any(|o| o["kind"] == "say"),
            "{name}"
        );
        let path = format!("/rehearse/{}", begun["rehearsal"].as_str().unwrap());
        let first = begun["step"].clone();
        let (yes, price, stop) = if name.ends_with("-en") {
            ("yes please", "how much does it cost", "never call me again")
        } else {
            ("好的可以", "多少钱", "不要再给我打电话了")
        };
        let turn = |body: Value| {
            let reply = ops.post(&path, body);
            assert_eq!(reply.status, 200, "{name}: {}", reply.body);
            reply.json()
        };
        let moved = turn(json!({"heard": yes}));
        assert_ne!(moved["step"], first, "{name}");
        assert_eq!(moved["meanings"][0]["intent"], "affirm", "{name}");
        turn(json!({"heard": price}));
        let silent = turn(json!({"silence": true}));
        assert!(
            silent["out"]
                .as_array()
                .unwrap()
                .iter()
                .any(|o| o["kind"] == "note" || o["kind"] == "say")
        );
        turn(json!({"back": true}));
        turn(json!({"back": true}));
        assert_eq!(turn(json!({"back": true}))["step"], first, "{name}");
        assert_eq!(turn(json!({"jump": first}))["step"], first);
        let over = turn(json!({"heard": stop}));
        assert_eq!(over["ended"], true, "{name}: {over}");
        assert!(
            over["tags"].as_array().unwrap().contains(&json!("opt_out")),
            "{name}: {over}"
        );
        assert_eq!(over["grade"], "F", "{name}");
        assert_eq!(ops.delete(&path).status, 200);
        assert_eq!(ops.post(&path, json!({"heard": yes})).status, 404);
    }
}

#[test]
fn an_unsaved_text_is_rehearsed_by_its_own_tenant_only_and_ends_after_a_while() {
    let rig = rig();
    let ops = rig.login(Role::Ops);
    let begun = ops.post("/rehearse", json!({"text": GOOD})).json();
    let path = format!("/rehearse/{}", begun["rehearsal"].as_str().unwrap());
    let other = rig.login_of(rig.merchant("other", true), Role::Ops);
    assert_eq!(other.post(&path, json!({"heard": "yes"})).status, 404);
    let asked = ops
        .post(&path, json!({"heard": "what does it cost"}))
        .json();
    let said: Vec<&Value> = asked["out"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|o| o["kind"] == "say")
        .collect();
    assert_eq!(said[0]["text"], "It is free.");
    assert_eq!(
        ops.post(&path, json!({"heard": "yes"})).json()["step"],
        "ask"
    );
    let slot = ops.post(&path, json!({"heard": "five"})).json();
    assert_eq!(
        (&slot["slots"]["many"], &slot["ended"]),
        (&json!("5"), &json!(true))
    );
    for bad in [
        json!({}),
        json!({"key": "12"}),
        json!({"jump": "nowhere"}),
        json!({"agent": "asleep"}),
    ] {
        assert_eq!(ops.post(&path, bad.clone()).status, 422, "{bad}");
    }
    rig.clock.set(rig.clock.unix_ms() + 16 * 60_000);
    assert_eq!(ops.post(&path, json!({"back": true})).status, 404);
    let bad = ops.post(
        "/rehearse",
        json!({"text": GOOD.replace("start: greet", "start: gret")}),
    );
    assert_eq!((bad.status, bad.code().as_str()), (422, "bad_dialplan"));
    let missing = ops.post("/rehearse", json!({"name": "education-trial-zh"}));
    assert_eq!(
        (missing.status, missing.code().as_str()),
        (422, "bad_field")
    );
    assert!(
        missing.json()["error"]["detail"]["missing"]
            .as_array()
            .is_some_and(|m| !m.is_empty())
    );
}

struct Phones;

#[async_trait::async_trait]
impl Speak for Phones {
    async fn start(&self, spoken: Spoken) -> Result<(String, CallId), String> {
        assert_eq!(spoken.plan.name, "trial");
        match spoken.sdp.as_str() {
            "offer" => Ok(("answer".into(), CallId("c-9".into()))),
            other => Err(format!("{other} is no offer")),
        }
    }
}

#[test]
fn a_rehearsal_by_microphone_is_a_call_of_its_own() {
    let rig = Rig::start_with(|shared| shared.rehearse.speak = Some(Arc::new(Phones)));
    let ops = rig.login(Role::Ops);
    let begun = ops.post("/rehearse", json!({"text": GOOD})).json();
    let path = format!("/rehearse/{}/line", begun["rehearsal"].as_str().unwrap());
    let line = ops.post(&path, json!({"sdp": "offer"}));
    assert_eq!(line.json(), json!({"sdp": "answer", "call": "c-9"}));
    assert_eq!(
        ops.post(&path, json!({"sdp": "junk"})).code(),
        "no_microphone"
    );
    let typed_only = self::rig();
    let ops = typed_only.login(Role::Ops);
    let begun = ops.post("/rehearse", json!({"text": GOOD})).json();
    let path = format!("/rehearse/{}/line", begun["rehearsal"].as_str().unwrap());
    assert_eq!(ops.post(&path, json!({"sdp": "offer"})).status, 409);
}

fn heard(text: &str) -> Happening {
    Happening::Heard {
        text: text.into(),
        confidence: 0.9,
        began: Ms(0),
        ended: Ms(0),
    }
}

/// An ended call of a campaign with the dialplan `trial`.
fn past_call(rig: &Rig, n: u64, events: Vec<Happening>) {
    rig.run(async {
        let campaign = match rig.store.campaign_find("spring").await.unwrap() {
            Some(found) => found.id,
            None => rig
                .store
                .campaign_create("spring", "trial", "l.csv")
                .await
                .unwrap(),
        };
        let row = LeadRow {
            row: n,
            phones: vec![Phone::new(format!("+8613800{n:06}"))],
            ..LeadRow::default()
        };
        rig.store.import(campaign, &[row]).await.unwrap();
        let now = rig.clock.unix_ms();
        let lead = rig
            .store
            .claim(campaign, now, 1)
            .await
            .unwrap()
            .leads
            .remove(0);
        let call = CallId(format!("call-{n}"));
        let new = NewAttempt {
            lead: lead.id,
            call: call.clone(),
            phone: lead.phone.clone(),
            trunk: "t".into(),
            caller_id: "1".into(),
        };
        let Begun::Started { id, .. } = rig.store.begin_attempt(&new).await.unwrap() else {
            panic!("not begun");
        };
        for (i, what) in events.into_iter().enumerate() {
            rig.store.journal().write(CallEvent {
                call: call.clone(),
                at: Ms(i as u64 * 1000),
                what,
            });
        }
        rig.store.journal().flush().await;
        let done = AttemptOutcome {
            attempt: id,
            call,
            disposition: Disposition::Completed,
            result: None,
            grade: None,
            reasons: vec![],
            cause: None,
            ring_ms: 0,
            talk_ms: 0,
            bridged: None,
            recording: None,
            ended_unix_ms: now,
            tags: vec![],
            slots: vec![],
            callback: None,
            after: Default::default(),
            next: LeadNext::Done,
        };
        rig.store.finish_attempt(&done).await.unwrap();
    });
}

fn step(name: &str) -> Happening {
    Happening::Step { step: name.into() }
}

#[test]
fn what_calls_did_not_understand_and_agents_answered_is_suggested_accepted_and_forgotten() {
    let rig = rig();
    let ops = rig.login(Role::Ops);
    publish(&ops, GOOD);
    let words = [
        "do you give invoices",
        "can you give me an invoice",
        "do you give invoices",
    ];
    for (n, text) in words.iter().enumerate() {
        let missed = Happening::NoMatch { count: 1 };
        past_call(&rig, n as u64 + 1, vec![step("greet"), heard(text), missed]);
    }
    past_call(
        &rig,
        9,
        vec![
            step("greet"),
            Happening::Bridged { agent: "li".into() },
            heard("is there parking at the school?"),
            Happening::AgentSaid {
                agent: "li".into(),
                text: "Yes, there is a car park behind the school.".into(),
                confidence: 0.9,
                began: Ms(0),
                ended: Ms(0),
            },
            Happening::Ended {
                disposition: Disposition::Transferred,
                result: None,
                cause: None,
                ring_ms: 0,
                talk_ms: 0,
            },
        ],
    );
    let items = ops.get("/dialplans/trial/suggestions").json()["items"].clone();
    let of = |kind: &str| {
        let mut all = items.as_array().unwrap().iter();
        all.find(|i| i["kind"] == kind)
            .cloned()
            .unwrap_or_else(|| panic!("no {kind}: {items}"))
    };
    let (intent, answer) = (of("intent"), of("answer"));
    assert_eq!(
        intent["phrases"][0],
        json!({"text": "do you give invoices", "count": 2})
    );
    assert_eq!(intent["calls"].as_array().unwrap().len(), 3);
    assert_eq!(
        answer["answer"],
        "Yes, there is a car park behind the school."
    );
    let at = |item: &Value, what: &str| {
        format!(
            "/dialplans/trial/suggestions/{}/{what}",
            item["id"].as_str().unwrap()
        )
    };
    let accepted = ops.post(&at(&answer, "accept"), json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let text = accepted.json()["text"].as_str().unwrap().to_string();
    assert!(text.contains("is there parking at the school") && text.contains("car park behind"));
    let errors = accepted.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["severity"] == "error")
        .count();
    assert_eq!(errors, 0, "{}", accepted.body);
    // Nothing is stored until it is published.
    assert_eq!(ops.get("/dialplans/trial").json()["version"], 1);
    assert_eq!(publish(&ops, &text)["version"], 2);
    let items = ops.get("/dialplans/trial/suggestions").json()["items"].clone();
    assert!(
        items
            .as_array()
            .unwrap()
            .iter()
            .all(|i| i["kind"] == "intent"),
        "{items}"
    );
    assert_eq!(ops.post(&at(&intent, "dismiss"), json!({})).status, 200);
    assert_eq!(
        ops.get("/dialplans/trial/suggestions").json()["items"],
        json!([])
    );
    assert_eq!(ops.post(&at(&intent, "accept"), json!({})).status, 404);
    // An agent on the line gets the new answer.
    let asked = Asked {
        words: "and is there any parking".into(),
        lang: Lang::En,
        vars: Default::default(),
    };
    let found = rig
        .run(answers(&rig.web, PLATFORM, "trial", asked))
        .unwrap();
    assert_eq!(
        found[0].answer,
        "Yes, there is a car park behind the school."
    );
}

#[test]
fn the_drawing_counts_the_calls_that_are_and_were_at_each_step() {
    let rig = rig();
    let ops = rig.login(Role::Ops);
    publish(&ops, GOOD);
    past_call(&rig, 1, vec![step("greet"), step("ask"), step("bye")]);
    past_call(&rig, 2, vec![step("greet")]);
    let call = CallId("live".into());
    let entry = Entry {
        tenant: PLATFORM,
        campaign: Named {
            id: 1,
            name: "spring".into(),
        },
        lead: CardLead {
            id: 1,
            row: 2,
            name: None,
        },
        phone: "138****8000".into(),
        lang: Lang::En,
        dialplan: "trial".into(),
        started_unix_ms: 0,
    };
    rig.web.board.enter(&call, entry);
    let at = |what| CallEvent {
        call: call.clone(),
        at: Ms(0),
        what,
    };
    rig.web.board.on(&at(Happening::Answered), 1);
    rig.web.board.on(&at(step("ask")), 1);
    let graph = ops.get("/dialplans/trial").json()["graph"].clone();
    let counts = |id: &str| {
        let mut nodes = graph["nodes"].as_array().unwrap().iter();
        let n = nodes.find(|n| n["id"] == id).unwrap();
        (
            n["live"].as_u64().unwrap(),
            n["entered"].as_u64().unwrap(),
            n["left"].as_u64().unwrap(),
        )
    };
    assert_eq!(
        (counts("greet"), counts("ask"), counts("bye")),
        ((0, 2, 1), (1, 1, 0), (0, 1, 1))
    );
    assert_eq!(
        ops.get("/dialplans")
            .json()
            .as_array()
            .unwrap()
            .iter()
            .find(|d| d["name"] == "trial")
            .unwrap()["live"],
        1
    );
}

#[test]
fn the_schema_is_there_for_editors() {
    let rig = rig();
    let reply = rig.login(Role::Agent).get("/schema/dialplan");
    assert_eq!(
        reply.header("content-type"),
        Some("application/schema+json")
    );
    assert_eq!(reply.json()["title"], "callsmith dialplan");
}
