//! How a call ends: what is still waited for, and what the attempt counts as.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Machine, Phase};
use crate::call::effect::{Effect, Outcome};
use crate::terms::{CauseKind, Disposition, EndedBy, HangupCause, Happening, Ms};

impl Machine {
    pub(super) fn settle(&mut self, now: Ms, out: &mut Vec<Effect>) {
        if self.opt_out_pending {
            return;
        }
        self.phase = Phase::Ended;
        let ended = self.ended_at.unwrap_or(now);
        let talk_ms = self.answered_at.map_or(0, |at| ended.since(at));
        let ring_ms = self
            .rang_at
            .map_or(0, |at| self.answered_at.unwrap_or(ended).since(at));
        let (disposition, result) = self.disposition();
        out.push(Effect::Happened(Happening::Ended {
            disposition,
            result: result.clone(),
            cause: self.cause.clone(),
            ring_ms,
            talk_ms,
        }));
        let (grade, reasons) = self
            .grade
            .clone()
            .map_or((None, Vec::new()), |(g, r)| (Some(g), r));
        out.push(Effect::Finish(Outcome {
            disposition,
            result,
            cause: self.cause.clone(),
            grade,
            reasons,
            callback_at: self.callback_at.clone().flatten(),
            rang: self.rang_at.is_some() || self.answered_at.is_some(),
            answered: self.answered_at.is_some(),
            bridged: self.bridged_ever,
            ring_ms,
            talk_ms,
            line_status: self.line_status.as_ref().map(|(_, words)| words.clone()),
        }));
    }

    fn disposition(&self) -> (Disposition, Option<String>) {
        use Disposition as D;
        if self.answered_at.is_none() {
            let wire = self
                .cause
                .as_ref()
                .map_or(D::TrunkError, HangupCause::unanswered_disposition);
            return (self.line_status.as_ref().map_or(wire, |(d, _)| *d), None);
        }
        let (decided, result) = match &self.decided {
            Some((d, r)) => (Some(*d), r.clone()),
            None => (None, None),
        };
        let by_callee = self
            .cause
            .as_ref()
            .is_some_and(|c| c.by == EndedBy::Callee && c.kind == CauseKind::Normal);
        let disposition = if self.opt_out {
            D::OptOut
        } else if self.bridged_ever {
            D::Transferred
        } else if self.machine_answered {
            D::Voicemail
        } else if let Some(decided) = decided {
            decided
        } else if self.robot_failed {
            D::RobotFailure
        } else if self.nobody_came {
            D::TransferFailed
        } else if self.callback_at.is_some() {
            D::Callback
        } else if self.media_lost || !by_callee {
            D::Interrupted
        } else if self.heard_words {
            D::CalleeHangup
        } else {
            D::NoInteraction
        };
        (disposition, result)
    }
}
