//! The one room that runs neural nets; it implements the traits of hearing, voice and dialogue.

pub mod denoise;
pub mod embedder;
pub mod fetch;
pub mod kokoro;
pub mod models;
pub mod offline;
pub mod pool;
pub mod probe;
pub mod runtime;
pub mod streaming;
pub mod text;
pub mod vad;
pub mod whisper;
