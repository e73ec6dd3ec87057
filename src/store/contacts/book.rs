//! Everybody who was called, as the console knows them: by a keyed hash instead of the number.

use super::{FollowUpRow, LeadId, Phone};
use crate::store::{Store, StoreError, TenantId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// One contact of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Stands for the number in addresses and in the audit log.
    pub contact: String,
    pub phone: Phone,
    pub name: Option<String>,
    pub tags: Vec<ContactTag>,
    pub calls: u64,
    pub last_unix_ms: i64,
    pub dnc: bool,
}

/// A lasting tag, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactTag {
    pub tag: String,
    /// The call that gave it; empty when a person did.
    pub call: String,
    pub at_unix_ms: i64,
}

/// Which contacts; an empty filter is all of the tenant's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// A part of the name, or of the number when it is digits.
    pub q: Option<String>,
    pub tag: Option<String>,
    /// Only what comes after this one in the list: its last call and its id.
    pub after: Option<(i64, String)>,
}

/// A follow-up as the console lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUpItem {
    pub id: i64,
    pub row: FollowUpRow,
    pub done_unix_ms: Option<i64>,
}

impl Store {
    /// The tenant's contacts, those called last first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn contacts(
        &self,
        tenant: TenantId,
        filter: &ContactFilter,
        limit: u32,
    ) -> Result<Vec<Contact>, StoreError> {
        self.catch_up().await?;
        let q = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
        let number = q.filter(|q| q.chars().all(|c| c.is_ascii_digit() || "+- ".contains(c)));
        let number = number.map(|q| q.replace([' ', '-'], ""));
        let name = q.filter(|_| number.is_none()).map(str::to_lowercase);
        let (at, after) = filter.after.clone().unwrap_or((i64::MAX, String::new()));
        let rows = sqlx::query(
            "SELECT * FROM contacts c WHERE tenant_id = $1 AND (CAST($2 AS TEXT) IS NULL OR instr(phone, $2) > 0) \
               AND (CAST($3 AS TEXT) IS NULL OR instr(lower(name), $3) > 0) \
               AND (CAST($4 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM contact_tags t WHERE t.tenant_id = $1 \
                 AND t.phone = c.phone AND t.tag = $4)) \
               AND (last_at < $5 OR (last_at = $5 AND contact > $6)) ORDER BY last_at DESC, contact LIMIT $7",
        )
        .bind(tenant.0)
        .bind(number)
        .bind(name)
        .bind(&filter.tag)
        .bind(at)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        let mut contacts = Vec::with_capacity(rows.len());
        for row in &rows {
            contacts.push(contact(&mut db, row).await.map_err(self.sorted())?);
        }
        Ok(contacts)
    }

    /// # Errors
    /// The database cannot be read.
    pub async fn contact(&self, tenant: TenantId, id: &str) -> Result<Option<Contact>, StoreError> {
        self.catch_up().await?;
        let row = sqlx::query("SELECT * FROM contacts WHERE tenant_id = $1 AND contact = $2")
            .bind(tenant.0)
            .bind(id)
            .fetch_optional(&self.0.read)
            .await
            .map_err(self.sorted())?;
        let Some(row) = row else { return Ok(None) };
        let mut db = self.0.read.acquire().await.map_err(self.sorted())?;
        let found = contact(&mut db, &row).await.map_err(self.sorted())?;
        Ok(Some(found))
    }

    /// The id that stands for this number.
    ///
    /// # Errors
    /// The database cannot be written (the key is made at the first use).
    pub async fn contact_id(&self, tenant: TenantId, phone: &Phone) -> Result<String, StoreError> {
        let mut db = self.0.write.acquire().await.map_err(self.sorted())?;
        let key = key(&mut db).await.map_err(self.sorted())?;
        Ok(hash(&key, tenant.0, phone.full()))
    }

    /// Gives the contact a tag by hand, or takes it away. False when there is no such contact.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn contact_tag(
        &self,
        tenant: TenantId,
        id: &str,
        tag: &str,
        forget: bool,
    ) -> Result<bool, StoreError> {
        let Some(contact) = self.contact(tenant, id).await? else {
            return Ok(false);
        };
        let query = if forget {
            "DELETE FROM contact_tags WHERE tenant_id = $1 AND phone = $2 AND tag = $3"
        } else {
            "INSERT INTO contact_tags (tenant_id, phone, tag, call_id, at) VALUES ($1, $2, $3, '', $4) ON CONFLICT DO NOTHING"
        };
        let bound = sqlx::query(query)
            .bind(tenant.0)
            .bind(contact.phone.full())
            .bind(tag);
        let bound = if forget {
            bound
        } else {
            bound.bind(self.0.clock.unix_ms())
        };
        bound.execute(&self.0.write).await.map_err(self.sorted())?;
        Ok(true)
    }

    /// Follow-ups of the tenant, open ones first by their time, then those done; of one number when it is given.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn follow_ups(
        &self,
        tenant: TenantId,
        phone: Option<&Phone>,
        after: Option<(bool, i64, i64)>,
        limit: u32,
    ) -> Result<Vec<FollowUpItem>, StoreError> {
        let (done, due, id) = after.unwrap_or((false, i64::MIN, 0));
        let rows = sqlx::query(
            "SELECT f.*, l.name, COALESCE(f.campaign, c.name) AS wanted FROM follow_ups f \
             JOIN leads l ON l.id = f.lead_id JOIN campaigns c ON c.id = l.campaign_id \
             WHERE c.tenant_id = $1 AND (CAST($2 AS TEXT) IS NULL OR f.phone = $2) \
               AND (f.done_at IS NOT NULL, f.due_at, f.id) > ($3, $4, $5) \
             ORDER BY f.done_at IS NOT NULL, f.due_at, f.id LIMIT $6",
        )
        .bind(tenant.0)
        .bind(phone.map(|p| p.full().to_string()))
        .bind(i64::from(done))
        .bind(due)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        let item = |r: &SqliteRow| {
            Ok(FollowUpItem {
                id: r.try_get("id")?,
                row: super::follow_up(r)?,
                done_unix_ms: r.try_get("done_at")?,
            })
        };
        rows.iter()
            .map(item)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())
    }

    /// Marks a follow-up as done; false when the tenant has no such one, or it was done.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn follow_up_done(&self, tenant: TenantId, id: i64) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE follow_ups SET done_at = $3 WHERE id = $1 AND done_at IS NULL AND lead_id IN \
               (SELECT l.id FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE c.tenant_id = $2)",
        )
        .bind(id)
        .bind(tenant.0)
        .bind(self.0.clock.unix_ms())
        .execute(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(done.rows_affected() > 0)
    }

    /// Numbers that were called before there was a book of contacts get into it, once.
    async fn catch_up(&self) -> Result<(), StoreError> {
        const DONE: &str = "SELECT 1 FROM meta WHERE key = 'contacts_caught_up'";
        let done = sqlx::query(DONE)
            .fetch_optional(&self.0.read)
            .await
            .map_err(self.sorted())?;
        if done.is_some() {
            return Ok(());
        }
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        catch_up(&mut tx).await.map_err(self.sorted())?;
        tx.commit().await.map_err(self.sorted())
    }
}

async fn catch_up(db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let key = key(db).await?;
    let rows = sqlx::query(
        "SELECT c.tenant_id, a.phone, MAX(l.name), COUNT(a.call_id), MAX(a.started_at) FROM attempts a \
         JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = l.campaign_id \
         WHERE a.phone <> '' AND a.call_id IS NOT NULL GROUP BY c.tenant_id, a.phone",
    )
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        let (tenant, phone): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        sqlx::query(
            "INSERT INTO contacts (tenant_id, phone, contact, name, calls, last_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (tenant_id, phone) DO UPDATE SET calls = excluded.calls",
        )
        .bind(tenant)
        .bind(&phone)
        .bind(hash(&key, tenant, &phone))
        .bind(row.try_get::<Option<String>, _>(2)?)
        .bind(row.try_get::<i64, _>(3)?)
        .bind(row.try_get::<i64, _>(4)?)
        .execute(&mut *db)
        .await?;
    }
    sqlx::query(
        "INSERT INTO meta (key, value) VALUES ('contacts_caught_up', '1') ON CONFLICT DO NOTHING",
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A call to this number begins: it is a contact from now on.
pub(in crate::store) async fn called(
    db: &mut SqliteConnection,
    lead: LeadId,
    phone: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "SELECT c.tenant_id, l.name FROM leads l JOIN campaigns c ON c.id = l.campaign_id WHERE l.id = $1",
    )
    .bind(lead.0)
    .fetch_one(&mut *db)
    .await?;
    let tenant: i64 = row.try_get(0)?;
    let id = hash(&key(db).await?, tenant, phone);
    sqlx::query(
        "INSERT INTO contacts (tenant_id, phone, contact, name, calls, last_at) VALUES ($1, $2, $3, $4, 1, $5) \
         ON CONFLICT (tenant_id, phone) DO UPDATE SET calls = calls + 1, last_at = excluded.last_at, \
           name = COALESCE(excluded.name, contacts.name)",
    )
    .bind(tenant)
    .bind(phone)
    .bind(id)
    .bind(row.try_get::<Option<String>, _>(1)?)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

async fn contact(db: &mut SqliteConnection, row: &SqliteRow) -> Result<Contact, sqlx::Error> {
    let phone: String = row.try_get("phone")?;
    let tags = sqlx::query(
        "SELECT tag, call_id, at FROM contact_tags WHERE tenant_id = $1 AND phone = $2 ORDER BY at, tag",
    )
    .bind(row.try_get::<i64, _>("tenant_id")?)
    .bind(&phone)
    .fetch_all(&mut *db)
    .await?;
    let tag = |r: &SqliteRow| {
        Ok(ContactTag {
            tag: r.try_get(0)?,
            call: r.try_get(1)?,
            at_unix_ms: r.try_get(2)?,
        })
    };
    let phone = Phone::new(phone);
    Ok(Contact {
        contact: row.try_get("contact")?,
        dnc: crate::store::dnc::listed(db, &phone).await?,
        phone,
        name: row.try_get("name")?,
        tags: tags.iter().map(tag).collect::<Result<_, sqlx::Error>>()?,
        calls: row.try_get::<i64, _>("calls")?.unsigned_abs(),
        last_unix_ms: row.try_get("last_at")?,
    })
}

/// The key of this database's contact ids, made at the first use.
async fn key(db: &mut SqliteConnection) -> Result<String, sqlx::Error> {
    const READ: &str = "SELECT value FROM meta WHERE key = 'contact_key'";
    if let Some(row) = sqlx::query(READ).fetch_optional(&mut *db).await? {
        return row.try_get(0);
    }
    let fresh: [u8; 32] = rand::random();
    let fresh: String = fresh.iter().map(|b| format!("{b:02x}")).collect();
    sqlx::query("INSERT INTO meta (key, value) VALUES ('contact_key', $1) ON CONFLICT DO NOTHING")
        .bind(fresh)
        .execute(&mut *db)
        .await?;
    sqlx::query(READ).fetch_one(db).await?.try_get(0)
}

fn hash(key: &str, tenant: i64, phone: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{tenant}\n{phone}").as_bytes());
    let digest = mac.finalize().into_bytes();
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}
