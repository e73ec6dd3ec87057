//! What an agent writes of a call, during it and after, and the answers shown meanwhile.

use super::offers::events_of;
use super::{DONE, Done, of_call, of_desk, pop};
use crate::call::command::Command;
use crate::desk::DeskError;
use crate::desk::queue::SeatError;
use crate::store::OutcomeNote;
use crate::terms::{CallId, Grade, Happening};
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use crate::web::dialplans::{Asked, answers};
use crate::web::guard::Who;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

const MOST_FIELDS: usize = 50;
const FIELD_CHARS: usize = 64;
const VALUE_CHARS: usize = 2000;
const NOTE_CHARS: usize = 4000;
/// A call back is promised this far ahead at most, ms.
const AHEAD_MS: i64 = 366 * 86_400_000;

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"fields": {"城市": "上海"}}))]
pub(super) struct CardEdit {
    fields: BTreeMap<String, String>,
}

/// Edits fields of the lead card.
#[utoipa::path(patch, path = "/desk/calls/{call}/card", tag = "desk", params(("call" = String, Path)), request_body = CardEdit,
    responses((status = 200, body = Done), (status = 403), (status = 422)))]
pub(super) async fn edit_card(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
    Json(edit): Json<CardEdit>,
) -> Answer<Json<Done>> {
    let call = CallId(call);
    if edit.fields.is_empty() || edit.fields.len() > MOST_FIELDS {
        return Err(Refusal::field(
            "fields",
            format!("give 1 to {MOST_FIELDS} fields"),
        ));
    }
    for (field, value) in &edit.fields {
        if field.trim().is_empty() || field.chars().count() > FIELD_CHARS {
            return Err(Refusal::field(
                "fields",
                format!("a field's name has 1 to {FIELD_CHARS} characters"),
            ));
        }
        if value.chars().count() > VALUE_CHARS {
            return Err(Refusal::field(
                "fields",
                format!("{field} is longer than {VALUE_CHARS} characters"),
            ));
        }
    }
    let fields: Vec<(String, String)> = edit.fields.into_iter().collect();
    let names: Vec<&String> = fields.iter().map(|(f, _)| f).collect();
    web.audit(
        &who,
        "desk.card",
        format!("call:{call}"),
        json!({ "fields": names }),
    )
    .await?;
    web.store.card_edit(&call, &fields).await?;
    if web.registry.is_live(&call) {
        let by = who.name;
        // It may end meanwhile; the card is written already.
        let _ = web.registry.ask(&call, Command::Card { by, fields }).await;
    }
    Ok(DONE)
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"outcome": "interested", "note": "calls back with her husband", "grade": "A", "callback_unix_ms": 1_800_000_000_000_i64}))]
pub(super) struct Outcome {
    /// One of `GET /desk/outcomes`.
    outcome: String,
    note: Option<String>,
    #[schema(value_type = Option<String>, example = "A")]
    grade: Option<Grade>,
    /// Puts a task on the desk.
    callback_unix_ms: Option<i64>,
}

/// Says how the call went; ends the wrap-up.
#[utoipa::path(post, path = "/desk/calls/{call}/outcome", tag = "desk", params(("call" = String, Path)), request_body = Outcome,
    responses((status = 200, body = Done), (status = 409, description = "`no_seat`, `not_yours`"), (status = 422)))]
pub(super) async fn outcome(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
    Json(said): Json<Outcome>,
) -> Answer<Json<Done>> {
    let call = CallId(call);
    let desk = web.at_desk();
    let agent = desk
        .agent_id(who.user)
        .ok_or_else(|| of_desk(DeskError::Seat(SeatError::NoSeat)))?;
    if !desk.outcomes().contains(&said.outcome) {
        let all = desk.outcomes().join(", ");
        return Err(Refusal::field("outcome", format!("use one of {all}")));
    }
    let note = said.note.filter(|n| !n.trim().is_empty());
    if note
        .as_ref()
        .is_some_and(|n| n.chars().count() > NOTE_CHARS)
    {
        return Err(Refusal::field(
            "note",
            format!("it is longer than {NOTE_CHARS} characters"),
        ));
    }
    let now = web.clock.unix_ms();
    let due = said.callback_unix_ms;
    if due.is_some_and(|at| at < now || at > now + AHEAD_MS) {
        return Err(Refusal::field(
            "callback_unix_ms",
            "a call back lies ahead, within a year",
        ));
    }
    let there = desk.agent_on(who.user, &call).is_some();
    if !there && !web.store.desk_was_on(&agent, &call).await? {
        return Err(Refusal::conflict(
            "not_yours",
            "only the agent of a call says how it went",
        ));
    }
    let written = OutcomeNote {
        outcome: said.outcome,
        note,
        grade: said.grade,
    };
    web.store.desk_outcome(&agent, &call, &written).await?;
    if let (Some(grade), true) = (said.grade, web.registry.is_live(&call)) {
        let grading = Command::Grade {
            by: who.name.clone(),
            grade,
            reason: written.outcome.clone(),
        };
        web.registry.ask(&call, grading).await.map_err(of_call)?;
    }
    if let Some(due) = due {
        let reason = written.note.as_deref().unwrap_or(&written.outcome);
        web.store
            .desk_task_add(who.tenant, &call, reason, due, now)
            .await?;
    }
    desk.settled(who.user, &call);
    Ok(DONE)
}

/// Answers of the dialplan to what the callee asked last.
#[derive(Serialize, ToSchema)]
pub(super) struct Suggestions {
    items: Vec<Suggestion>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Suggestion {
    question: String,
    answer: String,
    /// 0 to 1.
    score: f32,
}

/// What the knowledge base answers to the callee's last words.
#[utoipa::path(get, path = "/desk/calls/{call}/suggestions", tag = "desk", params(("call" = String, Path)),
    responses((status = 200, body = Suggestions)))]
pub(super) async fn suggestions(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
) -> Answer<Json<Suggestions>> {
    let call = CallId(call);
    let none = || Json(Suggestions { items: Vec::new() });
    let Some(card) = web.board.card(&call) else {
        return Ok(none());
    };
    let events = events_of(&web, &call).await?;
    let Some(words) = pop::last_words(&events) else {
        return Ok(none());
    };
    let spoken = events.iter().rev().find_map(|e| match e.what {
        Happening::Language { lang } => Some(lang),
        _ => None,
    });
    let lead = web.store.desk_lead(who.tenant, &call).await?;
    let asked = Asked {
        words: words.to_string(),
        lang: spoken.unwrap_or(card.lang),
        vars: lead.map(|l| l.vars).unwrap_or_default(),
    };
    let known = answers(&web, who.tenant, &card.dialplan, asked).await?;
    let items = known.into_iter().map(|k| Suggestion {
        question: k.question,
        answer: k.answer,
        score: k.score,
    });
    Ok(Json(Suggestions {
        items: items.collect(),
    }))
}
