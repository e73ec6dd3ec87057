//! What an agent reads before the first word: assembled from a call's events.

use crate::desk::board::Voice;
use crate::store::EarlierCall;
use crate::store::recap::Recap;
use crate::terms::{CallEvent, Disposition, Grade, Happening, Lang};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Characters of what the callee said last that fit a briefing.
const QUOTE: usize = 60;
/// Facts of the lead that fit a briefing.
const FACTS: usize = 3;

/// Everything an agent sees before accepting.
#[derive(Serialize, ToSchema)]
pub struct ScreenPop {
    pub call: String,
    pub reason: String,
    /// The callee's words that led here.
    pub evidence: String,
    /// Two lines to read or to hear.
    pub briefing: Vec<String>,
    #[schema(value_type = Option<String>, example = "A")]
    pub grade: Option<Grade>,
    /// Why the grade is what it is.
    pub reasons: Vec<String>,
    pub lead: PopLead,
    /// Masked.
    pub phone: String,
    pub card: Vec<(String, String)>,
    pub transcript: Vec<Spoken>,
    pub contact: PopContact,
    pub tags: Vec<PopTag>,
    #[schema(value_type = String, example = "zh")]
    pub lang: Lang,
}

#[derive(Serialize, ToSchema)]
pub struct PopLead {
    pub id: i64,
    pub name: Option<String>,
    pub vars: BTreeMap<String, String>,
}

#[derive(Serialize, ToSchema)]
pub struct PopContact {
    pub tags: Vec<String>,
    /// The latest calls before this one.
    pub calls: Vec<EarlierRow>,
}

#[derive(Serialize, ToSchema)]
pub struct PopTag {
    pub tag: String,
    pub evidence: String,
}

/// One line of the transcript.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Spoken {
    pub who: Voice,
    pub text: String,
    /// Since the first INVITE.
    pub at_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct EarlierRow {
    pub call: String,
    pub campaign: Reference,
    pub lead: LeadReference,
    pub phone: String,
    pub started_unix_ms: i64,
    pub talk_ms: u64,
    #[schema(value_type = Option<String>)]
    pub disposition: Option<Disposition>,
    #[schema(value_type = Option<String>)]
    pub grade: Option<Grade>,
    pub tags: Vec<String>,
    pub agent: Option<String>,
    pub recording: bool,
    pub review: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct Reference {
    pub id: i64,
    pub name: String,
}

#[derive(Serialize, ToSchema)]
pub struct LeadReference {
    pub id: i64,
    pub name: Option<String>,
}

impl From<EarlierCall> for EarlierRow {
    fn from(past: EarlierCall) -> EarlierRow {
        EarlierRow {
            call: past.call.0,
            campaign: Reference {
                id: past.campaign.0,
                name: past.campaign_name,
            },
            lead: LeadReference {
                id: past.lead.0,
                name: past.name,
            },
            phone: past.phone.to_string(),
            started_unix_ms: past.started_unix_ms,
            talk_ms: past.talk_ms,
            disposition: past.disposition,
            grade: past.grade,
            tags: past.tags,
            agent: past.agent,
            recording: past.recording,
            review: None,
        }
    }
}

/// Who said what, with the tags under the words that earned them.
#[must_use]
pub fn transcript(events: &[CallEvent]) -> Vec<Spoken> {
    let mut lines: Vec<Spoken> = Vec::new();
    let line = |who, text: &String, at_ms| Spoken {
        who,
        text: text.clone(),
        at_ms,
        confidence: None,
        tags: Vec::new(),
    };
    for event in events {
        match &event.what {
            Happening::Saying { text, .. } => lines.push(line(Voice::Robot, text, event.at.0)),
            Happening::Heard {
                text,
                confidence,
                began,
                ..
            } => {
                let mut heard = line(Voice::Callee, text, began.0);
                heard.confidence = Some(*confidence);
                lines.push(heard);
            }
            Happening::AgentSaid { text, began, .. } => {
                lines.push(line(Voice::Agent, text, began.0));
            }
            Happening::Key { digit } => {
                lines.push(line(Voice::Callee, &format!("[{digit}]"), event.at.0));
            }
            Happening::Tag { tag, .. } => {
                let heard = lines.iter_mut().rev().find(|l| l.who == Voice::Callee);
                if let Some(heard) = heard.filter(|l| !l.tags.contains(tag)) {
                    heard.tags.push(tag.clone());
                }
            }
            _ => {}
        }
    }
    lines
}

/// The callee's words that made a human wanted.
#[must_use]
pub fn evidence(events: &[CallEvent]) -> String {
    let wanted = events
        .iter()
        .rposition(|e| matches!(e.what, Happening::AgentWanted { .. }))
        .unwrap_or(events.len());
    let before = || events[..wanted].iter().rev().map(|e| &e.what);
    let said = |words: &str| (!words.trim().is_empty()).then(|| words.trim().to_string());
    // Back to the callee's last turn, and no further: older words led elsewhere.
    for what in before() {
        match what {
            Happening::Tag { evidence, .. } | Happening::Intent { evidence, .. } => {
                if let Some(words) = said(evidence) {
                    return words;
                }
            }
            Happening::Heard { text, .. } => return text.clone(),
            Happening::Key { digit } => return format!("[{digit}]"),
            _ => {}
        }
    }
    String::new()
}

/// The callee's last words.
#[must_use]
pub fn last_words(events: &[CallEvent]) -> Option<&str> {
    events.iter().rev().find_map(|e| match &e.what {
        Happening::Heard { text, .. } if !text.trim().is_empty() => Some(text.trim()),
        _ => None,
    })
}

/// Two lines: who it is and why; what is known and was said last.
#[must_use]
pub fn briefing(
    lang: Lang,
    name: Option<&str>,
    reason: &str,
    recap: &Recap,
    last: Option<&str>,
) -> Vec<String> {
    let zh = lang == Lang::Zh;
    let name = name.unwrap_or(if zh { "客户" } else { "the callee" });
    let grade = recap.grade.map(|g| {
        if zh {
            format!("（意向 {g}）")
        } else {
            format!(" (grade {g})")
        }
    });
    let grade = grade.unwrap_or_default();
    let first = if zh {
        format!("{name}{grade}：{reason}")
    } else {
        format!("{name}{grade}: {reason}")
    };
    let slots = recap.slots.iter().map(|s| (&s.name, &s.value));
    let card = recap.card.iter().map(|(field, value)| (field, value));
    let mut known: Vec<String> = Vec::new();
    for (what, value) in card.chain(slots) {
        let fact = if zh {
            format!("{what}：{value}")
        } else {
            format!("{what}: {value}")
        };
        if !value.is_empty() && !known.contains(&fact) {
            known.push(fact);
        }
    }
    known.truncate(FACTS);
    if let Some(last) = last {
        let short: String = last.chars().take(QUOTE).collect();
        let more = if short.len() < last.len() { "…" } else { "" };
        known.push(if zh {
            format!("刚才说“{short}{more}”")
        } else {
            format!("last said “{short}{more}”")
        });
    }
    let second = known.join(if zh { "；" } else { "; " });
    [first, second]
        .into_iter()
        .filter(|l| !l.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::{CallId, Ms};

    fn events(happenings: Vec<Happening>) -> Vec<CallEvent> {
        let event = |(i, what)| CallEvent {
            call: CallId("a".into()),
            at: Ms(i as u64 * 100),
            what,
        };
        happenings.into_iter().enumerate().map(event).collect()
    }

    fn heard(text: &str) -> Happening {
        Happening::Heard {
            text: text.into(),
            confidence: 0.9,
            began: Ms(50),
            ended: Ms(90),
        }
    }

    fn call() -> Vec<CallEvent> {
        events(vec![
            Happening::Saying {
                step: "ask".into(),
                text: "您考虑贷款吗".into(),
            },
            heard("我想了解一下利率"),
            Happening::Tag {
                tag: "asks_price".into(),
                evidence: "利率".into(),
                score: 0.9,
            },
            Happening::Graded {
                grade: Grade::A,
                reasons: vec!["asked the price".into()],
                by: None,
            },
            Happening::Card {
                field: "城市".into(),
                value: "上海".into(),
            },
            Happening::AgentWanted {
                reason: "grade A".into(),
                skill: None,
            },
            heard("好的等一下"),
        ])
    }

    #[test]
    fn the_words_that_led_to_the_agent_are_quoted() {
        assert_eq!(evidence(&call()), "利率");
        assert_eq!(
            evidence(&events(vec![
                heard("older"),
                Happening::Key { digit: '0' },
                Happening::AgentWanted {
                    reason: "key 0".into(),
                    skill: None
                }
            ])),
            "[0]"
        );
        assert_eq!(evidence(&[]), "");
    }

    #[test]
    fn the_briefing_is_two_lines_in_the_call_s_language() {
        let events = call();
        let recap = Recap::of(&events);
        let lines = briefing(
            Lang::Zh,
            Some("王女士"),
            "grade A",
            &recap,
            last_words(&events),
        );
        assert_eq!(
            lines,
            [
                "王女士（意向 A）：grade A",
                "城市：上海；刚才说“好的等一下”"
            ]
        );
        let lines = briefing(Lang::En, None, "key 0", &Recap::default(), None);
        assert_eq!(lines, ["the callee: key 0"]);
    }

    #[test]
    fn the_transcript_has_both_sides_and_the_tags_at_their_words() {
        let lines = transcript(&call());
        let who: Vec<Voice> = lines.iter().map(|l| l.who).collect();
        assert_eq!(who, [Voice::Robot, Voice::Callee, Voice::Callee]);
        assert_eq!(lines[1].tags, ["asks_price"]);
        assert_eq!(lines[1].confidence, Some(0.9));
    }
}
