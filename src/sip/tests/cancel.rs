//! Ends before the answer, and ends by the owner.

use super::super::*;
use super::far_end::*;
use super::rig::*;
use crate::terms::*;
use std::time::Duration;

#[tokio::test]
async fn hanging_up_while_it_rings_cancels() {
    let mut rig = Rig::new().await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    rig.far.reply(&invite, "180 Ringing", "far1", &[], "").await;
    assert!(matches!(
        event(&mut leg).await,
        LegEvent::Progress { code: 180, .. }
    ));
    hang_up(&leg, "list stopped").await;
    let cancel = rig.far.expect("CANCEL").await;
    assert_eq!(cancel.header("Via"), invite.header("Via"));
    assert_eq!(cancel.header("CSeq"), "1 CANCEL");
    assert_eq!(
        cancel.header("Reason"),
        "Q.850;cause=16;text=\"list stopped\""
    );
    assert!(!cancel.has("Contact") && !cancel.has("Session-Expires"));
    rig.far.ok_with(&cancel, "far1", "").await;
    rig.far
        .reply(&invite, "487 Request Terminated", "far1", &[], "")
        .await;
    rig.far.expect("ACK").await;
    let cause = ended(&mut leg).await;
    assert_eq!(
        (cause.kind, cause.by, cause.sip_code),
        (CauseKind::Canceled, EndedBy::Us, Some(487))
    );
}

#[tokio::test]
async fn a_cancel_waits_for_the_first_provisional_response() {
    let mut rig = Rig::new().await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    hang_up(&leg, "stop").await;
    // Two commands fit before the driver reads the first; when this one is taken, the first was handled.
    within("the leg to read", leg.commands.reserve_many(8))
        .await
        .map(drop)
        .ok();
    rig.far.reply(&invite, "100 Trying", "", &[], "").await;
    let cancel = rig.far.expect("CANCEL").await;
    rig.far.ok_with(&cancel, "far1", "").await;
    rig.far
        .reply(&invite, "487 Request Terminated", "far1", &[], "")
        .await;
    rig.far.expect("ACK").await;
    while let LegEvent::Trying = event(&mut leg).await {}
}

#[tokio::test]
async fn a_200_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let mut rig = Rig::new().await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    rig.far.reply(&invite, "180 Ringing", "far1", &[], "").await;
    event(&mut leg).await;
    hang_up(&leg, "stop").await;
    let cancel = rig.far.expect("CANCEL").await;
    rig.far.ok_with(&invite, "far1", ANSWER).await;
    rig.far
        .reply(
            &cancel,
            "481 Call/Transaction Does Not Exist",
            "far1",
            &[],
            "",
        )
        .await;
    rig.far.expect("ACK").await;
    let bye = rig.far.expect("BYE").await;
    assert!(bye.has("Reason"));
    rig.far.ok_with(&bye, "", "").await;
    let cause = ended(&mut leg).await;
    assert_eq!((cause.kind, cause.by), (CauseKind::Canceled, EndedBy::Us));
}

#[tokio::test]
async fn a_busy_that_crosses_the_cancel_is_still_busy() {
    let mut rig = Rig::new().await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    rig.far.reply(&invite, "180 Ringing", "far1", &[], "").await;
    event(&mut leg).await;
    hang_up(&leg, "stop").await;
    rig.far.expect("CANCEL").await;
    rig.far
        .reply(&invite, "486 Busy Here", "far1", &[], "")
        .await;
    rig.far.expect("ACK").await;
    assert_eq!(ended(&mut leg).await.kind, CauseKind::Busy);
}

#[tokio::test]
async fn nobody_answers_within_the_ring_timeout() {
    let mut rig = Rig::new().await;
    let mut leg = rig.endpoint.invite(Invite {
        ring_timeout: Duration::from_millis(100),
        ..rig.invite()
    });
    let invite = rig.far.expect("INVITE").await;
    rig.far.reply(&invite, "180 Ringing", "far1", &[], "").await;
    event(&mut leg).await;
    let cancel = rig.far.expect("CANCEL").await;
    assert!(cancel.header("Reason").contains("ring timeout"));
    rig.far.ok_with(&cancel, "far1", "").await;
    rig.far
        .reply(&invite, "487 Request Terminated", "far1", &[], "")
        .await;
    rig.far.expect("ACK").await;
    assert_eq!(ended(&mut leg).await.kind, CauseKind::NoAnswer);
}

#[tokio::test]
async fn a_far_end_that_never_says_anything_is_no_response() {
    let far = FarEnd::new().await;
    let t = trunk(far.addr(), "");
    let mut rig = Rig::tuned(far, t, |c| c.t1 = Duration::from_millis(5)).await;
    let mut leg = rig.dial();
    rig.far.expect("INVITE").await;
    let cause = ended(&mut leg).await;
    assert_eq!(
        (cause.kind, cause.by),
        (CauseKind::NoResponse, EndedBy::Trunk)
    );
}

#[tokio::test]
async fn an_unanswered_cancel_is_given_up() {
    let far = FarEnd::new().await;
    let t = trunk(far.addr(), "");
    let mut rig = Rig::tuned(far, t, |c| c.t1 = Duration::from_millis(5)).await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    rig.far.reply(&invite, "180 Ringing", "far1", &[], "").await;
    event(&mut leg).await;
    hang_up(&leg, "stop").await;
    rig.far.expect("CANCEL").await;
    assert_eq!(ended(&mut leg).await.kind, CauseKind::Canceled);
}

#[tokio::test]
async fn a_dropped_leg_hangs_up() {
    let mut rig = Rig::new().await;
    let (leg, _) = rig.talk(&[]).await;
    drop(leg);
    let bye = rig.far.expect("BYE").await;
    rig.far.ok_with(&bye, "", "").await;

    let leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    drop(leg);
    rig.far.reply(&invite, "180 Ringing", "far2", &[], "").await;
    rig.far.expect("CANCEL").await;
}

#[tokio::test]
async fn shutdown_ends_every_leg() {
    let mut rig = Rig::new().await;
    let (mut leg, _) = rig.talk(&[]).await;
    rig.shutdown.cancel();
    let bye = rig.far.expect("BYE").await;
    assert!(bye.header("Reason").contains("shutting down"));
    rig.far.ok_with(&bye, "", "").await;
    assert_eq!(ended(&mut leg).await.by, EndedBy::Us);
    within("the legs to end", rig.endpoint.drained()).await;
}
