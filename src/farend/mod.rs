//! A simulated carrier with callees and agents' phones, for the demo and the tests: `callsmith far-end SCENARIO.json`.
//!
//! It is the other end of the wire and therefore another stack: SIP messages of the `rsip` crate over its own small user
//! agent server, its own RTP header, its own G.711, its own WAV handling. It imports nothing of this crate, so that a
//! mistake in the robot's stack cannot be made twice and cancel out.
//!
//! | file | what it is |
//! |---|---|
//! | [`scenario`], `act` | what the callees do: the JSON file |
//! | `running` | the far end from the outside |
//! | `carrier` | sockets, routing by number, authentication, the end of the run |
//! | `call` | one call: the task that joins the machines below |
//! | `dialog`, `client` | SIP of one call as a server; the requests it sends itself |
//! | `auth` | digest challenges |
//! | `message`, `sdp`, `pipe` | SIP messages, offers and answers, UDP and TCP |
//! | `media`, `rtp`, `g711` | one RTP stream in each direction |
//! | `script`, `mouth`, `ears` | what the callee does, says and hears |
//! | [`report`] | what was measured |

mod act;
mod auth;
mod call;
mod carrier;
mod client;
mod dialog;
mod ears;
mod g711;
mod media;
mod message;
mod mouth;
mod pipe;
pub mod report;
mod rtp;
mod running;
pub mod scenario;
mod script;
mod sdp;
mod wav;

#[cfg(test)]
mod tests;

pub use report::{CallReport, Event, Report};
pub use running::{FarEnd, run, start};
pub use scenario::{Act, AgentPhone, Answer, Callee, Scenario};

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the far end cannot run.
#[derive(Debug, thiserror::Error)]
pub enum FarError {
    #[error("scenario {path}: {reason}")]
    Scenario { path: PathBuf, reason: String },
    #[error("callee {number}: {reason}")]
    Callee { number: String, reason: String },
    #[error("cannot read the audio file {path}: {reason}")]
    Wav { path: PathBuf, reason: String },
    #[error("cannot open {addr}: {source}; choose another port or stop the program that holds it")]
    Bind {
        addr: SocketAddr,
        source: std::io::Error,
    },
    #[error("cannot write {path}: {source}")]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot start the far end's thread: {0}")]
    Thread(std::io::Error),
}
