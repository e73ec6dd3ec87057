//! Asking other machines in the middle of the call: a `lookup:` step, and the optional language model.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::phase::Phase;
use super::{Machine, NO_ANSWER};
use crate::dialogue::effect::{Effect, Request};
use crate::dialogue::lines::value;
use crate::dialogue::plan::{Lookup, Prompt};
use crate::dialogue::slot::SlotKind;
use crate::dialogue::template::{Template, spoken};
use crate::terms::Ms;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a URL's variables may hold unescaped (RFC 3986 section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// Longer than the request's own limit: this only saves a call whose answer went missing.
const GRACE_MS: u64 = 1500;
/// Questions for the language model in one call.
const MODEL_QUESTIONS: u32 = 5;

/// A question under way.
#[derive(Debug)]
pub(super) struct Asked {
    id: u32,
    until: Ms,
    what: What,
}

#[derive(Debug)]
enum What {
    Lookup(Option<Result<BTreeMap<String, String>, String>>),
    Model(Option<Result<String, String>>),
}

/// Whose answer a conversation waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// A lookup's, with the variables it saves.
    Lookup(Vec<String>),
    Model,
}

impl Machine {
    /// The answer that another machine owes.
    #[must_use]
    pub fn awaits(&self) -> Option<Awaited> {
        match self.asked.as_ref()?.what {
            What::Model(_) => Some(Awaited::Model),
            What::Lookup(_) => {
                let step = self.plan.steps.get(self.step.as_ref()?)?;
                Some(Awaited::Lookup(
                    step.lookup.as_ref()?.save.keys().cloned().collect(),
                ))
            }
        }
    }

    /// Sends a step's lookup; the filler is spoken meanwhile.
    pub(super) fn look_up(&mut self, now: Ms, lookup: &Lookup, out: &mut Vec<Effect>) {
        let raw = |name: &str| self.raw_value(name);
        let encoded =
            |name: &str| raw(name).map(|v| utf8_percent_encode(&v, UNRESERVED).to_string());
        let fill = |t: &Template| t.fill(&raw);
        let body: serde_json::Map<_, _> = lookup
            .body
            .iter()
            .map(|(key, t)| (key.clone(), fill(t).into()))
            .collect();
        let request = Request {
            url: lookup.url.fill(&encoded),
            post: lookup.post,
            headers: lookup.headers.clone(),
            body: (!body.is_empty()).then(|| serde_json::Value::from(body).to_string()),
            timeout_ms: lookup.timeout_ms,
            save: lookup.save.clone(),
        };
        let id = self.await_answer(now, lookup.timeout_ms, What::Lookup(None));
        self.phase = Phase::Asking;
        out.push(Effect::Lookup { id, request });
        if let Some(filler) = &lookup.filler {
            self.say(now, "lookup", filler, out);
        }
    }

    /// A question the file has no answer to goes to the language model, where the file allows it. False when it does not.
    pub(super) fn off_script(&mut self, now: Ms, text: &str, out: &mut Vec<Effect>) -> bool {
        let plan = Arc::clone(&self.plan);
        let Some(llm) = &plan.llm else { return false };
        if self.phase != Phase::Talking || self.model_questions >= MODEL_QUESTIONS {
            return false;
        }
        self.model_questions += 1;
        let id = self.await_answer(now, llm.timeout_ms, What::Model(None));
        self.phase = Phase::Asking;
        out.push(Effect::AskModel {
            id,
            question: text.to_string(),
            known: self.known(text, llm.nearest),
        });
        if let Some(filler) = &llm.filler {
            self.say(now, "model", filler, out);
        }
        true
    }

    /// The file's answers to the questions nearest to this one.
    fn known(&self, text: &str, most: usize) -> Vec<(String, String)> {
        let plan = &self.plan;
        let answer = |prompt: &Prompt| {
            let variant = self.variants(prompt).into_iter().next()?;
            Some(variant.text.fill(&|v| self.spoken_value(v)))
        };
        plan.nearest(text, self.lang, &self.besides)
            .into_iter()
            .filter_map(|intent| {
                let say = plan.globals.get(&intent)?.say.as_ref()?;
                Some((intent, answer(say)?))
            })
            .take(most)
            .collect()
    }

    pub(super) fn looked_up(&mut self, id: u32, result: Result<BTreeMap<String, String>, String>) {
        if let Some(asked) = self.asked.as_mut().filter(|a| a.id == id)
            && let What::Lookup(answer) = &mut asked.what
        {
            answer.get_or_insert(result);
        }
    }

    pub(super) fn model_said(&mut self, id: u32, result: Result<String, String>) {
        if let Some(asked) = self.asked.as_mut().filter(|a| a.id == id)
            && let What::Model(answer) = &mut asked.what
        {
            answer.get_or_insert(result);
        }
    }

    /// No answer came at all.
    pub(super) fn no_answer(&mut self) {
        match self.asked.as_mut().map(|a| &mut a.what) {
            Some(What::Lookup(answer)) => {
                answer.get_or_insert_with(|| Err("no answer".into()));
            }
            Some(What::Model(answer)) => {
                answer.get_or_insert_with(|| Err("no answer".into()));
            }
            None => {}
        }
    }

    /// Everything said: goes on with the answer, or waits for it.
    pub(super) fn answer_or_wait(&mut self, now: Ms, out: &mut Vec<Effect>) -> bool {
        match self.asked.take() {
            Some(Asked {
                what: What::Lookup(Some(result)),
                ..
            }) => self.go_on_with(now, result, out),
            Some(Asked {
                what: What::Model(Some(result)),
                ..
            }) => self.speak_answer(now, result, out),
            Some(asked) => {
                self.timer = Some((asked.until, NO_ANSWER));
                self.asked = Some(asked);
                return false;
            }
            None => self.phase = Phase::Talking,
        }
        true
    }

    fn go_on_with(
        &mut self,
        now: Ms,
        result: Result<BTreeMap<String, String>, String>,
        out: &mut Vec<Effect>,
    ) {
        let plan = Arc::clone(&self.plan);
        self.phase = Phase::Talking;
        let step = self.step.as_ref().and_then(|s| plan.steps.get(s));
        let Some(lookup) = step.and_then(|s| s.lookup.as_ref()) else {
            return;
        };
        match result {
            Ok(values) => {
                for (name, value) in values {
                    self.keep_slot(&name, SlotKind::Free, &value, "lookup", out);
                }
                self.go(now, &lookup.then.name, out);
            }
            Err(_) => self.act(now, &lookup.failed, "lookup failed", out),
        }
    }

    /// The model's words are spoken as words, whatever they say; then the open question follows.
    fn speak_answer(&mut self, now: Ms, result: Result<String, String>, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        self.phase = Phase::Talking;
        self.no_match = 0;
        let Some(llm) = &plan.llm else { return };
        let words = result
            .ok()
            .map(|text| spoken(&text, llm.max_chars))
            .filter(|text| !text.is_empty() && !text.contains("UNKNOWN"));
        match words {
            Some(words) => self.say_words(now, "model", words, out),
            None => self.say(now, "fallback", &llm.fallback, out),
        }
        self.resume(now, out);
    }

    fn await_answer(&mut self, now: Ms, timeout_ms: u64, what: What) -> u32 {
        self.asks += 1;
        self.asked = Some(Asked {
            id: self.asks,
            until: now.after(timeout_ms + GRACE_MS),
            what,
        });
        self.asks
    }

    /// A variable as other machines want it: as it was kept, not as it is spoken.
    fn raw_value(&self, name: &str) -> Option<String> {
        if name == "phone" {
            return Some(self.lead.phone.clone());
        }
        match self.memory.slots.get(name) {
            Some(kept) => Some(kept.value.clone()),
            None => value(&self.plan, &self.lead, self.lang, name),
        }
    }
}
