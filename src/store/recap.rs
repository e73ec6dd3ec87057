//! A call told again: its events as lines with times, the tags under the words that earned them, and what it cost.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{CallRecord, SlotValue, TagHit};
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
            Happening::Graded { grade, reasons } => {
                let text = format!("grade {grade}: {}", reasons.join("; "));
                self.grade = Some(*grade);
                self.reasons.clone_from(reasons);
                self.note("", text);
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
            _ => return,
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

/// Whether numbers may be read in full.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    #[default]
    Masked,
    Full,
}

/// The text of `callsmith show`: head, transcript, tags, slots, grade, signalling, latencies.
#[must_use]
pub fn render(record: &CallRecord, numbers: Numbers) -> String {
    let recap = Recap::of(&record.events);
    let mut out = String::new();
    head(&mut out, record, numbers);
    for line in &recap.lines {
        let text = shown(&line.text, numbers);
        let _ = writeln!(
            out,
            "{:>9}  {:<6}  {text}",
            line.at.to_string(),
            line.who.label()
        );
        for note in &line.notes {
            let _ = writeln!(out, "{:>19}· {}", "", shown(note, numbers));
        }
    }
    tail(&mut out, record, &recap, numbers);
    out
}

fn head(out: &mut String, record: &CallRecord, numbers: Numbers) {
    let a = &record.attempt;
    let call = a.call.as_ref().map_or("-", |c| c.0.as_str());
    let phone = match numbers {
        Numbers::Masked => a.phone.to_string(),
        Numbers::Full => a.phone.full().to_owned(),
    };
    let name = a.name.as_deref().unwrap_or("-");
    let _ = writeln!(out, "call      {call}");
    let _ = writeln!(
        out,
        "lead      {name} {phone} (campaign {}, row {}, attempt {})",
        a.campaign,
        a.row,
        a.attempt_no.unwrap_or(0)
    );
    let disposition = a
        .disposition
        .map_or_else(|| a.state.code().to_owned(), |d| format!("{d} {}", d.zh()));
    let result = a.result.as_ref().map(|r| format!(" ({r})"));
    let _ = writeln!(out, "ended     {disposition}{}", result.unwrap_or_default());
    if let Some(grade) = a.grade {
        let _ = writeln!(out, "grade     {grade}: {}", a.reasons.join("; "));
    }
    let _ = writeln!(out);
}

fn tail(out: &mut String, record: &CallRecord, recap: &Recap, numbers: Numbers) {
    let a = &record.attempt;
    let _ = writeln!(out);
    // The tables are what the outcome wrote; a call that is still on has them only in its events.
    let tags = if record.tags.is_empty() {
        &recap.tags
    } else {
        &record.tags
    };
    let slots = if record.slots.is_empty() {
        &recap.slots
    } else {
        &record.slots
    };
    for tag in tags {
        let said = shown(&quoted(&tag.evidence), numbers);
        let _ = writeln!(out, "tag       {} {said} at {} s", tag.tag, tag.at);
    }
    for slot in slots {
        let value = shown(&slot.value, numbers);
        let said = shown(&quoted(&slot.evidence), numbers);
        let _ = writeln!(out, "slot      {} = {value} {said}", slot.name);
    }
    let mut sip = Vec::new();
    if let Some(trunk) = &a.trunk {
        sip.push(format!("trunk {trunk}"));
    }
    if let Some(code) = a.sip_code {
        sip.push(format!("SIP {code}"));
    }
    if let Some(q850) = a.q850 {
        sip.push(format!("Q.850 {q850}"));
    }
    if let Some(by) = a.hangup_by {
        sip.push(format!("ended by {by:?}").to_lowercase());
    }
    if let Some(text) = a.cause_text.as_ref().filter(|t| !t.is_empty()) {
        sip.push(text.clone());
    }
    if !sip.is_empty() {
        let _ = writeln!(out, "line      {}", shown(&sip.join(", "), numbers));
    }
    let _ = writeln!(
        out,
        "times     rang {}, talked {}",
        seconds(a.ring_ms),
        seconds(a.talk_ms)
    );
    if let (Some(p50), Some(p95)) = (recap.latency_percentile(50), recap.latency_percentile(95)) {
        let turns = recap.turn_latencies_ms.len();
        let _ = writeln!(
            out,
            "latency   p50 {p50} ms, p95 {p95} ms over {turns} turns"
        );
    }
    if let Some(agent) = a.bridged.as_ref().or(recap.bridged.as_ref()) {
        let _ = writeln!(out, "agent     {agent}");
    }
    if let Some(recording) = &a.recording {
        let _ = writeln!(out, "recording {recording}");
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

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

/// Text as a terminal may show it: control characters gone, and, when masked, no run of seven or more digits readable
/// beyond its last two.
fn shown(text: &str, numbers: Numbers) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    match numbers {
        Numbers::Full => clean,
        Numbers::Masked => mask_numbers(&clean),
    }
}

fn mask_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let mut end = i;
        let mut digits = 0;
        // Digits may be parted by one space or dash, as people write numbers.
        while end < chars.len() {
            let parts = matches!(chars[end], ' ' | '-')
                && chars.get(end + 1).is_some_and(char::is_ascii_digit);
            if chars[end].is_ascii_digit() {
                digits += 1;
            } else if digits == 0 || !parts {
                break;
            }
            end += 1;
        }
        // A date (2026-11-23T15:00) has eight digits in groups and is no secret.
        if digits >= 7 && !looks_like_date(&chars[i..]) {
            for c in &chars[i..end - 2] {
                out.push(if c.is_ascii_digit() { '*' } else { *c });
            }
            out.extend(&chars[end - 2..end]);
            i = end;
        } else {
            let to = end.max(i + 1);
            out.extend(&chars[i..to]);
            i = to;
        }
    }
    out
}

fn looks_like_date(chars: &[char]) -> bool {
    let shape = |i: usize, want: char| chars.get(i) == Some(&want);
    let digits = |r: std::ops::Range<usize>| {
        chars
            .get(r)
            .is_some_and(|s| s.iter().all(char::is_ascii_digit))
    };
    digits(0..4)
        && shape(4, '-')
        && digits(5..7)
        && shape(7, '-')
        && digits(8..10)
        && !chars.get(10).is_some_and(char::is_ascii_digit)
}
