//! What a `.call` file expects.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::moment::quoted;
use super::show;
use crate::dialogue::effect::Effect;

/// One expected effect.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    /// A line at this step, holding these words when given.
    Say {
        step: String,
        words: Option<String>,
    },
    Step(String),
    Intent(String),
    Tag(String),
    Grade(String),
    /// With its value when given.
    Slot {
        name: String,
        value: Option<String>,
    },
    StopSpeaking,
    WantAgent,
    OptOut,
    /// With its time when given.
    Callback(Option<String>),
    NoInput,
    NoMatch,
    /// `disposition` or `disposition:result`.
    Hangup(String),
    /// A question to another machine, with part of its address when given.
    Lookup(Option<String>),
    /// A question to the language model.
    AskModel,
    Language(String),
    /// `field` or `field=value` of the lead card.
    Card {
        field: String,
        value: Option<String>,
    },
    Remember(String),
    Forget(String),
    /// With its time when given.
    FollowUp(Option<String>),
    /// Not a word in this moment.
    Silent,
}

/// What happened where something else was expected.
pub(super) struct Missed {
    pub message: String,
    pub got: Vec<String>,
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Say { step, words: None } => write!(f, "say {step}"),
            Expected::Say {
                step,
                words: Some(words),
            } => write!(f, "say {step} {}", quoted(words)),
            Expected::Step(step) => write!(f, "step {step}"),
            Expected::Intent(intent) => write!(f, "intent {intent}"),
            Expected::Tag(tag) => write!(f, "tag {tag}"),
            Expected::Grade(grade) => write!(f, "grade {grade}"),
            Expected::Slot { name, value: None } => write!(f, "slot {name}"),
            Expected::Slot {
                name,
                value: Some(value),
            } => write!(f, "slot {name}={value}"),
            Expected::StopSpeaking => write!(f, "stop-speaking"),
            Expected::WantAgent => write!(f, "want-agent"),
            Expected::OptOut => write!(f, "opt-out"),
            Expected::Callback(None) => write!(f, "callback"),
            Expected::Callback(Some(at)) => write!(f, "callback {at}"),
            Expected::NoInput => write!(f, "no-input"),
            Expected::NoMatch => write!(f, "no-match"),
            Expected::Hangup(how) => write!(f, "hangup {how}"),
            Expected::Lookup(None) => write!(f, "lookup"),
            Expected::Lookup(Some(part)) => write!(f, "lookup {part}"),
            Expected::AskModel => write!(f, "ask-model"),
            Expected::Language(lang) => write!(f, "language {lang}"),
            Expected::Card { field, value: None } => write!(f, "card {field}"),
            Expected::Card {
                field,
                value: Some(value),
            } => write!(f, "card {field}={value}"),
            Expected::Remember(tag) => write!(f, "remember {tag}"),
            Expected::Forget(tag) => write!(f, "forget {tag}"),
            Expected::FollowUp(None) => write!(f, "follow-up"),
            Expected::FollowUp(Some(at)) => write!(f, "follow-up {at}"),
            Expected::Silent => write!(f, "silent"),
        }
    }
}

impl Expected {
    pub fn parse(words: &[String]) -> Result<Expected, String> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Ok(match words[..] {
            ["say", step] => Expected::Say {
                step: step.into(),
                words: None,
            },
            ["say", step, said] => Expected::Say {
                step: step.into(),
                words: Some(said.into()),
            },
            ["step", step] => Expected::Step(step.into()),
            ["intent", intent] => Expected::Intent(intent.into()),
            ["tag", tag] => Expected::Tag(tag.into()),
            ["grade", grade] => Expected::Grade(grade.into()),
            ["slot", pair] => {
                let (name, value) = match pair.split_once('=') {
                    Some((name, value)) => (name, Some(value.into())),
                    None => (pair, None),
                };
                Expected::Slot {
                    name: name.into(),
                    value,
                }
            }
            ["stop-speaking"] => Expected::StopSpeaking,
            ["want-agent"] => Expected::WantAgent,
            ["opt-out"] => Expected::OptOut,
            ["callback"] => Expected::Callback(None),
            ["callback", at] => Expected::Callback(Some(at.into())),
            ["no-input"] => Expected::NoInput,
            ["no-match"] => Expected::NoMatch,
            ["hangup", how] => Expected::Hangup(how.into()),
            ["lookup"] => Expected::Lookup(None),
            ["lookup", part] => Expected::Lookup(Some(part.into())),
            ["ask-model"] => Expected::AskModel,
            ["language", lang] => Expected::Language(lang.into()),
            ["card", pair] => {
                let (field, value) = match pair.split_once('=') {
                    Some((field, value)) => (field, Some(value.into())),
                    None => (pair, None),
                };
                Expected::Card {
                    field: field.into(),
                    value,
                }
            }
            ["remember", tag] => Expected::Remember(tag.into()),
            ["forget", tag] => Expected::Forget(tag.into()),
            ["follow-up"] => Expected::FollowUp(None),
            ["follow-up", at] => Expected::FollowUp(Some(at.into())),
            ["silent"] => Expected::Silent,
            _ => {
                return Err(format!(
                    "`> {}` is not understood: say STEP [\"words\"], step, intent, tag, grade, slot name[=value], \
                     stop-speaking, want-agent, opt-out, callback [time], no-input, no-match, silent, lookup [part of the address], ask-model, \
                     language, card field[=value], remember, forget, follow-up [time], \
                     or hangup disposition[:result]",
                    words.join(" ")
                ));
            }
        })
    }

    /// Finds itself in `effects[from..end]`; gives where to look for the next. `begin` is where the moment begins.
    pub fn meet(
        &self,
        effects: &[Effect],
        from: usize,
        end: usize,
        begin: usize,
    ) -> Result<usize, Missed> {
        if let Expected::Silent = self {
            return match effects[from..end]
                .iter()
                .find(|e| matches!(e, Effect::Say { .. }))
            {
                None => Ok(from),
                Some(e) => {
                    let said = show(e).unwrap_or_default();
                    Err(Missed {
                        message: format!("nothing should be said, but: {said}"),
                        got: vec![said.trim().to_string()],
                    })
                }
            };
        }
        if let Some(i) = effects[from..end].iter().position(|e| self.is(e)) {
            return Ok(from + i + 1);
        }
        let happened: Vec<String> = effects[begin..end].iter().filter_map(show).collect();
        let message = format!(
            "expected `{self}`, which did not happen{}. What happened:\n{}",
            if effects[begin..from].iter().any(|e| self.is(e)) {
                " in this order"
            } else {
                ""
            },
            if happened.is_empty() {
                "      nothing".to_string()
            } else {
                happened.join("\n")
            }
        );
        let got = happened.iter().map(|h| h.trim().to_string()).collect();
        Err(Missed { message, got })
    }

    fn is(&self, effect: &Effect) -> bool {
        match (self, effect) {
            (Expected::Say { step, words }, Effect::Say { step: s, line, .. }) => {
                step == s && words.as_ref().is_none_or(|w| line.text.contains(w))
            }
            (Expected::Step(want), Effect::Enter { step }) => want == step,
            (Expected::Intent(want), Effect::Intent { intent, .. }) => want == intent,
            (Expected::Tag(want), Effect::Tag { tag, .. }) => want == tag,
            (Expected::Grade(want), Effect::Graded { grade, .. }) => *want == grade.to_string(),
            (
                Expected::Slot { name, value },
                Effect::Slot {
                    name: n, value: v, ..
                },
            ) => name == n && value.as_ref().is_none_or(|want| want == v),
            (Expected::Callback(want), Effect::Callback { at, .. }) => want.is_none() || want == at,
            (
                Expected::Hangup(want),
                Effect::Hangup {
                    disposition,
                    result,
                },
            ) => match want.split_once(':') {
                Some((d, r)) => d == disposition.code() && result.as_deref() == Some(r),
                None => *want == disposition.code(),
            },
            (Expected::Language(want), Effect::Language(lang)) => want == lang.code(),
            (Expected::Card { field, value }, Effect::Card { field: f, value: v }) => {
                field == f && value.as_ref().is_none_or(|want| want == v)
            }
            (Expected::Remember(want), Effect::Remember { tag, forget: false })
            | (Expected::Forget(want), Effect::Remember { tag, forget: true }) => want == tag,
            (Expected::FollowUp(want), Effect::FollowUp { at, .. }) => {
                want.as_ref().is_none_or(|w| w == at)
            }
            (Expected::Lookup(part), Effect::Lookup { request, .. }) => {
                part.as_ref().is_none_or(|p| request.url.contains(p))
            }
            (Expected::AskModel, Effect::AskModel { .. })
            | (Expected::StopSpeaking, Effect::StopSpeaking)
            | (Expected::WantAgent, Effect::WantAgent { .. })
            | (Expected::OptOut, Effect::OptOut { .. })
            | (Expected::NoInput, Effect::NoInput { .. })
            | (Expected::NoMatch, Effect::NoMatch { .. }) => true,
            _ => false,
        }
    }
}
