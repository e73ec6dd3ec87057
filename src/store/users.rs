//! The people who work with the program.

use super::{AuditEntry, Store, StoreError, TenantId, TenantRow, audit, tenants};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Users with their tenants, as [`account`] reads them.
macro_rules! account_sql {
    () => {
        "SELECT users.*, tenants.name AS tenant_name, tenants.kind, tenants.mode, tenants.suspended \
         FROM users JOIN tenants ON tenants.id = users.tenant_id"
    };
}
/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    pub id: i64,
    pub tenant: TenantId,
    /// What they log in with.
    pub name: String,
    pub display: String,
    pub role: String,
    pub skills: Vec<String>,
    /// Where their SIP phone rings.
    pub sip_uri: Option<String>,
    /// Working hours in `tz`.
    pub hours: Option<String>,
    pub tz: Option<String>,
    pub disabled: bool,
    pub created_unix_ms: i64,
    pub last_login_unix_ms: Option<i64>,
}

/// A person and whom they belong to: what every request is judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub user: UserRow,
    pub tenant: TenantRow,
}

impl Account {
    /// Neither locked out themselves nor with their tenant.
    #[must_use]
    pub const fn open(&self) -> bool {
        !self.user.disabled && !self.tenant.suspended
    }
}

/// A person to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub tenant: TenantId,
    pub name: String,
    pub display: String,
    pub role: String,
    pub skills: Vec<String>,
    pub sip_uri: Option<String>,
    pub hours: Option<String>,
    pub tz: Option<String>,
}

impl NewUser {
    /// Somebody of whom only the name is known.
    #[must_use]
    pub fn named(tenant: TenantId, name: &str, role: &str) -> NewUser {
        NewUser {
            tenant,
            name: name.to_lowercase(),
            display: name.into(),
            role: role.into(),
            skills: Vec::new(),
            sip_uri: None,
            hours: None,
            tz: None,
        }
    }
}

/// What to change; the outer `None` leaves it, an inner one empties it.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    pub display: Option<String>,
    pub role: Option<String>,
    pub skills: Option<Vec<String>>,
    pub sip_uri: Option<Option<String>>,
    pub hours: Option<Option<String>>,
    pub tz: Option<Option<String>>,
    pub disabled: Option<bool>,
}

/// How a change of a person went.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum UserChanged {
    Done,
    /// Nobody could let people in again.
    LastAdmin,
}

impl Store {
    /// Makes a person; `None` when the name is taken.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn user_add(
        &self,
        new: &NewUser,
        witness: &AuditEntry,
    ) -> Result<Option<i64>, StoreError> {
        let at = self.0.clock.unix_ms();
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "INSERT INTO users (tenant_id, name, display, role, skills, sip_uri, hours, tz, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING RETURNING id",
        )
        .bind(new.tenant.0)
        .bind(&new.name)
        .bind(&new.display)
        .bind(&new.role)
        .bind(words(&new.skills))
        .bind(&new.sip_uri)
        .bind(&new.hours)
        .bind(&new.tz)
        .bind(at)
        .fetch_optional(&mut *tx)
        .await
        .map_err(self.sorted())?;
        let Some(row) = row else { return Ok(None) };
        audit::put(&mut tx, at, witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(Some(row.try_get(0).map_err(self.sorted())?))
    }

    /// # Errors
    /// The database cannot be read.
    pub async fn account(&self, user: i64) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query(concat!(account_sql!(), " WHERE users.id = $1"))
            .bind(user)
            .fetch_optional(&self.0.read)
            .await
            .map_err(self.sorted())?;
        row.map(|r| account(&r)).transpose().map_err(self.sorted())
    }

    /// The person of this login name and their password's hash.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn account_named(
        &self,
        name: &str,
    ) -> Result<Option<(Account, Option<String>)>, StoreError> {
        let row = sqlx::query(concat!(account_sql!(), " WHERE users.name = $1"))
            .bind(name)
            .fetch_optional(&self.0.read)
            .await
            .map_err(self.sorted())?;
        row.map(|r| Ok((account(&r)?, r.try_get("password")?)))
            .transpose()
            .map_err(self.sorted())
    }

    /// A tenant's people in the order they came, after one of them.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn users(
        &self,
        tenant: TenantId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<UserRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM users WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        )
        .bind(tenant.0)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(user)
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }

    /// Changes a person. One who is disabled is logged out everywhere.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn user_change(
        &self,
        id: i64,
        change: &UserChange,
        witness: &AuditEntry,
    ) -> Result<UserChanged, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE users SET display = COALESCE($2, display), role = COALESCE($3, role), skills = COALESCE($4, skills), \
             sip_uri = CASE WHEN $5 THEN $6 ELSE sip_uri END, hours = CASE WHEN $7 THEN $8 ELSE hours END, \
             tz = CASE WHEN $9 THEN $10 ELSE tz END, disabled = COALESCE($11, disabled) WHERE id = $1",
        )
        .bind(id)
        .bind(&change.display)
        .bind(&change.role)
        .bind(change.skills.as_deref().map(words))
        .bind(change.sip_uri.is_some())
        .bind(change.sip_uri.clone().flatten())
        .bind(change.hours.is_some())
        .bind(change.hours.clone().flatten())
        .bind(change.tz.is_some())
        .bind(change.tz.clone().flatten())
        .bind(change.disabled.map(i64::from))
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        let admins = sqlx::query(
            "SELECT COUNT(*) FROM users WHERE tenant_id = (SELECT tenant_id FROM users WHERE id = $1) \
             AND role = 'admin' AND disabled = 0",
        )
        .bind(id)
        .fetch_one(&mut *tx)
        .await
        .map_err(self.sorted())?;
        let admins: i64 = admins.try_get(0).map_err(self.sorted())?;
        let takes_away = change.disabled == Some(true) || change.role.is_some();
        if takes_away && admins == 0 {
            return Ok(UserChanged::LastAdmin);
        }
        if change.disabled == Some(true) {
            for table in [
                "DELETE FROM sessions WHERE user_id = $1",
                "DELETE FROM links WHERE user_id = $1",
            ] {
                sqlx::query(table)
                    .bind(id)
                    .execute(&mut *tx)
                    .await
                    .map_err(self.sorted())?;
            }
        }
        audit::put(&mut tx, self.0.clock.unix_ms(), witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())?;
        Ok(UserChanged::Done)
    }

    /// Sets a password's hash and ends the person's other sessions.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn set_password(
        &self,
        id: i64,
        hash: &str,
        witness: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        put_password(&mut tx, id, hash)
            .await
            .map_err(self.sorted())?;
        audit::put(&mut tx, self.0.clock.unix_ms(), witness)
            .await
            .map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }

    /// True when some admin of the platform can log in.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn has_admin(&self) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 FROM users WHERE tenant_id = $1 AND role = 'admin' AND disabled = 0 AND password IS NOT NULL LIMIT 1",
        )
        .bind(TenantId::PLATFORM.0)
        .fetch_optional(&self.0.read)
        .await
        .map_err(self.sorted())?;
        Ok(row.is_some())
    }
}

pub(super) async fn put_password(
    db: &mut sqlx::SqliteConnection,
    id: i64,
    hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET password = $2 WHERE id = $1")
        .bind(id)
        .bind(hash)
        .execute(&mut *db)
        .await?;
    sqlx::query("DELETE FROM sessions WHERE user_id = $1")
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

pub(super) fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    Ok(Account {
        user: user(row)?,
        tenant: tenants::tenant(row, "tenant_id", "tenant_name")?,
    })
}

fn words(words: &[String]) -> String {
    serde_json::Value::from(words).to_string()
}

pub(super) fn user(row: &SqliteRow) -> Result<UserRow, sqlx::Error> {
    let skills: String = row.try_get("skills")?;
    Ok(UserRow {
        id: row.try_get("id")?,
        tenant: TenantId(row.try_get("tenant_id")?),
        name: row.try_get("name")?,
        display: row.try_get("display")?,
        role: row.try_get("role")?,
        skills: serde_json::from_str(&skills).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
        sip_uri: row.try_get("sip_uri")?,
        hours: row.try_get("hours")?,
        tz: row.try_get("tz")?,
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        created_unix_ms: row.try_get("created_at")?,
        last_login_unix_ms: row.try_get("last_login_at")?,
    })
}
