//! The door: SIP dialogs to trunks and agents' phones. The SIP library stays inside this room; SDP is opaque bytes here.
//!
//! [`Endpoint::invite`] starts a dialog and returns a [`leg::Leg`] at once; everything after that is events up and commands
//! down. A call that fails is not an error: it ends with a [`crate::terms::HangupCause`]. Errors ([`SipError`]) are for
//! what the operator must repair: a trunk file, a taken port, a name that does not resolve.

mod attempt;
mod book;
mod challenge;
mod driver;
pub mod endpoint;
mod error;
mod header;
mod in_dialog;
mod inbound;
mod inspect;
mod invite;
pub mod leg;
mod message;
mod nearest;
mod number;
mod outcome;
mod plan;
mod resolve;
mod session_timer;
mod stray;
pub mod trace;
pub mod trunk;
mod trunk_file;

#[cfg(test)]
mod tests;

pub use endpoint::{Endpoint, EndpointConfig};
pub use error::SipError;
pub use invite::{Invite, Target};
pub use number::NumberFormat;
pub use trace::TraceSink;
pub use trunk::{Transport, Trunk};
