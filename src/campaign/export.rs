//! Results as CSV for spreadsheets and as JSON for programs.

use crate::store::{ResultRow, SlotValue, TagHit};
use crate::terms::Disposition;
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

/// The columns after them, where the whole table is asked for.
const MORE: &[&str] = &["disposition_en", "agent", "talk_ms", "recording_link"];

/// Which columns a table of results has: the fixed ones, more on request, the list's own.
#[derive(Clone, Debug)]
pub struct Table {
    own: Vec<String>,
    /// Where calls are found, for links to their recordings; `None` leaves [`MORE`] out.
    base: Option<String>,
}

impl Table {
    /// Every column there is. `own` are the list's columns, `base` is the address of the API (`https://host/api/v1`).
    #[must_use]
    pub fn whole(own: Vec<String>, base: String) -> Table {
        let fixed =
            |name: &String| !COLUMNS.contains(&name.as_str()) && !MORE.contains(&name.as_str());
        Table {
            own: own.into_iter().filter(fixed).collect(),
            base: Some(base),
        }
    }

    fn of(rows: &[ResultRow]) -> Table {
        let own: BTreeSet<&String> = rows
            .iter()
            .flat_map(|r| r.vars.keys())
            .filter(|k| !COLUMNS.contains(&k.as_str()))
            .collect();
        Table {
            own: own.into_iter().cloned().collect(),
            base: None,
        }
    }

    /// The first row.
    #[must_use]
    pub fn header(&self) -> Vec<String> {
        let more = if self.base.is_some() { MORE } else { &[] };
        let fixed = COLUMNS.iter().chain(more).map(|c| (*c).to_owned());
        fixed.chain(self.own.iter().cloned()).collect()
    }

    /// The cells of one row, as they are: nothing in them is disarmed yet.
    #[must_use]
    pub fn cells(&self, row: &ResultRow) -> Vec<String> {
        let mut all = cells(row);
        if let Some(base) = &self.base {
            let attempt = row.attempt.as_ref();
            let link = attempt.and_then(|a| {
                let call = a.call.as_ref().filter(|_| a.recording.is_some())?;
                Some(format!("{base}/calls/{}/recording.wav", call.0))
            });
            let disposition = attempt.and_then(|a| a.disposition);
            all.extend([
                disposition.map_or_else(String::new, |d| english(d).to_owned()),
                attempt.and_then(|a| a.bridged.clone()).unwrap_or_default(),
                attempt.map_or_else(String::new, |a| a.talk_ms.to_string()),
                link.unwrap_or_default(),
            ]);
        }
        let own = self.own.iter();
        all.extend(own.map(|k| row.vars.get(k).cloned().unwrap_or_default()));
        all
    }
}

/// A block of CSV: the mark and the header in front of the first rows.
///
/// # Errors
/// The cells cannot be written as CSV (never, in memory).
pub fn csv_block(table: &Table, rows: &[ResultRow], first: bool) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    if first {
        out.extend("\u{feff}".as_bytes());
    }
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(&mut out);
    if first {
        writer.write_record(table.header().iter().map(|c| inert(c)))?;
    }
    for row in rows {
        writer.write_record(table.cells(row).iter().map(|c| inert(c)))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(out)
}

/// A disposition in English, as [`Disposition::zh`] names it in Chinese.
#[must_use]
pub const fn english(disposition: Disposition) -> &'static str {
    use Disposition as D;
    match disposition {
        D::Canceled => "Canceled",
        D::Dnc => "Do not call",
        D::Consent => "No consent",
        D::DailyCap => "Called too often",
        D::Window => "Outside calling hours",
        D::KnownBad => "Known bad number",
        D::BadCallerId => "Caller ID not allowed",
        D::NoTrunk => "No line",
        D::NoAnswer => "No answer",
        D::Busy => "Busy",
        D::Rejected => "Rejected",
        D::PoweredOff => "Powered off",
        D::Suspended => "Suspended",
        D::Invalid => "Number not in use",
        D::NumberChanged => "Number changed",
        D::Unreachable => "Unreachable",
        D::Barred => "Incoming calls barred",
        D::Forwarded => "Forwarded",
        D::CarrierBlocked => "Blocked by the carrier",
        D::NetworkBusy => "Network busy",
        D::TrunkError => "Trunk error",
        D::AuthError => "Authentication failed",
        D::Abandoned => "Ringing cut short",
        D::Completed => "Completed",
        D::CalleeHangup => "Callee hung up",
        D::OptOut => "Opted out",
        D::Callback => "Callback agreed",
        D::Transferred => "Transferred to an agent",
        D::TransferFailed => "No agent came",
        D::Voicemail => "Voicemail",
        D::Assistant => "Call assistant",
        D::Fax => "Fax",
        D::Ivr => "Phone menu",
        D::NoMatch => "Not understood too often",
        D::Silence => "Silent too long",
        D::NoInteraction => "No interaction",
        D::RobotFailure => "Robot failure",
        D::Interrupted => "Interrupted",
    }
}

/// Writes results as CSV: UTF-8 with a mark at the front so that Excel shows Chinese, CRLF lines, and no cell that a
/// spreadsheet would run as a formula. The list's own columns come last.
///
/// # Errors
/// The writer fails.
pub fn csv(out: &mut impl Write, rows: &[ResultRow]) -> std::io::Result<()> {
    out.write_all(&csv_block(&Table::of(rows), rows, true)?)
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
pub(super) fn inert(cell: &str) -> String {
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
