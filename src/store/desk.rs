//! The desk's memory: presence, offers, agents' work on calls, callback tasks.

mod pop;

pub use pop::{DeskLead, EarlierCall};

use super::{LeadId, Store, StoreError, TenantId};
use crate::terms::{CallId, Grade, Phone};
use sqlx::Row;

/// Whose row it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentKey {
    pub tenant: TenantId,
    pub user: Option<i64>,
    /// What a call's events call the agent.
    pub agent: String,
}

/// A user who is an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskUser {
    pub id: i64,
    pub tenant: TenantId,
    pub name: String,
    pub display: String,
    pub skills: Vec<String>,
    pub sip_uri: Option<String>,
    pub hours: Option<String>,
    pub tz: Option<String>,
}

/// One line of the desk's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskNote {
    Presence {
        presence: &'static str,
        note: &'static str,
        call: Option<CallId>,
    },
    Offered(CallId),
    /// `accepted`, `timeout`, `declined`, `taken`, `ended` or `unreachable`.
    OfferEnded(CallId, &'static str),
    Answered(CallId),
    Left(CallId),
    /// Free again after this call.
    Wrapped(CallId),
}

/// An agent's work since some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    pub calls: u64,
    pub talk_ms: u64,
}

/// A call somebody must make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskTask {
    pub id: i64,
    pub call: CallId,
    pub lead: LeadId,
    pub name: Option<String>,
    pub phone: Phone,
    pub reason: String,
    pub due_unix_ms: i64,
    pub created_unix_ms: i64,
    pub done_unix_ms: Option<i64>,
    pub by: Option<String>,
    pub note: Option<String>,
}

/// What an agent says of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeNote {
    pub outcome: String,
    pub note: Option<String>,
    pub grade: Option<Grade>,
}

impl Store {
    /// Writes one line of the desk's log.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn desk_note(
        &self,
        who: &AgentKey,
        note: &DeskNote,
        at_unix_ms: i64,
    ) -> Result<(), StoreError> {
        let (tenant, user, agent) = (who.tenant.0, who.user, who.agent.as_str());
        let query = match note {
            DeskNote::Presence {
                presence,
                note,
                call,
            } => sqlx::query(
                "INSERT INTO agent_log (tenant_id, user_id, agent, presence, note, call_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(tenant)
            .bind(user)
            .bind(agent)
            .bind(*presence)
            .bind(*note)
            .bind(call.as_ref().map(|c| c.0.as_str()))
            .bind(at_unix_ms),
            DeskNote::Offered(call) => sqlx::query(
                "INSERT INTO agent_offers (tenant_id, user_id, agent, call_id, offered_at) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(tenant)
            .bind(user)
            .bind(agent)
            .bind(&call.0)
            .bind(at_unix_ms),
            DeskNote::OfferEnded(call, how) => sqlx::query(
                "UPDATE agent_offers SET how = $3, decided_at = $4 WHERE agent = $1 AND call_id = $2 AND how IS NULL",
            )
            .bind(agent)
            .bind(&call.0)
            .bind(*how)
            .bind(at_unix_ms),
            DeskNote::Answered(call) => sqlx::query(
                "INSERT INTO agent_work (tenant_id, user_id, agent, call_id, answered_at) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(tenant)
            .bind(user)
            .bind(agent)
            .bind(&call.0)
            .bind(at_unix_ms),
            DeskNote::Left(call) => sqlx::query(
                "UPDATE agent_work SET left_at = $3 WHERE agent = $1 AND call_id = $2 AND left_at IS NULL",
            )
            .bind(agent)
            .bind(&call.0)
            .bind(at_unix_ms),
            DeskNote::Wrapped(call) => sqlx::query(
                "UPDATE agent_work SET wrapped_at = $3 WHERE agent = $1 AND call_id = $2 AND wrapped_at IS NULL",
            )
            .bind(agent)
            .bind(&call.0)
            .bind(at_unix_ms),
        };
        query.execute(&self.0.write).await.map_err(self.sorted())?;
        Ok(())
    }

    /// Everybody with the role agent, of all tenants, whose account and tenant are open.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn desk_users(&self) -> Result<Vec<DeskUser>, StoreError> {
        let rows = sqlx::query(
            "SELECT u.* FROM users u JOIN tenants t ON t.id = u.tenant_id \
             WHERE u.role = 'agent' AND u.disabled = 0 AND t.suspended = 0 ORDER BY u.id",
        )
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|r| {
                let skills: String = r.try_get("skills")?;
                Ok(DeskUser {
                    id: r.try_get("id")?,
                    tenant: TenantId(r.try_get("tenant_id")?),
                    name: r.try_get("name")?,
                    display: r.try_get("display")?,
                    skills: serde_json::from_str(&skills)
                        .map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
                    sip_uri: r.try_get("sip_uri")?,
                    hours: r.try_get("hours")?,
                    tz: r.try_get("tz")?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())
    }

    /// The last presence of every agent, by agent.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn desk_last_presence(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query(
            "SELECT agent, presence FROM agent_log WHERE id IN (SELECT MAX(id) FROM agent_log GROUP BY agent)",
        )
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())
    }

    /// What every agent did since then, by agent.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn desk_worked(
        &self,
        since_unix_ms: i64,
    ) -> Result<Vec<(String, Worked)>, StoreError> {
        let rows = sqlx::query(
            "SELECT agent, COUNT(*), COALESCE(SUM(COALESCE(left_at, answered_at) - answered_at), 0) FROM agent_work \
             WHERE answered_at >= $1 GROUP BY agent",
        )
        .bind(since_unix_ms)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|r| {
                let worked = Worked {
                    calls: u64::try_from(r.try_get::<i64, _>(1)?).unwrap_or(0),
                    talk_ms: u64::try_from(r.try_get::<i64, _>(2)?).unwrap_or(0),
                };
                Ok((r.try_get(0)?, worked))
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())
    }

    /// Whether this agent was on this call.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn desk_was_on(&self, agent: &str, call: &CallId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM agent_work WHERE agent = $1 AND call_id = $2 LIMIT 1")
            .bind(agent)
            .bind(&call.0)
            .fetch_optional(&self.0.read)
            .await
            .map_err(self.sorted())?;
        Ok(row.is_some())
    }

    /// Keeps what an agent says of a call; a grade stands over the robot's.
    ///
    /// # Errors
    /// The database cannot be written; then nothing changed.
    pub async fn desk_outcome(
        &self,
        agent: &str,
        call: &CallId,
        said: &OutcomeNote,
    ) -> Result<(), StoreError> {
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        sqlx::query(
            "UPDATE agent_work SET outcome = $3, note = $4 WHERE id = \
             (SELECT MAX(id) FROM agent_work WHERE agent = $1 AND call_id = $2)",
        )
        .bind(agent)
        .bind(&call.0)
        .bind(&said.outcome)
        .bind(&said.note)
        .execute(&mut *tx)
        .await
        .map_err(self.sorted())?;
        if let Some(grade) = said.grade {
            sqlx::query("UPDATE attempts SET grade = $2 WHERE call_id = $1 AND state = 'ended'")
                .bind(&call.0)
                .bind(grade.to_string())
                .execute(&mut *tx)
                .await
                .map_err(self.sorted())?;
        }
        tx.commit().await.map_err(self.sorted())?;
        Ok(())
    }

    /// Edits fields of a call's lead card.
    ///
    /// # Errors
    /// The database cannot be written; then nothing changed.
    pub async fn card_edit(
        &self,
        call: &CallId,
        fields: &[(String, String)],
    ) -> Result<(), StoreError> {
        let mut tx = self
            .0
            .write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.sorted())?;
        for (field, value) in fields {
            sqlx::query(
                "INSERT INTO cards (call_id, field, value) VALUES ($1, $2, $3) \
                 ON CONFLICT (call_id, field) DO UPDATE SET value = excluded.value",
            )
            .bind(&call.0)
            .bind(field)
            .bind(value)
            .execute(&mut *tx)
            .await
            .map_err(self.sorted())?;
        }
        tx.commit().await.map_err(self.sorted())?;
        Ok(())
    }

    /// Puts a task on the desk; one that is open for the same call and reason stays one.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn desk_task_add(
        &self,
        tenant: TenantId,
        call: &CallId,
        reason: &str,
        due_unix_ms: i64,
        now_unix_ms: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO desk_tasks (tenant_id, call_id, reason, due_at, created_at) SELECT $1, $2, $3, $4, $5 \
             WHERE NOT EXISTS (SELECT 1 FROM desk_tasks WHERE call_id = $2 AND reason = $3 AND done_at IS NULL)",
        )
        .bind(tenant.0)
        .bind(&call.0)
        .bind(reason)
        .bind(due_unix_ms)
        .bind(now_unix_ms)
        .execute(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(())
    }

    /// A tenant's tasks, open ones by due time and then the done ones, the latest first; `after` is how many to pass over.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn desk_tasks(
        &self,
        tenant: TenantId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<DeskTask>, StoreError> {
        let rows = sqlx::query(
            "SELECT t.*, a.lead_id, a.phone, l.name FROM desk_tasks t JOIN attempts a ON a.call_id = t.call_id \
             JOIN leads l ON l.id = a.lead_id WHERE t.tenant_id = $1 \
             ORDER BY t.done_at IS NOT NULL, CASE WHEN t.done_at IS NULL THEN t.due_at ELSE -t.done_at END, t.id \
             LIMIT $2 OFFSET $3",
        )
        .bind(tenant.0)
        .bind(i64::from(limit))
        .bind(i64::from(after))
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|r| {
                Ok(DeskTask {
                    id: r.try_get("id")?,
                    call: CallId(r.try_get("call_id")?),
                    lead: LeadId(r.try_get("lead_id")?),
                    name: r.try_get("name")?,
                    phone: Phone::new(r.try_get::<String, _>("phone")?),
                    reason: r.try_get("reason")?,
                    due_unix_ms: r.try_get("due_at")?,
                    created_unix_ms: r.try_get("created_at")?,
                    done_unix_ms: r.try_get("done_at")?,
                    by: r.try_get("done_by")?,
                    note: r.try_get("note")?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(self.sorted())
    }

    /// Marks a task done; false when the tenant has no such task that is open.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn desk_task_done(
        &self,
        tenant: TenantId,
        task: i64,
        by: &str,
        note: Option<&str>,
        now_unix_ms: i64,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE desk_tasks SET done_at = $3, done_by = $4, note = $5 WHERE tenant_id = $1 AND id = $2 AND done_at IS NULL",
        )
        .bind(tenant.0)
        .bind(task)
        .bind(now_unix_ms)
        .bind(by)
        .bind(note)
        .execute(&self.0.write)
        .await
        .map_err(self.sorted())?;
        Ok(done.rows_affected() > 0)
    }
}

#[cfg(test)]
mod tests;
