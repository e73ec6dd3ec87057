//! Secrets: cookies, links and keys are 256 random bits; what is stored is their SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// 256 random bits, fit for a header or a link.
#[must_use]
pub fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What the database knows of a secret. A fast hash is enough: there is nothing to guess in 256 random bits.
#[must_use]
pub fn hash(secret: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(secret.as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// The word that a page must send back beside the cookie. It follows from the cookie, and the cookie not from it.
#[must_use]
pub fn csrf(cookie: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"csrf:");
    hash.update(cookie.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finalize())
}
