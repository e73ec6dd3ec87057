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

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL REFERENCES tenants(id),
  -- What one logs in with: small letters, one person over all tenants.
  name TEXT NOT NULL UNIQUE,
  display TEXT NOT NULL,
  role TEXT NOT NULL,
  -- argon2id as a PHC string; NULL until one is chosen.
  password TEXT,
  -- A JSON array of words.
  skills TEXT NOT NULL DEFAULT '[]',
  sip_uri TEXT,
  hours TEXT,
  tz TEXT,
  disabled BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  last_login_at BIGINT
);
CREATE INDEX users_tenant ON users (tenant_id, id);

-- Browsers that are logged in. The cookie itself is nowhere, only its SHA-256.
CREATE TABLE sessions (
  hash TEXT PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES users(id),
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- One-time links: setup (the first admin), invite (a new password), demo (logs in at once, again and again).
CREATE TABLE links (
  hash TEXT PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES users(id),
  kind TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX links_user ON links (user_id);

CREATE TABLE api_keys (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL REFERENCES tenants(id),
  -- Who made it; it works no longer than they may make keys.
  user_id BIGINT NOT NULL REFERENCES users(id),
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  -- A JSON array of permission codes.
  scopes TEXT NOT NULL,
  -- The first letters, to tell keys apart.
  prefix TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  expires_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id, id);

-- What people did. Each row's hash covers the hash before it; `meta` holds the last one.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  tenant_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  who TEXT NOT NULL,
  role TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX audit_tenant ON audit (tenant_id, id);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
