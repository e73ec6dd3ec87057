//! Open streams do not outlive the right to them.

use super::*;
use std::io::Read;
use std::time::{Duration, Instant};

/// Opens the wall's stream, does something, and says whether the stream ends by itself.
fn ends_after(rig: &Rig, client: &Client, deed: impl FnOnce()) -> bool {
    let mut request = ureq::AgentBuilder::new()
        .timeout_read(Duration::from_secs(10))
        .build()
        .get(&format!("{}/api/v1/live/events", rig.url));
    if let Some(cookie) = &client.cookie {
        request = request.set("Cookie", &format!("callsmith={cookie}"));
    }
    if let Some(key) = &client.key {
        request = request.set("Authorization", &format!("Bearer {key}"));
    }
    let response = request.call().expect("a stream");
    assert_eq!(response.content_type(), "text/event-stream");
    let mut body = response.into_reader();
    let mut first = [0; 16];
    assert!(body.read(&mut first).expect("it begins") > 0);
    deed();
    let begun = Instant::now();
    let mut rest = Vec::new();
    // A stream that goes on would only end here by the reader's patience, as an error.
    body.read_to_end(&mut rest).is_ok() && begun.elapsed() < Duration::from_secs(10)
}

#[test]
fn a_stream_ends_when_its_session_or_key_does() {
    let rig = Rig::start();
    let admin = rig.login(Role::Admin);
    let person = rig.login(Role::Supervisor);
    let fired = || {
        let off = admin.patch(
            &format!("/users/{}", person.user),
            json!({"disabled": true}),
        );
        assert_eq!(off.status, 200);
    };
    assert!(ends_after(&rig, &person, fired));
    let program = rig.key(PLATFORM, Role::Ops);
    let revoked = || assert_eq!(admin.delete(&format!("/keys/{}", program.user)).status, 204);
    assert!(ends_after(&rig, &program, revoked));
    let demoted = rig.login(Role::Supervisor);
    let down = || {
        let less = admin.patch(
            &format!("/users/{}", demoted.user),
            json!({"role": "auditor"}),
        );
        assert_eq!(less.status, 200);
    };
    assert!(
        ends_after(&rig, &demoted, down),
        "another role sees other things"
    );
    let leaving = rig.login(Role::Ops);
    let out = || assert_eq!(leaving.delete("/session").status, 204);
    assert!(ends_after(&rig, &leaving, out));
}
