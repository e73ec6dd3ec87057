//! Who is called and when: lists in, results out, and the rules between.

pub mod dialer;
pub mod export;
pub mod export_xlsx;
pub mod lane;
pub mod list;
pub mod manager;
pub mod pacing;
pub mod retry;
pub mod settings;
pub mod webhook;
pub mod window;
pub mod zones;
