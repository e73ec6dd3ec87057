//! Names to addresses, remembered for a while so that an INVITE, its ACK and its CANCEL go to the same machine.

use rsipstack::platform::sync::Mutex;
use rsipstack::transport::SipAddr;
use rsipstack::transport::transport_layer::{DefaultDomainResolver, DomainResolver};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::Instant;

/// Longer than an INVITE transaction with its CANCEL, shorter than an operator's patience after a DNS change.
const KEEP: Duration = Duration::from_secs(300);

#[derive(Default)]
pub(super) struct RememberingResolver {
    inner: DefaultDomainResolver,
    known: Mutex<HashMap<String, (Instant, SipAddr)>>,
}

impl DomainResolver for RememberingResolver {
    fn resolve<'life0, 'life1, 'async_trait>(
        &'life0 self,
        target: &'life1 SipAddr,
    ) -> Pin<Box<dyn Future<Output = rsipstack::Result<SipAddr>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let key = format!("{target} {:?}", target.r#type);
            let now = Instant::now();
            if let Some((at, addr)) = self.known.lock().get(&key)
                && now.duration_since(*at) < KEEP
            {
                return Ok(addr.clone());
            }
            let addr = self.inner.resolve_with_lookup(target).await?;
            let mut known = self.known.lock();
            known.retain(|_, (at, _)| now.duration_since(*at) < KEEP);
            known.insert(key, (now, addr.clone()));
            Ok(addr)
        })
    }
}
