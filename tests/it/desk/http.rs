//! The desk and the supervisors over HTTP.

use super::page::Page;
use crate::web_rig::{NOW, PLATFORM, Rig};
use callsmith::desk::board::{CardLead, Entry, Named};
use callsmith::desk::{Desk, DeskSettings};
use callsmith::terms::{CallId, Lang};
use callsmith::web;
use callsmith::web::access::Role;
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// A server with a desk at which every user who is an agent has a seat.
fn house() -> (Rig, Desk) {
    let mut made = None;
    let rig = Rig::start_with(|shared| {
        let desk = Desk::new(
            DeskSettings::default(),
            shared.registry.clone(),
            shared.board.clone(),
            shared.clock.clone(),
            Some(shared.store.clone()),
        );
        shared.desk = web::desk::State::new(desk.clone());
        made = Some(desk);
    });
    let desk = made.unwrap();
    let word = desk.clone();
    rig.web
        .account
        .set_agent_may(Box::new(move |user, call| word.agent_may(user, call)));
    (rig, desk)
}

/// A call that people see and that is over for the registry.
fn on_the_wall(rig: &Rig) -> String {
    let entry = Entry {
        tenant: PLATFORM,
        campaign: Named::default(),
        lead: CardLead::default(),
        phone: "138****8000".into(),
        lang: Lang::Zh,
        dialplan: "plan".into(),
        rehearsal: false,
        started_unix_ms: NOW,
    };
    rig.web.board.enter(&CallId("live-1".into()), entry);
    "live-1".into()
}

/// The desk follows the calls from now on.
fn open(rig: &Rig, desk: &Desk) {
    let (events, for_desk) = tokio::sync::broadcast::channel(16);
    let desk = desk.clone();
    rig.run(async {
        let mut news = desk.events();
        tokio::spawn({
            let desk = desk.clone();
            async move {
                let _held = events;
                desk.run(for_desk, CancellationToken::new()).await;
            }
        });
        news.recv().await.unwrap();
    });
}

#[test]
fn an_agent_connects_is_ready_and_is_seen_by_the_supervisor() {
    let (rig, desk) = house();
    let agent = rig.login(Role::Agent);
    let boss = rig.login(Role::Supervisor);
    open(&rig, &desk);
    let me = agent.get("/desk/me");
    let seat = me.json();
    assert_eq!(
        (me.status, &seat["presence"], &seat["agent"]),
        (200, &json!("offline"), &json!(true)),
        "{}",
        me.body
    );
    let ready = json!({"presence": "ready"});
    let refused = agent.post("/desk/presence", ready.clone());
    assert_eq!((refused.status, refused.code().as_str()), (409, "no_line"));
    let bad = agent.post("/desk/line", json!({"sdp": "v=0\r\n"}));
    assert_eq!(bad.status, 422);
    assert_eq!(bad.json()["error"]["field"], "sdp");
    let mut news = desk.events();
    let mut page = rig.run(Page::open(0));
    let line = agent.post("/desk/line", json!({"sdp": page.offer}));
    assert_eq!(line.status, 200, "{}", line.body);
    let sdp = line.json()["sdp"].as_str().unwrap_or_default().to_string();
    rig.run(async {
        page.answered(&sdp).await;
        while desk.me(agent.user).line.is_none() {
            let _ = news.recv().await;
        }
    });
    assert_eq!(agent.post("/desk/presence", ready).status, 200);
    let seen = boss.get("/desk/agents");
    let li = seen.json()[0].clone();
    assert_eq!(
        (&li["user"], &li["presence"], &li["line"]),
        (&json!(agent.user), &json!("ready"), &json!("browser")),
        "{}",
        seen.body
    );
    assert_eq!(agent.get("/desk/agents").status, 403);
    assert_eq!(agent.delete("/desk/line").status, 200);
    let seatless = boss.post("/desk/presence", json!({"presence": "break"}));
    assert_eq!(seatless.code(), "no_seat");
}

#[test]
fn what_is_not_possible_is_said_in_words() {
    let (rig, desk) = house();
    let agent = rig.login(Role::Agent);
    let boss = rig.login(Role::Supervisor);
    open(&rig, &desk);
    let call = on_the_wall(&rig);
    let at = |what: &str| format!("/live/calls/{call}/{what}");
    for (path, body) in [
        (at("supervise"), json!({"mode": "listen"})),
        (at("steer"), json!({"say": "hello"})),
        (at("hand_back"), json!({})),
        (at("hang_up"), json!({"reason": "abuse"})),
        (at("grade"), json!({"grade": "A", "reason": "hot"})),
    ] {
        let reply = boss.post(&path, body.clone());
        // On the board, and over in the registry.
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (409, "call_over"),
            "{path} {}",
            reply.body
        );
        let refused = agent.post(&path, body);
        assert!(
            matches!(refused.status, 403 | 404),
            "{path} {}",
            refused.body
        );
    }
    let both = boss.post(&at("steer"), json!({"say": "a", "step": "b"}));
    assert_eq!(both.status, 422);
    let modes = boss.post(&at("supervise"), json!({"mode": "shout"}));
    assert_eq!(modes.status, 422);
    let reason = boss.post(&at("hang_up"), json!({"reason": "a\r\nVia: evil"}));
    assert_eq!(reason.status, 422, "{}", reason.body);
    let strange = agent.post(&format!("/desk/offers/{call}/accept"), json!({}));
    assert_eq!(strange.status, 404, "not offered to him: no such call");
}

#[test]
fn tasks_are_done_once_and_outcomes_are_those_of_the_list() {
    let (rig, desk) = house();
    let agent = rig.login(Role::Agent);
    open(&rig, &desk);
    rig.sql(
        "INSERT INTO campaigns (id, tenant_id, name, dialplan, list, state, created_at) VALUES (1, 1, 'c', 'p', 'l', 'stopped', 0); \
         INSERT INTO leads (id, campaign_id, list_row, name, vars, status, next_at) VALUES (1, 1, 2, 'Wang', '{}', 'done', 0); \
         INSERT INTO attempts (id, lead_id, attempt_no, call_id, phone, node, epoch, state, started_at) \
         VALUES (1, 1, 1, 'past-1', '+8613800138000', 'local', 1, 'ended', 0); \
         INSERT INTO desk_tasks (id, tenant_id, call_id, reason, due_at, created_at) VALUES (5, 1, 'past-1', 'asked for a human', 0, 0)",
    );
    let tasks = agent.get("/desk/tasks");
    let task = tasks.json()["items"][0].clone();
    assert_eq!(
        (&task["id"], &task["lead"]["name"], &task["phone"]),
        (&json!(5), &json!("Wang"), &json!("+8613*******00")),
        "{}",
        tasks.body
    );
    let done = |note| agent.post("/desk/tasks/5/done", json!({ "note": note }));
    assert_eq!(done("reached").status, 200);
    assert_eq!(done("again").status, 409);
    assert_eq!(
        agent.get("/desk/tasks").json()["items"][0]["done_unix_ms"],
        json!(NOW)
    );
    let outcomes = agent.get("/desk/outcomes");
    assert!(
        outcomes
            .json()
            .as_array()
            .is_some_and(|o| o.contains(&json!("sold")))
    );
    let stranger = agent.post("/desk/calls/past-1/outcome", json!({"outcome": "sold"}));
    assert_eq!(stranger.status, 404, "a call he was never on");
}
