//! A campaign's life and its single leads.

use super::{campaign, publish, wish};
use crate::web_rig::Rig;
use callsmith::web::access::Role;
use serde_json::json;

#[test]
fn a_campaign_starts_pauses_and_stops_when_it_has_what_it_needs() {
    let rig = Rig::start();
    let ops = rig.login(Role::Ops);
    let missing = ops.post("/campaigns", wish("spring"));
    assert_eq!(
        missing.json()["error"]["field"],
        "dialplans",
        "{}",
        missing.body
    );
    let id = campaign(&rig, &ops, "spring");
    let path = format!("/campaigns/{id}");
    let shown = ops.get(&path).json();
    assert_eq!(shown["state"], "stopped");
    assert_eq!(
        shown["dialplans"],
        json!([{"lang": "zh", "name": "course", "version": 1}])
    );
    let drive = |how: &str| ops.post(&format!("{path}/{how}"), json!({}));
    assert_eq!(
        (drive("start").status, drive("start").code()),
        (409, "no_leads".into())
    );
    assert_eq!(drive("pause").status, 409);
    let added = ops.post(&format!("{path}/leads"), json!({"phone": "13800138000"}));
    assert_eq!(added.status, 200, "{}", added.body);
    assert_eq!(drive("start").json()["state"], "running");
    assert_eq!(drive("pause").json()["state"], "paused");
    assert_eq!(drive("resume").json()["state"], "running");
    assert_eq!(drive("stop").json()["state"], "stopped");
    assert_eq!(drive("resume").code(), "stopped");
    let all = ops.get("/campaigns").json();
    assert_eq!(all.as_array().map(Vec::len), Some(1));
    assert_eq!(all[0]["progress"]["queued"], 1);
    let told = rig.login(Role::Auditor).get("/audit?action=campaigns");
    let actions: Vec<String> = told.json()["items"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|r| r["action"].as_str().map(Into::into))
        .collect();
    assert!(
        actions.contains(&"campaigns.start".to_owned()),
        "{actions:?}"
    );
}

#[test]
fn settings_are_checked_field_by_field_and_change_one_by_one() {
    let rig = Rig::start();
    let ops = rig.login(Role::Ops);
    let id = campaign(&rig, &ops, "spring");
    publish(&rig, "course2", "zh");
    let path = format!("/campaigns/{id}");
    for (change, field) in [
        (json!({"concurrency": 0}), "concurrency"),
        (json!({"concurrency": 100_000}), "concurrency"),
        (json!({"priority": 10}), "priority"),
        (json!({"max_attempts": 0}), "max_attempts"),
        (json!({"windows": "whenever"}), "windows"),
        (json!({"country": "cn"}), "country"),
        (json!({"name": " "}), "name"),
        (json!({"dialplans": []}), "dialplans"),
        (json!({"dialplans": ["nothing"]}), "dialplans"),
        (json!({"dialplans": ["course", "course2"]}), "dialplans"),
    ] {
        let reply = ops.patch(&path, change.clone());
        assert_eq!(reply.status, 422, "{change}");
        assert_eq!(reply.json()["error"]["field"], field, "{}", reply.body);
    }
    let change = json!({"concurrency": 40, "windows": "mon-sat 09:00-12:00, 14:00-20:00"});
    let changed = ops.patch(&path, change).json();
    assert_eq!(
        (changed["concurrency"].as_i64(), changed["name"].as_str()),
        (Some(40), Some("spring"))
    );
    let taken = ops.post("/campaigns", wish("spring"));
    assert_eq!((taken.status, taken.code()), (409, "name_taken".into()));
    let agent = rig.login(Role::Agent);
    assert_eq!(agent.get("/campaigns").status, 403);
    let names = agent.get("/dispositions").json();
    assert!(names.as_array().is_some_and(|all| all.len() > 30));
    assert_eq!(names[0]["zh"], "取消");
}

#[test]
fn single_leads_are_checked_added_found_and_taken_out() {
    let rig = Rig::start();
    let ops = rig.login(Role::Ops);
    let id = campaign(&rig, &ops, "spring");
    let path = format!("/campaigns/{id}/leads");
    let new =
        json!({"phone": "138 0013 8000", "name": "李雷", "lang": "zh", "vars": {"城市": "上海"}});
    let lead = ops.post(&path, new.clone());
    assert_eq!(lead.status, 200, "{}", lead.body);
    let lead = lead.json();
    assert_eq!(lead["phone"], "+8613*******00");
    assert_eq!(
        (lead["row"].as_i64(), lead["status"].as_str()),
        (Some(2), Some("queued"))
    );
    let twice = ops.post(&path, new);
    assert_eq!((twice.status, twice.code()), (409, "known".into()));
    assert_eq!(twice.json()["error"]["detail"]["lead"], lead["id"]);
    for (bad, field) in [
        (json!({"phone": "110"}), "phone"),
        (json!({"phone": ""}), "phone"),
        (json!({"phone": "13900139000", "lang": "klingon"}), "lang"),
        (json!({"phone": "13900139000", "name": "a\u{0}b"}), "name"),
        (
            json!({"phone": "13900139000", "vars": {"x": "很".repeat(300)}}),
            "vars",
        ),
    ] {
        let reply = ops.post(&path, bad.clone());
        assert_eq!(reply.status, 422, "{bad}: {}", reply.body);
        assert_eq!(reply.json()["error"]["field"], field, "{}", reply.body);
    }
    for n in 0..5 {
        let phone = format!("1390013900{n}");
        assert_eq!(ops.post(&path, json!({"phone": phone})).status, 200);
    }
    let page = ops.get(&format!("{path}?limit=4")).json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(4));
    let next = page["next"].as_str().expect("a next page");
    let rest = ops.get(&format!("{path}?limit=4&after={next}")).json();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(2));
    assert!(rest["next"].is_null());
    let found = ops.get(&format!("{path}?q=%E6%9D%8E")).json();
    assert_eq!(found["items"][0]["id"], lead["id"]);
    let cancel = format!("{path}/{}/cancel", lead["id"]);
    let canceled = ops.post(&cancel, json!({})).json();
    assert_eq!(
        (
            canceled["status"].as_str(),
            canceled["disposition"].as_str()
        ),
        (Some("done"), Some("canceled"))
    );
    assert_eq!(ops.post(&cancel, json!({})).code(), "done");
    let done = ops.get(&format!("{path}?status=done")).json();
    assert_eq!(done["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(ops.get(&format!("{path}?status=nonsense")).status, 422);
    let supervisor = rig.login(Role::Supervisor);
    assert_eq!(supervisor.get(&path).status, 200);
    assert_eq!(
        supervisor
            .post(&path, json!({"phone": "13700137000"}))
            .status,
        403
    );
}

#[test]
fn figures_of_a_campaign_without_calls_are_zeros() {
    let rig = Rig::start();
    let ops = rig.login(Role::Ops);
    let id = campaign(&rig, &ops, "spring");
    let stats = ops.get(&format!("/campaigns/{id}/stats")).json();
    assert_eq!(stats["connect_rate"], 0.0);
    assert_eq!(stats["funnel"], json!([]));
    assert_eq!(ops.get("/stats/robot").json()["calls"], 0);
    assert_eq!(ops.get("/stats/agents?since=0").json(), json!([]));
    assert_eq!(ops.get("/trunks").json(), json!([]));
}
