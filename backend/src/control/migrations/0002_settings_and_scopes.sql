-- What no choice means for a visitor's consent, and for how long events are kept.
ALTER TABLE sites ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE sites ADD COLUMN consent TEXT NOT NULL DEFAULT 'optional' CHECK (consent IN ('optional', 'required'));
ALTER TABLE sites ADD COLUMN retention_days INTEGER CHECK (retention_days BETWEEN 1 AND 1826);

-- Keys of more scopes, of every site (NULL), that end by themselves, and when each was last used.
CREATE TABLE keys_of_scopes (
    id           TEXT PRIMARY KEY,
    site         TEXT REFERENCES sites (slug),
    scope        TEXT NOT NULL CHECK (scope IN ('ingest', 'read', 'write', 'admin', 'setup')),
    label        TEXT NOT NULL,
    -- SHA-256 of the secret, which has 256 random bits and so needs no slow hash.
    hash         BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO keys_of_scopes (id, site, scope, label, hash, created_at, revoked_at)
    SELECT id, site, scope, '', hash, created_at, revoked_at FROM keys;
DROP TABLE keys;
ALTER TABLE keys_of_scopes RENAME TO keys;

-- What is hashed with a key, by what it is for: other systems' ids of visitors.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO secrets VALUES ('visitors', randomblob(32));
