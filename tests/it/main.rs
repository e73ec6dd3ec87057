//! The one integration binary.

mod call;
mod cli;
mod rig;
mod tidy;
