//! Which digest challenges our credentials may answer (RFC 3261 §22, RFC 7616, RFC 8760).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::header::split_quoted;

/// What matters of a WWW-Authenticate or Proxy-Authenticate value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub realm: String,
    /// Higher is stronger: 1 MD5, 2 SHA-256.
    pub strength: u8,
    /// The value in the form the SIP library can answer: a `qop` list cut to `auth`, its own name for SHA-256.
    pub answerable: String,
}

/// RFC 7616's name of the algorithm, and the one the SIP library knows it by.
const SHA_256: &str = "SHA-256";
const LIBRARY_SHA_256: &str = "SHA256";

/// Credentials as RFC 7616 writes them, from the way the library does.
pub(super) fn standard_credentials(value: &str) -> String {
    let parts = split_quoted(value, ',');
    let renamed = parts.into_iter().map(|part| {
        if part.trim() == format!("algorithm={LIBRARY_SHA_256}") {
            format!(" algorithm={SHA_256}")
        } else {
            part.to_string()
        }
    });
    renamed.collect::<Vec<_>>().join(",")
}

/// Reads a Digest challenge; `None` when it is none or one that we cannot answer.
pub(super) fn read(value: &str) -> Option<Challenge> {
    let value = value.trim();
    let (scheme, params) = value.split_once(char::is_whitespace)?;
    if !scheme.eq_ignore_ascii_case("digest") {
        return None;
    }
    let (mut realm, mut strength, mut nonce) = (None, 1, false);
    let mut kept = Vec::new();
    for part in split_quoted(params, ',') {
        let Some((name, raw)) = part.split_once('=') else {
            continue;
        };
        let (name, raw) = (name.trim(), raw.trim());
        let text = raw.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "realm" => realm = Some(text.to_string()),
            "nonce" => nonce = true,
            "algorithm" if text.eq_ignore_ascii_case("MD5") => {}
            "algorithm" if text.eq_ignore_ascii_case(SHA_256) => {
                strength = 2;
                kept.push(format!("algorithm={LIBRARY_SHA_256}"));
                continue;
            }
            "algorithm" => return None,
            "qop" => {
                if !text
                    .split(',')
                    .any(|q| q.trim().eq_ignore_ascii_case("auth"))
                {
                    return None;
                }
                kept.push("qop=\"auth\"".to_string());
                continue;
            }
            _ => {}
        }
        kept.push(format!("{name}={raw}"));
    }
    if !nonce {
        return None;
    }
    Some(Challenge {
        realm: realm?,
        strength,
        answerable: format!("Digest {}", kept.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_as_carriers_write_it() {
        let c = read("Digest realm=\"a, b\",nonce=\"n=1\", algorithm=MD5 , qop=\"auth-int,auth\"")
            .unwrap();
        assert_eq!((c.realm.as_str(), c.strength), ("a, b", 1));
        assert_eq!(
            c.answerable,
            "Digest realm=\"a, b\", nonce=\"n=1\", algorithm=MD5, qop=\"auth\""
        );
        assert_eq!(
            read("digest nonce=\"n\",realm=\"r\",algorithm=SHA-256")
                .unwrap()
                .strength,
            2
        );
    }

    #[test]
    fn what_cannot_be_answered_rightly_is_not_answered_at_all() {
        for bad in [
            "",
            "Digest",
            "Basic realm=\"r\"",
            "Digest realm=\"r\"",
            "Digest nonce=\"n\"",
            "Digest realm=\"r\", nonce=\"n\", algorithm=AKAv1-MD5",
            "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess",
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
