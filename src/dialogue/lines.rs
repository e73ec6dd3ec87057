//! Every line a dialplan can say, so that it can be rendered before it is needed.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::plan::{Dialplan, Lead};
use crate::terms::Line;

/// Lines without lead variables or slots: rendered when the dialplan loads.
#[must_use]
pub fn fixed_lines(_plan: &Dialplan) -> Vec<Line> {
    Vec::new()
}

/// Lines with lead variables and no slots: rendered while the phone rings.
#[must_use]
pub fn lead_lines(_plan: &Dialplan, _lead: &Lead) -> Vec<Line> {
    Vec::new()
}

/// The texts of lines with slots, `{slot}` left standing: rendered live.
#[must_use]
pub fn slot_lines(_plan: &Dialplan) -> Vec<String> {
    Vec::new()
}
