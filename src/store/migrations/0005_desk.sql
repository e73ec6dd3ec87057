-- The desk: presence, offers, agents' work on calls, callback tasks. `agent` is what a call's events call the agent; agents of
-- a file have no user.

-- Every change of presence, for statistics; the last row of an agent is what he is.
CREATE TABLE agent_log (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  user_id BIGINT,
  agent TEXT NOT NULL,
  -- offline, ready, break, offered, on_call, wrap_up
  presence TEXT NOT NULL,
  -- Why, where the agent did not do it.
  note TEXT NOT NULL DEFAULT '',
  call_id TEXT,
  at BIGINT NOT NULL
);
CREATE INDEX agent_log_agent ON agent_log (agent, id);
CREATE INDEX agent_log_tenant ON agent_log (tenant_id, at);

-- Every time a call rang at an agent.
CREATE TABLE agent_offers (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  user_id BIGINT,
  agent TEXT NOT NULL,
  call_id TEXT NOT NULL,
  offered_at BIGINT NOT NULL,
  -- NULL while it rings; accepted, timeout, declined, taken, ended, unreachable
  how TEXT,
  decided_at BIGINT
);
CREATE INDEX agent_offers_agent ON agent_offers (agent, call_id, id);
CREATE INDEX agent_offers_tenant ON agent_offers (tenant_id, offered_at);

-- Every agent on every call.
CREATE TABLE agent_work (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  user_id BIGINT,
  agent TEXT NOT NULL,
  call_id TEXT NOT NULL,
  answered_at BIGINT NOT NULL,
  -- When the agent was out of the call.
  left_at BIGINT,
  -- When the agent was free again; left_at to here is the wrap-up.
  wrapped_at BIGINT,
  -- One of the desk's outcomes, in the agent's words.
  outcome TEXT,
  note TEXT
);
CREATE INDEX agent_work_agent ON agent_work (agent, call_id, id);
CREATE INDEX agent_work_tenant ON agent_work (tenant_id, answered_at);
CREATE INDEX agent_work_call ON agent_work (call_id);

-- What a human promised or nobody was there for: call this lead.
CREATE TABLE desk_tasks (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  call_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  done_at BIGINT,
  done_by TEXT,
  note TEXT
);
CREATE INDEX desk_tasks_open ON desk_tasks (tenant_id, done_at, due_at, id);
CREATE INDEX desk_tasks_call ON desk_tasks (call_id);
