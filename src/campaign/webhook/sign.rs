//! Signatures after Standard Webhooks (<https://www.standardwebhooks.com>): HMAC-SHA256 over `id.timestamp.body`, in
//! base64 after `v1,`; several stand beside each other while a secret is being changed.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How secrets begin where people see them.
pub const PREFIX: &str = "whsec_";
/// A message older or newer than this is refused, s.
pub const TOLERANCE_S: i64 = 300;

/// A key as the database keeps it (base64) and as people copy it.
#[must_use]
pub fn secret_of(key: &[u8]) -> (String, String) {
    let kept = STANDARD.encode(key);
    let shown = format!("{PREFIX}{kept}");
    (kept, shown)
}

/// The `webhook-signature` header for these base64 keys.
///
/// # Errors
/// A key is no base64.
pub fn signatures(keys: &[String], id: &str, at_s: i64, body: &str) -> Result<String, String> {
    let one = |key: &String| {
        Ok(format!(
            "v1,{}",
            STANDARD.encode(digest(key, id, at_s, body)?)
        ))
    };
    let all: Vec<String> = keys.iter().map(one).collect::<Result<_, String>>()?;
    Ok(all.join(" "))
}

/// Why a message is not to be trusted.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    #[error("a webhook-… header is missing or not readable")]
    Headers,
    #[error("the message is older or newer than five minutes")]
    Time,
    #[error("no signature fits the secret")]
    Signature,
}

/// What a receiver does with the three headers and the body as it came.
///
/// # Errors
/// The message must not be believed.
pub fn verify(
    secret: &str,
    (id, timestamp, signatures): (&str, &str, &str),
    body: &str,
    now_s: i64,
) -> Result<(), Untrusted> {
    let at_s: i64 = timestamp.parse().map_err(|_| Untrusted::Headers)?;
    if id.is_empty() {
        return Err(Untrusted::Headers);
    }
    if (now_s - at_s).abs() > TOLERANCE_S {
        return Err(Untrusted::Time);
    }
    let key = secret.strip_prefix(PREFIX).unwrap_or(secret);
    let wanted = digest(key, id, at_s, body).map_err(|_| Untrusted::Signature)?;
    let fits = |given: &str| {
        let given = given.strip_prefix("v1,").unwrap_or_default();
        STANDARD
            .decode(given)
            .is_ok_and(|given| bool::from(given.ct_eq(&wanted)))
    };
    if signatures.split(' ').any(fits) {
        Ok(())
    } else {
        Err(Untrusted::Signature)
    }
}

fn digest(key: &str, id: &str, at_s: i64, body: &str) -> Result<Vec<u8>, String> {
    let key = STANDARD
        .decode(key)
        .map_err(|e| format!("the webhook's secret is not readable: {e}"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|e| e.to_string())?;
    mac.update(format!("{id}.{at_s}.").as_bytes());
    mac.update(body.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &str = "{\"test\": 2432232314}";
    const AT: i64 = 1_614_265_330;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn the_published_example_has_the_published_signature() {
        let key = SECRET.trim_start_matches(PREFIX).to_string();
        assert_eq!(signatures(&[key], ID, AT, BODY).unwrap(), SIGNED);
        let headers = (ID, "1614265330", SIGNED);
        assert_eq!(verify(SECRET, headers, BODY, AT + 200), Ok(()));
    }

    #[test]
    fn a_changed_byte_an_old_time_and_another_secret_are_refused() {
        let headers = (ID, "1614265330", SIGNED);
        let changed = BODY.replace('4', "5");
        assert_eq!(
            verify(SECRET, headers, &changed, AT),
            Err(Untrusted::Signature)
        );
        assert_eq!(
            verify(SECRET, headers, BODY, AT + 600),
            Err(Untrusted::Time)
        );
        assert_eq!(
            verify(SECRET, headers, BODY, AT - 600),
            Err(Untrusted::Time)
        );
        let later = (ID, "1614265331", SIGNED);
        assert_eq!(verify(SECRET, later, BODY, AT), Err(Untrusted::Signature));
        let other = (ID.replace('p', "q"), "1614265330", SIGNED);
        let other = (other.0.as_str(), other.1, other.2);
        assert_eq!(verify(SECRET, other, BODY, AT), Err(Untrusted::Signature));
        let (_, wrong) = secret_of(&[7; 32]);
        assert_eq!(verify(&wrong, headers, BODY, AT), Err(Untrusted::Signature));
    }

    #[test]
    fn while_a_secret_changes_both_are_good() {
        let ((a, shown_a), (b, shown_b)) = (secret_of(&[1; 32]), secret_of(&[2; 32]));
        let both = signatures(&[a, b], ID, AT, BODY).unwrap();
        for shown in [shown_a, shown_b] {
            assert_eq!(verify(&shown, (ID, "1614265330", &both), BODY, AT), Ok(()));
        }
    }
}
