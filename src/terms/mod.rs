//! The words every room shares. Imports nothing from the other rooms.

pub mod cause;
pub mod disposition;
pub mod event;
pub mod expectation;
pub mod grade;
pub mod id;
pub mod lang;
pub mod line;
pub mod phone;
pub mod time;

pub use cause::{CauseKind, EndedBy, HangupCause};
pub use disposition::{Disposition, Family};
pub use event::{CallEvent, Happening};
pub use expectation::{DigitField, Expectation, Phrase, TurnProfile};
pub use grade::Grade;
pub use id::{CallId, LegId};
pub use lang::Lang;
pub use line::Line;
pub use phone::Phone;
pub use time::{Clock, Ms, Why};
