//! The wire: RTP, jitter buffer, SDP, DTMF, bridge, recording.
