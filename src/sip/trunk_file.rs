//! Reading a trunk's TOML. Every complaint names the file, the line and what to write instead.

use super::SipError;
use super::nearest::nearest;
use super::number::NumberFormat;
use super::trunk::{Secret, Transport, Trunk};
use std::net::IpAddr;
use std::path::Path;
use toml::de::{DeTable, DeValue};

const KEYS: &[&str] = &[
    "name",
    "host",
    "transport",
    "username",
    "password_file",
    "password_env",
    "realm",
    "caller_ids",
    "calls_per_second",
    "channels",
    "number_format",
    "country",
    "prefix",
    "strip",
    "register",
    "options_ping_s",
    "session_expires_s",
    "min_session_expires",
    "public_address",
];

pub(super) fn parse(text: &str, file: &str) -> Result<Trunk, SipError> {
    let fail = |at: usize, what: String| SipError::TrunkLine {
        file: file.to_string(),
        line: line_of(text, at),
        what,
    };
    let table = DeTable::parse(text)
        .map_err(|e| fail(e.span().map_or(0, |s| s.start), e.message().to_string()))?;
    let table = table.get_ref();
    for key in table.keys() {
        let name = key.get_ref().as_ref();
        if name == "password" {
            return Err(fail(
                key.span().start,
                "a password does not belong into the trunk file; put it alone into a file that only you may read and name that file \
                 here with password_file = \"FILE\", or name an environment variable with password_env = \"NAME\""
                    .into(),
            ));
        }
        if !KEYS.contains(&name) {
            let near = nearest(name, KEYS)
                .map(|k| format!("; did you mean `{k}`?"))
                .unwrap_or_else(|| format!("; known keys are {}", KEYS.join(", ")));
            return Err(fail(
                key.span().start,
                format!("unknown key `{name}`{near}"),
            ));
        }
    }
    let f = Fields { table, text, file };

    let (host, port) = f.host()?;
    let username = f.text("username")?.map(|(_, s)| s);
    let password = f.password()?;
    match (&username, &password) {
        (Some(_), None) => {
            return Err(f.at(
                "username",
                "a username needs password_file or password_env; a trunk that knows you by your IP address needs neither",
            ));
        }
        (None, Some(_)) => return Err(f.at("password_file", "a password needs a username")),
        _ => {}
    }
    if f.boolean("register")?.unwrap_or(false) {
        return Err(f.at(
            "register",
            "REGISTER is not supported yet; remove it, and ask the carrier for a trunk without registration",
        ));
    }
    let session_expires_s = f.whole("session_expires_s", 0, 86_400)?.unwrap_or(1800);
    let min_session_expires = f.whole("min_session_expires", 90, 86_400)?.unwrap_or(90);
    if session_expires_s != 0 && session_expires_s < min_session_expires {
        return Err(f.at(
            "session_expires_s",
            &format!(
                "must be 0 (off) or at least min_session_expires, {min_session_expires} (RFC 4028)"
            ),
        ));
    }
    Ok(Trunk {
        name: match f.text("name")? {
            Some((_, name)) => name,
            None => return Err(f.missing("name", "name = \"carrier-a\"")),
        },
        host,
        port,
        transport: match f.text("transport")? {
            None => Transport::Udp,
            Some((_, t)) if t == "udp" => Transport::Udp,
            Some((_, t)) if t == "tcp" => Transport::Tcp,
            Some((at, t)) => {
                return Err(fail(
                    at,
                    format!("transport {t:?} is not known; use \"udp\" or \"tcp\""),
                ));
            }
        },
        username,
        password,
        realm: f.text("realm")?.map(|(_, s)| s),
        caller_ids: f.caller_ids()?,
        calls_per_second: f.rate("calls_per_second")?.unwrap_or(5.0),
        channels: f.whole("channels", 1, 100_000)?.unwrap_or(10),
        number_format: match f.text("number_format")? {
            None => NumberFormat::E164,
            Some((_, s)) if s == "e164" => NumberFormat::E164,
            Some((_, s)) if s == "national" => NumberFormat::National,
            Some((_, s)) if s == "plain" => NumberFormat::Plain,
            Some((at, s)) => {
                return Err(fail(
                    at,
                    format!(
                        "number_format {s:?} is not known; use \"e164\", \"national\" or \"plain\""
                    ),
                ));
            }
        },
        country: match f.text("country")? {
            None => phonenumber::country::CN,
            Some((at, s)) => s.parse().map_err(|_| {
                fail(
                    at,
                    format!(
                        "country {s:?} is not a two-letter country code such as \"CN\" or \"US\""
                    ),
                )
            })?,
        },
        strip: f.dial_part("strip")?,
        prefix: f.dial_part("prefix")?,
        options_ping_s: f.whole("options_ping_s", 0, 86_400)?.unwrap_or(0),
        session_expires_s,
        min_session_expires,
        public_address: match f.text("public_address")? {
            None => None,
            Some((at, s)) => Some(
                s.parse::<IpAddr>()
                    .map_err(|_| fail(at, format!("public_address {s:?} is not an IP address")))?,
            ),
        },
    })
}

struct Fields<'a> {
    table: &'a DeTable<'a>,
    text: &'a str,
    file: &'a str,
}

impl Fields<'_> {
    fn value(&self, key: &str) -> Option<(usize, &DeValue<'_>)> {
        self.table
            .iter()
            .find(|(k, _)| k.get_ref().as_ref() == key)
            .map(|(_, v)| (v.span().start, v.get_ref()))
    }

    fn fail(&self, at: usize, what: String) -> SipError {
        SipError::TrunkLine {
            file: self.file.to_string(),
            line: line_of(self.text, at),
            what,
        }
    }

    /// An error at the line of `key`.
    fn at(&self, key: &str, what: &str) -> SipError {
        let at = self.value(key).map_or(0, |(at, _)| at);
        self.fail(at, format!("`{key}`: {what}"))
    }

    fn missing(&self, key: &str, example: &str) -> SipError {
        self.fail(
            0,
            format!("`{key}` is missing; write for example {example}"),
        )
    }

    fn text(&self, key: &str) -> Result<Option<(usize, String)>, SipError> {
        match self.value(key) {
            None => Ok(None),
            Some((at, v)) => match v.as_str() {
                Some(s) if s.trim().is_empty() => {
                    Err(self.at(key, "is empty; remove the line or fill it"))
                }
                Some(s) if s.chars().any(char::is_control) => {
                    Err(self.at(key, "holds a control character"))
                }
                Some(s) => Ok(Some((at, s.to_string()))),
                None => Err(self.at(key, "must be a text in quotes")),
            },
        }
    }

    fn boolean(&self, key: &str) -> Result<Option<bool>, SipError> {
        match self.value(key) {
            None => Ok(None),
            Some((_, v)) => v
                .as_bool()
                .map(Some)
                .ok_or_else(|| self.at(key, "must be true or false")),
        }
    }

    fn whole(&self, key: &str, min: u32, max: u32) -> Result<Option<u32>, SipError> {
        match self.value(key) {
            None => Ok(None),
            Some((_, v)) => v
                .as_integer()
                .and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok())
                .filter(|n| (min..=max).contains(n))
                .map(Some)
                .ok_or_else(|| {
                    self.at(key, &format!("must be a whole number from {min} to {max}"))
                }),
        }
    }

    fn rate(&self, key: &str) -> Result<Option<f64>, SipError> {
        match self.value(key) {
            None => Ok(None),
            Some((_, v)) => v
                .as_integer()
                .map(|i| i.as_str().to_string())
                .or_else(|| v.as_float().map(|x| x.as_str().to_string()))
                .and_then(|s| s.parse::<f64>().ok())
                .filter(|x| x.is_finite() && *x > 0.0 && *x <= 1000.0)
                .map(Some)
                .ok_or_else(|| self.at(key, "must be a number above 0, at most 1000")),
        }
    }

    /// `prefix` and `strip` are parts of a dialled number and nothing else.
    fn dial_part(&self, key: &str) -> Result<String, SipError> {
        let Some((_, s)) = self.text(key)? else {
            return Ok(String::new());
        };
        if s.chars().all(|c| c.is_ascii_digit() || "+*#".contains(c)) {
            return Ok(s);
        }
        Err(self.at(key, "may hold only digits, +, * and #"))
    }

    fn host(&self) -> Result<(String, Option<u16>), SipError> {
        let Some((_, s)) = self.text("host")? else {
            return Err(self.missing("host", "host = \"sip.carrier.example:5060\""));
        };
        let bad = |what: &str| self.at("host", what);
        if s.contains("://") || s.starts_with("sip:") || s.starts_with("sips:") {
            return Err(bad(
                "is a name or address with an optional port, without sip:",
            ));
        }
        let (host, port) = match s.rsplit_once(':') {
            Some((h, p)) if !h.contains(':') || h.ends_with(']') => (
                h,
                Some(
                    p.parse::<u16>()
                        .ok()
                        .filter(|p| *p > 0)
                        .ok_or_else(|| bad("has a port that is not a number from 1 to 65535"))?,
                ),
            ),
            _ => (s.as_str(), None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_ip = host.parse::<IpAddr>().is_ok();
        let is_name = !host.is_empty()
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_');
        if !is_ip && !is_name {
            return Err(bad("is neither a host name nor an IP address"));
        }
        // A bare address has no SRV record to find a port with.
        Ok((
            host.to_string(),
            if is_ip {
                Some(port.unwrap_or(5060))
            } else {
                port
            },
        ))
    }

    fn caller_ids(&self) -> Result<Vec<String>, SipError> {
        let advice =
            "lists the numbers this trunk may show, for example caller_ids = [\"02066668888\"]";
        let Some((_, v)) = self.value("caller_ids") else {
            return Err(self.missing("caller_ids", "caller_ids = [\"02066668888\"]"));
        };
        let list = v.as_array().ok_or_else(|| self.at("caller_ids", advice))?;
        let mut ids = Vec::new();
        for item in list.iter() {
            let id = item
                .get_ref()
                .as_str()
                .ok_or_else(|| self.at("caller_ids", "every caller id is a text in quotes"))?;
            let fine = !id.is_empty()
                && id
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+-_.*#".contains(c));
            if !fine {
                return Err(self.at("caller_ids", &format!("{id:?} is not a caller id")));
            }
            ids.push(id.to_string());
        }
        if ids.is_empty() {
            return Err(self.at("caller_ids", advice));
        }
        Ok(ids)
    }

    fn password(&self) -> Result<Option<Secret>, SipError> {
        let file = self.text("password_file")?;
        let env = self.text("password_env")?;
        let secret = match (file, env) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                return Err(self.at(
                    "password_env",
                    "use password_file or password_env, not both",
                ));
            }
            (Some((_, name)), None) => {
                let beside = Path::new(self.file).parent().unwrap_or(Path::new(""));
                let path = beside.join(&name);
                std::fs::read_to_string(&path)
                    .map_err(|e| {
                        self.at(
                            "password_file",
                            &format!("{} cannot be read: {e}", path.display()),
                        )
                    })?
                    .trim_end_matches(['\r', '\n'])
                    .to_string()
            }
            (None, Some((_, name))) => std::env::var(&name).map_err(|_| {
                self.at(
                    "password_env",
                    &format!("the environment variable {name} is not set"),
                )
            })?,
        };
        if secret.is_empty() {
            return Err(self.at("password_file", "the password is empty"));
        }
        Ok(Some(Secret::new(secret)))
    }
}

/// 1-based line of a byte offset.
fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(at)
        .filter(|b| **b == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"a\"\nhost = \"127.0.0.1:5070\"\ncaller_ids = [\"1000\"]\n";

    fn complaint(text: &str) -> String {
        match parse(text, "t.toml") {
            Ok(t) => panic!("accepted {t:?}"),
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn a_short_file_gets_the_defaults() {
        let t = parse(GOOD, "t.toml").unwrap();
        assert_eq!((t.host.as_str(), t.port), ("127.0.0.1", Some(5070)));
        assert_eq!(t.transport, Transport::Udp);
        assert_eq!((t.calls_per_second, t.channels), (5.0, 10));
        assert_eq!((t.session_expires_s, t.min_session_expires), (1800, 90));
        assert!(t.check_caller_id("1000").is_ok());
        assert!(t.check_caller_id("1001").is_err());
    }

    #[test]
    fn a_slip_in_a_key_is_named_with_its_line_and_the_key_that_was_meant() {
        let e = complaint(&format!("{GOOD}chanels = 4\n"));
        assert_eq!(
            e,
            "t.toml:4: unknown key `chanels`; did you mean `channels`?"
        );
        let e = complaint("name = \"a\"\n\nhost 5\n");
        assert!(e.starts_with("t.toml:3: "), "{e}");
    }

    #[test]
    fn bad_values_are_refused_with_advice() {
        for (line, want) in [
            ("password = \"hunter2\"", "password_file"),
            ("transport = \"tls\"", "\"udp\" or \"tcp\""),
            ("channels = 0", "whole number from 1"),
            ("calls_per_second = -1", "above 0"),
            ("register = true", "not supported yet"),
            ("username = \"u\"", "needs password_file"),
            ("min_session_expires = 30", "from 90"),
            ("session_expires_s = 60", "at least min_session_expires"),
            ("country = \"China\"", "two-letter"),
            ("public_address = \"me\"", "not an IP address"),
            ("prefix = \"9@x\"", "only digits"),
        ] {
            let e = complaint(&format!("{GOOD}{line}\n"));
            assert!(
                e.starts_with("t.toml:4: ") && e.contains(want),
                "{line}: {e}"
            );
            assert!(!e.contains("hunter2"));
        }
        assert!(complaint("host = \"h\"\ncaller_ids = [\"1\"]").contains("`name` is missing"));
        assert!(
            complaint("name = \"a\"\nhost = \"sip:h\"\ncaller_ids = [\"1\"]")
                .contains("without sip:")
        );
        assert!(complaint("name = \"a\"\nhost = \"h\"\ncaller_ids = []").contains("may show"));
    }

    #[test]
    fn the_password_comes_from_a_file_beside_and_is_never_printed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("pw"), "s3cr3t-word\n").unwrap();
        let file = dir.path().join("t.toml");
        std::fs::write(
            &file,
            format!("{GOOD}username = \"u\"\npassword_file = \"pw\"\n"),
        )
        .unwrap();
        let t = Trunk::load(&file).unwrap();
        assert_eq!(t.password.as_ref().map(Secret::reveal), Some("s3cr3t-word"));
        assert!(!format!("{t:?}").contains("s3cr3t"));
        std::fs::remove_file(dir.path().join("pw")).unwrap();
        let e = Trunk::load(&file).unwrap_err().to_string();
        assert!(e.contains("t.toml:5") && e.contains("pw"), "{e}");
    }
}
