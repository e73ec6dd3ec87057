//! Session timers, RFC 4028: a call whose far end has died is ended by whoever notices.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::time::Duration;

/// Who refreshes the session.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Refresher {
    Us,
    Them,
}

/// A negotiated session interval.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct SessionTimer {
    pub interval: Duration,
    pub refresher: Refresher,
}

impl SessionTimer {
    /// From a Session-Expires value such as `1800;refresher=uac`. `we_are_uac` of the request that carried or caused it.
    /// Without a refresher parameter it is us: refreshing once too often ends no call.
    pub(super) fn read(value: &str, we_are_uac: bool) -> Option<SessionTimer> {
        let mut parts = value.split(';');
        let seconds: u64 = parts.next()?.trim().parse().ok()?;
        let named = parts.find_map(|p| {
            let (name, value) = p.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("refresher")
                .then(|| value.trim().to_ascii_lowercase())
        });
        let refresher = match named.as_deref() {
            Some("uac") if !we_are_uac => Refresher::Them,
            Some("uas") if we_are_uac => Refresher::Them,
            _ => Refresher::Us,
        };
        Some(SessionTimer {
            // A hostile zero must not turn refreshing into a flood.
            interval: Duration::from_secs(seconds.clamp(2, 86_400)),
            refresher,
        })
    }

    /// From the last refresh to our own (RFC 4028 §7.2 recommends half the interval).
    pub(super) fn refresh_after(self) -> Option<Duration> {
        (self.refresher == Refresher::Us).then(|| self.interval / 2)
    }

    /// From the last refresh to the BYE: the smaller of 32 s and a third of the interval before it runs out (§10).
    pub(super) fn give_up_after(self) -> Duration {
        self.interval - (self.interval / 3).min(Duration::from_secs(32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refresher_is_seen_from_our_side() {
        for (value, we_are_uac, want) in [
            ("1800;refresher=uac", true, Refresher::Us),
            ("1800; refresher=UAS", true, Refresher::Them),
            ("1800;refresher=uac", false, Refresher::Them),
            ("1800;refresher=uas", false, Refresher::Us),
            ("1800", true, Refresher::Us),
        ] {
            let t = SessionTimer::read(value, we_are_uac).unwrap();
            assert_eq!(t.refresher, want, "{value} {we_are_uac}");
            assert_eq!(t.interval, Duration::from_secs(1800));
        }
        assert_eq!(SessionTimer::read("soon", true), None);
    }

    #[test]
    fn we_refresh_at_half_time_and_give_up_a_little_before_the_end() {
        let t = SessionTimer::read("1800;refresher=uac", true).unwrap();
        assert_eq!(t.refresh_after(), Some(Duration::from_secs(900)));
        assert_eq!(t.give_up_after(), Duration::from_secs(1768));
        let t = SessionTimer::read("90;refresher=uas", true).unwrap();
        assert_eq!(t.refresh_after(), None);
        assert_eq!(t.give_up_after(), Duration::from_secs(60));
        assert_eq!(
            SessionTimer::read("0", true).unwrap().interval,
            Duration::from_secs(2)
        );
    }
}
