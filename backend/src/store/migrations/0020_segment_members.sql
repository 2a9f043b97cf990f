-- Who is in which segment: what `segment_changes` come to. Of each the greatest number counts.
CREATE TABLE IF NOT EXISTS segment_members
(
    site    LowCardinality(String),
    person  UInt64,
    segment LowCardinality(String),
    -- Of the last change.
    number  UInt64 CODEC(ZSTD(1)),
    is_in   Bool,
    -- Since when.
    since   DateTime64(3, 'UTC') CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(number)
ORDER BY (site, person, segment)
SETTINGS non_replicated_deduplication_window = 10000;
