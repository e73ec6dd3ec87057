//! What we say: text → spoken form → phonemes → clauses → sound, cached by content; and the player that speaks it.

pub mod traits;
