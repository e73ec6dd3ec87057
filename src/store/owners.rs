//! Whose a thing is: the question the web's guard asks about every object in a path.

use super::{Store, StoreError, TenantId};
use sqlx::Row;

/// Things that belong to a tenant.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Call,
    Campaign,
    Contact,
    Delivery,
    DncEntry,
    FollowUp,
    Hook,
    Job,
    Key,
    Lead,
    List,
    Note,
    Rehearsal,
    Task,
    Tenant,
    User,
    Word,
}

impl Kind {
    /// How to find the tenant's number by the thing's (`$1`); `None` for what lives in memory only.
    const fn sql(self) -> Option<&'static str> {
        Some(match self {
            Kind::Call => {
                "SELECT campaigns.tenant_id FROM attempts JOIN leads ON leads.id = attempts.lead_id \
                 JOIN campaigns ON campaigns.id = leads.campaign_id WHERE attempts.call_id = $1"
            }
            Kind::Campaign => "SELECT tenant_id FROM campaigns WHERE id = $1",
            Kind::Contact => "SELECT tenant_id FROM contacts WHERE contact = $1",
            Kind::Delivery => {
                "SELECT webhooks.tenant_id FROM deliveries JOIN webhooks ON webhooks.id = deliveries.hook_id \
                 WHERE deliveries.id = $1"
            }
            Kind::DncEntry => "SELECT tenant_id FROM dnc WHERE id = $1",
            Kind::FollowUp => {
                "SELECT campaigns.tenant_id FROM follow_ups JOIN leads ON leads.id = follow_ups.lead_id \
                 JOIN campaigns ON campaigns.id = leads.campaign_id WHERE follow_ups.id = $1"
            }
            Kind::Hook => "SELECT tenant_id FROM webhooks WHERE id = $1",
            Kind::Key => "SELECT tenant_id FROM api_keys WHERE id = $1",
            Kind::Lead => {
                "SELECT campaigns.tenant_id FROM leads JOIN campaigns ON campaigns.id = leads.campaign_id \
                 WHERE leads.id = $1"
            }
            Kind::Note => "SELECT tenant_id FROM call_notes WHERE id = $1",
            Kind::Task => "SELECT tenant_id FROM desk_tasks WHERE id = $1",
            Kind::Tenant => "SELECT id FROM tenants WHERE id = $1",
            Kind::User => "SELECT tenant_id FROM users WHERE id = $1",
            Kind::Word => "SELECT tenant_id FROM qc_words WHERE id = $1",
            Kind::Job | Kind::List | Kind::Rehearsal => return None,
        })
    }

    /// Row numbers; the others are words.
    const fn is_number(self) -> bool {
        !matches!(
            self,
            Kind::Call | Kind::Contact | Kind::Job | Kind::List | Kind::Rehearsal
        )
    }
}

impl Store {
    /// Whose this is; `None` when there is no such thing.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn tenant_of(&self, kind: Kind, id: &str) -> Result<Option<TenantId>, StoreError> {
        Ok(self.owners(kind, id).await?.first().copied())
    }

    /// Whether this thing exists and is the tenant's.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn belongs(
        &self,
        kind: Kind,
        id: &str,
        tenant: TenantId,
    ) -> Result<bool, StoreError> {
        Ok(self.owners(kind, id).await?.contains(&tenant))
    }

    /// A contact's id may be several tenants'.
    async fn owners(&self, kind: Kind, id: &str) -> Result<Vec<TenantId>, StoreError> {
        let Some(sql) = kind.sql() else {
            return Ok(Vec::new());
        };
        let query = sqlx::query(sql);
        let query = if kind.is_number() {
            match id.parse::<i64>() {
                Ok(number) => query.bind(number),
                Err(_) => return Ok(Vec::new()),
            }
        } else {
            query.bind(id)
        };
        let rows = query.fetch_all(&self.0.read).await.map_err(self.sorted())?;
        rows.iter()
            .map(|r| r.try_get(0).map(TenantId))
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }
}
