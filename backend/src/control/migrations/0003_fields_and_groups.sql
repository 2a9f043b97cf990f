-- Where local phone numbers are of, ISO 3166-1 alpha-2; empty where that isn't known.
ALTER TABLE sites ADD COLUMN country TEXT NOT NULL DEFAULT '';

-- Fields that a site adds to its contacts; JSON, as the API gives it.
CREATE TABLE fields (
    site       TEXT NOT NULL REFERENCES sites (slug),
    name       TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (site, name)
) STRICT;

-- Groups of a site's contacts; who is in one is in ClickHouse. JSON, as the API gives it.
CREATE TABLE groups (
    site       TEXT NOT NULL REFERENCES sites (slug),
    id         TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (site, id)
) STRICT;

-- Who did what to whom: what changes or shows personal data beyond a question.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    site   TEXT NOT NULL,
    at_ms  INTEGER NOT NULL,
    -- The key's id and label.
    who    TEXT NOT NULL,
    action TEXT NOT NULL,
    -- Whom or what it was done to: never a mail address or a phone number.
    target TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

-- Receipts of people who were erased.
CREATE TABLE erasures (
    id          TEXT PRIMARY KEY,
    site        TEXT NOT NULL,
    person_id   TEXT NOT NULL,
    asked_at_ms INTEGER NOT NULL,
    asked_by    TEXT NOT NULL,
    done_at_ms  INTEGER
) STRICT;

CREATE INDEX erasures_of_person ON erasures (site, person_id) WHERE done_at_ms IS NULL;

CREATE INDEX audit_of_site ON audit (site, id);
