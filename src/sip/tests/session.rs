//! Session timers.

use super::rig::*;
use crate::terms::*;

#[tokio::test]
async fn session_timers_are_offered_and_a_422_is_followed() {
    let mut rig = Rig::new().await;
    let mut leg = rig.dial();
    let first = rig.far.expect("INVITE").await;
    assert_eq!(first.header("Session-Expires"), "1800;refresher=uac");
    assert_eq!(first.header("Min-SE"), "90");
    assert!(first.header("Supported").contains("timer"));
    rig.far
        .reply(
            &first,
            "422 Session Interval Too Small",
            "x",
            &["Min-SE: 3600"],
            "",
        )
        .await;
    rig.far.expect("ACK").await;
    let second = rig.far.expect("INVITE").await;
    assert_eq!(second.header("Session-Expires"), "3600;refresher=uac");
    assert_eq!(second.header("Min-SE"), "3600");
    assert_eq!(second.header("Call-ID"), first.header("Call-ID"));
    assert_eq!(second.header("From"), first.header("From"));
    assert_eq!(second.header("CSeq"), "2 INVITE");
    rig.far.ok_with(&second, "far1", ANSWER).await;
    rig.far.expect("ACK").await;
    assert!(matches!(event(&mut leg).await, LegEvent::Answered { .. }));
    rig.far_hangs_up(&mut leg, &second, 1).await;
}

#[tokio::test]
async fn we_refresh_the_session_when_it_is_our_turn() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig
        .talk(&[
            "Session-Expires: 2;refresher=uac",
            "Allow: INVITE, ACK, BYE, UPDATE",
        ])
        .await;
    let update = rig.far.expect("UPDATE").await;
    assert_eq!(update.header("Session-Expires"), "2;refresher=uac");
    // It says it takes UPDATE and does not: the next refresh is a re-INVITE with the same description.
    rig.far
        .reply(&update, "405 Method Not Allowed", "", &[], "")
        .await;
    let again = rig.far.expect("INVITE").await;
    assert_eq!(again.body(), OFFER);
    rig.far
        .reply(
            &again,
            "200 OK",
            "",
            &["Session-Expires: 1800;refresher=uac"],
            ANSWER,
        )
        .await;
    rig.far.expect("ACK").await;
    rig.far_hangs_up(&mut leg, &invite, 1).await;
}

#[tokio::test]
async fn a_session_that_they_do_not_refresh_is_ended() {
    let mut rig = Rig::new().await;
    let (mut leg, _) = rig.talk(&["Session-Expires: 2;refresher=uas"]).await;
    let bye = rig.far.expect("BYE").await;
    assert!(bye.header("Reason").contains("session expired"));
    rig.far.ok_with(&bye, "", "").await;
    let cause = ended(&mut leg).await;
    assert_eq!(
        (cause.kind, cause.by),
        (CauseKind::SessionExpired, EndedBy::Trunk)
    );
}

#[tokio::test]
async fn their_refresh_keeps_the_session_and_too_short_an_interval_is_refused() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&["Session-Expires: 1800;refresher=uas"]).await;
    rig.request(
        &invite,
        "UPDATE",
        1,
        &["Session-Expires: 10;refresher=uac"],
        "",
    )
    .await;
    let refusal = rig.far.expect("SIP/2.0 422").await;
    assert_eq!(refusal.header("Min-SE"), "90");
    rig.request(
        &invite,
        "UPDATE",
        2,
        &["Session-Expires: 600;refresher=uac", "Supported: timer"],
        "",
    )
    .await;
    let ok = rig.far.expect("SIP/2.0 200").await;
    assert_eq!(ok.header("Session-Expires"), "600;refresher=uac");
    rig.far_hangs_up(&mut leg, &invite, 3).await;
}
