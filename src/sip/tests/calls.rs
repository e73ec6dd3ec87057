//! Calls that are answered or refused.

use super::super::*;
use super::far_end::*;
use super::rig::*;
use crate::terms::*;

#[tokio::test]
async fn a_call_is_answered_and_we_hang_up() {
    let mut rig = Rig::new().await;
    let me = rig.endpoint.local_addr();
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    assert_eq!(
        invite.start(),
        format!("INVITE sip:+8613800138000@{} SIP/2.0", rig.far.addr())
    );
    assert_eq!(invite.from, me);
    assert!(
        invite.header("Via").contains(&me.to_string()),
        "{}",
        invite.text
    );
    assert_eq!(invite.uri_of("Contact"), format!("sip:1000@{me}"));
    assert_eq!(invite.header("Call-ID"), "call-1@127.0.0.1");
    assert!(
        invite
            .header("From")
            .starts_with("<sip:1000@127.0.0.1>;tag=")
    );
    assert_eq!(invite.body(), OFFER);
    rig.far.reply(&invite, "100 Trying", "", &[], "").await;
    assert!(matches!(event(&mut leg).await, LegEvent::Trying));
    rig.far.reply(&invite, "180 Ringing", "far1", &[], "").await;
    assert!(matches!(
        event(&mut leg).await,
        LegEvent::Progress {
            code: 180,
            sdp: None
        }
    ));
    rig.far.ok_with(&invite, "far1", ANSWER).await;
    let ack = rig.far.expect("ACK").await;
    assert_eq!(ack.header("CSeq"), "1 ACK");
    assert_eq!(
        ack.start(),
        format!("ACK sip:far@{} SIP/2.0", rig.far.addr())
    );
    assert!(matches!(event(&mut leg).await, LegEvent::Answered { .. }));

    hang_up(&leg, "completed").await;
    let bye = rig.far.expect("BYE").await;
    assert_eq!(bye.header("Reason"), "Q.850;cause=16;text=\"completed\"");
    assert!(bye.header("To").contains("tag=far1"));
    let cause = ended(&mut leg).await;
    assert_eq!((cause.kind, cause.by), (CauseKind::Normal, EndedBy::Us));
    rig.far.ok_with(&bye, "", "").await;
    within("the legs to end", rig.endpoint.drained()).await;
}

#[tokio::test]
async fn a_repeated_200_gets_the_same_ack_again() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    rig.far.ok_with(&invite, "far1", ANSWER).await;
    // FarEnd hides repeated messages; the raw socket does not.
    let mut buf = [0; 4096];
    let (len, _) = within("the ACK again", rig.far.socket.recv_from(&mut buf))
        .await
        .unwrap();
    assert!(buf[..len].starts_with(b"ACK "));
    rig.far_hangs_up(&mut leg, &invite, 1).await;
}

#[tokio::test]
async fn the_callee_hangs_up_and_the_reason_is_kept() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    rig.request(
        &invite,
        "BYE",
        1,
        &["Reason: Q.850;cause=16;text=\"bye\""],
        "",
    )
    .await;
    rig.far.expect("SIP/2.0 200").await;
    let cause = ended(&mut leg).await;
    assert_eq!(cause.kind, CauseKind::Normal);
    assert_eq!((cause.by, cause.q850), (EndedBy::Callee, Some(16)));
}

#[tokio::test]
async fn byes_that_cross_both_get_200() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    hang_up(&leg, "completed").await;
    let bye = rig.far.expect("BYE").await;
    rig.request(&invite, "BYE", 1, &[], "").await;
    rig.far.expect("SIP/2.0 200").await;
    rig.far.ok_with(&bye, "", "").await;
    assert_eq!(ended(&mut leg).await.by, EndedBy::Us);
}

#[tokio::test]
async fn every_refusal_ends_the_leg_with_its_cause() {
    let mut rig = Rig::new().await;
    type Row = (
        &'static str,
        &'static [&'static str],
        CauseKind,
        EndedBy,
        Option<u8>,
    );
    let table: &[Row] = &[
        ("486 Busy Here", &[], CauseKind::Busy, EndedBy::Callee, None),
        (
            "603 Decline",
            &[],
            CauseKind::Declined,
            EndedBy::Callee,
            None,
        ),
        (
            "480 Temporarily Unavailable",
            &["Reason: SIP;cause=480, Q.850 ;cause=20;text=\"absent\""],
            CauseKind::Unreachable,
            EndedBy::Trunk,
            Some(20),
        ),
        (
            "404 Not Found",
            &[],
            CauseKind::InvalidNumber,
            EndedBy::Trunk,
            None,
        ),
        (
            "302 Moved Temporarily",
            &["Contact: <sip:premium@198.51.100.9>"],
            CauseKind::Forwarded,
            EndedBy::Trunk,
            None,
        ),
        (
            "408 Request Timeout",
            &[],
            CauseKind::NoAnswer,
            EndedBy::Callee,
            None,
        ),
        (
            "503 Service Unavailable",
            &[],
            CauseKind::NetworkBusy,
            EndedBy::Trunk,
            None,
        ),
        (
            "499 Whatever",
            &[],
            CauseKind::TrunkError,
            EndedBy::Trunk,
            None,
        ),
        (
            "407 Proxy Authentication Required",
            &["Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\""],
            CauseKind::AuthFailed,
            EndedBy::Trunk,
            None,
        ),
    ];
    for (status, more, kind, by, q850) in table {
        let mut leg = rig.dial();
        let invite = rig.far.expect("INVITE").await;
        rig.far.reply(&invite, status, "far1", more, "").await;
        let ack = rig.far.expect("ACK").await;
        assert_eq!(ack.header("Via"), invite.header("Via"), "{status}");
        let cause = ended(&mut leg).await;
        assert_eq!(
            (cause.kind, cause.by, cause.q850),
            (*kind, *by, *q850),
            "{status}"
        );
        assert_eq!(cause.sip_code, status[..3].parse().ok());
    }
}

#[tokio::test]
async fn a_refusal_keeps_the_carriers_own_words_and_missing_credentials_say_what_to_do() {
    let mut rig = Rig::new().await;
    for (status, want) in [
        ("403 Caller Number Not Allowed", "Caller Number Not Allowed"),
        ("401 Unauthorized", "set username and password_file"),
    ] {
        let mut leg = rig.dial();
        let invite = rig.far.expect("INVITE").await;
        rig.far.reply(&invite, status, "far1", &[], "").await;
        rig.far.expect("ACK").await;
        let cause = ended(&mut leg).await;
        assert!(cause.text.contains(want), "{cause:?}");
    }
}

#[tokio::test]
async fn early_media_arrives_with_183() {
    let mut rig = Rig::new().await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    rig.far
        .reply(&invite, "183 Session Progress", "ann1", &[], ANSWER)
        .await;
    match event(&mut leg).await {
        LegEvent::Progress {
            code: 183,
            sdp: Some(sdp),
        } => assert_eq!(sdp, ANSWER.as_bytes()),
        other => panic!("{other:?}"),
    }
    // Another early dialog rings, then the announcement ends the call.
    rig.far
        .reply(&invite, "180 Ringing", "ring2", &[], "")
        .await;
    assert!(matches!(
        event(&mut leg).await,
        LegEvent::Progress {
            code: 180,
            sdp: None
        }
    ));
    rig.far
        .reply(&invite, "404 Not Found", "ann1", &[], "")
        .await;
    rig.far.expect("ACK").await;
    assert_eq!(ended(&mut leg).await.kind, CauseKind::InvalidNumber);
}

#[tokio::test]
async fn a_reliable_183_is_acknowledged_and_its_description_stands_for_the_answer() {
    let mut rig = Rig::new().await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    assert!(invite.header("Supported").contains("100rel"));
    rig.far
        .reply(
            &invite,
            "183 Session Progress",
            "far1",
            &["Require: 100rel", "RSeq: 7"],
            ANSWER,
        )
        .await;
    let prack = rig.far.expect("PRACK").await;
    assert_eq!(prack.header("RAck"), "7 1 INVITE");
    rig.far.ok_with(&prack, "", "").await;
    assert!(matches!(
        event(&mut leg).await,
        LegEvent::Progress {
            code: 183,
            sdp: Some(_)
        }
    ));
    rig.far.ok_with(&invite, "far1", "").await;
    rig.far.expect("ACK").await;
    match event(&mut leg).await {
        LegEvent::Answered { sdp } => assert_eq!(sdp, ANSWER.as_bytes()),
        other => panic!("{other:?}"),
    }
    rig.far_hangs_up(&mut leg, &invite, 1).await;
}

#[tokio::test]
async fn an_answer_without_a_description_is_ended() {
    let mut rig = Rig::new().await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    rig.far.ok_with(&invite, "far1", "").await;
    rig.far.expect("ACK").await;
    rig.far.expect("BYE").await;
    assert_eq!(ended(&mut leg).await.kind, CauseKind::TrunkError);
}

#[tokio::test]
async fn a_second_phone_that_answers_is_sent_away() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    rig.far.ok_with(&invite, "other2", ANSWER).await;
    let ack = rig.far.expect("ACK").await;
    assert!(ack.header("To").contains("tag=other2"));
    let bye = rig.far.expect("BYE").await;
    assert!(bye.header("To").contains("tag=other2"));
    rig.far.ok_with(&bye, "", "").await;
    rig.far_hangs_up(&mut leg, &invite, 1).await;
}

#[tokio::test]
async fn two_trunks_each_get_their_own_calls() {
    let mut rig = Rig::new().await;
    let mut other = FarEnd::new().await;
    let second = trunk(
        other.addr(),
        "number_format = \"national\"\nprefix = \"9\"\n",
    );
    let mut a = rig.dial();
    let mut b = rig.endpoint.invite(Invite {
        target: Target::Trunk {
            trunk: second,
            number: Phone::new("+8613900139000"),
        },
        ..rig.invite()
    });
    let on_a = rig.far.expect("INVITE").await;
    let on_b = other.expect("INVITE").await;
    assert!(on_a.start().contains("+8613800138000@"));
    assert!(
        on_b.start().contains("sip:913900139000@"),
        "{}",
        on_b.start()
    );
    assert_ne!(on_a.header("Call-ID"), on_b.header("Call-ID"));
    rig.far.reply(&on_a, "486 Busy Here", "x", &[], "").await;
    other.reply(&on_b, "603 Decline", "y", &[], "").await;
    assert_eq!(ended(&mut a).await.kind, CauseKind::Busy);
    assert_eq!(ended(&mut b).await.kind, CauseKind::Declined);
}

#[tokio::test]
async fn an_agents_phone_is_rung_beside_the_callee() {
    let mut rig = Rig::new().await;
    let mut phone = FarEnd::new().await;
    let (mut callee, invite) = rig.talk(&[]).await;
    let ring = |rig: &Rig, phone: &FarEnd| {
        rig.endpoint.invite(Invite {
            target: Target::Uri(format!("sip:101@{}", phone.addr())),
            caller_id: "robot".into(),
            display_name: Some("Hot \"lead\"".into()),
            ..rig.invite()
        })
    };
    let mut agent = ring(&rig, &phone);
    let to_agent = phone.expect("INVITE").await;
    assert_ne!(to_agent.header("Call-ID"), invite.header("Call-ID"));
    assert!(
        to_agent
            .header("From")
            .starts_with("\"Hot lead\" <sip:robot@")
    );
    phone.reply(&to_agent, "486 Busy Here", "p1", &[], "").await;
    let cause = ended(&mut agent).await;
    assert_eq!((cause.kind, cause.by), (CauseKind::Busy, EndedBy::Agent));
    phone.expect("ACK").await;

    let mut agent = ring(&rig, &phone);
    let to_agent = phone.expect("INVITE").await;
    phone.ok_with(&to_agent, "p1", ANSWER).await;
    phone.expect("ACK").await;
    assert!(matches!(event(&mut agent).await, LegEvent::Answered { .. }));
    let bye = in_dialog(&to_agent, "p1", "BYE", 1, phone.addr(), &[], "");
    phone.send(&bye, to_agent.from).await;
    phone.expect("SIP/2.0 200").await;
    assert_eq!(ended(&mut agent).await.by, EndedBy::Agent);
    rig.far_hangs_up(&mut callee, &invite, 1).await;
}

#[tokio::test]
async fn compact_header_names_are_understood() {
    let mut rig = Rig::new().await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    let mut ok = response(&invite, "200 OK", "far1", rig.far.addr(), &[], ANSWER);
    for (long, short) in [
        ("\r\nVia:", "\r\nv:"),
        ("\r\nFrom:", "\r\nf:"),
        ("\r\nTo:", "\r\nt:"),
        ("\r\nCall-ID:", "\r\ni:"),
        ("\r\nContact:", "\r\nm:"),
        ("\r\nContent-Type:", "\r\nc:"),
        ("\r\nContent-Length:", "\r\nl:"),
    ] {
        ok = ok.replace(long, short);
    }
    rig.far.send(&ok, invite.from).await;
    rig.far.expect("ACK").await;
    match event(&mut leg).await {
        LegEvent::Answered { sdp } => assert_eq!(sdp, ANSWER.as_bytes()),
        other => panic!("{other:?}"),
    }
    rig.far_hangs_up(&mut leg, &invite, 1).await;
}

#[tokio::test]
async fn an_endpoint_on_every_address_names_the_one_that_the_far_end_can_reach() {
    let far = FarEnd::new().await;
    let t = trunk(far.addr(), "");
    let mut rig = Rig::tuned(far, t, |c| c.bind = "0.0.0.0:0".parse().unwrap()).await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    assert!(invite.uri_of("Contact").starts_with("sip:1000@127.0.0.1:"));
    rig.far.reply(&invite, "486 Busy Here", "x", &[], "").await;
    assert_eq!(ended(&mut leg).await.kind, CauseKind::Busy);
}

#[tokio::test]
async fn a_record_route_is_followed_to_the_proxy() {
    let mut rig = Rig::new().await;
    let mut proxy = FarEnd::new().await;
    let mut leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    let route = format!("Record-Route: <sip:{};lr>", proxy.addr());
    let ok = response(&invite, "200 OK", "far1", rig.far.addr(), &[&route], ANSWER);
    rig.far.send(&ok, invite.from).await;
    let ack = proxy.expect("ACK").await;
    assert!(ack.start().contains(&format!("sip:far@{}", rig.far.addr())));
    assert!(matches!(event(&mut leg).await, LegEvent::Answered { .. }));
    hang_up(&leg, "completed").await;
    let bye = proxy.expect("BYE").await;
    assert!(bye.has("Route"));
    assert!(bye.start().contains(&format!("sip:far@{}", rig.far.addr())));
    proxy.ok_with(&bye, "", "").await;
    ended(&mut leg).await;
}
