//! What a far end may ask of a live call.

use super::far_end::*;
use super::rig::*;

#[tokio::test]
async fn hold_by_re_invite_is_answered_with_our_description() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    rig.request(&invite, "INVITE", 1, &[], HOLD).await;
    match event(&mut leg).await {
        LegEvent::Offer { sdp, answer } => {
            assert_eq!(sdp.as_deref(), Some(HOLD.as_bytes()));
            answer.send(Some(OFFER.as_bytes().to_vec())).unwrap();
        }
        other => panic!("{other:?}"),
    }
    rig.far.expect("SIP/2.0 100").await;
    let ok = rig.far.expect("SIP/2.0 200").await;
    assert_eq!(ok.body(), OFFER);
    assert_eq!(ok.header("Content-Type"), "application/sdp");
    assert!(ok.has("Contact"));
    rig.request(&invite, "ACK", 1, &[], "").await;
    rig.far_hangs_up(&mut leg, &invite, 2).await;
}

#[tokio::test]
async fn an_offer_we_refuse_leaves_the_call_as_it_was() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    rig.request(&invite, "INVITE", 1, &[], HOLD).await;
    match event(&mut leg).await {
        LegEvent::Offer { answer, .. } => answer.send(None).unwrap(),
        other => panic!("{other:?}"),
    }
    rig.far.expect("SIP/2.0 100").await;
    rig.far.expect("SIP/2.0 488").await;
    rig.request(&invite, "ACK", 1, &[], "").await;
    // Dropping the question refuses, too.
    rig.request(&invite, "UPDATE", 2, &[], HOLD).await;
    drop(event(&mut leg).await);
    rig.far.expect("SIP/2.0 488").await;
    rig.far_hangs_up(&mut leg, &invite, 3).await;
}

#[tokio::test]
async fn update_is_answered_with_and_without_a_description() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    rig.request(&invite, "UPDATE", 1, &[], "").await;
    let ok = rig.far.expect("SIP/2.0 200").await;
    assert_eq!(ok.body(), "");
    rig.request(&invite, "UPDATE", 2, &[], HOLD).await;
    match event(&mut leg).await {
        LegEvent::Offer { answer, .. } => answer.send(Some(OFFER.as_bytes().to_vec())).unwrap(),
        other => panic!("{other:?}"),
    }
    assert_eq!(rig.far.expect("SIP/2.0 200").await.body(), OFFER);
    rig.far_hangs_up(&mut leg, &invite, 3).await;
}

#[tokio::test]
async fn an_offerless_re_invite_gets_our_offer_and_the_ack_brings_the_answer() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    rig.request(&invite, "INVITE", 1, &[], "").await;
    match event(&mut leg).await {
        LegEvent::Offer { sdp: None, answer } => {
            answer.send(Some(OFFER.as_bytes().to_vec())).unwrap()
        }
        other => panic!("{other:?}"),
    }
    rig.far.expect("SIP/2.0 100").await;
    assert_eq!(rig.far.expect("SIP/2.0 200").await.body(), OFFER);
    rig.request(&invite, "ACK", 1, &[], ANSWER).await;
    match event(&mut leg).await {
        LegEvent::AnswerInAck { sdp } => assert_eq!(sdp, ANSWER.as_bytes()),
        other => panic!("{other:?}"),
    }
    rig.far_hangs_up(&mut leg, &invite, 2).await;
}

#[tokio::test]
async fn keys_arrive_by_info() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    rig.request(
        &invite,
        "INFO",
        1,
        &["Content-Type: application/dtmf-relay"],
        "Signal=7\r\nDuration=160\r\n",
    )
    .await;
    rig.far.expect("SIP/2.0 200").await;
    assert!(matches!(event(&mut leg).await, LegEvent::Key('7')));
    rig.request(&invite, "INFO", 2, &["Content-Type: application/dtmf"], "#")
        .await;
    rig.far.expect("SIP/2.0 200").await;
    assert!(matches!(event(&mut leg).await, LegEvent::Key('#')));
    rig.request(
        &invite,
        "INFO",
        3,
        &["Content-Type: application/x-other"],
        "?",
    )
    .await;
    rig.far.expect("SIP/2.0 415").await;
    rig.far_hangs_up(&mut leg, &invite, 4).await;
}

#[tokio::test]
async fn what_a_call_does_not_do_is_refused_and_the_call_goes_on() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    for (n, (method, more, want)) in [
        ("OPTIONS", vec![], "SIP/2.0 200"),
        (
            "REFER",
            vec!["Refer-To: <sip:premium@198.51.100.9>"],
            "SIP/2.0 603",
        ),
        ("MESSAGE", vec![], "SIP/2.0 405"),
        ("NOTIFY", vec!["Event: refer"], "SIP/2.0 405"),
        ("INFO", vec!["Require: teleport"], "SIP/2.0 420"),
    ]
    .into_iter()
    .enumerate()
    {
        let cseq = u32::try_from(n).unwrap() + 10;
        rig.request(&invite, method, cseq, &more, "").await;
        rig.far.expect(want).await;
    }
    // An old sequence number, then a dialog that does not exist.
    rig.request(&invite, "INFO", 2, &[], "").await;
    rig.far.expect("SIP/2.0 500").await;
    let stranger = in_dialog(&invite, "far1", "INFO", 30, rig.far.addr(), &[], "")
        .replace("call-1@", "call-9@");
    rig.far.send(&stranger, invite.from).await;
    rig.far.expect("SIP/2.0 481").await;
    rig.far_hangs_up(&mut leg, &invite, 40).await;
}
