-- Segments that a site keeps: nothing of them is ever deleted. Times are milliseconds since the epoch.
CREATE TABLE segments (
    site        TEXT NOT NULL REFERENCES sites (slug),
    id          TEXT NOT NULL,
    -- The one that counts.
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    archived_at INTEGER,
    PRIMARY KEY (site, id)
) STRICT;

CREATE TABLE segment_versions (
    site         TEXT NOT NULL,
    segment      TEXT NOT NULL,
    -- From 1.
    version      INTEGER NOT NULL,
    -- Texts by language, as JSON.
    names        TEXT NOT NULL,
    descriptions TEXT NOT NULL,
    -- JSON, as it was given.
    definition   TEXT NOT NULL,
    changed_at   INTEGER NOT NULL,
    -- The key's id and label.
    changed_by   TEXT NOT NULL,
    PRIMARY KEY (site, segment, version),
    FOREIGN KEY (site, segment) REFERENCES segments (site, id)
) STRICT;

-- What the version that counts names.
CREATE TABLE segment_uses (
    site    TEXT NOT NULL,
    segment TEXT NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('segment', 'group', 'field')),
    uses    TEXT NOT NULL,
    PRIMARY KEY (site, segment, kind, uses),
    FOREIGN KEY (site, segment) REFERENCES segments (site, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX users_of ON segment_uses (site, kind, uses);

CREATE VIEW current_segments AS
    SELECT site, id, version, created_at, archived_at, names, descriptions, definition, changed_at, changed_by
    FROM segments JOIN (SELECT site, segment AS id, version, names, descriptions, definition, changed_at, changed_by
                        FROM segment_versions) USING (site, id, version);
