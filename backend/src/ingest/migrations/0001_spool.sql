-- Envelopes that were acknowledged and are not in ClickHouse yet. A frozen one
-- carries the number of its chunk, and stays in that chunk whatever happens.
CREATE TABLE envelopes (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk  INTEGER,
    events INTEGER NOT NULL,
    bytes  BLOB NOT NULL
) STRICT;

CREATE INDEX envelopes_of_chunk ON envelopes (chunk) WHERE chunk IS NOT NULL;

-- One row: who this spool is, for insert tokens, and the last chunk's number.
CREATE TABLE spool (
    name  TEXT NOT NULL,
    chunk INTEGER NOT NULL
) STRICT;

INSERT INTO spool VALUES (lower(hex(randomblob(8))), 0);
