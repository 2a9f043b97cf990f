-- Who came into a segment, and who left it: each change once, in the order of their numbers.
CREATE TABLE IF NOT EXISTS segment_changes
(
    site    LowCardinality(String),
    segment LowCardinality(String),
    -- The place in the order of all changes of the site, from 1.
    number  UInt64 CODEC(Delta, ZSTD(1)),
    person  UInt64,
    is_in   Bool,
    -- From when on it holds.
    at      DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    -- event, window, definition, merged, erased, archived, catch_up
    cause   LowCardinality(String),
    -- Of the definition.
    version UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY (site, segment, number)
SETTINGS non_replicated_deduplication_window = 10000;
