//! The one integration binary.

mod call;
mod line;
mod peers;
mod rig;
mod tidy;
