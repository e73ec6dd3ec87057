-- Times are milliseconds since 1970-01-01 UTC. Phone numbers are E.164. Codes are those of the program's terms.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE campaigns (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  dialplan TEXT NOT NULL,
  list TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE leads (
  id INTEGER PRIMARY KEY,
  campaign_id BIGINT NOT NULL REFERENCES campaigns(id),
  list_row BIGINT NOT NULL,
  name TEXT,
  lang TEXT,
  tz TEXT,
  vars TEXT NOT NULL,
  status TEXT NOT NULL,
  next_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  claimed_at BIGINT,
  -- The process that claimed the lead; a later one fences the earlier out by a higher epoch.
  epoch BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX leads_due ON leads (campaign_id, status, next_at);

CREATE TABLE lead_phones (
  lead_id BIGINT NOT NULL REFERENCES leads(id),
  position BIGINT NOT NULL,
  campaign_id BIGINT NOT NULL,
  phone TEXT NOT NULL,
  PRIMARY KEY (lead_id, position),
  UNIQUE (campaign_id, phone)
);

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  lead_id BIGINT NOT NULL REFERENCES leads(id),
  -- 1, 2, …; NULL when nothing was dialled.
  attempt_no BIGINT,
  call_id TEXT UNIQUE,
  phone TEXT NOT NULL,
  trunk TEXT,
  caller_id TEXT,
  node TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  state TEXT NOT NULL,
  -- The furthest state ever reached, as a number, so that a late event cannot take an attempt back.
  reached BIGINT NOT NULL DEFAULT 0,
  disposition TEXT,
  result TEXT,
  grade TEXT,
  reasons TEXT NOT NULL DEFAULT '[]',
  cause TEXT,
  cause_text TEXT,
  sip_code BIGINT,
  q850 BIGINT,
  hangup_by TEXT,
  ring_ms BIGINT NOT NULL DEFAULT 0,
  talk_ms BIGINT NOT NULL DEFAULT 0,
  bridged TEXT,
  recording TEXT,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  UNIQUE (lead_id, attempt_no)
);
CREATE INDEX attempts_phone ON attempts (phone, started_at);
CREATE INDEX attempts_state ON attempts (state);
CREATE INDEX attempts_started ON attempts (started_at);

CREATE TABLE events (
  call_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  at_ms BIGINT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (call_id, seq)
);

CREATE TABLE tags (
  call_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  tag TEXT NOT NULL,
  evidence TEXT NOT NULL,
  score REAL NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (call_id, seq)
);

CREATE TABLE slots (
  call_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  evidence TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (call_id, name)
);

CREATE TABLE dnc (
  phone TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  evidence TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE callbacks (
  id INTEGER PRIMARY KEY,
  lead_id BIGINT NOT NULL REFERENCES leads(id),
  attempt_id BIGINT NOT NULL UNIQUE REFERENCES attempts(id),
  phone TEXT NOT NULL,
  -- NULL: the callee named no time that could be understood; a human decides.
  due_at BIGINT,
  said TEXT,
  evidence TEXT NOT NULL,
  done_at BIGINT
);
CREATE INDEX callbacks_lead ON callbacks (lead_id, done_at);
