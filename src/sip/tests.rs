//! The endpoint against a far end of plain text: what a carrier sees and what a call is told.

mod far_end;

use super::leg::{Leg, LegCommand, LegEvent};
use super::{Endpoint, EndpointConfig, Invite, SipError, Target, Trunk};
use crate::terms::{CallId, CauseKind, EndedBy, HangupCause, Phone};
use far_end::{FarEnd, Msg, in_dialog, out_of_dialog, response, within};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const OFFER: &str = "v=0\r\no=robot 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
const ANSWER: &str = "v=0\r\no=far 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8\r\n";
const HOLD: &str = "v=0\r\no=far 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8\r\na=sendonly\r\n";

fn trunk(far: SocketAddr, more: &str) -> Arc<Trunk> {
    let text = format!("name = \"t\"\nhost = \"{far}\"\ncaller_ids = [\"1000\"]\n{more}");
    Arc::new(Trunk::parse(&text, "t.toml").unwrap())
}

/// A trunk with the password `secret`.
fn trunk_with_password(far: SocketAddr, more: &str) -> Arc<Trunk> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("pw"), "secret\n").unwrap();
    let file = dir.path().join("t.toml");
    let text = format!(
        "name = \"t\"\nhost = \"{far}\"\ncaller_ids = [\"1000\"]\nusername = \"u\"\npassword_file = \"pw\"\n{more}"
    );
    std::fs::write(&file, text).unwrap();
    Arc::new(Trunk::load(&file).unwrap())
}

struct Rig {
    endpoint: Endpoint,
    far: FarEnd,
    trunk: Arc<Trunk>,
    shutdown: CancellationToken,
}

impl Rig {
    async fn new() -> Rig {
        let far = FarEnd::new().await;
        let trunk = trunk(far.addr(), "");
        Rig::with(far, trunk).await
    }

    async fn with(far: FarEnd, trunk: Arc<Trunk>) -> Rig {
        Rig::tuned(far, trunk, |_| {}).await
    }

    async fn tuned(far: FarEnd, trunk: Arc<Trunk>, tune: impl FnOnce(&mut EndpointConfig)) -> Rig {
        let mut config = EndpointConfig::new("127.0.0.1:0".parse().unwrap());
        config.trunks = vec![trunk.clone()];
        tune(&mut config);
        let shutdown = CancellationToken::new();
        let endpoint = Endpoint::start(config, shutdown.clone()).await.unwrap();
        Rig {
            endpoint,
            far,
            trunk,
            shutdown,
        }
    }

    fn invite(&self) -> Invite {
        Invite {
            target: Target::Trunk {
                trunk: self.trunk.clone(),
                number: Phone::new("+8613800138000"),
            },
            caller_id: "1000".into(),
            display_name: None,
            call_id: CallId("call-1".into()),
            offer: OFFER.as_bytes().to_vec(),
            ring_timeout: Duration::from_secs(60),
        }
    }

    fn dial(&self) -> Leg {
        self.endpoint.invite(self.invite())
    }

    /// A call that the far end has answered, with the INVITE and the ACK seen.
    async fn talk(&mut self, more: &[&str]) -> (Leg, Msg) {
        let mut leg = self.dial();
        let invite = self.far.expect("INVITE").await;
        self.far
            .reply(&invite, "200 OK", "far1", more, ANSWER)
            .await;
        self.far.expect("ACK").await;
        match event(&mut leg).await {
            LegEvent::Answered { sdp } => assert_eq!(sdp, ANSWER.as_bytes()),
            other => panic!("{other:?}"),
        }
        (leg, invite)
    }

    /// Sends a request of the far end inside the dialog.
    async fn request(&self, invite: &Msg, method: &str, cseq: u32, more: &[&str], body: &str) {
        let text = in_dialog(invite, "far1", method, cseq, self.far.addr(), more, body);
        self.far.send(&text, invite.from).await;
    }

    /// The far end hangs up; the leg must end normally.
    async fn far_hangs_up(&mut self, leg: &mut Leg, invite: &Msg, cseq: u32) {
        self.request(invite, "BYE", cseq, &[], "").await;
        self.far.expect("SIP/2.0 200").await;
        let cause = ended(leg).await;
        assert_eq!((cause.kind, cause.by), (CauseKind::Normal, EndedBy::Callee));
    }
}

async fn event(leg: &mut Leg) -> LegEvent {
    within("an event", leg.events.recv())
        .await
        .expect("the leg closed without Ended")
}

/// The next event must be the end, and nothing may follow it.
async fn ended(leg: &mut Leg) -> HangupCause {
    let cause = match event(leg).await {
        LegEvent::Ended(cause) => cause,
        other => panic!("wanted the end, got {other:?}"),
    };
    within("the channel's end", async {
        if let Some(more) = leg.events.recv().await {
            panic!("{more:?} after the end");
        }
    })
    .await;
    cause
}

async fn hang_up(leg: &Leg, reason: &str) {
    let reason = reason.to_string();
    leg.commands
        .send(LegCommand::Hangup { reason })
        .await
        .unwrap();
}

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
    let table: &[(&str, &[&str], CauseKind, EndedBy, Option<u8>)] = &[
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
async fn a_challenge_of_the_trunks_realm_is_answered() {
    let far = FarEnd::new().await;
    let t = trunk_with_password(far.addr(), "realm = \"carrier\"\n");
    let mut rig = Rig::with(far, t).await;
    let mut leg = rig.dial();
    let first = rig.far.expect("INVITE").await;
    let challenge = "Proxy-Authenticate: Digest realm=\"carrier\", nonce=\"abc\", algorithm=MD5, qop=\"auth,auth-int\"";
    rig.far
        .reply(
            &first,
            "407 Proxy Authentication Required",
            "x",
            &[challenge],
            "",
        )
        .await;
    rig.far.expect("ACK").await;
    let second = rig.far.expect("INVITE").await;
    assert_eq!(second.header("CSeq"), "2 INVITE");
    assert_eq!(second.header("Call-ID"), first.header("Call-ID"));
    assert_eq!(second.header("From"), first.header("From"));
    assert!(!second.header("To").contains("tag="));
    let auth = second.header("Proxy-Authorization").to_string();
    for part in ["username=\"u\"", "realm=\"carrier\"", "nonce=\"abc\""] {
        assert!(auth.contains(part), "{auth}");
    }
    assert!(!second.text.contains("secret"));
    rig.far.ok_with(&second, "far1", ANSWER).await;
    rig.far.expect("ACK").await;
    assert!(matches!(event(&mut leg).await, LegEvent::Answered { .. }));
    rig.far_hangs_up(&mut leg, &second, 1).await;
}

#[tokio::test]
async fn a_challenge_of_another_realm_gets_no_credentials() {
    let far = FarEnd::new().await;
    let t = trunk_with_password(far.addr(), "realm = \"carrier\"\n");
    let mut rig = Rig::with(far, t).await;
    for status in ["407 Proxy Authentication Required", "401 Unauthorized"] {
        let mut leg = rig.dial();
        let invite = rig.far.expect("INVITE").await;
        let challenges = [
            "Proxy-Authenticate: Digest realm=\"evil\", nonce=\"abc\"",
            "WWW-Authenticate: Digest realm=\"evil\", nonce=\"abc\"",
        ];
        rig.far.reply(&invite, status, "x", &challenges, "").await;
        rig.far.expect("ACK").await;
        let cause = ended(&mut leg).await;
        assert_eq!(cause.kind, CauseKind::AuthFailed);
        assert_eq!(cause.sip_code, status[..3].parse().ok());
        assert!(cause.text.contains("another realm"), "{cause:?}");
    }
}

#[tokio::test]
async fn the_first_realm_of_the_trunks_peer_is_the_only_one_from_then_on() {
    let far = FarEnd::new().await;
    let t = trunk_with_password(far.addr(), "");
    let mut rig = Rig::with(far, t).await;
    for (realm, answered) in [("one", true), ("two", false), ("one", true)] {
        let mut leg = rig.dial();
        let invite = rig.far.expect("INVITE").await;
        let challenge = format!("WWW-Authenticate: Digest realm=\"{realm}\", nonce=\"abc\"");
        rig.far
            .reply(&invite, "401 Unauthorized", "x", &[&challenge], "")
            .await;
        rig.far.expect("ACK").await;
        if answered {
            let again = rig.far.expect("INVITE").await;
            assert!(again.has("Authorization"));
            rig.far.reply(&again, "486 Busy Here", "y", &[], "").await;
            rig.far.expect("ACK").await;
        }
        let kind = if answered {
            CauseKind::Busy
        } else {
            CauseKind::AuthFailed
        };
        assert_eq!(ended(&mut leg).await.kind, kind);
    }
}

#[tokio::test]
async fn a_challenge_loop_ends_after_two_tries() {
    let far = FarEnd::new().await;
    let t = trunk_with_password(far.addr(), "");
    let mut rig = Rig::with(far, t).await;
    let mut leg = rig.dial();
    for n in 0..3 {
        let invite = rig.far.expect("INVITE").await;
        assert_eq!(invite.has("Authorization"), n > 0);
        let challenge = format!("WWW-Authenticate: Digest realm=\"r\", nonce=\"{n}\", stale=true");
        rig.far
            .reply(&invite, "401 Unauthorized", "x", &[&challenge], "")
            .await;
        rig.far.expect("ACK").await;
    }
    assert_eq!(ended(&mut leg).await.kind, CauseKind::AuthFailed);
}

#[tokio::test]
async fn a_challenge_to_our_bye_of_another_realm_gets_no_credentials() {
    let far = FarEnd::new().await;
    let t = trunk_with_password(far.addr(), "realm = \"carrier\"\n");
    let mut rig = Rig::with(far, t).await;
    let (mut leg, _) = rig.talk(&[]).await;
    hang_up(&leg, "completed").await;
    let bye = rig.far.expect("BYE").await;
    let challenge = "Proxy-Authenticate: Digest realm=\"evil\", nonce=\"abc\"";
    rig.far
        .reply(
            &bye,
            "407 Proxy Authentication Required",
            "",
            &[challenge],
            "",
        )
        .await;
    ended(&mut leg).await;
    within("the leg to end", rig.endpoint.drained()).await;
    let mut buf = [0; 2048];
    assert!(rig.far.socket.try_recv_from(&mut buf).is_err());
}

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
