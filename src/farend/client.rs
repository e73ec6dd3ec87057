//! A request of ours inside a dialog, sent again until it is answered (RFC 3261 §17.1).

pub(super) const T1: u64 = 500;
pub(super) const T2: u64 = 4000;
/// Timers B, F, H and the 200's: 64·T1.
pub(super) const GIVE_UP: u64 = 64 * T1;

/// Something that is sent again with doubling intervals.
#[derive(Clone, Debug)]
pub(super) struct Resend {
    pub(super) bytes: Vec<u8>,
    pub(super) cseq: u32,
    next: u64,
    interval: u64,
    until: u64,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Again,
    GiveUp,
}

impl Resend {
    pub(super) fn new(now: u64, bytes: Vec<u8>, cseq: u32) -> Self {
        Resend {
            bytes,
            cseq,
            next: now + T1,
            interval: T1,
            until: now + GIVE_UP,
        }
    }

    pub(super) fn due(&mut self, now: u64) -> Due {
        if now >= self.until {
            return Due::GiveUp;
        }
        if now < self.next {
            return Due::Nothing;
        }
        self.interval = (self.interval * 2).min(T2);
        self.next = now + self.interval;
        Due::Again
    }

    /// A provisional answer to an INVITE: wait, but no longer ask.
    pub(super) fn hold(&mut self) {
        self.next = u64::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_double_to_four_seconds_and_end_after_thirty_two() {
        let mut resend = Resend::new(0, Vec::new(), 1);
        let mut sent = Vec::new();
        for now in (0..).step_by(10) {
            match resend.due(now) {
                Due::Again => sent.push(now),
                Due::Nothing => {}
                Due::GiveUp => {
                    assert_eq!(now, 32_000);
                    break;
                }
            }
        }
        assert_eq!(sent[..6], [500, 1500, 3500, 7500, 11_500, 15_500]);
    }
}
