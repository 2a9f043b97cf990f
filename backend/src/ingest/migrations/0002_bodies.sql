-- A row for each request and none for each envelope: what a request brought is written and read
-- at once. A chunk says which rows it has, so that freezing it touches none of them.
CREATE TABLE bodies (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    events INTEGER NOT NULL,
    -- Envelopes, each behind its length in four bytes.
    bytes  BLOB NOT NULL
) STRICT;

INSERT INTO bodies (id, events, bytes)
SELECT id, events, CAST(unhex(printf('%08X', length(bytes))) || bytes AS BLOB) FROM envelopes;

-- The bodies from `first` to `last`. A number is never given again: it is part of the tokens of
-- inserts.
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL
) STRICT;

INSERT INTO chunks SELECT chunk, min(id), max(id) FROM envelopes WHERE chunk IS NOT NULL GROUP BY chunk;

-- The numbers go on from the last one.
INSERT INTO chunks SELECT chunk, 0, 0 FROM spool WHERE chunk > (SELECT coalesce(max(number), 0) FROM chunks);
DELETE FROM chunks WHERE first = 0;

ALTER TABLE spool DROP COLUMN chunk;
DROP TABLE envelopes;
