//! A call told again: its events as lines with times, the tags under the words that earned them, and what it cost.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod humans;
mod text;

pub use text::{Numbers, render};

use super::{SlotValue, TagHit};
use crate::terms::{CallEvent, Grade, HangupCause, Happening, LegId, Ms};
use std::fmt::Write;

/// Who a line of the transcript belongs to.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Robot,
    Callee,
    Agent,
    /// Signalling: ringing, answer, hang-up.
    Line,
}

impl Who {
    const fn label(self) -> &'static str {
        match self {
            Who::Robot => "robot",
            Who::Callee => "callee",
            Who::Agent => "agent",
            Who::Line => "line",
        }
    }
}

/// One line of the transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct RecapLine {
    pub at: Ms,
    pub who: Who,
    pub text: String,
    /// What these words led to: intents, tags, slots.
    pub notes: Vec<String>,
}

/// Something to do about the lead later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Local civil time of the callee.
    pub due: String,
    pub campaign: Option<String>,
    pub reason: String,
}

/// What a call's events add up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recap {
    pub lines: Vec<RecapLine>,
    pub tags: Vec<TagHit>,
    /// The latest value of each slot, in the order they were first filled.
    pub slots: Vec<SlotValue>,
    pub grade: Option<Grade>,
    pub reasons: Vec<String>,
    /// Milliseconds from the end of each callee turn to the robot's first frame.
    pub turn_latencies_ms: Vec<u64>,
    /// Field → value of the lead card, in the order they were first known.
    pub card: Vec<(String, String)>,
    /// Lasting tags of the contact; `true` takes one away.
    pub contact: Vec<(String, bool)>,
    pub follow_ups: Vec<FollowUp>,
    /// The agent who was bridged last.
    pub bridged: Option<String>,
    pub rang: bool,
    pub answered: Option<Ms>,
    pub cause: Option<HangupCause>,
}

impl Recap {
    /// Folds the events of one call, in their order.
    #[must_use]
    pub fn of(events: &[CallEvent]) -> Recap {
        let mut recap = Recap::default();
        for event in events {
            recap.add(event);
        }
        recap
    }

    /// Takes one more event in.
    pub fn add(&mut self, event: &CallEvent) {
        let at = event.at;
        match &event.what {
            Happening::Tag {
                tag,
                evidence,
                score,
            } => {
                self.note(evidence, format!("tag {tag}: {}", quoted(evidence)));
                self.tags.push(TagHit {
                    tag: tag.clone(),
                    evidence: evidence.clone(),
                    score: *score,
                    at,
                });
            }
            Happening::Slot {
                name,
                value,
                evidence,
            } => {
                self.note(
                    evidence,
                    format!("slot {name} = {value}: {}", quoted(evidence)),
                );
                self.slot(SlotValue {
                    name: name.clone(),
                    value: value.clone(),
                    evidence: evidence.clone(),
                    at,
                });
            }
            Happening::Intent {
                intent,
                score,
                evidence,
            } => {
                self.note(evidence, format!("intent {intent} ({score:.2})"));
            }
            Happening::Graded { grade, reasons, by } => {
                let by = by.as_ref().map(|by| format!(", set by {by}"));
                let by = by.unwrap_or_default();
                let text = format!("grade {grade}: {}{by}", reasons.join("; "));
                self.grade = Some(*grade);
                self.reasons.clone_from(reasons);
                self.note("", text);
            }
            Happening::Card { field, value } => self.card_field(field, value),
            Happening::ContactTag { tag, forget } => {
                self.contact.push((tag.clone(), *forget));
                self.line(at, &event.what);
            }
            Happening::FollowUp {
                at: due,
                campaign,
                reason,
            } => {
                self.follow_ups.push(FollowUp {
                    due: due.clone(),
                    campaign: campaign.clone(),
                    reason: reason.clone(),
                });
                self.line(at, &event.what);
            }
            Happening::TurnLatency { ms } => self.turn_latencies_ms.push(*ms),
            Happening::Said {
                spoken_ms,
                interrupted: true,
            } => self.cut_off(*spoken_ms),
            other => self.line(at, other),
        }
    }

    /// The p-th percentile of the turn latencies (nearest rank), ms.
    #[must_use]
    pub fn latency_percentile(&self, p: u8) -> Option<u64> {
        let mut sorted = self.turn_latencies_ms.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * usize::from(p.min(100))).div_ceil(100);
        sorted.get(rank.max(1) - 1).copied()
    }

    fn line(&mut self, at: Ms, what: &Happening) {
        let (who, text) = match what {
            Happening::Dialing { trunk, caller_id } => (
                Who::Line,
                format!("dialling through {trunk} as {caller_id}"),
            ),
            Happening::Ringing { code } => {
                self.rang = true;
                (Who::Line, format!("ringing ({code})"))
            }
            Happening::EarlyMedia => {
                self.rang = true;
                (Who::Line, "sound before the answer".into())
            }
            Happening::LineStatus { words, status } => (
                Who::Line,
                format!("announcement taken for {status}: {words}"),
            ),
            Happening::Answered => {
                self.answered = Some(at);
                (Who::Line, "answered".into())
            }
            Happening::Saying { text, .. } => (Who::Robot, text.clone()),
            Happening::Heard { text, .. } => (Who::Callee, text.clone()),
            Happening::NotUnderstood { why } => (Who::Callee, format!("(not understood: {why})")),
            Happening::BackChannel { text } => (Who::Callee, format!("({text})")),
            Happening::Key { digit } => (Who::Callee, format!("(key {digit})")),
            Happening::NoInput { count } => (Who::Callee, format!("(silence, {count})")),
            Happening::NoMatch { count } => (Who::Callee, format!("(fits no branch, {count})")),
            Happening::OptOut { evidence } => (
                Who::Line,
                format!("on the do-not-call list: {}", quoted(evidence)),
            ),
            Happening::Callback { evidence, at } => {
                let when = at.as_deref().unwrap_or("at a time to be found");
                (Who::Line, format!("call back {when}: {}", quoted(evidence)))
            }
            Happening::ContactTag { tag, forget } => {
                let verb = if *forget { "forgets" } else { "keeps" };
                (Who::Line, format!("the contact {verb} the tag {tag}"))
            }
            Happening::FollowUp {
                at,
                campaign,
                reason,
            } => {
                let campaign = campaign.as_ref().map(|c| format!(" in {c}"));
                let campaign = campaign.unwrap_or_default();
                (Who::Line, format!("follow-up {at}{campaign}: {reason}"))
            }
            Happening::Language { lang } => (Who::Robot, format!("(goes on in {lang})")),
            Happening::Lookup { ok, why } => {
                let how = if *ok { "answered" } else { "failed" };
                let why = why.as_ref().map(|w| format!(": {w}")).unwrap_or_default();
                (Who::Line, format!("lookup {how}{why}"))
            }
            Happening::AgentWanted { reason, .. } => (Who::Line, format!("agent wanted: {reason}")),
            Happening::AgentRinging { agent } => (Who::Agent, format!("{agent}'s phone rings")),
            Happening::AgentAnswered { agent } => (Who::Agent, format!("{agent} answered")),
            Happening::AgentGone { agent, why } => (Who::Agent, format!("{agent} is gone: {why}")),
            Happening::Bridged { agent } => {
                self.bridged = Some(agent.clone());
                (
                    Who::Agent,
                    format!("{agent} and the callee hear each other"),
                )
            }
            Happening::AgentSaid { agent, text, .. } => {
                self.bridged.get_or_insert_with(|| agent.clone());
                (Who::Agent, text.clone())
            }
            Happening::TakenOver { by, .. } => {
                self.bridged = Some(by.clone());
                (Who::Agent, format!("({by} takes over)"))
            }
            Happening::Held { held } => {
                let text = if *held {
                    "put on hold"
                } else {
                    "taken off hold"
                };
                (Who::Line, text.into())
            }
            Happening::Degraded { what } => (Who::Line, format!("degraded: {what}")),
            Happening::LegEnded { leg, cause } => {
                if *leg == LegId::Callee {
                    self.cause = Some(cause.clone());
                }
                (Who::Line, ended_text(*leg, cause))
            }
            Happening::Ended {
                disposition, cause, ..
            } => {
                if cause.is_some() {
                    self.cause.clone_from(cause);
                }
                (
                    Who::Line,
                    format!("ended as {disposition} {}", disposition.zh()),
                )
            }
            other => match humans::line(other) {
                Some(line) => line,
                None => return,
            },
        };
        self.lines.push(RecapLine {
            at,
            who,
            text,
            notes: Vec::new(),
        });
    }

    /// Puts a note under the callee's words that hold the evidence, or under the last words when none do.
    fn note(&mut self, evidence: &str, note: String) {
        let callee = |l: &&mut RecapLine| l.who == Who::Callee;
        let with_evidence = |l: &&mut RecapLine| !evidence.is_empty() && l.text.contains(evidence);
        // Only the latest few lines: the same word may have been said long before.
        let found = self
            .lines
            .iter_mut()
            .rev()
            .take(6)
            .filter(callee)
            .find(with_evidence)
            .is_some();
        let target = self
            .lines
            .iter_mut()
            .rev()
            .filter(callee)
            .find(|l| !found || with_evidence(l));
        let target = match target {
            Some(line) => Some(line),
            None => self.lines.last_mut(),
        };
        if let Some(line) = target {
            line.notes.push(note);
        }
    }

    fn card_field(&mut self, field: &str, value: &str) {
        match self.card.iter_mut().find(|(f, _)| f == field) {
            Some((_, old)) => *old = value.to_string(),
            None => self.card.push((field.to_string(), value.to_string())),
        }
    }

    fn slot(&mut self, slot: SlotValue) {
        match self.slots.iter_mut().find(|s| s.name == slot.name) {
            Some(old) => *old = slot,
            None => self.slots.push(slot),
        }
    }

    fn cut_off(&mut self, spoken_ms: u64) {
        let robot = self.lines.iter_mut().rev().find(|l| l.who == Who::Robot);
        if let Some(line) = robot {
            line.notes.push(format!(
                "interrupted after {}.{:01} s",
                spoken_ms / 1000,
                spoken_ms % 1000 / 100
            ));
        }
    }
}

fn ended_text(leg: LegId, cause: &HangupCause) -> String {
    let leg = match leg {
        LegId::Callee => "callee",
        LegId::Agent => "agent",
    };
    let by = format!("{:?}", cause.by).to_lowercase();
    let mut text = format!("{leg}'s leg ended by {by}");
    if let Some(code) = cause.sip_code {
        let _ = write!(text, ", SIP {code}");
    }
    if let Some(q850) = cause.q850 {
        let _ = write!(text, ", Q.850 {q850}");
    }
    if !cause.text.is_empty() {
        let _ = write!(text, ": {}", cause.text);
    }
    text
}

fn quoted(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!("“{words}”")
    }
}
