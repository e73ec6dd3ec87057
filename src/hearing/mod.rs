//! What they said: denoise → VAD → endpointer → recognition. Two paths of the callee's sound: *ears* (may be denoised)
//! feeds VAD, endpointing and interruption; *words* (raw by default) feeds the recogniser.

pub mod amd;
pub mod endpointer;
pub mod expectation;
pub mod gate;
pub mod line_status;
pub mod pipeline;
pub mod tones;
pub mod traits;
