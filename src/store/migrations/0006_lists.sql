-- A campaign's settings, and names that are unique per tenant: SQLite can only do that with a new table. The copy goes
-- back row by row while the leads still point at it, so the check of the references waits until the end.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE campaigns_before AS SELECT * FROM campaigns;
DROP TABLE campaigns;
CREATE TABLE campaigns (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL DEFAULT 1,
  name TEXT NOT NULL,
  -- As it is shown: names or files, comma separated.
  dialplan TEXT NOT NULL,
  -- JSON array of the names of published dialplans; empty when the command line gave files.
  dialplans TEXT NOT NULL DEFAULT '[]',
  list TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  trunk TEXT NOT NULL DEFAULT '',
  concurrency BIGINT NOT NULL DEFAULT 1,
  -- 1 (first) to 9; of two campaigns on a full trunk the one with the lower number dials.
  priority BIGINT NOT NULL DEFAULT 5,
  -- default (of the country), always, or days and hours: mon-sat 09:00-12:00, 14:00-20:00
  windows TEXT NOT NULL DEFAULT 'default',
  max_attempts BIGINT NOT NULL DEFAULT 3,
  country TEXT NOT NULL DEFAULT 'CN',
  -- Why it does not dial although it runs; NULL when nothing is wrong.
  problem TEXT,
  UNIQUE (tenant_id, name)
);
INSERT INTO campaigns (id, tenant_id, name, dialplan, list, state, created_at)
  SELECT id, tenant_id, name, dialplan, list, state, created_at FROM campaigns_before;
DROP TABLE campaigns_before;

CREATE INDEX leads_row ON leads (campaign_id, list_row, id);

-- How a tenant last read columns of these headers. `headers` is a digest of the set of names.
CREATE TABLE list_columns (
  tenant_id BIGINT NOT NULL,
  headers TEXT NOT NULL,
  -- JSON object: normalised header → field.
  fields TEXT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, headers)
);

-- What the statistics count, found without reading the calls' journals.
CREATE INDEX events_marks ON events (
  call_id, (json ->> 'kind'), seq, (COALESCE(json ->> 'step', json ->> 'intent', json ->> 'ms', json ->> 'interrupted'))
) WHERE json ->> 'kind' IN
  ('step', 'intent', 'heard', 'said', 'no_match', 'no_input', 'turn_latency', 'agent_wanted');
