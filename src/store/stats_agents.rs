//! What agents did.

use super::stats::count;
use super::{Store, StoreError, TenantId};
use sqlx::Row;

/// One agent in figures.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentStats {
    /// As calls name the agent.
    pub agent: String,
    /// As people do.
    pub name: String,
    /// Times a call rang at the agent.
    pub offered: u64,
    pub accepted: u64,
    /// Offers that ran out or were declined.
    pub missed: u64,
    pub talk_ms: u64,
    pub wrap_ms: u64,
    /// Calls whose outcome is a success.
    pub conversions: u64,
    /// Of the reviews of the agent's calls, 0 to 100.
    pub score: Option<f64>,
}

impl Store {
    /// The tenant's agents since a moment, who talked longest first. `won`: the desk's outcomes that count as success.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn agent_stats(
        &self,
        tenant: TenantId,
        since_unix_ms: i64,
        won: &[&str],
    ) -> Result<Vec<AgentStats>, StoreError> {
        let won = format!("\n{}\n", won.join("\n"));
        let rows = sqlx::query(
            "WITH offers AS (SELECT agent, MAX(user_id) AS user_id, COUNT(*) AS offered, \
               COALESCE(SUM(how = 'accepted'), 0) AS accepted, \
               COALESCE(SUM(how IN ('timeout', 'declined', 'unreachable')), 0) AS missed \
               FROM agent_offers WHERE tenant_id = $1 AND offered_at >= $2 GROUP BY agent), \
             work AS (SELECT agent, MAX(user_id) AS user_id, \
               COALESCE(SUM(MAX(left_at - answered_at, 0)), 0) AS talk, \
               COALESCE(SUM(MAX(wrapped_at - left_at, 0)), 0) AS wrap, \
               COALESCE(SUM(outcome IS NOT NULL AND instr($3, char(10) || outcome || char(10)) > 0), 0) AS won \
               FROM agent_work WHERE tenant_id = $1 AND answered_at >= $2 GROUP BY agent), \
             scores AS (SELECT w.agent, AVG(n.score) AS score FROM agent_work w JOIN call_notes n ON n.call_id = w.call_id \
               WHERE w.tenant_id = $1 AND w.answered_at >= $2 AND n.score IS NOT NULL GROUP BY w.agent), \
             names AS (SELECT agent FROM offers UNION SELECT agent FROM work) \
             SELECT n.agent, COALESCE(u.display, n.agent), COALESCE(o.offered, 0), COALESCE(o.accepted, 0), \
               COALESCE(o.missed, 0), COALESCE(w.talk, 0) AS talk, COALESCE(w.wrap, 0), COALESCE(w.won, 0), s.score FROM names n \
             LEFT JOIN offers o ON o.agent = n.agent LEFT JOIN work w ON w.agent = n.agent \
             LEFT JOIN scores s ON s.agent = n.agent LEFT JOIN users u ON u.id = COALESCE(o.user_id, w.user_id) ORDER BY talk DESC, n.agent",
        )
        .bind(tenant.0)
        .bind(since_unix_ms)
        .bind(won)
        .fetch_all(&self.0.read)
        .await
        .map_err(self.sorted())?;
        rows.iter()
            .map(|row| {
                Ok(AgentStats {
                    agent: row.try_get(0)?,
                    name: row.try_get(1)?,
                    offered: count(row, 2)?,
                    accepted: count(row, 3)?,
                    missed: count(row, 4)?,
                    talk_ms: count(row, 5)?,
                    wrap_ms: count(row, 6)?,
                    conversions: count(row, 7)?,
                    score: row.try_get(8)?,
                })
            })
            .collect::<Result<_, _>>()
            .map_err(self.sorted())
    }
}
