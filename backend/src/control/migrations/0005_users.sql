-- People who sign in to the web app. Times are milliseconds since the epoch.
CREATE TABLE users (
    id         TEXT PRIMARY KEY,
    -- NULL: of all sites.
    site       TEXT REFERENCES sites (slug),
    name       TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('owner', 'marketer', 'viewer')),
    created_at INTEGER NOT NULL,
    removed_at INTEGER
) STRICT, WITHOUT ROWID;

-- Their secrets: links that sign in once (cl), and sessions (cs).
CREATE TABLE tickets (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('cl', 'cs')),
    user         TEXT NOT NULL REFERENCES users (id),
    -- SHA-256 of the secret, which has 256 random bits and so needs no slow hash.
    hash         BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    ended_at     INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX tickets_of_user ON tickets (user);

-- Keys of a scope more: those who see no mail address and no phone number.
CREATE TABLE keys_of_more_scopes (
    id           TEXT PRIMARY KEY,
    site         TEXT REFERENCES sites (slug),
    scope        TEXT NOT NULL CHECK (scope IN ('ingest', 'view', 'read', 'write', 'admin', 'setup')),
    label        TEXT NOT NULL,
    -- SHA-256 of the secret, which has 256 random bits and so needs no slow hash.
    hash         BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO keys_of_more_scopes
    SELECT id, site, scope, label, hash, created_at, expires_at, last_used_at, revoked_at FROM keys;
DROP TABLE keys;
ALTER TABLE keys_of_more_scopes RENAME TO keys;
