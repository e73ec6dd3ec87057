//! The endpoint against a far end of plain text: what a carrier sees and what a call is told.

mod far_end;
mod rig;

mod auth;
mod calls;
mod cancel;
mod in_dialog;
mod session;
mod sources;
mod tcp;
mod trace;
