//! What was said about a day and a time, in either language, and the moment it means.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};

/// A part of the day.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Morning,
    Noon,
    Afternoon,
    /// After work.
    Dusk,
    Evening,
}

impl Part {
    /// The time that is meant when only the part is said, in minutes of the day.
    const fn usual(self) -> u32 {
        match self {
            Part::Morning => 10 * 60,
            Part::Noon => 12 * 60,
            Part::Afternoon => 15 * 60,
            Part::Dusk => 18 * 60,
            Part::Evening => 19 * 60,
        }
    }

    /// When it is over, in minutes of the day.
    const fn over(self) -> u32 {
        match self {
            Part::Morning => 12 * 60,
            Part::Noon => 14 * 60,
            Part::Afternoon => 18 * 60,
            Part::Dusk => 20 * 60,
            Part::Evening => 22 * 60,
        }
    }
}

/// A clock time as said: minutes of the day before the part of the day is known.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct ClockTime {
    pub minutes: u32,
    /// `am`, `pm`, noon: nothing to guess.
    pub certain: bool,
}

/// Everything that one stretch of words says about time. `begin..end` are the tokens it took.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub day: Option<Date>,
    pub part: Option<Part>,
    /// A usual time of its own (after lunch), minutes of the day.
    pub usual: Option<u32>,
    pub clock: Option<ClockTime>,
    /// Minutes from now.
    pub later: Option<i64>,
    pub begin: usize,
    pub end: usize,
}

impl Said {
    pub(super) fn is_empty(&self) -> bool {
        self.day.is_none() && !self.has_time() && self.later.is_none()
    }

    pub(super) fn has_time(&self) -> bool {
        self.part.is_some() || self.clock.is_some() || self.usual.is_some()
    }

    /// Notes that the tokens `begin..end` were used.
    pub(super) fn took(&mut self, begin: usize, end: usize) {
        if self.begin == self.end {
            (self.begin, self.end) = (begin, end);
        } else {
            self.begin = self.begin.min(begin);
            self.end = self.end.max(end);
        }
    }

    /// The moment: `2026-11-23` or `2026-11-23T15:00`. None when it has passed.
    pub(super) fn resolve(&self, now: DateTime) -> Option<String> {
        if let Some(minutes) = self.later {
            return Some(written(now.checked_add(minutes.minutes()).ok()?));
        }
        let today = now.date();
        let Some(minutes) = self.minutes() else {
            let day = self.day?;
            return (day >= today).then(|| day.to_string());
        };
        let moment = at(self.day.unwrap_or(today), minutes)?;
        if moment > now {
            return Some(written(moment));
        }
        if self.day.is_none() {
            return self
                .rest_of_part(now)
                .or_else(|| at(today.tomorrow().ok()?, minutes).map(written));
        }
        if self.day != Some(today) {
            return None;
        }
        // 今天八点 said at noon means tonight.
        if self.clock.is_some_and(|c| !c.certain) && self.part.is_none() && minutes < 12 * 60 {
            let tonight = at(today, minutes + 12 * 60)?;
            return (tonight > now).then(|| written(tonight));
        }
        self.rest_of_part(now)
    }

    /// 下午, said at 15:30: what is left of it.
    fn rest_of_part(&self, now: DateTime) -> Option<String> {
        let part = self.part?;
        if self.clock.is_some() {
            return None;
        }
        let next_hour = (u32::from(now.hour().unsigned_abs()) + 2) * 60;
        (next_hour < part.over())
            .then(|| at(now.date(), next_hour).map(written))
            .flatten()
    }

    /// Minutes of the day, the part of the day and the habits of speech considered.
    fn minutes(&self) -> Option<u32> {
        let Some(clock) = self.clock else {
            return self.usual.or(self.part.map(Part::usual));
        };
        let (hour, m) = (clock.minutes / 60, clock.minutes);
        if clock.certain || hour > 12 {
            return Some(m);
        }
        let half_day = 12 * 60;
        Some(match self.part {
            Some(Part::Morning) => m,
            Some(Part::Noon) if hour <= 3 => m + half_day,
            Some(Part::Noon) => m,
            Some(Part::Afternoon | Part::Dusk) if hour < 12 => m + half_day,
            Some(Part::Evening) if (4..12).contains(&hour) => m + half_day,
            // Twelve at night belongs to the next day.
            Some(Part::Evening) if hour == 12 => m + half_day,
            Some(_) => m,
            // Nobody is visited at three in the morning.
            None if (1..=7).contains(&hour) => m + half_day,
            None => m,
        })
    }
}

/// The coming `weekday`: today when it is today. `weeks` counts calendar weeks (Monday first) from this one; None means
/// whichever comes next.
pub(super) fn weekday_from(today: Date, weekday: Weekday, weeks: Option<i32>) -> Option<Date> {
    let since_monday = i32::from(today.weekday().to_monday_zero_offset());
    let offset = i32::from(weekday.to_monday_zero_offset()) - since_monday;
    let days = match weeks {
        Some(weeks) => {
            let days = offset + 7 * weeks;
            // "This Monday" on a Friday is the coming one.
            if days < 0 { days + 7 } else { days }
        }
        None => offset.rem_euclid(7),
    };
    plus_days(today, days)
}

pub(super) fn plus_days(day: Date, days: i32) -> Option<Date> {
    day.checked_add(days.days()).ok()
}

/// A day of a month; without a month the next such day, without a year the next such date.
pub(super) fn month_day(
    today: Date,
    year: Option<i16>,
    month: Option<i8>,
    day: i8,
) -> Option<Date> {
    match (year, month) {
        (Some(year), Some(month)) => Date::new(year, month, day).ok(),
        (None, Some(month)) => {
            let this = Date::new(today.year(), month, day).ok();
            this.filter(|d| *d >= today)
                .or_else(|| Date::new(today.year() + 1, month, day).ok())
        }
        _ => {
            let mut first = today.first_of_month();
            for _ in 0..3 {
                if let Ok(date) = Date::new(first.year(), first.month(), day)
                    && date >= today
                {
                    return Some(date);
                }
                first = first.checked_add(1.month()).ok()?;
            }
            None
        }
    }
}

/// The first day of the month `months` from now.
pub(super) fn month_from(today: Date, months: i32) -> Option<Date> {
    today.first_of_month().checked_add(months.months()).ok()
}

fn at(day: Date, minutes: u32) -> Option<DateTime> {
    let midnight = day.at(0, 0, 0, 0);
    midnight.checked_add(i64::from(minutes).minutes()).ok()
}

fn written(moment: DateTime) -> String {
    moment.strftime("%Y-%m-%dT%H:%M").to_string()
}
