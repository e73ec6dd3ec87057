//! Contacts, the do-not-call list, and forgetting people.

use super::{FIRST, NUMBER, Seed, calls, end, talk, whole};
use crate::web_rig::Rig;
use callsmith::terms::Phone;
use callsmith::web::access::Role;
use serde_json::{Value, json};
use std::path::Path;

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
