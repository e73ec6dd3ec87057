//! A dialplan as the machine reads it: every name resolved to something that [`check`](super::check) has seen exists.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod rules;
mod step;

use super::diagnostic::{At, Diagnostic};
use super::event::Besides;
use super::intent::{Classifier, Context, IntentError, IntentSpec, Reading, Replies, Vectors};
use super::template::Template;
use crate::terms::{Disposition, Lang};
pub use rules::{Due, FollowUp, GradeRule, Handoff, Lasting, Nobody, Order, Test, Unit, When};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
pub use step::{
    Action, Branch, HeaderValue, Lookup, Prompt, Retain, SlotAsk, Step, Valid, Variant,
};

/// One conversation, loaded and checked. Made only by [`Dialplan::parse`].
#[derive(Clone, Debug)]
pub struct Dialplan {
    pub name: String,
    pub version: String,
    /// The language a call begins in.
    pub lang: Lang,
    /// The lead's column that says otherwise; `lang` without one.
    pub lang_from: Option<String>,
    /// What the file speaks and understands in each of its languages.
    pub tongues: BTreeMap<Lang, Tongue>,
    /// `company` and everything under `values:`.
    pub values: BTreeMap<String, Worded>,
    /// Words the voice says in the file's own way.
    pub pronounce: BTreeMap<String, Pronounced>,
    /// The lead's columns this file uses.
    pub lead: BTreeMap<String, LeadField>,
    pub profile: Profile,
    /// The first words; never interruptible.
    pub disclosure: Prompt,
    pub start: Ref,
    /// Tags that an intent brings by being heard.
    pub intent_tags: BTreeMap<String, Vec<String>>,
    pub steps: BTreeMap<String, Step>,
    /// Intent → answer, asked anywhere.
    pub globals: BTreeMap<String, Action>,
    /// Said between a global's answer and the question the callee is brought back to.
    pub back: Prompt,
    pub busy: Busy,
    pub opt_out: Prompt,
    pub no_input: Ladder,
    /// Silence after a question before the ladder speaks, ms.
    pub no_input_after_ms: u64,
    pub no_match: Ladder,
    pub robot_question: Action,
    pub wrong_number: Action,
    pub abuse: Action,
    /// Said when nothing else ends the call: too many turns, an agent who left.
    pub goodbye: Prompt,
    pub retention: Option<Retention>,
    pub handoff: Handoff,
    pub grade: Vec<GradeRule>,
    pub max_turns: u32,
    /// Asked where a yes or no stays doubtful.
    pub doubt: Prompt,
    /// Whether signs of being upset are looked for.
    pub emotion: bool,
    /// The lead card: field → text.
    pub card: Vec<(String, Template)>,
    pub remember: Vec<Lasting>,
    pub follow_ups: Vec<FollowUp>,
    pub llm: Option<Llm>,
    pub warnings: Vec<Diagnostic>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    pub name: String,
    pub speed_percent: u16,
}

/// One language of a file.
#[derive(Clone, Debug)]
pub struct Tongue {
    pub voice: Voice,
    /// Built-in intents and the file's own, merged.
    pub intents: BTreeMap<String, IntentSpec>,
    /// Trained last, when nothing else is wrong with the file.
    pub(super) classifier: Option<Classifier>,
}

/// A value in the file's languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worded {
    pub text: String,
    /// Where a language has its own.
    pub by: BTreeMap<Lang, String>,
}

impl Worded {
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        self.by.get(&lang).unwrap_or(&self.text)
    }
}

impl From<&str> for Worded {
    fn from(text: &str) -> Worded {
        Worded {
            text: text.into(),
            by: BTreeMap::new(),
        }
    }
}

/// A language model for questions the file has no answer to. It can only speak.
#[derive(Clone, Debug)]
pub struct Llm {
    pub at: At,
    /// An OpenAI-compatible endpoint, up to `/v1`.
    pub url: String,
    pub model: String,
    /// The environment variable that holds the key.
    pub key_env: Option<String>,
    pub timeout_ms: u64,
    /// How many knowledge entries are handed along.
    pub nearest: usize,
    /// The longest answer spoken, in characters.
    pub max_chars: usize,
    pub filler: Option<Prompt>,
    pub fallback: Prompt,
}

/// How a word is said: pinyin with tone digits, the voice's symbols between slashes, or words that sound like it. What
/// can be said the voice knows; the place is for its complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pronounced {
    pub said: String,
    pub at: At,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadField {
    pub required: bool,
    pub default: Option<Worded>,
}

/// Whose law the call obeys.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Profile {
    Cn,
    Us,
    Uk,
    Eu,
    In,
}

/// A name that must exist elsewhere in the file, with its place.
#[derive(Clone, Debug, Default)]
pub struct Ref {
    pub name: String,
    pub at: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hangup {
    pub disposition: Disposition,
    pub result: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Busy {
    pub say: Prompt,
    /// The slot that keeps the time.
    pub slot: String,
    pub done: Prompt,
    pub unclear: Prompt,
}

/// Lines for the first, second … time, then an end.
#[derive(Clone, Debug)]
pub struct Ladder {
    pub lines: Vec<Prompt>,
    pub end: Prompt,
    pub hangup: Hangup,
}

#[derive(Clone, Debug)]
pub struct Retention {
    /// The intents it answers.
    pub on: Vec<String>,
    pub say: Prompt,
    pub once: bool,
}

/// A lead, as far as the conversation needs it.
#[derive(Clone, Debug, Default)]
pub struct Lead {
    /// The number dialled, for lookups; never spoken.
    pub phone: String,
    pub vars: BTreeMap<String, String>,
    /// Tags that earlier calls left on the contact.
    pub contact: BTreeSet<String>,
    /// The callee's civil time when the call began, for words like 后天.
    pub now_local: jiff::civil::DateTime,
}

impl Dialplan {
    /// What words may mean here, best first, readings too weak to act on among them. `expected` are the intents that the
    /// open question waits for.
    #[must_use]
    pub fn weigh(
        &self,
        text: &str,
        lang: Lang,
        expected: &[String],
        besides: &Besides,
    ) -> Vec<Reading> {
        let context = Context {
            expected,
            vectors: besides.vectors.as_deref(),
            candidates: &besides.candidates,
        };
        self.tongue(lang)
            .and_then(|t| t.classifier.as_ref())
            .map(|c| c.weigh(text, &context))
            .unwrap_or_default()
    }

    /// Trains a language anew, with the examples' vectors and a second opinion on short replies.
    ///
    /// # Errors
    /// As [`Classifier::train`]; then the file understands what it did before.
    pub fn learn(
        &mut self,
        lang: Lang,
        vectors: &Vectors,
        replies: Option<Arc<Replies>>,
    ) -> Result<(), IntentError> {
        if let Some(tongue) = self.tongues.get_mut(&lang) {
            let trained = Classifier::train(lang, &tongue.intents, vectors)?;
            tongue.classifier = Some(trained.advised(replies));
        }
        Ok(())
    }

    /// The texts whose vectors help to read these words; none where tables decide, or without a sentence model.
    #[must_use]
    pub fn wants(&self, text: &str, lang: Lang) -> Vec<String> {
        self.tongue(lang)
            .and_then(|t| t.classifier.as_ref())
            .map(|c| c.wants(text))
            .unwrap_or_default()
    }

    /// The globals whose questions are nearest to these words, best first.
    #[must_use]
    pub fn nearest(&self, text: &str, lang: Lang, besides: &Besides) -> Vec<String> {
        let classifier = self.tongue(lang).and_then(|t| t.classifier.as_ref());
        let mut names: Vec<String> = classifier
            .map(|c| c.rank(text, besides.vectors.as_deref()))
            .unwrap_or_default()
            .into_iter()
            .map(str::to_string)
            .collect();
        names.retain(|n| self.globals.contains_key(n));
        names
    }

    /// What the file has in a language; in its own when it does not speak that one.
    #[must_use]
    pub fn tongue(&self, lang: Lang) -> Option<&Tongue> {
        self.tongues
            .get(&lang)
            .or_else(|| self.tongues.get(&self.lang))
    }

    /// The language a call with this lead begins in.
    #[must_use]
    pub fn first_lang(&self, vars: &BTreeMap<String, String>) -> Lang {
        let column = self.lang_from.as_deref().unwrap_or("lang");
        let said = vars.get(column);
        let wanted = said.and_then(|v| Lang::named(v));
        wanted
            .filter(|l| self.tongues.contains_key(l))
            .unwrap_or(self.lang)
    }

    /// The file's own pronunciations: word → how it is said.
    #[must_use]
    pub fn words(&self) -> BTreeMap<String, String> {
        self.pronounce
            .iter()
            .map(|(word, p)| (word.clone(), p.said.clone()))
            .collect()
    }

    /// The required columns that `vars` lacks or leaves empty.
    #[must_use]
    pub fn missing(&self, vars: &BTreeMap<String, String>) -> Vec<String> {
        self.lead
            .iter()
            .filter(|(name, field)| {
                field.required
                    && field.default.is_none()
                    && vars.get(*name).is_none_or(|v| v.trim().is_empty())
            })
            .map(|(name, _)| name.clone())
            .collect()
    }
}
