//! Every route for every role, made from the API's own description: a route that is added is in the test.

use super::*;
use crate::roles::objects;
use callsmith::store::TenantId;
use callsmith::web::access::{May, Need};
use callsmith::web::guard::{Param, param};
use callsmith::web::rules;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A route as the description has it.
struct Route {
    method: String,
    /// Below the prefix, `/campaigns/{campaign}`.
    path: String,
    permission: String,
    roles: Vec<String>,
    platform: bool,
}

impl Route {
    fn params(&self) -> impl Iterator<Item = &str> {
        let open = self.path.split('{').skip(1);
        open.filter_map(|rest| rest.split('}').next())
    }

    /// The path with objects in it; words where a word is asked for.
    fn filled(&self, ids: &BTreeMap<String, String>) -> String {
        let mut path = self.path.clone();
        for name in self.params() {
            let id = match param(&self.path, name) {
                Param::Object(_) => ids.get(known_as(&self.path, name)).unwrap_or_else(|| {
                    panic!(
                        "roles/objects.rs makes no {name} yet, which {} needs",
                        self.path
                    )
                }),
                Param::Word => "word",
                Param::Unknown => panic!("guard/objects.rs does not say whose a {name} is"),
            };
            path = path.replace(&format!("{{{name}}}"), id);
        }
        path
    }

    fn has_object(&self) -> bool {
        self.params()
            .any(|p| matches!(param(&self.path, p), Param::Object(_)))
    }

    fn reads(&self) -> bool {
        self.method == "GET"
    }

    fn allows(&self, role: Role) -> bool {
        self.roles.iter().any(|r| r == role.code())
    }

    fn as_text(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// `{id}` is what its path makes of it.
fn known_as<'a>(path: &str, name: &'a str) -> &'a str {
    match name {
        "id" if path.contains("/follow_ups/") => "follow_up",
        name => name,
    }
}

fn routes(rig: &Rig) -> Vec<Route> {
    let document = rig.login(Role::Agent).get("/openapi.json").json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let words = |name: &str| {
                let list = operation[name].as_array().cloned().unwrap_or_default();
                list.iter()
                    .filter_map(Value::as_str)
                    .map(str::to_string)
                    .collect()
            };
            routes.push(Route {
                method: method.to_uppercase(),
                path: path.strip_prefix("/api/v1").expect("the prefix").into(),
                permission: operation["x-permission"].as_str().unwrap_or("none").into(),
                roles: words("x-roles"),
                platform: operation["x-platform"] == true,
            });
        }
    }
    assert!(routes.len() > 15, "the description is there");
    routes
}

#[test]
fn every_route_has_a_rule_and_every_rule_a_route() {
    let rig = Rig::start();
    let described: BTreeSet<String> = routes(&rig).iter().map(Route::as_text).collect();
    let ruled: BTreeSet<String> = rules()
        .map(|r| format!("{} {}", r.method, r.path))
        .collect();
    assert_eq!(rules().count(), ruled.len(), "a route has two rules");
    let without: Vec<_> = described.difference(&ruled).collect();
    assert!(without.is_empty(), "routes without a rule: {without:?}");
    let without: Vec<_> = ruled.difference(&described).collect();
    assert!(without.is_empty(), "rules without a route: {without:?}");
    for rule in rules() {
        let names = rule
            .path
            .split('{')
            .skip(1)
            .filter_map(|r| r.split('}').next());
        for name in names {
            assert_ne!(
                param(rule.path, name),
                Param::Unknown,
                "{} {name}",
                rule.path
            );
        }
        if let Need::Open = rule.need {
            let open = ["/health", "/session", "/session/link"];
            assert!(
                open.contains(&rule.path),
                "{} is open to anybody",
                rule.path
            );
        }
    }
}

#[test]
fn every_body_that_is_sent_has_an_example() {
    let rig = Rig::start();
    let document = rig.login(Role::Agent).get("/openapi.json").json();
    let mut without = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let content = &operation["requestBody"]["content"]["application/json"];
            if content.is_null() {
                continue;
            }
            let name = content["schema"]["$ref"].as_str().unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or_default();
            let schema = &document["components"]["schemas"][name];
            let shown = [content, &content["schema"], schema]
                .into_iter()
                .any(|place| !place["example"].is_null() || !place["examples"].is_null());
            if !shown {
                without.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    assert!(without.is_empty(), "no example: {without:#?}");
}

#[test]
fn every_permission_is_somebodys_and_no_agent_or_auditor_changes_what_is_not_theirs() {
    for may in May::ALL {
        assert!(may.roles().contains(&Role::Admin), "{}", may.code());
        for role in [Role::Agent, Role::Auditor] {
            let mighty = [".edit", ".upload", ".erase", ".remove", ".export", ".words"];
            let is_mighty = mighty.iter().any(|m| may.code().ends_with(m));
            assert!(
                !(is_mighty && may.roles().contains(&role)),
                "{}",
                may.code()
            );
        }
    }
}

/// What one asks and what came back, when it is not as it must be.
struct Findings(Vec<String>, usize);

impl Findings {
    fn check(&mut self, who: &str, route: &Route, reply: &Reply, right: impl Fn(u16) -> bool) {
        self.1 += 1;
        if !right(reply.status) {
            let body: String = reply.body.chars().take(160).collect();
            self.0.push(format!(
                "{} as {who}: {} {body}",
                route.as_text(),
                reply.status
            ));
        }
    }

    fn end(self) {
        println!("{} requests", self.1);
        assert!(
            self.0.is_empty(),
            "{} wrong:\n{}",
            self.0.len(),
            self.0.join("\n")
        );
    }
}

/// Sends a request that says nothing: enough to learn whether one is let through.
fn ask(client: &Client, route: &Route, path: &str) -> Reply {
    let body = (!route.reads()).then(|| json!({}));
    client.send(&route.method, path, &[], body)
}

fn let_through(status: u16) -> bool {
    !matches!(status, 401 | 403)
}

/// The tenants of the matrix: one's own, and another's.
fn two_tenants(rig: &Rig) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let jade = rig.merchant("Jade Homes", true);
    let own = objects::of(rig, PLATFORM);
    let others = objects::of(rig, jade);
    let call = own["call"].clone();
    rig.web
        .account
        .set_agent_may(Box::new(move |_, asked| asked.0 == call));
    (own, others)
}

#[test]
fn every_role_reaches_its_routes_and_no_others() {
    let rig = Rig::start();
    let routes = routes(&rig);
    let mut findings = Findings(Vec::new(), 0);
    let (own, _) = two_tenants(&rig);
    for role in Role::ALL {
        let user = rig.user(PLATFORM, role);
        let program = rig.key(PLATFORM, role);
        for route in routes.iter().filter(|r| r.permission != "open") {
            // A session each: some routes end it. Deleted things are made anew by nobody, so 404 is let through.
            let person = rig.session(user);
            let path = route.filled(&own);
            let allowed = route.allows(role);
            let right = |status| match allowed {
                true => let_through(status),
                false => status == 403,
            };
            if !route.reads() {
                let mut forged = person.clone();
                forged.csrf = None;
                let reply = ask(&forged, route, &path);
                findings.check(&format!("{role:?} without CSRF"), route, &reply, |s| {
                    s == 403
                });
            }
            findings.check(
                &format!("{role:?}"),
                route,
                &ask(&person, route, &path),
                right,
            );
            // What only a browser's person does is forbidden to programs by the handler.
            let by_hand = matches!(route.path.as_str(), "/session/password" | "/keys");
            if !by_hand {
                let reply = ask(&program, route, &path);
                findings.check(&format!("a key of {role:?}"), route, &reply, right);
            }
            if route.permission != "account" {
                let other = May::ALL
                    .iter()
                    .find(|m| m.roles().contains(&role) && m.code() != route.permission);
                let narrow = rig.key_for(PLATFORM, role, vec![other.unwrap().code().into()]);
                let reply = ask(&narrow, route, &path);
                findings.check(
                    &format!("{role:?}'s key for something else"),
                    route,
                    &reply,
                    |s| s == 403,
                );
            }
        }
    }
    findings.end();
}

#[test]
fn nobody_reaches_anything_without_a_login_that_still_holds() {
    let rig = Rig::start();
    let routes = routes(&rig);
    let mut findings = Findings(Vec::new(), 0);
    let (own, _) = two_tenants(&rig);
    let opal = rig.merchant("Opal Loans", true);
    let revoked = rig.key(PLATFORM, Role::Admin);
    rig.run(rig.store.key_revoke(revoked.user, &witness()))
        .unwrap();
    let suspended = rig.login_of(opal, Role::Admin);
    let of_suspended = rig.key(opal, Role::Admin);
    rig.sql(&format!(
        "UPDATE tenants SET suspended = 1 WHERE id = {}",
        opal.0
    ));
    let disabled = rig.login(Role::Admin);
    rig.sql(&format!(
        "UPDATE users SET disabled = 1 WHERE id = {}",
        disabled.user
    ));
    let mut invented = rig.nobody();
    invented.cookie = Some("x' OR '1'='1".into());
    let people = [
        ("nobody", rig.nobody()),
        ("a revoked key", revoked),
        ("a suspended merchant", suspended),
        ("a suspended merchant's key", of_suspended),
        ("a disabled admin", disabled),
        ("an invented session", invented),
    ];
    for route in routes.iter().filter(|r| r.permission != "open") {
        let path = route.filled(&own);
        for (who, client) in &people {
            findings.check(who, route, &ask(client, route, &path), |s| s == 401);
        }
    }
    findings.end();
}

#[test]
fn another_tenants_things_are_not_there_on_any_route() {
    let rig = Rig::start();
    let routes = routes(&rig);
    let mut findings = Findings(Vec::new(), 0);
    let (own, others) = two_tenants(&rig);
    let jade = TenantId(others["tenant"].parse().unwrap());
    let nowhere: BTreeMap<_, _> = own.keys().map(|k| (k.clone(), "9999".into())).collect();
    let hostile: BTreeMap<_, _> = own
        .keys()
        .map(|k| (k.clone(), "1%27%20OR%201=1--%2F..%2F..%2Fetc".into()))
        .collect();
    for route in routes.iter().filter(|r| r.has_object()) {
        let roles = Role::ALL.into_iter().filter(|r| route.allows(*r));
        for role in roles {
            let ours = rig.login(role);
            let program = rig.key(PLATFORM, role);
            let theirs = rig.login_of(jade, role);
            let is_tenant = route.params().any(|p| p == "tenant");
            let other = route.filled(&others);
            if !is_tenant {
                findings.check(
                    &format!("{role:?}"),
                    route,
                    &ask(&ours, route, &other),
                    |s| s == 404,
                );
                let reply = ask(&program, route, &other);
                findings.check(&format!("a key of {role:?}"), route, &reply, |s| s == 404);
            }
            let platform = |s| s == if route.platform { 403 } else { 404 };
            let reply = ask(&theirs, route, &route.filled(&own));
            findings.check(&format!("a merchant's {role:?}"), route, &reply, platform);
            for (what, ids) in [("nothing", &nowhere), ("nonsense", &hostile)] {
                let reply = ask(&ours, route, &route.filled(ids));
                findings.check(&format!("{role:?} for {what}"), route, &reply, |s| s == 404);
            }
        }
    }
    findings.end();
}

#[test]
fn an_agent_reaches_only_the_calls_that_are_theirs() {
    let rig = Rig::start();
    let routes = routes(&rig);
    let mut findings = Findings(Vec::new(), 0);
    let (own, _) = two_tenants(&rig);
    let colleagues = objects::live_call(&rig, PLATFORM, "live-colleague");
    let mut theirs = own.clone();
    theirs.insert("call".into(), colleagues);
    let agent = rig.login(Role::Agent);
    let with_call = |r: &&Route| r.params().any(|p| p == "call") && r.allows(Role::Agent);
    for route in routes.iter().filter(with_call) {
        let reply = ask(&agent, route, &route.filled(&theirs));
        findings.check("an agent", route, &reply, |s| s == 404);
        let reply = ask(&agent, route, &route.filled(&own));
        findings.check("the call's agent", route, &reply, let_through);
    }
    findings.end();
}
