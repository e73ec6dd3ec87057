//! The end of a demo: each lead against its script, as a table for people and as one JSON line for programs.

use super::cast::{Does, Part};
use super::score::{self, Errors};
use crate::app::percentile::percentile;
use crate::store::{CallRecord, SlotValue, TagHit};
use crate::terms::{Disposition, Grade, Happening, Lang};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};
use std::path::Path;

/// One thing a callee said, beside what the robot understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    pub said: String,
    pub heard: String,
    /// From the callee's last speech frame to the robot's first voiced frame, measured by the far end on the wire.
    pub latency_ms: Option<u64>,
}

/// One lead's end.
pub struct LeadReport {
    pub name: &'static str,
    pub lead: &'static str,
    pub lang: Lang,
    pub expected: Disposition,
    pub expected_bridge: bool,
    pub disposition: Option<Disposition>,
    pub grade: Option<Grade>,
    pub reasons: Vec<String>,
    pub tags: Vec<TagHit>,
    pub slots: Vec<SlotValue>,
    pub turns: Vec<Turn>,
    pub bridged: bool,
    pub talk_ms: u64,
    pub recording: Option<String>,
    /// What went against the script, beside the disposition.
    pub complaints: Vec<String>,
}

impl LeadReport {
    #[must_use]
    pub fn as_expected(&self) -> bool {
        self.disposition == Some(self.expected)
            && self.bridged == self.expected_bridge
            && self.complaints.is_empty()
    }
}

/// Puts a call's record beside its script.
#[must_use]
pub fn lead_report(
    part: &Part,
    record: Option<&CallRecord>,
    latencies: &[(String, u64)],
    data: &Path,
) -> LeadReport {
    let mut report = LeadReport {
        name: part.name,
        lead: part.lead,
        lang: part.lang,
        expected: part.expected,
        expected_bridge: part.bridged,
        disposition: None,
        grade: None,
        reasons: Vec::new(),
        tags: Vec::new(),
        slots: Vec::new(),
        turns: Vec::new(),
        bridged: false,
        talk_ms: 0,
        recording: None,
        complaints: Vec::new(),
    };
    let Some(record) = record else {
        report.complaints.push("never called".into());
        return report;
    };
    let attempt = &record.attempt;
    report.disposition = attempt.disposition;
    report.grade = attempt.grade;
    report.reasons.clone_from(&attempt.reasons);
    report.tags.clone_from(&record.tags);
    report.slots.clone_from(&record.slots);
    report.bridged = attempt.bridged.is_some();
    report.talk_ms = attempt.talk_ms;
    report.recording = attempt
        .recording
        .as_ref()
        .map(|r| data.join("recordings").join(r).display().to_string());
    report.turns = turns(part, record, latencies);
    report
}

/// Pairs what the script says with what was heard, in order: every scripted line takes the heard words that fit it best
/// among those not taken, because one may be lost and one may come in two pieces.
fn turns(part: &Part, record: &CallRecord, latencies: &[(String, u64)]) -> Vec<Turn> {
    let mut heard: Vec<String> = record
        .events
        .iter()
        .filter_map(|e| match &e.what {
            Happening::Heard { text, .. } | Happening::BackChannel { text } => Some(text.clone()),
            Happening::LineStatus { words, .. } => Some(words.clone()),
            _ => None,
        })
        .collect();
    let said: Vec<&str> = part
        .does
        .iter()
        .filter_map(|d| match d {
            Does::Says(text) | Does::SaysOver(_, text) | Does::TellsAgent(text) => Some(*text),
            _ => None,
        })
        .collect();
    let mut turns = Vec::new();
    for said in &said {
        let best = heard
            .iter()
            .enumerate()
            .map(|(at, text)| (at, score::errors(said, text, part.lang)))
            .min_by(|(a, x), (b, y)| {
                let rate = |e: &Errors| e.rate().unwrap_or(1.0);
                rate(x).total_cmp(&rate(y)).then(a.cmp(b))
            })
            .filter(|(_, e)| e.rate().is_some_and(|rate| rate < 0.9));
        let text = best.map(|(at, _)| heard.remove(at)).unwrap_or_default();
        turns.push(Turn {
            said: (*said).into(),
            heard: text,
            latency_ms: latencies
                .iter()
                .find(|(text, _)| text == said)
                .map(|(_, ms)| *ms),
        });
    }
    turns
}

/// Figures over all leads.
pub struct Totals {
    pub calls: usize,
    pub as_expected: usize,
    pub bridged: usize,
    pub p50: Option<u64>,
    pub p95: Option<u64>,
    pub zh: Errors,
    pub en: Errors,
}

#[must_use]
pub fn totals(leads: &[LeadReport]) -> Totals {
    let mut latencies: Vec<u64> = leads
        .iter()
        .flat_map(|l| l.turns.iter().filter_map(|t| t.latency_ms))
        .collect();
    latencies.sort_unstable();
    let (mut zh, mut en) = (Errors::default(), Errors::default());
    for lead in leads {
        for turn in &lead.turns {
            let errors = score::errors(&turn.said, &turn.heard, lead.lang);
            match lead.lang {
                Lang::Zh => zh.add(errors),
                Lang::En => en.add(errors),
            }
        }
    }
    Totals {
        calls: leads.len(),
        as_expected: leads.iter().filter(|l| l.as_expected()).count(),
        bridged: leads.iter().filter(|l| l.bridged).count(),
        p50: percentile(&latencies, 50),
        p95: percentile(&latencies, 95),
        zh,
        en,
    }
}

/// The table for people.
#[must_use]
pub fn table(leads: &[LeadReport]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "",
        "lead",
        "disposition",
        "grade",
        "tags (words)",
        "slots",
        "talk s",
        "turn ms p50/p95",
        "recording",
    ]);
    for l in leads {
        let mut latencies: Vec<u64> = l.turns.iter().filter_map(|t| t.latency_ms).collect();
        latencies.sort_unstable();
        let turn = match (percentile(&latencies, 50), percentile(&latencies, 95)) {
            (Some(a), Some(b)) => format!("{a}/{b}"),
            _ => "–".into(),
        };
        let mut end = l
            .disposition
            .map_or_else(|| "none".into(), |d| format!("{d} {}", d.zh()));
        if l.disposition != Some(l.expected) {
            end = format!("{end} (expected {})", l.expected);
        }
        for complaint in &l.complaints {
            end = format!("{end}; {complaint}");
        }
        table.add_row([
            if l.as_expected() {
                "✓".into()
            } else {
                "✗".to_string()
            },
            format!("{} {}", l.name, l.lead),
            end,
            l.grade
                .map_or_else(|| "–".into(), |g| format!("{g} {}", l.reasons.join("; "))),
            l.tags
                .iter()
                .map(|t| format!("{} “{}”", t.tag, t.evidence))
                .collect::<Vec<_>>()
                .join("\n"),
            l.slots
                .iter()
                .map(|s| format!("{}={}", s.name, s.value))
                .collect::<Vec<_>>()
                .join("\n"),
            format!("{:.1}", l.talk_ms as f64 / 1000.0),
            turn,
            l.recording
                .as_deref()
                .and_then(|r| r.rsplit('/').next())
                .unwrap_or("–")
                .to_string(),
        ]);
    }
    table.to_string()
}

/// The JSON line for programs.
#[must_use]
pub fn json(leads: &[LeadReport], extra: Value) -> Value {
    let totals = totals(leads);
    let rate = |e: Errors| e.rate().map(|r| (r * 1000.0).round() / 1000.0);
    let mut summary = json!({
        "calls": totals.calls,
        "as_expected": totals.as_expected,
        "bridged": totals.bridged,
        "turn_latency_ms": {"p50": totals.p50, "p95": totals.p95},
        "cer_zh": rate(totals.zh),
        "wer_en": rate(totals.en),
    });
    if let (Some(summary), Some(extra)) = (summary.as_object_mut(), extra.as_object()) {
        summary.extend(extra.clone());
    }
    let leads: Vec<Value> = leads
        .iter()
        .map(|l| {
            json!({
                "lead": l.name,
                "name": l.lead,
                "language": l.lang,
                "expected": l.expected,
                "disposition": l.disposition,
                "grade": l.grade,
                "reasons": l.reasons,
                "tags": l.tags.iter().map(|t| json!({"tag": t.tag, "evidence": t.evidence, "at_ms": t.at})).collect::<Vec<_>>(),
                "slots": l.slots.iter().map(|s| (s.name.clone(), json!(s.value))).collect::<serde_json::Map<_, _>>(),
                "turns": l.turns.iter().map(|t| json!({"said": t.said, "heard": t.heard, "latency_ms": t.latency_ms})).collect::<Vec<_>>(),
                "bridged": l.bridged,
                "talk_ms": l.talk_ms,
                "recording": l.recording,
                "complaints": l.complaints,
            })
        })
        .collect();
    json!({"leads": leads, "totals": summary})
}
