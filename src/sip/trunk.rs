//! A trunk: the carrier account we dial through, read from a TOML file.

use super::number::{NumberFormat, dial_string};
use super::{SipError, trunk_file};
use crate::terms::Phone;
use std::net::IpAddr;
use std::path::Path;

/// How the trunk is reached.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    #[default]
    Udp,
    Tcp,
}

/// One carrier account.
///
/// ```toml
/// name = "carrier-a"
/// host = "sip.carrier.example"       # or host:port
/// transport = "udp"                  # or "tcp"
/// username = "8001"
/// password_file = "carrier-a.secret" # or password_env = "CARRIER_A_PASSWORD"
/// caller_ids = ["02066668888"]
/// calls_per_second = 5
/// channels = 10
/// number_format = "national"         # "e164", "national" or "plain"
/// country = "CN"
/// ```
#[derive(Clone, Debug)]
pub struct Trunk {
    pub name: String,
    /// A name or an IP address, without port.
    pub host: String,
    /// 5060 unless `host` names one; `None` lets DNS SRV choose for a name.
    pub port: Option<u16>,
    pub transport: Transport,
    pub username: Option<String>,
    pub(super) password: Option<Secret>,
    /// The only realm the password is used for; `None` fixes the first realm that the trunk's own peer names.
    pub realm: Option<String>,
    /// Caller ids that this trunk may show; never empty.
    pub caller_ids: Vec<String>,
    pub calls_per_second: f64,
    pub channels: u32,
    pub number_format: NumberFormat,
    /// Country of numbers without a country code and of [`NumberFormat::National`].
    pub country: phonenumber::country::Id,
    /// Removed from the front of the formatted number when it is there.
    pub strip: String,
    /// Put in front after `strip`.
    pub prefix: String,
    /// Seconds between OPTIONS health checks; 0 is off.
    pub options_ping_s: u32,
    /// Session-Expires that we offer, seconds (RFC 4028); 0 offers none.
    pub session_expires_s: u32,
    /// The shortest session interval we accept, seconds.
    pub min_session_expires: u32,
    /// Our address as the trunk sees it, for Contact and SDP behind NAT.
    pub public_address: Option<IpAddr>,
}

impl Trunk {
    /// Reads a trunk file. `password_file` is looked up beside it.
    ///
    /// # Errors
    /// [`SipError::TrunkFile`] or [`SipError::TrunkLine`], with what to do.
    pub fn load(path: &Path) -> Result<Trunk, SipError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| SipError::TrunkFile {
            file: file.clone(),
            why: match e.kind() {
                std::io::ErrorKind::InvalidData => "it is not UTF-8; save it as UTF-8".into(),
                std::io::ErrorKind::NotFound => {
                    "there is no such file; give the trunk's TOML file".into()
                }
                _ => e.to_string(),
            },
        })?;
        Trunk::parse(&text, &file)
    }

    /// Reads a trunk from TOML text. `file_name` is for the errors and for finding `password_file`.
    ///
    /// # Errors
    /// [`SipError::TrunkLine`], with what to do.
    pub fn parse(text: &str, file_name: &str) -> Result<Trunk, SipError> {
        trunk_file::parse(text, file_name)
    }

    /// # Errors
    /// [`SipError::CallerId`] when the trunk may not show this caller id.
    pub fn check_caller_id(&self, caller_id: &str) -> Result<(), SipError> {
        if self.caller_ids.iter().any(|c| c == caller_id) {
            return Ok(());
        }
        Err(SipError::CallerId {
            trunk: self.name.clone(),
            caller_id: caller_id.to_string(),
        })
    }

    /// The number as it goes into the Request-URI.
    ///
    /// # Errors
    /// [`SipError::Number`] when it is not a phone number.
    pub fn dial_string(&self, number: &Phone) -> Result<String, SipError> {
        dial_string(
            number,
            self.number_format,
            self.country,
            &self.strip,
            &self.prefix,
        )
        .map_err(|why| SipError::Number {
            number: number.to_string(),
            why,
        })
    }
}

/// Text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn new(text: String) -> Self {
        Secret(text)
    }

    /// Only for the digest.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
