//! One browser's connection: a task that carries sound between it and a line.

use super::stream::{PCMU, Stream};
use super::{BrowserError, Gate, Link, OnLink, Seat};
use crate::call::headset::{Line, Packet, Plug};
use bytes::Bytes;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_PCMU, MIME_TYPE_TELEPHONE_EVENT,
};
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RtpCodecKind,
};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{debug, warn};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
    RTCIceGatheringState, RTCPeerConnectionState, RTCSessionDescription, Registry,
    SettingEngineBuilder, configure_rtcp_reports,
};

/// From the answer to the first sound; a browser that does not come is forgotten.
const CONNECT: Duration = Duration::from_secs(20);
/// Our own addresses are gathered without asking anybody.
const GATHER: Duration = Duration::from_secs(3);
/// Nothing at all came from the browser for this long: not even the ICE checks that it sends every 2.5 s.
const DISCONNECTED: Duration = Duration::from_secs(4);
/// After that it is given up.
const FAILED: Duration = Duration::from_secs(20);
const KEEP_ALIVE: Duration = Duration::from_secs(1);
const FRAME: Duration = Duration::from_millis(20);
/// RTP packets of one browser have one track; a page that makes more is not served.
const TRACKS: usize = 2;
const TELEPHONE_EVENT: u8 = 126;

/// A browser's connection. Dropped, it is closed.
#[derive(Debug)]
pub struct Peer {
    _stop: DropGuard,
}

/// Prepares a connection and answers the offer.
pub(super) async fn start(
    seat: Seat,
    addresses: Vec<SocketAddr>,
    line: Line,
    gate: Gate,
    offer: &str,
    on_link: OnLink,
) -> Result<(String, Peer), BrowserError> {
    let engine = |e: webrtc::error::Error| BrowserError::Engine(e.to_string());
    let (states_tx, states) = mpsc::channel(32);
    let (tracks_tx, tracks) = mpsc::channel(TRACKS);
    let (gathered_tx, mut gathered) = mpsc::channel(1);
    let loopback = addresses.iter().any(|a| a.ip().is_loopback());
    let (media, codec) = codecs().map_err(engine)?;
    let pc: Arc<dyn PeerConnection> = Arc::new(
        PeerConnectionBuilder::new()
            .with_media_engine(media)
            .with_interceptor_registry(configure_rtcp_reports(Registry::new()))
            .with_setting_engine(
                SettingEngineBuilder::new()
                    .with_include_loopback_candidate(loopback)
                    .with_multicast_dns_mode(MulticastDnsMode::Disabled)
                    .with_ice_timeouts(Some(DISCONNECTED), Some(FAILED), Some(KEEP_ALIVE))
                    .build(),
            )
            .with_handler(Arc::new(Handler {
                states: states_tx,
                tracks: tracks_tx,
                gathered: gathered_tx,
            }))
            .with_udp_addrs(addresses)
            .build()
            .await
            .map_err(engine)?,
    );
    let ssrc: u32 = rand::random();
    let voice = Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
        "callsmith".into(),
        "call".into(),
        "call".into(),
        RtpCodecKind::Audio,
        vec![RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                ssrc: Some(ssrc),
                ..Default::default()
            },
            codec,
            ..Default::default()
        }],
    )));
    let negotiated = async {
        let offer = RTCSessionDescription::offer(offer.to_string())?;
        pc.set_remote_description(offer).await?;
        // After the offer, so that it lands in the offer's own stream.
        pc.add_track(voice.clone()).await?;
        let answer = pc.create_answer(None).await?;
        pc.set_local_description(answer).await?;
        if tokio::time::timeout(GATHER, gathered.recv()).await.is_err() {
            warn!("a browser's connection did not name its addresses in time");
        }
        Ok(pc.local_description().await.map(|d| d.sdp))
    };
    let answer = match negotiated.await {
        Ok(Some(sdp)) => sdp,
        Ok(None) => {
            let _ = pc.close().await;
            return Err(BrowserError::Engine("there is no answer".into()));
        }
        Err(e) => {
            let _ = pc.close().await;
            return Err(engine(e));
        }
    };
    let stop = CancellationToken::new();
    let connection = Connection {
        pc,
        voice,
        line,
        gate,
        on_link,
        plug: Arc::default(),
        stream: Stream::new(ssrc, rand::random(), rand::random()),
        _seat: seat,
    };
    tokio::spawn(connection.live(states, tracks, stop.clone()));
    Ok((
        answer,
        Peer {
            _stop: stop.drop_guard(),
        },
    ))
}

/// PCMU and keys, nothing else.
fn codecs() -> Result<(MediaEngine, RTCRtpCodec), webrtc::error::Error> {
    let codec = |name: &str, fmtp: &str| RTCRtpCodec {
        mime_type: name.to_string(),
        clock_rate: 8000,
        channels: 1,
        sdp_fmtp_line: fmtp.to_string(),
        rtcp_feedback: vec![],
    };
    let pcmu = codec(MIME_TYPE_PCMU, "");
    let mut media = MediaEngine::default();
    for (rtp_codec, payload_type) in [
        (pcmu.clone(), PCMU),
        (codec(MIME_TYPE_TELEPHONE_EVENT, "0-15"), TELEPHONE_EVENT),
    ] {
        media.register_codec(
            RTCRtpCodecParameters {
                rtp_codec,
                payload_type,
            },
            RtpCodecKind::Audio,
        )?;
    }
    Ok((media, pcmu))
}

/// The library's callbacks. They run inside its loop and must not wait.
struct Handler {
    states: mpsc::Sender<RTCPeerConnectionState>,
    tracks: mpsc::Sender<Arc<dyn TrackRemote>>,
    gathered: mpsc::Sender<()>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.gathered.try_send(());
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let _ = self.states.try_send(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let _ = self.tracks.try_send(track);
    }
}

enum News {
    State(Option<RTCPeerConnectionState>),
    Track(Arc<dyn TrackRemote>),
    Frame(Option<Bytes>),
    Idle,
}

/// The plug of a connection that stands.
type Plugged = Arc<Mutex<Option<Arc<Plug>>>>;

struct Connection {
    /// First, so that the place is free before anybody who waits for `on_link` to go away looks.
    _seat: Seat,
    pc: Arc<dyn PeerConnection>,
    voice: Arc<TrackLocalStaticRTP>,
    line: Line,
    gate: Gate,
    on_link: OnLink,
    plug: Plugged,
    stream: Stream,
}

impl Connection {
    async fn live(
        mut self,
        mut states: mpsc::Receiver<RTCPeerConnectionState>,
        mut tracks: mpsc::Receiver<Arc<dyn TrackRemote>>,
        stop: CancellationToken,
    ) {
        let epoch = Instant::now();
        let mut idle = tokio::time::interval(FRAME);
        idle.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut heard = tokio::task::JoinSet::new();
        let mut waits_until = Some(epoch + CONNECT);
        loop {
            let plug = self.plugged();
            let news = tokio::select! {
                () = stop.cancelled() => break,
                state = states.recv() => News::State(state),
                Some(track) = tracks.recv() => News::Track(track),
                frame = next(plug.as_ref()) => News::Frame(frame),
                _ = idle.tick(), if plug.is_some() && self.line.in_call().is_none() => News::Idle,
                () = until(waits_until) => {
                    debug!("a browser did not connect in time");
                    break;
                }
            };
            // Held here, it would keep the line plugged while others are told that it is not.
            drop(plug);
            let sent = match news {
                News::State(state) => {
                    if !self.changed(state, &mut waits_until) {
                        break;
                    }
                    continue;
                }
                News::Track(track) => {
                    if heard.len() < TRACKS {
                        heard.spawn(hear(track, self.plug.clone(), self.gate.clone()));
                    }
                    continue;
                }
                News::Frame(Some(frame)) => self.send(epoch, Some(frame)).await,
                // Another browser took this one's place.
                News::Frame(None) => break,
                News::Idle => self.send(epoch, None).await,
            };
            if let Err(e) = sent {
                debug!("a browser's connection takes no sound: {e}");
                break;
            }
        }
        // Unplugged before the library takes its time.
        self.set(None);
        (self.on_link)(Link::Over);
        if let Err(e) = self.pc.close().await {
            debug!("a browser's connection did not close cleanly: {e}");
        }
    }

    /// Takes a new state; false when the connection is over.
    fn changed(
        &self,
        state: Option<RTCPeerConnectionState>,
        waits_until: &mut Option<Instant>,
    ) -> bool {
        match state {
            Some(RTCPeerConnectionState::Connected) => {
                *waits_until = None;
                if self.plugged().is_none() {
                    self.set(Some(Arc::new(self.line.plug())));
                    (self.on_link)(Link::Up);
                }
            }
            Some(RTCPeerConnectionState::Disconnected) => {
                if self.plugged().is_some() {
                    self.set(None);
                    (self.on_link)(Link::Down);
                }
            }
            Some(RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed) | None => {
                return false;
            }
            Some(_) => {}
        }
        true
    }

    async fn send(&mut self, epoch: Instant, frame: Option<Bytes>) -> webrtc::error::Result<()> {
        let now_ms = epoch.elapsed().as_millis() as u64;
        let packet = match frame {
            Some(frame) => self.stream.voice(now_ms, frame),
            None => self.stream.silence(now_ms),
        };
        self.voice.write_rtp(packet).await
    }

    fn plugged(&self) -> Option<Arc<Plug>> {
        lock(&self.plug).clone()
    }

    fn set(&self, plug: Option<Arc<Plug>>) {
        *lock(&self.plug) = plug;
    }
}

/// Carries what the browser says to its line, while the gate is open.
async fn hear(track: Arc<dyn TrackRemote>, plug: Plugged, gate: Gate) {
    while let Some(event) = track.poll().await {
        let plug = lock(&plug).clone();
        let Some(plug) = plug else { continue };
        match event {
            TrackRemoteEvent::OnRtpPacket(packet)
                if gate.is_open() && packet.header.payload_type == PCMU =>
            {
                plug.packet(Packet {
                    seq: packet.header.sequence_number,
                    timestamp: packet.header.timestamp,
                    payload: packet.payload,
                });
            }
            // Keys, while the gate is open; a sign of life at least.
            TrackRemoteEvent::OnRtpPacket(_) | TrackRemoteEvent::OnRtcpPacket(_) => plug.alive(),
            TrackRemoteEvent::OnEnded => return,
            _ => {}
        }
    }
}

fn lock(plug: &Plugged) -> std::sync::MutexGuard<'_, Option<Arc<Plug>>> {
    plug.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn next(plug: Option<&Arc<Plug>>) -> Option<Bytes> {
    match plug {
        Some(plug) => plug.next().await,
        None => std::future::pending().await,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
