//! Prompts as people read them: in one language, the file's values filled in, what only a call knows left as `{name}`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::lines::value;
use super::plan::{Action, Dialplan, Lead, Prompt, Variant};
use crate::terms::Lang;

/// The first wording of a prompt in a language, without a lead.
#[must_use]
pub fn wording(plan: &Dialplan, prompt: &Prompt, lang: Lang) -> Option<String> {
    filled(plan, prompt, lang, None)
}

/// The first wording for a lead; columns the lead lacks take their defaults.
#[must_use]
pub fn wording_for(plan: &Dialplan, prompt: &Prompt, lang: Lang, lead: &Lead) -> Option<String> {
    filled(plan, prompt, lang, Some(lead))
}

/// What an action says; where it says nothing and goes into a side flow, what that begins with.
#[must_use]
pub fn answer_of<'p>(plan: &'p Dialplan, action: &'p Action) -> Option<&'p Prompt> {
    let entered = || {
        let to = action.call.as_ref().or(action.goto.as_ref())?;
        plan.steps.get(&to.name)?.say.as_ref()
    };
    action.say.as_ref().or_else(entered)
}

fn filled(plan: &Dialplan, prompt: &Prompt, lang: Lang, lead: Option<&Lead>) -> Option<String> {
    let fits = |v: &&Variant| v.lang.is_none_or(|l| l == lang);
    let plain = prompt
        .variants
        .iter()
        .filter(fits)
        .find(|v| v.when.is_none());
    let variant = plain
        .or_else(|| prompt.variants.iter().find(fits))
        .or_else(|| prompt.variants.first())?;
    let text = variant.text.fill(&|name| {
        let known = match lead {
            Some(lead) => value(plan, lead, lang, name).filter(|v| !v.is_empty()),
            None => plan.values.get(name).map(|w| w.in_lang(lang).to_string()),
        };
        Some(known.unwrap_or_else(|| format!("{{{name}}}")))
    });
    Some(text).filter(|t| !t.trim().is_empty())
}
