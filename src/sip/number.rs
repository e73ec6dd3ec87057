//! The number as the trunk wants to see it: format, then `strip`, then `prefix`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::Phone;
use phonenumber::{Mode, country};

/// How a trunk wants numbers written.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum NumberFormat {
    /// `+8613800138000`
    #[default]
    E164,
    /// As dialled inside the trunk's country: `13800138000`, `02079460000`; a foreign number gets `00` and its country code.
    National,
    /// E.164 without the plus: `8613800138000`
    Plain,
}

/// Up to so many digits it is a service code or an extension, which has no country code; the trunk knows it.
const SHORT: usize = 6;

/// The user part of the Request-URI.
///
/// # Errors
/// The reason, for people, when the number is not one.
pub fn dial_string(
    number: &Phone,
    format: NumberFormat,
    home: country::Id,
    strip: &str,
    prefix: &str,
) -> Result<String, String> {
    let given = number.full().trim();
    if given.is_empty() {
        return Err("it is empty".into());
    }
    if let Some(c) = given
        .chars()
        .find(|c| !c.is_ascii_digit() && !"+-() .*#".contains(*c))
    {
        return Err(format!("{c:?} is not part of a phone number"));
    }
    let short = given.chars().all(|c| c.is_ascii_digit()) && given.len() <= SHORT;
    let parsed = if short {
        None
    } else {
        phonenumber::parse(Some(home), given).ok()
    };
    let written = match parsed {
        Some(parsed) => match format {
            NumberFormat::E164 => parsed.format().mode(Mode::E164).to_string(),
            NumberFormat::Plain => digits(&parsed.format().mode(Mode::E164).to_string()),
            NumberFormat::National if parsed.country().id() == Some(home) => {
                digits(&parsed.format().mode(Mode::National).to_string())
            }
            NumberFormat::National => {
                format!(
                    "00{}",
                    digits(&parsed.format().mode(Mode::E164).to_string())
                )
            }
        },
        None => given
            .chars()
            .filter(|c| c.is_ascii_digit() || "+*#".contains(*c))
            .collect(),
    };
    let rest = written.strip_prefix(strip).unwrap_or(&written);
    let dialled = format!("{prefix}{rest}");
    if dialled.is_empty() {
        return Err("nothing is left of it after strip".into());
    }
    Ok(dialled)
}

fn digits(s: &str) -> String {
    s.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_the_way_the_trunk_wants_it() {
        use NumberFormat::{E164, National, Plain};
        let table = [
            (
                "+8613800138000",
                E164,
                country::CN,
                "",
                "",
                "+8613800138000",
            ),
            ("13800138000", E164, country::CN, "", "", "+8613800138000"),
            (
                "+8613800138000",
                National,
                country::CN,
                "",
                "",
                "13800138000",
            ),
            (
                "+8613800138000",
                Plain,
                country::CN,
                "",
                "",
                "8613800138000",
            ),
            (
                "+8613800138000",
                Plain,
                country::CN,
                "86",
                "9",
                "913800138000",
            ),
            (
                "+442079460000",
                National,
                country::GB,
                "",
                "",
                "02079460000",
            ),
            (
                "+442079460000",
                National,
                country::CN,
                "",
                "",
                "00442079460000",
            ),
            ("+12025550123", E164, country::US, "+", "", "12025550123"),
            ("1001", E164, country::CN, "", "", "1001"),
        ];
        for (number, format, home, strip, prefix, want) in table {
            let got = dial_string(&Phone::new(number), format, home, strip, prefix);
            assert_eq!(got.as_deref(), Ok(want), "{number} {format:?}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused_and_cannot_smuggle_uri_parts() {
        for bad in [
            "",
            "sip:101@evil",
            "138;transport=tcp",
            "138@host",
            "1 2\r\n3x",
        ] {
            let got = dial_string(&Phone::new(bad), NumberFormat::E164, country::CN, "", "");
            assert!(got.is_err(), "{bad:?}");
        }
    }
}
