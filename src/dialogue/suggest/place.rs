//! Where in a dialplan and its included files a suggestion belongs.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::patch;

/// The file that changes, and its new text.
pub type Placed = (usize, String);

/// Puts phrases to an intent: into the file that has it, else into the first. `None` where the text has no place for them.
#[must_use]
pub fn phrases(texts: &[&str], intent: &str, lang: &str, phrases: &[String]) -> Option<Placed> {
    let at = texts
        .iter()
        .position(|text| patch::has_intent(text, intent))
        .unwrap_or(0);
    let new = patch::add_examples(texts.get(at)?, intent, lang, phrases)?;
    Some((at, new))
}

/// Puts an answer to questions asked anywhere into the first file, as an intent and a global of that name.
#[must_use]
pub fn answer(
    texts: &[&str],
    name: &str,
    lang: &str,
    questions: &[String],
    say: &str,
) -> Option<Placed> {
    let text = patch::add_examples(texts.first()?, name, lang, questions)?;
    Some((0, patch::add_global(&text, name, say)?))
}

/// A name for an agent's answer that no file uses.
#[must_use]
pub fn free_name(texts: &[&str]) -> String {
    let taken = |name: &str| texts.iter().any(|t| patch::has_intent(t, name));
    (1..)
        .map(|n| format!("agent_answer_{n}"))
        .find(|n| !taken(n))
        .unwrap_or_default()
}
