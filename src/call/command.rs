//! The only ways to act on a live call from above.

/// A wish of the desk, the web or the campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ring this agent's phone for the hand-over that the call asked for.
    RingAgent { agent: String, uri: String },
    /// Nobody is free, or everybody was tried.
    NoAgent,
    /// End the call now. `reason` goes to the record and into the Reason header.
    Hangup { reason: String },
}
