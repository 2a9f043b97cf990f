-- What was refused, with its reason and its bytes, for two weeks.
CREATE TABLE IF NOT EXISTS rejected_events
(
    site        LowCardinality(String),
    event_id    UUID,
    visitor_id  UInt64,
    received_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    reason      LowCardinality(String),
    bytes       String CODEC(ZSTD(1)),
    -- Not received_at, which may be of any time.
    rejected_at DateTime DEFAULT now() CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (site, received_at, event_id)
TTL rejected_at + INTERVAL 14 DAY
SETTINGS non_replicated_deduplication_window = 10000;
