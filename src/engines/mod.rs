//! The one room that runs neural nets; it implements the traits of hearing and voice.

pub mod kokoro;
pub mod models;
pub mod probe;
