-- Dialplans as they were published. A version never changes; `files` is a JSON array of {path, text}, the dialplan first.
CREATE TABLE dialplans (
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  lang TEXT NOT NULL,
  files TEXT NOT NULL,
  published_by TEXT NOT NULL,
  note TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (name, version)
);

-- Which version counts, and since when it does: every publication and every way back is a row, the latest one holds.
CREATE TABLE dialplan_active (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  by_whom TEXT NOT NULL,
  at BIGINT NOT NULL,
  FOREIGN KEY (name, version) REFERENCES dialplans(name, version)
);
CREATE INDEX dialplan_active_name ON dialplan_active (name, id);
