//! Humans on live calls: browsers that are real WebRTC peers, a real SIP callee, and the desk between them.

mod browser;
mod calls;
mod http;
mod page;
mod stage;
