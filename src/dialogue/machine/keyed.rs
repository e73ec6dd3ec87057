//! Digits that the callee keys in instead of saying them.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::phase::Phase;
use super::{KEYED, Machine};
use crate::dialogue::effect::Effect;
use crate::dialogue::slot::{self, SlotKind};
use crate::terms::Ms;
use std::sync::Arc;

/// A pause this long ends an entry.
const PAUSE_MS: u64 = 4000;
/// The longest telephone number, E.164.
const LONGEST: u8 = 15;

impl Machine {
    /// Takes a key for the open question's digits; false when it asks for none.
    pub(super) fn key_in(&mut self, now: Ms, key: char, out: &mut Vec<Effect>) -> bool {
        let plan = Arc::clone(&self.plan);
        let Some(most) = self.open_slot(&plan).and_then(|a| longest(&a.kind)) else {
            return false;
        };
        if key == '#' {
            self.stop(out);
            self.keyed_in(now, out);
            return true;
        }
        if !key.is_ascii_digit() {
            return false;
        }
        let keyed = std::mem::take(&mut self.keyed) + &key.to_string();
        self.stop(out);
        self.keyed = keyed;
        self.no_input = 0;
        if self.keyed.len() >= usize::from(most) {
            self.keyed_in(now, out);
        } else {
            self.timer = Some((now.after(PAUSE_MS), KEYED));
        }
        true
    }

    /// The entry is over.
    pub(super) fn keyed_in(&mut self, now: Ms, out: &mut Vec<Effect>) {
        let plan = Arc::clone(&self.plan);
        let keyed = std::mem::take(&mut self.keyed);
        self.timer = None;
        let Some(ask) = self.open_slot(&plan) else {
            return;
        };
        self.memory.turns += 1;
        let filled = slot::fill(&ask.kind, &keyed, self.lang, self.lead.now_local);
        match filled {
            Some(mut filled) => {
                filled.evidence = format!("keys {keyed}");
                self.accept(now, ask, &filled, out);
            }
            None => self.misfit(now, None, Vec::new(), out),
        }
    }

    fn open_slot<'p>(
        &self,
        plan: &'p crate::dialogue::Dialplan,
    ) -> Option<&'p crate::dialogue::plan::SlotAsk> {
        if self.phase != Phase::Talking {
            return None;
        }
        let (_, step) = self.listening_step(&plan.steps)?;
        step.slot.as_ref()
    }
}

fn longest(kind: &SlotKind) -> Option<u8> {
    match kind {
        SlotKind::Digits { most, .. } => Some(*most),
        SlotKind::Phone => Some(LONGEST),
        _ => None,
    }
}
