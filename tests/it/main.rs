//! The one integration binary.

mod call;
mod cli;
mod faults;
mod rig;
mod tidy;
