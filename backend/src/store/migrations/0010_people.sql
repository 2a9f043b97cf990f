-- Who is who: every identifier that was ever named and every visitor who is linked, with what
-- each is part of, and whose it is. Of each the greatest version counts.
CREATE TABLE IF NOT EXISTS identities
(
    site     LowCardinality(String),
    -- A visitor's id, or a contact's, which is made of the identifier.
    id       UInt64,
    -- id, mail, phone, contact (a message's token knows no more), visitor
    kind     LowCardinality(String),
    value    String CODEC(ZSTD(1)),
    -- What facts say: part of which identity (0: of none), since when, by what.
    found_in UInt64,
    found_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    found_by LowCardinality(String),
    -- What a person decided: '', into or alone; which identity, when, who.
    choice   LowCardinality(String),
    set_to   UInt64,
    set_at   DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    set_by   LowCardinality(String),
    -- The root of the tree that these edges make.
    person   UInt64,
    first_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    version  UInt64,

    PROJECTION by_person (SELECT site, person, id ORDER BY site, person)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site, id)
SETTINGS
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;
