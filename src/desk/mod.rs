//! Agents, and who is offered a hot lead. Acts on live calls only by [`crate::call::command::Command`].

pub mod agent;
pub mod board;
pub mod browser;
pub mod desk_task;
pub mod hours;
pub mod member;
pub mod news;
pub mod presence;
pub mod queue;
pub mod roster;
pub mod service;

pub use service::{Connected, Desk, DeskError, DeskSettings, Person};
