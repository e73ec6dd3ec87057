//! The HTTP client of outgoing webhooks: it connects to the addresses that were checked and to no others.

use crate::campaign::webhook::{Later, Post, Reply, Request};
use std::io::Read;
use std::net::SocketAddr;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(5);
/// From the first byte out to the last byte in.
const IN_ALL: Duration = Duration::from_secs(10);
/// What is read of an answer.
const MOST: u64 = 64 * 1024;
/// What is kept of it, in characters.
const NOTE: usize = 200;

/// One client for all webhooks; each request has a connection of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebhookHttp;

impl Post for WebhookHttp {
    fn resolve(&self, host: &str, port: u16) -> Later<Vec<SocketAddr>> {
        let name = (host.to_string(), port);
        Box::pin(async move {
            let look_up = tokio::net::lookup_host(name);
            match tokio::time::timeout(CONNECT, look_up).await {
                Ok(Ok(found)) => Ok(found.collect()),
                Ok(Err(e)) => Err(format!("the name is not found: {e}")),
                Err(_) => Err("the name is not found in time".into()),
            }
        })
    }

    fn post(&self, request: Request) -> Later<Reply> {
        Box::pin(async move {
            let sent = tokio::task::spawn_blocking(move || send(&request));
            // Reading byte by byte may outlast the client's own limit; the thread ends by that.
            match tokio::time::timeout(IN_ALL + CONNECT, sent).await {
                Ok(Ok(reply)) => reply,
                Ok(Err(e)) => Err(format!("the request broke off: {e}")),
                Err(_) => Err("no answer in time".into()),
            }
        })
    }
}

fn send(request: &Request) -> Result<Reply, String> {
    let pinned = request.addresses.clone();
    let agent = ureq::AgentBuilder::new()
        // Whatever name the client reads out of the address, these are the machines it gets.
        .resolver(move |_: &str| Ok(pinned.clone()))
        // A proxy would resolve the name again.
        .try_proxy_from_env(false)
        .redirects(0)
        .timeout_connect(CONNECT)
        .timeout(IN_ALL)
        .max_idle_connections(0)
        .build();
    let mut post = agent.post(&request.url);
    for (name, value) in &request.headers {
        post = post.set(name, value);
    }
    let response = match post.send_string(&request.body) {
        Ok(response) | Err(ureq::Error::Status(_, response)) => response,
        Err(ureq::Error::Transport(t)) => {
            let more = t.message().map(|m| format!(": {m}")).unwrap_or_default();
            return Err(format!("{}{more}", t.kind()));
        }
    };
    let status = response.status();
    let mut body = Vec::new();
    // The status is the answer; a body that trickles or breaks off changes nothing.
    let _ = response.into_reader().take(MOST).read_to_end(&mut body);
    let note = String::from_utf8_lossy(&body).chars().take(NOTE).collect();
    Ok(Reply { status, note })
}
