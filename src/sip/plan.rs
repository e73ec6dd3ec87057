//! From an [`Invite`] to what goes on the wire: Request-URI, address, identity, credentials.

use super::SipError;
use super::book::CredentialBinding;
use super::endpoint::Shared;
use super::invite::{Invite, Target};
use super::trunk::{Transport, Trunk};
use crate::terms::{CauseKind, EndedBy, HangupCause};
use rsipstack::dialog::authenticate::Credential;
use rsipstack::sip::typed::{CSeq, Contact, From as FromHeader, To, Via};
use rsipstack::sip::uri::ParamsExt;
use rsipstack::sip::{
    Auth, Domain, Header, Host, HostWithPort, Method, Param, Port, Request, Scheme,
    Transport as Wire, Uri, Version,
};
use rsipstack::transport::SipAddr;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

/// What we answer and send; everything else gets 405.
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK";

/// How long a TCP connection may take to open.
const CONNECT_LIMIT: Duration = Duration::from_secs(8);

/// Session timer wishes, seconds.
#[derive(Copy, Clone, Debug)]
pub(super) struct SessionWish {
    /// 0 is off.
    pub expires: u32,
    pub min: u32,
}

/// Everything about a call that does not change while it lives.
#[derive(Clone)]
pub(super) struct Plan {
    pub uri: Uri,
    pub to: SipAddr,
    pub from: Uri,
    pub display_name: Option<String>,
    pub contact: Uri,
    pub local_tag: String,
    pub credential: Option<Credential>,
    pub binding: Option<CredentialBinding>,
    pub session: SessionWish,
    /// Who is at the far end, for the cause of the end.
    pub far: EndedBy,
    /// For messages: the trunk's name or the phone's URI.
    pub whom: String,
}

/// Works out a plan; resolves names and opens the TCP connection, so that what cannot be reached fails here.
pub(super) async fn plan(shared: &Shared, invite: &Invite) -> Result<Plan, HangupCause> {
    match &invite.target {
        Target::Trunk { trunk, number } => {
            trunk
                .check_caller_id(&invite.caller_id)
                .map_err(|e| refused(CauseKind::TrunkError, &e))?;
            let user = trunk
                .dial_string(number)
                .map_err(|e| refused(CauseKind::InvalidNumber, &e))?;
            let to = reach(shared, &trunk_addr(trunk))
                .await
                .map_err(|e| unreachable(EndedBy::Trunk, &e))?;
            let peer = peer_of(&to).map_err(|e| unreachable(EndedBy::Trunk, &e))?;
            shared.book.trust(peer.ip());
            let here = shared
                .facing(peer, trunk.public_address)
                .map_err(|e| unreachable(EndedBy::Trunk, &e))?;
            let at = host_of(trunk);
            let credential =
                trunk
                    .username
                    .as_ref()
                    .zip(trunk.password.as_ref())
                    .map(|(user, password)| Credential {
                        username: user.clone(),
                        password: password.reveal().to_string(),
                        realm: None,
                        auth_username: None,
                    });
            Ok(Plan {
                uri: uri(Some(&user), at.clone(), trunk.transport),
                from: uri(
                    Some(&invite.caller_id),
                    HostWithPort { port: None, ..at },
                    Transport::Udp,
                ),
                display_name: display_name(invite),
                contact: uri(Some(&invite.caller_id), here.into(), trunk.transport),
                local_tag: tag(),
                binding: credential.as_ref().map(|_| CredentialBinding {
                    trunk: trunk.name.clone(),
                    realm: trunk.realm.clone(),
                    peer: peer.ip(),
                }),
                credential,
                session: SessionWish {
                    expires: trunk.session_expires_s,
                    min: trunk.min_session_expires,
                },
                far: EndedBy::Callee,
                whom: format!("trunk {}", trunk.name),
                to,
            })
        }
        Target::Uri(text) => {
            let target = phone_uri(text).map_err(|e| refused(CauseKind::InvalidNumber, &e))?;
            let transport = match target.transport() {
                Some(Wire::Tcp) => Transport::Tcp,
                _ => Transport::Udp,
            };
            let to = reach(shared, &addr_of(&target))
                .await
                .map_err(|e| unreachable(EndedBy::Agent, &e))?;
            let peer = peer_of(&to).map_err(|e| unreachable(EndedBy::Agent, &e))?;
            let here = shared
                .facing(peer, None)
                .map_err(|e| unreachable(EndedBy::Agent, &e))?;
            Ok(Plan {
                uri: target,
                from: uri(
                    Some(&invite.caller_id),
                    HostWithPort {
                        port: None,
                        ..here.into()
                    },
                    Transport::Udp,
                ),
                display_name: display_name(invite),
                contact: uri(Some(&invite.caller_id), here.into(), transport),
                local_tag: tag(),
                credential: None,
                binding: None,
                session: SessionWish {
                    expires: 1800,
                    min: 90,
                },
                far: EndedBy::Agent,
                whom: text.clone(),
                to,
            })
        }
    }
}

impl Plan {
    /// The INVITE, without its offer's length (the stack adds it).
    pub(super) fn invite(
        &self,
        shared: &Shared,
        call_id: &str,
        cseq: u32,
        session: SessionWish,
        offer: &[u8],
    ) -> Result<Request, SipError> {
        let from = FromHeader {
            display_name: self.display_name.clone(),
            uri: self.from.clone(),
            params: vec![],
        }
        .with_tag(self.local_tag.as_str().into());
        let mut headers: Vec<Header> = vec![
            Header::Via(self.via(shared)?.into()),
            Header::From(from.into()),
            Header::To(To::from(self.uri.clone()).into()),
            Header::CallId(call_id.into()),
            Header::CSeq(
                CSeq {
                    seq: cseq,
                    method: Method::Invite,
                }
                .into(),
            ),
            Header::MaxForwards(70.into()),
            Contact::from(self.contact.clone()).into(),
            Header::UserAgent(shared.stack.user_agent.clone().into()),
            Header::Allow(ALLOW.into()),
            Header::Supported("100rel, timer".into()),
        ];
        if session.expires > 0 {
            headers.extend(session_headers(session));
        }
        headers.push(Header::ContentType("application/sdp".into()));
        Ok(Request {
            method: Method::Invite,
            uri: self.uri.clone(),
            headers: headers.into(),
            body: offer.to_vec(),
            version: Version::V2,
        })
    }

    fn via(&self, shared: &Shared) -> Result<Via, SipError> {
        via(shared, &self.to)
    }
}

/// Session-Expires with us as the refresher: when we die nobody refreshes, and the far end hangs up.
pub(super) fn session_headers(session: SessionWish) -> [Header; 2] {
    [
        Header::SessionExpires(format!("{};refresher=uac", session.expires).into()),
        Header::MinSE(session.min.to_string().into()),
    ]
}

/// A Via for a request to `to`, naming our listener of its transport.
pub(super) fn via(shared: &Shared, to: &SipAddr) -> Result<Via, SipError> {
    let listens = shared.stack.transport_layer.get_listen_addrs();
    let addr = listens
        .iter()
        .find(|a| a.r#type == to.r#type)
        .or(listens.first())
        .cloned()
        .map(|a| SipAddr {
            r#type: to.r#type,
            ..a
        });
    Ok(shared.stack.get_via(addr, None)?)
}

pub(super) fn tag() -> String {
    rsipstack::transaction::random_text(12)
}

pub(super) fn trunk_addr(trunk: &Trunk) -> SipAddr {
    SipAddr {
        r#type: Some(wire(trunk.transport)),
        addr: host_of(trunk),
    }
}

pub(super) fn trunk_uri(trunk: &Trunk) -> Uri {
    uri(None, host_of(trunk), trunk.transport)
}

fn host_of(trunk: &Trunk) -> HostWithPort {
    HostWithPort {
        host: match trunk.host.parse::<IpAddr>() {
            Ok(ip) => Host::IpAddr(ip),
            Err(_) => Host::Domain(Domain(trunk.host.clone())),
        },
        port: trunk.port.map(Port),
    }
}

fn wire(transport: Transport) -> Wire {
    match transport {
        Transport::Udp => Wire::Udp,
        Transport::Tcp => Wire::Tcp,
    }
}

pub(super) fn uri(user: Option<&str>, at: HostWithPort, transport: Transport) -> Uri {
    Uri {
        scheme: Some(Scheme::Sip),
        auth: user.map(|user| Auth {
            user: user.to_string(),
            password: None,
        }),
        host_with_port: at,
        params: match transport {
            Transport::Udp => vec![],
            Transport::Tcp => vec![Param::Transport(Wire::Tcp)],
        },
        headers: vec![],
    }
}

/// An agent's phone. Only what this endpoint can ring passes: sip:, UDP or TCP, a user and a host.
fn phone_uri(text: &str) -> Result<Uri, SipError> {
    let bad = |why: &str| SipError::Uri {
        uri: text.to_string(),
        why: why.to_string(),
    };
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(bad("it holds spaces or control characters"));
    }
    let uri = Uri::try_from(text).map_err(|_| bad("write it like sip:101@192.168.1.20:5060"))?;
    match &uri.scheme {
        Some(Scheme::Sip) => {}
        Some(Scheme::Sips) => return Err(bad("sips: (TLS) is not supported; use sip:")),
        _ => return Err(bad("it must begin with sip:")),
    }
    if !matches!(uri.transport(), None | Some(Wire::Udp | Wire::Tcp)) {
        return Err(bad("only transport=udp and transport=tcp are supported"));
    }
    if uri.user().is_none_or(str::is_empty) || uri.host_with_port.host.to_string().is_empty() {
        return Err(bad("write it like sip:101@192.168.1.20:5060"));
    }
    if !uri.headers.is_empty() {
        return Err(bad("it must not carry headers after a question mark"));
    }
    Ok(uri)
}

/// Where an agent's phone is.
pub(super) fn phone_addr(text: &str) -> Result<SipAddr, SipError> {
    phone_uri(text).map(|uri| addr_of(&uri))
}

fn addr_of(phone: &Uri) -> SipAddr {
    SipAddr {
        r#type: Some(phone.transport().copied().unwrap_or(Wire::Udp)),
        addr: phone.host_with_port.clone(),
    }
}

/// The address behind a name.
pub(super) async fn resolve(shared: &Shared, addr: &SipAddr) -> Result<SipAddr, SipError> {
    let failed = |why: String| SipError::Unreachable {
        host: addr.addr.to_string(),
        why,
    };
    let mut to = if matches!(addr.addr.host, Host::Domain(_)) {
        let resolver = &shared.stack.transport_layer.inner.domain_resolver;
        let mut found = tokio::time::timeout(CONNECT_LIMIT, resolver.resolve(addr))
            .await
            .map_err(|_| failed("its name server does not answer".into()))?
            .map_err(|e| failed(e.to_string()))?;
        found.r#type = addr.r#type;
        found
    } else {
        addr.clone()
    };
    if to.addr.port.is_none() {
        to.addr.port = Some(Port(5060));
    }
    Ok(to)
}

/// [`resolve`], with the TCP connection open where it is TCP.
pub(super) async fn reach(shared: &Shared, addr: &SipAddr) -> Result<SipAddr, SipError> {
    let to = resolve(shared, addr).await?;
    if to.r#type == Some(Wire::Tcp) {
        let failed = |why: String| SipError::Unreachable {
            host: addr.addr.to_string(),
            why,
        };
        tokio::time::timeout(
            CONNECT_LIMIT,
            shared.stack.transport_layer.lookup(&to, None),
        )
        .await
        .map_err(|_| {
            failed(format!(
                "no TCP connection within {} s",
                CONNECT_LIMIT.as_secs()
            ))
        })?
        .map_err(|e| failed(e.to_string()))?;
    }
    Ok(to)
}

pub(super) fn peer_of(to: &SipAddr) -> Result<SocketAddr, SipError> {
    to.get_socketaddr().map_err(SipError::from)
}

/// The address of ours that packets to `peer` leave from.
pub(super) fn source_towards(peer: SocketAddr) -> std::io::Result<IpAddr> {
    let any: SocketAddr = if peer.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0u16; 8], 0).into()
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(peer)?;
    Ok(socket.local_addr()?.ip())
}

fn display_name(invite: &Invite) -> Option<String> {
    let name: String = invite
        .display_name
        .as_deref()?
        .chars()
        .filter(|c| !c.is_control() && *c != '"' && *c != '\\')
        .take(64)
        .collect();
    (!name.trim().is_empty()).then_some(name)
}

fn refused(kind: CauseKind, e: &SipError) -> HangupCause {
    HangupCause::new(kind, EndedBy::Us, e.to_string())
}

fn unreachable(by: EndedBy, e: &SipError) -> HangupCause {
    HangupCause::new(CauseKind::NoResponse, by, e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_phone_that_can_be_rung_passes() {
        assert!(phone_uri("sip:101@127.0.0.1:5080").is_ok());
        assert!(phone_uri("sip:101@desk.example;transport=tcp").is_ok());
        for bad in [
            "",
            "101",
            "sips:101@127.0.0.1",
            "tel:+861380",
            "sip:127.0.0.1",
            "sip:101@h;transport=tls",
            "sip:101@h?Replaces=x",
            "sip:1 1@h",
            "sip:101@h\r\nX: y",
        ] {
            assert!(phone_uri(bad).is_err(), "{bad:?}");
        }
    }
}
