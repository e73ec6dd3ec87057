//! When a lead is tried again. The defaults are the product's: no answer twice (+2 h, next day), busy twice (+15 min),
//! powered off or unreachable twice (+4 h), a trunk's fault at once on another trunk if nothing rang, the rest never.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::Disposition;
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What becomes of a lead after an attempt.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The lead is done.
    Never,
    /// Due again at this unix ms; the calling window may push it further.
    At(i64),
    /// Nothing rang and the trunk was at fault: at once through another trunk, or at `or_at` when there is none.
    OtherTrunkNow { or_at: i64 },
}

/// The rules, each a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryRules {
    /// Attempts per lead, the first included.
    pub max_attempts: u32,
    /// For each disposition, how long to wait (ms) after the first attempt, the second, and so on.
    pub waits: BTreeMap<Disposition, Vec<i64>>,
    /// How long a lead waits when the trunk failed and there is no other one, ms.
    pub trunk_wait_ms: i64,
}

impl Default for RetryRules {
    fn default() -> Self {
        use Disposition as D;
        let no_answer = vec![2 * HOUR, 24 * HOUR];
        RetryRules {
            max_attempts: 3,
            waits: BTreeMap::from([
                (D::NoAnswer, no_answer.clone()),
                // We gave up while it rang: to the callee the same as not answering.
                (D::Abandoned, no_answer),
                (D::Busy, vec![15 * MINUTE; 2]),
                (D::PoweredOff, vec![4 * HOUR; 2]),
                (D::Unreachable, vec![4 * HOUR; 2]),
            ]),
            trunk_wait_ms: 15 * MINUTE,
        }
    }
}

/// What to do after attempt `attempt_no` (from 1) ended as `disposition` at `now_unix_ms`. `rang` is true when the
/// callee's phone may have made a sound. `callback_at` is the time the callee asked for, which beats every rule but
/// the do-not-call list.
#[must_use]
pub fn next(
    disposition: Disposition,
    attempt_no: u32,
    rang: bool,
    callback_at: Option<i64>,
    rules: &RetryRules,
    now_unix_ms: i64,
) -> Retry {
    use Disposition as D;
    if matches!(disposition, D::OptOut | D::Dnc | D::Canceled) {
        return Retry::Never;
    }
    if let Some(at) = callback_at {
        return Retry::At(at.max(now_unix_ms));
    }
    if attempt_no >= rules.max_attempts {
        return Retry::Never;
    }
    if is_trunks_fault(disposition) && !rang {
        return Retry::OtherTrunkNow {
            or_at: now_unix_ms + rules.trunk_wait_ms,
        };
    }
    let disposition = if is_trunks_fault(disposition) {
        // It rang before the trunk failed: the callee saw a call, so it counts as one that was not answered.
        D::NoAnswer
    } else {
        disposition
    };
    let index = attempt_no.saturating_sub(1) as usize;
    match rules.waits.get(&disposition).and_then(|w| w.get(index)) {
        Some(wait) => Retry::At(now_unix_ms + wait),
        None => Retry::Never,
    }
}

/// True for ends that say nothing about the callee.
#[must_use]
pub const fn is_trunks_fault(disposition: Disposition) -> bool {
    matches!(
        disposition,
        Disposition::TrunkError | Disposition::NetworkBusy | Disposition::AuthError
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use Disposition as D;

    const NOW: i64 = 1_800_000_000_000;

    fn after(d: Disposition, attempt_no: u32, rang: bool) -> Retry {
        next(d, attempt_no, rang, None, &RetryRules::default(), NOW)
    }

    #[test]
    fn the_default_rules_are_the_products() {
        let at = |ms: i64| Retry::At(NOW + ms);
        let table = [
            (D::NoAnswer, 1, at(2 * HOUR)),
            (D::NoAnswer, 2, at(24 * HOUR)),
            (D::NoAnswer, 3, Retry::Never),
            (D::Busy, 1, at(15 * MINUTE)),
            (D::Busy, 2, at(15 * MINUTE)),
            (D::Busy, 3, Retry::Never),
            (D::PoweredOff, 1, at(4 * HOUR)),
            (D::Unreachable, 2, at(4 * HOUR)),
            (D::Unreachable, 3, Retry::Never),
            (D::Rejected, 1, Retry::Never),
            (D::Invalid, 1, Retry::Never),
            (D::Suspended, 1, Retry::Never),
            (D::OptOut, 1, Retry::Never),
            (D::CarrierBlocked, 1, Retry::Never),
            (D::Completed, 1, Retry::Never),
            (D::Interrupted, 1, Retry::Never),
        ];
        for (d, attempt_no, want) in table {
            assert_eq!(after(d, attempt_no, true), want, "{d} after {attempt_no}");
        }
    }

    #[test]
    fn another_trunk_is_tried_at_once_only_when_nothing_rang() {
        let or_at = NOW + 15 * MINUTE;
        assert_eq!(
            after(D::TrunkError, 1, false),
            Retry::OtherTrunkNow { or_at }
        );
        assert_eq!(
            after(D::NetworkBusy, 2, false),
            Retry::OtherTrunkNow { or_at }
        );
        assert_eq!(after(D::TrunkError, 1, true), Retry::At(NOW + 2 * HOUR));
        assert_eq!(after(D::TrunkError, 3, false), Retry::Never);
    }

    #[test]
    fn busy_and_declined_are_never_rung_again_through_another_trunk() {
        for d in [D::Busy, D::Rejected] {
            for rang in [false, true] {
                assert!(!matches!(after(d, 1, rang), Retry::OtherTrunkNow { .. }));
            }
        }
    }

    #[test]
    fn a_callback_has_its_own_time_even_after_the_last_attempt() {
        let rules = RetryRules::default();
        let at = NOW + 50 * HOUR;
        assert_eq!(
            next(D::Callback, 3, true, Some(at), &rules, NOW),
            Retry::At(at)
        );
        assert_eq!(
            next(D::Callback, 1, true, Some(NOW - 5), &rules, NOW),
            Retry::At(NOW)
        );
        assert_eq!(
            next(D::OptOut, 1, true, Some(at), &rules, NOW),
            Retry::Never
        );
    }
}
