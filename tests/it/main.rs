//! The one integration binary.

// As in lib.rs: the disallowed lists are walls around the pure files only.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod call;
mod cli;
mod faults;
mod rig;
mod tidy;
