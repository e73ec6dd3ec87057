//! What the law of the callee's country forbids: holding back somebody who opts out, reading feelings out of a voice.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::disclosure::code;
use crate::dialogue::builtin;
use crate::dialogue::diagnostic::At;
use crate::dialogue::file::reader::{PhraseKind, Reader};
use crate::dialogue::intent::text;
use crate::dialogue::plan::{Action, Dialplan, Profile};
use crate::terms::Lang;
use std::collections::BTreeSet;

const OPT_OUT: &str = "opt_out";

pub(super) fn check(plan: &Dialplan, reader: &mut Reader) {
    emotion(plan, reader);
    shadowed(plan, reader);
    stolen(plan, reader);
}

/// Regulation (EU) 2024/1689: Article 5(1)(f) forbids inferring emotions at work and in education, Annex III 1(c) makes every other
/// use high-risk, Article 50(3) wants the person told.
fn emotion(plan: &Dialplan, reader: &mut Reader) {
    if !plan.emotion {
        return;
    }
    let why = match plan.profile {
        Profile::Eu => {
            "the EU AI Act forbids it at work and in education (Article 5), makes it high-risk elsewhere (Annex III) and wants the person told (Article 50)"
        }
        Profile::Uk => {
            "a voice is personal data under the UK GDPR, and calls into the EU fall under Articles 5 and 50 of the EU AI Act as well"
        }
        _ => return,
    };
    let at = reader.places.get("emotion").copied().unwrap_or_default();
    reader.error(
        at,
        format!(
            "`emotion: true` is refused under profile {}: {why}",
            code(plan.profile)
        ),
        "remove it; an intent such as `complaint`, named under `handoff: when: intent`, acts on what people say",
    );
}

/// Whoever wants no more calls is let go at once: no branch may do anything else.
fn shadowed(plan: &Dialplan, reader: &mut Reader) {
    let branches = plan.steps.values().filter_map(|s| s.on.get(OPT_OUT));
    let kept: Vec<At> = branches
        .chain(plan.globals.get(OPT_OUT))
        .filter(|a| !lets_go(a))
        .map(|a| a.at)
        .collect();
    for at in kept {
        reader.error(
            at,
            "this answer to an opt-out does not end the call",
            "remove it: the built-in answer ends the call and keeps the number off the list; its words are `opt_out: { say: … }`",
        );
    }
    let held = plan
        .retention
        .iter()
        .any(|r| r.on.iter().any(|i| i == OPT_OUT));
    if held {
        let at = reader
            .places
            .get("retention.on")
            .copied()
            .unwrap_or_default();
        let message = "the retention line holds back somebody who opts out";
        reader.error(at, message, "take `opt_out` out of `on:`");
    }
    if plan.handoff.intents.iter().any(|i| i == OPT_OUT) {
        let at = reader
            .places
            .get("handoff.intent")
            .copied()
            .unwrap_or_default();
        let message = "an opt-out is handed to an agent instead of ending the call";
        reader.error(at, message, "take `opt_out` out of `intent:`");
    }
}

fn lets_go(action: &Action) -> bool {
    action.opts_out() && action.goto.is_none() && action.call.is_none() && action.handoff.is_none()
}

/// The built-in words of an opt-out under another intent's name.
fn stolen(plan: &Dialplan, reader: &mut Reader) {
    let words = |lang: Lang| -> BTreeSet<String> {
        let spec = builtin::specs(lang).remove(OPT_OUT).unwrap_or_default();
        spec.examples
            .iter()
            .chain(&spec.exact)
            .map(|p| text::form_key(&text::tokens(p, lang)))
            .collect()
    };
    let mut found = Vec::new();
    for lang in plan.tongues.keys() {
        let words = words(*lang);
        for p in &reader.phrases {
            if p.lang == *lang
                && p.kind != PhraseKind::Pattern
                && p.intent != OPT_OUT
                && words.contains(&text::form_key(&text::tokens(&p.text, *lang)))
            {
                found.push((p.at, p.text.clone(), p.intent.clone()));
            }
        }
    }
    for (at, text, intent) in found {
        reader.error(
            at,
            format!("{text:?} is how people opt out, and stands under {intent:?}"),
            "remove it: the call must end there",
        );
    }
}
