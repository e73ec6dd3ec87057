//! Effects as lines for a terminal.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::dialogue::effect::Effect;

/// One line for a person; nothing for what only machines need.
#[must_use]
pub fn show(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Say { step, line, .. } => format!("robot [{step}] {}", line.text),
        Effect::StopSpeaking => "      stops speaking".to_string(),
        Effect::Expect(_) => return None,
        Effect::Enter { step } => format!("      step {step}"),
        Effect::Intent {
            intent,
            score,
            evidence,
        } => format!("      intent {intent} {score:.2} “{evidence}”"),
        Effect::Tag {
            tag,
            score,
            evidence,
        } => format!("      tag {tag} {score:.2} “{evidence}”"),
        Effect::Slot {
            name,
            value,
            evidence,
        } => format!("      slot {name} = {value} “{evidence}”"),
        Effect::Graded { grade, reasons } => format!("      grade {grade}: {}", reasons.join("; ")),
        Effect::NoInput { count } => format!("      no input ({count})"),
        Effect::NoMatch { count } => format!("      no match ({count})"),
        Effect::OptOut { evidence } => format!("      do not call again “{evidence}”"),
        Effect::Callback { evidence, at } => {
            format!(
                "      callback {} “{evidence}”",
                at.as_deref().unwrap_or("(no time)")
            )
        }
        Effect::Lookup { request, .. } => {
            // The rest of the address may hold what the callee said.
            let host = request.url.split('/').nth(2).unwrap_or_default();
            format!("      looks up at {host}")
        }
        Effect::AskModel { question, .. } => format!("      asks the model “{question}”"),
        Effect::Card { field, value } => format!("      card {field}: {value}"),
        Effect::Remember { tag, forget } => {
            let verb = if *forget { "forgets" } else { "remembers" };
            format!("      {verb} {tag}")
        }
        Effect::FollowUp {
            at,
            campaign,
            reason,
        } => {
            let where_ = campaign.as_ref().map(|c| format!(" in {c}"));
            format!(
                "      follow-up {at}{}: {reason}",
                where_.unwrap_or_default()
            )
        }
        Effect::Language(lang) => format!("      goes on in {lang}"),
        Effect::WantAgent { reason, skill } => {
            format!(
                "      wants an agent ({}): {reason}",
                skill.as_deref().unwrap_or("any")
            )
        }
        Effect::Hangup {
            disposition,
            result,
        } => {
            let result = result
                .as_deref()
                .map(|r| format!(":{r}"))
                .unwrap_or_default();
            format!("      hangs up, {disposition}{result}")
        }
    })
}
