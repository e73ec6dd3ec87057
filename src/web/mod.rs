//! The console and the API: everything people do with callsmith from a browser or another program.
//!
//! Each file of routes gives its handlers as `routes()` and who may use them as `RULES`; [`guard`] is the one layer that
//! checks every request against them, closed by default: a route without a rule answers nobody.

pub mod access;
pub mod account;
pub mod answer;
pub mod calls;
pub mod campaigns;
pub mod console_files;
pub mod contacts;
pub mod desk;
pub mod dialplans;
pub mod dnc;
pub mod follow_ups;
pub mod guard;
pub mod jobs;
pub mod lists;
pub mod live;
pub mod people;
pub mod qc;
pub mod rehearse;
pub mod stats;
pub mod supervise;
pub mod webhooks;

use crate::call::registry::Registry;
use crate::campaign::manager::Manager;
use crate::desk::board::Board;
use crate::store::Store;
use crate::terms::Clock;
use access::Rule;
use axum::Router;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Where every path of the API begins.
pub const PREFIX: &str = "/api/v1";

/// What the handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Shared>);

impl std::ops::Deref for Web {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The server's parts, and each route file's own state.
pub struct Shared {
    pub store: Store,
    pub clock: Clock,
    pub registry: Registry,
    pub board: Board,
    /// Starts and stops campaigns; absent where nothing is dialled.
    pub manager: Option<Manager>,
    /// Uploads, exports and published dialplans lie here.
    pub data: PathBuf,
    /// Cancelled when the server goes down: open streams end.
    pub stop: CancellationToken,
    /// Links say that they are the demo's.
    pub demo: bool,
    pub account: account::State,
    pub calls: calls::State,
    pub campaigns: campaigns::State,
    pub desk: desk::State,
    pub dialplans: dialplans::State,
    pub jobs: jobs::State,
    pub lists: lists::State,
    pub rehearse: rehearse::State,
    pub webhooks: webhooks::State,
}

impl Web {
    #[must_use]
    pub fn new(shared: Shared) -> Web {
        Web(Arc::new(shared))
    }
}

/// Every route's rule.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        account::RULES,
        calls::RULES,
        campaigns::RULES,
        contacts::RULES,
        desk::RULES,
        dialplans::RULES,
        dnc::RULES,
        follow_ups::RULES,
        jobs::RULES,
        lists::RULES,
        live::RULES,
        people::RULES,
        qc::RULES,
        rehearse::RULES,
        stats::RULES,
        supervise::RULES,
        webhooks::RULES,
    ]
    .into_iter()
    .flatten()
}

/// The whole server and the description of its API.
pub fn router(web: Web) -> (Router, OpenApi) {
    let api = OpenApiRouter::new()
        .merge(account::routes())
        .merge(calls::routes())
        .merge(campaigns::routes())
        .merge(contacts::routes())
        .merge(desk::routes())
        .merge(dialplans::routes())
        .merge(dnc::routes())
        .merge(follow_ups::routes())
        .merge(jobs::routes())
        .merge(lists::routes())
        .merge(live::routes())
        .merge(people::routes())
        .merge(qc::routes())
        .merge(rehearse::routes())
        .merge(stats::routes())
        .merge(supervise::routes())
        .merge(webhooks::routes());
    let (router, mut openapi) = OpenApiRouter::new().nest(PREFIX, api).split_for_parts();
    access::describe(&mut openapi);
    let router = router.layer(axum::middleware::from_fn_with_state(
        web.clone(),
        guard::guard,
    ));
    (console_files::around(router).with_state(web), openapi)
}
