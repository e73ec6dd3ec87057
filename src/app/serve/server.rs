//! The HTTP side and the campaigns of a running server.

use super::prepare::Preparer;
use super::sensitive;
use super::speak::ByMicrophone;
use crate::app::station::Station;
use crate::app::webhook_http::WebhookHttp;
use crate::app::{check, dial, vectors};
use crate::campaign::lane::Lane;
use crate::campaign::manager::Manager;
use crate::campaign::webhook::Sender;
use crate::campaign::webhook::guard::Guard;
use crate::desk::agent::Agent;
use crate::desk::browser::BrowserSettings;
use crate::desk::member::Member;
use crate::desk::{Desk, DeskSettings};
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
use tokio_util::task::TaskTracker;
use tracing::error;

/// What a server is made of.
pub struct Parts {
    pub store: Store,
    pub clock: Clock,
    pub station: Arc<Station>,
    pub trunks: Vec<Arc<Trunk>>,
    pub agents: Vec<Agent>,
    /// How people's browsers reach us with sound.
    pub browsers: BrowserSettings,
    pub studio: Arc<Studio>,
    pub mind: Option<Arc<dyn Embedder>>,
    pub data_dir: PathBuf,
    pub dialplans: Option<PathBuf>,
    /// Hosts (`host:port`) inside our own network that webhooks may go to.
    pub webhook_allow: Vec<String>,
    pub public_url: String,
    /// A proxy tells the caller's address.
    pub behind_proxy: bool,
    pub demo: bool,
}

pub struct Server {
    pub manager: Manager,
    station: Arc<Station>,
    /// No new calls.
    drain: CancellationToken,
    /// No more answers either.
    stop: CancellationToken,
    http: JoinHandle<()>,
    /// The desk and the webhooks' sender.
    tasks: TaskTracker,
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
            }),
            drain.clone(),
        );
        let desk = Desk::new(
            DeskSettings {
                browsers: parts.browsers,
                agents: parts.agents.into_iter().map(Member::from).collect(),
                ..DeskSettings::default()
            },
            parts.station.registry.clone(),
            parts.station.board.clone(),
            parts.clock.clone(),
            Some(parts.store.clone()),
        );
        let guard = Guard::new(&parts.webhook_allow);
        let sender = Sender::new(
            parts.store.clone(),
            parts.clock.clone(),
            guard.clone(),
            Arc::new(WebhookHttp),
        );
        let mind = parts.mind.clone();
        let web = Web::new(Shared {
            store: parts.store,
            clock: parts.clock.clone(),
            registry: parts.station.registry.clone(),
            board: parts.station.board.clone(),
            manager: Some(manager.clone()),
            data: parts.data_dir,
            stop: stop.clone(),
            demo: parts.demo,
            account: web::account::State::new(web::account::Settings {
                public_url: Some(parts.public_url),
                behind_proxy: parts.behind_proxy,
                ..web::account::Settings::default()
            }),
            calls: web::calls::State::default(),
            campaigns: web::campaigns::State::new(parts.trunks.iter().map(trunk_info).collect()),
            desk: web::desk::State::new(desk.clone()),
            dialplans: web::dialplans::State {
                folder: parts.dialplans,
                embedder: parts.mind,
                teach: Some(Arc::new(move |plan, path| {
                    vectors::teach(plan, path, mind.as_ref())
                })),
                speech: Some(Arc::new(check::speech)),
                ..web::dialplans::State::default()
            },
            jobs: web::jobs::State::default(),
            lists: web::lists::State::default(),
            rehearse: web::rehearse::State {
                speak: Some(Arc::new(ByMicrophone {
                    station: parts.station.clone(),
                    browsers: desk.browsers().clone(),
                    clock: parts.clock.clone(),
                })),
                ..web::rehearse::State::default()
            },
            webhooks: web::webhooks::State { guard },
        });
        let offered = desk.clone();
        web.account
            .set_agent_may(Box::new(move |user, call| offered.agent_may(user, call)));
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
        let tasks = TaskTracker::new();
        tasks.spawn(sender.run(stop.clone()));
        {
            let (desk, events, stop) = (desk.clone(), parts.station.events(), stop.clone());
            tasks.spawn(async move { desk.run(events, stop).await });
        }
        web.calls.watch.reload(&web.store).await?;
        tasks.spawn(sensitive::watch(
            web.clone(),
            parts.station.events(),
            stop.clone(),
        ));
        web::contacts::resume(&web).await;
        manager.resume_all().await?;
        Ok(Server {
            manager,
            station: parts.station,
            drain,
            stop,
            http,
            tasks,
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
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn trunk_info(trunk: &Arc<Trunk>) -> web::campaigns::TrunkInfo {
    web::campaigns::TrunkInfo {
        name: trunk.name.clone(),
        host: trunk.host.clone(),
        channels: trunk.channels,
        caller_ids: trunk.caller_ids.clone(),
    }
}
