-- Orders: at most a row of what the pixel saw, and one of the shop's own. The shop's counts
-- before the pixel's, but for the buyer where it names none.
CREATE TABLE IF NOT EXISTS orders
(
    site           LowCardinality(String),
    order_id       String CODEC(ZSTD(1)),
    is_feed        Bool,
    -- Of the pixel's the earliest counts, of the shop's the latest.
    version        UInt64,
    -- Who bought; 0 where that isn't known.
    visitor_id     UInt64,
    contact_id     UInt64,
    ts             DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    -- online, store
    channel        LowCardinality(String),
    store          LowCardinality(String),
    currency       LowCardinality(String),
    -- What one of its currency is in the site's, in units of 10^-8; 0 where that isn't known.
    rate_e8        UInt64,
    value_cents    Nullable(Int64),
    net_cents      Nullable(Int64),
    shipping_cents Nullable(Int64),
    coupons        Array(LowCardinality(String)),
    cancelled      Bool,
    `items.id`          Array(String) CODEC(ZSTD(1)),
    `items.name`        Array(String) CODEC(ZSTD(1)),
    `items.category`    Array(LowCardinality(String)),
    `items.brand`       Array(LowCardinality(String)),
    `items.price_cents` Array(Nullable(Int64)) CODEC(ZSTD(1)),
    `items.quantity`    Array(UInt32) CODEC(ZSTD(1)),
    `returns.id`          Array(String) CODEC(ZSTD(1)),
    `returns.ts`          Array(DateTime64(3, 'UTC')),
    `returns.value_cents` Array(Nullable(Int64)),
    -- Of which products how many pieces.
    `returns.items`       Array(Array(Tuple(id String, quantity UInt32))) CODEC(ZSTD(1)),
    updated_at     DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),
    received_at    DateTime64(3, 'UTC') CODEC(T64, ZSTD(1)),

    PROJECTION by_visitor (SELECT site, visitor_id, order_id ORDER BY site, visitor_id),
    PROJECTION by_contact (SELECT site, contact_id, order_id ORDER BY site, contact_id)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site, order_id, is_feed)
SETTINGS
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;
