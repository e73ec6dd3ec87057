//! What we say: text → spoken form → clauses → phonemes → sound, cached by content; and the player that speaks it.
//!
//! [`spoken`] turns figures into words, [`clause`] cuts the text where a person would breathe, [`phonemes`] turns each
//! clause into the engine's symbols, [`studio`] has them spoken once and keeps them ([`cache`]), [`post`] makes every
//! clause equally loud, and [`player`] hands the sound out in frames of 20 ms.

pub mod blend;
pub mod cache;
pub mod clause;
pub mod filler;
pub mod marking;
pub mod phonemes;
pub mod player;
pub mod post;
pub mod prompt;
pub mod recording;
pub mod spoken;
pub mod studio;
pub mod traits;

pub use phonemes::{Phonemizer, Tables};
pub use player::{Player, PlayerEvent, Stopped};
pub use prompt::{ClauseSpan, Prompt};
pub use studio::{Studio, StudioConfig, VoiceError};
