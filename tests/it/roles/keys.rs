//! API keys.

use super::*;

#[test]
fn a_revoked_key_is_dead_at_its_next_request() {
    let rig = Rig::start();
    let admin = rig.login(Role::Admin);
    let made = admin.post(
        "/keys",
        json!({"name": "crm", "role": "ops", "scopes": ["campaigns.view", "live.view"]}),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    let (made, id) = (made.json(), made.json()["key"]["id"].clone());
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("csk_") && secret.len() == 4 + 43);
    assert_eq!(made["key"]["prefix"], secret[..10]);
    let mut program = rig.nobody();
    program.key = Some(secret.into());
    assert_eq!(program.get("/live/calls").status, 200);
    let listed = admin.get("/keys");
    assert!(!listed.body.contains(secret), "shown once only");
    assert_eq!(listed.json()["items"][0]["last_used_unix_ms"], NOW);
    assert_eq!(admin.delete(&format!("/keys/{id}")).status, 204);
    assert_eq!(program.get("/live/calls").status, 401);
    assert_eq!(admin.get("/keys").json()["items"][0]["revoked"], true);
}

#[test]
fn a_key_does_what_its_scopes_name_and_nothing_else() {
    let rig = Rig::start();
    let key = rig.key_for(PLATFORM, Role::Admin, vec!["live.view".into()]);
    assert_eq!(key.get("/live/calls").status, 200);
    for path in ["/users", "/keys", "/audit", "/tenants", "/openapi.json"] {
        assert_eq!(key.get(path).status, 403, "{path}");
    }
    assert_eq!(key.get("/session").json()["may"], json!(["live.view"]));
    assert_eq!(key.delete("/session").status, 409);
    let change = json!({"old": "x", "new": "y"});
    assert_eq!(key.post("/session/password", change).status, 403);
    // A key that may make keys could outlive its own revocation.
    let maker = rig.key(PLATFORM, Role::Admin);
    let wish = json!({"name": "child", "role": "admin", "scopes": ["users.edit"]});
    assert_eq!(maker.post("/keys", wish).status, 403);
}

#[test]
fn a_key_cannot_be_given_more_than_its_role_has() {
    let rig = Rig::start();
    let admin = rig.login(Role::Admin);
    let make = |role: &str, scopes: &[&str]| {
        let body = json!({"name": "crm", "role": role, "scopes": scopes});
        let reply = admin.post("/keys", body);
        let field = reply.json()["error"]["field"].as_str().map(str::to_string);
        (reply.status, field.unwrap_or_default())
    };
    assert_eq!(make("agent", &["users.edit"]), (422, "scopes".into()));
    assert_eq!(make("ops", &[]), (422, "scopes".into()));
    assert_eq!(make("ops", &["all"]), (422, "scopes".into()));
    assert_eq!(make("ops", &["lists.upload"]), (201, String::new()));
}

#[test]
fn an_expired_key_and_a_broken_header_open_nothing() {
    let rig = Rig::start();
    let admin = rig.login(Role::Admin);
    let wish = json!({"name": "crm", "role": "ops", "scopes": ["live.view"], "expires_unix_ms": NOW + 1000});
    let made = admin.post("/keys", wish).json();
    let mut program = rig.nobody();
    program.key = Some(made["secret"].as_str().unwrap().into());
    assert_eq!(program.get("/live/calls").status, 200);
    rig.clock.set(NOW + 1000);
    assert_eq!(program.get("/live/calls").status, 401);
    // A bad key beside a good cookie is still a bad key.
    let mut both = admin.clone();
    both.key = Some("csk_wrong".into());
    assert_eq!(both.get("/users").status, 401);
    let basic = [("Authorization", "Basic YTpi")];
    assert_eq!(rig.nobody().send("GET", "/users", &basic, None).status, 401);
}
