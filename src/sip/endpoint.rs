//! Our SIP address: one UDP port (and the same TCP port when a trunk uses TCP), all dialogs behind it.

use super::book::Book;
use super::inspect::{Dresser, SourceFilter};
use super::invite::{Invite, Target};
use super::leg::{self, Leg};
use super::resolve::RememberingResolver;
use super::trace::TraceSink;
use super::trunk::{Transport, Trunk};
use super::{SipError, driver, inbound, plan};
use rsipstack::EndpointBuilder;
use rsipstack::sip::typed::{From as FromHeader, To};
use rsipstack::sip::{Header, Method, SipMessage};
use rsipstack::transaction::endpoint::{EndpointInnerRef, EndpointOption};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipConnection, TcpListenerConnection, TransportLayer};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// How the endpoint listens and whom it listens to.
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// Port 0 takes a free one. With a concrete address everything we send names it.
    pub bind: SocketAddr,
    pub user_agent: String,
    /// Our address as the outside sees it; a trunk's own `public_address` goes before it.
    pub public_address: Option<IpAddr>,
    pub trunks: Vec<Arc<Trunk>>,
    /// Agents' phones: their requests are answered, too.
    pub extra_peers: Vec<SocketAddr>,
    /// T1 of RFC 3261 §17.1.1.1; requests without any answer are given up after 64 of them.
    pub t1: Duration,
    /// Gets the messages of every dialog when it ends.
    pub tracer: Option<TraceSink>,
}

impl EndpointConfig {
    /// No trunks, T1 of 500 ms.
    #[must_use]
    pub fn new(bind: SocketAddr) -> Self {
        EndpointConfig {
            bind,
            user_agent: concat!("callsmith/", env!("CARGO_PKG_VERSION")).to_string(),
            public_address: None,
            trunks: Vec::new(),
            extra_peers: Vec::new(),
            t1: Duration::from_millis(500),
            tracer: None,
        }
    }
}

/// A running endpoint. Clones share it.
#[derive(Clone)]
pub struct Endpoint {
    shared: Arc<Shared>,
}

/// What every dialog needs.
pub(super) struct Shared {
    pub stack: EndpointInnerRef,
    pub book: Arc<Book>,
    pub shutdown: CancellationToken,
    /// 64·T1: the life of an unanswered request.
    pub patience: Duration,
    local: SocketAddr,
    public: Option<IpAddr>,
    live: watch::Sender<usize>,
}

impl Endpoint {
    /// Whether the port is free, to be asked before anything slow begins; [`Endpoint::start`] finds out for itself.
    ///
    /// # Errors
    /// [`SipError::Listen`], as [`Endpoint::start`].
    pub fn may_listen(bind: SocketAddr) -> Result<(), SipError> {
        std::net::UdpSocket::bind(bind)
            .map(drop)
            .map_err(|e| cannot_listen(bind, &rsipstack::Error::IoError(e)))
    }

    /// Listens. When `shutdown` is cancelled every leg hangs up, then the port closes.
    ///
    /// # Errors
    /// [`SipError::Listen`] when the port is taken or the address is not ours.
    pub async fn start(
        config: EndpointConfig,
        shutdown: CancellationToken,
    ) -> Result<Endpoint, SipError> {
        let stop = CancellationToken::new();
        let layer = TransportLayer::new_with_domain_resolver(
            stop.clone(),
            Box::new(RememberingResolver::default()),
        );
        let udp = UdpConnection::create_connection(config.bind, None, Some(stop.child_token()))
            .await
            .map_err(|e| cannot_listen(config.bind, &e))?;
        let port = udp
            .get_addr()
            .get_socketaddr()
            .map_err(SipError::from)?
            .port();
        let local = SocketAddr::new(config.bind.ip(), port);
        let external = config.public_address.map(|ip| SocketAddr::new(ip, port));
        let udp = match external {
            None => udp,
            // The public address is known only together with the port, which port 0 leaves to the first socket.
            Some(external) => {
                drop(udp);
                UdpConnection::create_connection(local, Some(external), Some(stop.child_token()))
                    .await
                    .map_err(|e| cannot_listen(local, &e))?
            }
        };
        layer.add_transport(SipConnection::Udp(udp));
        if config.trunks.iter().any(|t| t.transport == Transport::Tcp) {
            // The library binds later and only logs a failure; this tells in time.
            std::net::TcpListener::bind(local)
                .map_err(|e| cannot_listen(local, &rsipstack::Error::IoError(e)))?;
            let advertised = external.or_else(|| {
                local
                    .ip()
                    .is_unspecified()
                    .then(|| SipConnection::resolve_bind_address(local))
            });
            let tcp = TcpListenerConnection::new(local, advertised).await?;
            layer.add_transport(SipConnection::TcpListener(tcp));
        }

        let book = Arc::new(Book::traced(config.tracer.clone()));
        let endpoint = EndpointBuilder::new()
            .with_user_agent(&config.user_agent)
            .with_transport_layer(layer)
            .with_cancel_token(stop.clone())
            .with_option(EndpointOption {
                t1: config.t1,
                t1x64: config.t1 * 64,
                ..EndpointOption::default()
            })
            .with_inspector(Box::new(Dresser(book.clone())))
            .with_transport_inspector(Box::new(SourceFilter(book.clone())))
            .build();
        let stack = endpoint.inner.clone();
        let _ = book.stack.set(Arc::downgrade(&stack));
        for peer in &config.extra_peers {
            book.trust(peer.ip());
        }
        let incoming = endpoint.incoming_transactions()?;
        tokio::spawn(inbound::serve(incoming, book.clone()));
        tokio::spawn(async move { endpoint.serve().await });

        let shared = Arc::new(Shared {
            stack,
            book,
            shutdown,
            patience: config.t1 * 64,
            local,
            public: config.public_address,
            live: watch::Sender::new(0),
        });
        for trunk in config.trunks {
            tokio::spawn(learn_peer(shared.clone(), trunk));
        }
        tokio::spawn(close_after_shutdown(shared.clone(), stop));
        info!(%local, "SIP endpoint listens");
        Ok(Endpoint { shared })
    }

    /// Where it listens, with the port it got.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// Starts a call. Whatever goes wrong from here on is the leg's [`leg::LegEvent::Ended`], exactly one.
    #[must_use]
    pub fn invite(&self, invite: Invite) -> Leg {
        let (leg, far) = leg::pair();
        let shared = self.shared.clone();
        let alive = Alive::new(shared.clone());
        tokio::spawn(async move {
            let _alive = alive;
            driver::drive(shared, invite, far).await;
        });
        leg
    }

    /// The address of ours to put into the SDP towards `target`.
    ///
    /// # Errors
    /// [`SipError::Unreachable`] or [`SipError::Uri`] when there is no way there.
    pub async fn media_address(&self, target: &Target) -> Result<IpAddr, SipError> {
        let (addr, public) = match target {
            Target::Trunk { trunk, .. } => (plan::trunk_addr(trunk), trunk.public_address),
            Target::Uri(text) => (plan::phone_addr(text)?, None),
        };
        let to = plan::resolve(&self.shared, &addr).await?;
        Ok(self.shared.facing(plan::peer_of(&to)?, public)?.ip())
    }

    /// One OPTIONS to the trunk: the time to its answer. Any answer of the far end counts, because it shows that it lives.
    ///
    /// # Errors
    /// [`SipError::NoAnswer`] after 64·T1, [`SipError::Unreachable`] at once.
    pub async fn options_ping(&self, trunk: &Trunk) -> Result<Duration, SipError> {
        let shared = &self.shared;
        let no_answer = |why: &str| SipError::NoAnswer {
            trunk: trunk.name.clone(),
            why: why.to_string(),
        };
        let to = plan::reach(shared, &plan::trunk_addr(trunk)).await?;
        let peer = plan::peer_of(&to)?;
        shared.book.trust(peer.ip());
        let here = shared.facing(peer, trunk.public_address)?;
        let uri = plan::trunk_uri(trunk);
        let from = FromHeader::from(plan::uri(Some("ping"), here.into(), Transport::Udp))
            .with_tag(plan::tag().into());
        let mut request = shared.stack.make_request(
            Method::Options,
            uri.clone(),
            plan::via(shared, &to)?,
            from,
            To::from(uri),
            1,
            None,
        );
        request
            .headers
            .push(Header::Accept("application/sdp".into()));
        let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
        let mut tx = Transaction::new_client(key, request, shared.stack.clone(), None);
        tx.destination = Some(to);
        let began = Instant::now();
        tx.send().await?;
        while let Some(msg) = tx.receive().await {
            if let SipMessage::Response(resp) = msg
                && resp.status_code.code() >= 200
            {
                if super::inspect::is_local(&resp) {
                    return Err(no_answer("no answer arrived in time"));
                }
                return Ok(began.elapsed());
            }
        }
        Err(no_answer("the request ended without an answer"))
    }

    /// Messages dropped because nobody we know sent them.
    #[must_use]
    pub fn ignored_messages(&self) -> u64 {
        self.shared.book.ignored()
    }

    /// Legs that have not ended yet.
    #[must_use]
    pub fn live_legs(&self) -> usize {
        *self.shared.live.borrow()
    }

    /// Waits until no leg is left and all BYEs are answered or given up.
    pub async fn drained(&self) {
        let mut live = self.shared.live.subscribe();
        let _ = live.wait_for(|n| *n == 0).await;
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Endpoint({})", self.shared.local)
    }
}

impl Shared {
    /// Our address as `peer` should write to it.
    pub(super) fn facing(
        &self,
        peer: SocketAddr,
        trunk_public: Option<IpAddr>,
    ) -> Result<SocketAddr, SipError> {
        let ip = match trunk_public.or(self.public) {
            Some(ip) => ip,
            None if self.local.ip().is_unspecified() => {
                plan::source_towards(peer).map_err(|e| SipError::Unreachable {
                    host: peer.to_string(),
                    why: e.to_string(),
                })?
            }
            None => self.local.ip(),
        };
        Ok(SocketAddr::new(ip, self.local.port()))
    }
}

/// Counts a leg while it lives.
struct Alive(Arc<Shared>);

impl Alive {
    fn new(shared: Arc<Shared>) -> Self {
        shared.live.send_modify(|n| *n += 1);
        Alive(shared)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.live.send_modify(|n| *n -= 1);
    }
}

/// A trunk's requests are known by its address.
async fn learn_peer(shared: Arc<Shared>, trunk: Arc<Trunk>) {
    let learned = plan::resolve(&shared, &plan::trunk_addr(&trunk))
        .await
        .and_then(|to| plan::peer_of(&to));
    match learned {
        Ok(peer) => shared.book.trust(peer.ip()),
        Err(e) => warn!(trunk = %trunk.name, error = %e, "trunk not found yet"),
    }
}

async fn close_after_shutdown(shared: Arc<Shared>, stop: CancellationToken) {
    shared.shutdown.cancelled().await;
    let mut live = shared.live.subscribe();
    let _ = tokio::time::timeout(shared.patience, live.wait_for(|n| *n == 0)).await;
    stop.cancel();
}

fn cannot_listen(addr: SocketAddr, e: &rsipstack::Error) -> SipError {
    let (why, advice) = match e {
        rsipstack::Error::IoError(io) if io.kind() == std::io::ErrorKind::AddrInUse => (
            "another program uses this port".to_string(),
            "stop it, or choose another port",
        ),
        rsipstack::Error::IoError(io) if io.kind() == std::io::ErrorKind::AddrNotAvailable => (
            "this machine does not have this address".to_string(),
            "use 0.0.0.0 or one of its own addresses",
        ),
        rsipstack::Error::IoError(io) if io.kind() == std::io::ErrorKind::PermissionDenied => {
            ("not permitted".to_string(), "choose a port above 1023")
        }
        other => (other.to_string(), "check the address"),
    };
    SipError::Listen { addr, why, advice }
}
