//! The one room that runs neural nets; it implements the traits of hearing and voice.

pub mod denoise;
pub mod pool;
pub mod runtime;
pub mod streaming;
pub mod text;
pub mod vad;
pub mod whisper;
