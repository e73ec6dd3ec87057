-- Who works here. Tenant 1 is the platform itself; merchants are further rows.
CREATE TABLE tenants (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- platform, merchant
  kind TEXT NOT NULL,
  -- managed: the platform's people may act for it; self_governing: they may not.
  mode TEXT NOT NULL,
  suspended BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
INSERT INTO tenants (id, name, kind, mode, suspended, created_at) VALUES (1, 'platform', 'platform', 'managed', 0, 0);

ALTER TABLE campaigns ADD COLUMN tenant_id BIGINT NOT NULL DEFAULT 1;
-- Who put the number there and may see it; a number on the list is not called for anybody.
ALTER TABLE dnc ADD COLUMN tenant_id BIGINT NOT NULL DEFAULT 1;
