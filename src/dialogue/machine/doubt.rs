//! A yes or no that stays doubtful is asked about, once a question, in the file's own words: nothing is decided by a guess.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use super::phase::Phase;
use crate::dialogue::effect::Effect;
use crate::dialogue::intent::{ACCEPT, Reading};
use crate::dialogue::slot::SlotKind;
use crate::terms::Ms;
use std::sync::Arc;

/// Below this it is no hint of an answer at all.
const HINT: f32 = 0.2;

/// The reading to be asked about: a yes or a no, too weak to act on.
pub(super) fn of(weighed: &[Reading]) -> Option<Reading> {
    let polar = |r: &&Reading| matches!(r.intent.as_str(), "affirm" | "deny");
    let weak = |r: &&Reading| (HINT..ACCEPT).contains(&r.score);
    weighed.first().filter(polar).filter(weak).cloned()
}

impl Machine {
    /// Asks "was that a yes or a no?" when that was the doubt. True when it asked.
    pub(super) fn ask_doubt(&mut self, now: Ms, out: &mut Vec<Effect>) -> bool {
        let Some(r) = self.doubt.take() else {
            return false;
        };
        if self.doubted || !self.polar_question() {
            return false;
        }
        out.push(Effect::Intent {
            intent: r.intent,
            score: r.score,
            evidence: r.evidence,
        });
        self.doubted = true;
        let plan = Arc::clone(&self.plan);
        let step = self.step.as_ref().and_then(|s| plan.steps.get(s));
        let own = step.and_then(|s| s.doubt.as_ref());
        self.say(now, "doubt", own.unwrap_or(&plan.doubt), out);
        self.expect(true, out);
        true
    }

    /// The open question is one of yes or no.
    fn polar_question(&self) -> bool {
        match self.phase {
            Phase::Confirming => true,
            Phase::Talking => self.listening_step(&self.plan.steps).is_some_and(|(_, s)| {
                s.on.contains_key("affirm")
                    || s.on.contains_key("deny")
                    || s.slot.as_ref().is_some_and(|a| a.kind == SlotKind::YesNo)
            }),
            _ => false,
        }
    }
}
