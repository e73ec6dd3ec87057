//! The numbers of one call's hearing; the defaults are the product's.

use crate::hearing::endpointer::{ClosingConfig, EndpointerConfig};
use crate::hearing::gate::GateConfig;

/// Settings of one call's hearing. Times in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct PipelineConfig {
    pub endpointer: EndpointerConfig,
    pub closing: ClosingConfig,
    pub gate: GateConfig,
    /// Sound before the first voice that the recogniser also gets.
    pub preroll_ms: u64,
    /// Clean the ears path when the measured noise floor is above `denoise_above_db`.
    pub denoise_ears: bool,
    /// Clean the words path as well. Off: every denoiser tried made Whisper's words worse.
    pub denoise_words: bool,
    /// dBFS.
    pub denoise_above_db: f32,
    /// How long a text may be late after the turn ended.
    pub late_ms: u64,
    /// Speech before the first rough text, and the time between two.
    pub first_partial_ms: u64,
    pub partial_every_ms: u64,
    /// Ask for rough texts also while the robot is silent (for the live transcript).
    pub idle_partials: bool,
    /// No frame for this long during speech ends it.
    pub frames_gone_ms: u64,
    /// How many expected phrases an event names at most.
    pub candidates: usize,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        PipelineConfig {
            endpointer: EndpointerConfig::default(),
            closing: ClosingConfig::default(),
            gate: GateConfig::default(),
            preroll_ms: 300,
            denoise_ears: true,
            denoise_words: false,
            denoise_above_db: -50.0,
            late_ms: 2500,
            first_partial_ms: 400,
            partial_every_ms: 600,
            idle_partials: true,
            frames_gone_ms: 1000,
            candidates: 5,
        }
    }
}
