//! The one integration binary.

mod call;
mod demo;
mod rig;
mod tidy;
