//! What is typed at a rehearsal, and what comes of it, as JSON.

use crate::dialogue::Effect;
use crate::dialogue::intent::Reading;
use crate::dialogue::rehearse::moment::quoted;
use crate::dialogue::rehearse::{Rehearsal, show};
use crate::dialogue::template::is_name;
use crate::web::answer::{Answer, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The longest reply of a callee, in characters.
const MOST_CHARS: usize = 500;

/// What the callee does, or what the person who rehearses wants; exactly one of these.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"heard": "多少钱"}))]
pub(super) struct Turn {
    /// The callee says this.
    heard: Option<String>,
    /// The callee says nothing until the robot speaks again.
    silence: Option<bool>,
    /// A key on the callee's phone.
    key: Option<String>,
    /// The last turn is taken back; `out` is what the robot had said before it.
    back: Option<bool>,
    /// Goes to a step.
    jump: Option<String>,
    /// `ringing`, `joined`, `nobody` or `left`
    agent: Option<String>,
    /// What a lookup brings; an empty object fails it.
    lookup: Option<BTreeMap<String, String>>,
    /// What the language model says; an empty text fails it.
    model: Option<String>,
    /// A column of the lead or a slot.
    set: Option<Set>,
    /// The callee hangs up.
    hang_up: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Set {
    name: String,
    value: String,
}

/// The turn as the rehearsal's keyboard has it.
pub(super) fn typed(turn: &Turn) -> Answer<String> {
    let mut lines = Vec::new();
    let plain = |text: &str| -> String {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        text.trim().chars().take(MOST_CHARS).collect()
    };
    if let Some(heard) = &turn.heard {
        // A callee says words, not commands.
        let words = plain(heard.trim_start_matches(|c: char| c == '/' || c.is_whitespace()));
        if words.is_empty() {
            return Err(Refusal::field(
                "heard",
                "the callee says nothing; use `silence` for that",
            ));
        }
        lines.push(words);
    }
    for (given, line) in [
        (turn.silence, "/silence"),
        (turn.back, "/back"),
        (turn.hang_up, "/hangup"),
    ] {
        if given == Some(true) {
            lines.push(line.to_string());
        }
    }
    if let Some(key) = &turn.key {
        let good =
            key.chars().count() == 1 && key.chars().all(|c| c.is_ascii_digit() || "*#".contains(c));
        if !good {
            return Err(Refusal::field("key", "a key is 0 to 9, * or #"));
        }
        lines.push(format!("/key {key}"));
    }
    if let Some(step) = &turn.jump {
        if !is_name(step) {
            return Err(Refusal::field("jump", format!("there is no step {step:?}")));
        }
        lines.push(format!("/jump {step}"));
    }
    if let Some(news) = &turn.agent {
        lines.push(format!("/agent {}", plain(news)));
    }
    if let Some(values) = &turn.lookup {
        if let Some(name) = values.keys().find(|n| !is_name(n)) {
            return Err(Refusal::field(
                "lookup",
                format!("{name:?} is not a variable's name"),
            ));
        }
        let pairs: Vec<String> = values
            .iter()
            .map(|(n, v)| quoted(&format!("{n}={}", plain(v))))
            .collect();
        lines.push(format!("/lookup {}", pairs.join(" ")));
    }
    if let Some(words) = &turn.model {
        lines.push(format!("/model {}", plain(words)));
    }
    if let Some(Set { name, value }) = &turn.set {
        if !is_name(name) {
            return Err(Refusal::field(
                "set",
                format!("{name:?} is not a variable's name"),
            ));
        }
        lines.push(format!("/set {name}={}", plain(value)));
    }
    match (lines.pop(), lines.is_empty()) {
        (Some(line), true) => Ok(line),
        _ => Err(Refusal::field(
            "heard",
            "give one of heard, silence, key, back, jump, agent, lookup, model, set, hang_up",
        )),
    }
}

/// Something the robot did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"kind": "say", "text": "请问孩子几岁了？", "detail": {"step": "ask_age"}}))]
pub(super) struct Out {
    /// `say`, `tag`, `slot`, `grade`, `step`, `intent`, `hangup`, `lookup` or `note`
    pub kind: &'static str,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

/// What the words may mean, those too weak to act on among them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Meaning {
    intent: String,
    /// 0..=1; from 0.5 on the robot acts.
    score: f32,
    evidence: String,
}

/// A grade rule as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rule {
    grade: String,
    reason: String,
    holds: bool,
    /// Each condition in words, and whether it holds.
    parts: Vec<Condition>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Condition {
    words: String,
    holds: bool,
}

/// What came of a turn, and where the conversation stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reply {
    pub out: Vec<Out>,
    pub ended: bool,
    pub step: Option<String>,
    pub slots: BTreeMap<String, String>,
    pub tags: Vec<String>,
    pub grade: Option<String>,
    /// Why this grade.
    pub reasons: Vec<String>,
    pub lang: String,
    pub meanings: Vec<Meaning>,
    /// The grade rules in their order; the first that holds gives the grade.
    pub rules: Vec<Rule>,
}

pub(super) fn reply(rehearsal: &Rehearsal, effects: &[Effect], readings: &[Reading]) -> Reply {
    let machine = rehearsal.machine();
    let own = |pairs: (&str, &str)| (pairs.0.to_string(), pairs.1.to_string());
    let rules = machine.rules().into_iter().map(|rule| Rule {
        grade: rule.grade.to_string(),
        reason: rule.reason,
        holds: rule.holds,
        parts: rule
            .parts
            .into_iter()
            .map(|(words, holds)| Condition { words, holds })
            .collect(),
    });
    let mut out: Vec<Out> = effects.iter().filter_map(shown).collect();
    if rehearsal.runs_on() {
        out.push(note(
            "the robot talks on and on without listening; give one of these steps an `on:` or a hang-up",
        ));
    }
    Reply {
        out,
        ended: rehearsal.over() || rehearsal.runs_on(),
        step: machine.step().map(str::to_string),
        slots: machine.slots().map(own).collect(),
        tags: machine.tags().map(str::to_string).collect(),
        grade: machine.grade().map(|(g, _)| g.to_string()),
        reasons: machine.grade().map(|(_, r)| r.to_vec()).unwrap_or_default(),
        lang: machine.lang().to_string(),
        meanings: readings
            .iter()
            .map(|r| Meaning {
                intent: r.intent.clone(),
                score: r.score,
                evidence: r.evidence.clone(),
            })
            .collect(),
        rules: rules.collect(),
    }
}

fn note(text: &str) -> Out {
    out("note", text.trim(), None)
}

fn out(kind: &'static str, text: impl Into<String>, detail: Option<Value>) -> Out {
    Out {
        kind,
        text: text.into(),
        detail,
    }
}

/// An effect for a person; nothing for what only machines need.
fn shown(effect: &Effect) -> Option<Out> {
    Some(match effect {
        Effect::Say {
            step,
            line,
            interruptible,
            ..
        } => out(
            "say",
            &line.text,
            Some(
                json!({"step": step, "lang": line.lang, "interruptible": interruptible, "recording": line.recording}),
            ),
        ),
        Effect::Enter { step } => out("step", step, None),
        Effect::Intent {
            intent,
            score,
            evidence,
        } => out(
            "intent",
            intent,
            Some(json!({"score": score, "evidence": evidence})),
        ),
        Effect::Tag {
            tag,
            score,
            evidence,
        } => out(
            "tag",
            tag,
            Some(json!({"score": score, "evidence": evidence})),
        ),
        Effect::Slot {
            name,
            value,
            evidence,
        } => out(
            "slot",
            format!("{name} = {value}"),
            Some(json!({"name": name, "value": value, "evidence": evidence})),
        ),
        Effect::Graded { grade, reasons } => out(
            "grade",
            grade.to_string(),
            Some(json!({"reasons": reasons})),
        ),
        Effect::Hangup {
            disposition,
            result,
        } => out(
            "hangup",
            disposition.code(),
            Some(json!({"result": result, "zh": disposition.zh()})),
        ),
        // The rest of the address may hold what the callee said.
        Effect::Lookup { request, .. } => out(
            "lookup",
            request.url.split('/').nth(2).unwrap_or_default(),
            Some(json!({"wants": request.save.keys().collect::<Vec<_>>()})),
        ),
        other => note(&show(other)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str) -> Answer<String> {
        typed(&Turn {
            heard: Some(text.into()),
            ..Turn::default()
        })
    }

    #[test]
    fn a_callee_says_words_and_never_a_command() {
        assert_eq!(heard(" /hangup\nnow ").unwrap(), "hangup now");
        assert_eq!(heard("// /jump x").unwrap(), "jump x");
        assert!(heard(" / ").is_err());
        assert!(typed(&Turn::default()).is_err());
        let two = Turn {
            heard: Some("hi".into()),
            silence: Some(true),
            ..Turn::default()
        };
        assert!(typed(&two).is_err());
        let jump = Turn {
            jump: Some("x\n/hangup".into()),
            ..Turn::default()
        };
        assert!(typed(&jump).is_err());
    }

    #[test]
    fn what_a_lookup_brings_keeps_its_blanks() {
        let turn = Turn {
            lookup: Some([("free_1".into(), "Monday at ten".into())].into()),
            ..Turn::default()
        };
        assert_eq!(typed(&turn).unwrap(), "/lookup \"free_1=Monday at ten\"");
    }
}
