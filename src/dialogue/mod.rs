//! What to do: the dialplan file and the pure machine that follows it.
//!
//! A file's text becomes a [`Dialplan`] by [`Dialplan::parse`] (or a list of [`Diagnostic`]s that name line and advice);
//! a [`Machine`] holds one conversation over it: events in, effects out, time an argument. [`rehearse`] plays it with typed
//! words, and from `.call` files.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod builtin;
pub mod check;
pub mod coverage;
pub mod defaults;
pub mod diagnostic;
pub mod effect;
pub mod event;
pub mod file;
pub mod graph;
pub mod intent;
pub mod knowledge;
pub mod lines;
pub mod machine;
pub mod plan;
pub mod rehearse;
pub mod schema;
pub mod short_answer;
pub mod slot;
pub mod suggest;
pub mod template;
#[cfg(test)]
#[allow(clippy::disallowed_methods)] // the tests read their dialplans from files
mod tests;
pub mod traits;
pub mod walk;
pub mod wording;
mod yaml;

pub use diagnostic::{Diagnostic, Severity};
pub use effect::Effect;
pub use event::{AgentNews, Event};
pub use lines::{fixed_lines, lead_lines, slot_lines};
pub use machine::Machine;
pub use plan::{Dialplan, Lead};
