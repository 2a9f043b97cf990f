-- Events: one row an event, counted once. The drainer inserts what `by_id` lacks;
-- ReplacingMergeTree is only the belt to those braces, so it is never read with FINAL.
CREATE TABLE IF NOT EXISTS events
(
    -- ids and times
    site             LowCardinality(String),
    visitor_id       UInt64,
    session_id       UInt64,
    tab_id           UInt64,
    seq              UInt32,
    event_id         UUID,
    ts               DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    received_at      DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),

    -- what was done
    type             LowCardinality(String),
    name             LowCardinality(String),
    is_session_start Bool,
    dwell_ms         Nullable(UInt32),
    scroll_percent   Nullable(UInt8),
    click_kind       LowCardinality(String),
    click_text       String CODEC(ZSTD(1)),
    click_host       LowCardinality(String),
    click_path       String CODEC(ZSTD(1)),
    cta              LowCardinality(String),
    search_term      String CODEC(ZSTD(1)),
    value_cents      Nullable(Int64),
    currency         LowCardinality(String),
    order_id         String CODEC(ZSTD(1)),
    coupon           LowCardinality(String),
    `items.id`          Array(String) CODEC(ZSTD(1)),
    `items.name`        Array(String) CODEC(ZSTD(1)),
    `items.category`    Array(LowCardinality(String)),
    `items.brand`       Array(LowCardinality(String)),
    `items.price_cents` Array(Nullable(Int64)) CODEC(ZSTD(1)),
    `items.quantity`    Array(UInt32) CODEC(ZSTD(1)),
    props            JSON(max_dynamic_paths = 200) CODEC(ZSTD(1)),

    -- where on the site
    host             LowCardinality(String),
    path             String CODEC(ZSTD(1)),
    title            String CODEC(ZSTD(1)),
    category         LowCardinality(String),
    -- Read of a few people at a time, for which ZSTD takes three times as long.
    product          String CODEC(LZ4),

    -- where the visit came from
    referrer_host    LowCardinality(String),
    channel          LowCardinality(String),
    utm_source       LowCardinality(String),
    utm_medium       LowCardinality(String),
    utm_campaign     LowCardinality(String),
    utm_term         String CODEC(ZSTD(1)),
    utm_content      String CODEC(ZSTD(1)),
    click_id_kind    LowCardinality(String),

    -- who and what
    device           LowCardinality(String),
    browser          LowCardinality(String),
    os               LowCardinality(String),
    language         LowCardinality(String),
    country          LowCardinality(String),
    region           LowCardinality(String),
    city             LowCardinality(String),
    consent          LowCardinality(String),
    bot              Bool,
    machine          Bool,
    staff            Bool,

    PROJECTION by_id (SELECT event_id ORDER BY toUInt128(event_id))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (site, visitor_id, ts, event_id)
SETTINGS
    -- Whoever asks of a few thousand people reads little more than what these did: as much of a
    -- large site as of a small one.
    index_granularity = 1024,
    min_compress_block_size = 8192,
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;
