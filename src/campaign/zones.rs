//! Which time zones a callee may be in.
//!
//! The rules of the zones below are compiled in as POSIX strings (POSIX.1 §8.3; offsets and changes of the IANA
//! database, 2025), so that a machine without time-zone files still keeps the windows. A list's own zone column wins.

use crate::terms::Phone;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// (country, IANA name, POSIX rules). A country with several zones stands here several times.
const ZONES: &[(&str, &str, &str)] = &[
    ("CN", "Asia/Shanghai", "CST-8"),
    ("HK", "Asia/Hong_Kong", "HKT-8"),
    ("MO", "Asia/Macau", "CST-8"),
    ("TW", "Asia/Taipei", "CST-8"),
    ("SG", "Asia/Singapore", "<+08>-8"),
    ("MY", "Asia/Kuala_Lumpur", "<+08>-8"),
    ("PH", "Asia/Manila", "PST-8"),
    ("JP", "Asia/Tokyo", "JST-9"),
    ("KR", "Asia/Seoul", "KST-9"),
    ("TH", "Asia/Bangkok", "<+07>-7"),
    ("VN", "Asia/Ho_Chi_Minh", "<+07>-7"),
    ("IN", "Asia/Kolkata", "IST-5:30"),
    ("AE", "Asia/Dubai", "<+04>-4"),
    ("GB", "Europe/London", "GMT0BST,M3.5.0/1,M10.5.0"),
    ("IE", "Europe/Dublin", "GMT0IST,M3.5.0/1,M10.5.0"),
    ("PT", "Europe/Lisbon", "WET0WEST,M3.5.0/1,M10.5.0"),
    ("DE", "Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("FR", "Europe/Paris", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("NL", "Europe/Amsterdam", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("BE", "Europe/Brussels", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("CH", "Europe/Zurich", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("AT", "Europe/Vienna", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("IT", "Europe/Rome", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("ES", "Europe/Madrid", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("PL", "Europe/Warsaw", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("SE", "Europe/Stockholm", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("NO", "Europe/Oslo", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("DK", "Europe/Copenhagen", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ("FI", "Europe/Helsinki", "EET-2EEST,M3.5.0/3,M10.5.0/4"),
    ("GR", "Europe/Athens", "EET-2EEST,M3.5.0/3,M10.5.0/4"),
    ("US", "America/New_York", "EST5EDT,M3.2.0,M11.1.0"),
    ("US", "America/Chicago", "CST6CDT,M3.2.0,M11.1.0"),
    ("US", "America/Denver", "MST7MDT,M3.2.0,M11.1.0"),
    ("US", "America/Phoenix", "MST7"),
    ("US", "America/Los_Angeles", "PST8PDT,M3.2.0,M11.1.0"),
    ("US-AK", "America/Anchorage", "AKST9AKDT,M3.2.0,M11.1.0"),
    ("US-HI", "Pacific/Honolulu", "HST10"),
    ("CA", "America/Halifax", "AST4ADT,M3.2.0,M11.1.0"),
    ("CA", "America/Toronto", "EST5EDT,M3.2.0,M11.1.0"),
    ("CA", "America/Winnipeg", "CST6CDT,M3.2.0,M11.1.0"),
    ("CA", "America/Edmonton", "MST7MDT,M3.2.0,M11.1.0"),
    ("CA", "America/Vancouver", "PST8PDT,M3.2.0,M11.1.0"),
    ("AU", "Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3"),
    ("AU", "Australia/Brisbane", "AEST-10"),
    ("AU", "Australia/Adelaide", "ACST-9:30ACDT,M10.1.0,M4.1.0/3"),
    ("AU", "Australia/Perth", "AWST-8"),
    ("NZ", "Pacific/Auckland", "NZST-12NZDT,M9.5.0,M4.1.0/3"),
];

/// The country of an E.164 number, ISO 3166 letters; `None` when the number is of no country we know.
#[must_use]
pub fn country_of(phone: &Phone) -> Option<String> {
    let number = phonenumber::parse(None, phone.full()).ok()?;
    let id = number.country().id()?;
    Some(format!("{id:?}"))
}

/// The zone with this IANA name, from the machine's files or from the table above.
#[must_use]
pub fn named(name: &str) -> Option<TimeZone> {
    if let Ok(zone) = TimeZone::get(name) {
        return Some(zone);
    }
    let (_, _, posix) = ZONES.iter().find(|z| z.1.eq_ignore_ascii_case(name))?;
    TimeZone::posix(posix).ok()
}

/// Every zone the callee may be in: the lead's own when the list names one, otherwise those of the number's country.
/// Empty when nothing is known; such a lead must not be dialled ([`super::window::Windows::is_open`] refuses).
#[must_use]
pub fn of_callee(phone: &Phone, tz: Option<&str>) -> Vec<TimeZone> {
    if let Some(zone) = tz.and_then(named) {
        return vec![zone];
    }
    let Some(mut country) = country_of(phone) else {
        return Vec::new();
    };
    // Numbers keep their area code when people move, so the mainland is taken as a whole; the two far states are not
    // in it, and would leave it hardly any common hours.
    if phone.full().starts_with("+1907") {
        country = "US-AK".into();
    } else if phone.full().starts_with("+1808") {
        country = "US-HI".into();
    }
    let mut zones: Vec<TimeZone> = Vec::new();
    for (_, _, posix) in ZONES.iter().filter(|z| z.0 == country) {
        if let Ok(zone) = TimeZone::posix(posix) {
            zones.push(zone);
        }
    }
    zones
}

/// The moment a callee means by a local time such as `2026-11-23T15:00`, unix ms. With several possible zones it is the
/// latest of the moments, so that nobody is called before the agreed hour.
#[must_use]
pub fn local_to_unix_ms(local: &str, zones: &[TimeZone]) -> Option<i64> {
    let at: DateTime = local.parse().ok()?;
    zones
        .iter()
        .filter_map(|zone| at.to_zoned(zone.clone()).ok())
        .map(|z| z.timestamp().as_millisecond())
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_in_the_table_is_well_formed() {
        for (country, name, posix) in ZONES {
            assert!(TimeZone::posix(posix).is_ok(), "{country} {name} {posix}");
        }
    }

    #[test]
    fn a_number_tells_its_country_and_zones() {
        let table = [
            ("+8613800138000", Some("CN"), 1),
            ("+14155550132", Some("US"), 5),
            ("+18085550132", Some("US"), 1),
            ("+442079460958", Some("GB"), 1),
        ];
        for (number, country, zones) in table {
            let phone = Phone::new(number);
            assert_eq!(country_of(&phone).as_deref(), country, "{number}");
            assert_eq!(of_callee(&phone, None).len(), zones, "{number}");
        }
        assert!(of_callee(&Phone::new("12345"), None).is_empty());
    }

    #[test]
    fn the_lists_own_zone_wins_over_the_numbers_country() {
        let zones = of_callee(&Phone::new("+8613800138000"), Some("America/New_York"));
        let at = local_to_unix_ms("2026-07-01T15:00", &zones);
        let utc: jiff::Timestamp = "2026-07-01T19:00Z".parse().expect("time");
        assert_eq!(at, Some(utc.as_millisecond()));
    }

    #[test]
    fn an_agreed_hour_is_the_callees_hour() {
        let zones = of_callee(&Phone::new("+8613800138000"), None);
        let utc: jiff::Timestamp = "2026-11-23T07:00Z".parse().expect("time");
        assert_eq!(
            local_to_unix_ms("2026-11-23T15:00", &zones),
            Some(utc.as_millisecond())
        );
        assert_eq!(local_to_unix_ms("tomorrow", &zones), None);
    }
}
