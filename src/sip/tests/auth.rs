//! Who gets our credentials.

use super::far_end::*;
use super::rig::*;
use crate::terms::*;

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
