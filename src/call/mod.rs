//! One life of a call: [`machine`] decides, [`task`] performs. Others find it in the [`registry::Registry`] and give it
//! [`command::Command`]s; what happened goes up as [`crate::terms::CallEvent`].

pub mod command;
pub mod effect;
pub mod event;
pub mod handover;
pub mod headset;
pub mod kit;
pub mod leg;
pub mod machine;
pub mod outside;
pub mod registry;
pub mod speech;
pub mod task;
mod task_audio;
mod task_ears;
mod task_humans;
mod task_mind;
mod task_voice;
