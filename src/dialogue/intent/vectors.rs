//! Texts and their meanings as vectors.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::BTreeMap;

/// Text → sentence embedding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vectors {
    pub rows: BTreeMap<String, Vec<f32>>,
}
