//! The text of `callsmith show`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Recap, quoted};
use crate::store::CallRecord;
use std::fmt::Write;

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
    for (field, value) in &recap.card {
        let _ = writeln!(out, "card      {field}: {}", shown(value, numbers));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_hidden_and_dates_are_not() {
        let table = [
            ("打 13800138000 吧", "打 *********00 吧"),
            ("138-0013-8000", "***-****-**00"),
            ("+86 138 0013 8000", "+** *** **** **00"),
            ("2026-11-23T15:00", "2026-11-23T15:00"),
            ("at 3 pm, room 1204", "at 3 pm, room 1204"),
            ("四五六", "四五六"),
        ];
        for (text, want) in table {
            assert_eq!(shown(text, Numbers::Masked), want);
        }
        assert_eq!(shown("a\u{1b}[31mb", Numbers::Full), "a [31mb");
    }
}
