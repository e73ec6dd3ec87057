//! Sound as numbers. Everything inside a call is 8 kHz mono, 16 bit, in frames of 20 ms.

pub mod g711;
pub mod level;
pub mod resample;
pub mod tone;
pub mod wav;

/// Samples a second inside a call.
pub const RATE: u32 = 8000;
/// Samples of one frame.
pub const FRAME: usize = 160;
/// Milliseconds of one frame.
pub const FRAME_MS: u64 = 20;

/// 20 ms of 8 kHz mono sound.
pub type Frame = [i16; FRAME];

/// A frame of digital silence.
pub const SILENCE: Frame = [0; FRAME];
