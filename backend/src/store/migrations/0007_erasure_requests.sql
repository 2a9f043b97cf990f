-- Visitors who asked to be forgotten, by the latest time they did.
CREATE TABLE IF NOT EXISTS erasure_requests
(
    site         LowCardinality(String),
    visitor_id   UInt64,
    requested_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(requested_at)
ORDER BY (site, visitor_id)
SETTINGS non_replicated_deduplication_window = 10000;
