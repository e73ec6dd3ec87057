//! The one integration binary.

mod call;
mod rig;
mod tidy;
