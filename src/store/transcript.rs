//! Who said what and when in a call, from its journalled events.
//!
//! Reads events as JSON, so that a journal written by a newer or older version still gives its words.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whose words.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    Robot,
    Callee,
    Agent,
}

impl Speaker {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Speaker::Robot => "robot",
            Speaker::Callee => "callee",
            Speaker::Agent => "agent",
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub who: Speaker,
    pub text: String,
    /// When it began, milliseconds since the first INVITE.
    pub at_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Tags that these words earned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The robot was cut off after so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off_ms: Option<u64>,
}

/// A tag is looked for in this many lines before it; the same word may have been said long ago.
const NEAR: usize = 6;

/// The lines of a call, in the order in which they began.
#[must_use]
pub fn lines<'a>(events: impl IntoIterator<Item = &'a Value>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for event in events {
        let at = event["at"].as_u64().unwrap_or(0);
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_string();
        let began = event["began"].as_u64().unwrap_or(at);
        let confidence = event["confidence"].as_f64().map(|c| c as f32);
        let mut say = |who, text: String, at_ms, confidence| {
            lines.push(Line {
                who,
                text,
                at_ms,
                confidence,
                tags: Vec::new(),
                cut_off_ms: None,
            });
        };
        match event["kind"].as_str().unwrap_or_default() {
            "saying" => say(Speaker::Robot, text("text"), at, None),
            "heard" => say(Speaker::Callee, text("text"), began, confidence),
            "back_channel" => say(Speaker::Callee, text("text"), at, None),
            "agent_said" => say(Speaker::Agent, text("text"), began, confidence),
            "key" => say(Speaker::Callee, format!("[{}]", text("digit")), at, None),
            "said" if event["interrupted"] == Value::Bool(true) => {
                let robot = lines.iter_mut().rev().find(|l| l.who == Speaker::Robot);
                if let Some(line) = robot {
                    line.cut_off_ms = event["spoken_ms"].as_u64();
                }
            }
            "tag" => tag(&mut lines, text("tag"), &text("evidence")),
            _ => {}
        }
    }
    lines.sort_by_key(|l| l.at_ms);
    lines
}

/// Puts a tag on the callee's words that hold its evidence, else on the callee's last words.
fn tag(lines: &mut [Line], tag: String, evidence: &str) {
    let callee = |l: &Line| l.who == Speaker::Callee;
    let holds = |l: &Line| !evidence.is_empty() && l.text.contains(evidence);
    let near = lines.len().saturating_sub(NEAR);
    let found = lines[near..]
        .iter()
        .rposition(|l| callee(l) && holds(l))
        .map(|i| near + i)
        .or_else(|| lines.iter().rposition(callee));
    if let Some(line) = found.and_then(|i| lines.get_mut(i))
        && !line.tags.contains(&tag)
    {
        line.tags.push(tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_three_voices_stand_in_the_order_they_began_with_tags_at_the_words_that_earned_them() {
        let events = [
            json!({"at": 100, "kind": "saying", "step": "a", "text": "你好"}),
            json!({"at": 900, "kind": "said", "spoken_ms": 640, "interrupted": true}),
            json!({"at": 2100, "kind": "heard", "text": "我有兴趣", "confidence": 0.9, "began": 800, "ended": 1500}),
            json!({"at": 2110, "kind": "tag", "tag": "interested", "evidence": "兴趣", "score": 1.0}),
            json!({"at": 2200, "kind": "something_new", "text": "x"}),
            json!({"at": 4000, "kind": "agent_said", "agent": "li", "text": "我是小李", "confidence": 0.8, "began": 3000, "ended": 3900}),
        ];
        let lines = lines(&events);
        let said: Vec<_> = lines
            .iter()
            .map(|l| (l.who, l.text.as_str(), l.at_ms))
            .collect();
        assert_eq!(
            said,
            [
                (Speaker::Robot, "你好", 100),
                (Speaker::Callee, "我有兴趣", 800),
                (Speaker::Agent, "我是小李", 3000)
            ]
        );
        assert_eq!(lines[0].cut_off_ms, Some(640));
        assert_eq!(lines[1].tags, ["interested"]);
    }
}
