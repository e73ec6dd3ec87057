//! The HTTP side and the campaigns of a running server.

use super::prepare::Preparer;
use crate::app::dial;
use crate::app::station::Station;
use crate::campaign::lane::Lane;
use crate::campaign::manager::Manager;
use crate::desk::agent::Agent;
use crate::desk::desk_task;
use crate::dialogue::traits::Embedder;
use crate::sip::Trunk;
use crate::store::Store;
use crate::terms::Clock;
use crate::voice::Studio;
use crate::web::{self, Shared, Web};
use anyhow::Result;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::error;

/// What a server is made of.
pub struct Parts {
    pub store: Store,
    pub clock: Clock,
    pub station: Arc<Station>,
    pub trunks: Vec<Arc<Trunk>>,
    pub agents: Vec<Agent>,
    pub studio: Arc<Studio>,
    pub mind: Option<Arc<dyn Embedder>>,
    pub data_dir: PathBuf,
    pub dialplans: Option<PathBuf>,
    pub public_url: String,
    pub demo: bool,
}

pub struct Server {
    pub manager: Manager,
    pub web: Web,
    station: Arc<Station>,
    /// No new calls.
    drain: CancellationToken,
    /// No more answers either.
    stop: CancellationToken,
    http: JoinHandle<()>,
    desk: JoinHandle<()>,
}

impl Server {
    /// Answers on the listener from now on, and goes on with the campaigns that ran.
    pub async fn start(parts: Parts, listener: TcpListener) -> Result<Server> {
        let (drain, stop) = (CancellationToken::new(), CancellationToken::new());
        let lanes: Vec<(Arc<Trunk>, Lane)> = parts
            .trunks
            .iter()
            .map(|trunk| (trunk.clone(), dial::lane(trunk)))
            .collect();
        let manager = Manager::new(
            parts.store.clone(),
            parts.clock.clone(),
            Arc::new(Preparer {
                store: parts.store.clone(),
                station: parts.station.clone(),
                trunks: lanes,
                studio: parts.studio,
                mind: parts.mind.clone(),
                data_dir: parts.data_dir.clone(),
                dialplans: parts.dialplans.clone(),
                ring: None,
            }),
            drain.clone(),
        );
        let desk = tokio::spawn(desk_task::run(
            parts.agents,
            parts.station.events(),
            parts.station.registry.clone(),
        ));
        let web = Web::new(Shared {
            store: parts.store,
            clock: parts.clock,
            registry: parts.station.registry.clone(),
            board: parts.station.board.clone(),
            manager: Some(manager.clone()),
            data: parts.data_dir,
            stop: stop.clone(),
            demo: parts.demo,
            account: web::account::State::default(),
            calls: web::calls::State::default(),
            campaigns: web::campaigns::State::default(),
            desk: web::desk::State::default(),
            dialplans: web::dialplans::State::default(),
            jobs: web::jobs::State::default(),
            lists: web::lists::State::default(),
            rehearse: web::rehearse::State::default(),
            webhooks: web::webhooks::State::default(),
        });
        let (router, _) = web::router(web.clone());
        let over = stop.clone();
        let http = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            let served = axum::serve(listener, service)
                .with_graceful_shutdown(async move { over.cancelled().await })
                .await;
            if let Err(e) = served {
                error!("the console's server ended: {e}");
            }
        });
        manager.resume_all().await?;
        Ok(Server {
            manager,
            web,
            station: parts.station,
            drain,
            stop,
            http,
            desk,
        })
    }

    /// Starts no more calls, lets the live ones end, then closes everything.
    pub async fn close(self) {
        self.drain.cancel();
        self.manager.drained().await;
        self.station.close().await;
        self.stop.cancel();
        // Readers of streams end with `stop`; a browser that holds its connection open is not waited for.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(3), self.http).await;
        self.desk.abort();
    }
}
