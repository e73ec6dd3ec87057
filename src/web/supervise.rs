//! What supervisors do to live calls. One permission for each deed, each in the audit log before it is done, each shown to
//! others by the call's own events.

use super::Web;
use super::access::{May, Role, Rule};
use super::answer::{Answer, Refusal};
use super::desk::{DONE, Done, of_call, of_desk, person};
use super::guard::Who;
use crate::call::command::{Command, Steer, WatchMode};
use crate::terms::{CallId, Grade};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A reason goes to the record and into a SIP header.
const REASON_CHARS: usize = 200;

pub const RULES: &[Rule] = &[
    // Everybody who may take part at all may listen; the handler asks for the mode's own permission.
    Rule::may("POST", "/live/calls/{call}/supervise", May::CallsListen),
    Rule::may("DELETE", "/live/calls/{call}/supervise", May::CallsListen),
    Rule::may("POST", "/live/calls/{call}/steer", May::CallsSteer),
    Rule::may("POST", "/live/calls/{call}/hand_back", May::CallsHandBack),
    Rule::may("POST", "/live/calls/{call}/hang_up", May::CallsHangUp),
    Rule::may("POST", "/live/calls/{call}/grade", May::CallsGrade),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(supervise, leave))
        .routes(routes!(steer))
        .routes(routes!(hand_back))
        .routes(routes!(hang_up))
        .routes(routes!(grade))
}

#[derive(Copy, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Listen,
    Whisper,
    Barge,
    TakeOver,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"mode": "listen"}))]
struct TakePart {
    mode: Mode,
}

/// Takes part in a live call on one's audio line (`POST /desk/line` first), or changes how.
///
/// `listen` hears all and is heard by nobody; `whisper` is heard by the agent only; `barge` by everybody; `take_over` talks
/// to the callee in the place of robot and agent.
#[utoipa::path(post, path = "/live/calls/{call}/supervise", tag = "live", params(("call" = String, Path)), request_body = TakePart,
    responses((status = 200, body = Done), (status = 403),
        (status = 409, description = "`no_line`, `line_busy`, `taken`, `not_talking`, `call_over`")))]
async fn supervise(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
    Json(part): Json<TakePart>,
) -> Answer<Json<Done>> {
    let call = CallId(call);
    let (may, mode) = match part.mode {
        Mode::Listen => (May::CallsListen, WatchMode::Listen),
        Mode::Whisper => (May::CallsWhisper, WatchMode::Whisper),
        Mode::Barge => (May::CallsBarge, WatchMode::Barge),
        Mode::TakeOver => (May::CallsTakeOver, WatchMode::TakeOver),
    };
    who.must(may)?;
    noted(&web, &who, may, &call, json!({})).await?;
    let joined = web.at_desk().supervise(&person(&who), &call, mode).await;
    joined.map_err(of_desk)?;
    Ok(DONE)
}

/// Leaves a live call; one who took over gives the callee back.
#[utoipa::path(delete, path = "/live/calls/{call}/supervise", tag = "live", params(("call" = String, Path)),
    responses((status = 200, body = Done), (status = 409)))]
async fn leave(State(web): State<Web>, who: Who, Path(call): Path<String>) -> Answer<Json<Done>> {
    let call = CallId(call);
    let left = web.at_desk().leave(who.user, &call).await;
    left.map_err(of_desk)?;
    web.audit(&who, "calls.leave", object(&call), json!({}))
        .await?;
    Ok(DONE)
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"say": "我们的利率从三点六起。"}))]
struct Steering {
    /// A step of the dialplan to go to.
    step: Option<String>,
    /// A line to speak next.
    say: Option<String>,
}

/// Steers the robot: a step to go to, or a line to speak next.
#[utoipa::path(post, path = "/live/calls/{call}/steer", tag = "live", params(("call" = String, Path)), request_body = Steering,
    responses((status = 200, body = Done), (status = 409, description = "`human_talks`, `not_now`, `call_over`"), (status = 422)))]
async fn steer(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
    Json(steering): Json<Steering>,
) -> Answer<Json<Done>> {
    let call = CallId(call);
    let (what, detail) = match (steering.step, steering.say) {
        (Some(step), None) => (Steer::Step(step.clone()), json!({ "step": step })),
        (None, Some(say)) => (Steer::Say(say.clone()), json!({ "say": say })),
        _ => {
            return Err(Refusal::field(
                "step",
                "give a step or a line to say, one of the two",
            ));
        }
    };
    noted(&web, &who, May::CallsSteer, &call, detail).await?;
    let by = who.name;
    order(&web, &call, Command::Steer { by, what }).await
}

#[derive(Default, Deserialize, ToSchema)]
#[schema(example = json!({"step": null}))]
struct HandingBack {
    /// Where the robot goes on; without one, where it was.
    step: Option<String>,
}

/// The human who has the callee gives him back: to the agent who was taken over, else to the robot.
#[utoipa::path(post, path = "/live/calls/{call}/hand_back", tag = "live", params(("call" = String, Path)), request_body = HandingBack,
    responses((status = 200, body = Done), (status = 403), (status = 409, description = "`no_human`, `agent_there`, `call_over`"), (status = 422)))]
async fn hand_back(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
    back: Option<Json<HandingBack>>,
) -> Answer<Json<Done>> {
    let call = CallId(call);
    let back = back.map(|Json(back)| back).unwrap_or_default();
    own(&web, &who, &call)?;
    let detail = json!({ "step": back.step });
    noted(&web, &who, May::CallsHandBack, &call, detail).await?;
    let (by, step) = (name_in_call(&web, &who, &call), back.step);
    order(&web, &call, Command::HandBack { by, step }).await
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "the callee is abusive"}))]
struct HangingUp {
    reason: String,
}

/// Ends the call.
#[utoipa::path(post, path = "/live/calls/{call}/hang_up", tag = "live", params(("call" = String, Path)), request_body = HangingUp,
    responses((status = 200, body = Done), (status = 403), (status = 409), (status = 422)))]
async fn hang_up(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
    Json(hanging): Json<HangingUp>,
) -> Answer<Json<Done>> {
    let call = CallId(call);
    own(&web, &who, &call)?;
    let reason = reason(&hanging.reason)?;
    noted(
        &web,
        &who,
        May::CallsHangUp,
        &call,
        json!({ "reason": reason }),
    )
    .await?;
    let by = name_in_call(&web, &who, &call);
    order(&web, &call, Command::Hangup { by, reason }).await
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"grade": "A", "reason": "asked for the contract"}))]
struct Grading {
    #[schema(value_type = String, example = "A")]
    grade: Grade,
    reason: String,
}

/// Sets the grade; the dialplan's rules change it no more.
#[utoipa::path(post, path = "/live/calls/{call}/grade", tag = "live", params(("call" = String, Path)), request_body = Grading,
    responses((status = 200, body = Done), (status = 409), (status = 422)))]
async fn grade(
    State(web): State<Web>,
    who: Who,
    Path(call): Path<String>,
    Json(grading): Json<Grading>,
) -> Answer<Json<Done>> {
    let call = CallId(call);
    let (grade, reason) = (grading.grade, reason(&grading.reason)?);
    let detail = json!({ "grade": grade, "reason": reason });
    noted(&web, &who, May::CallsGrade, &call, detail).await?;
    let by = who.name;
    order(&web, &call, Command::Grade { by, grade, reason }).await
}

/// An agent orders only the call he is on.
fn own(web: &Web, who: &Who, call: &CallId) -> Answer<()> {
    if who.role == Role::Agent && web.at_desk().agent_on(who.user, call).is_none() {
        return Err(Refusal::conflict(
            "not_yours",
            "an agent does this only to the call he is on",
        ));
    }
    Ok(())
}

/// An agent is called in a call's events what the desk calls him.
fn name_in_call(web: &Web, who: &Who, call: &CallId) -> String {
    let agent = web.at_desk().agent_on(who.user, call);
    agent.unwrap_or_else(|| who.name.clone())
}

fn reason(text: &str) -> Answer<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > REASON_CHARS || text.chars().any(char::is_control)
    {
        return Err(Refusal::field(
            "reason",
            format!("say why, in one line of 1 to {REASON_CHARS} characters"),
        ));
    }
    Ok(text.to_string())
}

/// Nothing is done that the log does not hold.
async fn noted(web: &Web, who: &Who, may: May, call: &CallId, detail: Value) -> Answer<()> {
    if !web.registry.is_live(call) {
        return Err(Refusal::conflict(
            "call_over",
            format!("call {call} is over"),
        ));
    }
    Ok(web.audit(who, may.code(), object(call), detail).await?)
}

fn object(call: &CallId) -> String {
    format!("call:{call}")
}

async fn order(web: &Web, call: &CallId, command: Command) -> Answer<Json<Done>> {
    web.registry.ask(call, command).await.map_err(of_call)?;
    Ok(DONE)
}
