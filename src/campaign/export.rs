//! Results as CSV for spreadsheets and as JSON for programs.

use crate::store::{ResultRow, SlotValue, TagHit};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::io::Write;

/// The columns before the list's own.
const COLUMNS: &[&str] = &[
    "row",
    "phone",
    "name",
    "language",
    "status",
    "attempt",
    "disposition",
    "disposition_zh",
    "result",
    "grade",
    "reasons",
    "tags",
    "slots",
    "card",
    "started",
    "ring_s",
    "talk_s",
    "bridged",
    "trunk",
    "caller_id",
    "sip_code",
    "q850",
    "hangup_by",
    "call",
    "recording",
];

/// Writes results as CSV: UTF-8 with a mark at the front so that Excel shows Chinese, CRLF lines, and no cell that a
/// spreadsheet would run as a formula. The list's own columns come last.
///
/// # Errors
/// The writer fails.
pub fn csv(out: &mut impl Write, rows: &[ResultRow]) -> std::io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let own: BTreeSet<&str> = rows
        .iter()
        .flat_map(|r| r.vars.keys().map(String::as_str))
        .filter(|k| !COLUMNS.contains(k))
        .collect();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    let header = COLUMNS.iter().copied().chain(own.iter().copied());
    writer.write_record(header.map(inert))?;
    for row in rows {
        let fixed = cells(row).into_iter();
        let vars = own
            .iter()
            .map(|k| row.vars.get(*k).cloned().unwrap_or_default());
        writer.write_record(fixed.chain(vars).map(|cell| inert(&cell)))?;
    }
    writer.flush()
}

/// Writes results as a JSON array, one object per row.
///
/// # Errors
/// The writer fails.
pub fn json(out: &mut impl Write, rows: &[ResultRow]) -> std::io::Result<()> {
    out.write_all(b"[")?;
    for (i, row) in rows.iter().enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &object(row))?;
    }
    out.write_all(b"\n]\n")
}

/// One result as JSON.
#[must_use]
pub fn object(row: &ResultRow) -> Value {
    let a = row.attempt.as_ref();
    let tags: Vec<Value> = row
        .tags
        .iter()
        .map(|t| json!({"tag": t.tag, "evidence": t.evidence, "score": t.score, "at_ms": t.at.0}))
        .collect();
    let slots: Map<String, Value> = row
        .slots
        .iter()
        .map(|s| (s.name.clone(), Value::String(s.value.clone())))
        .collect();
    let card: Map<String, Value> = row
        .card
        .iter()
        .map(|(field, value)| (field.clone(), Value::String(value.clone())))
        .collect();
    json!({
        "row": row.row,
        "phone": row.phone.full(),
        "name": row.name,
        "language": row.lang.map(|l| l.code()),
        "status": row.lead_status,
        "attempt": a.and_then(|a| a.attempt_no),
        "disposition": a.and_then(|a| a.disposition).map(|d| d.code()),
        "disposition_zh": a.and_then(|a| a.disposition).map(|d| d.zh()),
        "result": a.and_then(|a| a.result.clone()),
        "grade": a.and_then(|a| a.grade).map(|g| g.to_string()),
        "reasons": a.map(|a| a.reasons.clone()).unwrap_or_default(),
        "tags": tags,
        "slots": slots,
        "card": card,
        "started": a.map(|a| utc(a.started_unix_ms)),
        "ring_ms": a.map(|a| a.ring_ms),
        "talk_ms": a.map(|a| a.talk_ms),
        "bridged": a.and_then(|a| a.bridged.clone()),
        "trunk": a.and_then(|a| a.trunk.clone()),
        "caller_id": a.and_then(|a| a.caller_id.clone()),
        "sip_code": a.and_then(|a| a.sip_code),
        "q850": a.and_then(|a| a.q850),
        "hangup_by": a.and_then(|a| a.hangup_by),
        "call": a.and_then(|a| a.call.as_ref()).map(|c| c.0.clone()),
        "recording": a.and_then(|a| a.recording.clone()),
        "lead": row.vars,
    })
}

fn cells(row: &ResultRow) -> Vec<String> {
    let Value::Object(object) = object(row) else {
        return Vec::new();
    };
    COLUMNS
        .iter()
        .map(|column| match *column {
            "tags" => tags_cell(&row.tags),
            "slots" => slots_cell(&row.slots),
            "card" => card_cell(&row.card),
            "ring_s" => seconds(object.get("ring_ms")),
            "talk_s" => seconds(object.get("talk_ms")),
            "reasons" => row
                .attempt
                .as_ref()
                .map(|a| a.reasons.join("; "))
                .unwrap_or_default(),
            other => match object.get(other) {
                Some(Value::String(s)) => s.clone(),
                None | Some(Value::Null) => String::new(),
                Some(value) => value.to_string(),
            },
        })
        .collect()
}

fn tags_cell(tags: &[TagHit]) -> String {
    let one = |t: &TagHit| format!("{} ({})", t.tag, t.evidence);
    tags.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn slots_cell(slots: &[SlotValue]) -> String {
    let one = |s: &SlotValue| format!("{}={}", s.name, s.value);
    slots.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn card_cell(card: &[(String, String)]) -> String {
    let pairs: Vec<String> = card.iter().map(|(f, v)| format!("{f}={v}")).collect();
    pairs.join("; ")
}

fn seconds(ms: Option<&Value>) -> String {
    ms.and_then(Value::as_u64)
        .map(|ms| format!("{}.{}", ms / 1000, ms % 1000 / 100))
        .unwrap_or_default()
}

fn utc(unix_ms: i64) -> String {
    Timestamp::from_millisecond(unix_ms).map_or_else(|_| String::new(), |t| t.to_string())
}

/// A cell that a spreadsheet takes as text: what begins like a formula gets a `'` in front (OWASP ASVS 5.0, 1.2.10).
/// A phone number too: Excel would show it as 8.6138E+12. The import takes the `'` off again.
fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::{Lang, Ms, Phone};

    fn row() -> ResultRow {
        ResultRow {
            row: 2,
            name: Some("=HYPERLINK(\"http://x\",\"李雷\")".into()),
            lang: Some(Lang::Zh),
            phone: Phone::new("+8613800138000"),
            vars: [
                ("城市".into(), "@上海".into()),
                ("note".into(), "-1+1".into()),
            ]
            .into(),
            lead_status: "done".into(),
            attempt: None,
            tags: vec![TagHit {
                tag: "interested".into(),
                evidence: "挺感兴趣的, \"真的\"".into(),
                score: 0.9,
                at: Ms(4200),
            }],
            slots: Vec::new(),
            card: vec![("年级".into(), "小学".into())],
        }
    }

    #[test]
    fn no_cell_runs_as_a_formula_and_excel_shows_chinese() {
        let mut out = Vec::new();
        csv(&mut out, &[row()]).expect("written");
        assert!(out.starts_with(&[0xEF, 0xBB, 0xBF]));
        let mut reader = csv::Reader::from_reader(&out[3..]);
        let header = reader.headers().expect("header").clone();
        let record = reader.records().next().expect("a row").expect("readable");
        let cell = |name: &str| {
            let i = header.iter().position(|h| h == name).expect(name);
            record[i].to_owned()
        };
        assert_eq!(cell("name"), "'=HYPERLINK(\"http://x\",\"李雷\")");
        assert_eq!(cell("城市"), "'@上海");
        assert_eq!(cell("note"), "'-1+1");
        assert_eq!(cell("phone"), "'+8613800138000");
        assert_eq!(cell("tags"), "interested (挺感兴趣的, \"真的\")");
    }

    #[test]
    fn every_beginning_of_a_formula_is_disarmed() {
        for bad in ["=1", "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "+86 =1"] {
            assert_eq!(inert(bad), format!("'{bad}"));
        }
        assert_eq!(inert("a=1"), "a=1");
    }

    #[test]
    fn json_results_are_one_array_that_a_program_reads_back() {
        let mut out = Vec::new();
        json(&mut out, &[row(), row()]).expect("written");
        let value: Value = serde_json::from_slice(&out).expect("json");
        assert_eq!(value.as_array().map(Vec::len), Some(2));
        assert_eq!(value[0]["tags"][0]["at_ms"], 4200);
        assert_eq!(value[0]["lead"]["城市"], "@上海");
        let mut none = Vec::new();
        json(&mut none, &[]).expect("written");
        assert_eq!(
            serde_json::from_slice::<Value>(&none).expect("json"),
            json!([])
        );
    }
}
