//! One life of a call.
