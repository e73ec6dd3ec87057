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

/// RFC 7616 §3.4.1 with qop=auth, worked out here and not by the SIP library.
fn sha256_response(auth: &str, uri: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = |s: String| -> String {
        let bytes = Sha256::digest(s.as_bytes());
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    };
    let ha1 = hash("u:carrier:secret".into());
    let ha2 = hash(format!("INVITE:{uri}"));
    let (nc, cnonce) = (param(auth, "nc"), param(auth, "cnonce"));
    hash(format!("{ha1}:abc:{nc}:{cnonce}:auth:{ha2}"))
}

fn param(auth: &str, name: &str) -> String {
    let value = auth
        .split([',', ' '])
        .find_map(|p| p.trim().strip_prefix(&format!("{name}=")))
        .unwrap_or_else(|| panic!("no {name} in {auth}"));
    value.trim_matches('"').to_string()
}

#[tokio::test]
async fn the_stronger_of_two_digests_is_chosen_and_rightly_computed() {
    let far = FarEnd::new().await;
    let t = trunk_with_password(far.addr(), "realm = \"carrier\"\n");
    let mut rig = Rig::with(far, t).await;
    let mut leg = rig.dial();
    let first = rig.far.expect("INVITE").await;
    let challenges = [
        "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"",
        "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"abc\", algorithm=SHA-256, qop=\"auth\"",
        "WWW-Authenticate: Digest realm=\"evil\", nonce=\"abc\", algorithm=SHA-256, qop=\"auth\"",
    ];
    rig.far
        .reply(&first, "401 Unauthorized", "x", &challenges, "")
        .await;
    rig.far.expect("ACK").await;
    let second = rig.far.expect("INVITE").await;
    assert_eq!(second.headers("Authorization").len(), 1);
    let auth = second
        .header("Authorization")
        .trim_start_matches("Digest")
        .to_string();
    assert_eq!(param(&auth, "algorithm"), "SHA-256");
    let uri = second.start().split(' ').nth(1).unwrap().to_string();
    assert_eq!(param(&auth, "uri"), uri);
    assert_eq!(param(&auth, "response"), sha256_response(&auth, &uri));
    rig.far.reply(&second, "486 Busy Here", "y", &[], "").await;
    assert_eq!(ended(&mut leg).await.kind, CauseKind::Busy);
}
