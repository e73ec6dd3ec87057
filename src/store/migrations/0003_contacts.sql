-- What outlives a call: tags of the contact (by number, over all campaigns), follow-ups, and the call's lead card.
CREATE TABLE contact_tags (
  phone TEXT NOT NULL,
  tag TEXT NOT NULL,
  call_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (phone, tag)
);

CREATE TABLE follow_ups (
  id INTEGER PRIMARY KEY,
  lead_id BIGINT NOT NULL REFERENCES leads(id),
  attempt_id BIGINT NOT NULL REFERENCES attempts(id),
  phone TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  -- NULL: the lead's own campaign.
  campaign TEXT,
  reason TEXT NOT NULL,
  -- When it became a queued lead.
  done_at BIGINT,
  UNIQUE (attempt_id, due_at, campaign, reason)
);
CREATE INDEX follow_ups_open ON follow_ups (campaign, done_at, due_at);

CREATE TABLE cards (
  call_id TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (call_id, field)
);
