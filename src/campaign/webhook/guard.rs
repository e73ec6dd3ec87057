//! Where a webhook may go: to the public internet by https, and to what the operator allows by name; never into this
//! machine or the networks behind it.
//!
//! Asked twice: when a webhook is saved and each time before a message is sent, then with the addresses its name has at
//! that moment. Special ranges after the IANA registries (RFC 6890 and its updates).
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The longest address of a webhook, in bytes.
const LONGEST: usize = 2048;
/// Ports that need no permission.
const PORTS: [u16; 2] = [443, 8443];

/// Why a webhook may not go there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    #[error("{0}; write it as https://host/path")]
    Form(String),
    #[error(
        "only https is allowed; for a receiver in your own network ask the operator to allow its host"
    )]
    Scheme,
    #[error("a name or password in the address is not allowed; the signature tells who we are")]
    UserInfo,
    #[error(
        "port {0} is not allowed; use 443 or 8443, or ask the operator to allow the host with this port"
    )]
    Port(u16),
    #[error("write the host as four decimal numbers: {0}")]
    Spelling(Ipv4Addr),
    #[error("{0} lies in a network that webhooks may not reach ({1})")]
    Address(IpAddr, &'static str),
    #[error("the name has no address")]
    NoAddress,
}

/// An address that passed the first half of the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// In small letters; a literal address without brackets.
    pub host: String,
    pub port: u16,
    /// The operator allows this host and port whatever it is.
    allowed: bool,
}

impl Place {
    /// The address when the host is one and no name.
    #[must_use]
    pub fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// The rules, with the operator's allow-list. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    allowed: Vec<(String, Option<u16>)>,
}

impl Guard {
    /// `allowed` names hosts as `crm.lan`, `10.0.0.7:8080` or `[fd00::7]:8080`; one without a port allows all ports. To an
    /// allowed host http is good enough and its address may be private.
    #[must_use]
    pub fn new<S: AsRef<str>>(allowed: &[S]) -> Guard {
        let entry = |text: &S| {
            let text = text.as_ref().trim().to_ascii_lowercase();
            let (host, port) = match text.rsplit_once(':') {
                Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                    match port.parse() {
                        Ok(port) => (host.to_string(), Some(port)),
                        Err(_) => (text.clone(), None),
                    }
                }
                _ => (text.clone(), None),
            };
            let host = host.trim_start_matches('[').trim_end_matches(']');
            (host.to_string(), port)
        };
        Guard {
            allowed: allowed
                .iter()
                .map(entry)
                .filter(|e| !e.0.is_empty())
                .collect(),
        }
    }

    /// Reads an address and checks all that can be checked without asking for the name.
    ///
    /// # Errors
    /// Why it is not allowed.
    pub fn place(&self, url: &str) -> Result<Place, Forbidden> {
        let form = |why: &str| Forbidden::Form(why.to_string());
        if url.len() > LONGEST {
            return Err(form("the address is too long"));
        }
        if url
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\' || !c.is_ascii())
        {
            return Err(form(
                "blanks, backslashes, control and non-ASCII characters do not belong into an address",
            ));
        }
        let (scheme, rest) = url.split_once("://").ok_or_else(|| form("no scheme"))?;
        let scheme = scheme.to_ascii_lowercase();
        let default = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(Forbidden::Scheme),
        };
        if url.contains('#') {
            return Err(form("a fragment is not sent anywhere"));
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(Forbidden::UserInfo);
        }
        let (host, port) = host_and_port(authority, default)?;
        let place = Place {
            allowed: self
                .allowed
                .iter()
                .any(|(h, p)| *h == host && p.is_none_or(|p| p == port)),
            host,
            port,
        };
        if place.allowed {
            return Ok(place);
        }
        if scheme != "https" {
            return Err(Forbidden::Scheme);
        }
        if !PORTS.contains(&port) {
            return Err(Forbidden::Port(port));
        }
        if let Some(ip) = place.literal() {
            check(ip)?;
        }
        Ok(place)
    }

    /// Checks what a name turned out to be: one bad address among good ones forbids them all.
    ///
    /// # Errors
    /// Why it is not allowed.
    pub fn addresses(&self, place: &Place, addresses: &[SocketAddr]) -> Result<(), Forbidden> {
        if addresses.is_empty() {
            return Err(Forbidden::NoAddress);
        }
        if place.allowed {
            return Ok(());
        }
        addresses.iter().try_for_each(|a| check(a.ip()))
    }
}

fn host_and_port(authority: &str, default: u16) -> Result<(String, u16), Forbidden> {
    let form = |why: String| Forbidden::Form(why);
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (inside, after) = rest
            .split_once(']')
            .ok_or_else(|| form("the bracket is not closed".into()))?;
        let ip: Ipv6Addr = inside
            .parse()
            .map_err(|_| form(format!("[{inside}] is no IPv6 address")))?;
        (ip.to_string(), after)
    } else {
        let end = authority.find(':').unwrap_or(authority.len());
        let (host, after) = authority.split_at(end);
        (name_or_ipv4(host)?, after)
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => default,
        Some(port) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => port
            .parse()
            .ok()
            .filter(|p| *p != 0)
            .ok_or_else(|| form(format!("{port} is no port")))?,
        _ => return Err(form(format!("{port:?} after the host is no port"))),
    };
    Ok((host, port))
}

fn name_or_ipv4(host: &str) -> Result<String, Forbidden> {
    let form = |why: String| Forbidden::Form(why);
    if host.is_empty() || host.len() > 253 {
        return Err(form("there is no host".into()));
    }
    let host = host.to_ascii_lowercase();
    let named = host.strip_suffix('.').unwrap_or(&host);
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if !named.split('.').all(label) {
        return Err(form(format!("{host:?} is no host name")));
    }
    let last = named.rsplit('.').next().unwrap_or_default();
    // Whatever ends in a number is an address to somebody (WHATWG URL, "ends in a number").
    if last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x") {
        let ip = loose_ipv4(named).ok_or_else(|| form(format!("{host:?} is no address")))?;
        check(IpAddr::V4(ip)).or_else(|e| {
            // The operator's list names addresses as they are usually written.
            if named == ip.to_string() {
                Ok(())
            } else {
                Err(e)
            }
        })?;
        if host != ip.to_string() {
            return Err(Forbidden::Spelling(ip));
        }
    }
    Ok(host)
}

/// An IPv4 address in any of the forms that `inet_aton` understands: one to four parts, decimal, octal or hexadecimal.
fn loose_ipv4(text: &str) -> Option<Ipv4Addr> {
    let number = |part: &str| -> Option<u64> {
        if let Some(hex) = part.strip_prefix("0x") {
            return if hex.is_empty() {
                Some(0)
            } else {
                u64::from_str_radix(hex, 16).ok()
            };
        }
        let octal = part.len() > 1 && part.starts_with('0');
        u64::from_str_radix(part, if octal { 8 } else { 10 }).ok()
    };
    let parts: Vec<u64> = text.split('.').map(number).collect::<Option<_>>()?;
    let (last, front) = parts.split_last()?;
    if parts.len() > 4 || front.iter().any(|p| *p > 255) {
        return None;
    }
    let room = 8 * (5 - parts.len() as u32);
    if *last >= 1_u64 << room {
        return None;
    }
    let mut bits = *last;
    for (i, part) in front.iter().enumerate() {
        bits |= part << (24 - 8 * i);
    }
    u32::try_from(bits).ok().map(Ipv4Addr::from)
}

/// Whether webhooks may reach this address.
///
/// # Errors
/// Which kind of address it is.
pub fn check(ip: IpAddr) -> Result<(), Forbidden> {
    let why = match ip {
        IpAddr::V4(v4) => v4_kind(v4),
        IpAddr::V6(v6) => v6_kind(v6),
    };
    why.map_or(Ok(()), |why| Err(Forbidden::Address(ip, why)))
}

fn v4_kind(ip: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = ip.octets();
    Some(match (a, b, c) {
        (0, ..) => "this network",
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => "private",
        (100, 64..=127, _) => "carrier-grade NAT, cloud metadata",
        (127, ..) => "loopback",
        (169, 254, _) => "link-local, cloud metadata",
        (192, 0, 0) | (192, 88, 99) => "reserved",
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => "documentation",
        (198, 18..=19, _) => "benchmarking",
        (168, 63, 129) => "cloud metadata",
        (224..=239, ..) => "multicast",
        (240.., ..) => "reserved",
        _ => return None,
    })
}

fn v6_kind(ip: Ipv6Addr) -> Option<&'static str> {
    let s = ip.segments();
    let v4 = |hi: u16, lo: u16| Ipv4Addr::from((u32::from(hi) << 16) | u32::from(lo));
    if let Some(inner) = ip.to_ipv4_mapped() {
        return v4_kind(inner).or(Some("IPv4 in IPv6"));
    }
    Some(match s {
        [0, 0, 0, 0, 0, 0, 0, 0] => "this network",
        [0, 0, 0, 0, 0, 0, 0, 1] => "loopback",
        [0, 0, 0, 0, 0, 0, hi, lo] => return v4_kind(v4(hi, lo)).or(Some("IPv4 in IPv6")),
        // NAT64, 6to4 and Teredo lead to IPv4 addresses; no receiver needs them.
        [0x64, 0xff9b, ..] => "NAT64",
        [0x2002, ..] => "6to4",
        [0x2001, 0, ..] => "Teredo",
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => "documentation",
        [0x2001, 0x10..=0x2f, ..] | [0x2001, 2, 0, ..] => "reserved",
        [0x2001, b, ..] if b < 0x200 => "reserved",
        [0xfc00..=0xfdff, ..] => "private",
        [0xfe80..=0xfebf, ..] => "link-local",
        [0xfec0..=0xfeff, ..] => "site-local",
        [0xff00..=0xffff, ..] => "multicast",
        // Global unicast addresses are 2000::/3 only.
        [a, ..] if a & 0xe000 != 0x2000 => "reserved",
        _ => return None,
    })
}
