//! One conversation over a dialplan: events in, effects out, time an argument.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::effect::Effect;
use super::event::Event;
use super::plan::{Dialplan, Lead};
use crate::terms::{Ms, Why};
use std::sync::Arc;

/// One call's conversation.
#[derive(Debug)]
pub struct Machine {
    plan: Arc<Dialplan>,
    lead: Lead,
}

impl Machine {
    #[must_use]
    pub fn new(plan: Arc<Dialplan>, lead: Lead) -> Machine {
        Machine { plan, lead }
    }

    pub fn on(&mut self, now: Ms, event: Event, out: &mut Vec<Effect>) {
        let _ = (now, event, out, &self.plan, &self.lead);
    }

    /// When [`Machine::wake`] wants to be called, and why.
    #[must_use]
    pub fn deadline(&self) -> Option<(Ms, Why)> {
        None
    }

    pub fn wake(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let _ = (now, out);
    }
}
