CREATE TABLE sites (
    slug       TEXT PRIMARY KEY,
    time_zone  TEXT NOT NULL,
    currency   TEXT NOT NULL,
    -- 1 is Monday, 7 is Sunday, as in ISO 8601.
    week_start INTEGER NOT NULL CHECK (week_start BETWEEN 1 AND 7)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    id         TEXT PRIMARY KEY,
    site       TEXT NOT NULL REFERENCES sites (slug),
    scope      TEXT NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    -- SHA-256 of the secret, which has 256 random bits and so needs no slow hash.
    hash       BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
