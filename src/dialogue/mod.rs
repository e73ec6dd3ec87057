//! What to do: the dialplan file and the pure machine that follows it.

pub mod effect;
pub mod event;

pub mod builtin;
pub mod intent;
pub mod short_answer;
pub mod slot;
