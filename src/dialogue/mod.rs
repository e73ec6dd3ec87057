//! What to do: the dialplan file and the pure machine that follows it.

pub mod effect;
pub mod event;
