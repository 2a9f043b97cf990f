-- Who came into a group, or left it: each statement once. The latest of each says who is in it.
CREATE TABLE IF NOT EXISTS group_members
(
    site        LowCardinality(String),
    group_id    LowCardinality(String),
    contact_id  UInt64,
    ts          DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    is_in       Bool,
    received_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    said_by     LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (site, contact_id, group_id, ts, is_in)
SETTINGS non_replicated_deduplication_window = 10000;
