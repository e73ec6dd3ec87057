-- Outgoing webhooks, search and quality, SIP traces, contacts and the do-not-call list by tenant, erasure.

-- Where other programs want to be told. `secret` and `old_secret` are base64; the old one signs as well until `old_until`.
CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  url TEXT NOT NULL,
  -- A JSON array of event names.
  events TEXT NOT NULL,
  secret TEXT NOT NULL,
  old_secret TEXT,
  old_until BIGINT NOT NULL DEFAULT 0,
  -- active, paused, gone
  state TEXT NOT NULL DEFAULT 'active',
  problem TEXT,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX webhooks_tenant ON webhooks (tenant_id);

-- What happened, written in the transaction that made it true, with the very bytes that are sent.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  -- The webhook-id: the same thing happening twice is one row.
  message TEXT NOT NULL UNIQUE,
  event TEXT NOT NULL,
  call_id TEXT,
  phone TEXT,
  body TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX outbox_at ON outbox (at);
CREATE INDEX outbox_call ON outbox (call_id);
CREATE INDEX outbox_phone ON outbox (phone);

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  hook_id BIGINT NOT NULL REFERENCES webhooks(id) ON DELETE CASCADE,
  outbox_id BIGINT NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
  -- Messages with the same key reach a hook in their order.
  line TEXT NOT NULL,
  -- waiting, done, failed
  status TEXT NOT NULL DEFAULT 'waiting',
  attempts BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL,
  last_error TEXT,
  done_at BIGINT,
  UNIQUE (hook_id, outbox_id)
);
CREATE INDEX deliveries_due ON deliveries (hook_id, status, next_at);
CREATE INDEX deliveries_line ON deliveries (hook_id, line, status, id);
CREATE INDEX deliveries_outbox ON deliveries (outbox_id);

-- The words of a call when it is over; `call_words` holds the same for searching, one token a Chinese character.
CREATE TABLE transcripts (
  id INTEGER PRIMARY KEY,
  call_id TEXT NOT NULL UNIQUE,
  tenant_id BIGINT NOT NULL,
  lines TEXT NOT NULL
);
CREATE VIRTUAL TABLE call_words USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE sip_traces (
  -- The user part of the Call-ID: the call's id, and for an agent's phone the call's id, a hyphen and the agent.
  call_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  -- in, out
  dir TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (call_id, seq)
);

CREATE TABLE call_notes (
  id INTEGER PRIMARY KEY,
  call_id TEXT NOT NULL,
  tenant_id BIGINT NOT NULL,
  by_whom TEXT NOT NULL,
  text TEXT NOT NULL,
  score BIGINT,
  -- Into the call, ms; NULL: about all of it.
  at_ms BIGINT,
  at BIGINT NOT NULL
);
CREATE INDEX call_notes_call ON call_notes (call_id, id);

CREATE TABLE qc_words (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  word TEXT NOT NULL,
  -- zh, en, or any
  lang TEXT NOT NULL,
  -- forbidden, sensitive
  kind TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  at BIGINT NOT NULL,
  UNIQUE (tenant_id, word, lang)
);

CREATE TABLE qc_hits (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  call_id TEXT NOT NULL,
  word TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- robot, callee, agent
  who TEXT NOT NULL,
  text TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  at BIGINT NOT NULL,
  UNIQUE (call_id, word, who, at_ms)
);
CREATE INDEX qc_hits_at ON qc_hits (tenant_id, at, id);

-- Everybody who was called, by number and tenant. `contact` is a keyed hash: it stands in addresses, the number does not.
CREATE TABLE contacts (
  tenant_id BIGINT NOT NULL,
  phone TEXT NOT NULL,
  contact TEXT NOT NULL,
  name TEXT,
  calls BIGINT NOT NULL DEFAULT 0,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, phone)
);
CREATE UNIQUE INDEX contacts_contact ON contacts (tenant_id, contact);
CREATE INDEX contacts_last ON contacts (tenant_id, last_at);

CREATE TABLE contact_tags_of_tenants (
  tenant_id BIGINT NOT NULL,
  phone TEXT NOT NULL,
  tag TEXT NOT NULL,
  call_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, phone, tag)
);
INSERT INTO contact_tags_of_tenants SELECT 1, phone, tag, call_id, at FROM contact_tags;
DROP TABLE contact_tags;
ALTER TABLE contact_tags_of_tenants RENAME TO contact_tags;

-- Each tenant has its own entry for a number; any entry keeps everybody from calling it.
CREATE TABLE dnc_of_tenants (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL DEFAULT 1,
  phone TEXT NOT NULL,
  source TEXT NOT NULL,
  evidence TEXT NOT NULL,
  at BIGINT NOT NULL,
  UNIQUE (phone, tenant_id)
);
INSERT INTO dnc_of_tenants (tenant_id, phone, source, evidence, at)
  SELECT tenant_id, phone, source, evidence, at FROM dnc ORDER BY at, phone;
DROP TABLE dnc;
ALTER TABLE dnc_of_tenants RENAME TO dnc;
CREATE INDEX dnc_tenant ON dnc (tenant_id, id);

-- Entries that were taken off the list again: the proof that they were on it.
CREATE TABLE dnc_removed (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  phone TEXT NOT NULL,
  source TEXT NOT NULL,
  evidence TEXT NOT NULL,
  at BIGINT NOT NULL,
  removed_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  removed_at BIGINT NOT NULL
);

-- Who is to be forgotten. The number stands here only until it is done; `contact` stays, to find out later that it was.
CREATE TABLE erasures (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  contact TEXT NOT NULL,
  phone TEXT,
  reason TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  at BIGINT NOT NULL,
  done_at BIGINT,
  -- What was erased, as a JSON object of counts.
  counts TEXT NOT NULL DEFAULT '{}'
);

CREATE INDEX attempts_call_page ON attempts (started_at, id);
CREATE INDEX attempts_lead ON attempts (lead_id, id);
