//! Logging in.

use super::*;
use callsmith::web::people;

const PASSWORD: &str = "purple tram under rain";

/// A person who has chosen a password, by the link of an invitation.
fn with_password(rig: &Rig, role: Role) -> (String, Client, Reply) {
    let id = rig.user(PLATFORM, role);
    let account = rig.run(rig.store.account(id)).unwrap().unwrap();
    let name = account.user.name;
    let url = rig
        .run(people::invite(&rig.store, &name, &rig.url))
        .unwrap();
    let token = token(&url.expect("a link"));
    let reply = rig.nobody().post(
        "/session/link",
        json!({"token": token, "password": PASSWORD}),
    );
    assert_eq!(reply.status, 200, "{}", reply.body);
    let client = rig.nobody().with_session(&reply);
    (name, client, reply)
}

fn token(url: &str) -> String {
    url.split_once("/#/link/").expect("a link").1.to_string()
}

#[test]
fn a_server_nobody_has_set_up_lets_nobody_in_but_by_the_one_link_it_printed() {
    let rig = Rig::start();
    let nobody = rig.nobody();
    for path in ["/session", "/live/calls", "/users", "/openapi.json"] {
        assert_eq!(nobody.get(path).status, 401, "{path}");
    }
    let old = rig.run(people::first_link(&rig.store, &rig.url)).unwrap();
    let url = rig.run(people::first_link(&rig.store, &rig.url)).unwrap();
    let (old, url) = (token(&old.unwrap()), token(&url.unwrap()));
    let link = |token: &str, password: Option<&str>| {
        nobody.post(
            "/session/link",
            json!({"token": token, "password": password}),
        )
    };
    assert_eq!(
        link(&old, Some(PASSWORD)).code(),
        "link_gone",
        "a newer link voids it"
    );
    let needs = link(&url, None);
    assert_eq!(
        (needs.status, needs.code().as_str()),
        (422, "password_needed")
    );
    assert_eq!(needs.json()["error"]["detail"]["name"], "admin");
    assert_eq!(link(&url, Some("password123")).code(), "bad_field");
    let reply = link(&url, Some(PASSWORD));
    assert_eq!(reply.json()["user"]["role"], "admin");
    let admin = nobody.with_session(&reply);
    assert_eq!(admin.get("/users").status, 200);
    assert_eq!(link(&url, Some(PASSWORD)).code(), "link_gone", "once only");
    let again = rig.run(people::first_link(&rig.store, &rig.url)).unwrap();
    assert_eq!(again, None, "there is an admin now");
}

#[test]
fn a_merchants_person_called_admin_does_not_take_the_first_link() {
    let rig = Rig::start();
    let jade = rig.merchant("Jade Homes", true);
    let theirs = callsmith::store::NewUser::named(jade, "admin", "admin");
    rig.run(rig.store.user_add(&theirs, &witness())).unwrap();
    let url = rig.run(people::first_link(&rig.store, &rig.url)).unwrap();
    let body = json!({"token": token(&url.unwrap()), "password": PASSWORD});
    let me = rig.nobody().post("/session/link", body).json();
    assert_eq!(me["tenant"]["kind"], "platform");
}

#[test]
fn behind_a_proxy_the_callers_own_address_counts() {
    let rig = Rig::start_with(|shared| shared.account.settings.behind_proxy = true);
    let from = |address: &str, n: u32| {
        let body = json!({"name": format!("guess{n}"), "password": "x"});
        let forwarded = format!("203.0.113.9, {address}");
        let header = [("X-Forwarded-For", forwarded.as_str())];
        rig.nobody()
            .send("POST", "/session", &header, Some(body))
            .status
    };
    for n in 0..21 {
        assert_eq!(from("192.0.2.1", n), 401);
    }
    assert_eq!(from("192.0.2.1", 99), 429);
    assert_eq!(from("192.0.2.2", 99), 401);
}

#[test]
fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let rig = Rig::start();
    let (_, _, reply) = with_password(&rig, Role::Ops);
    let cookie = reply.header("set-cookie").unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict;"), "{cookie}");
    assert!(!cookie.contains("Secure"), "plain http needs it unmarked");
    let https = Rig::start_with(|shared| {
        shared.account.settings.public_url = Some("https://desk.example.com".into());
    });
    let (_, _, reply) = with_password(&https, Role::Ops);
    assert!(reply.header("set-cookie").unwrap().ends_with("; Secure"));
}

#[test]
fn every_login_gets_a_new_session_so_that_one_planted_before_is_worth_nothing() {
    let rig = Rig::start();
    let (name, first, _) = with_password(&rig, Role::Ops);
    let log_in = |client: &Client| {
        let headers: &[(&str, &str)] = &[];
        let body = json!({"name": name, "password": PASSWORD});
        client.send("POST", "/session", headers, Some(body))
    };
    let mut planted = rig.nobody();
    planted.cookie = Some("planted".into());
    let victim = planted.with_session(&log_in(&planted));
    assert_ne!(victim.cookie, planted.cookie);
    assert_eq!(planted.get("/session").status, 401);
    assert_eq!(victim.get("/session").status, 200);
    // A second login in the same browser ends the session before.
    let again = first.with_session(&log_in(&first));
    assert_eq!(again.get("/session").status, 200);
    assert_eq!(first.get("/session").status, 401);
    assert_eq!(again.delete("/session").status, 204);
    assert_eq!(again.get("/session").status, 401);
}

#[test]
fn whoever_guesses_waits_longer_and_longer_and_learns_no_names() {
    let rig = Rig::start();
    let (name, ..) = with_password(&rig, Role::Admin);
    let guess = |name: &str| {
        rig.nobody().post(
            "/session",
            json!({"name": name, "password": "purple tram under snow"}),
        )
    };
    let wrong = guess(&name);
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "wrong_login"));
    let unknown = guess("somebody else");
    assert_eq!(unknown.body, wrong.body, "no oracle of names");
    let mut now = NOW;
    let mut waits = Vec::new();
    while waits.len() < 6 {
        let reply = guess(&name);
        if reply.status == 401 {
            continue;
        }
        assert_eq!(reply.status, 429);
        let wait: i64 = reply.header("retry-after").unwrap().parse().unwrap();
        waits.push(wait);
        // The right password waits as well.
        let right = json!({"name": name, "password": PASSWORD});
        assert_eq!(rig.nobody().post("/session", right).status, 429);
        now += wait * 1000;
        rig.clock.set(now);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32]);
    let right = json!({"name": name, "password": PASSWORD});
    assert_eq!(rig.nobody().post("/session", right).status, 200);
}

#[test]
fn another_site_can_make_a_browser_change_nothing() {
    let rig = Rig::start();
    let admin = rig.login(Role::Admin);
    let person = || Some(json!({"name": "mallory", "role": "admin"}));
    let refused = |client: &Client, headers: &[(&str, &str)]| {
        let reply = client.send("POST", "/users", headers, person());
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (403, "csrf"),
            "{headers:?}"
        );
    };
    let mut forged = admin.clone();
    forged.csrf = None;
    refused(&forged, &[]);
    forged.csrf = rig.login(Role::Admin).csrf;
    refused(&forged, &[]);
    for headers in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        refused(&admin, &[headers]);
    }
    // Nor log it in as somebody else.
    let login = json!({"name": "a", "password": "b"});
    let planted = rig.nobody().send(
        "POST",
        "/session",
        &[("Origin", "https://evil.example")],
        Some(login),
    );
    assert_eq!(planted.status, 403);
    let own = ("Origin", rig.url.as_str());
    let done = admin.send(
        "POST",
        "/users",
        &[own, ("Sec-Fetch-Site", "same-origin")],
        person(),
    );
    assert_eq!(done.status, 201, "{}", done.body);
}

#[test]
fn a_changed_password_ends_all_other_sessions() {
    let rig = Rig::start();
    let (name, here, _) = with_password(&rig, Role::Supervisor);
    let login = json!({"name": name.to_uppercase(), "password": PASSWORD});
    let there = rig.nobody();
    let there = there.with_session(&there.post("/session", login));
    let change =
        |old: &str, new: &str| here.post("/session/password", json!({"old": old, "new": new}));
    assert_eq!(change("not it at all", "green boat over snow").status, 422);
    assert_eq!(change(PASSWORD, "qwertyuiop").status, 422);
    let changed = change(PASSWORD, "green boat over snow");
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(there.get("/session").status, 401);
    assert_eq!(here.get("/session").status, 401, "the old id is void too");
    assert_eq!(here.with_session(&changed).get("/session").status, 200);
}

#[test]
fn a_session_ends_when_it_idles_or_is_a_week_old() {
    let rig = Rig::start();
    let hour = 3_600_000;
    let client = rig.login(Role::Ops);
    for n in 1..=14 {
        rig.clock.set(NOW + n * 11 * hour);
        assert_eq!(client.get("/session").status, 200, "after {n} times 11 h");
    }
    rig.clock.set(NOW + 14 * 11 * hour + 12 * hour);
    assert_eq!(client.get("/session").status, 401, "12 h of nothing");
    let client = rig.login(Role::Ops);
    let start = NOW + 14 * 11 * hour + 12 * hour;
    for n in 1..=15 {
        rig.clock.set(start + n * 11 * hour);
        assert_eq!(client.get("/session").status, 200);
    }
    rig.clock.set(start + 7 * 24 * hour);
    assert_eq!(client.get("/session").status, 401, "a week");
}

#[test]
fn who_is_disabled_is_out_at_once_and_the_last_admin_cannot_be() {
    let rig = Rig::start();
    let admin = rig.login(Role::Admin);
    let agent = rig.login(Role::Agent);
    assert_eq!(agent.get("/session").status, 200);
    let off = |user: i64| admin.patch(&format!("/users/{user}"), json!({"disabled": true}));
    assert_eq!(off(agent.user).json()["disabled"], true);
    assert_eq!(agent.get("/session").status, 401);
    assert_eq!(off(admin.user).code(), "yourself");
    let other = rig.login(Role::Admin);
    let demote =
        |by: &Client, user: i64| by.patch(&format!("/users/{user}"), json!({"role": "ops"}));
    assert_eq!(demote(&other, admin.user).status, 200);
    assert_eq!(
        admin.get("/users").status,
        403,
        "the role counts from the next request"
    );
    let key = rig.key(PLATFORM, Role::Admin);
    let makers = rig.run(rig.store.users(PLATFORM, 0, 100)).unwrap();
    let maker = makers.iter().rfind(|u| u.role == "admin").unwrap().id;
    assert_eq!(demote(&other, maker).status, 200);
    assert_eq!(key.get("/users").status, 401, "keys of a former admin stop");
    let last = other.patch(&format!("/users/{}", other.user), json!({"role": "ops"}));
    assert_eq!(last.status, 409);
}

#[test]
fn the_demo_has_a_link_for_each_role_that_works_again_and_again_but_only_in_the_demo() {
    let rig = Rig::start_with(|shared| shared.demo = true);
    let links = rig.run(people::demo_links(&rig.store, &rig.url)).unwrap();
    let roles: Vec<Role> = links.iter().map(|(role, _)| *role).collect();
    assert_eq!(roles.iter().filter(|r| **r == Role::Agent).count(), 2);
    assert!(Role::ALL.iter().all(|r| roles.contains(r)));
    for (role, url) in links.iter().chain(&links) {
        let body = json!({"token": token(url)});
        let reply = rig.nobody().post("/session/link", body);
        let me = rig.nobody().with_session(&reply).get("/session").json();
        assert_eq!(me["user"]["role"], role.code());
        assert_eq!(me["demo"], true);
    }
    let real = Rig::start();
    let links = real
        .run(people::demo_links(&real.store, &real.url))
        .unwrap();
    let body = json!({"token": token(&links[0].1)});
    assert_eq!(
        real.nobody().post("/session/link", body).code(),
        "link_gone"
    );
}

#[test]
fn an_invitation_is_good_for_one_day() {
    let rig = Rig::start();
    let admin = rig.login(Role::Admin);
    let made = admin.post(
        "/users",
        json!({"name": "Lin", "role": "agent", "tz": "Asia/Shanghai"}),
    );
    let user = made.json()["id"].as_i64().unwrap();
    let link = || {
        let reply = admin.post(&format!("/users/{user}/link"), json!({}));
        token(reply.json()["url"].as_str().unwrap())
    };
    let use_it = |token: String| {
        let body = json!({"token": token, "password": PASSWORD});
        rig.nobody().post("/session/link", body).status
    };
    let late = link();
    rig.clock.set(NOW + 24 * 3_600_000);
    let admin = rig.session(admin.user);
    assert_eq!(use_it(late), 404);
    let reply = admin.post(&format!("/users/{user}/link"), json!({}));
    assert_eq!(use_it(token(reply.json()["url"].as_str().unwrap())), 200);
}

#[test]
fn a_wrong_field_is_named_with_what_to_do() {
    let rig = Rig::start();
    let admin = rig.login(Role::Admin);
    for (body, field) in [
        (json!({"name": "x", "role": "agent"}), "name"),
        (json!({"name": "a b", "role": "agent"}), "name"),
        (json!({"name": "lin"}), "role"),
        (json!({"name": "lin", "role": "king"}), "role"),
        (
            json!({"name": "lin", "role": "agent", "tz": "Mars/Olympus"}),
            "tz",
        ),
        (
            json!({"name": "lin", "role": "agent", "hours": "whenever"}),
            "hours",
        ),
        (
            json!({"name": "lin", "role": "agent", "sip_uri": "tel:911"}),
            "sip_uri",
        ),
    ] {
        let reply = admin.post("/users", body.clone());
        assert_eq!(reply.status, 422, "{body}: {}", reply.body);
        assert_eq!(reply.json()["error"]["field"], field, "{body}");
    }
    let nonsense = admin.send(
        "POST",
        "/users",
        &[("Content-Type", "text/plain")],
        Some(json!("x")),
    );
    assert!(nonsense.json()["error"]["code"].is_string());
    let big = "x".repeat(2 << 20);
    assert_eq!(
        admin
            .post("/users", json!({"name": big, "role": "ops"}))
            .status,
        413
    );
}

#[test]
fn the_audit_log_says_who_did_what_and_holds_no_secret() {
    let rig = Rig::start();
    let (name, admin, _) = with_password(&rig, Role::Admin);
    admin.post("/users", json!({"name": "lin", "role": "agent"}));
    let key = json!({"name": "crm", "role": "ops", "scopes": ["lists.upload"]});
    let secret = admin.post("/keys", key).json()["secret"].clone();
    let auditor = rig.login(Role::Auditor);
    let rows = auditor.get(&format!("/audit?who={name}&limit=2"));
    let items = rows.json()["items"].as_array().unwrap().clone();
    assert_eq!(items[0]["action"], "keys.add");
    assert_eq!(items[1]["object"], "user:lin");
    let next = rows.json()["next"].as_str().unwrap().to_string();
    let older = auditor
        .get(&format!("/audit?who={name}&limit=2&after={next}"))
        .json();
    assert_eq!(older["items"][0]["action"], "session.open");
    let all = auditor.get("/audit?limit=500").body;
    for secret in [
        PASSWORD,
        secret.as_str().unwrap(),
        admin.cookie.as_deref().unwrap(),
    ] {
        assert!(!all.contains(secret));
    }
    let verdict = auditor.get("/audit/verify").json();
    assert_eq!(verdict["broken_at"], json!(null));
    rig.sql("DROP TRIGGER audit_is_not_changed");
    rig.sql("UPDATE audit SET who = 'nobody' WHERE id = 3");
    assert_eq!(auditor.get("/audit/verify").json()["broken_at"], 3);
}
