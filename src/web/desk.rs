//! The agent's desk: presence, audio line, offers, screen-pop, wrap-up, tasks.

mod after;
mod offers;
mod pop;
mod refusals;
mod tasks;

pub(super) use refusals::{of_call, of_desk};

use super::Web;
use super::access::{May, Rule};
use super::answer::Answer;
use super::guard::Who;
use crate::desk::news::{AgentState, DeskEvent, DeskMe};
use crate::desk::presence::Wish;
use crate::desk::{Desk, Person};
use crate::store::TenantId;
use axum::Json;
use axum::extract::State as Extract;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub const RULES: &[Rule] = &[
    Rule::may("GET", "/desk/me", May::DeskWork),
    Rule::may("POST", "/desk/presence", May::DeskWork),
    Rule::may("POST", "/desk/line", May::DeskLine),
    Rule::may("DELETE", "/desk/line", May::DeskLine),
    Rule::may("GET", "/desk/agents", May::DeskView),
    Rule::may("GET", "/desk/outcomes", May::DeskWork),
    Rule::may("GET", "/desk/offers/{call}", May::DeskWork),
    Rule::may("POST", "/desk/offers/{call}/accept", May::DeskWork),
    Rule::may("POST", "/desk/offers/{call}/decline", May::DeskWork),
    Rule::may("PATCH", "/desk/calls/{call}/card", May::DeskWork),
    Rule::may("POST", "/desk/calls/{call}/outcome", May::DeskWork),
    Rule::may("GET", "/desk/calls/{call}/suggestions", May::DeskWork),
    Rule::may("GET", "/desk/tasks", May::DeskTasks),
    Rule::may("POST", "/desk/tasks/{task}/done", May::DeskTasks),
];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(presence))
        .routes(routes!(connect, disconnect))
        .routes(routes!(agents))
        .routes(routes!(outcomes))
        .routes(routes!(offers::screen_pop))
        .routes(routes!(offers::accept))
        .routes(routes!(offers::decline))
        .routes(routes!(after::edit_card))
        .routes(routes!(after::outcome))
        .routes(routes!(after::suggestions))
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::done))
}

/// What these routes keep between requests.
pub struct State {
    pub desk: Desk,
}

impl State {
    #[must_use]
    pub fn new(desk: Desk) -> State {
        State { desk }
    }

    /// What happens at the desk.
    #[must_use]
    pub fn events(&self) -> Option<broadcast::Receiver<DeskEvent>> {
        Some(self.desk.events())
    }
}

impl Default for State {
    /// A desk with nobody at it.
    fn default() -> State {
        State::new(Desk::new(
            crate::desk::DeskSettings::default(),
            crate::call::registry::Registry::default(),
            crate::desk::board::Board::default(),
            crate::terms::Clock::system(),
            None,
        ))
    }
}

impl Web {
    pub(super) fn at_desk(&self) -> &Desk {
        &self.desk.desk
    }
}

/// Somebody as the desk knows him.
pub(super) fn person(who: &Who) -> Person {
    Person {
        user: who.user,
        tenant: who.tenant,
        name: who.name.clone(),
    }
}

/// A thing was done.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    pub ok: bool,
}

pub(super) const DONE: Json<Done> = Json(Done { ok: true });

/// One's own place at the desk.
#[utoipa::path(get, path = "/desk/me", tag = "desk", responses((status = 200, body = DeskMe)))]
async fn me(Extract(web): Extract<Web>, who: Who) -> Json<DeskMe> {
    Json(web.at_desk().me(who.user))
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"presence": "ready"}))]
struct Chosen {
    presence: Wish,
}

/// Chooses to be ready, on a break or offline. During a call it holds for afterwards; from wrap-up it ends that.
#[utoipa::path(post, path = "/desk/presence", tag = "desk", request_body = Chosen,
    responses((status = 200, body = DeskMe), (status = 409, description = "`no_seat`, `no_line`")))]
async fn presence(
    Extract(web): Extract<Web>,
    who: Who,
    Json(chosen): Json<Chosen>,
) -> Answer<Json<DeskMe>> {
    let me = web.at_desk().choose(who.user, chosen.presence);
    Ok(Json(me.map_err(of_desk)?))
}

/// A browser's side of an audio line.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"sdp": "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"}))]
struct LineOffer {
    /// The offer with all candidates gathered: one audio stream, PCMU; `recvonly` to listen.
    sdp: String,
}

/// The server's side.
#[derive(Serialize, ToSchema)]
struct LineAnswer {
    sdp: String,
    line: String,
}

/// Connects the browser's audio. A new one takes the place of the old, in the same call.
///
/// Keep the microphone's track when muting (`track.enabled = false`): a line on which nothing comes counts as lost.
#[utoipa::path(post, path = "/desk/line", tag = "desk", request_body = LineOffer,
    responses((status = 200, body = LineAnswer), (status = 422), (status = 503)))]
async fn connect(
    Extract(web): Extract<Web>,
    who: Who,
    Json(offer): Json<LineOffer>,
) -> Answer<Json<LineAnswer>> {
    let connected = web.at_desk().connect(&person(&who), &offer.sdp).await;
    let connected = connected.map_err(of_desk)?;
    Ok(Json(LineAnswer {
        sdp: connected.sdp,
        line: connected.line,
    }))
}

/// Disconnects the browser's audio.
#[utoipa::path(delete, path = "/desk/line", tag = "desk", responses((status = 200, body = Done)))]
async fn disconnect(Extract(web): Extract<Web>, who: Who) -> Json<Done> {
    web.at_desk().disconnect(who.user);
    DONE
}

/// All agents of the tenant.
#[utoipa::path(get, path = "/desk/agents", tag = "desk", responses((status = 200, body = [AgentState])))]
async fn agents(Extract(web): Extract<Web>, who: Who) -> Json<Vec<AgentState>> {
    let tenant: TenantId = who.tenant;
    Json(web.at_desk().agents(tenant))
}

/// What an agent may say of a call.
#[utoipa::path(get, path = "/desk/outcomes", tag = "desk", responses((status = 200, body = [String])))]
async fn outcomes(Extract(web): Extract<Web>) -> Json<Vec<String>> {
    Json(web.at_desk().outcomes().to_vec())
}
