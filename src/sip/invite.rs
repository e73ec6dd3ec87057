use super::Trunk;
use crate::terms::{CallId, Phone};
use std::sync::Arc;
use std::time::Duration;

/// Whom to ring.
#[derive(Clone, Debug)]
pub enum Target {
    /// A number through a carrier.
    Trunk { trunk: Arc<Trunk>, number: Phone },
    /// An agent's phone, `sip:101@127.0.0.1:5080`.
    Uri(String),
}

/// One outgoing call.
#[derive(Clone, Debug)]
pub struct Invite {
    pub target: Target,
    /// The number or name the callee sees; for a trunk it must be one of the trunk's caller ids.
    pub caller_id: String,
    pub display_name: Option<String>,
    pub call_id: CallId,
    /// Our SDP.
    pub offer: Vec<u8>,
    /// From the INVITE to the CANCEL when nobody answers.
    pub ring_timeout: Duration,
}
