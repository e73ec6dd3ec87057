//! Working hours, `mon-fri 09:00-12:00, 13:00-18:00; sat 10:00-14:00`, in the agent's own zone.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use thiserror::Error;

/// How far ahead an opening is looked for, days.
const AHEAD_DAYS: i64 = 8;
const DAY_MINUTES: u16 = 24 * 60;
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("working hours {text:?}: {why}; write like mon-fri 09:00-18:00; sat 10:00-14:00")]
pub struct HoursError {
    pub text: String,
    pub why: String,
}

/// When somebody works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Minutes of the week from Monday 00:00, begin inclusive, end exclusive; an end past the week's goes on at its beginning.
    spans: Vec<(u32, u32)>,
}

impl Hours {
    /// Reads hours. Days: `mon`, `mon-fri`, `mon,wed`, `daily`; times `HH:MM-HH:MM`, several by commas, up to `24:00`; a span
    /// that ends before it begins runs over midnight.
    ///
    /// # Errors
    /// Says which part is not understood.
    pub fn parse(text: &str) -> Result<Hours, HoursError> {
        let wrong = |why: String| HoursError {
            text: text.to_string(),
            why,
        };
        let mut hours = Hours::default();
        for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            let at = part
                .find(|c: char| c.is_ascii_digit())
                .ok_or_else(|| wrong(format!("{part:?} names no times")))?;
            let (days, times) = part.split_at(at);
            let days = days_of(days.trim()).map_err(wrong)?;
            for span in times.split(',').map(str::trim) {
                let (begin, end) = span_of(span).map_err(wrong)?;
                for day in &days {
                    let day = u32::from(*day) * u32::from(DAY_MINUTES);
                    hours.spans.push((day + begin, day + end));
                }
            }
        }
        if hours.spans.is_empty() {
            return Err(wrong("they are empty".into()));
        }
        hours.spans.sort_unstable();
        Ok(hours)
    }

    /// Whether this is within the hours; `unix_ms` as it is on the clock of `zone`.
    #[must_use]
    pub fn open_at(&self, unix_ms: i64, zone: &TimeZone) -> bool {
        local(unix_ms, zone).is_some_and(|now| self.open(minute_of_week(now)))
    }

    /// When the hours begin next, unix ms; now, when they have begun.
    #[must_use]
    pub fn next_open(&self, unix_ms: i64, zone: &TimeZone) -> Option<i64> {
        if self.open_at(unix_ms, zone) {
            return Some(unix_ms);
        }
        let now = local(unix_ms, zone)?;
        (0..=AHEAD_DAYS)
            .filter_map(|ahead| now.date().checked_add(ahead.days()).ok())
            .find_map(|date| {
                let day = u32::from(date.weekday().to_monday_zero_offset() as u8)
                    * u32::from(DAY_MINUTES);
                let of_day = self
                    .spans
                    .iter()
                    .map(|(begin, _)| *begin)
                    .filter(|begin| (day..day + u32::from(DAY_MINUTES)).contains(begin));
                of_day
                    .filter_map(|begin| {
                        let minute = begin - day;
                        let time =
                            Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).ok()?;
                        let at = zone.to_zoned(date.to_datetime(time)).ok()?;
                        Some(at.timestamp().as_millisecond())
                    })
                    .filter(|at| *at > unix_ms)
                    .min()
            })
    }

    fn open(&self, minute: u32) -> bool {
        let week = 7 * u32::from(DAY_MINUTES);
        self.spans.iter().any(|(begin, end)| {
            (*begin..*end).contains(&minute) || (*begin..*end).contains(&(minute + week))
        })
    }
}

fn local(unix_ms: i64, zone: &TimeZone) -> Option<DateTime> {
    let at = Timestamp::from_millisecond(unix_ms).ok()?;
    Some(zone.to_datetime(at))
}

fn minute_of_week(at: DateTime) -> u32 {
    let day = at.weekday().to_monday_zero_offset() as u32;
    day * u32::from(DAY_MINUTES) + at.hour() as u32 * 60 + at.minute() as u32
}

/// Monday is 0.
fn days_of(text: &str) -> Result<Vec<u8>, String> {
    let text = text.to_lowercase();
    if text == "daily" {
        return Ok((0..7).collect());
    }
    let day = |name: &str| {
        DAYS.iter()
            .find(|(d, _)| *d == name.trim())
            .map(|(_, day)| day.to_monday_zero_offset() as u8)
            .ok_or_else(|| {
                format!("{name:?} is no day; days are mon tue wed thu fri sat sun and daily")
            })
    };
    let mut days = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            None => days.push(day(part)?),
            Some((first, last)) => {
                let (first, last) = (day(first)?, day(last)?);
                let count = (last + 7 - first) % 7;
                days.extend((0..=count).map(|n| (first + n) % 7));
            }
        }
    }
    Ok(days)
}

/// Minutes of the day; the end is past 24:00 when the span runs over midnight.
fn span_of(text: &str) -> Result<(u32, u32), String> {
    let minute = |text: &str| {
        let wrong = || format!("{text:?} is no time of day");
        let (hour, minute) = text.trim().split_once(':').ok_or_else(wrong)?;
        if minute.len() != 2 || hour.is_empty() || hour.len() > 2 {
            return Err(wrong());
        }
        let (hour, minute): (u32, u32) = (
            hour.parse().map_err(|_| wrong())?,
            minute.parse().map_err(|_| wrong())?,
        );
        if minute > 59 || hour * 60 + minute > u32::from(DAY_MINUTES) {
            return Err(wrong());
        }
        Ok(hour * 60 + minute)
    };
    let (begin, end) = text
        .split_once('-')
        .ok_or_else(|| format!("{text:?} has no end"))?;
    let (begin, end) = (minute(begin)?, minute(end)?);
    if begin == end {
        return Err(format!("{text:?} is no time at all"));
    }
    Ok((
        begin,
        if end < begin {
            end + u32::from(DAY_MINUTES)
        } else {
            end
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        let local: DateTime = text.parse().unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = zone.to_zoned(local).unwrap();
        at.timestamp().as_millisecond()
    }

    #[test]
    fn hours_are_those_of_the_agent_s_own_clock() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let hours =
            Hours::parse("mon-fri 09:00-12:00, 13:00-18:00; Sat 10:00-14:00; sun 22:00-02:00")
                .unwrap();
        for (when, open) in [
            ("2026-11-20T09:00", true),  // a Friday
            ("2026-11-20T12:30", false), // lunch
            ("2026-11-20T17:59", true),
            ("2026-11-20T18:00", false),
            ("2026-11-21T09:30", false), // Saturday
            ("2026-11-21T10:00", true),
            ("2026-11-22T23:00", true), // Sunday night into Monday
            ("2026-11-23T01:59", true),
            ("2026-11-23T02:00", false),
        ] {
            assert_eq!(hours.open_at(at(when), &zone), open, "{when}");
        }
        // The same moment is another hour elsewhere.
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert!(!hours.open_at(at("2026-11-20T09:00"), &berlin));
    }

    #[test]
    fn the_next_opening_is_found() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let hours = Hours::parse("mon-fri 09:00-18:00").unwrap();
        let friday_night = at("2026-11-20T20:00");
        assert_eq!(
            hours.next_open(friday_night, &zone),
            Some(at("2026-11-23T09:00"))
        );
        assert_eq!(
            hours.next_open(at("2026-11-23T05:00"), &zone),
            Some(at("2026-11-23T09:00"))
        );
        let now = at("2026-11-23T10:00");
        assert_eq!(hours.next_open(now, &zone), Some(now));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, word) in [
            ("", "empty"),
            ("mon-fri", "names no times"),
            ("moon 09:00-18:00", "\"moon\" is no day"),
            ("mon 9-18", "no time of day"),
            ("mon 09:00", "has no end"),
            ("mon 09:00-25:00", "25:00"),
            ("mon 09:00-09:00", "no time at all"),
            ("09:00-18:00", "is no day"),
        ] {
            let told = Hours::parse(text).unwrap_err().to_string();
            assert!(
                told.contains(word) && told.contains("write like"),
                "{text}: {told}"
            );
        }
        assert!(Hours::parse("daily 00:00-24:00").is_ok());
    }
}
