//! What every call needs from the server, shared by all of them.

use super::outside::{Meanings, Outside};
use super::registry::Registry;
use crate::hearing::pipeline::PipelineConfig;
use crate::hearing::traits::{Denoiser, Recognizer, Vad};
use crate::media::port::PortRange;
use crate::media::recorder::Recorder;
use crate::media::wheel::WheelHandle;
use crate::sip::Invite;
use crate::sip::leg::Leg;
use crate::terms::{CallEvent, CallId, Phone};
use crate::voice::studio::Studio;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Takes every event of every call, at once and without blocking.
pub type Sink = Arc<dyn Fn(&CallEvent) + Send + Sync>;

/// Sends an INVITE and gives the leg; never blocks.
pub type Dial = Box<dyn Fn(Invite) -> Leg + Send + Sync>;

/// Where opt-outs go. The future is done when the number is durably on the list.
pub trait OptOutBook: Send + Sync {
    fn opt_out(
        &self,
        call: &CallId,
        phone: &Phone,
        evidence: &str,
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
}

pub struct Kit {
    /// Places a call: the SIP endpoint, or a scripted far end.
    pub dial: Dial,
    pub studio: Arc<Studio>,
    pub recognizer: Arc<dyn Recognizer>,
    pub vad: Box<dyn Fn() -> Box<dyn Vad> + Send + Sync>,
    pub denoiser: Box<dyn Fn() -> Option<Box<dyn Denoiser>> + Send + Sync>,
    pub hearing: PipelineConfig,
    pub wheel: WheelHandle,
    pub rtp_ports: PortRange,
    /// Address in our SDP and of our RTP sockets.
    pub media_ip: IpAddr,
    pub recorder: Option<Recorder>,
    pub opt_outs: Arc<dyn OptOutBook>,
    /// The sentence model, where there is one.
    pub meanings: Option<Arc<dyn Meanings>>,
    /// Lookups and the language model.
    pub outside: Arc<dyn Outside>,
    pub sink: Sink,
    pub registry: Registry,
    /// A leg without RTP for this long is lost.
    pub rtp_timeout: Duration,
    /// An agent's phone rings at most this long.
    pub agent_ring_timeout: Duration,
}
