//! Dialplans over HTTP: what is published, who sees it, and conversations in the page.

mod calls;
mod talks;

use crate::web_rig::{Client, PLATFORM, Rig};
use callsmith::store::TenantId;
use callsmith::web::access::Role;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

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
