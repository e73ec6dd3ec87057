//! The door: SIP dialogs to trunks and agents' phones. The SIP library stays inside this room; SDP is opaque bytes here.

pub mod leg;
