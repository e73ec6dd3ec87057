//! The platform and its merchants.

use super::*;
use callsmith::store::TenantId;

#[test]
fn the_platforms_admins_and_operators_act_for_the_merchants_they_manage() {
    let rig = Rig::start();
    let jade = rig.merchant("Jade Homes", true);
    let mut ops = rig.login(Role::Ops);
    let me = ops.get("/session").json();
    assert_eq!(me["tenants"].as_array().unwrap().len(), 2);
    ops.tenant = Some(jade.0);
    let me = ops.get("/session").json();
    assert_eq!(me["tenant"]["name"], "Jade Homes");
    assert_eq!(me["user"]["tenant"], PLATFORM.0);
    let stream = rig
        .session(ops.user)
        .get(&format!("/session?tenant={}", jade.0));
    assert_eq!(
        stream.json()["tenant"]["id"],
        jade.0,
        "where no header can be set"
    );
    for role in [Role::Supervisor, Role::Agent, Role::Auditor] {
        let mut other = rig.login(role);
        other.tenant = Some(jade.0);
        assert_eq!(other.get("/session").status, 403, "{role:?}");
    }
    let mut admin = rig.login(Role::Admin);
    admin.tenant = Some(jade.0);
    let made = admin.post("/users", json!({"name": "jia", "role": "agent"}));
    assert_eq!(
        made.json()["tenant"],
        jade.0,
        "who is made belongs to the merchant"
    );
    let theirs = rig.login_of(jade, Role::Auditor).get("/audit").body;
    assert!(
        theirs.contains("user:jia"),
        "the merchant sees what was done for it"
    );
    admin.tenant = Some(99);
    assert_eq!(admin.get("/session").status, 404);
    let word = [("X-Tenant", "jade")];
    admin.tenant = None;
    assert_eq!(admin.send("GET", "/session", &word, None).status, 422);
}

#[test]
fn a_merchant_that_governs_itself_is_closed_to_the_platform() {
    let rig = Rig::start();
    let mut admin = rig.login(Role::Admin);
    let alone = json!({"name": "Own Boss", "mode": "self_governing"});
    assert_eq!(
        admin.post("/tenants", alone).json()["error"]["field"],
        "admin"
    );
    let wish = json!({"name": "Own Boss", "mode": "self_governing", "admin": "boss"});
    let made = admin.post("/tenants", wish).json();
    let url = made["link"].as_str().unwrap();
    let token = url.split_once("/#/link/").unwrap().1;
    let body = json!({"token": token, "password": "purple tram under rain"});
    let boss = rig.nobody();
    let boss = boss.with_session(&boss.post("/session/link", body));
    assert_eq!(boss.get("/users").json()["items"][0]["name"], "boss");
    assert_eq!(boss.get("/tenants").status, 403);
    let id = made["id"].as_i64().unwrap();
    let key = rig.key(TenantId(id), Role::Admin);
    admin.tenant = Some(id);
    let refused = admin.get("/users");
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "self_governing")
    );
    admin.tenant = None;
    let tenants = admin.get("/session").json()["tenants"].clone();
    assert_eq!(tenants.as_array().unwrap().len(), 1, "nor is it offered");
    assert_eq!(key.get("/users").status, 200, "its own keys work");
}

#[test]
fn a_suspended_merchants_people_and_keys_are_out_at_once_and_back_at_once() {
    let rig = Rig::start();
    let jade = rig.merchant("Jade Homes", true);
    let theirs = rig.login_of(jade, Role::Admin);
    let key = rig.key(jade, Role::Ops);
    let admin = rig.login(Role::Admin);
    let mut acting = admin.clone();
    acting.tenant = Some(jade.0);
    let suspend = |on: bool| {
        let reply = admin.patch(&format!("/tenants/{}", jade.0), json!({"suspended": on}));
        assert_eq!(reply.json()["suspended"], on);
    };
    let states = || {
        let all = [&theirs, &key, &acting].map(|c| c.get("/live/calls").status);
        (all[0], all[1], all[2])
    };
    assert_eq!(states(), (200, 200, 200));
    suspend(true);
    assert_eq!(states(), (401, 401, 403));
    suspend(false);
    assert_eq!(states(), (200, 200, 200));
    let own = admin.patch("/tenants/1", json!({"suspended": true}));
    assert_eq!(own.code(), "platform");
}

#[test]
fn a_merchant_cannot_even_ask_whether_another_exists() {
    let rig = Rig::start();
    let jade = rig.merchant("Jade Homes", true);
    let opal = rig.merchant("Opal Loans", true);
    let mut theirs = rig.login_of(jade, Role::Admin);
    for other in [PLATFORM, opal, TenantId(99)] {
        theirs.tenant = Some(other.0);
        assert_eq!(theirs.get("/users").status, 404, "{other:?}");
    }
    theirs.tenant = Some(jade.0);
    assert_eq!(theirs.get("/users").status, 200);
    let me = theirs.get("/session").json();
    assert_eq!(me["tenants"].as_array().unwrap().len(), 1);
    assert!(!me["may"].to_string().contains("tenants.edit"));
}
