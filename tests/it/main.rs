//! The one integration binary.

// The walls of .clippy.toml stand around the pure files of src only.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod call;
mod cli;
mod demo;
mod desk;
mod faults;
mod humans;
mod line;
mod lists;
mod models;
mod overload;
mod past;
mod peers;
mod plans;
mod rig;
mod roles;
mod tidy;
mod turns;
mod voices;
mod web_rig;
mod webhooks;
