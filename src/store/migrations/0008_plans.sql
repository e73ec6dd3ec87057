-- Dialplans belong to a tenant: the same name may be published by each. SQLite changes a primary key only with a new table.
CREATE TABLE dialplans_of_tenants (
  tenant_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  lang TEXT NOT NULL,
  files TEXT NOT NULL,
  published_by TEXT NOT NULL,
  note TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, name, version)
);
INSERT INTO dialplans_of_tenants (tenant_id, name, version, sha256, lang, files, published_by, note, at)
  SELECT 1, name, version, sha256, lang, files, published_by, note, at FROM dialplans;

CREATE TABLE dialplan_active_of_tenants (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  by_whom TEXT NOT NULL,
  at BIGINT NOT NULL,
  FOREIGN KEY (tenant_id, name, version) REFERENCES dialplans_of_tenants(tenant_id, name, version)
);
INSERT INTO dialplan_active_of_tenants (id, tenant_id, name, version, by_whom, at)
  SELECT id, 1, name, version, by_whom, at FROM dialplan_active;

DROP TABLE dialplan_active;
DROP TABLE dialplans;
ALTER TABLE dialplans_of_tenants RENAME TO dialplans;
ALTER TABLE dialplan_active_of_tenants RENAME TO dialplan_active;
CREATE INDEX dialplan_active_name ON dialplan_active (tenant_id, name, id);

-- Wordings and questions that somebody wants no suggestion for, in the form in which they are compared.
CREATE TABLE dialplan_dismissed (
  tenant_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  wording TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, name, wording)
);
