//! The agent's desk: presence, audio line, offers, screen-pop, wrap-up, tasks.

use super::Web;
use super::access::Rule;
use crate::desk::Desk;
use crate::desk::news::DeskEvent;
use tokio::sync::broadcast;
use utoipa_axum::router::OpenApiRouter;

pub const RULES: &[Rule] = &[];

#[must_use]
pub fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
}

/// What these routes keep between requests.
#[derive(Default)]
pub struct State {
    desk: Option<Desk>,
}

impl State {
    #[must_use]
    pub fn new(desk: Desk) -> State {
        State { desk: Some(desk) }
    }

    /// What happens at the desk; without one, nothing.
    #[must_use]
    pub fn events(&self) -> Option<broadcast::Receiver<DeskEvent>> {
        self.desk.as_ref().map(Desk::events)
    }
}
