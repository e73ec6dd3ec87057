//! Sound to and from browsers: WebRTC, PCMU only, so that a bridge copies bytes.
//!
//! A browser sends one offer with all its settings and gets one answer with all our addresses; nothing trickles. It is
//! plugged into its human's [`Line`] when the connection stands, and another one may take its place at any time. Its
//! sound reaches the line only while its [`Gate`] is open.

mod peer;
mod sdp;
mod stream;

pub use peer::Peer;

use crate::call::headset::Line;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use thiserror::Error;

/// How browsers reach this server with sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserSettings {
    /// Addresses of this machine that are bound and told to browsers.
    pub ips: Vec<IpAddr>,
    /// Told in their place, behind a one-to-one NAT.
    pub announce: Option<IpAddr>,
    /// First and last UDP port, one a browser; `None` leaves it to the system.
    pub ports: Option<(u16, u16)>,
    /// Browsers at once.
    pub most: usize,
}

impl Default for BrowserSettings {
    fn default() -> Self {
        BrowserSettings {
            ips: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            announce: None,
            ports: None,
            most: 500,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BrowserError {
    #[error("the offer cannot be answered: {0}")]
    Offer(String),
    #[error("{0} browsers are connected, which is all that may be; close one or raise the limit")]
    Full(usize),
    #[error("no UDP port is free for a browser: {0}; widen the range of browsers' ports")]
    Ports(String),
    #[error("the browser's connection could not be prepared: {0}; try again")]
    Engine(String),
}

/// Lets a browser's sound through to its line, or does not. Shut at first. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<AtomicBool>);

impl Gate {
    /// The human may talk, or may only listen.
    pub fn set(&self, open: bool) {
        self.0.store(open, Ordering::Release);
    }

    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// How a browser's connection stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Sound flows.
    Up,
    /// Nothing comes for some seconds; it may come back by itself.
    Down,
    /// Over: failed, closed or replaced.
    Over,
}

/// Told whenever a browser's connection changes; must not block.
pub type OnLink = Box<dyn Fn(Link) + Send + Sync>;

/// Answers browsers' offers. Clones are the same.
#[derive(Clone, Debug)]
pub struct Browsers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: BrowserSettings,
    connected: Arc<AtomicUsize>,
    next_port: AtomicU32,
}

/// A place among [`BrowserSettings::most`], given back when dropped.
#[derive(Debug)]
struct Seat(Arc<AtomicUsize>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Browsers {
    #[must_use]
    pub fn new(settings: BrowserSettings) -> Browsers {
        Browsers(Arc::new(Inner {
            settings,
            connected: Arc::default(),
            next_port: AtomicU32::new(0),
        }))
    }

    /// Browsers connected or connecting.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.0.connected.load(Ordering::Acquire)
    }

    /// Answers an offer. The browser is plugged into the line when it has connected, in the place of the one before, and the
    /// returned [`Peer`] keeps it: dropped, the connection is closed.
    ///
    /// # Errors
    /// The offer is not one we can answer, or there is no place or port.
    pub async fn answer(
        &self,
        line: &Line,
        gate: &Gate,
        offer: &str,
        on_link: OnLink,
    ) -> Result<Answered, BrowserError> {
        let offer = sdp::offer(offer)?;
        let seat = self.seat()?;
        let addresses = self.addresses()?;
        let (answer, peer) = peer::start(
            seat,
            addresses,
            line.clone(),
            gate.clone(),
            &offer.sdp,
            on_link,
        )
        .await?;
        Ok(Answered {
            sdp: sdp::announced(&answer, self.0.settings.announce),
            listens_only: offer.listens_only,
            peer,
        })
    }

    fn seat(&self) -> Result<Seat, BrowserError> {
        let most = self.0.settings.most;
        let seat = Seat(self.0.connected.clone());
        if self.0.connected.fetch_add(1, Ordering::AcqRel) >= most {
            return Err(BrowserError::Full(most));
        }
        Ok(seat)
    }

    /// One free port on every address.
    fn addresses(&self) -> Result<Vec<SocketAddr>, BrowserError> {
        let settings = &self.0.settings;
        let on = |port: u16| {
            settings
                .ips
                .iter()
                .map(move |ip| SocketAddr::new(*ip, port))
        };
        let Some((first, last)) = settings.ports else {
            return Ok(on(0).collect());
        };
        let count = u32::from(last.saturating_sub(first)) + 1;
        let mut why = "the range is empty".to_string();
        for _ in 0..count {
            let n = self.0.next_port.fetch_add(1, Ordering::Relaxed) % count;
            let port = first.saturating_add(n as u16);
            // The library binds for itself and says little when it cannot; a port that is taken is passed over here.
            match on(port).try_for_each(|a| UdpSocket::bind(a).map(drop)) {
                Ok(()) => return Ok(on(port).collect()),
                Err(e) => why = e.to_string(),
            }
        }
        Err(BrowserError::Ports(why))
    }
}

/// An offer's answer.
#[derive(Debug)]
pub struct Answered {
    /// Our SDP, with all candidates.
    pub sdp: String,
    /// The browser offered to listen only.
    pub listens_only: bool,
    pub peer: Peer,
}
