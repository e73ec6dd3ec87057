//! Rehearsals that are going on.

use crate::dialogue::rehearse::Rehearsal;
use crate::dialogue::{Dialplan, Lead};
use crate::store::TenantId;
use crate::web::dialplans::library::lock;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// A rehearsal ends after so long without a word, ms.
const IDLE_MS: i64 = 15 * 60_000;
/// Rehearsals at once; the one that was silent longest makes room.
const MOST: usize = 200;
const MOST_OF_ONE_TENANT: usize = 40;

/// One conversation.
#[derive(Clone)]
pub(super) struct Session {
    pub tenant: TenantId,
    pub plan: Arc<Dialplan>,
    /// Its recordings lie here.
    pub dir: PathBuf,
    pub lead: Lead,
    pub rehearsal: Arc<Mutex<Rehearsal>>,
    /// The last word.
    pub at_unix_ms: i64,
}

/// All of them.
#[derive(Default)]
pub struct Sessions(Mutex<BTreeMap<String, Session>>);

impl Sessions {
    /// The new session's id, which cannot be guessed, and those that ended for it or before it.
    pub(super) fn open(&self, session: Session, now_unix_ms: i64) -> (String, Vec<String>) {
        let id = format!("{:032x}", rand::random::<u128>());
        let mut all = lock(&self.0);
        let old = |s: &Session| now_unix_ms - s.at_unix_ms >= IDLE_MS;
        let mut gone: Vec<String> = all
            .extract_if(.., |_, s| old(s))
            .map(|(id, _)| id)
            .collect();
        let tenant = session.tenant;
        let own = all.values().filter(|s| s.tenant == tenant).count();
        if own >= MOST_OF_ONE_TENANT {
            gone.extend(drop_oldest(&mut all, |s| s.tenant == tenant));
        }
        if all.len() >= MOST {
            gone.extend(drop_oldest(&mut all, |_| true));
        }
        all.insert(id.clone(), session);
        (id, gone)
    }

    /// A tenant's session; it was spoken in now.
    pub(super) fn get(&self, id: &str, tenant: TenantId, now_unix_ms: i64) -> Option<Session> {
        let mut all = lock(&self.0);
        let fits = |s: &&mut Session| s.tenant == tenant && now_unix_ms - s.at_unix_ms < IDLE_MS;
        let session = all.get_mut(id).filter(fits)?;
        session.at_unix_ms = now_unix_ms;
        Some(session.clone())
    }

    pub(super) fn close(&self, id: &str) {
        lock(&self.0).remove(id);
    }
}

fn drop_oldest(
    all: &mut BTreeMap<String, Session>,
    fits: impl Fn(&Session) -> bool,
) -> Option<String> {
    let among = all.iter().filter(|(_, s)| fits(s));
    let oldest = among.min_by_key(|(_, s)| s.at_unix_ms);
    let oldest = oldest.map(|(id, _)| id.clone())?;
    all.remove(&oldest);
    Some(oldest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(tenant: i64, at: i64) -> Session {
        let text = "callsmith: 1\nname: a\nlang: en\ncompany: Acme\n\
            disclosure: Hello, this is Acme's automated assistant on a recorded line.\nstart: a\n\
            steps:\n  a: { say: Bye, hangup: { disposition: completed } }\n";
        static PLAN: std::sync::OnceLock<Arc<Dialplan>> = std::sync::OnceLock::new();
        let plan = PLAN.get_or_init(|| {
            Arc::new(Dialplan::parse(text, "a.yaml").unwrap_or_else(|e| panic!("{e:?}")))
        });
        Session {
            tenant: TenantId(tenant),
            plan: plan.clone(),
            dir: PathBuf::new(),
            lead: Lead::default(),
            rehearsal: Arc::new(Mutex::new(Rehearsal::new(plan.clone(), Lead::default()))),
            at_unix_ms: at,
        }
    }

    #[test]
    fn a_rehearsal_is_its_tenants_and_ends_when_nobody_speaks() {
        let all = Sessions::default();
        let (id, _) = all.open(session(1, 0), 0);
        assert!(all.get(&id, TenantId(2), 1).is_none());
        assert!(all.get(&id, TenantId(1), IDLE_MS - 1).is_some());
        assert!(all.get(&id, TenantId(1), 2 * IDLE_MS - 2).is_some());
        assert!(all.get(&id, TenantId(1), 3 * IDLE_MS).is_none());
    }

    #[test]
    fn one_tenant_cannot_fill_the_memory_or_push_others_out() {
        let all = Sessions::default();
        let (theirs, _) = all.open(session(2, 0), 0);
        let (first, _) = all.open(session(1, 1), 1);
        for i in 0..MOST_OF_ONE_TENANT as i64 {
            let (_, gone) = all.open(session(1, 2 + i), 2 + i);
            assert_eq!(gone.contains(&first), i + 1 == MOST_OF_ONE_TENANT as i64);
        }
        assert!(all.get(&first, TenantId(1), 50).is_none());
        assert!(all.get(&theirs, TenantId(2), 50).is_some());
        assert_eq!(lock(&all.0).len(), MOST_OF_ONE_TENANT + 1);
    }
}
