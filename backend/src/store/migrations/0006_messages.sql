-- What became of messages, each once: the drainer inserts what `by_id` lacks.
CREATE TABLE IF NOT EXISTS messages
(
    site        LowCardinality(String),
    contact_id  UInt64,
    message_id  String CODEC(ZSTD(1)),
    channel     LowCardinality(String),
    event       LowCardinality(String),
    campaign    LowCardinality(String),
    link        String CODEC(ZSTD(1)),
    topic       LowCardinality(String),
    machine     Bool,
    ts          DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    id          UUID,

    PROJECTION by_id (SELECT id ORDER BY toUInt128(id))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (site, contact_id, ts, id)
SETTINGS
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;
