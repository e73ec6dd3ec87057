//! A headless browser: the other side of a human's audio line. It runs on threads of its own, so that it can be killed
//! as a tab is, without a goodbye.

use callsmith::audio::g711::Law;
use callsmith::audio::tone::Tone;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::MIME_TYPE_PCMU;
use rtc::rtp::Header;
use rtc::rtp::packet::Packet;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RtpCodecKind,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
    RTCIceGatheringState, RTCPeerConnectionState, RTCSessionDescription, SettingEngineBuilder,
};

/// So long a connection may take; it takes a fraction of a second.
const PATIENCE: Duration = Duration::from_secs(15);

pub struct Page {
    runtime: Option<Runtime>,
    pc: Arc<dyn PeerConnection>,
    heard: Arc<Mutex<Vec<i16>>>,
    state: watch::Receiver<RTCPeerConnectionState>,
    pub offer: String,
}

struct Handler {
    gathered: mpsc::Sender<()>,
    state: watch::Sender<RTCPeerConnectionState>,
    heard: Arc<Mutex<Vec<i16>>>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.gathered.try_send(());
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let heard = self.heard.clone();
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                    let mut samples = Vec::new();
                    Law::Mu.decode(&packet.payload, &mut samples);
                    heard.lock().unwrap().extend(samples);
                }
            }
        });
    }
}

impl Page {
    /// A page with a microphone that holds a tone.
    pub async fn open(hz: u32) -> Page {
        Page::make(hz, false).await
    }

    /// A page that says it only listens, and sends a tone all the same.
    pub async fn sly(hz: u32) -> Page {
        Page::make(hz, true).await
    }

    async fn make(hz: u32, says_it_only_listens: bool) -> Page {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let heard: Arc<Mutex<Vec<i16>>> = Arc::default();
        let (state_tx, state) = watch::channel(RTCPeerConnectionState::New);
        let (gathered_tx, mut gathered) = mpsc::channel(1);
        let handler = Arc::new(Handler {
            gathered: gathered_tx,
            state: state_tx,
            heard: heard.clone(),
        });
        let (pc, offer) = runtime
            .spawn(async move {
                let codec = RTCRtpCodec {
                    mime_type: MIME_TYPE_PCMU.into(),
                    clock_rate: 8000,
                    channels: 1,
                    sdp_fmtp_line: String::new(),
                    rtcp_feedback: vec![],
                };
                let mut media = MediaEngine::default();
                let known = RTCRtpCodecParameters {
                    rtp_codec: codec.clone(),
                    payload_type: 0,
                };
                media.register_codec(known, RtpCodecKind::Audio).unwrap();
                let pc: Arc<dyn PeerConnection> = Arc::new(
                    PeerConnectionBuilder::new()
                        .with_media_engine(media)
                        .with_setting_engine(
                            SettingEngineBuilder::new()
                                .with_include_loopback_candidate(true)
                                .build(),
                        )
                        .with_handler(handler)
                        .with_udp_addrs(vec!["127.0.0.1:0"])
                        .build()
                        .await
                        .unwrap(),
                );
                let ssrc: u32 = rand::random();
                let track = Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
                    "page".into(),
                    "microphone".into(),
                    "microphone".into(),
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
                pc.add_track(track.clone()).await.unwrap();
                let offer = pc.create_offer(None).await.unwrap();
                pc.set_local_description(offer).await.unwrap();
                gathered.recv().await.unwrap();
                let offer = pc.local_description().await.unwrap().sdp;
                tokio::spawn(speak(track, ssrc, hz));
                (pc, offer)
            })
            .await
            .unwrap();
        let offer = if says_it_only_listens {
            offer.replace("a=sendrecv", "a=recvonly")
        } else {
            offer
        };
        Page {
            runtime: Some(runtime),
            pc,
            heard,
            state,
            offer,
        }
    }

    /// Takes the server's answer and waits until sound can flow.
    pub async fn answered(&mut self, sdp: &str) {
        let pc = self.pc.clone();
        let answer = RTCSessionDescription::answer(sdp.to_string()).unwrap();
        self.runtime
            .as_ref()
            .unwrap()
            .spawn(async move { pc.set_remote_description(answer).await.unwrap() })
            .await
            .unwrap();
        let up = self
            .state
            .wait_for(|s| *s == RTCPeerConnectionState::Connected);
        tokio::time::timeout(PATIENCE, up)
            .await
            .expect("the browser connects")
            .unwrap();
    }

    /// Everything it heard since it was asked last.
    pub fn heard(&self) -> Vec<i16> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    /// The tab dies.
    pub fn kill(mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Holds a tone; 0 Hz is silence.
async fn speak(track: Arc<TrackLocalStaticRTP>, ssrc: u32, hz: u32) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let mut tone = Tone::new(f64::from(hz.max(1)), -15.0);
    let mut header = Header {
        version: 2,
        ssrc,
        ..Header::default()
    };
    loop {
        ticks.tick().await;
        let frame = if hz == 0 {
            callsmith::audio::SILENCE
        } else {
            tone.frame()
        };
        let payload = bytes::Bytes::copy_from_slice(&Law::Mu.encode_frame(&frame));
        header.sequence_number = header.sequence_number.wrapping_add(1);
        header.timestamp = header.timestamp.wrapping_add(160);
        // Not yet connected: nobody hears it.
        let _ = track
            .write_rtp(Packet {
                header: header.clone(),
                payload,
            })
            .await;
    }
}
