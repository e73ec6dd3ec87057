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
