//! Quality: words to watch for, where they fell, review notes; and the words of a call once it is over.

mod close;
mod watch;

pub(super) use close::close_call;
pub use watch::Watch;

use super::{Store, StoreError, TenantId};
use crate::terms::CallId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A word people want to know about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub id: i64,
    pub word: String,
    /// `zh`, `en`, `any`.
    pub lang: String,
    /// `forbidden`, `sensitive`.
    pub kind: String,
    pub by: String,
    pub created_unix_ms: i64,
}

/// A watched word that fell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordHit {
    pub id: i64,
    pub call: CallId,
    pub word: String,
    pub kind: String,
    /// `robot`, `callee`, `agent`.
    pub who: String,
    pub text: String,
    /// Into the call.
    pub at_ms: i64,
    pub unix_ms: i64,
}

/// Which hits to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HitFilter {
    pub since_unix_ms: Option<i64>,
    pub until_unix_ms: Option<i64>,
    pub word: Option<String>,
    /// Only those below this id.
    pub before: Option<i64>,
}

/// What somebody wrote about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub id: i64,
    pub by: String,
    pub text: String,
    /// 0 to 100.
    pub score: Option<i64>,
    pub at_ms: Option<i64>,
    pub created_unix_ms: i64,
}

impl Store {
    /// # Errors
    /// The database cannot be read.
    pub async fn qc_words(&self, tenant: TenantId) -> Result<Vec<Word>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM qc_words WHERE tenant_id = $1 ORDER BY kind, lang, word")
                .bind(tenant.0)
                .fetch_all(&self.0.read)
                .await
                .map_err(self.sorted())?;
        rows.iter()
            .map(word)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// `None` when the tenant has this word in this language already.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn qc_word_add(
        &self,
        tenant: TenantId,
        (word, lang, kind): (&str, &str, &str),
        by: &str,
    ) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query(
            "INSERT INTO qc_words (tenant_id, word, lang, kind, by_whom, at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT DO NOTHING RETURNING id",
        )
        .bind(tenant.0)
        .bind(word)
        .bind(lang)
        .bind(kind)
        .bind(by)
        .bind(self.0.clock.unix_ms())
        .fetch_optional(&self.0.write)
        .await
        .map_err(self.sorted())?;
        row.map(|r| r.try_get(0)).transpose().map_err(self.sorted())
    }

    /// False when there is no such word. What was found of it stays.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn qc_word_delete(&self, tenant: TenantId, id: i64) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM qc_words WHERE id = $1 AND tenant_id = $2")
            .bind(id)
            .bind(tenant.0)
            .execute(&self.0.write)
            .await
            .map_err(self.sorted())?;
        Ok(done.rows_affected() > 0)
    }

    /// Where watched words fell, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn qc_hits(
        &self,
        tenant: TenantId,
        filter: &HitFilter,
        limit: u32,
    ) -> Result<Vec<WordHit>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM qc_hits WHERE tenant_id = $1 AND at >= $2 AND at < $3 \
               AND (CAST($4 AS TEXT) IS NULL OR word = $4) AND id < $5 ORDER BY id DESC LIMIT $6",
        )
        .bind(tenant.0)
        .bind(filter.since_unix_ms.unwrap_or(0))
        .bind(filter.until_unix_ms.unwrap_or(i64::MAX))
        .bind(&filter.word)
        .bind(filter.before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(hit)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// Notes a review; `None` when the tenant has no such call.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn note_add(
        &self,
        tenant: TenantId,
        call: &str,
        (by, text): (&str, &str),
        score: Option<u8>,
        at_ms: Option<u64>,
    ) -> Result<Option<Note>, StoreError> {
        let row = sqlx::query(
            "INSERT INTO call_notes (call_id, tenant_id, by_whom, text, score, at_ms, at) \
             SELECT a.call_id, c.tenant_id, $3, $4, $5, $6, $7 FROM attempts a JOIN leads l ON l.id = a.lead_id \
             JOIN campaigns c ON c.id = l.campaign_id WHERE a.call_id = $1 AND c.tenant_id = $2 RETURNING *",
        )
        .bind(call)
        .bind(tenant.0)
        .bind(by)
        .bind(text)
        .bind(score.map(i64::from))
        .bind(at_ms.and_then(|ms| i64::try_from(ms).ok()))
        .bind(self.0.clock.unix_ms())
        .fetch_optional(&self.0.write)
        .await
        .map_err(self.sorted())?;
        row.as_ref().map(note).transpose().map_err(self.sorted())
    }

    /// A call's notes, the oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn notes(&self, tenant: TenantId, call: &str) -> Result<Vec<Note>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM call_notes WHERE call_id = $1 AND tenant_id = $2 ORDER BY id",
        )
        .bind(call)
        .bind(tenant.0)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(note)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }
}

pub(super) fn word(row: &SqliteRow) -> Result<Word, sqlx::Error> {
    Ok(Word {
        id: row.try_get("id")?,
        word: row.try_get("word")?,
        lang: row.try_get("lang")?,
        kind: row.try_get("kind")?,
        by: row.try_get("by_whom")?,
        created_unix_ms: row.try_get("at")?,
    })
}

fn hit(row: &SqliteRow) -> Result<WordHit, sqlx::Error> {
    Ok(WordHit {
        id: row.try_get("id")?,
        call: CallId(row.try_get("call_id")?),
        word: row.try_get("word")?,
        kind: row.try_get("kind")?,
        who: row.try_get("who")?,
        text: row.try_get("text")?,
        at_ms: row.try_get("at_ms")?,
        unix_ms: row.try_get("at")?,
    })
}

fn note(row: &SqliteRow) -> Result<Note, sqlx::Error> {
    Ok(Note {
        id: row.try_get("id")?,
        by: row.try_get("by_whom")?,
        text: row.try_get("text")?,
        score: row.try_get("score")?,
        at_ms: row.try_get("at_ms")?,
        created_unix_ms: row.try_get("at")?,
    })
}
