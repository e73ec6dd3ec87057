//! What the hearing is told: how long a pause may be now, and what may be said.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Effect, Machine, Phase};
use crate::dialogue::slot::{SlotKind, phrases};
use crate::terms::{DigitField, Expectation, Lang, Phrase, TurnProfile};
use std::sync::Arc;

/// Example phrases of one intent that are worth handing to a recogniser.
const PHRASES_EACH: usize = 12;
/// What may be said at any time besides the dialplan's own globals.
const ALWAYS: [&str; 8] = [
    "opt_out",
    "robot_question",
    "human",
    "repeat",
    "busy",
    "wrong_number",
    "deny",
    "abuse",
];

impl Machine {
    /// Tells the hearing what may be said now.
    pub(super) fn expect(&mut self, interruptible: bool, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let step = self.listening_step(&plan.steps).map(|(_, s)| s);
        let (profile, silence_ms) = match self.phase {
            Phase::Confirming | Phase::NobodyAsked => (TurnProfile::YesNo, None),
            Phase::AskingCallback => (TurnProfile::Digits, None),
            Phase::Talking => step.map_or((TurnProfile::Open, None), |s| (s.listen, s.silence_ms)),
            _ => (TurnProfile::Open, None),
        };
        let asked = match self.phase {
            Phase::Talking => step.and_then(|s| s.slot.as_ref()).map(|s| &s.kind),
            Phase::AskingCallback => Some(&SlotKind::DateTime),
            _ => None,
        };
        let mut expected = asked.map_or_else(Vec::new, |kind| {
            phrases::expected(kind, self.lang, self.lead.vars.get("name"))
        });
        let own = self.expected();
        let mut names: Vec<&str> = own.iter().map(String::as_str).collect();
        if asked == Some(&SlotKind::YesNo) {
            names.extend(["affirm", "deny"]);
        }
        names.extend(plan.globals.keys().map(String::as_str));
        names.extend(ALWAYS);
        if plan.tongues.len() > 1 {
            names.push("language");
        }
        for (at, name) in names.iter().enumerate() {
            let Some(spec) = plan.tongue(self.lang).and_then(|t| t.intents.get(*name)) else {
                continue;
            };
            if names[..at].contains(name) {
                continue;
            }
            let texts = spec.exact.iter().chain(&spec.examples);
            expected.extend(texts.take(PHRASES_EACH).map(|text| Phrase {
                text: text.clone(),
                meaning: (*name).to_owned(),
            }));
        }
        let interruptible = interruptible && self.speech_interruptible();
        out.push(Effect::Expect(Expectation {
            lang: self.lang,
            profile,
            silence_ms,
            phrases: expected,
            digits: asked.and_then(|kind| digits(kind, self.lang)),
            interruptible,
        }));
    }

    /// The intents that the open question waits for.
    pub(super) fn expected(&self) -> Vec<String> {
        match self.phase {
            Phase::Confirming | Phase::NobodyAsked => vec!["affirm".into(), "deny".into()],
            Phase::Talking => self
                .listening_step(&self.plan.steps)
                .map(|(_, s)| s.on.keys().cloned().collect())
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

/// Telephone numbers of the language's main countries, with or without an area code; or as many digits as the file says.
fn digits(kind: &SlotKind, lang: Lang) -> Option<DigitField> {
    let most = match lang {
        Lang::Zh => 12,
        Lang::En => 11,
    };
    match *kind {
        SlotKind::Phone => Some(DigitField { least: 7, most }),
        SlotKind::Digits { least, most } => Some(DigitField { least, most }),
        _ => None,
    }
}
