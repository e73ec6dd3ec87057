use std::net::SocketAddr;

/// What the operator must repair. A failed call is a [`crate::terms::HangupCause`], not an error.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    #[error("{file}: cannot be read: {why}")]
    TrunkFile { file: String, why: String },
    #[error("{file}:{line}: {what}")]
    TrunkLine {
        file: String,
        line: usize,
        what: String,
    },
    #[error("cannot listen for SIP on {addr}: {why}; {advice}")]
    Listen {
        addr: SocketAddr,
        why: String,
        advice: &'static str,
    },
    #[error(
        "trunk {trunk}: caller id {caller_id:?} is not in its caller_ids; add it there if the carrier lets you show it"
    )]
    CallerId { trunk: String, caller_id: String },
    #[error("{number} cannot be dialled: {why}")]
    Number { number: String, why: String },
    #[error("{uri:?} is not a SIP address: {why}")]
    Uri { uri: String, why: String },
    #[error("{host} cannot be reached: {why}")]
    Unreachable { host: String, why: String },
    #[error("trunk {trunk} does not answer OPTIONS: {why}")]
    NoAnswer { trunk: String, why: String },
    #[error("the SIP stack refused: {0}")]
    Stack(String),
}

impl From<rsipstack::Error> for SipError {
    fn from(e: rsipstack::Error) -> Self {
        SipError::Stack(e.to_string())
    }
}
