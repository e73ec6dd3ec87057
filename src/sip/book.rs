//! What the whole endpoint knows: live dialogs by Call-ID, trusted peers, realms, counters.

use super::trace::{Direction, Ring, TraceSink};
use rsipstack::platform::sync::Mutex;
use rsipstack::sip::{HeadersExt, SipMessage};
use rsipstack::transaction::endpoint::EndpointInner;
use rsipstack::transaction::transaction::Transaction;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, Weak};
use tokio::sync::mpsc;

/// Whose challenges a dialog may answer.
#[derive(Clone, Debug)]
pub(super) struct CredentialBinding {
    pub trunk: String,
    pub realm: Option<String>,
    /// The trunk's own address.
    pub peer: IpAddr,
}

/// One live dialog.
pub(super) struct Entry {
    pub local_tag: String,
    pub requests: mpsc::UnboundedSender<Transaction>,
    pub binding: Option<CredentialBinding>,
    /// Challenges answered since the last success.
    pub tries: u8,
    pub answered: bool,
    /// Reason header value for the CANCEL, or for the BYE after a crossing 200.
    pub reason: Option<String>,
    /// What went over the wire, when anybody wants it.
    pub trace: Ring,
}

#[derive(Default)]
pub(super) struct Book {
    dialogs: Mutex<HashMap<String, Entry>>,
    peers: Mutex<HashSet<IpAddr>>,
    /// Realm of each trunk that names none, fixed by its first challenge.
    realms: Mutex<HashMap<String, String>>,
    ignored: AtomicU64,
    tracer: Option<TraceSink>,
    pub stack: OnceLock<Weak<EndpointInner>>,
}

impl Book {
    pub(super) fn traced(tracer: Option<TraceSink>) -> Book {
        Book {
            tracer,
            ..Book::default()
        }
    }

    /// Adds a dialog; the Call-ID gets a suffix when another dialog holds it already. Returns the Call-ID used.
    pub(super) fn open(&self, wanted: &str, at: &str, entry: Entry) -> String {
        let mut dialogs = self.dialogs.lock();
        let mut id = format!("{wanted}@{at}");
        let mut n = 1;
        while dialogs.contains_key(&id) {
            n += 1;
            id = format!("{wanted}-{n}@{at}");
        }
        dialogs.insert(id.clone(), entry);
        id
    }

    pub(super) fn close(&self, call_id: &str) {
        self.dialogs.lock().remove(call_id);
    }

    pub(super) fn with<R>(&self, call_id: &str, f: impl FnOnce(&mut Entry) -> R) -> Option<R> {
        self.dialogs.lock().get_mut(call_id).map(f)
    }

    /// Notes a message of a dialog.
    pub(super) fn trace(&self, direction: Direction, msg: &SipMessage) {
        if self.tracer.is_none() {
            return;
        }
        if let Ok(call_id) = msg.call_id_header() {
            self.with(call_id.value(), |e| e.trace.push(direction, msg));
        }
    }

    /// The dialog is over: its messages go to whoever wants them.
    pub(super) fn end_trace(&self, call_id: &str) {
        if let Some(tracer) = &self.tracer
            && let Some(ring) = self.with(call_id, |e| std::mem::take(&mut e.trace))
        {
            tracer.take(call_id, ring);
        }
    }

    pub(super) fn trust(&self, ip: IpAddr) {
        self.peers.lock().insert(ip);
    }

    pub(super) fn trusts(&self, ip: IpAddr) -> bool {
        self.peers.lock().contains(&ip)
    }

    pub(super) fn ignore(&self) {
        self.ignored.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn ignored(&self) -> u64 {
        self.ignored.load(Ordering::Relaxed)
    }

    /// True when `realm` is the one this binding may answer.
    pub(super) fn realm_fits(&self, binding: &CredentialBinding, realm: &str) -> bool {
        match &binding.realm {
            Some(own) => own == realm,
            None => {
                let mut realms = self.realms.lock();
                realms
                    .entry(binding.trunk.clone())
                    .or_insert_with(|| realm.to_string())
                    == realm
            }
        }
    }

    /// True when the message belongs to a live dialog of ours, by Call-ID and our tag.
    pub(super) fn owns(&self, msg: &SipMessage) -> bool {
        let Ok(call_id) = msg.call_id_header() else {
            return false;
        };
        let tag = match msg {
            SipMessage::Request(r) => r.to_header().ok().and_then(|h| h.tag().ok().flatten()),
            SipMessage::Response(r) => r.from_header().ok().and_then(|h| h.tag().ok().flatten()),
        };
        tag.is_some_and(|tag| {
            self.with(call_id.value(), |e| e.local_tag == tag.value())
                .unwrap_or(false)
        })
    }
}
