//! Passwords: which are good enough, and how they are kept (argon2id).

use super::super::answer::Refusal;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// In letters.
const SHORTEST: usize = 10;
/// Longer ones are somebody's attack on the hash, bytes.
const LONGEST: usize = 1000;

/// What one hash costs.
#[derive(Copy, Clone, Debug)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Default for Cost {
    /// OWASP's password storage cheat sheet: 19 MiB, two passes.
    fn default() -> Self {
        Cost {
            memory_kib: 19_456,
            passes: 2,
        }
    }
}

impl Cost {
    /// Next to nothing, for tests.
    pub const LEAST: Cost = Cost {
        memory_kib: 8,
        passes: 1,
    };
}

/// Hashes one password at a time: logins may wait, live calls may not.
#[derive(Clone, Debug)]
pub struct Passwords {
    cost: Cost,
    turn: Arc<Semaphore>,
    /// Checked when there is no such user, so that the answer takes as long.
    nobody: Arc<OnceLock<String>>,
}

impl Passwords {
    #[must_use]
    pub fn new(cost: Cost) -> Passwords {
        Passwords {
            cost,
            turn: Arc::new(Semaphore::new(1)),
            nobody: Arc::default(),
        }
    }

    /// The PHC string to keep.
    ///
    /// # Errors
    /// The system gives no randomness or memory.
    pub async fn hash(&self, password: &str) -> Result<String, Refusal> {
        let (cost, password) = (self.cost, password.to_string());
        self.work(move || hash(cost, &password)).await?
    }

    /// Whether this is the password of `kept`; as slow when there is none.
    ///
    /// # Errors
    /// The system gives no memory.
    pub async fn verify(&self, password: &str, kept: Option<String>) -> Result<bool, Refusal> {
        if password.len() > LONGEST {
            return Ok(false);
        }
        let (cost, password, nobody) = (self.cost, password.to_string(), self.nobody.clone());
        self.work(move || {
            if nobody.get().is_none() {
                let _ = nobody.set(hash(cost, "nobody's password")?);
            }
            let against = kept.as_deref().or(nobody.get().map(String::as_str));
            let same = against
                .and_then(|phc| PasswordHash::new(phc).ok())
                .is_some_and(|phc| {
                    Argon2::default()
                        .verify_password(password.as_bytes(), &phc)
                        .is_ok()
                });
            Ok(same && kept.is_some())
        })
        .await?
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.turn.clone().acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Refusal::broken())
    }
}

fn hash(cost: Cost, password: &str) -> Result<String, Refusal> {
    let params =
        Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|_| Refusal::broken())?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let phc: argon2::password_hash::phc::PasswordHash = argon
        .hash_password(password.as_bytes())
        .map_err(|_| Refusal::broken())?;
    Ok(phc.to_string())
}

/// Whether somebody of this name may have this password.
///
/// # Errors
/// What is wrong with it, as the field `password`.
pub fn judge(field: &str, password: &str, name: &str) -> Result<(), Refusal> {
    if password.chars().count() < SHORTEST {
        return Err(Refusal::field(
            field,
            format!("give at least {SHORTEST} letters, digits or signs"),
        ));
    }
    if password.len() > LONGEST {
        return Err(Refusal::field(
            field,
            format!("give at most {LONGEST} bytes"),
        ));
    }
    let folded = fold(password);
    let name = fold(name);
    if name.chars().count() >= 3 && folded.replacen(&name, "", 1).chars().count() < 6 {
        return Err(Refusal::field(
            field,
            "it is your name; choose one that nobody can guess from it",
        ));
    }
    if is_common(&folded) {
        return Err(Refusal::field(
            field,
            "it is among the first that an attacker tries; a few words in a row make a better one",
        ));
    }
    Ok(())
}

/// Small letters, with the digits and signs that stand for letters turned back, so that `P@ssw0rd` is `password`.
fn fold(password: &str) -> String {
    password
        .trim()
        .to_lowercase()
        .replace('@', "a")
        .replace('$', "s")
}

/// The commonest ones, one a line, and words that make a bad one with little else beside them.
const COMMON: &str = include_str!("common_passwords.txt");
/// Keys in a row.
const ROWS: &[&str] = &[
    "01234567890123456789",
    "98765432109876543210",
    "qwertyuiopasdfghjklzxcvbnm",
    "poiuytrewqlkjhgfdsamnbvcxz",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "!qaz@wsx#edc$rfv",
];

fn is_common(folded: &str) -> bool {
    let letters: Vec<char> = folded.chars().collect();
    let mut distinct = letters.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 4 {
        return true;
    }
    if ROWS.iter().any(|row| row.contains(folded)) {
        return true;
    }
    // The same few letters again and again.
    let again = (1..=letters.len() / 2)
        .any(|n| n <= 5 && letters.chunks(n).all(|c| letters.starts_with(c)));
    if again {
        return true;
    }
    let plain = folded.replace('0', "o").replace('1', "i").replace('3', "e");
    COMMON.lines().filter(|l| !l.is_empty()).any(|word| {
        [folded, plain.as_str()].into_iter().any(|password| {
            // What is left beside the word: a year, an exclamation mark.
            password.contains(word) && password.chars().count() - word.chars().count() <= 4
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_common_and_self_named_passwords_are_refused_with_what_to_do() {
        for bad in [
            "short",
            "123456789012",
            "password123!",
            "P@ssw0rd2026",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "woaini1314520",
            "5201314520",
            "iloveyou2024",
            "1qaz2wsx3edc",
            "Callsmith2026",
            "linxiaoyu88",
        ] {
            let refusal = judge("password", bad, "linxiaoyu").expect_err(bad);
            assert_eq!(refusal.field.as_deref(), Some("password"), "{bad}");
        }
    }

    #[test]
    fn a_few_words_in_a_row_are_good() {
        for good in [
            "purple tram under rain",
            "山上有一只会唱歌的羊",
            "kT9#vLq2-zw",
            "lin rides an old green bicycle",
        ] {
            assert_eq!(judge("password", good, "lin"), Ok(()), "{good}");
        }
    }

    #[tokio::test]
    async fn only_the_right_password_is_right_and_nobody_has_none() {
        let passwords = Passwords::new(Cost::LEAST);
        let kept = passwords.hash("purple tram under rain").await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$"));
        let verify = |word: &'static str, kept: Option<String>| {
            let passwords = passwords.clone();
            async move { passwords.verify(word, kept).await.unwrap() }
        };
        assert!(verify("purple tram under rain", Some(kept.clone())).await);
        assert!(!verify("purple tram under snow", Some(kept)).await);
        assert!(!verify("nobody's password", None).await);
    }
}
