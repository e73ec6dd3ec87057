//! A simulated carrier with callees: its own SIP (messages of the `rsip` crate), its own RTP.
