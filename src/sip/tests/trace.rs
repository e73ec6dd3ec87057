//! What a trace holds of a call that was made.

use super::super::trace::{DialogTrace, Direction};
use super::super::*;
use super::far_end::*;
use super::rig::*;
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn all_messages_of_a_challenged_call_are_handed_over_once_without_number_or_credentials() {
    let got: Arc<Mutex<Vec<DialogTrace>>> = Arc::default();
    let far = FarEnd::new().await;
    let trunk = trunk_with_password(far.addr(), "");
    let keep = got.clone();
    let sink = TraceSink::new(move |trace| keep.lock().unwrap().push(trace));
    let mut rig = Rig::tuned(far, trunk, |config| config.tracer = Some(sink)).await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    let challenge =
        "WWW-Authenticate: Digest realm=\"t\", nonce=\"n0nce\", algorithm=MD5, qop=\"auth\"";
    rig.far
        .reply(&invite, "401 Unauthorized", "far0", &[challenge], "")
        .await;
    let _ = rig.far.expect("ACK").await;
    let invite = rig.far.expect("INVITE").await;
    assert!(invite.header("Authorization").contains("username=\"u\""));
    rig.far.ok_with(&invite, "far1", ANSWER).await;
    let _ = rig.far.expect("ACK").await;
    assert!(matches!(event(&mut leg).await, LegEvent::Answered { .. }));
    hang_up(&leg, "completed").await;
    let bye = rig.far.expect("BYE").await;
    rig.far.ok_with(&bye, "", "").await;
    let _ = ended(&mut leg).await;
    within("the legs to end", rig.endpoint.drained()).await;

    let got = got.lock().unwrap();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].call, "call-1");
    let seen: Vec<(Direction, &str)> = got[0]
        .messages
        .iter()
        .map(|m| {
            let mut words = m.text.split(' ');
            let first = words.next().unwrap_or_default();
            let what = if first == "SIP/2.0" {
                words.next().unwrap_or_default()
            } else {
                first
            };
            (m.direction, what)
        })
        .collect();
    use Direction::{In, Out};
    for wanted in [
        (Out, "INVITE"),
        (In, "401"),
        (Out, "ACK"),
        (In, "200"),
        (Out, "BYE"),
    ] {
        assert!(seen.contains(&wanted), "{wanted:?} not in {seen:?}");
    }
    let all: String = got[0].messages.iter().map(|m| m.text.as_str()).collect();
    for hidden in ["13800138000", "n0nce", "username=", "response="] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
    assert!(
        all.contains("m=audio 4000"),
        "the session description is kept"
    );
}
