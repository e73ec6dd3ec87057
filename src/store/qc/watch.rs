//! The watched words of all tenants in memory, to be asked for every line while it is said.

use super::Word;
use crate::store::words::{holds, words};
use crate::store::{Store, StoreError, TenantId};
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// Cheap to clone; all clones see a reload.
#[derive(Clone, Default)]
pub struct Watch(Arc<RwLock<BTreeMap<i64, Watched>>>);

/// A tenant's words, each with itself cut as texts are.
type Watched = Vec<(Vec<String>, Word)>;

impl Watch {
    /// Reads all tenants' words. Call it again when one was added or taken away.
    ///
    /// # Errors
    /// The database cannot be read; the words before stay.
    pub async fn reload(&self, store: &Store) -> Result<(), StoreError> {
        let rows = sqlx::query("SELECT * FROM qc_words ORDER BY id")
            .fetch_all(&store.0.read)
            .await
            .map_err(store.sorted())?;
        let mut all: BTreeMap<i64, Watched> = BTreeMap::new();
        for row in &rows {
            use sqlx::Row;
            let tenant: i64 = row.try_get("tenant_id").map_err(store.sorted())?;
            let word = super::word(row).map_err(store.sorted())?;
            all.entry(tenant)
                .or_default()
                .push((words(&word.word), word));
        }
        if let Ok(mut held) = self.0.write() {
            *held = all;
        }
        Ok(())
    }

    /// The tenant's words that this text holds: Chinese anywhere in it, English as whole words.
    #[must_use]
    pub fn hits(&self, tenant: TenantId, text: &str) -> Vec<Word> {
        let Ok(held) = self.0.read() else {
            return Vec::new();
        };
        held.get(&tenant.0)
            .map(|watched| found(watched, text))
            .unwrap_or_default()
    }
}

fn found(watched: &Watched, text: &str) -> Vec<Word> {
    let said = words(text);
    let fitting = watched.iter().filter(|(cut, _)| holds(&said, cut));
    fitting.map(|(_, word)| word.clone()).collect()
}

/// The words of one tenant, inside a transaction.
pub(in crate::store) async fn of_tenant(
    db: &mut sqlx::SqliteConnection,
    tenant: TenantId,
) -> Result<impl Fn(&str) -> Vec<Word> + use<>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM qc_words WHERE tenant_id = $1 ORDER BY id")
        .bind(tenant.0)
        .fetch_all(db)
        .await?;
    let watched: Watched = rows
        .iter()
        .map(|row| {
            let word = super::word(row)?;
            Ok((words(&word.word), word))
        })
        .collect::<Result<_, sqlx::Error>>()?;
    Ok(move |text: &str| found(&watched, text))
}
