//! Browsers that are logged in, and one-time links. Callers hold the secrets; here are only their hashes.

use super::users::{account, put_password};
use super::{Account, AuditEntry, Store, StoreError, audit};
use sqlx::Row;

/// How long a browser stays logged in.
#[derive(Copy, Clone, Debug)]
pub struct SessionTerm {
    /// Without a request, ms.
    pub idle_ms: i64,
    /// At most, ms.
    pub whole_ms: i64,
}

/// A one-time link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    pub account: Account,
    /// `setup`, `invite` or `demo`.
    pub kind: String,
}

impl Store {
    /// Lets a browser in, in place of the session it had before, if any.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn session_open(
        &self,
        user: i64,
        hash: &str,
        before: Option<&str>,
        witness: &AuditEntry,
    ) -> Result<(), StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE hash = $1")
            .bind(before)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
        sqlx::query(
            "INSERT INTO sessions (hash, user_id, created_at, seen_at) VALUES ($1, $2, $3, $3)",
        )
        .bind(hash)
        .bind(user)
        .bind(at)
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        sqlx::query("UPDATE users SET last_login_at = $2 WHERE id = $1")
            .bind(user)
            .bind(at)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
        audit::put(&mut tx, at, witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }

    /// Whose session this is, with when it was last seen; `None` when it is over.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn session(
        &self,
        hash: &str,
        term: SessionTerm,
    ) -> Result<Option<(Account, i64)>, StoreError> {
        let now = self.0.clock.unix_ms();
        let row = sqlx::query(
            "SELECT users.*, tenants.name AS tenant_name, tenants.kind, tenants.mode, tenants.suspended, \
             sessions.seen_at FROM sessions JOIN users ON users.id = sessions.user_id \
             JOIN tenants ON tenants.id = users.tenant_id \
             WHERE sessions.hash = $1 AND sessions.seen_at > $2 AND sessions.created_at > $3",
        )
        .bind(hash)
        .bind(now - term.idle_ms)
        .bind(now - term.whole_ms)
        .fetch_optional(&self.0.read)
        .await
        .map_err(self.sorted())?;
        row.map(|r| Ok((account(&r)?, r.try_get("seen_at")?)))
            .transpose()
            .map_err(self.sorted())
    }

    /// The session's idle time begins anew.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn session_seen(&self, hash: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET seen_at = $2 WHERE hash = $1")
            .bind(hash)
            .bind(self.0.clock.unix_ms())
            .execute(&self.0.write)
            .await
            .map_err(self.sorted())?;
        Ok(())
    }

    /// # Errors
    /// The database cannot be written.
    pub async fn session_close(&self, hash: &str, witness: &AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE hash = $1")
            .bind(hash)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
        audit::put(&mut tx, self.0.clock.unix_ms(), witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }

    /// Forgets sessions and links that are over.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn sessions_sweep(&self, term: SessionTerm) -> Result<(), StoreError> {
        let now = self.0.clock.unix_ms();
        sqlx::query("DELETE FROM sessions WHERE seen_at <= $1 OR created_at <= $2")
            .bind(now - term.idle_ms)
            .bind(now - term.whole_ms)
            .execute(&self.0.write)
            .await
            .map_err(self.sorted())?;
        sqlx::query("DELETE FROM links WHERE expires_at <= $1")
            .bind(now)
            .execute(&self.0.write)
            .await
            .map_err(self.sorted())?;
        Ok(())
    }

    /// Makes a link for a person; earlier ones of the same kind are void, except the demo's.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn link_add(
        &self,
        user: i64,
        hash: &str,
        kind: &str,
        lasts_ms: i64,
        witness: &AuditEntry,
    ) -> Result<(), StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM links WHERE user_id = $1 AND kind = $2 AND kind <> 'demo'")
            .bind(user)
            .bind(kind)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
        sqlx::query(
            "INSERT INTO links (hash, user_id, kind, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(hash)
        .bind(user)
        .bind(kind)
        .bind(at)
        .bind(at + lasts_ms)
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        audit::put(&mut tx, at, witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }

    /// A link that still works.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn link(&self, hash: &str) -> Result<Option<LinkRow>, StoreError> {
        let row = sqlx::query(
            "SELECT users.*, tenants.name AS tenant_name, tenants.kind, tenants.mode, tenants.suspended, \
             links.kind AS link_kind FROM links JOIN users ON users.id = links.user_id \
             JOIN tenants ON tenants.id = users.tenant_id \
             WHERE links.hash = $1 AND links.used_at IS NULL AND links.expires_at > $2",
        )
        .bind(hash)
        .bind(self.0.clock.unix_ms())
        .fetch_optional(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let link = |row: sqlx::sqlite::SqliteRow| {
            Ok(LinkRow {
                account: account(&row)?,
                kind: row.try_get("link_kind")?,
            })
        };
        row.map(link).transpose().map_err(self.sorted())
    }

    /// Uses a link up: the person's password is this one now and their sessions end. False when it was used before.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn link_use(
        &self,
        hash: &str,
        password: &str,
        witness: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "UPDATE links SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING user_id",
        )
        .bind(hash)
        .bind(at)
        .fetch_optional(&mut *tx)
        .await
        .map_err(self.sorted())?;
        let Some(row) = row else { return Ok(false) };
        let user: i64 = row.try_get(0).map_err(self.sorted())?;
        put_password(&mut tx, user, password)
            .await
            .map_err(self.sorted())?;
        audit::put(&mut tx, at, witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(true)
    }
}
