//! Readings of the library's messages.

use super::header::{is_sdp, reason_cause};
use rsipstack::sip::{Header, Headers, HeadersExt, Response};

/// The session description of a response.
pub(super) fn sdp_of(resp: &Response) -> Option<Vec<u8>> {
    let content_type = resp.header_value("Content-Type");
    is_sdp(content_type.as_deref(), &resp.body).then(|| resp.body.clone())
}

/// Min-SE, seconds (RFC 4028 §5).
pub(super) fn min_se(resp: &Response) -> Option<u32> {
    let value = resp.header_value("Min-SE")?;
    let seconds: u32 = value.split(';').next()?.trim().parse().ok()?;
    (seconds <= 86_400).then_some(seconds)
}

/// The Q.850 cause in Reason headers.
pub(super) fn q850_of(headers: &Headers) -> Option<u8> {
    let values = headers.iter().filter_map(|h| match h {
        Header::Reason(v) => Some(v.value()),
        _ => None,
    });
    reason_cause(values, "Q.850").and_then(|c| u8::try_from(c).ok())
}
