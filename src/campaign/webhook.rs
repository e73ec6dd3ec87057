//! Sends what the store's outbox holds to the webhooks: signed, at least once, each call's messages in their order.
//!
//! The message that is sent is the one that was written with the outcome, byte for byte. A slow or dead receiver holds up
//! its own messages only. [`Post`] is the HTTP client behind it; where a message may go is decided here ([`guard`]).

pub mod guard;
pub mod sign;
#[cfg(test)]
mod tests;

use crate::store::{DueDelivery, Store, StoreError, Tried};
use crate::terms::Clock;
use guard::Guard;
use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long to wait after each failed try, ms; after the last one the message is given up (and kept).
pub const LADDER_MS: [i64; 7] = [
    5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 86_400_000,
];
/// Messages on their way to one webhook, and to all of them.
const PER_HOOK: usize = 4;
const AT_ONCE: usize = 32;
/// How often the outbox is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After the database failed.
const REST: Duration = Duration::from_secs(5);
/// Delivered messages are kept this long, to be sent again on request.
const KEEP_MS: i64 = 30 * 86_400_000;
const TRIM_EVERY_MS: i64 = 3_600_000;
/// More waiting messages than this are worth an alarm.
const MANY: u64 = 10_000;

/// One request, ready to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    /// The only addresses to connect to, all checked; the name must not be resolved again.
    pub addresses: Vec<SocketAddr>,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// The beginning of the body, for people.
    pub note: String,
}

pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;

/// An HTTP client that follows no redirects, uses no proxy, connects within 5 s, waits 10 s in all and reads at most
/// 64 KB of an answer.
pub trait Post: Send + Sync {
    /// The addresses behind a name, all of them, asked for once.
    fn resolve(&self, host: &str, port: u16) -> Later<Vec<SocketAddr>>;
    /// Sends to one of `request.addresses`.
    fn post(&self, request: Request) -> Later<Reply>;
}

/// The sender. One per data folder.
pub struct Sender {
    store: Store,
    clock: Clock,
    guard: Guard,
    post: Arc<dyn Post>,
}

impl Sender {
    #[must_use]
    pub fn new(store: Store, clock: Clock, guard: Guard, post: Arc<dyn Post>) -> Sender {
        Sender {
            store,
            clock,
            guard,
            post,
        }
    }

    /// Sends until `stop`; what is on its way then is sent again by the next start unless it arrived.
    pub async fn run(self, stop: CancellationToken) {
        let mut tries = JoinSet::new();
        let mut under_way = BTreeMap::new();
        let mut trimmed = 0;
        loop {
            let wait = match self.look(&mut tries, &mut under_way).await {
                Ok(()) => LOOK_EVERY,
                Err(e) => {
                    tracing::warn!(error = %e, "the outbox cannot be read");
                    REST
                }
            };
            self.trim(&mut trimmed).await;
            tokio::select! {
                () = stop.cancelled() => return,
                Some(done) = tries.join_next() => { self.settle(done, &mut under_way).await; }
                () = tokio::time::sleep(wait) => {}
            }
            while let Some(done) = tries.try_join_next() {
                self.settle(done, &mut under_way).await;
            }
        }
    }

    /// Sends everything that is due now, and what becomes due by that, to its end. Returns the number of tries.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn send_due(&self) -> Result<u64, StoreError> {
        let mut tries = JoinSet::new();
        let mut under_way = BTreeMap::new();
        let mut count = 0;
        loop {
            self.look(&mut tries, &mut under_way).await?;
            let Some(done) = tries.join_next().await else {
                return Ok(count);
            };
            if !self.settle(done, &mut under_way).await {
                return Ok(count);
            }
            count += 1;
        }
    }

    async fn look(
        &self,
        tries: &mut JoinSet<(DueDelivery, Tried)>,
        under_way: &mut BTreeMap<i64, i64>,
    ) -> Result<(), StoreError> {
        if under_way.len() >= AT_ONCE {
            return Ok(());
        }
        let now = self.clock.unix_ms();
        let due = self.store.deliveries_due(now, PER_HOOK, under_way).await?;
        for due in due.into_iter().take(AT_ONCE - under_way.len()) {
            under_way.insert(due.id, due.hook);
            let (clock, guard, post) = (self.clock.clone(), self.guard.clone(), self.post.clone());
            tries.spawn(async move {
                let tried = attempt(&due, &clock, &guard, post.as_ref()).await;
                (due, tried)
            });
        }
        Ok(())
    }

    /// False when the result could not be written down: the message stays due.
    async fn settle(
        &self,
        done: Result<(DueDelivery, Tried), tokio::task::JoinError>,
        under_way: &mut BTreeMap<i64, i64>,
    ) -> bool {
        let Ok((due, tried)) = done else {
            // A try that broke off leaves its message due.
            tracing::error!("a webhook delivery broke off");
            under_way.clear();
            return false;
        };
        under_way.remove(&due.id);
        match &tried {
            Tried::Done => tracing::debug!(hook = due.hook, message = %due.message, "delivered"),
            Tried::Again { error, .. } => {
                tracing::info!(hook = due.hook, message = %due.message, error, "not delivered yet");
            }
            Tried::Failed { error } | Tried::Gone { error } => {
                tracing::warn!(hook = due.hook, message = %due.message, error, "delivery given up");
            }
        }
        match self.store.delivery_tried(&due, &tried).await {
            Ok(()) => true,
            Err(e) => {
                tracing::warn!(error = %e, message = %due.message, "a delivery could not be written down and will come twice");
                false
            }
        }
    }

    async fn trim(&self, last: &mut i64) {
        let now = self.clock.unix_ms();
        if now - *last < TRIM_EVERY_MS {
            return;
        }
        *last = now;
        if let Err(e) = self.store.outbox_trim(now - KEEP_MS).await {
            tracing::warn!(error = %e, "old webhook messages cannot be removed");
        }
        match self.store.deliveries_waiting().await {
            Ok(n) if n > MANY => {
                tracing::error!(
                    waiting = n,
                    "webhook messages pile up; look at the webhooks' deliveries"
                );
            }
            _ => {}
        }
    }
}

/// One try, from the address check to the answer.
async fn attempt(due: &DueDelivery, clock: &Clock, guard: &Guard, post: &dyn Post) -> Tried {
    match send(due, clock, guard, post).await {
        Ok(reply) if (200..300).contains(&reply.status) => Tried::Done,
        Ok(reply) if reply.status == 410 => Tried::Gone {
            error: "the receiver answered 410: it wants no more messages".into(),
        },
        Ok(reply) => again(due, clock, unwanted(&reply)),
        Err(error) => again(due, clock, error),
    }
}

fn unwanted(reply: &Reply) -> String {
    if (300..400).contains(&reply.status) {
        return format!(
            "status {}: redirects are not followed; give the final address",
            reply.status
        );
    }
    let note: String = reply
        .note
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    format!("status {} {note}", reply.status).trim().to_string()
}

fn again(due: &DueDelivery, clock: &Clock, error: String) -> Tried {
    match LADDER_MS.get(due.attempts as usize) {
        Some(wait) => Tried::Again {
            at_unix_ms: clock.unix_ms() + wait,
            error,
        },
        None => Tried::Failed { error },
    }
}

async fn send(
    due: &DueDelivery,
    clock: &Clock,
    guard: &Guard,
    post: &dyn Post,
) -> Result<Reply, String> {
    let place = guard.place(&due.url).map_err(|e| e.to_string())?;
    let addresses = match place.literal() {
        Some(ip) => vec![SocketAddr::new(ip, place.port)],
        None => post.resolve(&place.host, place.port).await?,
    };
    guard
        .addresses(&place, &addresses)
        .map_err(|e| e.to_string())?;
    let at_s = clock.unix_ms() / 1000;
    let signature = sign::signatures(&due.secrets, &due.message, at_s, &due.body)?;
    let header = |name: &str, value: String| (name.to_string(), value);
    post.post(Request {
        url: due.url.clone(),
        addresses,
        headers: vec![
            header("content-type", "application/json".into()),
            header(
                "user-agent",
                concat!("callsmith/", env!("CARGO_PKG_VERSION")).into(),
            ),
            header("webhook-id", due.message.clone()),
            header("webhook-timestamp", at_s.to_string()),
            header("webhook-signature", signature),
        ],
        body: due.body.clone(),
    })
    .await
}
