//! What people write into a campaign's settings, understood.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::window::{Span, Windows};
use jiff::civil::{Time, Weekday};

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Whether these letters are a country whose numbers are known (ISO 3166).
#[must_use]
pub fn is_country(letters: &str) -> bool {
    letters.len() == 2
        && letters.bytes().all(|b| b.is_ascii_uppercase())
        && letters.parse::<phonenumber::country::Id>().is_ok()
}

/// Calling windows: `default` (of the country), `always`, or days and hours such as `mon-sat 09:00-12:00, 14:00-20:00`
/// (without days: every day).
///
/// # Errors
/// What cannot be understood, and how to write it.
pub fn windows(text: &str, country: &str) -> Result<Windows, String> {
    let text = text.trim().to_lowercase();
    match text.as_str() {
        "" | "default" => return Ok(Windows::for_country(country)),
        "always" => return Ok(Windows::always()),
        _ => {}
    }
    let mut open: Vec<Weekday> = Vec::new();
    let mut spans: Vec<Span> = Vec::new();
    for word in text.split([' ', ',', ';']).filter(|w| !w.is_empty()) {
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            spans.push(span(word)?);
        } else if spans.is_empty() {
            open.extend(days(word)?);
        } else {
            return Err(format!(
                "{word:?}: days stand before the hours, once; write mon-sat 09:00-12:00, 14:00-20:00"
            ));
        }
    }
    spans.sort_by_key(|s| s.from);
    if spans.is_empty() {
        return Err("there are no hours; write mon-sat 09:00-12:00, 14:00-20:00".into());
    }
    if let Some(pair) = spans.windows(2).find(|p| p[1].from < p[0].to) {
        return Err(format!(
            "the hours from {} and from {} overlap",
            clock(pair[0].from),
            clock(pair[1].from)
        ));
    }
    let closed_on = match open.as_slice() {
        [] => Vec::new(),
        open => DAYS
            .iter()
            .map(|(_, day)| *day)
            .filter(|day| !open.contains(day))
            .collect(),
    };
    Ok(Windows {
        spans,
        closed_on,
        holidays: std::collections::BTreeSet::new(),
    })
}

fn days(word: &str) -> Result<Vec<Weekday>, String> {
    let place = |name: &str| {
        DAYS.iter()
            .position(|(short, _)| name.starts_with(short))
            .ok_or_else(|| format!("{name:?} is no day; write mon, tue, wed, thu, fri, sat or sun"))
    };
    let Some((from, to)) = word.split_once('-') else {
        return Ok(vec![DAYS[place(word)?].1]);
    };
    let (from, to) = (place(from)?, place(to)?);
    let count = (to + 7 - from) % 7 + 1;
    Ok((from..from + count).map(|i| DAYS[i % 7].1).collect())
}

fn span(word: &str) -> Result<Span, String> {
    let wrong = || format!("{word:?} is no stretch of the day; write 09:00-12:00");
    let (from, to) = word.split_once('-').ok_or_else(wrong)?;
    let time = |text: &str| -> Option<Time> {
        let (hour, minute) = text.split_once(':')?;
        // The end of the day, as people write it.
        if text == "24:00" {
            return Some(Time::MAX);
        }
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let (from, to) = (time(from).ok_or_else(wrong)?, time(to).ok_or_else(wrong)?);
    if from >= to {
        return Err(format!("{word:?} ends before it begins"));
    }
    Ok(Span { from, to })
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_written_as_days_and_hours() {
        let all = windows("mon-sat 09:00-12:00, 14:00-20:00", "CN").expect("windows");
        assert_eq!(all.spans, Windows::for_country("CN").spans);
        assert_eq!(all.closed_on, [Weekday::Sunday]);
        let weekend = windows("fri-mon 10:00-24:00", "CN").expect("windows");
        let closed = [Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday];
        assert_eq!(weekend.closed_on, closed);
        assert_eq!(windows("default", "US"), Ok(Windows::for_country("US")));
        assert_eq!(windows("always", "US"), Ok(Windows::always()));
    }

    #[test]
    fn what_is_no_window_is_named() {
        for (text, word) in [
            ("someday 09:00-12:00", "someday"),
            ("09:00", "09:00"),
            ("12:00-09:00", "ends before"),
            ("09:00-12:00, 11:00-13:00", "overlap"),
            ("mon-fri", "no hours"),
            ("25:00-26:00", "25:00"),
        ] {
            let error = windows(text, "CN").expect_err(text);
            assert!(error.contains(word), "{error}");
        }
        assert!(is_country("CN") && !is_country("cn") && !is_country("XX") && !is_country(""));
    }
}
