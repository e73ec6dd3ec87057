//! Calling windows in the callee's own time.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Days that are looked ahead for an open window before giving up (a week of holidays twice over, and a weekend).
const LOOK_AHEAD_DAYS: u32 = 32;

/// A stretch of the day, `from` included, `to` not.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Time,
    pub to: Time,
}

/// When a callee may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    /// In order, not overlapping.
    pub spans: Vec<Span>,
    /// Days on which nobody is called.
    pub closed_on: Vec<Weekday>,
    /// Holidays, in the callee's calendar.
    pub holidays: BTreeSet<Date>,
}

/// Whether a call may start now.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    Open,
    /// Closed until this unix ms.
    ClosedUntil(i64),
    /// No open minute within a month: the settings leave none.
    Never,
}

impl Windows {
    /// The product's windows for a country (ISO 3166 letters). A country without its own gets the strictest:
    /// what China and the United States both allow.
    #[must_use]
    pub fn for_country(country: &str) -> Windows {
        let hours: &[(i8, i8)] = match country {
            "US" => &[(8, 21)],
            _ => &[(9, 12), (14, 20)],
        };
        Windows {
            spans: hours
                .iter()
                .map(|(from, to)| Span {
                    from: Time::constant(*from, 0, 0, 0),
                    to: Time::constant(*to, 0, 0, 0),
                })
                .collect(),
            closed_on: Vec::new(),
            holidays: BTreeSet::new(),
        }
    }

    /// Open all day, every day: for simulated callees.
    #[must_use]
    pub fn always() -> Windows {
        Windows {
            spans: vec![Span {
                from: Time::MIN,
                to: Time::MAX,
            }],
            closed_on: Vec::new(),
            holidays: BTreeSet::new(),
        }
    }

    /// Whether a call may start at `now_unix_ms` for a callee in one of these zones: it must be open in all of them.
    /// An empty list of zones is never open.
    #[must_use]
    pub fn is_open(&self, now_unix_ms: i64, zones: &[TimeZone]) -> Gate {
        if zones.is_empty() {
            return Gate::Never;
        }
        let horizon = now_unix_ms + i64::from(LOOK_AHEAD_DAYS) * 86_400_000;
        let mut at = now_unix_ms;
        // Each round moves to the latest opening any zone asks for; zones that agree end it.
        while at <= horizon {
            let mut latest = at;
            for zone in zones {
                match self.opens(at, zone) {
                    Some(opens) => latest = latest.max(opens),
                    None => return Gate::Never,
                }
            }
            if latest == at {
                return if at == now_unix_ms {
                    Gate::Open
                } else {
                    Gate::ClosedUntil(at)
                };
            }
            at = latest;
        }
        Gate::Never
    }

    /// The first open moment at or after `at`, in one zone.
    fn opens(&self, at: i64, zone: &TimeZone) -> Option<i64> {
        let local = Timestamp::from_millisecond(at).ok()?.to_zoned(zone.clone());
        let mut date = local.date();
        for _ in 0..LOOK_AHEAD_DAYS {
            if !self.closed_on.contains(&date.weekday()) && !self.holidays.contains(&date) {
                for span in &self.spans {
                    let today = date == local.date();
                    if today && local.time() >= span.from && local.time() < span.to {
                        return Some(at);
                    }
                    // A span that a clock change swallows opens when the clock has moved on (compatible disambiguation).
                    let opens = date
                        .to_datetime(span.from)
                        .to_zoned(zone.clone())
                        .ok()?
                        .timestamp()
                        .as_millisecond();
                    if opens > at {
                        return Some(opens);
                    }
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tz(posix: &str) -> TimeZone {
        TimeZone::posix(posix).expect("a zone")
    }

    fn ms(local: &str, zone: &TimeZone) -> i64 {
        let at: jiff::civil::DateTime = local.parse().expect("a time");
        at.to_zoned(zone.clone())
            .expect("in range")
            .timestamp()
            .as_millisecond()
    }

    const CHINA: &str = "CST-8";
    const NEW_YORK: &str = "EST5EDT,M3.2.0,M11.1.0";
    const LOS_ANGELES: &str = "PST8PDT,M3.2.0,M11.1.0";

    #[test]
    fn china_has_a_midday_break() {
        let zone = tz(CHINA);
        let windows = Windows::for_country("CN");
        let table = [
            ("2026-11-23T08:59:59", Some("2026-11-23T09:00")),
            ("2026-11-23T09:00:00", None),
            ("2026-11-23T11:59:59", None),
            ("2026-11-23T12:00:00", Some("2026-11-23T14:00")),
            ("2026-11-23T14:00:00", None),
            ("2026-11-23T20:00:00", Some("2026-11-24T09:00")),
        ];
        for (now, until) in table {
            let want = until.map_or(Gate::Open, |u| Gate::ClosedUntil(ms(u, &zone)));
            assert_eq!(
                windows.is_open(ms(now, &zone), std::slice::from_ref(&zone)),
                want,
                "{now}"
            );
        }
    }

    #[test]
    fn the_window_follows_the_callees_clock_through_both_changes_of_the_year() {
        let zone = tz(NEW_YORK);
        let windows = Windows::for_country("US");
        // The clock goes forward on 2026-03-08 and back on 2026-11-01, both at 02:00.
        for (evening, morning, night_h) in [
            ("2026-03-07T21:00", "2026-03-08T08:00", 10),
            ("2026-10-31T21:00", "2026-11-01T08:00", 12),
            ("2026-06-01T21:00", "2026-06-02T08:00", 11),
        ] {
            let (evening, morning) = (ms(evening, &zone), ms(morning, &zone));
            assert_eq!(
                windows.is_open(evening, std::slice::from_ref(&zone)),
                Gate::ClosedUntil(morning)
            );
            assert_eq!(morning - evening, night_h * 3_600_000);
            assert_eq!(
                windows.is_open(morning, std::slice::from_ref(&zone)),
                Gate::Open
            );
        }
    }

    #[test]
    fn a_callee_who_may_be_on_either_coast_is_called_when_both_are_awake() {
        let zones = [tz(NEW_YORK), tz(LOS_ANGELES)];
        let windows = Windows::for_country("US");
        let seven_in_california = ms("2026-07-01T07:00", &zones[1]);
        let eight_in_california = ms("2026-07-01T08:00", &zones[1]);
        assert_eq!(
            windows.is_open(seven_in_california, &zones),
            Gate::ClosedUntil(eight_in_california)
        );
        assert_eq!(windows.is_open(eight_in_california, &zones), Gate::Open);
        let nine_in_new_york = ms("2026-07-01T21:00", &zones[0]);
        assert_eq!(
            windows.is_open(nine_in_new_york, &zones),
            Gate::ClosedUntil(ms("2026-07-02T08:00", &zones[1]))
        );
    }

    #[test]
    fn holidays_and_closed_weekdays_are_skipped() {
        let zone = tz(CHINA);
        let mut windows = Windows::for_country("CN");
        windows.closed_on = vec![Weekday::Sunday];
        windows.holidays.insert("2026-11-21".parse().expect("date"));
        // Friday evening; Saturday is a holiday, Sunday is closed.
        let friday = ms("2026-11-20T20:30", &zone);
        assert_eq!(
            windows.is_open(friday, std::slice::from_ref(&zone)),
            Gate::ClosedUntil(ms("2026-11-23T09:00", &zone))
        );
    }

    #[test]
    fn settings_that_leave_no_minute_say_so_instead_of_looping() {
        let zone = tz(CHINA);
        let mut windows = Windows::for_country("CN");
        windows.spans.clear();
        assert_eq!(windows.is_open(0, std::slice::from_ref(&zone)), Gate::Never);
        assert_eq!(Windows::always().is_open(0, &[]), Gate::Never);
        // Half a day apart, the two never share a quarter of an hour.
        windows.spans = vec![Span {
            from: Time::constant(9, 0, 0, 0),
            to: Time::constant(9, 15, 0, 0),
        }];
        assert_eq!(windows.is_open(0, &[zone, tz("UTC4")]), Gate::Never);
    }
}
