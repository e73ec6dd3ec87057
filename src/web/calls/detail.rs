//! One call: everything known about it, its signalling, and what reviewers wrote.

use super::CallRow;
use crate::store::transcript::Line;
use crate::store::{Note, PastDetail, TenantId};
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use crate::web::dialplans::bundle::Head;
use crate::web::dialplans::library;
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// The longest note, in characters.
const LONGEST_NOTE: usize = 4000;

/// One line of the transcript.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"who": "callee", "text": "有兴趣，多少钱", "at_ms": 9120, "confidence": 0.93, "tags": ["interested"]}))]
pub struct SaidLine {
    /// `robot`, `callee`, `agent`.
    who: &'static str,
    text: String,
    /// When it began, ms since the call's first INVITE.
    at_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    /// The robot was cut off after so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_off_ms: Option<u64>,
}

impl From<Line> for SaidLine {
    fn from(line: Line) -> SaidLine {
        SaidLine {
            who: line.who.code(),
            text: line.text,
            at_ms: line.at_ms,
            confidence: line.confidence,
            tags: line.tags,
            cut_off_ms: line.cut_off_ms,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Slot {
    name: String,
    value: String,
    evidence: String,
}

#[derive(Serialize, ToSchema)]
pub struct Hit {
    tag: String,
    evidence: String,
    score: f32,
    at_ms: u64,
}

#[derive(Serialize, ToSchema)]
pub struct StepAt {
    step: String,
    at_ms: u64,
}

#[derive(Serialize, ToSchema)]
pub struct PlanName {
    name: String,
    version: Option<i64>,
}

/// What a reviewer wrote.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 5, "by": "sun", "text": "good close", "score": 85, "at_ms": 12_000, "created_unix_ms": 1_790_000_000_000_i64}))]
pub struct NoteBody {
    pub id: i64,
    pub by: String,
    pub text: String,
    pub score: Option<i64>,
    pub at_ms: Option<i64>,
    pub created_unix_ms: i64,
}

impl From<Note> for NoteBody {
    fn from(note: Note) -> NoteBody {
        NoteBody {
            id: note.id,
            by: note.by,
            text: note.text,
            score: note.score,
            at_ms: note.at_ms,
            created_unix_ms: note.created_unix_ms,
        }
    }
}

/// A call with all that is known.
#[derive(Serialize, ToSchema)]
pub struct CallDetail {
    #[serde(flatten)]
    row: CallRow,
    reasons: Vec<String>,
    result: Option<String>,
    cause: Option<String>,
    cause_text: Option<String>,
    sip_code: Option<u16>,
    q850: Option<u8>,
    hangup_by: Option<String>,
    ring_ms: u64,
    trunk: Option<String>,
    caller_id: Option<String>,
    /// Field and value, in their order.
    card: Vec<(String, String)>,
    slots: Vec<Slot>,
    tag_hits: Vec<Hit>,
    transcript: Vec<SaidLine>,
    steps: Vec<StepAt>,
    notes: Vec<NoteBody>,
    dialplan: Option<PlanName>,
    live: bool,
    attempt: Option<u32>,
    lang: Option<String>,
    ended_unix_ms: Option<i64>,
}

/// Everything about one call. While it is live this is what happened so far.
#[utoipa::path(get, path = "/calls/{call}", tag = "calls", params(("call", example = "c19a2b-77aa01ff")), responses((status = 200, body = CallDetail), (status = 404)))]
pub(super) async fn one(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
) -> Answer<Json<CallDetail>> {
    let found = web.store.past_call(who.tenant, &call).await?;
    let found = found.ok_or_else(|| Refusal::not_found("such call"))?;
    let dialplan = spoken(&web, who.tenant, &found).await?;
    Ok(Json(detail(found, dialplan)))
}

/// The dialplan of the call: a campaign has one for each language of its list.
async fn spoken(web: &Web, tenant: TenantId, found: &PastDetail) -> Answer<Option<String>> {
    let stem = |name: &str| {
        let stem = std::path::Path::new(name).file_stem()?;
        Some(stem.to_string_lossy().into_owned())
    };
    let names: Vec<String> = found.dialplan.split(", ").filter_map(stem).collect();
    if let [only] = names.as_slice() {
        return Ok(Some(only.clone()));
    }
    let lang = found.call.attempt.lang.map_or("", |l| l.code());
    for name in names {
        if let Some(plan) = library::look_up(web, tenant, &name).await?
            && Head::of(plan.text()).langs().iter().any(|l| l == lang)
        {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn detail(found: PastDetail, dialplan: Option<String>) -> CallDetail {
    let a = &found.call.attempt;
    let live = a.disposition.is_none();
    let mut row = CallRow::from(&found.call);
    let (mut card, mut reasons) = (found.card, a.reasons.clone());
    let mut slots = found.slots;
    let mut hits = found.tags;
    if live {
        // The outcome is not written yet: what there is stands in the events.
        let so_far = crate::store::recap::Recap::of(&found.events);
        row.grade = so_far.grade.map(|g| g.to_string());
        row.agent = so_far.bridged;
        for hit in &so_far.tags {
            if !row.tags.contains(&hit.tag) {
                row.tags.push(hit.tag.clone());
            }
        }
        (card, reasons) = (so_far.card, so_far.reasons);
        (slots, hits) = (so_far.slots, so_far.tags);
    }
    let code = |v: Option<serde_json::Value>| v.and_then(|v| v.as_str().map(str::to_string));
    CallDetail {
        reasons,
        result: a.result.clone(),
        cause: code(a.cause.and_then(|c| serde_json::to_value(c).ok())),
        cause_text: a.cause_text.clone(),
        sip_code: a.sip_code,
        q850: a.q850,
        hangup_by: code(a.hangup_by.and_then(|b| serde_json::to_value(b).ok())),
        ring_ms: a.ring_ms,
        trunk: a.trunk.clone(),
        caller_id: a.caller_id.clone(),
        card,
        slots: slots
            .into_iter()
            .map(|s| Slot {
                name: s.name,
                value: s.value,
                evidence: s.evidence,
            })
            .collect(),
        tag_hits: hits
            .into_iter()
            .map(|t| Hit {
                tag: t.tag,
                evidence: t.evidence,
                score: t.score,
                at_ms: t.at.0,
            })
            .collect(),
        transcript: found.transcript.into_iter().map(SaidLine::from).collect(),
        steps: found
            .steps
            .into_iter()
            .map(|(step, at_ms)| StepAt { step, at_ms })
            .collect(),
        notes: found.notes.into_iter().map(NoteBody::from).collect(),
        dialplan: dialplan.map(|name| PlanName {
            name,
            version: None,
        }),
        live,
        attempt: a.attempt_no,
        lang: a.lang.map(|l| l.code().to_string()),
        ended_unix_ms: a.ended_unix_ms,
        row,
    }
}

/// A SIP message that was sent or received; numbers and credentials in it are masked.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"at_ms": 0, "dir": "out", "first_line": "INVITE sip:+861*******00@carrier SIP/2.0", "text": "INVITE sip:…"}))]
pub(super) struct SipMessage {
    /// Since the attempt began.
    at_ms: i64,
    /// `in`, `out`.
    dir: String,
    first_line: String,
    text: String,
}

/// The SIP messages of a call and of the agents' phones that belonged to it, once their legs are over.
#[utoipa::path(get, path = "/calls/{call}/sip", tag = "calls", params(("call", example = "c19a2b-77aa01ff")), responses((status = 200, body = [SipMessage])))]
pub(super) async fn sip(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
) -> Answer<Json<Vec<SipMessage>>> {
    let found = web.store.past_call(who.tenant, &call).await?;
    let found = found.ok_or_else(|| Refusal::not_found("such call"))?;
    let began = found.call.attempt.started_unix_ms;
    let lines = web.store.sip_trace(&call).await?;
    Ok(Json(
        lines
            .into_iter()
            .map(|line| SipMessage {
                at_ms: line.at_unix_ms - began,
                dir: line.dir,
                first_line: line.text.lines().next().unwrap_or_default().to_string(),
                text: line.text,
            })
            .collect(),
    ))
}

/// What a reviewer thinks.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"text": "promised a price that is not in the file", "score": 40, "at_ms": 31_500}))]
pub(super) struct NewNote {
    text: String,
    /// 0 to 100.
    score: Option<u8>,
    /// The moment it is about, ms into the call.
    at_ms: Option<u64>,
}

/// Write a note about a call, with or without a score.
#[utoipa::path(post, path = "/calls/{call}/notes", tag = "calls", params(("call", example = "c19a2b-77aa01ff")), request_body = NewNote, responses((status = 201, body = NoteBody), (status = 422)))]
pub(super) async fn note(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
    Json(new): Json<NewNote>,
) -> Answer<(StatusCode, Json<NoteBody>)> {
    let text = new.text.trim();
    if text.is_empty() && new.score.is_none() {
        return Err(Refusal::field("text", "write something, or give a score"));
    }
    if text.chars().count() > LONGEST_NOTE {
        let why = format!("at most {LONGEST_NOTE} characters");
        return Err(Refusal::field("text", why));
    }
    if new.score.is_some_and(|s| s > 100) {
        return Err(Refusal::field("score", "give 0 to 100"));
    }
    let said = (who.name.as_str(), text);
    let note = web
        .store
        .note_add(who.tenant, &call, said, new.score, new.at_ms);
    let note = note.await?.ok_or_else(|| Refusal::not_found("such call"))?;
    let detail = json!({"score": new.score});
    web.audit(&who, "qc.review", format!("call:{call}"), detail)
        .await?;
    Ok((StatusCode::CREATED, Json(NoteBody::from(note))))
}
