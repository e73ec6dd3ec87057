//! Rehearsals in the page.

use super::{GOOD, SHIPPED, rig};
use crate::web_rig::Rig;
use callsmith::terms::CallId;
use callsmith::web::access::Role;
use callsmith::web::rehearse::{Speak, Spoken};
use serde_json::{Value, json};
use std::sync::Arc;

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
    let typed_only = super::rig();
    let ops = typed_only.login(Role::Ops);
    let begun = ops.post("/rehearse", json!({"text": GOOD})).json();
    let path = format!("/rehearse/{}/line", begun["rehearsal"].as_str().unwrap());
    assert_eq!(ops.post(&path, json!({"sdp": "offer"})).status, 409);
}
