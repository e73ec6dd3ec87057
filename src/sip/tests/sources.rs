//! Who is listened to, and where we listen.

use super::super::*;
use super::far_end::*;
use super::rig::*;
use crate::terms::*;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_peer_may_ask_for_options_and_nothing_else() {
    let mut rig = Rig::new().await;
    let me = rig.endpoint.local_addr();
    for (method, want) in [
        ("OPTIONS", "SIP/2.0 200"),
        ("INVITE", "SIP/2.0 403"),
        ("REGISTER", "SIP/2.0 405"),
        ("SUBSCRIBE", "SIP/2.0 405"),
        ("REFER", "SIP/2.0 603"),
        ("BYE", "SIP/2.0 481"),
    ] {
        rig.far
            .send(&out_of_dialog(method, me, rig.far.addr()), me)
            .await;
        let answer = rig.far.expect(want).await;
        if method == "OPTIONS" {
            assert!(answer.header("Allow").contains("INVITE"));
        }
    }
    assert_eq!(rig.endpoint.live_legs(), 0);
}

#[tokio::test]
async fn unknown_sources_get_no_answer_and_are_counted() {
    let mut rig = Rig::new().await;
    let me = rig.endpoint.local_addr();
    let scanner = FarEnd::at("127.0.0.2:0").await;
    for method in ["OPTIONS", "INVITE", "REGISTER"] {
        scanner
            .send(&out_of_dialog(method, me, scanner.addr()), me)
            .await;
    }
    // The peer's request comes after theirs through the same socket: its answer means theirs were handled.
    rig.far
        .send(&out_of_dialog("OPTIONS", me, rig.far.addr()), me)
        .await;
    rig.far.expect("SIP/2.0 200").await;
    assert_eq!(rig.endpoint.ignored_messages(), 3);
    let mut buf = [0; 2048];
    assert!(scanner.socket.try_recv_from(&mut buf).is_err());
}

#[tokio::test]
async fn garbage_on_the_port_disturbs_no_call() {
    let mut rig = Rig::new().await;
    let (mut leg, invite) = rig.talk(&[]).await;
    let me = rig.endpoint.local_addr();
    let garbage: &[&[u8]] = &[
        b"",
        b"\r\n\r\n",
        b"\x00\xff\xfe\x80\x80",
        b"\x80\x08\x00\x01RTP goes to the wrong port",
        b"INVITE",
        b"INVITE sip:x SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 999999 OK\r\nCSeq: 1 INVITE\r\n\r\n",
        b"BYE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=\r\nFrom: x\r\nTo: ;tag=\r\nCall-ID: \r\nCSeq: -1 BYE\r\n\r\n",
        b"FROBNICATE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 FROBNICATE\r\n\r\n",
    ];
    for junk in garbage {
        rig.far.socket.send_to(junk, me).await.unwrap();
    }
    let long = vec![b'A'; 8000];
    rig.far.socket.send_to(&long, me).await.unwrap();
    // A message of the live dialog with its headers damaged in every way that cutting can damage it.
    let whole = in_dialog(&invite, "far1", "INFO", 5, rig.far.addr(), &[], "");
    for end in (0..whole.len()).step_by(17) {
        rig.far
            .socket
            .send_to(&whole.as_bytes()[..end], me)
            .await
            .unwrap();
    }
    // A whole one proves that it all was survived; answers to cut ones that still were messages may come before.
    rig.request(&invite, "OPTIONS", 90, &[], "").await;
    loop {
        let msg = rig.far.next("the answer to OPTIONS").await;
        if msg.text.starts_with("SIP/2.0 200") && msg.header("CSeq") == "90 OPTIONS" {
            break;
        }
    }
    rig.far_hangs_up(&mut leg, &invite, 91).await;
}

#[tokio::test]
async fn a_stray_answer_of_a_former_life_is_acknowledged_and_ended() {
    let mut rig = Rig::new().await;
    let me = rig.endpoint.local_addr();
    let lost = Msg {
        text: format!(
            "INVITE sip:1@h SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bKbefore\r\nFrom: <sip:1000@h>;tag=old\r\n\
             To: <sip:1@h>\r\nCall-ID: before-the-crash@127.0.0.1\r\nCSeq: 4 INVITE\r\n\r\n"
        ),
        from: me,
    };
    let text = response(&lost, "200 OK", "far1", rig.far.addr(), &[], ANSWER);
    rig.far.send(&text, me).await;
    let mut got = vec![rig.far.next("ACK").await, rig.far.next("BYE").await];
    got.sort_by_key(|m| m.text.clone());
    assert_eq!(got[0].header("CSeq"), "4 ACK");
    assert_eq!(got[1].header("CSeq"), "5 BYE");
    for msg in &got {
        assert_eq!(msg.header("Call-ID"), "before-the-crash@127.0.0.1");
        assert!(msg.header("To").contains("tag=far1") && msg.header("From").contains("tag=old"));
    }
}

#[tokio::test]
async fn what_must_not_be_sent_is_not_sent() {
    let rig = Rig::new().await;
    let to = |number: &str| Target::Trunk {
        trunk: rig.trunk.clone(),
        number: Phone::new(number),
    };
    for (target, caller_id, kind, want) in [
        (
            to("+8613800138000"),
            "2000",
            CauseKind::TrunkError,
            "caller_ids",
        ),
        (
            to("sip:evil@host"),
            "1000",
            CauseKind::InvalidNumber,
            "cannot be dialled",
        ),
        (
            Target::Uri("sips:101@127.0.0.1".into()),
            "x",
            CauseKind::InvalidNumber,
            "TLS",
        ),
    ] {
        let mut leg = rig.endpoint.invite(Invite {
            target,
            caller_id: caller_id.into(),
            ..rig.invite()
        });
        let cause = ended(&mut leg).await;
        assert_eq!((cause.kind, cause.by), (kind, EndedBy::Us));
        assert!(cause.text.contains(want), "{cause:?}");
    }
    let mut buf = [0; 2048];
    assert!(rig.far.socket.try_recv_from(&mut buf).is_err());
}

#[tokio::test]
async fn a_ping_tells_a_living_trunk_from_a_dead_one() {
    let far = FarEnd::new().await;
    let t = trunk(far.addr(), "");
    let mut rig = Rig::tuned(far, t, |c| c.t1 = Duration::from_millis(5)).await;
    let (endpoint, t) = (rig.endpoint.clone(), rig.trunk.clone());
    let ping = tokio::spawn(async move { endpoint.options_ping(&t).await });
    let options = rig.far.expect("OPTIONS").await;
    rig.far.reply(&options, "404 Not Found", "x", &[], "").await;
    assert!(within("the ping", ping).await.unwrap().is_ok());
    // Nobody answers the second one.
    let dead = within("the ping", rig.endpoint.options_ping(&rig.trunk)).await;
    assert!(matches!(dead, Err(SipError::NoAnswer { .. })), "{dead:?}");
}

#[tokio::test]
async fn a_taken_port_is_named_with_advice() {
    let rig = Rig::new().await;
    let taken = rig.endpoint.local_addr();
    let e = Endpoint::start(EndpointConfig::new(taken), CancellationToken::new())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        e.contains(&taken.to_string()) && e.contains("choose another port"),
        "{e}"
    );
}

#[tokio::test]
async fn a_trunk_behind_nat_sees_the_public_address() {
    let far = FarEnd::new().await;
    let t = trunk(far.addr(), "public_address = \"203.0.113.7\"\n");
    let mut rig = Rig::with(far, t).await;
    let _leg = rig.dial();
    let invite = rig.far.expect("INVITE").await;
    assert!(
        invite
            .uri_of("Contact")
            .starts_with("sip:1000@203.0.113.7:")
    );
    let media = rig
        .endpoint
        .media_address(&rig.invite().target)
        .await
        .unwrap();
    assert_eq!(media.to_string(), "203.0.113.7");
}
